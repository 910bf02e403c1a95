//! An exam and what it is made of, as the pages show it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    closures::Closure,
    marks::{MarkKind, Typing},
    numbers::NumberOrder,
    seating::Fill,
};
use crate::{
    ids::{CandidateId, ClassId, ExamId, MemberId, PaperId, RoomId, YearId},
    web::i18n::vietnam,
};

/// Where an exam stands. What is published is said by its classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExamState {
    Preparing,
    Seated,
    Running,
    Marked,
    /// Nothing changes any more.
    Locked,
}

impl ExamState {
    pub const ALL: [Self; 5] = [Self::Preparing, Self::Seated, Self::Running, Self::Marked, Self::Locked];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Seated => "seated",
            Self::Running => "running",
            Self::Marked => "marked",
            Self::Locked => "locked",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// A task of an exam that can be handed to a person without the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    Papers,
    /// Rooms, candidates, numbers and seats, with their lists.
    Seating,
    Invigilation,
    /// Of one paper, by code or number.
    Marks,
}

impl Task {
    pub const ALL: [Self; 4] = [Self::Papers, Self::Seating, Self::Invigilation, Self::Marks];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Papers => "papers",
            Self::Seating => "seating",
            Self::Invigilation => "invigilation",
            Self::Marks => "marks",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.key() == key)
    }
}

#[derive(Clone, Debug)]
pub struct Exam {
    pub id: ExamId,
    pub name: String,
    pub year_id: YearId,
    /// "2026-2027".
    pub year: String,
    pub grades: Vec<String>,
    pub mark_kind: MarkKind,
    /// How many people type each mark.
    pub entries: i16,
    /// Whether points are typed by their digits alone: 725 for 7.25.
    pub types_at_speed: bool,
    pub state: ExamState,
    pub numbering: Option<Numbering>,
    pub last_serial: i32,
    pub seating: SeatingChoices,
    pub seated_at: Option<DateTime<Utc>>,
    pub duties: DutyChoices,
    pub version: i64,
}

/// How numbers were given; it stays for late candidates.
#[derive(Clone, Debug)]
pub struct Numbering {
    pub prefix: String,
    pub width: i16,
    pub order: NumberOrder,
}

#[derive(Clone, Debug)]
pub struct SeatingChoices {
    pub fill: Fill,
    pub mix_classes: bool,
    pub per_paper: bool,
    pub seed: String,
}

#[derive(Clone, Debug)]
pub struct DutyChoices {
    pub per_room: i16,
    pub rooms_per_corridor: i16,
    pub not_own_class: bool,
    pub not_own_subject: bool,
    pub seed: String,
}

impl Exam {
    /// The year as one writes it: 2026–2027.
    #[must_use]
    pub fn year_label(&self) -> String {
        self.year.replace('-', "–")
    }

    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.state == ExamState::Locked
    }

    #[must_use]
    pub fn typing(&self) -> Typing {
        Typing { kind: self.mark_kind, at_speed: self.types_at_speed }
    }

    /// The grades for which there can be papers: those that take part, and those of single classes.
    #[must_use]
    pub fn grades_with(&self, classes: &[ExamClass]) -> Vec<String> {
        let mut grades: Vec<String> = Vec::new();
        for grade in classes.iter().map(|class| &class.grade).chain(&self.grades) {
            if !grade.is_empty() && !grades.contains(grade) {
                grades.push(grade.clone());
            }
        }
        grades
    }
}

/// An exam in a list.
#[derive(Clone, Debug)]
pub struct ExamLine {
    pub id: ExamId,
    pub name: String,
    pub year: String,
    pub state: ExamState,
    pub papers: i64,
    pub candidates: i64,
    pub first_day: Option<DateTime<Utc>>,
    pub is_published: bool,
}

/// A class of an exam.
#[derive(Clone, Debug)]
pub struct ExamClass {
    pub id: ClassId,
    pub name: String,
    pub grade: String,
    pub candidates: i64,
    pub publish_at: Option<DateTime<Utc>>,
    /// When a planned publication was taken back because a mark was missing.
    pub withheld_at: Option<DateTime<Utc>>,
}

