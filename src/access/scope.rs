//! The scope: in which school, by which actor and with what rights something is done.

use std::{marker::PhantomData, net::IpAddr, ops::Deref, sync::Arc};

use super::{Action, Authority, MemberAction, Permission, Rank, Target, TokenActor, allows, permits};
use crate::{
    error::{Error, Result},
    ids::{AccountId, ClientId, MemberId, SchoolId},
    paths,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum SchoolKind {
    /// Kindergarten to upper secondary.
    K12,
    /// An institute of higher education: a class is a group and stands in a department.
    Higher,
}

impl SchoolKind {
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// A colour that a school may choose for what is its own: its mark, its slips, its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Blue,
    Teal,
    Green,
    Red,
    Violet,
    Orange,
    Pink,
    Slate,
}

impl Tone {
    pub const ALL: [Self; 8] =
        [Self::Blue, Self::Teal, Self::Green, Self::Red, Self::Violet, Self::Orange, Self::Pink, Self::Slate];

    /// As the style sheet and the database name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Teal => "teal",
            Self::Green => "green",
            Self::Red => "red",
            Self::Violet => "violet",
            Self::Orange => "orange",
            Self::Pink => "pink",
            Self::Slate => "slate",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tone| tone.key() == key)
    }
}

/// How a school looks, where it chose that.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub tone: Option<Tone>,
    /// The version of its logo.
    pub logo: Option<String>,
}

/// The school that a scope is about.
#[derive(Clone, Debug)]
pub struct School {
    pub id: SchoolId,
    /// The code of today, as it is written in addresses.
    pub code: String,
    pub name: String,
    pub kind: SchoolKind,
    /// The month in which the school year begins, 1 to 12.
    pub year_starts_month: u32,
    pub look: Look,
}

impl School {
    /// The address of its logo, which changes with it.
    #[must_use]
    pub fn logo_address(&self) -> Option<String> {
        self.look.logo.as_ref().map(|version| paths::SchoolLogo::of(&self.code, version).to_string())
    }

    #[must_use]
    pub fn tone(&self) -> Option<&'static str> {
        self.look.tone.map(Tone::key)
    }
}

/// A member of the school.
#[derive(Clone, Debug)]
pub struct MemberActor {
    pub id: MemberId,
    pub account_id: AccountId,
    pub full_name: String,
    pub authority: Authority,
    /// What the school's settings allow them beyond the table of rights.
    pub let_by_school: Vec<Action>,
    /// Their other schools, for the links there.
    pub elsewhere: Vec<Elsewhere>,
    /// They have a homeroom class this year: for the menu. The rights on it are looked up when they are used.
    pub has_homeroom: bool,
    /// How many registrations wait for the school, where they may answer those: for the menu.
    pub waiting: i64,
}

impl MemberActor {
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        allows(action, &self.authority) || self.let_by_school.contains(&action)
    }
}

/// Another school of a member of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    pub code: String,
    pub name: String,
}

/// Who acts.
#[derive(Clone, Debug)]
pub enum Actor {
    Member(MemberActor),
    /// An operator, by account, in what operators do to a school.
    Operator(AccountId),
    /// A program with a token of the school. What it may do is the token's scopes, and nothing of the table of rights.
    Token(TokenActor),
    /// A program that asks by OAuth 2. It reads what its scopes allow, and has nothing of the table of rights.
    Client(ClientId),
    /// The command line and the background work.
    System,
}

/// In which school, by which actor, from where. Every function that touches a school's data takes one first, as itself
/// or inside a [`Granted`].
#[derive(Clone, Debug)]
pub struct Scope {
    pub school: Arc<School>,
    pub actor: Actor,
    pub address: Option<IpAddr>,
}

impl Scope {
    /// The scope of the command line and of background work.
    #[must_use]
    pub fn system(school: Arc<School>) -> Self {
        Self { school, actor: Actor::System, address: None }
    }

    #[must_use]
    pub fn school_id(&self) -> SchoolId {
        self.school.id
    }

    /// The member who acts, where it is one.
    #[must_use]
    pub fn member(&self) -> Option<&MemberActor> {
        match &self.actor {
            Actor::Member(member) => Some(member),
            Actor::Operator(_) | Actor::Token(_) | Actor::Client(_) | Actor::System => None,
        }
    }

    /// Whether the actor may do `P`, for pages that show only what can be used.
    #[must_use]
    pub fn may<P: Permission>(&self) -> bool {
        match &self.actor {
            Actor::Member(member) => member.may(P::ACTION),
            Actor::Token(token) => token.may(P::ACTION),
            // Of the schools that they administer: what such a school hands in, they may hand in for it.
            Actor::Operator(_) => P::ACTION == Action::ManageRegistry,
            Actor::Client(_) => false,
            Actor::System => true,
        }
    }

    /// Whether the actor may change this member's authority: their own, or that of a lower rank.
    #[must_use]
    pub fn outranks(&self, member_id: MemberId, rank: Rank) -> bool {
        match &self.actor {
            Actor::Member(member) => member.id == member_id || member.authority.rank() > rank,
            Actor::Operator(_) | Actor::Token(_) | Actor::Client(_) => false,
            Actor::System => true,
        }
    }

    /// Whether the actor may do this to such a person of the school.
    #[must_use]
    pub fn permits(&self, act: MemberAction, target: &Target) -> bool {
        match &self.actor {
            Actor::Member(member) => permits(act, &member.authority, target),
            Actor::Token(token) => token.permits(act, target),
            Actor::Operator(_) | Actor::Client(_) => false,
            Actor::System => true,
        }
    }

    /// The permission to do `P`: the only way to get one.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the table of rights says no.
    pub fn grant<P: Permission>(&self) -> Result<Granted<P>> {
        if self.may::<P>() {
            Ok(Granted { scope: self.clone(), permission: PhantomData })
        } else {
            Err(Error::Forbidden)
        }
    }
}

/// A scope whose actor may do `P`. Functions that act demand one: forgetting the check does not compile.
#[derive(Debug)]
pub struct Granted<P> {
    scope: Scope,
    permission: PhantomData<P>,
}

impl<P> Clone for Granted<P> {
    fn clone(&self) -> Self {
        Self { scope: self.scope.clone(), permission: PhantomData }
    }
}

impl<P> Deref for Granted<P> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}
