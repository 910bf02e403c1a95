//! The data model of a plan.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::book::Book;
pub use super::plan_row::{
    DOUBTS, Decision, IDENTIFIER_DOUBTS, IDENTIFIER_ELSEWHERE, KEPT, MEMBER_TWICE, PlanRow, STATUS_KEPT, SourceRow,
};
use crate::{
    access::SchoolKind,
    ids::{MemberId, PlanId, RolloverId, YearId},
    letters::outbox::PlanWrote,
    roster::fields::{DateOrder, Field, RosterKind},
};

/// What a plan is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Source {
    /// A spreadsheet of pupils, in higher education of students.
    Students,
    /// A spreadsheet of teachers.
    Teachers,
    /// A spreadsheet of classes, for the registry.
    Classes,
    /// The registry: a sync of all accounts.
    Registry,
    /// The registry: a sync of the classes of a year.
    RegistryClasses,
    /// A OneRoster zip: teachers and pupils.
    #[strum(serialize = "oneroster")]
    OneRoster,
    /// The draft for the coming year.
    Rollover,
}

impl Source {
    /// What lists of people may be imported from.
    pub const ALL: [Self; 2] = [Self::Students, Self::Teachers];

    /// The syncs.
    pub const SYNCS: [Self; 2] = [Self::Registry, Self::RegistryClasses];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }

    /// One of these people, as message keys name it: `role-student`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Students | Self::Registry | Self::OneRoster | Self::Rollover => "student",
            Self::Teachers => "teacher",
            Self::Classes | Self::RegistryClasses => "class",
        }
    }

    /// What its rows are once they are written, as the result and its letter say it.
    #[must_use]
    pub fn wrote(self) -> PlanWrote {
        match self {
            Self::Students => PlanWrote::Students,
            Self::Teachers => PlanWrote::Teachers,
            Self::OneRoster => PlanWrote::People,
            Self::Classes | Self::Registry | Self::RegistryClasses | Self::Rollover => PlanWrote::Changes,
        }
    }

    /// The kind of roster these rows belong to, in a school of this kind. Rows of the registry and of OneRoster each say
    /// their own.
    #[must_use]
    pub fn roster_kind(self, school: SchoolKind) -> RosterKind {
        match self {
            Self::Classes | Self::RegistryClasses => RosterKind::Classes,
            Self::Students | Self::Teachers | Self::Registry | Self::OneRoster | Self::Rollover => {
                RosterKind::of(school, self != Self::Teachers)
            }
        }
    }

    /// Whether it is made from the registry, and not from a file.
    #[must_use]
    pub fn is_sync(self) -> bool {
        Self::SYNCS.contains(&self)
    }

    /// Whether it is made from what the school has already, and not from a file.
    #[must_use]
    pub fn has_no_file(self) -> bool {
        self.is_sync() || self == Self::Rollover
    }

    /// Whether its rows are classes, and no people.
    #[must_use]
    pub fn is_of_classes(self) -> bool {
        matches!(self, Self::Classes | Self::RegistryClasses)
    }
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum PlanState {
    /// The file is being read and matched.
    Reading,
    /// The file could not be read.
    Refused,
    /// Can be reviewed and applied.
    Ready,
    /// A submission that waits for an operator.
    Submitted,
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
    pub const ALL: [Self; 9] = [
        Self::Reading,
        Self::Refused,
        Self::Ready,
        Self::Submitted,
        Self::Applying,
        Self::Applied,
        Self::Failed,
        Self::Undoing,
        Self::Undone,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }

    /// Whether a worker is at it: the page waits and polls.
    #[must_use]
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Reading | Self::Applying | Self::Undoing)
    }
}

/// What a row results in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum RowOutcome {
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

