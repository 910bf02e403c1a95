//! Whether a timetable is right, by a check that knows nothing of how it was made.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Index, Placed, Problem};
use crate::timetable::model::{Session, Slot};

/// What makes a timetable wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hard {
    ClassTwice(Index, Slot),
    TeacherTwice(Index, Slot),
    RoomTooFull(Index, Slot),
    NoSuchPeriod(Slot),
    ClassBlocked(Index, Slot),
    TeacherBlocked(Index, Slot),
    TeacherDayTooLong(Index, i16),
    TeacherSessions(Index),
    /// A need that has more or fewer lessons than it is to have.
    Count {
        need: usize,
        placed: i16,
    },
    /// Fewer pairs than wanted follow one another.
    Doubles {
        need: usize,
    },
    LockMoved(Placed),
    /// A lesson that nothing asks for.
    Foreign(Placed),
}

/// What a timetable would better not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Soft {
    /// The subject stands on a day more often than in one block.
    SubjectTwiceADay {
        class: Index,
        subject: Index,
        day: i16,
    },
    HeavyLate {
        class: Index,
        subject: Index,
        slot: Slot,
    },
    /// More free periods between lessons than wished, over the week.
    TeacherGaps {
        teacher: Index,
        gaps: i16,
    },
    ClassGap {
        class: Index,
        day: i16,
    },
}

/// All that is wrong; nothing where the timetable is whole and right.
#[must_use]
pub fn hard(problem: &Problem, placed: &[Placed]) -> Vec<Hard> {
    let mut faults = collisions(problem, placed);
    faults.extend(times(problem, placed));
    faults.extend(counts(problem, placed));
    faults.sort();
    faults.dedup();
    faults
}

/// What stands in two places, whether the rest is there yet or not.
#[must_use]
pub fn collisions(problem: &Problem, placed: &[Placed]) -> Vec<Hard> {
    let mut faults = Vec::new();
    let (mut classes, mut teachers) = (BTreeSet::new(), BTreeSet::new());
    let mut rooms: BTreeMap<(Index, Slot), i16> = BTreeMap::new();
    for lesson in placed {
        if !classes.insert((lesson.class, lesson.slot)) {
            faults.push(Hard::ClassTwice(lesson.class, lesson.slot));
        }
        if let Some(teacher) = lesson.teacher
            && !teachers.insert((teacher, lesson.slot))
        {
            faults.push(Hard::TeacherTwice(teacher, lesson.slot));
        }
        if let Some(room) = lesson.room {
            *rooms.entry((room, lesson.slot)).or_default() += 1;
        }
    }
    for ((room, slot), count) in rooms {
        if problem.rooms.get(room).is_none_or(|room| count > room.capacity) {
            faults.push(Hard::RoomTooFull(room, slot));
        }
    }
    faults
}

/// What stands against the locked lessons, each by itself and all together: nothing solves that.
#[must_use]
pub fn locked(problem: &Problem) -> Vec<Hard> {
    let mut faults = collisions(problem, &problem.locked);
    faults.extend(times(&Problem { locked: Vec::new(), ..problem.clone() }, &problem.locked));
    faults.sort();
    faults.dedup();
    faults
}

fn times(problem: &Problem, placed: &[Placed]) -> Vec<Hard> {
    let mut faults = Vec::new();
    let mut days: BTreeMap<(Index, i16), i16> = BTreeMap::new();
    let mut sessions: BTreeMap<Index, BTreeSet<(i16, Session)>> = BTreeMap::new();
    for lesson in placed {
        let slot = lesson.slot;
        if !problem.periods.contains(&(slot.session, slot.period)) || !(1..=6).contains(&slot.day) {
            faults.push(Hard::NoSuchPeriod(slot));
        }
        let is_locked = problem.locked.contains(lesson);
        if problem.classes.get(lesson.class).is_some_and(|class| class.blocked.contains(&slot)) && !is_locked {
            faults.push(Hard::ClassBlocked(lesson.class, slot));
        }
        let Some(teacher) = lesson.teacher else { continue };
        if problem.teachers.get(teacher).is_some_and(|teacher| teacher.blocked.contains(&slot)) && !is_locked {
            faults.push(Hard::TeacherBlocked(teacher, slot));
        }
        *days.entry((teacher, slot.day)).or_default() += 1;
        sessions.entry(teacher).or_default().insert((slot.day, slot.session));
    }
    for ((teacher, day), count) in days {
        let most = problem.teachers.get(teacher).and_then(|teacher| teacher.most_a_day);
        if most.is_some_and(|most| count > most) {
            faults.push(Hard::TeacherDayTooLong(teacher, day));
        }
    }
    for (teacher, sessions) in sessions {
        let most = problem.teachers.get(teacher).and_then(|teacher| teacher.most_sessions);
        if most.is_some_and(|most| sessions.len() > usize::try_from(most).unwrap_or_default()) {
            faults.push(Hard::TeacherSessions(teacher));
        }
    }
    faults
}

