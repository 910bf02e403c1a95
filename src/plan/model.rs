//! The data model of a plan.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::matching::{Key, Keys};
use crate::{
    access::SchoolKind,
    app::App,
    crypto::seal::Sealed,
    ids::{AccountId, MemberId, PlanId, YearId},
    roster::fields::{Fault, Field, Guess, RosterKind, Values},
};

/// What a plan is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A spreadsheet of pupils, in higher education of students.
    Students,
    /// A spreadsheet of teachers.
    Teachers,
}

impl Source {
    pub const ALL: [Self; 2] = [Self::Students, Self::Teachers];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Students => "students",
            Self::Teachers => "teachers",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.key() == key)
    }

    /// One of these people, as message keys name it: `role-student`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Students => "student",
            Self::Teachers => "teacher",
        }
    }

    /// The kind of roster these rows belong to, in a school of this kind.
    #[must_use]
    pub fn roster_kind(self, school: SchoolKind) -> RosterKind {
        RosterKind::of(school, self == Self::Students)
    }
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanState {
    /// The file is being read and matched.
    Reading,
    /// The file could not be read.
    Refused,
    /// Can be reviewed and applied.
    Ready,
    /// A worker is applying it.
    Applying,
    Applied,
    /// Applying met something unforeseen; nothing was written.
    Failed,
    /// A worker takes it back.
    Undoing,
    /// Taken back, but for what stays.
    Undone,
}

impl PlanState {
    pub const ALL: [Self; 8] = [
        Self::Reading,
        Self::Refused,
        Self::Ready,
        Self::Applying,
        Self::Applied,
        Self::Failed,
        Self::Undoing,
        Self::Undone,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Refused => "refused",
            Self::Ready => "ready",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether a worker is at it: the page waits and polls.
    #[must_use]
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Reading | Self::Applying | Self::Undoing)
    }
}

/// What a row results in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    Create,
    Update,
    Unchanged,
    Leave,
    /// The sheet says that the person has left, and the school has no such person.
    Skip,
    /// Perhaps an existing member: a person must decide.
    Duplicate,
    Error,
}

impl Outcome {
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Update, Self::Unchanged, Self::Leave, Self::Skip, Self::Duplicate, Self::Error];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::Leave => "leave",
            Self::Skip => "skip",
            Self::Duplicate => "duplicate",
            Self::Error => "error",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }
}

/// Rows by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutcomeCounts {
    pub create: i64,
    pub update: i64,
    pub unchanged: i64,
    pub leave: i64,
    pub skip: i64,
    pub duplicate: i64,
    pub error: i64,
}

impl OutcomeCounts {
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> i64 {
        match outcome {
            Outcome::Create => self.create,
            Outcome::Update => self.update,
            Outcome::Unchanged => self.unchanged,
            Outcome::Leave => self.leave,
            Outcome::Skip => self.skip,
            Outcome::Duplicate => self.duplicate,
            Outcome::Error => self.error,
        }
    }

    pub fn add(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Create => &mut self.create,
            Outcome::Update => &mut self.update,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Leave => &mut self.leave,
            Outcome::Skip => &mut self.skip,
            Outcome::Duplicate => &mut self.duplicate,
            Outcome::Error => &mut self.error,
        } += 1;
    }

    #[must_use]
    pub fn all(&self) -> i64 {
        Outcome::ALL.into_iter().map(|outcome| self.of(outcome)).sum()
    }

    /// The rows that applying writes.
    #[must_use]
    pub fn to_write(&self) -> i64 {
        self.create + self.update + self.leave
    }

    /// The rows that applying leaves out although they ask for something.
    #[must_use]
    pub fn left_out(&self) -> i64 {
        self.duplicate + self.error
    }
}

/// Rows that applying was to write, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Results {
    pub done: i64,
    /// Dropped out: the person had changed since the plan was made.
    pub stale: i64,
    pub undone: i64,
    /// Taken back in part or not at all.
    pub stayed: i64,
}

/// A column of the sheet, and the field it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanColumn {
    /// From 0, as the sheet counts.
    pub index: usize,
    pub header: String,
    pub field: Option<Field>,
    /// Whether it is known what the column holds, even if that is of no use here.
    pub known: bool,
}

/// What a source says of its rows as a whole.
#[derive(Clone, Debug, Default)]
pub struct SourceHead {
    pub sheet_name: Option<String>,
    pub header_line: Option<i32>,
    pub columns: Vec<PlanColumn>,
    pub notes: Notes,
}

