//! What the token of a school may be used for.

use super::{Action, Authority, MemberAction, Role, Target, permits};
use crate::ids::TokenId;

/// One use of a token. The database keeps the keys; a new use needs no migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum TokenScope {
    /// Hand in data for the registry.
    Submit,
    /// Read the school's submissions and what became of them.
    Read,
    /// Keep people and classes in step with another system (SCIM).
    Scim,
}

impl TokenScope {
    pub const ALL: [Self; 3] = [Self::Submit, Self::Read, Self::Scim];

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
    /// What a program may do of what members may: hand in, or keep people and classes. The rest of the API asks for the
    /// scope alone.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        match action {
            Action::ManageRegistry => self.scopes.contains(&TokenScope::Submit),
            Action::ManageAccounts | Action::CreatePupils | Action::ManageClasses => {
                self.scopes.contains(&TokenScope::Scim)
            }
            _ => false,
        }
    }

    /// What a program may do to such a person of the school: what a member who manages accounts may, so that none
    /// reaches those who manage or own the school.
    #[must_use]
    pub fn permits(&self, act: MemberAction, target: &Target) -> bool {
        let authority = Authority { role: Role::Manager, grants: Vec::new() };
        self.scopes.contains(&TokenScope::Scim) && permits(act, &authority, target)
    }
}
