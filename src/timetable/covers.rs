//! What differs from the timetable on single days: teachers who are away, and those who take their lessons.

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::{
    days,
    lessons::{Cover, Lesson, LessonsOf},
    model::Slot,
    week::{self, Holding},
};
use crate::{
    access::Scope,
    error::Result,
    ids::{AbsenceId, ClassId, MemberId, SubjectId, TimetableId},
};

/// A lesson on a day that another teacher takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenLesson {
    pub absence_id: AbsenceId,
    pub date: NaiveDate,
    pub slot: Slot,
    pub class_id: ClassId,
    pub class_name: String,
    pub subject_id: SubjectId,
    pub short_name: String,
    pub subject: String,
    pub absent_id: MemberId,
    pub absent: String,
    pub substitute_id: MemberId,
    pub substitute: String,
    pub room: Option<String>,
    /// Whether the timetable that holds then has this lesson, with the teacher who is away. Where another version has
    /// come since, or the day has become a holiday, it may not: then there is nothing to take.
    pub is_held: bool,
}

/// What differs from the timetable in a span of days.
#[derive(Clone, Debug, Default)]
pub struct Covers {
    away: Vec<(MemberId, NaiveDate, NaiveDate)>,
    pub taken: Vec<TakenLesson>,
}

impl Covers {
    /// Of the days from one to another.
    pub async fn between(
        scope: &Scope,
        tx: &mut PgConnection,
        (from, until): (NaiveDate, NaiveDate),
        holding: &[Holding],
    ) -> Result<Self> {
        let away = sqlx::query!(
            "SELECT teacher_id, from_day, to_day FROM timetable_absences
             WHERE school_id = $1 AND from_day <= $3 AND to_day >= $2",
            scope.school_id(),
            from,
            until,
        );
        let away = away.fetch_all(&mut *tx).await?;
        if away.is_empty() {
            return Ok(Self::default());
        }
        let taken = noted(scope, tx, (from, until), holding).await?;
        Ok(Self { away: away.into_iter().map(|row| (row.teacher_id, row.from_day, row.to_day)).collect(), taken })
    }

    #[must_use]
    pub fn has_absences(&self) -> bool {
        !self.away.is_empty()
    }

    #[must_use]
    pub fn is_away(&self, teacher_id: MemberId, date: NaiveDate) -> bool {
        self.away.iter().any(|(id, from, until)| *id == teacher_id && (*from..=*until).contains(&date))
    }

    /// The lessons of one of these on a day, as they are held on it.
    #[must_use]
    pub fn applied(&self, date: NaiveDate, lessons: Vec<Lesson>, of: LessonsOf) -> Vec<Lesson> {
        let mut held: Vec<Lesson> = lessons.into_iter().map(|lesson| self.covered(date, lesson, of)).collect();
        if let LessonsOf::Teacher(id) = of {
            let own = self.taken.iter().filter(|each| each.date == date && each.substitute_id == id);
            held.extend(own.filter(|each| each.is_held).map(TakenLesson::lesson));
            held.sort_by_key(|lesson| lesson.slot);
        }
        held
    }

    fn covered(&self, date: NaiveDate, mut lesson: Lesson, of: LessonsOf) -> Lesson {
        let Some(teacher_id) = lesson.teacher_id else { return lesson };
        let taken = self.taken.iter().find(|each| {
            (each.date, each.slot, each.class_id, each.absent_id) == (date, lesson.slot, lesson.class_id, teacher_id)
        });
        match taken {
            Some(taken) if matches!(of, LessonsOf::Teacher(_)) => {
                lesson.cover = Some(Cover::By(taken.substitute.clone()))
            }
            Some(taken) => {
                lesson.teacher_id = Some(taken.substitute_id);
                lesson.teacher = Some(taken.substitute.clone());
                lesson.cover = Some(Cover::InsteadOf(taken.absent.clone()));
            }
            None if self.is_away(teacher_id, date) => lesson.cover = Some(Cover::Nobody),
            None => {}
        }
        lesson
    }
}

