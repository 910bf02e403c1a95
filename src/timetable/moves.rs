//! Moving lessons: two of a class that change places, a day that is copied, and a lesson that a teacher is given.

use super::{
    bells,
    lessons::{self, Conflict, Lesson, Of, Placing},
    model::Slot,
    versions,
};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::{ClassId, MemberId, TimetableId},
};

/// Where something is in the way, and what.
pub type InTheWay = (Slot, Conflict);

fn placing(lesson: &Lesson) -> Placing {
    Placing {
        subject_id: lesson.subject_id,
        teacher_id: lesson.teacher_id,
        room_id: lesson.room_id,
        is_locked: lesson.is_locked,
    }
}

/// Another request that was quicker has taken something; what it was shows the next look.
fn quicker<T>(error: crate::error::Error, slot: Slot) -> Result<std::result::Result<T, Vec<InTheWay>>> {
    if error.violated_constraint().is_some() { Ok(Err(vec![(slot, Conflict::Changed)])) } else { Err(error) }
}

/// Two slots of a class exchange what stands in them; one of them may be empty. All of it or nothing.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version, or the class is not of its year.
pub async fn swap(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
    class_id: ClassId,
    (one, two): (Slot, Slot),
) -> Result<std::result::Result<(), Vec<InTheWay>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    for slot in [one, two] {
        if let Some(conflict) = lessons::refusal_of_slot(granted, &mut tx, version_id, class_id, slot).await? {
            return Ok(Err(vec![(slot, conflict)]));
        }
    }
    let (first, last) = (one.min(two), one.max(two));
    for slot in [first, last] {
        lessons::standing(granted, &mut tx, version_id, class_id, slot).await?;
    }
    let own = lessons::of(granted, &mut tx, version_id, Of::Class(class_id)).await?;
    let at = |slot: Slot| own.iter().find(|lesson| lesson.slot == slot);
    for slot in [one, two] {
        lessons::clear(granted, app, &mut tx, version_id, class_id, slot).await?;
    }
    for (lesson, to) in [(at(one), two), (at(two), one)] {
        let Some(lesson) = lesson else { continue };
        let place = (class_id, to);
        match lessons::write(granted, app, &mut tx, version_id, place, placing(lesson), true).await {
            Ok(None) => {}
            Ok(Some(conflict)) => return Ok(Err(vec![(to, conflict)])),
            Err(error) => return quicker(error, to),
        }
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Copies a day of a class to the empty slots of another one; gives how many lessons. Where something is in the way
/// nothing is written, unless the rest is wanted.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version, or the class is not of its year.
pub async fn copy_day(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
    class_id: ClassId,
    (from, to): (i16, i16),
    wants_rest: bool,
) -> Result<std::result::Result<usize, Vec<InTheWay>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let bells = bells::all(granted, &mut tx).await?;
    let own = lessons::of(granted, &mut tx, version_id, Of::Class(class_id)).await?;
    let (mut copied, mut in_the_way) = (0, Vec::new());
    for bell in &bells.0 {
        let slot = |day| Slot { day, session: bell.session, period: bell.period };
        let at = |day| own.iter().find(|lesson| lesson.slot == slot(day));
        if let Some(conflict) = lessons::refusal_of_slot(granted, &mut tx, version_id, class_id, slot(to)).await? {
            if at(from).is_some() {
                in_the_way.push((slot(to), conflict));
            }
            continue;
        }
        let (Some(lesson), None) = (at(from), at(to)) else { continue };
        let place = (class_id, slot(to));
        // What is locked is locked where it stands.
        let placing = Placing { is_locked: false, ..placing(lesson) };
        match lessons::write(granted, app, &mut tx, version_id, place, placing, true).await {
            Ok(None) => copied += 1,
            Ok(Some(conflict)) => in_the_way.push((slot(to), conflict)),
            Err(error) => return quicker(error, slot(to)),
        }
    }
    if !in_the_way.is_empty() && !wants_rest {
        return Ok(Err(in_the_way));
    }
    tx.commit().await?;
    Ok(Ok(copied))
}

/// Gives a teacher a lesson in a slot in place of the one that they have then, or none.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version, or the class is not of its year.
pub async fn teach(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
    (teacher_id, slot): (MemberId, Slot),
    wanted: Option<(ClassId, Placing)>,
) -> Result<std::result::Result<(), Vec<InTheWay>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let own = lessons::of(granted, &mut tx, version_id, Of::Teacher(teacher_id)).await?;
    let there = own.into_iter().find(|lesson| lesson.slot == slot);
    if let Some((class_id, placing)) = wanted {
        if let Some(conflict) = lessons::refusal_of_slot(granted, &mut tx, version_id, class_id, slot).await? {
            return Ok(Err(vec![(slot, conflict)]));
        }
        let of_class = lessons::of(granted, &mut tx, version_id, Of::Class(class_id)).await?;
        let taken = of_class.into_iter().find(|lesson| lesson.slot == slot);
        if let Some(other) = taken.as_ref().filter(|lesson| lesson.teacher_id != Some(teacher_id)) {
            let (class_name, subject) = (other.class_name.clone(), other.short_name.clone());
            return Ok(Err(vec![(slot, Conflict::Class { class_name, subject })]));
        }
        if let Some(there) = there.as_ref().filter(|there| there.class_id != class_id) {
            lessons::clear(granted, app, &mut tx, version_id, there.class_id, slot).await?;
        }
        let is_locked = taken.as_ref().is_some_and(|lesson| lesson.is_locked);
        let placing = Placing { is_locked, ..placing };
        let place = (class_id, slot);
        match lessons::write(granted, app, &mut tx, version_id, place, placing, taken.is_none()).await {
            Ok(None) => {}
            Ok(Some(conflict)) => return Ok(Err(vec![(slot, conflict)])),
            Err(error) => return quicker(error, slot),
        }
    } else if let Some(there) = there {
        lessons::clear(granted, app, &mut tx, version_id, there.class_id, slot).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}