/// What a reader has to say of a file beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    /// How the text was read where nothing in the file said so, and a line that shows whether that is right.
    pub encoding: Option<(String, String)>,
    /// Other sheets with people, which are not read.
    pub other_sheets: Vec<String>,
    /// The same for files with the same headers.
    pub shape: String,
    /// Rows that name one person and describe another: several may mean that a column was sorted by itself.
    pub contradicted: usize,
    /// How many people are in hidden rows, and the lines of the first of them.
    pub hidden: u32,
    pub hidden_lines: Vec<u32>,
    /// How many rows contain a value that a list may not change, by its key among [`KEPT`].
    pub left_out: BTreeMap<String, i64>,
}

/// How a person wants a file to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadProgress {
    pub encoding: Option<String>,
    /// Where the file has several sheets with people, which one.
    pub sheet: Option<String>,
    /// Of a column, the field or that it is of no use; it goes before what would be recognised.
    pub mapping: BTreeMap<usize, Option<Field>>,
    /// Whether hidden rows are left out.
    pub without_hidden: bool,
}

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
}

/// What a person said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        match self {
            Self::Same => "same",
            Self::New => "new",
            Self::Drop => "drop",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.key() == key)
    }
}

/// Warnings that depend on the member a row is about: values for that person that a list may not change.
pub const KEPT: [&str; 4] = ["email-kept", "username-kept", "password-kept", "password-invited"];

/// Why a row waits for a person to decide, where the reason is not that names and birth dates, or rows, are the same.
pub const DOUBTS: [&str; 8] = [
    "doubt-identifier",
    "doubt-identifiers",
    "doubt-column",
    "doubt-spelling",
    "doubt-spelling-in-sheet",
    "doubt-surname",
    "doubt-birth-date",
    "doubt-away",
];

/// A row of a plan.
#[derive(Clone, Debug)]
pub struct PlanRow {
    pub line: i32,
    pub outcome: Outcome,
    pub values: Values,
    pub cells: Vec<String>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
    pub guesses: Vec<Guess>,
    /// What keeps the row out beside its faults: what a new person needs and the row does not have.
    pub lacks: Vec<Fault>,
    pub keys: Keys,
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
}

impl PlanRow {
    /// A source's row whose outcome is not found yet.
    #[must_use]
    pub fn of(row: SourceRow) -> Self {
        Self {
            line: row.line,
            outcome: Outcome::Error,
            values: row.values,
            cells: row.cells,
            faults: row.faults,
            warnings: row.warnings,
            guesses: row.guesses,
            lacks: Vec::new(),
            keys: Keys::default(),
            values_key: 0,
            decision: None,
            before: Values::new(),
            member_version: None,
            member_id: None,
            account_id: None,
            password: None,
        }
    }

    /// Everything that keeps the row out.
    pub fn problems(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().chain(&self.lacks)
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
        self.warnings.retain(|warning| !KEPT.contains(&warning.key.as_str()));
        self.lacks.clear();
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

    /// The value of a field, or nothing.
    #[must_use]
    pub fn value(&self, field: Field) -> &str {
        self.values.get(&field).map_or("", String::as_str)
    }
}

/// A plan without its rows.
#[derive(Clone, Debug)]
pub struct Plan {
    pub id: PlanId,
    pub source: Source,
    pub state: PlanState,
    pub school_year_id: YearId,
    pub file_name: Option<String>,
    pub sheet_name: Option<String>,
    pub header_line: Option<i32>,
    pub columns: Vec<PlanColumn>,
    pub notes: Notes,
    pub reading: ReadProgress,
    /// Why the file could not be read: the key of a sentence.
    pub refusal: Option<String>,
    pub counts: OutcomeCounts,
    pub made_by: Option<MemberId>,
    pub made_at: DateTime<Utc>,
    pub applied_by: Option<MemberId>,
    pub applied_at: Option<DateTime<Utc>>,
    pub undone_by: Option<MemberId>,
    pub undone_at: Option<DateTime<Utc>>,
    /// When its rows and its file were deleted.
    pub purged_at: Option<DateTime<Utc>>,
    pub results: Results,
    /// What the worker is doing now: the key of a word.
    pub stage: Option<String>,
    pub done_rows: i32,
    /// When the worker began, and when it is expected to finish at its pace so far.
    pub begun_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
}
