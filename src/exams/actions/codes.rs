//! Phách: the codes of a paper are drawn after it was sat. Candidates who sit it later get additional codes.

use sqlx::PgConnection;

use super::{Entrusted, ExamRefusal, lock, note_paper, open};
use crate::{
    access::Scope,
    app::App,
    error::Result,
    exams::{
        bags::{self, Code},
        model::Paper,
        store,
    },
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
/// codes stay, and only candidates who have none yet get codes, in additional bags.
pub async fn cut(
    entrusted: &Entrusted,
    app: &App,
    paper_id: PaperId,
    bag: i16,
    seed: &str,
) -> Result<Result<usize, ExamRefusal>> {
    let mut tx = app.db.begin_lasting_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "seed") {
        return Ok(Err(refusal));
    }
    let paper = store::paper(entrusted, &mut tx, exam.id, paper_id).await?;
    let stays = has_marks(entrusted, &mut tx, paper.id).await?;
    let papers = match (stays, paper.cut_at) {
        (false, _) => present(entrusted, &mut tx, paper.id, false).await?,
        (true, Some(_)) => present(entrusted, &mut tx, paper.id, true).await?,
        // Marked by number: with codes the marks could not be found by number any more.
        (true, None) => Vec::new(),
    };
    if papers.is_empty() {
        let key = if stays { "fault-exam-codes-marked" } else { "fault-exam-nobody-sat" };
        return Ok(Err(ExamRefusal::new("seed", key)));
    }
    let last_bag = if stays { last_bag(entrusted, &mut tx, paper.id).await? } else { 0 };
    let secret = sqlx::query_scalar!(
        "SELECT secret FROM exams WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        exam.id
    )
    .fetch_one(&mut *tx)
    .await?;
    let what = if stays { format!("{} {last_bag}", paper.id) } else { paper.id.to_string() };
    let mut codes = bags::cut(papers.len(), usize::try_from(bag).unwrap_or(1), &secret, &what, seed);
    codes.iter_mut().for_each(|code| code.bag = code.bag.saturating_add(last_bag));
    if !stays {
        sqlx::query!("DELETE FROM exam_codes WHERE school_id = $1 AND paper_id = $2", entrusted.school_id(), paper.id)
            .execute(&mut *tx)
            .await?;
    }
    write(entrusted, &mut tx, &paper, &codes, &papers).await?;
    // Additional codes leave the others as they are, so that the cutting stays the same.
    sqlx::query!(
        "UPDATE exam_papers SET cut_at = $3, bag_size = $4, cutting = cutting + $5 WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        paper.id,
        app.clock.now(),
        bag,
        i32::from(!stays),
    )
    .execute(&mut *tx)
    .await?;
    note_paper(entrusted, app, &mut tx, exam.id, "codes", papers.len(), &paper).await?;
    tx.commit().await?;
    Ok(Ok(papers.len()))
}

async fn has_marks(scope: &Scope, tx: &mut PgConnection, paper_id: PaperId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exam_marks WHERE school_id = $1 AND paper_id = $2 AND state IN ('points', 'pass'))
               AS "has_marks!""#,
        scope.school_id(),
        paper_id,
    )
    .fetch_one(tx)
    .await?)
}

/// The candidates with a seat in the paper and no mark (absence is entered as a mark as well), in the order of their numbers;
/// `late`: only those without a code.
async fn present(scope: &Scope, tx: &mut PgConnection, paper_id: PaperId, late: bool) -> Result<Vec<CandidateId>> {
    Ok(sqlx::query_scalar!(
        "SELECT s.candidate_id FROM exam_seats s
         JOIN exam_candidates n ON n.school_id = s.school_id AND n.id = s.candidate_id
         WHERE s.school_id = $1 AND s.paper_id = $2 AND NOT EXISTS (
             SELECT FROM exam_marks a WHERE a.school_id = $1 AND a.paper_id = $2 AND a.candidate_id = s.candidate_id)
             AND (NOT $3 OR NOT EXISTS (
                 SELECT FROM exam_codes c
                 WHERE c.school_id = $1 AND c.paper_id = $2 AND c.candidate_id = s.candidate_id))
         ORDER BY n.serial",
        scope.school_id(),
        paper_id,
        late,
    )
    .fetch_all(tx)
    .await?)
}

/// How many candidates sat the paper after marking began, and have no code yet.
pub async fn waiting(scope: &Scope, tx: &mut PgConnection, paper: &Paper) -> Result<usize> {
    if paper.cut_at.is_none() || !has_marks(scope, tx, paper.id).await? {
        return Ok(0);
    }
    Ok(present(scope, tx, paper.id, true).await?.len())
}

async fn last_bag(scope: &Scope, tx: &mut PgConnection, paper_id: PaperId) -> Result<u16> {
    let last = sqlx::query_scalar!(
        "SELECT max(bag) FROM exam_codes WHERE school_id = $1 AND paper_id = $2",
        scope.school_id(),
        paper_id,
    )
    .fetch_one(tx)
    .await?;
    Ok(last.and_then(|last| u16::try_from(last).ok()).unwrap_or(0))
}

async fn write(
    entrusted: &Entrusted,
    tx: &mut PgConnection,
    paper: &Paper,
    codes: &[Code],
    candidates: &[CandidateId],
) -> Result<()> {
    let written: Vec<String> = codes.iter().map(|code| code.written()).collect();
    let bags: Vec<i16> = codes.iter().map(|code| i16::try_from(code.bag).unwrap_or(i16::MAX)).collect();
    sqlx::query!(
        "INSERT INTO exam_codes (school_id, exam_id, paper_id, code, bag, candidate_id)
         SELECT $1, $2, $3, * FROM unnest($4::text[], $5::smallint[], $6::uuid[])
         RETURNING code",
        entrusted.school_id(),
        entrusted.exam_id,
        paper.id,
        &written,
        &bags,
        candidates,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// The names of the members who may match codes with numbers: owners, and holders of the grant for exams.
pub async fn may_join(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT m.full_name FROM members m
           WHERE m.school_id = $1 AND m.status = 'active' AND m.id IN (
               SELECT g.member_id FROM grants g WHERE g.school_id = $1 AND g."grant" IN ('owner', 'exams'))
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?)
}

/// The codes of a paper in the order of the numbers, for those who cut. Each look is noted.
pub async fn look(entrusted: &Entrusted, app: &App, paper: &Paper) -> Result<Vec<CodeLine>> {
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
        paper.id,
    )
    .fetch_all(&mut *tx)
    .await?;
    if !lines.is_empty() {
        note_paper(entrusted, app, &mut tx, entrusted.exam_id, "codes_viewed", lines.len(), paper).await?;
    }
    tx.commit().await?;
    Ok(lines)
}
