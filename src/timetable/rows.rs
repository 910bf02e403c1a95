//! The lessons of a whole version, written in one statement.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::{lessons::LessonPlacing, model::Slot};
use crate::{
    error::Result,
    ids::{ClassId, MemberId, SchoolId, SubjectId, TimetableId, TimetableRoomId},
};

/// Lessons, column by column.
#[derive(Default)]
pub struct LessonRows {
    classes: Vec<ClassId>,
    days: Vec<i16>,
    sessions: Vec<String>,
    periods: Vec<i16>,
    subjects: Vec<SubjectId>,
    teachers: Vec<Option<MemberId>>,
    rooms: Vec<Option<TimetableRoomId>>,
    places: Vec<i16>,
    locks: Vec<bool>,
    /// How many places of each room are taken.
    taken: BTreeMap<(TimetableRoomId, Slot), i16>,
}

impl LessonRows {
    pub fn push(&mut self, class_id: ClassId, slot: Slot, placing: LessonPlacing) {
        self.classes.push(class_id);
        self.days.push(slot.day);
        self.sessions.push(slot.session.key().to_owned());
        self.periods.push(slot.period);
        self.subjects.push(placing.subject_id);
        self.teachers.push(placing.teacher_id);
        self.rooms.push(placing.room_id);
        self.locks.push(placing.is_locked);
        self.places.push(placing.room_id.map_or(1, |room| {
            let place = self.taken.entry((room, slot)).or_default();
            *place += 1;
            *place
        }));
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.classes.len()
    }

    /// Writes them; what collides violates a constraint.
    pub async fn insert(&self, tx: &mut PgConnection, school_id: SchoolId, version_id: TimetableId) -> Result<()> {
        sqlx::query!(
            "INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id,
                 teacher_id, room_id, room_place, is_locked)
             SELECT $1, $2, * FROM unnest($3::uuid[], $4::smallint[], $5::text[], $6::smallint[], $7::uuid[],
                 $8::uuid[], $9::uuid[], $10::smallint[], $11::bool[])
             RETURNING class_id",
            school_id,
            version_id,
            &self.classes,
            &self.days,
            &self.sessions,
            &self.periods,
            &self.subjects,
            &self.teachers as &[Option<MemberId>],
            &self.rooms as &[Option<TimetableRoomId>],
            &self.places,
            &self.locks,
        )
        .fetch_all(tx)
        .await?;
        Ok(())
    }
}
