//! What a person may see of exams without running one: pupils their own seats and published marks, teachers their duties
//! and tasks, homeroom teachers the published marks of their class. Of pupils, what is not published is not even read.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{
    lessons::{self, ClashingLesson},
    marks::{self, Mark},
    model::{Paper, Task},
};
use crate::{
    access::Scope,
    error::Result,
    homeroom::own_class::OwnClass,
    ids::{ExamId, MemberId, PaperId},
};

/// A paper of one's own.
#[derive(Clone, Debug)]
pub struct OwnPaper {
    pub id: PaperId,
    pub subject: String,
    pub starts_at: DateTime<Utc>,
    pub minutes: i16,
    pub room: Option<String>,
    pub seat: Option<i16>,
    /// Only once it is published.
    pub mark: Option<Mark>,
    /// What became of the mark after it was published: before, after, why.
    pub corrections: Vec<(String, String, String)>,
}

#[derive(Clone, Debug)]
pub struct OwnExam {
    pub id: ExamId,
    pub name: String,
    pub number: String,
    pub is_published: bool,
    pub papers: Vec<OwnPaper>,
}

/// The exams in which the actor is a candidate, the latest first, each with how often its marks are typed; without marks
/// and corrections.
async fn candidacies(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<(i16, OwnExam)>> {
    let Some(member) = scope.member() else { return Ok(Vec::new()) };
    let rows = sqlx::query!(
        r#"SELECT e.id, e.name, e.entries, coalesce(n.number, '') AS "number!", n.id AS candidate_id,
               coalesce(k.publish_at <= $3, false) AS "is_published!", p.id AS paper_id, p.subject, p.starts_at, p.minutes,
               r.name AS "room?", s.seat AS "seat?"
           FROM exam_candidates n
           JOIN exams e ON e.school_id = n.school_id AND e.id = n.exam_id
           JOIN exam_classes k ON k.school_id = n.school_id AND k.exam_id = n.exam_id AND k.class_id = n.class_id
           JOIN exam_papers p ON p.school_id = n.school_id AND p.exam_id = n.exam_id
               AND (p.grades = '{}' OR n.grade = ANY(p.grades)) AND p.id <> ALL(n.exempt_from)
           LEFT JOIN exam_seats s ON s.school_id = n.school_id AND s.paper_id = p.id AND s.candidate_id = n.id
           LEFT JOIN exam_rooms r ON r.school_id = s.school_id AND r.id = s.room_id
           WHERE n.school_id = $1 AND n.member_id = $2 AND n.withdrawn_at IS NULL
           ORDER BY e.created_at DESC, e.id, p.starts_at, p.id"#,
        scope.school_id(),
        member.id,
        now,
    )
    .fetch_all(tx)
    .await?;
    let mut exams: Vec<(i16, OwnExam)> = Vec::new();
    for row in rows {
        let paper = OwnPaper {
            id: row.paper_id,
            subject: row.subject,
            starts_at: row.starts_at,
            minutes: row.minutes,
            room: row.room,
            seat: row.seat,
            mark: None,
            corrections: Vec::new(),
        };
        match exams.last_mut() {
            Some((_, exam)) if exam.id == row.id => exam.papers.push(paper),
            _ => exams.push((
                row.entries,
                OwnExam {
                    id: row.id,
                    name: row.name,
                    number: row.number,
                    is_published: row.is_published,
                    papers: vec![paper],
                },
            )),
        }
    }
    Ok(exams)
}

/// The exams in which the actor is a candidate, the latest first.
pub async fn exams(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<OwnExam>> {
    let Some(member) = scope.member() else { return Ok(Vec::new()) };
    let mut exams = candidacies(scope, tx, now).await?;
    let marks = sqlx::query!(
        "SELECT a.paper_id, a.entry, a.state, a.value FROM exam_candidates n
         JOIN exam_classes k ON k.school_id = n.school_id AND k.exam_id = n.exam_id AND k.class_id = n.class_id
             AND k.publish_at <= $3
         JOIN exam_marks a ON a.school_id = n.school_id AND a.candidate_id = n.id
         WHERE n.school_id = $1 AND n.member_id = $2",
        scope.school_id(),
        member.id,
        now,
    )
    .fetch_all(&mut *tx)
    .await?;
    let corrections = sqlx::query!(
        "SELECT c.paper_id, c.before, c.after, c.reason FROM exam_candidates n
         JOIN exam_classes k ON k.school_id = n.school_id AND k.exam_id = n.exam_id AND k.class_id = n.class_id
             AND k.publish_at <= $3
         JOIN exam_corrections c ON c.school_id = n.school_id AND c.candidate_id = n.id
         WHERE n.school_id = $1 AND n.member_id = $2 ORDER BY c.at",
        scope.school_id(),
        member.id,
        now,
    )
    .fetch_all(tx)
    .await?;
    let mut typed: BTreeMap<PaperId, Vec<(i16, Mark)>> = BTreeMap::new();
    for row in marks {
        if let Some(mark) = Mark::from_stored(&row.state, row.value) {
            typed.entry(row.paper_id).or_default().push((row.entry, mark));
        }
    }
    for (entries, exam) in &mut exams {
        for paper in &mut exam.papers {
            paper.mark = typed.get(&paper.id).and_then(|typed| marks::counting(*entries, typed));
            paper.corrections = corrections
                .iter()
                .filter(|each| each.paper_id == paper.id)
                .map(|each| (each.before.clone(), each.after.clone(), each.reason.clone()))
                .collect();
        }
    }
    Ok(exams.into_iter().map(|(_, exam)| exam).collect())
}

/// A paper that the actor sits next.
#[derive(Clone, Debug)]
pub struct NextPaper {
    pub exam: String,
    pub paper: OwnPaper,
}

/// The actor's next papers that are not over, in the order of time.
pub async fn next_papers(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<NextPaper>> {
    let exams = candidacies(scope, tx, now).await?.into_iter();
    let papers = exams
        .flat_map(|(_, exam)| exam.papers.into_iter().map(move |paper| NextPaper { exam: exam.name.clone(), paper }));
    let is_ahead = |next: &NextPaper| next.paper.starts_at + Duration::minutes(next.paper.minutes.into()) > now;
    let mut papers: Vec<_> = papers.filter(is_ahead).collect();
    papers.sort_by_key(|next| next.paper.starts_at);
    papers.truncate(MOST_NEXT);
    Ok(papers)
}

/// For how many days the home tells of a correction.
const DAYS_TOLD: i64 = 14;

/// A published mark of the actor that was corrected of late.
#[derive(Clone, Debug)]
pub struct OwnCorrection {
    pub exam: String,
    pub subject: String,
    pub before: String,
    pub after: String,
    pub at: DateTime<Utc>,
}

/// The actor's marks that were corrected of late, the latest first.
pub async fn corrections(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<OwnCorrection>> {
    Ok(sqlx::query_as!(
        OwnCorrection,
        "SELECT e.name AS exam, p.subject, c.before, c.after, c.at FROM exam_candidates n
         JOIN exam_classes k ON k.school_id = n.school_id AND k.exam_id = n.exam_id AND k.class_id = n.class_id
             AND k.publish_at <= $3
         JOIN exam_corrections c ON c.school_id = n.school_id AND c.candidate_id = n.id AND c.at > $4
         JOIN exams e ON e.school_id = n.school_id AND e.id = n.exam_id
         JOIN exam_papers p ON p.school_id = c.school_id AND p.id = c.paper_id
         WHERE n.school_id = $1 AND n.member_id = $2 ORDER BY c.at DESC",
        scope.school_id(),
        scope.member().map(|member| member.id),
        now,
        now - Duration::days(DAYS_TOLD),
    )
    .fetch_all(tx)
    .await?)
}

/// A duty of one's own.
#[derive(Clone, Debug)]
pub struct OwnDuty {
    pub paper_id: PaperId,
    pub exam: String,
    pub subject: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// None: in the corridor.
    pub room: Option<String>,
    pub place: Option<String>,
}

/// A member's duties from one moment to another, in the order of time.
pub async fn duties_of(
    scope: &Scope,
    tx: &mut PgConnection,
    member_id: MemberId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<OwnDuty>> {
    Ok(sqlx::query_as!(
        OwnDuty,
        r#"SELECT p.id AS paper_id, e.name AS exam, p.subject, p.starts_at, p.ends_at, r.name AS "room?",
               r.place AS "place?"
           FROM exam_duties d
           JOIN exams e ON e.school_id = d.school_id AND e.id = d.exam_id
           JOIN exam_papers p ON p.school_id = d.school_id AND p.id = d.paper_id
           LEFT JOIN exam_rooms r ON r.school_id = d.school_id AND r.id = d.room_id
           WHERE d.school_id = $1 AND d.member_id = $2 AND p.ends_at > $3 AND p.starts_at < $4
           ORDER BY p.starts_at, p.id"#,
        scope.school_id(),
        member_id,
        from,
        until,
    )
    .fetch_all(tx)
    .await?)
}

/// The actor's duties of this year and the next, in the order of time.
pub async fn duties(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<OwnDuty>> {
    let Some(member) = scope.member() else { return Ok(Vec::new()) };
    let year = Duration::days(366);
    duties_of(scope, tx, member.id, (now - year, now + year)).await
}

/// At most how many duties or papers the home tells of.
const MOST_NEXT: usize = 5;

/// The actor's next duties that are not over, in the order of time.
pub async fn next_duties(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<OwnDuty>> {
    let mut duties = duties(scope, tx, now).await?;
    duties.retain(|duty| duty.ends_at > now);
    duties.truncate(MOST_NEXT);
    Ok(duties)
}

/// A coming day of an exam.
#[derive(Clone, Debug)]
pub struct ComingDay {
    pub day: NaiveDate,
    pub exam_id: ExamId,
    pub exam: String,
    pub papers: Vec<Paper>,
    /// The actor's lessons that are not held then, since their classes sit a paper.
    pub lessons: Vec<ClashingLesson>,
}

/// How many days ahead the home page of a teacher shows exams, and at most how many days of exams.
const DAYS_AHEAD: i64 = 30;
const MOST_DAYS: usize = 6;

/// The next days of exams that are planned out, for those who teach: each with its papers and with the actor's lessons that
/// fall on them.
pub async fn coming_days(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<ComingDay>> {
    let exams = sqlx::query!(
        "SELECT e.id, e.name FROM exams e
         WHERE e.school_id = $1 AND e.state NOT IN ('preparing', 'locked') AND EXISTS (
             SELECT FROM exam_papers p
             WHERE p.school_id = $1 AND p.exam_id = e.id AND p.ends_at > $2 AND p.starts_at < $3)
         ORDER BY e.created_at, e.id",
        scope.school_id(),
        now,
        now + Duration::days(DAYS_AHEAD),
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut coming = Vec::new();
    for exam in exams {
        let mut papers = super::store::papers(scope, tx, exam.id).await?;
        papers.retain(|paper| paper.ends_at > now && paper.starts_at < now + Duration::days(DAYS_AHEAD));
        let lessons = match scope.member() {
            Some(member) => lessons::of_teacher(scope, tx, exam.id, &papers, member.id).await?,
            None => Vec::new(),
        };
        for paper in papers {
            let day = paper.day();
            match coming.last_mut() {
                Some(ComingDay { day: last, exam_id, papers, .. }) if *last == day && *exam_id == exam.id => {
                    papers.push(paper);
                }
                _ => coming.push(ComingDay {
                    day,
                    exam_id: exam.id,
                    exam: exam.name.clone(),
                    papers: vec![paper],
                    lessons: lessons.iter().filter(|lesson| lesson.date == day).cloned().collect(),
                }),
            }
        }
    }
    coming.sort_by_key(|coming| coming.day);
    coming.truncate(MOST_DAYS);
    Ok(coming)
}

/// A task that was handed to the actor.
#[derive(Clone, Debug)]
pub struct OwnTask {
    pub exam_id: ExamId,
    pub exam: String,
    pub task: Task,
    /// Whose marks are theirs to type.
    pub paper: Option<(PaperId, String)>,
}

/// The actor's tasks in exams that are not locked.
pub async fn tasks(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<OwnTask>> {
    let rows = sqlx::query!(
        r#"SELECT h.exam_id, e.name, h.task, h.paper_id, p.subject AS "subject?" FROM exam_helpers h
           JOIN exams e ON e.school_id = h.school_id AND e.id = h.exam_id AND e.state <> 'locked'
           LEFT JOIN exam_papers p ON p.school_id = h.school_id AND p.id = h.paper_id
           WHERE h.school_id = $1 AND h.member_id = $2 ORDER BY e.created_at DESC, h.task, p.starts_at"#,
        scope.school_id(),
        scope.member().map(|member| member.id),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(OwnTask {
                exam_id: row.exam_id,
                exam: row.name,
                task: Task::from_key(&row.task)?,
                paper: row.paper_id.zip(row.subject),
            })
        })
        .collect())
}

/// The published marks of a class in one exam.
#[derive(Clone, Debug)]
pub struct ClassMarks {
    pub name: String,
    pub subjects: Vec<String>,
    /// Pupils with their numbers and a mark for each subject.
    pub pupils: Vec<(String, String, Vec<String>)>,
}

/// The published marks of the actor's homeroom class, the latest exam first.
pub async fn of_class(
    scope: &Scope,
    tx: &mut PgConnection,
    class: &OwnClass,
    now: DateTime<Utc>,
) -> Result<Vec<ClassMarks>> {
    let exams = sqlx::query!(
        "SELECT e.id, e.name, e.entries FROM exam_classes k JOIN exams e ON e.school_id = k.school_id AND e.id = k.exam_id
         WHERE k.school_id = $1 AND k.class_id = $2 AND k.publish_at <= $3 ORDER BY e.created_at DESC",
        scope.school_id(),
        class.id,
        now,
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut found = Vec::new();
    for exam in exams {
        let papers = super::store::papers(scope, tx, exam.id).await?;
        let mut candidates = super::store::candidates(scope, tx, exam.id).await?;
        candidates.retain(|each| each.class_id == class.id && !each.is_withdrawn);
        let typed = super::store::marks(scope, tx, exam.id).await?;
        let papers: Vec<_> =
            papers.into_iter().filter(|paper| candidates.iter().any(|candidate| candidate.sits(paper))).collect();
        let pupil = |candidate: &super::model::Candidate| {
            let mark = |paper: &super::model::Paper| {
                let typed = typed.get(&(paper.id, candidate.id)).map(Vec::as_slice).unwrap_or_default();
                marks::counting(exam.entries, typed).map(Mark::typed).unwrap_or_default()
            };
            let marks = papers.iter().map(mark).collect();
            (candidate.number.clone().unwrap_or_default(), candidate.full_name.clone(), marks)
        };
        found.push(ClassMarks {
            name: exam.name,
            subjects: papers.iter().map(|paper| paper.subject.clone()).collect(),
            pupils: candidates.iter().map(pupil).collect(),
        });
    }
    Ok(found)
}
