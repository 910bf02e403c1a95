//! A row of a plan: what its source says, what a person has said of it, and what it comes to.

use super::{
    links,
    matching::{Key, RowKeys},
    model::{FINISHED, RowOutcome},
    three_way::RegistrySide,
};
use crate::{
    access::SchoolKind,
    app::App,
    crypto::seal::Sealed,
    ids::{AccountId, MemberId},
    roster::fields::{Fault, Field, Guess, RosterKind, Values},
};

/// A row as a source hands it over.
#[derive(Clone, Debug)]
pub struct SourceRow {
    pub line: i32,
    pub values: Values,
    /// As in the sheet, one for each column.
    pub cells: Vec<String>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
    pub guesses: Vec<Guess>,
    /// Whether it is one of staff, where the source has people of both kinds.
    pub is_staff: Option<bool>,
    /// Of a sync: what the registry says and said.
    pub registry: Option<RegistrySide>,
}

/// What a person said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Decision {
    /// It is about the member that it may be about.
    Same,
    /// It is about a new person.
    New,
    /// It is to be left out.
    Drop,
}

impl Decision {
    pub const ALL: [Self; 3] = [Self::Same, Self::New, Self::Drop];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// Warnings that depend on the member a row is about: values for that person that a list may not change.
pub const KEPT: [&str; 7] =
    ["email-kept", "username-kept", "password-kept", "password-invited", STATUS_KEPT, links::DIFFERS, links::CONFLICTS];

/// The warning of a row that says of a person who is here that they are away or suspended for a while.
pub const STATUS_KEPT: &str = "status-kept";

/// The warning of a row whose identifier another school of the country holds.
pub const IDENTIFIER_ELSEWHERE: &str = "identifier-elsewhere";

/// Why a row waits for a person to decide, where the reason is not that names and birth dates, or rows, are the same.
pub const DOUBTS: [&str; 16] = [
    "doubt-identifier",
    "doubt-identifier-name",
    "doubt-identifier-family",
    "doubt-identifiers",
    "doubt-national-id",
    "doubt-national-id-in-sheet",
    "doubt-phone",
    MEMBER_TWICE,
    "doubt-column",
    "doubt-spelling",
    "doubt-spelling-in-sheet",
    "doubt-surname",
    "doubt-birth-date",
    "doubt-away",
    links::CONFLICT,
    links::TWIN,
];

/// Those of rows whose identifier is one person's while the rest is another's: the field is the identifier's.
pub const IDENTIFIER_DOUBTS: [&str; 3] = ["doubt-identifier", "doubt-identifier-name", "doubt-identifier-family"];

/// The reason of a row about a member that another row of the sheet changes already; the value is that row's line.
pub const MEMBER_TWICE: &str = "doubt-member-twice";

/// A row of a plan.
#[derive(Clone, Debug)]
pub struct PlanRow {
    pub line: i32,
    pub outcome: RowOutcome,
    pub values: Values,
    pub cells: Vec<String>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
    pub guesses: Vec<Guess>,
    /// What keeps the row out beside its faults: what a new person needs and the row does not have.
    pub blockers: Vec<Fault>,
    pub keys: RowKeys,
    pub values_key: Key,
    pub decision: Option<Decision>,
    /// Of an update: what the school has, of the fields that change.
    pub before: Values,
    /// The version of the member that the outcome was found over.
    pub member_version: Option<i64>,
    /// Of a create: the id that the new member will have; otherwise the id of the member the row is about.
    pub member_id: Option<MemberId>,
    /// Of a pupil to be created: the id that the account will have, for which the sheet's password is sealed.
    pub account_id: Option<AccountId>,
    pub password: Option<Sealed>,
    /// Whether it is one of staff, where the source has people of both kinds.
    pub is_staff: Option<bool>,
    /// Of a sync: what the registry says and said.
    pub registry: Option<RegistrySide>,
    /// The sheet has no such row: the book has a record that a whole list no longer names.
    pub is_absent: bool,
}

impl PlanRow {
    /// A source's row whose outcome is not found yet.
    #[must_use]
    pub fn of(row: SourceRow) -> Self {
        Self {
            line: row.line,
            outcome: RowOutcome::Error,
            values: row.values,
            cells: row.cells,
            faults: row.faults,
            warnings: row.warnings,
            guesses: row.guesses,
            blockers: Vec::new(),
            keys: RowKeys::default(),
            values_key: 0,
            decision: None,
            before: Values::new(),
            member_version: None,
            member_id: None,
            account_id: None,
            password: None,
            is_staff: row.is_staff,
            registry: row.registry,
            is_absent: false,
        }
    }

    /// Everything that keeps the row out.
    pub fn problems(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().chain(&self.blockers)
    }

    /// Another row changes the same member: this one waits behind it.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.outcome == RowOutcome::Duplicate && self.blockers.first().is_some_and(|fault| fault.key == MEMBER_TWICE)
    }

    /// The sheet says that the person has left.
    #[must_use]
    pub fn says_left(&self) -> bool {
        self.value(Field::Status) == "left"
    }

    /// The sheet says that the person belongs to the school and is away for a while.
    #[must_use]
    pub fn says_away(&self) -> bool {
        self.value(Field::Status) == "suspended"
    }

    /// Before its outcome is resolved again.
    pub fn forget_outcome(&mut self) {
        let is_of_outcome = |key: &str| KEPT.contains(&key) || key == IDENTIFIER_ELSEWHERE;
        self.warnings.retain(|warning| !is_of_outcome(&warning.key));
        self.blockers.clear();
        self.before.clear();
        self.member_id = None;
        self.member_version = None;
    }

    /// Gives a new person their ids. An account has one already where the sheet's password is sealed for it.
    pub fn give_ids(&mut self, app: &App, by_email: bool) {
        let now = app.clock.now();
        self.member_id = Some(app.randomness.uuid_v7(now));
        if !by_email && self.account_id.is_none() {
            self.account_id = Some(app.randomness.uuid_v7(now));
        }
    }

    /// The kind of list that the row stands in: of a sync, that of its person; otherwise the plan's.
    #[must_use]
    pub fn kind(&self, of_plan: RosterKind, school: SchoolKind) -> RosterKind {
        let is_student = self.registry.as_ref().map(|side| side.is_student).or(self.is_staff.map(|is_staff| !is_staff));
        is_student.map_or(of_plan, |is_student| RosterKind::of(school, is_student))
    }

    /// The member that the person of the registry was at the last sync.
    #[must_use]
    pub fn linked(&self) -> Option<MemberId> {
        self.registry.as_ref()?.member
    }

    /// Of a rollover: the pupil has finished school, and stays until the account is closed.
    #[must_use]
    pub fn says_finished(&self) -> bool {
        self.value(Field::Status) == FINISHED
    }

    /// The value of a field, or nothing.
    #[must_use]
    pub fn value(&self, field: Field) -> &str {
        self.values.get(&field).map_or("", String::as_str)
    }
}
