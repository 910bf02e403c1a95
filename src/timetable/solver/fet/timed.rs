//! A version as a file of FET with all of its lessons at their times, as FET itself writes what it has made.

use std::collections::BTreeMap;

use super::{Activity, written};
use crate::timetable::solver::problem::{Index, Placed, Problem};

/// The problem with these lessons: the locked ones stay where they are, others may be moved in FET's own window.
#[must_use]
pub fn write_timed(problem: &Problem, placed: &[Placed]) -> String {
    written(problem, &activities(problem, placed))
}

type NeedKey = (Index, Index, Option<Index>);

/// What is still to be placed of a need: periods, and how many times two of them follow one another.
#[derive(Clone, Copy, Debug, Default)]
struct Left {
    periods: i16,
    doubles: i16,
}

fn activities(problem: &Problem, placed: &[Placed]) -> Vec<Activity> {
    let mut left: BTreeMap<NeedKey, Left> = BTreeMap::new();
    for need in &problem.needs {
        let of_need = left.entry((need.class, need.subject, need.teacher)).or_default();
        of_need.periods += need.periods;
        of_need.doubles += need.doubles;
    }
    let exists = |lesson: &&Placed| problem.periods.contains(&(lesson.slot.session, lesson.slot.period));
    let mut lessons: Vec<Placed> = placed.iter().filter(exists).copied().collect();
    lessons.sort_by_key(|lesson| (lesson.class, lesson.subject, lesson.teacher, lesson.room, lesson.slot));
    let mut all = Vec::new();
    let mut rest = lessons.as_slice();
    while let [lesson, after @ ..] = rest {
        let of_need = left.entry((lesson.class, lesson.subject, lesson.teacher)).or_default();
        let is_locked = problem.locked.contains(lesson);
        let is_double = of_need.doubles > 0
            && after.first().is_some_and(|next| follows(lesson, next) && problem.locked.contains(next) == is_locked);
        let duration = if is_double { 2 } else { 1 };
        of_need.periods -= duration;
        of_need.doubles -= duration - 1;
        all.push(Activity {
            class: lesson.class,
            subject: lesson.subject,
            teacher: lesson.teacher,
            room: lesson.room,
            duration,
            at: Some(lesson.slot),
            is_locked,
        });
        rest = if is_double { after.get(1..).unwrap_or_default() } else { after };
    }
    for need in &problem.needs {
        let Some(of_need) = left.remove(&(need.class, need.subject, need.teacher)) else { continue };
        let doubles = of_need.doubles.min(of_need.periods / 2).max(0);
        let block = |duration| Activity {
            class: need.class,
            subject: need.subject,
            teacher: need.teacher,
            room: need.room,
            duration,
            at: None,
            is_locked: false,
        };
        all.extend((0..doubles).map(|_| block(2)));
        all.extend((doubles * 2..of_need.periods).map(|_| block(1)));
    }
    all
}

/// Whether two lessons may be one double period.
fn follows(one: &Placed, two: &Placed) -> bool {
    let place = |lesson: &Placed| (lesson.class, lesson.subject, lesson.teacher, lesson.room);
    let (first, second) = (one.slot, two.slot);
    place(one) == place(two)
        && (first.day, first.session, first.period + 1) == (second.day, second.session, second.period)
}