fn counts(problem: &Problem, placed: &[Placed]) -> Vec<Hard> {
    let mut faults = Vec::new();
    for lesson in &problem.locked {
        if !placed.contains(lesson) {
            faults.push(Hard::LockMoved(*lesson));
        }
    }
    let mut lessons: BTreeMap<(Index, Index, Option<Index>), Vec<Placed>> = BTreeMap::new();
    for lesson in placed {
        lessons.entry((lesson.class, lesson.subject, lesson.teacher)).or_default().push(*lesson);
    }
    for (number, need) in problem.needs.iter().enumerate() {
        let own = lessons.remove(&(need.class, need.subject, need.teacher)).unwrap_or_default();
        let locked = own.iter().filter(|lesson| problem.locked.contains(lesson)).count();
        let (placed, locked) =
            (i16::try_from(own.len()).unwrap_or(i16::MAX), i16::try_from(locked).unwrap_or(i16::MAX));
        if placed != need.periods.max(locked) {
            faults.push(Hard::Count { need: number, placed });
        }
        let wanted = need.doubles.min((need.periods - locked).max(0) / 2);
        if pairs(&own) < wanted && placed >= need.periods {
            faults.push(Hard::Doubles { need: number });
        }
    }
    let foreign = lessons.into_values().flatten().filter(|lesson| !problem.locked.contains(lesson));
    faults.extend(foreign.map(Hard::Foreign));
    faults
}

/// How many pairs of lessons follow one another.
fn pairs(lessons: &[Placed]) -> i16 {
    let mut slots: Vec<Slot> = lessons.iter().map(|lesson| lesson.slot).collect();
    slots.sort();
    let (mut count, mut at) = (0, 0);
    while at + 1 < slots.len() {
        let (one, two) = (slots[at], slots[at + 1]);
        if one.day == two.day && one.session == two.session && two.period == one.period + 1 {
            count += 1;
            at += 2;
        } else {
            at += 1;
        }
    }
    count
}

/// The wishes that a timetable does not meet.
#[must_use]
pub fn soft(problem: &Problem, placed: &[Placed]) -> Vec<Soft> {
    let mut faults = Vec::new();
    let mut of_day: BTreeMap<(Index, Index, i16), Vec<Placed>> = BTreeMap::new();
    let mut of_class: BTreeMap<(Index, i16, Session), Vec<i16>> = BTreeMap::new();
    let mut of_teacher: BTreeMap<Index, BTreeMap<(i16, Session), Vec<i16>>> = BTreeMap::new();
    for lesson in placed {
        let slot = lesson.slot;
        of_day.entry((lesson.class, lesson.subject, slot.day)).or_default().push(*lesson);
        of_class.entry((lesson.class, slot.day, slot.session)).or_default().push(slot.period);
        if let Some(teacher) = lesson.teacher {
            of_teacher.entry(teacher).or_default().entry((slot.day, slot.session)).or_default().push(slot.period);
        }
        let last =
            problem.periods.iter().filter(|(session, _)| *session == slot.session).map(|(_, period)| *period).max();
        if problem.subjects.get(lesson.subject).is_some_and(|subject| subject.is_heavy) && last == Some(slot.period) {
            faults.push(Soft::HeavyLate { class: lesson.class, subject: lesson.subject, slot });
        }
    }
    for ((class, subject, day), lessons) in of_day {
        let is_one_block = lessons.len() == 1 || lessons.len() == 2 && pairs(&lessons) == 1;
        if !is_one_block {
            faults.push(Soft::SubjectTwiceADay { class, subject, day });
        }
    }
    for ((class, day, _), mut periods) in of_class {
        periods.sort_unstable();
        if gaps(&periods) > 0 {
            faults.push(Soft::ClassGap { class, day });
        }
    }
    for (teacher, sessions) in of_teacher {
        let Some(most) = problem.teachers.get(teacher).and_then(|teacher| teacher.most_gaps) else { continue };
        let total: i16 = sessions
            .into_values()
            .map(|mut periods| {
                periods.sort_unstable();
                gaps(&periods)
            })
            .sum();
        if total > most {
            faults.push(Soft::TeacherGaps { teacher, gaps: total });
        }
    }
    faults.sort();
    faults
}

/// How many periods are free between the first and the last of these.
fn gaps(periods: &[i16]) -> i16 {
    periods.windows(2).map(|pair| (pair[1] - pair[0] - 1).max(0)).sum()
}
