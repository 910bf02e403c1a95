//! What is done to an exam. Each act locks the exam, writes in one transaction and is audited.

pub mod candidates;
pub mod codes;
pub mod corrections;
pub mod duties;
pub mod exam;
pub mod helpers;
pub mod marking;
pub mod papers;
pub mod publication;
pub mod rooms;
pub mod seats;

use std::ops::Deref;

use sqlx::PgConnection;

use super::{
    model::{Exam, Paper, Task},
    store,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction},
    error::{Error, Result},
    ids::{ExamId, MemberId, PaperId},
    schools::year_changes,
};

/// The permission to act on one exam: of those who hold the grant, and of those who were handed a task of it. Only the
/// look-up makes one.
#[derive(Clone, Debug)]
pub struct Entrusted {
    granted: Granted<may::HelpWithExams>,
    pub exam_id: ExamId,
    pub is_holder: bool,
    pub tasks: Vec<Task>,
    /// The exam's year is over, and the actor has not opened it. For display only: actions check it again.
    pub is_of_closed_year: bool,
    /// Marks of a class are published. For display only as well.
    pub is_published: bool,
}

impl Deref for Entrusted {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.granted
    }
}

impl Entrusted {
    /// The exam, and the permission to do a task of it; without one, any of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the school has no such exam, [`Error::Forbidden`] where the task is not theirs.
    pub async fn find(
        granted: &Granted<may::HelpWithExams>,
        tx: &mut PgConnection,
        exam_id: ExamId,
        task: Option<Task>,
    ) -> Result<(Self, Exam)> {
        let exam = store::find(granted, tx, exam_id).await?;
        let is_holder = granted.may::<may::ManageExams>();
        let tasks = tasks_of(granted, tx, exam_id, granted.member().map(|member| member.id)).await?;
        if !is_holder && !task.map_or(!tasks.is_empty(), |task| tasks.contains(&task)) {
            return Err(Error::Forbidden);
        }
        let (is_of_closed_year, is_published) = (false, false);
        Ok((Self { granted: granted.clone(), exam_id, is_holder, tasks, is_of_closed_year, is_published }, exam))
    }

    #[must_use]
    pub fn may_do(&self, task: Task) -> bool {
        self.is_holder || self.tasks.contains(&task)
    }

    /// The same, where the grant is held.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where only a task was handed to them.
    pub fn holder(self) -> Result<Self> {
        if self.is_holder { Ok(self) } else { Err(Error::Forbidden) }
    }
}

/// The tasks of the exam that were handed to a member.
async fn tasks_of(
    scope: &Scope,
    tx: &mut PgConnection,
    exam_id: ExamId,
    member_id: Option<MemberId>,
) -> Result<Vec<Task>> {
    let keys = sqlx::query_scalar!(
        "SELECT DISTINCT task FROM exam_helpers WHERE school_id = $1 AND exam_id = $2 AND member_id = $3",
        scope.school_id(),
        exam_id,
        member_id,
    )
    .fetch_all(tx)
    .await?;
    Ok(keys.iter().filter_map(|key| Task::from_key(key)).collect())
}

/// Why an act was refused: about which field of its form, in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExamRefusal {
    pub field: &'static str,
    pub key: &'static str,
    pub value: String,
}

impl ExamRefusal {
    #[must_use]
    pub fn new(field: &'static str, key: &'static str) -> Self {
        Self { field, key, value: String::new() }
    }

    #[must_use]
    pub fn about(field: &'static str, key: &'static str, value: impl Into<String>) -> Self {
        Self { field, key, value: value.into() }
    }
}

/// The exam, so that acts on it happen one after another.
///
/// # Errors
/// [`Error::YearOver`] where its year must not be changed any more.
async fn lock(entrusted: &Entrusted, app: &App, tx: &mut PgConnection) -> Result<Exam> {
    let exam = store::lock(entrusted, tx, entrusted.exam_id).await?;
    year_changes::expect_open(entrusted, app, tx, exam.year_id).await?;
    Ok(exam)
}

/// Notes what was done to the exam.
async fn note(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    exam_id: ExamId,
    what: &'static str,
    count: usize,
) -> Result<()> {
    let action = AuditAction::ExamChanged { what: what.into(), count, paper: String::new() };
    audit::record(scope, app, tx, audit::Event::about(action, exam_id)).await
}

/// Notes what was done to a paper of the exam, or that it was looked at.
async fn note_paper(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    exam_id: ExamId,
    what: &'static str,
    count: usize,
    paper: &Paper,
) -> Result<()> {
    let action = AuditAction::ExamChanged { what: what.into(), count, paper: paper.title() };
    audit::record(scope, app, tx, audit::Event::about(action, exam_id)).await
}

/// What was done, as the audit log names it.
pub const NOTED: [&str; 22] = [
    "settings",
    "papers",
    "rooms",
    "candidates",
    "numbers",
    "seating",
    "moved",
    "state",
    "codes",
    "codes-viewed",
    "marks",
    "marks-viewed",
    "results-viewed",
    "correction",
    "appeal",
    "published",
    "withheld",
    "helpers",
    "duties",
    "duties-changed",
    "people",
    "copied",
];

/// Refuses an act on a locked exam.
fn open(exam: &Exam, field: &'static str) -> Result<(), ExamRefusal> {
    if exam.is_locked() { Err(ExamRefusal::new(field, "fault-exam-locked")) } else { Ok(()) }
}

/// Whether any paper of the exam was cut: then nobody loses a seat by drawing anew.
async fn is_cut(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId, paper: Option<PaperId>) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exam_papers WHERE school_id = $1 AND exam_id = $2 AND cut_at IS NOT NULL
               AND ($3::uuid IS NULL OR id = $3)) OR
           EXISTS (SELECT FROM exam_marks WHERE school_id = $1 AND exam_id = $2
               AND ($3::uuid IS NULL OR paper_id = $3)) AS "is_cut!""#,
        scope.school_id(),
        exam_id,
        paper,
    )
    .fetch_one(tx)
    .await?)
}
