//! Lessons that go against a teacher's wishes: said while lessons are entered, and never refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::PgConnection;

use super::{
    bells::Bells,
    elsewhere::LessonsElsewhere,
    lessons::Lesson,
    model::Slot,
    versions::Version,
    wishes::{self, Wishes},
};
use crate::{
    access::Scope,
    error::Result,
    ids::{MemberId, TimetableId},
};

/// A wish that a lesson does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caution {
    /// The teacher does not teach then.
    Blocked { teacher: String },
    /// The teacher teaches at another school then.
    Elsewhere { teacher: String },
    /// The teacher has more periods on this day than they have at most.
    DayTooLong { teacher: String, count: i64, most: i16 },
}

/// What lessons are judged by: the wishes of their teachers, and how much the teachers have in the whole version.
#[derive(Clone, Debug, Default)]
pub struct CautionContext {
    wishes: Vec<Wishes>,
    /// Lessons by teacher and day, for teachers who have a limit.
    counts: HashMap<(MemberId, i16), i64>,
}

/// The teachers of lessons, each once.
#[must_use]
pub fn teachers(lessons: &[Lesson]) -> Vec<MemberId> {
    let teachers: BTreeSet<MemberId> = lessons.iter().filter_map(|lesson| lesson.teacher_id).collect();
    teachers.into_iter().collect()
}

impl CautionContext {
    /// Of the teachers of these lessons of a version.
    pub async fn read(
        scope: &Scope,
        tx: &mut PgConnection,
        version_id: TimetableId,
        lessons: &[Lesson],
    ) -> Result<Self> {
        let teachers = teachers(lessons);
        let mut wishes = wishes::all(scope, tx).await?;
        wishes.retain(|wish| teachers.contains(&wish.teacher_id));
        let limited: Vec<MemberId> =
            wishes.iter().filter(|wish| wish.most_a_day.is_some()).map(|wish| wish.teacher_id).collect();
        if limited.is_empty() {
            return Ok(Self { wishes, counts: HashMap::new() });
        }
        let rows = sqlx::query!(
            r#"SELECT teacher_id AS "teacher_id!", day, count(*) AS "count!" FROM timetable_lessons
               WHERE school_id = $1 AND version_id = $2 AND teacher_id = ANY($3) GROUP BY teacher_id, day"#,
            scope.school_id(),
            version_id,
            &limited,
        );
        let rows = rows.fetch_all(tx).await?;
        let counts = rows.into_iter().map(|row| ((row.teacher_id, row.day), row.count)).collect();
        Ok(Self { wishes, counts })
    }
}

/// The wishes that these lessons do not meet, in the order of the week.
#[must_use]
pub fn of(
    lessons: &[Lesson],
    context: &CautionContext,
    elsewhere: &LessonsElsewhere,
    (version, bells): (&Version, &Bells),
) -> Vec<(Slot, Caution)> {
    let mut found = Vec::new();
    let mut told: BTreeSet<(MemberId, i16)> = BTreeSet::new();
    let busy: BTreeMap<MemberId, BTreeSet<Slot>> =
        teachers(lessons).into_iter().map(|id| (id, elsewhere.blocked(id, version, bells))).collect();
    for lesson in lessons {
        let (Some(id), Some(teacher)) = (lesson.teacher_id, &lesson.teacher) else { continue };
        let wish = context.wishes.iter().find(|wish| wish.teacher_id == id);
        if wish.is_some_and(|wish| wish.blocked.contains(&lesson.slot)) {
            found.push((lesson.slot, Caution::Blocked { teacher: teacher.clone() }));
        }
        if busy.get(&id).is_some_and(|busy| busy.contains(&lesson.slot)) {
            found.push((lesson.slot, Caution::Elsewhere { teacher: teacher.clone() }));
        }
        let count = context.counts.get(&(id, lesson.slot.day)).copied().unwrap_or_default();
        let most = wish.and_then(|wish| wish.most_a_day).filter(|most| count > i64::from(*most));
        if let Some(most) = most.filter(|_| told.insert((id, lesson.slot.day))) {
            found.push((lesson.slot, Caution::DayTooLong { teacher: teacher.clone(), count, most }));
        }
    }
    found.sort_by_key(|(slot, _)| *slot);
    found
}
