//! Moving lessons: two of a class that change places, a day that is copied, and a lesson that a teacher is given.

use sqlx::PgConnection;

use super::{
    assignments::{self, Assignment},
    bells,
    lessons::{self, Lesson, LessonPlacing, LessonsOf, PlacingConflict},
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
pub type Obstacle = (Slot, PlacingConflict);

fn placing(lesson: &Lesson) -> LessonPlacing {
    LessonPlacing {
        subject_id: lesson.subject_id,
        teacher_id: lesson.teacher_id,
        room_id: lesson.room_id,
        is_locked: lesson.is_locked,
    }
}

/// Another request that was quicker has taken something; what it was shows the next look.
fn quicker<T>(error: crate::error::Error, slot: Slot) -> Result<std::result::Result<T, Vec<Obstacle>>> {
    if error.violated_constraint().is_some() { Ok(Err(vec![(slot, PlacingConflict::Changed)])) } else { Err(error) }
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
) -> Result<std::result::Result<(), Vec<Obstacle>>> {
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
    let own = lessons::of(granted, &mut tx, version_id, LessonsOf::Class(class_id)).await?;
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
) -> Result<std::result::Result<usize, Vec<Obstacle>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let bells = bells::all(granted, &mut tx).await?;
    let own = lessons::of(granted, &mut tx, version_id, LessonsOf::Class(class_id)).await?;
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
        let placing = LessonPlacing { is_locked: false, ..placing(lesson) };
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

/// Copies the week of another class to the empty slots of a class; gives how many lessons. The teachers and rooms are
/// those that the class is assigned in the subject, for those of the other class are busy then. Where something is in
/// the way nothing is written, unless the rest is wanted.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version, or a class is not of its year.
pub async fn copy_class(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
    class_id: ClassId,
    from: ClassId,
    wants_rest: bool,
) -> Result<std::result::Result<usize, Vec<Obstacle>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let own = lessons::of(granted, &mut tx, version_id, LessonsOf::Class(class_id)).await?;
    let lines = assignments::of_class(granted, &mut tx, class_id).await?;
    let mut left: Vec<(&Assignment, i64)> = lines.iter().map(|line| (line, line.left(&own))).collect();
    let (mut copied, mut in_the_way) = (0, Vec::new());
    for lesson in lessons::of(granted, &mut tx, version_id, LessonsOf::Class(from)).await? {
        let slot = lesson.slot;
        if own.iter().any(|own| own.slot == slot) {
            continue;
        }
        if let Some(conflict) = lessons::refusal_of_slot(granted, &mut tx, version_id, class_id, slot).await? {
            in_the_way.push((slot, conflict));
            continue;
        }
        let of_subject = left.iter_mut().filter(|(line, _)| line.subject_id == lesson.subject_id);
        let line = of_subject.max_by_key(|(_, left)| *left);
        let placing = LessonPlacing {
            subject_id: lesson.subject_id,
            teacher_id: line.as_ref().map(|(line, _)| line.teacher_id),
            room_id: line.as_ref().and_then(|(line, _)| line.room_id),
            is_locked: false,
        };
        match lessons::write(granted, app, &mut tx, version_id, (class_id, slot), placing, true).await {
            Ok(None) => {
                copied += 1;
                if let Some((_, left)) = line {
                    *left -= 1;
                }
            }
            Ok(Some(conflict)) => in_the_way.push((slot, conflict)),
            Err(error) => return quicker(error, slot),
        }
    }
    if !in_the_way.is_empty() && !wants_rest {
        return Ok(Err(in_the_way));
    }
    tx.commit().await?;
    Ok(Ok(copied))
}

/// Whether the lessons that were read of a teacher's slot, and of the wanted class then, still stand there; locks them
/// until the transaction ends. Of two classes the lower id is locked first, on every path.
async fn is_unchanged(
    granted: &Granted<may::ManageTimetable>,
    tx: &mut PgConnection,
    version_id: TimetableId,
    slot: Slot,
    there: Option<&Lesson>,
    wanted: Option<(ClassId, Option<&Lesson>)>,
) -> Result<bool> {
    let there = there.map(|lesson| (lesson.class_id, Some(lesson)));
    let mut read: Vec<(ClassId, Option<&Lesson>)> = there.into_iter().chain(wanted).collect();
    read.sort_by_key(|(class_id, _)| *class_id);
    read.dedup_by_key(|(class_id, _)| *class_id);
    for (class_id, lesson) in read {
        if lessons::standing(granted, tx, version_id, class_id, slot).await? != lesson.map(Lesson::mark) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives a teacher a lesson in a slot in place of the one that they have then, or none. `was` is the
/// [`Lesson::mark_of_teacher`] that the form showed, [`lessons::EMPTY`] for none, and nothing where it does not say.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version, or the class is not of its year.
pub async fn teach(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
    (teacher_id, slot): (MemberId, Slot),
    wanted: Option<(ClassId, LessonPlacing)>,
    was: Option<&str>,
) -> Result<std::result::Result<(), Vec<Obstacle>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let own = lessons::of(granted, &mut tx, version_id, LessonsOf::Teacher(teacher_id)).await?;
    let there = own.into_iter().find(|lesson| lesson.slot == slot);
    let mark = there.as_ref().map_or_else(|| lessons::EMPTY.to_owned(), Lesson::mark_of_teacher);
    if was.is_some_and(|was| was != mark) {
        return Ok(Err(vec![(slot, PlacingConflict::Changed)]));
    }
    if let Some((class_id, placing)) = wanted {
        if let Some(conflict) = lessons::refusal_of_slot(granted, &mut tx, version_id, class_id, slot).await? {
            return Ok(Err(vec![(slot, conflict)]));
        }
        let of_class = lessons::of(granted, &mut tx, version_id, LessonsOf::Class(class_id)).await?;
        let taken = of_class.into_iter().find(|lesson| lesson.slot == slot);
        let of_wanted = Some((class_id, taken.as_ref()));
        if !is_unchanged(granted, &mut tx, version_id, slot, there.as_ref(), of_wanted).await? {
            return Ok(Err(vec![(slot, PlacingConflict::Changed)]));
        }
        if let Some(other) = taken.as_ref().filter(|lesson| lesson.teacher_id != Some(teacher_id)) {
            let (class_name, subject) = (other.class_name.clone(), other.short_name.clone());
            return Ok(Err(vec![(slot, PlacingConflict::Class { class_name, subject })]));
        }
        if let Some(there) = there.as_ref().filter(|there| there.class_id != class_id) {
            lessons::clear(granted, app, &mut tx, version_id, there.class_id, slot).await?;
        }
        let is_locked = taken.as_ref().is_some_and(|lesson| lesson.is_locked);
        let placing = LessonPlacing { is_locked, ..placing };
        let place = (class_id, slot);
        match lessons::write(granted, app, &mut tx, version_id, place, placing, taken.is_none()).await {
            Ok(None) => {}
            Ok(Some(conflict)) => return Ok(Err(vec![(slot, conflict)])),
            Err(error) => return quicker(error, slot),
        }
    } else if let Some(there) = there {
        if !is_unchanged(granted, &mut tx, version_id, slot, Some(&there), None).await? {
            return Ok(Err(vec![(slot, PlacingConflict::Changed)]));
        }
        lessons::clear(granted, app, &mut tx, version_id, there.class_id, slot).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}
