//! What cannot be solved whatever one tries, found before a solver is asked, and named.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    check::{self, Hard},
    problem::{Index, Placed, Problem},
};
use crate::timetable::model::{DAYS, Session, Slot};

/// Why there is no timetable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// A teacher has more periods than can be taught.
    TeacherLoad { teacher: Index, has: i32, can: i32 },
    /// A class is to have more periods than it has time for.
    ClassLoad { class: Index, has: i32, can: i32 },
    /// More lessons need a room than it has places.
    RoomLoad { room: Index, has: i32, can: i32 },
    /// The class and the teacher have too few periods in common.
    NeverTogether { teacher: Index, class: Index, has: i32, can: i32 },
    /// The class and the teacher, if there is one, have too few pairs of periods that follow one another.
    Doubles { class: Index, subject: Index, teacher: Option<Index>, has: i32, can: i32 },
    /// A locked lesson stands against another one, or where nothing may stand.
    Locked(Hard),
    /// Nothing is assigned.
    Nothing,
}

/// All reasons that can be seen without solving.
#[must_use]
pub fn impossible(problem: &Problem) -> Vec<Impossible> {
    if problem.needs.is_empty() && problem.locked.is_empty() {
        return vec![Impossible::Nothing];
    }
    let mut found: Vec<Impossible> = check::locked(problem).into_iter().map(Impossible::Locked).collect();
    let (mut of_teacher, mut of_class, mut of_room) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut together: BTreeMap<(Index, Index), i32> = BTreeMap::new();
    for (class, teacher, room, periods) in demands(problem) {
        let periods = i32::from(periods);
        *of_class.entry(class).or_insert(0) += periods;
        if let Some(teacher) = teacher {
            *of_teacher.entry(teacher).or_insert(0) += periods;
            *together.entry((teacher, class)).or_insert(0) += periods;
        }
        if let Some(room) = room {
            *of_room.entry(room).or_insert(0) += periods;
        }
    }
    for (teacher, has) in of_teacher {
        let can = teachable(problem, teacher);
        if has > can {
            found.push(Impossible::TeacherLoad { teacher, has, can });
        }
    }
    for (class, has) in of_class {
        let can = count(&problem.open_to_class(class));
        if has > can {
            found.push(Impossible::ClassLoad { class, has, can });
        }
    }
    for (room, has) in of_room {
        let capacity = problem.rooms.get(room).map_or(1, |room| room.capacity);
        let can = i32::try_from(problem.slots().count()).unwrap_or(i32::MAX).saturating_mul(capacity.into());
        if has > can {
            found.push(Impossible::RoomLoad { room, has, can });
        }
    }
    for ((teacher, class), has) in together {
        let open = problem.open_to_teacher(teacher);
        let can = count(&problem.open_to_class(class).intersection(&open).copied().collect());
        if has > can {
            found.push(Impossible::NeverTogether { teacher, class, has, can });
        }
    }
    found.extend(doubles(problem));
    found
}

/// Needs whose double periods fit nowhere beside the locked lessons.
fn doubles(problem: &Problem) -> Vec<Impossible> {
    let mut wanted: BTreeMap<usize, i32> = BTreeMap::new();
    for block in problem.blocks().into_iter().filter(|block| block.duration > 1) {
        *wanted.entry(block.need).or_insert(0) += 1;
    }
    let mut found = Vec::new();
    for (number, has) in wanted {
        let Some(need) = problem.needs.get(number) else { continue };
        let is_free = |slot: &Slot| {
            let is_at_it = |lesson: &Placed| {
                lesson.slot == *slot
                    && (lesson.class == need.class || need.teacher.is_some() && lesson.teacher == need.teacher)
            };
            !problem.locked.iter().any(is_at_it)
        };
        let mut open = problem.open_to_class(need.class);
        if let Some(teacher) = need.teacher {
            let of_teacher = problem.open_to_teacher(teacher);
            open.retain(|slot| of_teacher.contains(slot));
        }
        open.retain(is_free);
        let can = pairs(&open);
        if has > can {
            let (class, subject, teacher) = (need.class, need.subject, need.teacher);
            found.push(Impossible::Doubles { class, subject, teacher, has, can });
        }
    }
    found
}

/// How many pairs of periods that follow one another there are, none of them in two pairs.
fn pairs(slots: &BTreeSet<Slot>) -> i32 {
    let (mut count, mut before): (i32, Option<Slot>) = (0, None);
    for slot in slots {
        let follows = before
            .is_some_and(|last| (last.day, last.session, last.period + 1) == (slot.day, slot.session, slot.period));
        count += i32::from(follows);
        before = if follows { None } else { Some(*slot) };
    }
    count
}

/// What takes time: for each, the class, the teacher, the room, and how many periods.
fn demands(problem: &Problem) -> impl Iterator<Item = (Index, Option<Index>, Option<Index>, i16)> + '_ {
    let blocks = problem.blocks().into_iter().filter_map(|block| {
        let need = problem.needs.get(block.need)?;
        Some((need.class, need.teacher, need.room, block.duration))
    });
    blocks.chain(problem.locked.iter().map(|lesson| (lesson.class, lesson.teacher, lesson.room, 1)))
}

/// How many periods a teacher can have a week at most.
fn teachable(problem: &Problem, teacher: Index) -> i32 {
    let open = problem.open_to_teacher(teacher);
    let Some(limits) = problem.teachers.get(teacher) else { return count(&open) };
    let in_session = |day: i16, session: Session| {
        i32::try_from(open.iter().filter(|slot| slot.day == day && slot.session == session).count()).unwrap_or(i32::MAX)
    };
    let day_limit = limits.most_a_day.map_or(i32::MAX, i32::from);
    let by_days: i32 = DAYS
        .into_iter()
        .map(|day| Session::ALL.into_iter().map(|session| in_session(day, session)).sum::<i32>().min(day_limit))
        .sum();
    let Some(most) = limits.most_sessions else { return by_days };
    let mut sessions: Vec<i32> = DAYS
        .into_iter()
        .flat_map(|day| Session::ALL.into_iter().map(move |session| (day, session)))
        .map(|(day, session)| in_session(day, session).min(day_limit))
        .collect();
    sessions.sort_unstable_by(|a, b| b.cmp(a));
    by_days.min(sessions.into_iter().take(usize::try_from(most).unwrap_or_default()).sum())
}

fn count(slots: &BTreeSet<Slot>) -> i32 {
    i32::try_from(slots.len()).unwrap_or(i32::MAX)
}
