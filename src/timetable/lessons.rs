//! The lessons of a version: read by class, teacher and room, placed one by one.

use sqlx::PgConnection;

use super::{
    bells,
    model::{Session, Slot},
    versions,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db::Tx,
    error::{Error, Result},
    ids::{ClassId, MemberId, SubjectId, TimetableId, TimetableRoomId},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    pub slot: Slot,
    pub class_id: ClassId,
    pub class_name: String,
    pub subject_id: SubjectId,
    pub short_name: String,
    pub subject: String,
    pub teacher_id: Option<MemberId>,
    pub teacher: Option<String>,
    pub room_id: Option<TimetableRoomId>,
    pub room: Option<String>,
    pub is_locked: bool,
    /// How it is held on a certain day, where that differs from the timetable.
    pub cover: Option<Cover>,
}

/// What becomes of a lesson whose teacher is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cover {
    /// This teacher takes it: as the one who is away sees it.
    By(String),
    /// It is taken in place of this teacher: as all others see it.
    InsteadOf(String),
    Nobody,
}

impl Lesson {
    /// What stands in its slot, to tell whether it is still the same when a form comes back.
    #[must_use]
    pub fn mark(&self) -> String {
        mark(self.subject_id, self.teacher_id, self.room_id)
    }

    /// The same for a slot of its teacher, where the class counts as well.
    #[must_use]
    pub fn mark_of_teacher(&self) -> String {
        format!("{}:{}", self.class_id, self.mark())
    }
}

fn mark(subject_id: SubjectId, teacher_id: Option<MemberId>, room_id: Option<TimetableRoomId>) -> String {
    let teacher = teacher_id.map(|id| id.to_string()).unwrap_or_default();
    let room = room_id.map(|id| id.to_string()).unwrap_or_default();
    format!("{subject_id}:{teacher}:{room}")
}

/// The mark of an empty slot.
pub const EMPTY: &str = "-";

/// Which lessons of a version.
#[derive(Clone, Copy, Debug)]
pub enum LessonsOf {
    Class(ClassId),
    Teacher(MemberId),
    Room(TimetableRoomId),
    All,
}

/// The lessons of one of these in a version, in the order of the week.
pub async fn of(scope: &Scope, tx: &mut PgConnection, version_id: TimetableId, of: LessonsOf) -> Result<Vec<Lesson>> {
    let (class, teacher, room) = match of {
        LessonsOf::Class(id) => (Some(id), None, None),
        LessonsOf::Teacher(id) => (None, Some(id), None),
        LessonsOf::Room(id) => (None, None, Some(id)),
        LessonsOf::All => (None, None, None),
    };
    let rows = sqlx::query!(
        r#"SELECT l.day, l.session, l.period, l.class_id, c.name AS class_name, l.subject_id, s.short_name,
               s.name AS subject, l.teacher_id, m.full_name AS "teacher?", l.room_id, r.name AS "room?", l.is_locked
           FROM timetable_lessons l
           JOIN classes c ON c.school_id = $1 AND c.id = l.class_id
           JOIN timetable_subjects s ON s.school_id = $1 AND s.id = l.subject_id
           LEFT JOIN members m ON m.school_id = $1 AND m.id = l.teacher_id
           LEFT JOIN timetable_rooms r ON r.school_id = $1 AND r.id = l.room_id
           WHERE l.school_id = $1 AND l.version_id = $2 AND ($3::uuid IS NULL OR l.class_id = $3)
               AND ($4::uuid IS NULL OR l.teacher_id = $4) AND ($5::uuid IS NULL OR l.room_id = $5)
           ORDER BY l.day, l.session DESC, l.period, c.sort_key"#,
        scope.school_id(),
        version_id,
        class,
        teacher,
        room,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Lesson {
                slot: Slot::stored(row.day, &row.session, row.period)?,
                class_id: row.class_id,
                class_name: row.class_name,
                subject_id: row.subject_id,
                short_name: row.short_name,
                subject: row.subject,
                teacher_id: row.teacher_id,
                teacher: row.teacher,
                room_id: row.room_id,
                room: row.room,
                is_locked: row.is_locked,
                cover: None,
            })
        })
        .collect()
}

/// What is to stand in a slot of a class.
#[derive(Clone, Copy, Debug)]
pub struct LessonPlacing {
    pub subject_id: SubjectId,
    pub teacher_id: Option<MemberId>,
    pub room_id: Option<TimetableRoomId>,
    pub is_locked: bool,
}

/// Why a lesson is not placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlacingConflict {
    /// The teacher has another class then.
    Teacher { teacher: String, class_name: String },
    /// The room is full then.
    Room { room: String, class_names: String },
    /// The school has no such period.
    NoPeriod,
    /// The class's grade has lessons in the other session only.
    OtherSession(Session),
    /// The class has another lesson then.
    Class { class_name: String, subject: String },
    /// The slot is no longer as the form showed it.
    Changed,
}

