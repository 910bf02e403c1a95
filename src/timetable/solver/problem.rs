//! What is to be solved, apart from any database and from any solver: who teaches what to which class, when they can, and
//! what stands already.

use std::collections::{BTreeMap, BTreeSet};

use crate::timetable::model::{DAYS, Session, Slot};

/// The number of a teacher, class, subject or room within its list in a [`Problem`].
pub type Index = usize;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Of the school, for those who open the file elsewhere.
    pub name: String,
    /// The periods that the school has, in the order of the day.
    pub periods: Vec<(Session, i16)>,
    pub teachers: Vec<ProblemTeacher>,
    pub classes: Vec<ProblemClass>,
    pub subjects: Vec<ProblemSubject>,
    pub rooms: Vec<ProblemRoom>,
    pub needs: Vec<Need>,
    /// Lessons that stay where they are.
    pub locked: Vec<Placed>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemTeacher {
    pub name: String,
    /// When they do not teach.
    pub blocked: BTreeSet<Slot>,
    /// The most periods of a day.
    pub most_a_day: Option<i16>,
    /// The most sessions of a week: a morning or an afternoon at school is one.
    pub most_sessions: Option<i16>,
    /// The most free periods between lessons of a session, over the week.
    pub most_gaps: Option<i16>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemClass {
    pub name: String,
    /// When it has no lessons.
    pub blocked: BTreeSet<Slot>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemSubject {
    pub name: String,
    /// Better not in the last period of a session.
    pub is_heavy: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemRoom {
    pub name: String,
    /// How many classes it holds at the same time.
    pub capacity: i16,
}

/// What a class is to have of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    pub class: Index,
    pub subject: Index,
    pub teacher: Option<Index>,
    pub periods: i16,
    /// How many times two of the periods follow one another.
    pub doubles: i16,
    pub room: Option<Index>,
}

/// A lesson at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    pub class: Index,
    pub slot: Slot,
    pub subject: Index,
    pub teacher: Option<Index>,
    pub room: Option<Index>,
}

impl Problem {
    /// Every period of the week.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        DAYS.into_iter()
            .flat_map(|day| self.periods.iter().map(move |&(session, period)| Slot { day, session, period }))
    }

    /// When a class can have lessons.
    #[must_use]
    pub fn open_to_class(&self, class: Index) -> BTreeSet<Slot> {
        let blocked = self.classes.get(class).map(|class| &class.blocked);
        self.slots().filter(|slot| blocked.is_none_or(|blocked| !blocked.contains(slot))).collect()
    }

    /// When a teacher can teach.
    #[must_use]
    pub fn open_to_teacher(&self, teacher: Index) -> BTreeSet<Slot> {
        let blocked = self.teachers.get(teacher).map(|teacher| &teacher.blocked);
        self.slots().filter(|slot| blocked.is_none_or(|blocked| !blocked.contains(slot))).collect()
    }

    /// The lessons that are to be placed beside the locked ones: of each need what is left of it, as blocks of one or two
    /// periods.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let mut locked: BTreeMap<(Index, Index, Option<Index>), i16> = BTreeMap::new();
        for lesson in &self.locked {
            *locked.entry((lesson.class, lesson.subject, lesson.teacher)).or_default() += 1;
        }
        let mut blocks = Vec::new();
        for (number, need) in self.needs.iter().enumerate() {
            let done = locked.get_mut(&(need.class, need.subject, need.teacher));
            let done = done.map_or(0, |left| {
                let taken = (*left).min(need.periods);
                *left -= taken;
                taken
            });
            let left = need.periods - done;
            let doubles = need.doubles.min(left / 2);
            let block = |duration| Block { need: number, duration };
            blocks.extend((0..doubles).map(|_| block(2)));
            blocks.extend((0..left - doubles * 2).map(|_| block(1)));
        }
        blocks
    }
}

/// Periods of a need that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub need: usize,
    pub duration: i16,
}
