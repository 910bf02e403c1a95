//! Phách: the codes of a paper are drawn once, after it was sat.

use super::{Entrusted, Refusal, lock, note, open};
use crate::{
    app::App,
    error::Result,
    exams::{bags, store},
    ids::{CandidateId, PaperId},
};

/// A candidate's code of one paper, for those who cut.
#[derive(Clone, Debug)]
pub struct CodeLine {
    pub number: String,
    pub room: String,
    pub code: String,
    pub bag: i16,
}

/// Draws a code for each candidate who has a seat in the paper and is not known to be absent. Once there are marks, the
/// codes stay.
pub async fn cut(
    entrusted: &Entrusted,
    app: &App,
    paper_id: PaperId,
    bag: i16,
    seed: &str,
) -> Result<Result<usize, Refusal>> {
    let mut tx = app.db.begin_lasting_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "seed") {
        return Ok(Err(refusal));
    }
    let paper = store::paper(entrusted, &mut tx, exam.id, paper_id).await?;
    let has_marks = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exam_marks WHERE school_id = $1 AND paper_id = $2 AND state IN ('points', 'pass'))
               AS "has_marks!""#,
        entrusted.school_id(),
        paper.id,
    )
    .fetch_one(&mut *tx)
    .await?;
    if has_marks {
        return Ok(Err(Refusal::new("seed", "fault-exam-codes-marked")));
    }
    let row =
        sqlx::query!("SELECT secret FROM exams WHERE school_id = $1 AND id = $2", entrusted.school_id(), exam.id,)
            .fetch_one(&mut *tx)
            .await?;
    let present: Vec<CandidateId> = sqlx::query_scalar!(
        "SELECT s.candidate_id FROM exam_seats s
         JOIN exam_candidates n ON n.school_id = s.school_id AND n.id = s.candidate_id
         WHERE s.school_id = $1 AND s.paper_id = $2 AND NOT EXISTS (
             SELECT FROM exam_marks a WHERE a.school_id = $1 AND a.paper_id = $2 AND a.candidate_id = s.candidate_id)
         ORDER BY n.serial",
        entrusted.school_id(),
        paper.id,
    )
    .fetch_all(&mut *tx)
    .await?;
    if present.is_empty() {
        return Ok(Err(Refusal::new("seed", "fault-exam-nobody-sat")));
    }
    let size = usize::try_from(bag).unwrap_or(1);
    let codes = bags::cut(present.len(), size, &row.secret, &paper.id.to_string(), seed);
    let written: Vec<String> = codes.iter().map(|code| code.written()).collect();
    let bags: Vec<i16> = codes.iter().map(|code| i16::try_from(code.bag).unwrap_or(i16::MAX)).collect();
    sqlx::query!("DELETE FROM exam_codes WHERE school_id = $1 AND paper_id = $2", entrusted.school_id(), paper.id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "INSERT INTO exam_codes (school_id, exam_id, paper_id, code, bag, candidate_id)
         SELECT $1, $2, $3, * FROM unnest($4::text[], $5::smallint[], $6::uuid[])
         RETURNING code",
        entrusted.school_id(),
        exam.id,
        paper.id,
        &written,
        &bags,
        &present,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE exam_papers SET cut_at = $3, bag_size = $4 WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        paper.id,
        app.clock.now(),
        bag,
    )
    .execute(&mut *tx)
    .await?;
    note(entrusted, app, &mut tx, exam.id, "codes", present.len()).await?;
    tx.commit().await?;
    Ok(Ok(present.len()))
}

/// The codes of a paper in the order of the numbers, for those who cut. Each look is noted.
pub async fn look(entrusted: &Entrusted, app: &App, paper_id: PaperId) -> Result<Vec<CodeLine>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let lines = sqlx::query_as!(
        CodeLine,
        r#"SELECT coalesce(n.number, '') AS "number!", r.name AS room, c.code, c.bag FROM exam_codes c
           JOIN exam_candidates n ON n.school_id = c.school_id AND n.id = c.candidate_id
           JOIN exam_seats s ON s.school_id = c.school_id AND s.paper_id = c.paper_id AND s.candidate_id = c.candidate_id
           JOIN exam_rooms r ON r.school_id = s.school_id AND r.id = s.room_id
           WHERE c.school_id = $1 AND c.exam_id = $2 AND c.paper_id = $3 ORDER BY n.serial"#,
        entrusted.school_id(),
        entrusted.exam_id,
        paper_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    if !lines.is_empty() {
        note(entrusted, app, &mut tx, entrusted.exam_id, "codes_viewed", lines.len()).await?;
    }
    tx.commit().await?;
    Ok(lines)
}
