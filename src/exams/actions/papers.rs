//! The papers of an exam.

use chrono::{DateTime, Duration, Utc};

use super::{Entrusted, Refusal, is_cut, lock, note, open, publication};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    exams::store,
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
) -> Result<Result<PaperId, Refusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "subject") {
        return Ok(Err(refusal));
    }
    if let Some(unknown) = paper.grades.iter().find(|grade| !exam.grades.is_empty() && !exam.grades.contains(grade)) {
        return Ok(Err(Refusal::about("grades", "fault-exam-paper-grade", unknown)));
    }
    let written = match id {
        Some(id) => {
            let old = store::paper(entrusted, &mut tx, exam.id, id).await?;
            if old.grades != paper.grades && exam.seated_at.is_some() {
                return Ok(Err(Refusal::new("grades", "fault-exam-paper-seated")));
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
            return Ok(Err(Refusal::new("begins", "fault-exam-papers-apart")));
        }
        Err(error) => return Err(error.into()),
    };
    note(entrusted, app, &mut tx, exam.id, "papers", 1).await?;
    publication::withhold(entrusted, app, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Removes a paper with its seats and duties, as long as nothing was cut or marked.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such paper.
pub async fn remove(entrusted: &Entrusted, app: &App, id: PaperId) -> Result<Result<(), Refusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    store::paper(entrusted, &mut tx, exam.id, id).await?;
    if let Err(refusal) = open(&exam, "subject") {
        return Ok(Err(refusal));
    }
    if is_cut(entrusted, &mut tx, exam.id, Some(id)).await? {
        return Ok(Err(Refusal::new("subject", "fault-exam-paper-marked")));
    }
    sqlx::query!("DELETE FROM exam_papers WHERE school_id = $1 AND id = $2 RETURNING id", entrusted.school_id(), id)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?;
    note(entrusted, app, &mut tx, exam.id, "papers", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
