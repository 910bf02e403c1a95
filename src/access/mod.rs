//! Who may do what. The table of rights ([`matrix`]), the scope in which all work on a school's data is done, and
//! [`Granted`], the value that only the check can make.
//!
//! Knows neither the web nor the database.

use crate::ids::AccountId;

mod action;
mod client_scope;
mod matrix;
mod membership;
mod scope;
mod token_scope;

pub use action::{Action, Permission, may};
pub use client_scope::ClientScope;
pub use matrix::{Authority, MemberAction, Rank, Target, allows, let_by_school, permits};
pub use membership::Membership;
pub use scope::{Actor, Elsewhere, Granted, Look, MemberActor, School, SchoolKind, Scope, Tone};
pub use token_scope::{TokenActor, TokenScope};

/// A member's role in one school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    Student,
    Teacher,
    Manager,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Student, Self::Teacher, Self::Manager];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// What a member may do beyond the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Grant {
    Owner,
    AccountManager,
    Timetable,
    Exams,
    Reports,
}

impl Grant {
    pub const ALL: [Self; 5] = [Self::Owner, Self::AccountManager, Self::Timetable, Self::Exams, Self::Reports];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// The signed-in account, whatever schools it is in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The hash of the session's token, by which it is ended.
    pub session: [u8; 32],
    pub since: chrono::DateTime<chrono::Utc>,
    /// Nothing was asked for in this session for a minute: this request was noted as the last one.
    pub is_seen_anew: bool,
    pub account_id: AccountId,
    pub login: String,
    pub language: Option<String>,
    /// When the password was last typed; never where the account was signed in by another service.
    pub password_checked_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Signed in by a temporary password: nothing is accessible but choosing an own one.
    pub must_choose_password: bool,
    /// The account signs in with a code beside the password.
    pub has_second_factor: bool,
    /// The account must have a second factor and has none yet: nothing is accessible but setting it up.
    pub owes_second_factor: bool,
    /// The kind of its schools, where they are all of one: the wording of pages that belong to no school.
    pub school_kind: Option<SchoolKind>,
    /// How long a session of the account may lie idle; as long as it lasts where the account is no staff's.
    pub idle_limit: Option<chrono::Duration>,
    pub operator: Option<Operator>,
}

impl SignedIn {
    /// Whether the account signs in with an e-mail address, as staff do; a pupil's login ends with a school's code,
    /// which has no dot.
    #[must_use]
    pub fn has_address(&self) -> bool {
        is_address(&self.login)
    }

    /// When the person was last asked who they are.
    #[must_use]
    pub fn authenticated_at(&self) -> chrono::DateTime<chrono::Utc> {
        self.password_checked_at.unwrap_or(self.since)
    }
}

/// Whether a login is an e-mail address.
#[must_use]
pub fn is_address(login: &str) -> bool {
    login.split_once('@').is_some_and(|(_, domain)| domain.contains('.'))
}

/// A person who opens schools, in the whole country or in some provinces.
#[derive(Clone, Debug)]
pub struct Operator {
    pub name: String,
    pub is_national: bool,
    /// Codes of the provinces, where the operator is bound to some.
    pub provinces: Vec<String>,
}

impl Operator {
    /// The provinces to filter by; none for the whole country.
    #[must_use]
    pub fn bounds(&self) -> Option<&[String]> {
        (!self.is_national).then_some(&self.provinces)
    }

    #[must_use]
    pub fn administers(&self, province: &str) -> bool {
        self.is_national || self.provinces.iter().any(|code| code == province)
    }
}
