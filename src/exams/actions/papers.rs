//! The papers of an exam.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{Entrusted, ExamRefusal, is_cut, lock, note, open, publication};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    exams::{
        model::{ExamClass, ExamRoom, Paper},
        store,
    },
    ids::PaperId,
};

/// What a paper is to be.
#[derive(Clone, Debug)]
pub struct NewPaper {
    pub subject: String,
    pub code: String,
    pub grades: Vec<String>,
    pub starts_at: DateTime<Utc>,
    pub minutes: i16,
}

impl NewPaper {
    fn ends_at(&self) -> DateTime<Utc> {
        self.starts_at + Duration::minutes(i64::from(self.minutes))
    }
}

/// Adds a paper, or changes one. No grade has two papers at once; that is what is refused.
pub async fn put(
    entrusted: &Entrusted,
    app: &App,
    id: Option<PaperId>,
    paper: &NewPaper,
) -> Result<Result<PaperId, ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "subject") {
        return Ok(Err(refusal));
    }
    let grades = exam.grades_with(&store::classes(entrusted, &mut tx, exam.id).await?);
    if let Some(unknown) = paper.grades.iter().find(|grade| !grades.contains(grade)) {
        return Ok(Err(ExamRefusal::about("grades", "fault-exam-paper-grade", unknown)));
    }
    if let Some(refusal) = published(entrusted, app, &mut tx, id, paper).await? {
        return Ok(Err(refusal));
    }
    let written = match id {
        Some(id) => {
            let old = store::paper(entrusted, &mut tx, exam.id, id).await?;
            if old.grades != paper.grades && exam.seated_at.is_some() {
                return Ok(Err(ExamRefusal::new("grades", "fault-exam-paper-seated")));
            }
            sqlx::query!(
                "UPDATE exam_papers SET subject = $3, code = $4, grades = $5, starts_at = $6, minutes = $7, ends_at = $8
                 WHERE school_id = $1 AND id = $2",
                entrusted.school_id(),
                id,
                paper.subject,
                paper.code,
                &paper.grades,
                paper.starts_at,
                paper.minutes,
                paper.ends_at(),
            )
            .execute(&mut *tx)
            .await
            .map(|_| id)
        }
        None => {
            let id: PaperId = app.randomness.uuid_v7(app.clock.now());
            sqlx::query!(
                "INSERT INTO exam_papers (school_id, id, exam_id, subject, code, grades, starts_at, minutes, ends_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                entrusted.school_id(),
                id,
                exam.id,
                paper.subject,
                paper.code,
                &paper.grades,
                paper.starts_at,
                paper.minutes,
                paper.ends_at(),
            )
            .execute(&mut *tx)
            .await
            .map(|_| id)
        }
    };
    let id = match written {
        Ok(id) => id,
        Err(error) if db::violated_constraint(&error) == Some("exam_papers_apart") => {
            return Ok(Err(ExamRefusal::new("begins", "fault-exam-papers-apart")));
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(refusal) = unseated(entrusted, &mut tx, id).await? {
        return Ok(Err(refusal));
    }
    note(entrusted, app, &mut tx, exam.id, "papers", 1).await?;
    publication::withhold(entrusted, app, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Refuses a paper that is new for a class whose marks are published: its marks would be visible while it is marked. It has
/// to go into another exam.
async fn published(
    entrusted: &Entrusted,
    app: &App,
    tx: &mut PgConnection,
    id: Option<PaperId>,
    paper: &NewPaper,
) -> Result<Option<ExamRefusal>> {
    let old = match id {
        Some(id) => Some(store::paper(entrusted, tx, entrusted.exam_id, id).await?),
        None => None,
    };
    let now = app.clock.now();
    let is_new = |class: &&ExamClass| {
        let is_of = |grades: &[String]| grades.is_empty() || grades.contains(&class.grade);
        class.is_published(&now) && is_of(&paper.grades) && !old.as_ref().is_some_and(|old| is_of(&old.grades))
    };
    let classes = store::classes(entrusted, tx, entrusted.exam_id).await?;
    let names: Vec<&str> = classes.iter().filter(is_new).map(|class| class.name.as_str()).collect();
    Ok((!names.is_empty()).then(|| ExamRefusal::about("subject", "fault-exam-paper-published", names.join(", "))))
}

/// Refuses a time at which rooms with seats of the paper are closed, or used by another paper.
async fn unseated(entrusted: &Entrusted, tx: &mut PgConnection, id: PaperId) -> Result<Option<ExamRefusal>> {
    let used = sqlx::query!(
        "SELECT DISTINCT paper_id, room_id FROM exam_seats WHERE school_id = $1 AND exam_id = $2",
        entrusted.school_id(),
        entrusted.exam_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    if !used.iter().any(|each| each.paper_id == id) {
        return Ok(None);
    }
    let papers = store::papers(entrusted, tx, entrusted.exam_id).await?;
    let rooms = store::rooms(entrusted, tx, entrusted.exam_id).await?;
    let Some(paper) = papers.iter().find(|paper| paper.id == id) else { return Ok(None) };
    let is_in =
        |room: &ExamRoom, paper: &Paper| used.iter().any(|each| each.room_id == room.id && each.paper_id == paper.id);
    let own = || rooms.iter().filter(|room| is_in(room, paper));
    let named =
        |rooms: Vec<&str>, key| (!rooms.is_empty()).then(|| ExamRefusal::about("begins", key, rooms.join(", ")));
    let closed = own().filter(|room| room.is_closed(paper)).map(|room| room.name.as_str()).collect();
    let is_shared =
        |room: &&ExamRoom| papers.iter().any(|other| other.id != id && other.overlaps(paper) && is_in(room, other));
    let shared = own().filter(is_shared).map(|room| room.name.as_str()).collect();
    Ok(named(closed, "fault-exam-paper-room-closed").or_else(|| named(shared, "fault-exam-paper-room-shared")))
}

/// Removes a paper with its seats and duties, as long as nothing was cut or marked.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such paper.
pub async fn remove(entrusted: &Entrusted, app: &App, id: PaperId) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    store::paper(entrusted, &mut tx, exam.id, id).await?;
    if let Err(refusal) = open(&exam, "subject") {
        return Ok(Err(refusal));
    }
    if is_cut(entrusted, &mut tx, exam.id, Some(id)).await? {
        return Ok(Err(ExamRefusal::new("subject", "fault-exam-paper-marked")));
    }
    sqlx::query!("DELETE FROM exam_papers WHERE school_id = $1 AND id = $2 RETURNING id", entrusted.school_id(), id)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?;
    note(entrusted, app, &mut tx, exam.id, "papers", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
