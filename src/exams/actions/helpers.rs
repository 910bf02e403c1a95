//! Who was handed a task of an exam.

use super::{Entrusted, ExamRefusal, lock, note, open, tasks_of};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    exams::{model::Task, store},
    ids::{HelperId, MemberId, PaperId},
};

/// A person with a task.
#[derive(Clone, Debug)]
pub struct Helper {
    pub id: HelperId,
    pub full_name: String,
    pub task: String,
    pub subject: Option<String>,
    pub entry: Option<i16>,
}

/// All who have a task of the exam.
pub async fn all(entrusted: &Entrusted, tx: &mut sqlx::PgConnection) -> Result<Vec<Helper>> {
    Ok(sqlx::query_as!(
        Helper,
        r#"SELECT h.id, m.full_name, h.task, p.subject AS "subject?", h.entry FROM exam_helpers h
           JOIN members m ON m.school_id = h.school_id AND m.id = h.member_id
           LEFT JOIN exam_papers p ON p.school_id = h.school_id AND p.id = h.paper_id
           WHERE h.school_id = $1 AND h.exam_id = $2 ORDER BY h.task, p.starts_at, m.given_name, m.family_name, h.id"#,
        entrusted.school_id(),
        entrusted.exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Hands a task to a member of staff. Marks go to nobody who may learn whose paper a code is: not to those who hold the
/// grant, nor to those who seat candidates.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such person, or the exam no such paper.
pub async fn add(
    entrusted: &Entrusted,
    app: &App,
    member_id: MemberId,
    task: Task,
    marks: Option<(PaperId, i16)>,
) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "account") {
        return Ok(Err(refusal));
    }
    let holds = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM grants g WHERE g.school_id = $1 AND g.member_id = $2 AND g."grant" IN ('owner', 'exams'))
               AS "holds!"
           FROM members WHERE school_id = $1 AND id = $2 AND role <> 'student' AND status = 'active'"#,
        entrusted.school_id(),
        member_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    if holds {
        return Ok(Err(ExamRefusal::new("account", "fault-exam-helper-holds")));
    }
    // A candidate who is withdrawn loses the seat, and with it the code in the column of marks: with both tasks a member
    // could withdraw one candidate after another and see which code goes.
    let other = match task {
        Task::Marks => Some(Task::Seating),
        Task::Seating => Some(Task::Marks),
        Task::Papers | Task::Invigilation => None,
    };
    let theirs = tasks_of(entrusted, &mut tx, exam.id, Some(member_id)).await?;
    if other.is_some_and(|other| theirs.contains(&other)) {
        return Ok(Err(ExamRefusal::new("account", "fault-exam-helper-both")));
    }
    if let Some((paper, _)) = marks {
        store::paper(entrusted, &mut tx, exam.id, paper).await?;
    }
    let id: HelperId = app.randomness.uuid_v7(app.clock.now());
    let written = sqlx::query!(
        "INSERT INTO exam_helpers (school_id, exam_id, member_id, task, paper_id, entry, id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        entrusted.school_id(),
        exam.id,
        member_id,
        task.key(),
        marks.map(|(paper, _)| paper),
        marks.map(|(_, entry)| entry),
        id,
    )
    .execute(&mut *tx)
    .await;
    match written {
        Ok(_) => {}
        Err(error) if db::violated_constraint(&error) == Some("exam_helper_taken") => {
            return Ok(Err(ExamRefusal::new("account", "fault-exam-helper-taken")));
        }
        Err(error) => return Err(error.into()),
    }
    note(entrusted, app, &mut tx, exam.id, "helpers", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Takes a task back.
///
/// # Errors
/// [`Error::NotFound`] where there is no such.
pub async fn remove(entrusted: &Entrusted, app: &App, id: HelperId) -> Result<()> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    lock(entrusted, app, &mut tx).await?;
    sqlx::query!(
        "DELETE FROM exam_helpers WHERE school_id = $1 AND exam_id = $2 AND id = $3 RETURNING id",
        entrusted.school_id(),
        entrusted.exam_id,
        id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    note(entrusted, app, &mut tx, entrusted.exam_id, "helpers", 1).await?;
    tx.commit().await?;
    Ok(())
}