impl TakenLesson {
    /// As the substitute has it.
    fn lesson(&self) -> Lesson {
        Lesson {
            slot: self.slot,
            class_id: self.class_id,
            class_name: self.class_name.clone(),
            subject_id: self.subject_id,
            short_name: self.short_name.clone(),
            subject: self.subject.clone(),
            teacher_id: Some(self.substitute_id),
            teacher: Some(self.substitute.clone()),
            room_id: None,
            room: self.room.clone(),
            is_locked: false,
            cover: Some(Cover::InsteadOf(self.absent.clone())),
        }
    }
}

/// All that are taken in a span of days, in their order.
pub async fn taken(
    scope: &Scope,
    tx: &mut PgConnection,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<TakenLesson>> {
    let holding = week::holding(scope, tx, from, until).await?;
    let mut taken = noted(scope, tx, (from, until), &holding).await?;
    taken.retain(|each| each.is_held);
    Ok(taken)
}

/// All substitutions in a span of days, each with whether its lesson is still held.
async fn noted(
    scope: &Scope,
    tx: &mut PgConnection,
    (from, until): (NaiveDate, NaiveDate),
    holding: &[Holding],
) -> Result<Vec<TakenLesson>> {
    let versions: Vec<TimetableId> = holding.iter().map(|version| version.id).collect();
    let (begins, ends): (Vec<NaiveDate>, Vec<NaiveDate>) =
        holding.iter().map(|version| (version.from, version.until)).unzip();
    let rows = sqlx::query!(
        r#"SELECT t.absence_id, t.day, t.session, t.period, t.class_id, c.name AS class_name, t.subject_id, s.short_name,
             s.name AS subject, a.teacher_id AS absent_id, away.full_name AS absent, t.substitute_id,
             taking.full_name AS substitute, r.name AS "room?",
             l.class_id IS NOT NULL AS "is_held!"
         FROM timetable_substitutions t
         JOIN timetable_absences a ON a.school_id = $1 AND a.id = t.absence_id
         JOIN classes c ON c.school_id = $1 AND c.id = t.class_id
         JOIN timetable_subjects s ON s.school_id = $1 AND s.id = t.subject_id
         JOIN members away ON away.school_id = $1 AND away.id = a.teacher_id
         JOIN members taking ON taking.school_id = $1 AND taking.id = t.substitute_id
         LEFT JOIN unnest($4::uuid[], $5::date[], $6::date[]) v (id, begins, ends) ON t.day BETWEEN v.begins AND v.ends
         LEFT JOIN timetable_lessons l ON l.school_id = $1 AND l.version_id = v.id AND l.class_id = t.class_id
             AND l.day = extract(isodow FROM t.day)::smallint AND l.session = t.session AND l.period = t.period
             AND l.teacher_id = a.teacher_id
         LEFT JOIN timetable_rooms r ON r.school_id = $1 AND r.id = l.room_id
         WHERE t.school_id = $1 AND t.day BETWEEN $2 AND $3
         ORDER BY t.day, t.session DESC, t.period, c.sort_key"#,
        scope.school_id(),
        from,
        until,
        &versions as &[TimetableId],
        &begins,
        &ends,
    );
    let rows = rows.fetch_all(&mut *tx).await?;
    let special = days::between(scope, tx, from, until).await?;
    let taken = rows.into_iter().map(|row| {
        let slot = Slot::stored(week::number_of(row.day), &row.session, row.period)?;
        Ok(TakenLesson {
            absence_id: row.absence_id,
            date: row.day,
            slot,
            class_id: row.class_id,
            class_name: row.class_name,
            subject_id: row.subject_id,
            short_name: row.short_name,
            subject: row.subject,
            absent_id: row.absent_id,
            absent: row.absent,
            substitute_id: row.substitute_id,
            substitute: row.substitute,
            room: row.room,
            is_held: row.is_held && special.is_held(row.day, slot),
        })
    });
    taken.collect()
}
