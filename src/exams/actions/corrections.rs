//! Corrections of published marks, appeals (phúc khảo) among them: what stood before, what stands now, and why.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Entrusted, ExamRefusal, marking, note_paper, open};
use crate::{
    access::Scope,
    app::App,
    error::{Error, Result},
    exams::{
        marks::{self, Mark, SETTLED},
        store,
    },
    identity::{accounts, own_password},
    ids::{CandidateId, CorrectionId, ExamId, MemberId, PaperId},
    letters::outbox::Letter,
    web::i18n::Lang,
};

/// A correction as those who run the exam see it.
#[derive(Clone, Debug)]
pub struct Correction {
    pub candidate_id: CandidateId,
    pub number: String,
    pub full_name: String,
    pub class_name: String,
    pub subject: String,
    pub is_appeal: bool,
    /// Empty where there was no mark.
    pub before: String,
    pub after: String,
    pub reason: String,
    pub at: DateTime<Utc>,
    pub actor: String,
}

/// All corrections of the exam, the latest first.
pub async fn all(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<Correction>> {
    Ok(sqlx::query_as!(
        Correction,
        r#"SELECT k.candidate_id, coalesce(n.number, '') AS "number!", m.full_name, c.name AS class_name, p.subject,
               k.is_appeal, k.before, k.after, k.reason, k.at, coalesce(a.full_name, '') AS "actor!"
           FROM exam_corrections k
           JOIN exam_candidates n ON n.school_id = k.school_id AND n.id = k.candidate_id
           JOIN members m ON m.school_id = n.school_id AND m.id = n.member_id
           JOIN classes c ON c.school_id = n.school_id AND c.id = n.class_id
           JOIN exam_papers p ON p.school_id = k.school_id AND p.id = k.paper_id
           LEFT JOIN members a ON a.school_id = k.school_id AND a.id = k.actor_id
           WHERE k.school_id = $1 AND k.exam_id = $2 ORDER BY k.at DESC, k.id DESC"#,
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Changes a mark that is published, with a reason: it counts from now on, and the pupil sees what became of it. Before that
/// marks are typed and settled, under codes. An appeal may end with the mark that there was, which is noted as well.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such candidate.
pub async fn correct(
    entrusted: &Entrusted,
    app: &App,
    candidate_id: CandidateId,
    paper_id: PaperId,
    mark: Mark,
    reason: &str,
    is_appeal: bool,
) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let (exam, paper) = marking::lock(entrusted, app, &mut tx, paper_id).await?;
    if let Err(refusal) = open(&exam, "mark") {
        return Ok(Err(refusal));
    }
    let candidates = store::candidates(entrusted, &mut tx, exam.id).await?;
    let candidate = candidates.iter().find(|each| each.id == candidate_id).ok_or(Error::NotFound)?;
    let now = app.clock.now();
    let classes = store::classes(entrusted, &mut tx, exam.id).await?;
    if !classes.iter().any(|class| class.id == candidate.class_id && class.is_published(&now)) {
        return Ok(Err(ExamRefusal::new("mark", "fault-exam-not-published")));
    }
    let typed = store::marks(entrusted, &mut tx, exam.id).await?;
    let typed = typed.get(&(paper.id, candidate_id)).map(Vec::as_slice).unwrap_or_default();
    let before = marks::counting(exam.entries, typed);
    if before.is_none() && !candidate.sits(&paper) {
        return Ok(Err(ExamRefusal::new("paper", "fault-exam-not-sat")));
    }
    if before == Some(mark) && !is_appeal {
        return Ok(Err(ExamRefusal::new("mark", "fault-exam-mark-same")));
    }
    let correction_id: CorrectionId = app.randomness.uuid_v7(now);
    marking::write(entrusted, &mut tx, &paper, SETTLED, &[(candidate_id, Some(mark))], now).await?;
    sqlx::query!(
        "INSERT INTO exam_corrections
             (school_id, id, exam_id, paper_id, candidate_id, is_appeal, before, after, reason, at, actor_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        entrusted.school_id(),
        correction_id,
        exam.id,
        paper.id,
        candidate_id,
        is_appeal,
        before.map(Mark::typed).unwrap_or_default(),
        mark.typed(),
        reason,
        now,
        entrusted.member().map(|member| member.id),
    )
    .execute(&mut *tx)
    .await?;
    let what = if is_appeal { "appeal" } else { "correction" };
    note_paper(entrusted, app, &mut tx, exam.id, what, 1, &paper).await?;
    tell(entrusted, app, &mut tx, candidate.member_id, &exam.name, &paper.subject).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Tells the candidate by mail, where their login is an address; all others see it on their home. The mail names no mark:
/// families share addresses.
async fn tell(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
    exam: &str,
    subject: &str,
) -> Result<()> {
    let member = sqlx::query!(
        "SELECT account_id, full_name FROM members WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        member_id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let Some(account_id) = member.account_id else { return Ok(()) };
    let letter = Letter::MarkCorrected {
        name: member.full_name,
        school: scope.school.name.clone(),
        school_code: scope.school.code.clone(),
        exam: exam.to_owned(),
        subject: subject.to_owned(),
    };
    for (account_id, login) in accounts::logins(tx, &[account_id]).await? {
        own_password::tell(tx, app, (account_id, &login), &letter, Lang::default()).await?;
    }
    Ok(())
}
