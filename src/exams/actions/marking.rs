//! Marks: typed under the code of a paper, or under the number where it has no codes. Nothing here names a person.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Entrusted, ExamRefusal, note, note_paper, open, publication};
use crate::{
    app::App,
    error::{Error, Result},
    exams::{
        marks::{self, Mark, SETTLED},
        model::{Exam, Paper, Task},
        store,
    },
    ids::{CandidateId, MemberId, PaperId},
    schools::year_changes,
};

/// A paper of a candidate, as those who mark see it.
#[derive(Clone, Debug)]
pub struct MarkedPaper {
    /// Its code, or the number where the paper was not cut.
    pub key: String,
    candidate_id: CandidateId,
    publish_at: Option<DateTime<Utc>>,
    pub typed: Vec<(i16, Mark)>,
    typed_by: Vec<(i16, MemberId)>,
}

impl MarkedPaper {
    #[must_use]
    pub fn of_entry(&self, entry: i16) -> Option<Mark> {
        self.typed.iter().find(|(each, _)| *each == entry).map(|(_, mark)| *mark)
    }

    #[must_use]
    pub fn differs(&self) -> bool {
        marks::differs(&self.typed)
    }

    fn is_published(&self, now: DateTime<Utc>) -> bool {
        self.publish_at.is_some_and(|at| at <= now)
    }
}

/// Whether the marks of a paper are closed to those who were handed the task. What is published has names beside it, and
/// nobody compares it with codes.
#[must_use]
pub fn is_closed(entrusted: &Entrusted, sheets: &[MarkedPaper], now: DateTime<Utc>) -> bool {
    !entrusted.is_holder && sheets.iter().any(|sheet| sheet.is_published(now))
}

/// Which entry of a paper's marks the actor types: helpers the one that was handed to them, holders the one they ask
/// for, which may be the settling of differences. Where one person types each mark there is one entry, whatever was
/// handed out while there were two.
///
/// # Errors
/// [`Error::Forbidden`] where the paper was not handed to them.
pub async fn entry(
    entrusted: &Entrusted,
    tx: &mut PgConnection,
    exam: &Exam,
    paper_id: PaperId,
    asked: Option<i16>,
) -> Result<i16> {
    if entrusted.is_holder {
        return Ok(asked.filter(|entry| exam.entries == 2 && (1..=SETTLED).contains(entry)).unwrap_or(1));
    }
    let handed = sqlx::query_scalar!(
        "SELECT entry FROM exam_helpers WHERE school_id = $1 AND exam_id = $2 AND member_id = $3 AND task = $4
             AND paper_id = $5",
        entrusted.school_id(),
        entrusted.exam_id,
        entrusted.member().map(|member| member.id),
        Task::Marks.key(),
        paper_id,
    )
    .fetch_optional(tx)
    .await?
    .flatten()
    .ok_or(Error::Forbidden)?;
    Ok(if exam.entries == 2 { handed } else { 1 })
}

/// The sheets of a paper in the order of their codes; where it was not cut, of the numbers of those who have a seat.
pub async fn sheets(entrusted: &Entrusted, tx: &mut PgConnection, paper: &Paper) -> Result<Vec<MarkedPaper>> {
    let rows = sqlx::query!(
        r#"SELECT n.id, k.publish_at, CASE WHEN $4 THEN c.code ELSE n.number END AS key
           FROM exam_candidates n
           JOIN exam_classes k ON k.school_id = n.school_id AND k.exam_id = n.exam_id AND k.class_id = n.class_id
           JOIN exam_seats s ON s.school_id = n.school_id AND s.candidate_id = n.id AND s.paper_id = $3
           LEFT JOIN exam_codes c ON c.school_id = n.school_id AND c.candidate_id = n.id AND c.paper_id = $3
           WHERE n.school_id = $1 AND n.exam_id = $2 ORDER BY (CASE WHEN $4 THEN c.code ELSE n.number END) COLLATE "C""#,
        entrusted.school_id(),
        entrusted.exam_id,
        paper.id,
        paper.cut_at.is_some(),
    )
    .fetch_all(&mut *tx)
    .await?;
    let marks = sqlx::query!(
        "SELECT candidate_id, entry, state, value, typed_by FROM exam_marks WHERE school_id = $1 AND paper_id = $2",
        entrusted.school_id(),
        paper.id,
    )
    .fetch_all(tx)
    .await?;
    let mut typed: HashMap<CandidateId, Vec<_>> = HashMap::new();
    for row in marks {
        if let Some(mark) = Mark::from_stored(&row.state, row.value) {
            typed.entry(row.candidate_id).or_default().push((row.entry, mark, row.typed_by));
        }
    }
    let mut sheet = |id: CandidateId, publish_at, key| {
        let typed = typed.remove(&id).unwrap_or_default();
        MarkedPaper {
            key,
            candidate_id: id,
            publish_at,
            typed_by: typed.iter().filter_map(|(entry, _, by)| Some((*entry, (*by)?))).collect(),
            typed: typed.into_iter().map(|(entry, mark, _)| (entry, mark)).collect(),
        }
    };
    // Of a paper that was cut, those without a code are absent.
    Ok(rows.into_iter().filter_map(|row| Some(sheet(row.id, row.publish_at, row.key?))).collect())
}

