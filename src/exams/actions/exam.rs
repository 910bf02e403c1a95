//! An exam itself: made, changed.

use chrono::NaiveDate;

use super::{Entrusted, Refusal, lock, note};
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
}

/// Makes an exam with the classes of its grades and those that were chosen.
pub async fn create(granted: &Granted<may::ManageExams>, app: &App, new: &NewExam) -> Result<Result<ExamId, Refusal>> {
    let now = app.clock.now();
    let id: ExamId = app.randomness.uuid_v7(now);
    let secret = hex::encode(app.randomness.bytes::<16>());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    year_changes::expect_open(granted, app, &mut tx, new.year_id).await?;
    sqlx::query!(
        "INSERT INTO exams (school_id, id, name, school_year_id, grades, mark_kind, entries, secret, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        granted.school_id(),
        id,
        new.name,
        new.year_id,
        &new.grades,
        new.mark_kind.key(),
        new.entries,
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
        return Ok(Err(Refusal::new("grades", "fault-exam-no-classes")));
    }
    audit::record(granted, app, &mut tx, audit::Event::about(AuditAction::ExamCreated, id)).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Makes a new exam of the same grades, classes, papers and rooms, whose first day is this one.
pub async fn copy(entrusted: &Entrusted, app: &App, first_day: NaiveDate) -> Result<ExamId> {
    let now = app.clock.now();
    let id: ExamId = app.randomness.uuid_v7(now);
    let secret = hex::encode(app.randomness.bytes::<16>());
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    let papers = store::papers(entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(entrusted, &mut tx, exam.id).await?;
    let days = papers.first().map_or(0, |paper| (first_day - paper.day()).num_days());
    let paper_ids: Vec<PaperId> = papers.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let room_ids: Vec<RoomId> = rooms.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let olds: Vec<PaperId> = papers.iter().map(|paper| paper.id).collect();
    let old_rooms: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    sqlx::query!(
        "INSERT INTO exams (school_id, id, name, school_year_id, grades, mark_kind, entries, secret, created_at, fill,
             mix_classes, per_paper, per_room, rooms_per_corridor, not_own_class, not_own_subject)
         SELECT school_id, $3, name, school_year_id, grades, mark_kind, entries, $4, $5, fill, mix_classes, per_paper,
             per_room, rooms_per_corridor, not_own_class, not_own_subject
         FROM exams WHERE school_id = $1 AND id = $2
         RETURNING id",
        entrusted.school_id(),
        exam.id,
        id,
        secret,
        now,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO exam_classes (school_id, exam_id, class_id)
         SELECT school_id, $3, class_id FROM exam_classes WHERE school_id = $1 AND exam_id = $2
         RETURNING class_id",
        entrusted.school_id(),
        exam.id,
        id,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO exam_papers (school_id, exam_id, id, subject, code, grades, starts_at, minutes, ends_at)
         SELECT $1, $2, new.id, p.subject, p.code, p.grades, p.starts_at + $3 * interval '1 day', p.minutes,
             p.ends_at + $3 * interval '1 day'
         FROM unnest($4::uuid[], $5::uuid[]) AS new (id, old)
         JOIN exam_papers p ON p.school_id = $1 AND p.id = new.old
         RETURNING id",
        entrusted.school_id(),
        id,
        f64::from(i32::try_from(days).unwrap_or(0)),
        &paper_ids,
        &olds,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO exam_rooms (school_id, exam_id, id, name, place, position, seats, most)
         SELECT $1, $2, new.id, r.name, r.place, r.position, r.seats, r.most
         FROM unnest($3::uuid[], $4::uuid[]) AS new (id, old)
         JOIN exam_rooms r ON r.school_id = $1 AND r.id = new.old
         RETURNING id",
        entrusted.school_id(),
        id,
        &room_ids,
        &old_rooms,
    )
    .fetch_all(&mut *tx)
    .await?;
    note(entrusted, app, &mut tx, exam.id, "copied", 1).await?;
    audit::record(entrusted, app, &mut tx, audit::Event::about(AuditAction::ExamCreated, id)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes the name, the kind of marks and the state. The kind stays once there are marks.
pub async fn change(
    entrusted: &Entrusted,
    app: &App,
    name: &str,
    mark_kind: MarkKind,
    entries: i16,
    state: ExamState,
) -> Result<Result<(), Refusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if exam.mark_kind != mark_kind || exam.entries != entries {
        let has_marks = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM exam_marks WHERE school_id = $1 AND exam_id = $2) AS "has_marks!""#,
            entrusted.school_id(),
            exam.id,
        )
        .fetch_one(&mut *tx)
        .await?;
        if has_marks {
            return Ok(Err(Refusal::new("mark_kind", "fault-exam-has-marks")));
        }
    }
    sqlx::query!(
        "UPDATE exams SET name = $3, mark_kind = $4, entries = $5, state = $6 WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        exam.id,
        name,
        mark_kind.key(),
        entries,
        state.key(),
    )
    .execute(&mut *tx)
    .await?;
    let what = if state == exam.state { "settings" } else { "state" };
    note(entrusted, app, &mut tx, exam.id, what, 0).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