impl RowOutcome {
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Update, Self::Unchanged, Self::Leave, Self::Skip, Self::Duplicate, Self::Error];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }

    /// Whether nothing is left to mend or to decide.
    #[must_use]
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Duplicate | Self::Error)
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
    pub fn of(&self, outcome: RowOutcome) -> i64 {
        match outcome {
            RowOutcome::Create => self.create,
            RowOutcome::Update => self.update,
            RowOutcome::Unchanged => self.unchanged,
            RowOutcome::Leave => self.leave,
            RowOutcome::Skip => self.skip,
            RowOutcome::Duplicate => self.duplicate,
            RowOutcome::Error => self.error,
        }
    }

    pub fn add(&mut self, outcome: RowOutcome) {
        *match outcome {
            RowOutcome::Create => &mut self.create,
            RowOutcome::Update => &mut self.update,
            RowOutcome::Unchanged => &mut self.unchanged,
            RowOutcome::Leave => &mut self.leave,
            RowOutcome::Skip => &mut self.skip,
            RowOutcome::Duplicate => &mut self.duplicate,
            RowOutcome::Error => &mut self.error,
        } += 1;
    }

    #[must_use]
    pub fn all(&self) -> i64 {
        RowOutcome::ALL.into_iter().map(|outcome| self.of(outcome)).sum()
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
pub struct AppliedRows {
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
    /// The sheets that were read together, where they are several.
    pub sheets: Vec<String>,
    /// Whether one of the others can be read together with this one.
    pub has_like_sheets: bool,
    /// The same for files with the same headers.
    pub shape: String,
    /// Rows that name one person and describe another: several may mean that a column was sorted by itself.
    pub contradicted: usize,
    /// How many people are in hidden rows, and the lines of the first of them.
    pub hidden: u32,
    pub hidden_lines: Vec<u32>,
    /// How many people are held because their dates may be read either way.
    pub unsure_dates: u32,
    /// Of a sync: how many people have not changed and are not among the rows.
    pub unlisted: i64,
    /// How many rows contain a value that a list may not change, by its key among [`KEPT`].
    pub left_out: BTreeMap<String, i64>,
    /// Of a rollover: how many finish the last grade. That they go is no reason to ask.
    pub finishing: i64,
    /// Of a rollover: the draft.
    pub rollover: Option<RolloverId>,
    /// Of a rollover: grades of which nobody stays although they are not the last one.
    pub lost_grades: Vec<String>,
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
    /// Whether all sheets with the same header are read.
    pub all_sheets: bool,
    /// The order of day and month in birth dates.
    pub date_order: Option<DateOrder>,
}

/// The status that a rollover gives pupils who have finished school.
pub const FINISHED: &str = "finished";

/// What a rollover says of rows beside their values.
pub const ROLLOVER_REMARKS: [&str; 6] = [
    "rollover-awaiting",
    "rollover-finished",
    "rollover-kept-back",
    "rollover-moved",
    "rollover-dropped-out",
    "rollover-leaving",
];

/// Where several sheets were read together, the lines of each are counted from a multiple of this.
pub const LINES_OF_SHEET: i32 = 2_000_000;

impl Notes {
    /// A line as the spreadsheet numbers it, behind the name of its sheet where several were read.
    #[must_use]
    pub fn line_shown(&self, line: i32) -> String {
        let sheet = usize::try_from(line / LINES_OF_SHEET).ok().and_then(|place| self.sheets.get(place));
        let line = line % LINES_OF_SHEET;
        sheet.map_or_else(|| line.to_string(), |sheet| format!("{sheet}: {line}"))
    }
}

/// A plan without its rows.
#[derive(Clone, Debug)]
pub struct Plan {
    pub id: PlanId,
    pub book: Book,
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
    pub created_by: Option<MemberId>,
    pub created_at: DateTime<Utc>,
    pub applied_by: Option<MemberId>,
    pub applied_at: Option<DateTime<Utc>>,
    pub undone_by: Option<MemberId>,
    pub undone_at: Option<DateTime<Utc>>,
    /// When its rows and its file were deleted.
    pub purged_at: Option<DateTime<Utc>>,
    pub results: AppliedRows,
    /// What the worker is doing now: the key of a word.
    pub stage: Option<String>,
    pub done_rows: i32,
    /// When the worker began, and when it is expected to finish at its pace so far.
    pub begun_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
}

impl Plan {
    /// A person has dropped it before it was applied; its file had been read.
    #[must_use]
    pub fn is_discarded(&self) -> bool {
        self.refusal.as_deref() == Some(DISCARDED)
    }

    /// Nobody had applied it when its rows and its file were deleted.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.refusal.as_deref() == Some(EXPIRED)
    }
}

/// The refusals of plans whose files could be read.
pub const DISCARDED: &str = "refusal-discarded";
pub const EXPIRED: &str = "refusal-expired";