/// What was typed into one field: what stood there when the page was made, and what is to stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkChange {
    pub was: Option<Mark>,
    pub mark: Option<Mark>,
}

/// What was not written, by the key of its sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// Another person has typed something else meanwhile, which stands.
    Meanwhile(Option<Mark>),
    /// Its class is published: it changes by a correction only.
    Published,
    /// The same person typed the other entry.
    SameTypist,
    /// A difference was settled: what counts changes there only.
    Settled,
    /// There is no such code or number.
    Unknown,
}

/// The refusal of marks under codes that were drawn anew after the page was loaded.
pub const CUT_ANEW: &str = "fault-exam-codes-changed";

/// Writes what was changed in a column of marks: what was not changed, or was typed alike by another person meanwhile, stays.
/// Nothing is written over what another person has typed since the page was made. All others are written. Where the codes
/// were drawn anew since the page was loaded (`cutting` differs), a code may belong to another candidate now, and nothing is
/// written; without `cutting` the current codes are meant.
pub async fn type_in(
    entrusted: &Entrusted,
    app: &App,
    paper_id: PaperId,
    entry: i16,
    cutting: Option<i32>,
    changes: &BTreeMap<String, MarkChange>,
) -> Result<Result<(usize, BTreeMap<String, NotWritten>), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let (exam, paper) = lock(entrusted, app, &mut tx, paper_id).await?;
    if let Err(refusal) = open(&exam, "marks") {
        return Ok(Err(refusal));
    }
    if cutting.is_some_and(|cutting| cutting != paper.cutting) {
        return Ok(Err(ExamRefusal::new("marks", CUT_ANEW)));
    }
    let sheets = sheets(entrusted, &mut tx, &paper).await?;
    let by_key: HashMap<&str, &MarkedPaper> = sheets.iter().map(|sheet| (sheet.key.as_str(), sheet)).collect();
    let now = app.clock.now();
    if is_closed(entrusted, &sheets, now) {
        return Ok(Err(ExamRefusal::new("marks", "fault-exam-marks-closed")));
    }
    let actor = entrusted.member().map(|member| member.id);
    let mut written: Vec<(CandidateId, Option<Mark>)> = Vec::new();
    let mut kept = BTreeMap::new();
    for (key, change) in changes.iter().filter(|(_, change)| change.was != change.mark) {
        let Some(sheet) = by_key.get(key.as_str()) else {
            kept.insert(key.clone(), NotWritten::Unknown);
            continue;
        };
        let stands = sheet.of_entry(entry);
        let other = sheet.typed_by.iter().find(|(each, _)| *each != entry && *each != SETTLED).map(|(_, by)| *by);
        let why_not = match () {
            () if stands == change.mark => continue,
            () if sheet.is_published(now) => Some(NotWritten::Published),
            () if entry != SETTLED && sheet.of_entry(SETTLED).is_some() => Some(NotWritten::Settled),
            () if stands != change.was => Some(NotWritten::Meanwhile(stands)),
            // A difference is settled by any holder, also by one who typed an entry.
            () if exam.entries == 2 && entry != SETTLED && other.is_some() && other == actor => {
                Some(NotWritten::SameTypist)
            }
            () => None,
        };
        match why_not {
            Some(why) => drop(kept.insert(key.clone(), why)),
            None => written.push((sheet.candidate_id, change.mark)),
        }
    }
    write(entrusted, &mut tx, &paper, entry, &written, now).await?;
    if !written.is_empty() {
        note_paper(entrusted, app, &mut tx, exam.id, "marks", written.len(), &paper).await?;
        publication::withhold(entrusted, app, &mut tx, exam.id).await?;
    }
    tx.commit().await?;
    Ok(Ok((written.len(), kept)))
}