/// Puts a lesson into a slot of a class, in place of what stands there; or empties the slot. `was` is the
/// [`Lesson::mark`] that the form showed, [`EMPTY`] for an empty slot, none where it does not say. Ends the transaction, in
/// which the caller has read what the placing is made of.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such version, or the class is not of its year.
pub async fn place(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    mut tx: Tx,
    version_id: TimetableId,
    (class_id, slot): (ClassId, Slot),
    placing: Option<LessonPlacing>,
    was: Option<&str>,
) -> Result<std::result::Result<(), PlacingConflict>> {
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    if let Some(conflict) = refusal_of_slot(granted, &mut tx, version_id, class_id, slot).await? {
        return Ok(Err(conflict));
    }
    let there = standing(granted, &mut tx, version_id, class_id, slot).await?;
    if was.is_some_and(|was| was != there.as_deref().unwrap_or(EMPTY)) {
        return Ok(Err(PlacingConflict::Changed));
    }
    let written = match placing {
        None => clear(granted, app, &mut tx, version_id, class_id, slot).await.map(|()| None),
        Some(placing) => {
            let is_new = there.is_none();
            write(granted, app, &mut tx, version_id, (class_id, slot), placing, is_new).await
        }
    };
    match written {
        Ok(None) => {
            tx.commit().await?;
            Ok(Ok(()))
        }
        Ok(Some(conflict)) => Ok(Err(conflict)),
        // Another request was quicker: what it wrote is there now, and can be named.
        Err(error) => {
            let constraint = error.violated_constraint().map(str::to_owned);
            drop(tx);
            let tx = app.db.begin_in(granted.school_id()).await?;
            named(granted, tx, version_id, (class_id, slot), placing, constraint.as_deref())
                .await?
                .map_or(Err(error), |found| Ok(Err(found)))
        }
    }
}

/// What another request that was quicker has taken. It may have taken one place of a room that has others: then the form
/// is only sent again.
async fn named(
    scope: &Scope,
    mut tx: Tx,
    version_id: TimetableId,
    (class_id, slot): (ClassId, Slot),
    placing: Option<LessonPlacing>,
    constraint: Option<&str>,
) -> Result<Option<PlacingConflict>> {
    let conflict = match (constraint, placing) {
        (Some("timetable_class_taken"), _) => Some(PlacingConflict::Changed),
        (Some("timetable_teacher_taken" | "timetable_room_taken"), Some(placing)) => {
            conflict(scope, &mut tx, version_id, (class_id, slot), placing).await?.or(Some(PlacingConflict::Changed))
        }
        // A subject, teacher, room, class or the version itself was removed.
        (Some(_), _) => Some(PlacingConflict::Changed),
        (None, _) => None,
    };
    tx.commit().await?;
    Ok(conflict)
}

/// Whether the slot exists for this class; and the version for this class's year.
pub(super) async fn refusal_of_slot(
    scope: &Scope,
    tx: &mut PgConnection,
    version_id: TimetableId,
    class_id: ClassId,
    slot: Slot,
) -> Result<Option<PlacingConflict>> {
    let version = versions::find(scope, tx, version_id).await?;
    let class = sqlx::query!(
        "SELECT grade FROM classes WHERE school_id = $1 AND id = $2 AND school_year_id = $3",
        scope.school_id(),
        class_id,
        version.year_id,
    );
    let grade = class.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?.grade;
    if bells::all(scope, tx).await?.at(slot).is_none() {
        return Ok(Some(PlacingConflict::NoPeriod));
    }
    let shift = bells::shifts(scope, tx).await?.into_iter().find(|shift| Some(&shift.grade) == grade.as_ref());
    Ok(shift.filter(|shift| shift.session != slot.session).map(|shift| PlacingConflict::OtherSession(shift.session)))
}

/// The mark of what stands in a slot, which stays as it is until the transaction ends.
pub(super) async fn standing(
    scope: &Scope,
    tx: &mut PgConnection,
    version_id: TimetableId,
    class_id: ClassId,
    slot: Slot,
) -> Result<Option<String>> {
    let row = sqlx::query!(
        "SELECT subject_id, teacher_id, room_id FROM timetable_lessons
         WHERE school_id = $1 AND version_id = $2 AND class_id = $3 AND day = $4 AND session = $5 AND period = $6
         FOR UPDATE",
        scope.school_id(),
        version_id,
        class_id,
        slot.day,
        slot.session.key(),
        slot.period,
    );
    Ok(row.fetch_optional(tx).await?.map(|row| mark(row.subject_id, row.teacher_id, row.room_id)))
}

