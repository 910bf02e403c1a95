//! An exam itself: made, changed.

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::{Entrusted, ExamRefusal, lock, note};
use crate::{
    access::{Granted, may},
    app::App,
    audit::{self, AuditAction},
    error::Result,
    exams::{marks::MarkKind, model::ExamState, store},
    ids::{ClassId, ExamId, PaperId, RoomId, YearId},
    schools::year_changes,
};

/// What an exam is to be.
#[derive(Clone, Debug)]
pub struct NewExam {
    pub name: String,
    pub year_id: YearId,
    pub grades: Vec<String>,
    /// Beside the classes of the grades.
    pub classes: Vec<ClassId>,
    pub mark_kind: MarkKind,
    pub entries: i16,
    pub types_at_speed: bool,
}

/// What a copy of an exam is to be.
#[derive(Clone, Debug)]
pub struct NewCopy {
    pub name: String,
    pub year_id: YearId,
    pub first_day: NaiveDate,
}

/// What can be changed of an exam itself.
#[derive(Clone, Debug)]
pub struct ExamSettings {
    pub name: String,
    pub mark_kind: MarkKind,
    pub entries: i16,
    pub types_at_speed: bool,
    pub state: ExamState,
}

/// Makes an exam with the classes of its grades and those that were chosen.
pub async fn create(
    granted: &Granted<may::ManageExams>,
    app: &App,
    new: &NewExam,
) -> Result<Result<ExamId, ExamRefusal>> {
    let now = app.clock.now();
    let id: ExamId = app.randomness.uuid_v7(now);
    let secret = hex::encode(app.randomness.bytes::<16>());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    year_changes::expect_open(granted, app, &mut tx, new.year_id).await?;
    sqlx::query!(
        "INSERT INTO exams
             (school_id, id, name, school_year_id, grades, mark_kind, entries, types_at_speed, secret, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        granted.school_id(),
        id,
        new.name,
        new.year_id,
        &new.grades,
        new.mark_kind.key(),
        new.entries,
        new.types_at_speed,
        secret,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let classes = sqlx::query!(
        "INSERT INTO exam_classes (school_id, exam_id, class_id)
         SELECT $1, $2, c.id FROM classes c
         WHERE c.school_id = $1 AND c.school_year_id = $3 AND (c.grade = ANY($4) OR c.id = ANY($5))
         RETURNING class_id",
        granted.school_id(),
        id,
        new.year_id,
        &new.grades,
        &new.classes,
    )
    .fetch_all(&mut *tx)
    .await?;
    if classes.is_empty() {
        return Ok(Err(ExamRefusal::new("grades", "fault-exam-no-classes")));
    }
    audit::record(granted, app, &mut tx, audit::Event::about(AuditAction::ExamCreated, id)).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Makes a new exam of the same grades, papers and rooms, in the same year or another one: with the classes there are
/// in that year of the same grades, and of the same names where they were chosen one by one. The year of the exam
/// itself may be over.
pub async fn copy(entrusted: &Entrusted, app: &App, new: &NewCopy) -> Result<Result<ExamId, ExamRefusal>> {
    let now = app.clock.now();
    let id: ExamId = app.randomness.uuid_v7(now);
    let secret = hex::encode(app.randomness.bytes::<16>());
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    year_changes::expect_open(entrusted, app, &mut tx, new.year_id).await?;
    let exam = store::find(entrusted, &mut tx, entrusted.exam_id).await?;
    sqlx::query!(
        "INSERT INTO exams (school_id, id, name, school_year_id, grades, mark_kind, entries, types_at_speed, secret,
             created_at, fill, mix_classes, per_paper, per_room, rooms_per_corridor, not_own_class, not_own_subject)
         SELECT school_id, $3, $6, $7, grades, mark_kind, entries, types_at_speed, $4, $5, fill, mix_classes, per_paper,
             per_room, rooms_per_corridor, not_own_class, not_own_subject
         FROM exams WHERE school_id = $1 AND id = $2
         RETURNING id",
        entrusted.school_id(),
        exam.id,
        id,
        secret,
        now,
        new.name,
        new.year_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let classes = store::classes(entrusted, &mut tx, exam.id).await?;
    let single = classes.iter().filter(|class| !exam.grades.contains(&class.grade));
    let single: Vec<String> = single.map(|class| class.name.clone()).collect();
    let taken = sqlx::query!(
        "INSERT INTO exam_classes (school_id, exam_id, class_id)
         SELECT $1, $2, c.id FROM classes c
         WHERE c.school_id = $1 AND c.school_year_id = $3 AND (c.grade = ANY($4) OR c.name = ANY($5))
         RETURNING class_id",
        entrusted.school_id(),
        id,
        new.year_id,
        &exam.grades,
        &single,
    )
    .fetch_all(&mut *tx)
    .await?;
    if taken.is_empty() {
        return Ok(Err(ExamRefusal::new("school_year", "fault-exam-copy-no-classes")));
    }
    copy_papers(entrusted, app, &mut tx, id, new.first_day).await?;
    copy_rooms(entrusted, app, &mut tx, id).await?;
    note(entrusted, app, &mut tx, exam.id, "copied", 1).await?;
    audit::record(entrusted, app, &mut tx, audit::Event::about(AuditAction::ExamCreated, id)).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// The papers of the exam once more for another one, the first of them on this day and the others as far behind it as
/// here.
async fn copy_papers(
    entrusted: &Entrusted,
    app: &App,
    tx: &mut PgConnection,
    to: ExamId,
    first_day: NaiveDate,
) -> Result<()> {
    let now = app.clock.now();
    let papers = store::papers(entrusted, &mut *tx, entrusted.exam_id).await?;
    let days = papers.first().map_or(0, |paper| (first_day - paper.day()).num_days());
    let ids: Vec<PaperId> = papers.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let olds: Vec<PaperId> = papers.iter().map(|paper| paper.id).collect();
    sqlx::query!(
        "INSERT INTO exam_papers (school_id, exam_id, id, subject, code, grades, starts_at, minutes, ends_at)
         SELECT $1, $2, new.id, p.subject, p.code, p.grades, p.starts_at + $3 * interval '1 day', p.minutes,
             p.ends_at + $3 * interval '1 day'
         FROM unnest($4::uuid[], $5::uuid[]) AS new (id, old)
         JOIN exam_papers p ON p.school_id = $1 AND p.id = new.old
         RETURNING id",
        entrusted.school_id(),
        to,
        f64::from(i32::try_from(days).unwrap_or(0)),
        &ids,
        &olds,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// The rooms of the exam once more for another one, without the times at which they are not available.
async fn copy_rooms(entrusted: &Entrusted, app: &App, tx: &mut PgConnection, to: ExamId) -> Result<()> {
    let now = app.clock.now();
    let rooms = store::rooms(entrusted, &mut *tx, entrusted.exam_id).await?;
    let ids: Vec<RoomId> = rooms.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let olds: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    sqlx::query!(
        "INSERT INTO exam_rooms (school_id, exam_id, id, name, place, position, seats, most)
         SELECT $1, $2, new.id, r.name, r.place, r.position, r.seats, r.most
         FROM unnest($3::uuid[], $4::uuid[]) AS new (id, old)
         JOIN exam_rooms r ON r.school_id = $1 AND r.id = new.old
         RETURNING id",
        entrusted.school_id(),
        to,
        &ids,
        &olds,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Changes the name, the kind of marks, how they are typed and the state. The kind stays once there are marks; a locked
/// exam is opened first.
pub async fn change(entrusted: &Entrusted, app: &App, new: &ExamSettings) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    let has_other_marks = exam.mark_kind != new.mark_kind || exam.entries != new.entries;
    let is_other = has_other_marks || exam.name != new.name || exam.types_at_speed != new.types_at_speed;
    if exam.is_locked() && new.state == ExamState::Locked && is_other {
        return Ok(Err(ExamRefusal::new("state", "fault-exam-locked")));
    }
    if has_other_marks {
        let has_marks = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM exam_marks WHERE school_id = $1 AND exam_id = $2) AS "has_marks!""#,
            entrusted.school_id(),
            exam.id,
        )
        .fetch_one(&mut *tx)
        .await?;
        if has_marks {
            return Ok(Err(ExamRefusal::new("mark_kind", "fault-exam-has-marks")));
        }
    }
    sqlx::query!(
        "UPDATE exams SET name = $3, mark_kind = $4, entries = $5, types_at_speed = $6, state = $7
         WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        exam.id,
        new.name,
        new.mark_kind.key(),
        new.entries,
        new.types_at_speed,
        new.state.key(),
    )
    .execute(&mut *tx)
    .await?;
    let what = if new.state == exam.state { "settings" } else { "state" };
    note(entrusted, app, &mut tx, exam.id, what, 0).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
