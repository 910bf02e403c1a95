//! Lessons that stand at the same time in many classes, such as the flag ceremony, and stay there.

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
    ids::{ClassId, SubjectId, TimetableId},
    schools::classes::{self, Class},
};

/// The name of a class, and what is in the way there.
pub type ClassObstacle = (String, PlacingConflict);

/// Places a lesson of a subject in a slot of these classes, each with the teacher and the room that the class is
/// assigned, and locks it; where the subject stands there already, it is locked. Without classes all of those are meant
/// that have lessons in this session. Gives how many lessons stand there. Where something is in the way nothing is
/// written, unless the rest is wanted.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version.
pub async fn fix(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
    (slot, subject_id): (Slot, SubjectId),
    wanted: &[ClassId],
    wants_rest: bool,
) -> Result<std::result::Result<usize, Vec<ClassObstacle>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let shifts = bells::shifts(granted, &mut tx).await?;
    let is_meant = |class: &Class| match wanted {
        [] => !shifts.iter().any(|shift| Some(&shift.grade) == class.grade.as_ref() && shift.session != slot.session),
        _ => wanted.contains(&class.id),
    };
    let mut all = classes::of_year(granted, &mut tx, version.year_id).await?;
    all.retain(is_meant);
    let lines = assignments::of_year(granted, &mut tx, version.year_id).await?;
    let lessons = lessons::of(granted, &mut tx, version_id, LessonsOf::All).await?;
    let (mut placed, mut in_the_way) = (0, Vec::new());
    // Of several classes the lower id is locked first, on every path; what is in the way is told in their own order.
    let mut ordered: Vec<(usize, Class)> = all.into_iter().enumerate().collect();
    ordered.sort_by_key(|(_, class)| class.id);
    for (at, class) in ordered {
        let placing = placing(class.id, subject_id, &lines, &lessons);
        match place(granted, app, &mut tx, version_id, (class.id, slot), placing, &lessons).await {
            Ok(None) => placed += 1,
            Ok(Some(conflict)) => in_the_way.push((at, (class.name, conflict))),
            // Another request was quicker; what it has written shows the next look.
            Err(error) if error.violated_constraint().is_some() => {
                return Ok(Err(vec![(class.name, PlacingConflict::Changed)]));
            }
            Err(error) => return Err(error),
        }
    }
    if !in_the_way.is_empty() && !wants_rest {
        in_the_way.sort_by_key(|(at, _)| *at);
        return Ok(Err(in_the_way.into_iter().map(|(_, told)| told).collect()));
    }
    tx.commit().await?;
    Ok(Ok(placed))
}

/// A lesson as it is assigned: of several assignments the one that has most left to place.
fn placing(class_id: ClassId, subject_id: SubjectId, lines: &[Assignment], lessons: &[Lesson]) -> LessonPlacing {
    let of_class = lines.iter().filter(|line| line.class_id == class_id && line.subject_id == subject_id);
    let line = of_class.max_by_key(|line| line.left(lessons));
    LessonPlacing {
        subject_id,
        teacher_id: line.map(|line| line.teacher_id),
        room_id: line.and_then(|line| line.room_id),
        is_locked: true,
    }
}

async fn place(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    tx: &mut PgConnection,
    version_id: TimetableId,
    (class_id, slot): (ClassId, Slot),
    placing: LessonPlacing,
    lessons: &[Lesson],
) -> Result<Option<PlacingConflict>> {
    if let Some(conflict) = lessons::refusal_of_slot(granted, tx, version_id, class_id, slot).await? {
        return Ok(Some(conflict));
    }
    let there = lessons.iter().find(|lesson| lesson.class_id == class_id && lesson.slot == slot);
    let mark = lessons::standing(granted, tx, version_id, class_id, slot).await?;
    if mark != there.map(Lesson::mark) {
        return Ok(Some(PlacingConflict::Changed));
    }
    let placing = match there {
        // With whatever teacher and room it has.
        Some(there) if there.subject_id == placing.subject_id => {
            LessonPlacing { teacher_id: there.teacher_id, room_id: there.room_id, ..placing }
        }
        Some(there) => {
            let (class_name, subject) = (there.class_name.clone(), there.short_name.clone());
            return Ok(Some(PlacingConflict::Class { class_name, subject }));
        }
        None => placing,
    };
    lessons::write(granted, app, tx, version_id, (class_id, slot), placing, there.is_none()).await
}