pub(super) async fn write(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    tx: &mut PgConnection,
    version_id: TimetableId,
    (class_id, slot): (ClassId, Slot),
    placing: LessonPlacing,
    is_new: bool,
) -> Result<Option<PlacingConflict>> {
    if let Some(conflict) = conflict(granted, tx, version_id, (class_id, slot), placing).await? {
        return Ok(Some(conflict));
    }
    let place = free_place(granted, tx, version_id, (class_id, slot), placing.room_id).await?;
    if is_new {
        sqlx::query!(
            "INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id,
                 teacher_id, room_id, room_place, is_locked)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            granted.school_id(),
            version_id,
            class_id,
            slot.day,
            slot.session.key(),
            slot.period,
            placing.subject_id,
            placing.teacher_id,
            placing.room_id,
            place,
            placing.is_locked,
        )
        .execute(&mut *tx)
        .await?;
    } else {
        sqlx::query!(
            "UPDATE timetable_lessons
             SET subject_id = $7, teacher_id = $8, room_id = $9, room_place = $10, is_locked = $11
             WHERE school_id = $1 AND version_id = $2 AND class_id = $3 AND day = $4 AND session = $5 AND period = $6",
            granted.school_id(),
            version_id,
            class_id,
            slot.day,
            slot.session.key(),
            slot.period,
            placing.subject_id,
            placing.teacher_id,
            placing.room_id,
            place,
            placing.is_locked,
        )
        .execute(&mut *tx)
        .await?;
    }
    let session = slot.session.key().into();
    let action = AuditAction::TimetableLessonPlaced { class: class_id, day: slot.day, session, period: slot.period };
    audit::record(granted, app, tx, Event::about(action, version_id)).await?;
    Ok(None)
}

/// Who has the teacher or the room at this time already.
async fn conflict(
    scope: &Scope,
    tx: &mut PgConnection,
    version_id: TimetableId,
    (class_id, slot): (ClassId, Slot),
    placing: LessonPlacing,
) -> Result<Option<PlacingConflict>> {
    let at_once = sqlx::query!(
        r#"SELECT c.name AS class_name, l.teacher_id, l.room_id, m.full_name AS "teacher?", r.name AS "room?",
               r.capacity AS "capacity?"
           FROM timetable_lessons l JOIN classes c ON c.school_id = $1 AND c.id = l.class_id
           LEFT JOIN members m ON m.school_id = $1 AND m.id = l.teacher_id
           LEFT JOIN timetable_rooms r ON r.school_id = $1 AND r.id = l.room_id
           WHERE l.school_id = $1 AND l.version_id = $2 AND l.day = $3 AND l.session = $4 AND l.period = $5
               AND l.class_id <> $6 AND (l.teacher_id = $7 OR l.room_id = $8)
           ORDER BY c.sort_key"#,
        scope.school_id(),
        version_id,
        slot.day,
        slot.session.key(),
        slot.period,
        class_id,
        placing.teacher_id,
        placing.room_id,
    )
    .fetch_all(tx)
    .await?;
    let same_teacher = at_once.iter().find(|row| row.teacher_id.is_some() && row.teacher_id == placing.teacher_id);
    if let Some(row) = same_teacher {
        let teacher = row.teacher.clone().unwrap_or_default();
        return Ok(Some(PlacingConflict::Teacher { teacher, class_name: row.class_name.clone() }));
    }
    let in_room: Vec<_> =
        at_once.iter().filter(|row| row.room_id.is_some() && row.room_id == placing.room_id).collect();
    let Some(first) = in_room.first() else { return Ok(None) };
    if in_room.len() < usize::try_from(first.capacity.unwrap_or(1)).unwrap_or(1) {
        return Ok(None);
    }
    let class_names = in_room.iter().map(|row| row.class_name.as_str()).collect::<Vec<_>>().join(", ");
    Ok(Some(PlacingConflict::Room { room: first.room.clone().unwrap_or_default(), class_names }))
}

/// The first place of the room that no other class has.
async fn free_place(
    scope: &Scope,
    tx: &mut PgConnection,
    version_id: TimetableId,
    (class_id, slot): (ClassId, Slot),
    room_id: Option<TimetableRoomId>,
) -> Result<i16> {
    let Some(room_id) = room_id else { return Ok(1) };
    let taken = sqlx::query_scalar!(
        "SELECT room_place FROM timetable_lessons
         WHERE school_id = $1 AND version_id = $2 AND room_id = $3 AND day = $4 AND session = $5 AND period = $6
             AND class_id <> $7",
        scope.school_id(),
        version_id,
        room_id,
        slot.day,
        slot.session.key(),
        slot.period,
        class_id,
    )
    .fetch_all(tx)
    .await?;
    Ok((1..=i16::MAX).find(|place| !taken.contains(place)).unwrap_or(1))
}

pub(super) async fn clear(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    tx: &mut PgConnection,
    version_id: TimetableId,
    class_id: ClassId,
    slot: Slot,
) -> Result<()> {
    let cleared = sqlx::query!(
        "DELETE FROM timetable_lessons
         WHERE school_id = $1 AND version_id = $2 AND class_id = $3 AND day = $4 AND session = $5 AND period = $6",
        granted.school_id(),
        version_id,
        class_id,
        slot.day,
        slot.session.key(),
        slot.period,
    )
    .execute(&mut *tx)
    .await?;
    if cleared.rows_affected() == 0 {
        return Ok(());
    }
    let session = slot.session.key().into();
    let action = AuditAction::TimetableLessonRemoved { class: class_id, day: slot.day, session, period: slot.period };
    audit::record(granted, app, tx, Event::about(action, version_id)).await
}
