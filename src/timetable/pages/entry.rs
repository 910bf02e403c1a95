//! What is typed into a slot of a class, read against what there is.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, MemberId, TimetableId, TimetableRoomId},
    schools::homeroom::{self, HomeroomCandidate, HomeroomEntry},
    timetable::{
        assignments::{self, Assignment},
        lessons::{self, Lesson, LessonPlacing, LessonsOf},
        model::Slot,
        rooms::{self, Room},
        subjects::{self, Subject},
    },
    web::forms::FormErrors,
};

/// What an entry is read against.
pub struct EntryContext {
    subjects: Vec<Subject>,
    /// None where no teacher was typed.
    teachers: Vec<HomeroomCandidate>,
    /// None where no room was typed.
    rooms: Vec<Room>,
    /// Of the class.
    assignments: Vec<Assignment>,
    /// What the class has in the version.
    lessons: Vec<Lesson>,
}

impl EntryContext {
    /// Only what this entry needs: most are no more than the short name of a subject, and a grid is typed in seconds.
    pub async fn load(
        scope: &Scope,
        tx: &mut PgConnection,
        (version_id, class_id): (TimetableId, ClassId),
        typed: &TypedLesson<'_>,
    ) -> Result<Self> {
        let has = |text: &str| !text.trim().is_empty();
        Ok(Self {
            subjects: subjects::all(scope, tx).await?,
            teachers: if has(typed.teacher) { homeroom::candidates(scope, tx).await? } else { Vec::new() },
            rooms: if typed.room.is_some_and(has) { rooms::all(scope, tx).await? } else { Vec::new() },
            assignments: assignments::of_class(scope, tx, class_id).await?,
            lessons: lessons::of(scope, tx, version_id, LessonsOf::Class(class_id)).await?,
        })
    }
}

/// What was typed. A field that is not there is filled in by what is assigned.
pub struct TypedLesson<'a> {
    pub subject: &'a str,
    pub teacher: &'a str,
    pub room: Option<&'a str>,
    /// None where it stays as it is.
    pub is_locked: Option<bool>,
}

/// What is to stand in the slot; none where it is to be empty.
///
/// # Errors
/// What is wrong with what was typed.
pub fn read(
    typed: &TypedLesson<'_>,
    slot: Slot,
    known: &EntryContext,
) -> std::result::Result<Option<LessonPlacing>, FormErrors> {
    if typed.subject.trim().is_empty() {
        return Ok(None);
    }
    let mut faults = FormErrors::new();
    let subject = subjects::meant(typed.subject, &known.subjects);
    if subject.is_none() {
        faults.add_about("subject", "fault-timetable-subject", typed.subject.trim());
    }
    let teacher_id = match super::teacher_meant(typed.teacher, &known.teachers) {
        HomeroomEntry::One(id) => Some(Some(id)),
        HomeroomEntry::Nobody => None,
        HomeroomEntry::Unknown => {
            faults.add_about("teacher", "fault-timetable-teacher", typed.teacher.trim());
            None
        }
        HomeroomEntry::OneOfSeveral => {
            faults.add_about("teacher", "fault-timetable-teacher-several", typed.teacher.trim());
            None
        }
    };
    let room_id: Option<Option<TimetableRoomId>> = match typed.room.map(str::trim) {
        None => None,
        Some("") => Some(None),
        Some(name) => {
            let room = rooms::meant(name, &known.rooms);
            if room.is_none() {
                faults.add_about("room", "fault-timetable-room", name);
            }
            Some(room.map(|room| room.id))
        }
    };
    let (Some(subject), true) = (subject, faults.is_empty()) else { return Err(faults) };
    let there = known.lessons.iter().find(|lesson| lesson.slot == slot);
    let same = there.filter(|lesson| lesson.subject_id == subject.id);
    let assigned = assigned(known, subject, teacher_id.flatten());
    let teacher_id = teacher_id
        .or_else(|| same.map(|lesson| lesson.teacher_id))
        .unwrap_or_else(|| assigned.map(|line| line.teacher_id));
    let room_id =
        room_id.or_else(|| same.map(|lesson| lesson.room_id)).unwrap_or_else(|| assigned.and_then(|line| line.room_id));
    let is_locked = typed.is_locked.unwrap_or_else(|| there.is_some_and(|lesson| lesson.is_locked));
    Ok(Some(LessonPlacing { subject_id: subject.id, teacher_id, room_id, is_locked }))
}

/// The assignment that a lesson of this subject counts for: of several the one that has most left to place.
fn assigned<'a>(known: &'a EntryContext, subject: &Subject, teacher_id: Option<MemberId>) -> Option<&'a Assignment> {
    let of_subject = known.assignments.iter().filter(|line| {
        line.subject_id == subject.id && teacher_id.is_none_or(|teacher_id| line.teacher_id == teacher_id)
    });
    of_subject.max_by_key(|line| line.left(&known.lessons))
}