impl ExamClass {
    #[must_use]
    pub fn is_published(&self, now: &DateTime<Utc>) -> bool {
        self.publish_at.is_some_and(|at| at <= *now)
    }
}

#[derive(Clone, Debug)]
pub struct Paper {
    pub id: PaperId,
    pub subject: String,
    pub code: String,
    /// Empty: of all candidates.
    pub grades: Vec<String>,
    pub starts_at: DateTime<Utc>,
    pub minutes: i16,
    pub ends_at: DateTime<Utc>,
    pub bag_size: Option<i16>,
    pub cut_at: Option<DateTime<Utc>>,
    /// Which cutting its codes are of: grows each time that they are drawn anew.
    pub cutting: i32,
}

impl Paper {
    /// The day, in Vietnam.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.starts_at.with_timezone(&vietnam()).date_naive()
    }

    /// From when, to the minute.
    #[must_use]
    pub fn begins(&self) -> String {
        self.starts_at.with_timezone(&vietnam()).format("%H:%M").to_string()
    }

    #[must_use]
    pub fn ends(&self) -> String {
        self.ends_at.with_timezone(&vietnam()).format("%H:%M").to_string()
    }

    /// Whether a candidate of this grade sits it.
    #[must_use]
    pub fn is_of_grade(&self, grade: &str) -> bool {
        self.grades.is_empty() || self.grades.iter().any(|each| each == grade)
    }

    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }

    /// The subject with the grades that it is for: Toán (10, 11).
    #[must_use]
    pub fn title(&self) -> String {
        if self.grades.is_empty() {
            self.subject.clone()
        } else {
            format!("{} ({})", self.subject, self.grades.join(", "))
        }
    }
}

#[derive(Clone, Debug)]
pub struct ExamRoom {
    pub id: RoomId,
    pub name: String,
    pub place: String,
    pub seats: i16,
    pub most: i16,
    pub closed_for: Vec<PaperId>,
    /// The beginnings and ends of the times at which it is not available.
    pub closed_from: Vec<DateTime<Utc>>,
    pub closed_until: Vec<DateTime<Utc>>,
}

impl ExamRoom {
    /// The times at which it is not available.
    #[must_use]
    pub fn closures(&self) -> Vec<Closure> {
        let times = self.closed_from.iter().zip(&self.closed_until);
        times.map(|(from, until)| Closure { from: *from, until: *until }).collect()
    }

    /// Whether it is not available for a paper, or at its time.
    #[must_use]
    pub fn is_closed(&self, paper: &Paper) -> bool {
        self.closed_for.contains(&paper.id) || self.closures().iter().any(|closure| closure.overlaps(paper))
    }
}

#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: CandidateId,
    pub member_id: MemberId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub class_id: ClassId,
    pub class_name: String,
    pub grade: String,
    pub number: Option<String>,
    pub exempt_from: Vec<PaperId>,
    pub is_withdrawn: bool,
    /// They were added after numbers had been given.
    pub is_late: bool,
}

impl Candidate {
    /// Whether they sit a paper: of their grade, not exempted, not withdrawn.
    #[must_use]
    pub fn sits(&self, paper: &Paper) -> bool {
        !self.is_withdrawn && paper.is_of_grade(&self.grade) && !self.exempt_from.contains(&paper.id)
    }

    #[must_use]
    pub fn number_shown(&self) -> &str {
        self.number.as_deref().unwrap_or("–")
    }
}

/// Who sits where in one paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatTaken {
    pub paper_id: PaperId,
    pub room_id: RoomId,
    pub seat: i16,
    pub candidate_id: CandidateId,
}

/// Candidates of a paper who sit a paper of another exam at the same time.
#[derive(Clone, Debug)]
pub struct AtOnce {
    pub subject: String,
    pub starts_at: DateTime<Utc>,
    pub other_exam: String,
    pub other_subject: String,
    /// How many, and their names, some of them.
    pub candidates: i64,
    pub names: Vec<String>,
}

/// What the overview of an exam counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub candidates: i64,
    pub unnumbered: i64,
    /// Seats that are taken, over all papers.
    pub seats: i64,
}
