//! What came of a draft: which lessons found no place, and which wishes it does not meet, by names.

use super::{
    basis::ProblemBasis,
    check::{self, Hard, Soft},
    feasible::Impossible,
    generation::Difficult,
    problem::Problem,
};
use crate::timetable::model::Slot;

/// What a class still lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LackingPeriods {
    pub class: String,
    pub subject: String,
    pub teacher: String,
    pub periods: i16,
}

/// A wish that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    SubjectTwiceADay { class: String, subject: String, day: i16 },
    HeavyLate { class: String, subject: String, slot: Slot },
    TeacherGaps { teacher: String, gaps: i16 },
    ClassGap { class: String, day: i16 },
}

/// A reason why nothing can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Teacher {
        teacher: String,
        has: i32,
        can: i32,
    },
    Class {
        class: String,
        has: i32,
        can: i32,
    },
    Room {
        room: String,
        has: i32,
        can: i32,
    },
    Together {
        teacher: String,
        class: String,
        has: i32,
        can: i32,
    },
    /// Double periods that fit nowhere; `of` names the class, the subject and the teacher.
    Doubles {
        of: String,
        has: i32,
        can: i32,
    },
    /// Two locked lessons stand against one another.
    Locked {
        of: String,
        slot: Slot,
    },
    /// A locked lesson stands where the teacher or the class has none.
    LockedClosed {
        of: String,
        slot: Slot,
    },
    /// The locked lessons of a teacher on a day, or in a week, are more than they have at most.
    LockedDay {
        teacher: String,
        day: i16,
    },
    LockedWeek {
        teacher: String,
    },
    /// A locked lesson stands in a period that the school does not have.
    LockedNowhere {
        slot: Slot,
    },
    Nothing,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    pub left: Vec<LackingPeriods>,
    pub unmet: Vec<Unmet>,
}

struct ProblemNames<'a>(&'a Problem);

impl ProblemNames<'_> {
    fn teacher(&self, number: usize) -> String {
        self.0.teachers.get(number).map(|teacher| teacher.name.clone()).unwrap_or_default()
    }

    fn class(&self, number: usize) -> String {
        self.0.classes.get(number).map(|class| class.name.clone()).unwrap_or_default()
    }

    fn subject(&self, number: usize) -> String {
        self.0.subjects.get(number).map(|subject| subject.name.clone()).unwrap_or_default()
    }

    fn room(&self, number: usize) -> String {
        self.0.rooms.get(number).map(|room| room.name.clone()).unwrap_or_default()
    }
}

/// Reviews the lessons of a version.
#[must_use]
pub fn of(basis: &ProblemBasis) -> Review {
    let problem = &basis.problem;
    let names = ProblemNames(problem);
    let mut left = Vec::new();
    for fault in check::hard(problem, &basis.placed) {
        let Hard::Count { need, placed } = fault else { continue };
        let Some(need) = problem.needs.get(need).filter(|need| need.periods > placed) else { continue };
        left.push(LackingPeriods {
            class: names.class(need.class),
            subject: names.subject(need.subject),
            teacher: need.teacher.map(|teacher| names.teacher(teacher)).unwrap_or_default(),
            periods: need.periods - placed,
        });
    }
    let unmet = check::soft(problem, &basis.placed).into_iter().map(|wish| match wish {
        Soft::SubjectTwiceADay { class, subject, day } => {
            Unmet::SubjectTwiceADay { class: names.class(class), subject: names.subject(subject), day }
        }
        Soft::HeavyLate { class, subject, slot } => {
            Unmet::HeavyLate { class: names.class(class), subject: names.subject(subject), slot }
        }
        Soft::TeacherGaps { teacher, gaps } => Unmet::TeacherGaps { teacher: names.teacher(teacher), gaps },
        Soft::ClassGap { class, day } => Unmet::ClassGap { class: names.class(class), day },
    });
    Review { left, unmet: unmet.collect() }
}

/// What the engine has named as hard to place, by names; what is gone since is left out.
#[must_use]
pub fn difficult(basis: &ProblemBasis, blamed: &[Difficult]) -> Vec<(String, bool)> {
    let names = ProblemNames(&basis.problem);
    let each = |one: &Difficult| {
        let class = one.class.and_then(|id| basis.classes.iter().position(|each| *each == id));
        let subject = one.subject.and_then(|id| basis.subjects.iter().position(|each| *each == id));
        let teacher = one.teacher.and_then(|id| basis.teachers.iter().position(|each| *each == id));
        let room = one.room.and_then(|id| basis.rooms.iter().position(|each| *each == id));
        let parts = [
            class.map(|class| names.class(class)),
            subject.map(|subject| names.subject(subject)),
            teacher.map(|teacher| names.teacher(teacher)),
            room.map(|room| names.room(room)),
        ];
        (parts.into_iter().flatten().collect::<Vec<_>>().join(", "), one.is_double)
    };
    blamed.iter().map(each).filter(|(name, _)| !name.is_empty()).collect()
}

/// Says by names what cannot be solved.
#[must_use]
pub fn reason(problem: &Problem, impossible: &Impossible) -> Reason {
    let names = ProblemNames(problem);
    match *impossible {
        Impossible::TeacherLoad { teacher, has, can } => Reason::Teacher { teacher: names.teacher(teacher), has, can },
        Impossible::ClassLoad { class, has, can } => Reason::Class { class: names.class(class), has, can },
        Impossible::RoomLoad { room, has, can } => Reason::Room { room: names.room(room), has, can },
        Impossible::NeverTogether { teacher, class, has, can } => {
            Reason::Together { teacher: names.teacher(teacher), class: names.class(class), has, can }
        }
        Impossible::Doubles { class, subject, teacher, has, can } => {
            let teacher = teacher.map(|teacher| names.teacher(teacher));
            let of = [Some(names.class(class)), Some(names.subject(subject)), teacher];
            Reason::Doubles { of: of.into_iter().flatten().collect::<Vec<_>>().join(", "), has, can }
        }
        Impossible::Locked(Hard::TeacherTwice(teacher, slot)) => Reason::Locked { of: names.teacher(teacher), slot },
        Impossible::Locked(Hard::RoomTooFull(room, slot)) => Reason::Locked { of: names.room(room), slot },
        Impossible::Locked(Hard::ClassTwice(class, slot)) => Reason::Locked { of: names.class(class), slot },
        Impossible::Locked(Hard::TeacherBlocked(teacher, slot)) => {
            Reason::LockedClosed { of: names.teacher(teacher), slot }
        }
        Impossible::Locked(Hard::ClassBlocked(class, slot)) => Reason::LockedClosed { of: names.class(class), slot },
        Impossible::Locked(Hard::TeacherDayTooLong(teacher, day)) => {
            Reason::LockedDay { teacher: names.teacher(teacher), day }
        }
        Impossible::Locked(Hard::TeacherSessions(teacher)) => Reason::LockedWeek { teacher: names.teacher(teacher) },
        Impossible::Locked(Hard::NoSuchPeriod(slot)) => Reason::LockedNowhere { slot },
        Impossible::Locked(_) | Impossible::Nothing => Reason::Nothing,
    }
}