/// The exam and the paper, so that marks of the paper are typed one after another, and nothing is published meanwhile.
///
/// # Errors
/// [`Error::YearOver`] where the exam's year must not be changed any more.
pub(super) async fn lock(
    entrusted: &Entrusted,
    app: &App,
    tx: &mut PgConnection,
    paper_id: PaperId,
) -> Result<(Exam, Paper)> {
    sqlx::query!(
        "SELECT id FROM exams WHERE school_id = $1 AND id = $2 FOR SHARE",
        entrusted.school_id(),
        entrusted.exam_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query!(
        "SELECT id FROM exam_papers WHERE school_id = $1 AND exam_id = $2 AND id = $3 FOR NO KEY UPDATE",
        entrusted.school_id(),
        entrusted.exam_id,
        paper_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let exam = store::find(entrusted, tx, entrusted.exam_id).await?;
    year_changes::expect_open(entrusted, app, tx, exam.year_id).await?;
    let paper = store::paper(entrusted, tx, entrusted.exam_id, paper_id).await?;
    Ok((exam, paper))
}

pub(super) async fn write(
    entrusted: &Entrusted,
    tx: &mut PgConnection,
    paper: &Paper,
    entry: i16,
    written: &[(CandidateId, Option<Mark>)],
    now: DateTime<Utc>,
) -> Result<()> {
    let emptied: Vec<CandidateId> = written.iter().filter(|(_, mark)| mark.is_none()).map(|(id, _)| *id).collect();
    sqlx::query!(
        "DELETE FROM exam_marks WHERE school_id = $1 AND paper_id = $2 AND entry = $3 AND candidate_id = ANY($4)",
        entrusted.school_id(),
        paper.id,
        entry,
        &emptied,
    )
    .execute(&mut *tx)
    .await?;
    let filled: Vec<(CandidateId, Mark)> = written.iter().filter_map(|(id, mark)| Some((*id, (*mark)?))).collect();
    let ids: Vec<CandidateId> = filled.iter().map(|(id, _)| *id).collect();
    let states: Vec<String> = filled.iter().map(|(_, mark)| mark.stored().0.to_owned()).collect();
    let values: Vec<Option<i16>> = filled.iter().map(|(_, mark)| mark.stored().1).collect();
    sqlx::query!(
        "INSERT INTO exam_marks (school_id, exam_id, paper_id, entry, typed_by, typed_at, candidate_id, state, value)
         SELECT $1, $2, $3, $4, $5, $6, * FROM unnest($7::uuid[], $8::text[], $9::smallint[])
         ON CONFLICT (school_id, paper_id, candidate_id, entry) DO UPDATE
         SET state = EXCLUDED.state, value = EXCLUDED.value, typed_by = EXCLUDED.typed_by, typed_at = EXCLUDED.typed_at",
        entrusted.school_id(),
        entrusted.exam_id,
        paper.id,
        entry,
        entrusted.member().map(|member| member.id),
        now,
        &ids,
        &states,
        &values as &[Option<i16>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Records in the audit log that a file with names and marks was downloaded, and of how many candidates.
pub async fn results_viewed(entrusted: &Entrusted, app: &App, tx: &mut PgConnection, candidates: usize) -> Result<()> {
    note(entrusted, app, tx, entrusted.exam_id, "results_viewed", candidates).await
}

/// Notes that the sheets of a paper were looked at.
pub async fn viewed(entrusted: &Entrusted, app: &App, paper: &Paper) -> Result<()> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    note_paper(entrusted, app, &mut tx, entrusted.exam_id, "marks_viewed", 0, paper).await?;
    tx.commit().await?;
    Ok(())
}
