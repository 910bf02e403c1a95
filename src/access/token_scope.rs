//! What the token of a school may be used for.

use crate::ids::TokenId;

/// One use of a token. The database keeps the keys; a new use needs no migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenScope {
    /// Hand in data for the registry.
    Submit,
    /// Read the school's submissions and what became of them.
    Read,
}

impl TokenScope {
    pub const ALL: [Self; 2] = [Self::Submit, Self::Read];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Read => "read",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// A program that acts for a school by its token.
#[derive(Clone, Debug)]
pub struct TokenActor {
    pub id: TokenId,
    pub scopes: Vec<TokenScope>,
}
