//! What the token of a school may be used for.

use super::Action;
use crate::ids::TokenId;

/// One use of a token. The database keeps the keys; a new use needs no migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
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
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// A program that acts for a school by its token.
#[derive(Clone, Debug)]
pub struct TokenActor {
    pub id: TokenId,
    pub scopes: Vec<TokenScope>,
}

impl TokenActor {
    /// What a program may do of what members may: hand in. The rest of the API asks for the scope alone.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        action == Action::ManageRegistry && self.scopes.contains(&TokenScope::Submit)
    }
}
