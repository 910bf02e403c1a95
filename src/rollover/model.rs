//! The data model of a draft for the coming year.

use chrono::{DateTime, NaiveDate, Utc};

use crate::ids::{ClassId, MemberId, PlanId, RolloverId, YearId};

/// What becomes of a pupil.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum PupilOutcome {
    Promoted,
    /// Repeats the grade.
    KeptBack,
    /// Is assessed again in the summer: decided on later.
    Awaiting,
    /// Has finished the last grade.
    Finished,
    Leaving,
}

impl PupilOutcome {
    pub const ALL: [Self; 5] = [Self::Promoted, Self::KeptBack, Self::Awaiting, Self::Finished, Self::Leaving];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }

    /// The place among [`Self::ALL`].
    fn place(self) -> usize {
        Self::ALL.into_iter().position(|each| each == self).unwrap_or_default()
    }

    /// Whether the pupil has a class in the coming year.
    #[must_use]
    pub fn has_class(self) -> bool {
        matches!(self, Self::Promoted | Self::KeptBack)
    }
}

/// The reasons for leaving that have a word of their own; others are stored as they were typed.
pub const REASONS: [&str; 3] = ["moved", "dropped_out", "other"];

/// How far a draft is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum DraftState {
    Open,
    /// A plan of it was applied, and not taken back.
    Applied,
}

impl DraftState {
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// A draft without its classes and pupils.
#[derive(Clone, Debug)]
pub struct Rollover {
    pub id: RolloverId,
    pub state: DraftState,
    pub from_year_id: YearId,
    /// "2026-2027".
    pub from_year: String,
    pub to_year_id: YearId,
    pub to_year: String,
    pub to_starts_on: NaiveDate,
    /// The last plan that was made of it.
    pub plan_id: Option<PlanId>,
    pub created_at: DateTime<Utc>,
    pub applied_at: Option<DateTime<Utc>>,
    /// The day on which it is applied by itself.
    pub apply_on: Option<NaiveDate>,
    /// With whose rights, then.
    pub scheduled_by: Option<MemberId>,
    /// Why it was not applied on its day: the key of a [`ScheduleFailure`](super::schedule::ScheduleFailure).
    pub schedule_failed: Option<String>,
}

impl Rollover {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == DraftState::Open
    }

    /// The years as one writes them.
    #[must_use]
    pub fn from_label(&self) -> String {
        self.from_year.replace('-', "–")
    }

    #[must_use]
    pub fn to_label(&self) -> String {
        self.to_year.replace('-', "–")
    }
}

/// A class of this year, and where its pupils go.
#[derive(Clone, Debug)]
pub struct DraftClass {
    pub id: ClassId,
    pub name: String,
    pub grade: Option<String>,
    /// None where they finish school.
    pub target: Option<String>,
}

/// A class of the coming year.
#[derive(Clone, Debug)]
pub struct TargetClass {
    pub name: String,
    pub grade: Option<String>,
    pub homeroom_member_id: Option<MemberId>,
}

/// The classes of this year and of the coming one, each in their natural order.
#[derive(Clone, Debug, Default)]
pub struct ClassMap {
    pub classes: Vec<DraftClass>,
    pub targets: Vec<TargetClass>,
}

/// Numbers of pupils by what becomes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeSums([i64; 5]);

impl OutcomeSums {
    #[must_use]
    pub fn of(self, outcome: PupilOutcome) -> i64 {
        self.0.get(outcome.place()).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn total(self) -> i64 {
        self.0.iter().sum()
    }

    pub(super) fn add(&mut self, outcome: PupilOutcome, pupils: i64) {
        if let Some(sum) = self.0.get_mut(outcome.place()) {
            *sum += pupils;
        }
    }

    fn add_all(&mut self, others: Self) {
        for outcome in PupilOutcome::ALL {
            self.add(outcome, others.of(outcome));
        }
    }
}

/// The size of a draft.
#[derive(Clone, Copy, Debug, Default)]
pub struct DraftTotals {
    /// Of this year.
    pub classes: usize,
    pub pupils: OutcomeSums,
}

impl DraftTotals {
    /// Of all grades.
    #[must_use]
    pub fn of(grades: &[GradeSums]) -> Self {
        let mut totals = Self::default();
        for grade in grades {
            totals.classes += grade.classes;
            totals.pupils.add_all(grade.pupils);
        }
        totals
    }
}

/// Pupils of a class who go to one that does not fit what becomes of them.
#[derive(Clone, Debug)]
pub struct Misfit {
    pub class_id: ClassId,
    pub class_name: String,
    pub outcome: PupilOutcome,
    pub target: String,
    pub pupils: i64,
}

/// One grade, this year and in the coming one.
#[derive(Clone, Debug, Default)]
pub struct GradeSums {
    /// Empty for classes without one.
    pub grade: String,
    /// This year.
    pub classes: usize,
    pub pupils: OutcomeSums,
    /// In the coming year.
    pub next_classes: usize,
    pub next: i64,
}

/// A pupil of the draft.
#[derive(Clone, Debug)]
pub struct DraftPupil {
    pub id: MemberId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub class_name: String,
    pub outcome: PupilOutcome,
    pub target: Option<String>,
    pub reason: Option<String>,
    /// A plan has written it.
    pub is_written: bool,
}
