//! The data model of a draft for the coming year.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::naming;
use crate::{
    ids::{ClassId, MemberId, PlanId, RolloverId, YearId},
    vietnam::class_name,
};

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

/// The pupils of a class with one outcome.
#[derive(Clone, Debug)]
pub struct OutcomeCount {
    pub class_id: ClassId,
    pub outcome: PupilOutcome,
    pub target: String,
    pub pupils: i64,
}

/// All that the pages add up.
#[derive(Clone, Debug, Default)]
pub struct DraftFigures {
    pub classes: Vec<DraftClass>,
    pub targets: Vec<TargetClass>,
    pub counts: Vec<OutcomeCount>,
    pub sums: DraftSums,
}

/// How many pupils there are, by class and outcome, and by class of the coming year.
#[derive(Clone, Debug, Default)]
pub struct DraftSums {
    /// In the order of [`PupilOutcome::ALL`].
    by_class: HashMap<ClassId, [i64; 5]>,
    by_target: HashMap<String, i64>,
}

impl DraftSums {
    #[must_use]
    pub fn of(counts: &[OutcomeCount]) -> Self {
        let mut sums = Self::default();
        for count in counts {
            let of_class = sums.by_class.entry(count.class_id).or_default();
            if let Some(sum) = of_class.get_mut(count.outcome.place()) {
                *sum += count.pupils;
            }
            *sums.by_target.entry(count.target.clone()).or_default() += count.pupils;
        }
        sums
    }
}

impl DraftFigures {
    #[must_use]
    pub fn total(&self) -> i64 {
        self.sums.by_class.values().flatten().sum()
    }

    #[must_use]
    pub fn with(&self, outcome: PupilOutcome) -> i64 {
        self.sums.by_class.values().filter_map(|sums| sums.get(outcome.place())).sum()
    }

    #[must_use]
    pub fn of_class(&self, id: ClassId) -> i64 {
        self.sums.by_class.get(&id).into_iter().flatten().sum()
    }

    #[must_use]
    pub fn of_class_with(&self, id: ClassId, outcome: PupilOutcome) -> i64 {
        self.sums.by_class.get(&id).and_then(|sums| sums.get(outcome.place())).copied().unwrap_or_default()
    }

    /// How many will be in a class of the coming year.
    #[must_use]
    pub fn going_to(&self, target: &str) -> i64 {
        self.sums.by_target.get(target).copied().unwrap_or_default()
    }

    /// How many of a class are promoted to another class than the rest of it.
    #[must_use]
    pub fn going_elsewhere(&self, class: &DraftClass) -> i64 {
        let elsewhere = self.counts.iter().filter(|count| {
            let is_promoted = count.class_id == class.id && count.outcome == PupilOutcome::Promoted;
            is_promoted && class.target.as_ref() != Some(&count.target)
        });
        elsewhere.map(|count| count.pupils).sum()
    }

    /// Pupils in classes of the coming year that do not fit what becomes of them, each with the class of this year.
    #[must_use]
    pub fn misfits(&self) -> Vec<(&DraftClass, &OutcomeCount)> {
        let class = |count: &OutcomeCount| self.classes.iter().find(|class| class.id == count.class_id);
        let of_class = self.counts.iter().filter_map(|count| Some((class(count)?, count)));
        of_class.filter(|(class, count)| !naming::fits(class, count.outcome, &count.target)).collect()
    }

    /// The grades of this year and the coming one, in their order.
    #[must_use]
    pub fn grades(&self) -> Vec<GradeFigures> {
        let mut grades: BTreeMap<String, GradeFigures> = BTreeMap::new();
        let mut entry = |grade: &Option<String>, add: &mut dyn FnMut(&mut GradeFigures)| {
            let grade = grade.clone().unwrap_or_default();
            let figures = grades.entry(class_name::natural_key(&grade)).or_default();
            figures.grade = grade;
            add(figures);
        };
        for class in &self.classes {
            entry(&class.grade, &mut |figures| {
                figures.classes += 1;
                for (place, outcome) in PupilOutcome::ALL.into_iter().enumerate() {
                    if let Some(sum) = figures.outcomes.get_mut(place) {
                        *sum += self.of_class_with(class.id, outcome);
                    }
                }
            });
        }
        for target in &self.targets {
            entry(&target.grade, &mut |figures| {
                figures.next_classes += 1;
                figures.next += self.going_to(&target.name);
            });
        }
        grades.into_values().collect()
    }
}

/// One grade, this year and in the coming one.
#[derive(Clone, Debug, Default)]
pub struct GradeFigures {
    pub grade: String,
    /// This year.
    pub classes: usize,
    /// By what becomes of them, in the order of [`PupilOutcome::ALL`].
    pub outcomes: [i64; 5],
    /// In the coming year.
    pub next_classes: usize,
    pub next: i64,
}

impl GradeFigures {
    #[must_use]
    pub fn now(&self) -> i64 {
        self.outcomes.iter().sum()
    }
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
