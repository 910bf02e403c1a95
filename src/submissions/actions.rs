//! What a school does with a submission: begin it, hand it in, withdraw it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{elsewhere, quality, queue};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{PlanId, TokenId, YearId},
    jobs,
    plan::{
        book::Book,
        draft::{self, SealedUpload},
        model::{Plan, PlanState, Source},
        review::takes_many,
        store as plans,
        upload::{self, SealedFile},
    },
    registry::{
        conflicts,
        submissions::{self, Submission, SubmissionKind, SubmissionState},
    },
    schools::settings::{self, RegistrySource},
    sources::import::ReadUpload,
};

/// A file that is handed in.
pub struct NewSubmission<'a> {
    pub kind: SubmissionKind,
    pub file_name: &'a str,
    pub file: SealedFile,
    /// The year whose classes it is about; without one, today's.
    pub year_id: Option<YearId>,
    pub token_id: Option<TokenId>,
}

/// What its rows are read as.
#[must_use]
pub fn source_of(kind: SubmissionKind) -> Source {
    match kind {
        SubmissionKind::Classes => Source::Classes,
        SubmissionKind::Staff => Source::Teachers,
        SubmissionKind::Pupils => Source::Students,
    }
}

/// Accepts a file: a submission whose rows are being checked. Gives the id of its plan, which is its own.
///
/// # Errors
/// [`Error::FilesWaiting`] where the school's limit on waiting files is reached; [`Error::Forbidden`] where the school
/// keeps its registry itself.
pub async fn begin(granted: &Granted<may::ManageRegistry>, app: &App, new: NewSubmission<'_>) -> Result<PlanId> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan_id = begin_in(granted, app, &mut tx, new).await?;
    tx.commit().await?;
    Ok(plan_id)
}

/// The same in the caller's transaction.
///
/// # Errors
/// As of [`begin`].
pub async fn begin_in(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    tx: &mut PgConnection,
    new: NewSubmission<'_>,
) -> Result<PlanId> {
    if settings::registry_source(granted, tx).await? == RegistrySource::Own {
        return Err(Error::Forbidden);
    }
    let NewSubmission { kind, file_name, file, year_id, token_id } = new;
    let upload = SealedUpload { source: source_of(kind), file_name, file, year_id };
    let plan_id = draft::begin(granted, app, tx, Book::Registry, upload).await?;
    submissions::insert(granted, tx, plan_id, kind, token_id, app.clock.now()).await?;
    jobs::enqueue(tx, &ReadUpload::of(granted.school_id(), plan_id)).await?;
    Ok(plan_id)
}

/// Why a submission cannot be handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitRefusal {
    /// It is being checked, or was handed in already.
    NotOpen,
    /// It would change nothing.
    Nothing,
    /// These classes have to be handed in first.
    ClassesMissing(String),
    /// More than a fifth of the people would be gone: asked once more.
    ConfirmLeaves,
    /// An earlier one of the kind is being taken over at this moment.
    BeingApproved,
    /// The school keeps its registry itself by now.
    KeepsOwn,
}

impl SubmitRefusal {
    /// The key of a sentence.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NotOpen => "fault-submission-not-open",
            Self::Nothing => "fault-submission-nothing",
            Self::ClassesMissing(_) => "fault-submission-classes",
            Self::ConfirmLeaves => "fault-submission-leaves",
            Self::BeingApproved => "fault-submission-approving",
            Self::KeepsOwn => "fault-submission-keeps-own",
        }
    }

    /// What the sentence is about.
    #[must_use]
    pub fn value(&self) -> &str {
        if let Self::ClassesMissing(names) = self { names } else { "" }
    }
}

/// Hands a submission in: from now on nobody changes it, and an operator sees it. One of the kind that still waits is
/// replaced.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such submission; the inner error is why it is not handed in.
pub async fn submit(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    plan_id: PlanId,
    confirms_leaves: bool,
) -> Result<std::result::Result<(), SubmitRefusal>> {
    let now = app.clock.now();
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    lock(granted, &mut tx).await?;
    plans::lock(granted, &mut tx, plan_id).await?;
    let plan = plans::find_in(granted, &mut tx, Book::Registry, plan_id).await?;
    let submission = submissions::find(granted, &mut tx, plan_id).await?;
    if let Some(refusal) = refusal(granted, &mut tx, &plan, &submission, confirms_leaves).await? {
        return Ok(Err(refusal));
    }
    replace_earlier(granted, app, &mut tx, &submission, now).await?;
    // After waiting for those who decide on an earlier one at this moment.
    if is_approving(granted, &mut tx, submission.kind).await? {
        return Ok(Err(SubmitRefusal::BeingApproved));
    }
    sqlx::query!(
        "UPDATE submissions SET state = 'submitted', remark = NULL, setback = NULL, setback_about = NULL,
             submitted_by = $3, submitted_at = $4, decided_by = NULL, decided_at = NULL
         WHERE school_id = $1 AND plan_id = $2",
        granted.school_id(),
        plan_id,
        granted.member().map(|member| member.id),
        now,
    )
    .execute(&mut *tx)
    .await?;
    plans::advance(granted, &mut tx, plan_id, PlanState::Ready, PlanState::Submitted).await?;
    let quality = quality::of(granted, &mut tx, &plan, submission.kind, app.clock.today()).await?;
    queue::enter(granted, &mut tx, &plan, submission.kind, &quality, now).await?;
    elsewhere::note(granted, app, &mut tx, plan_id).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::SubmissionSubmitted, plan_id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn refusal(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    submission: &Submission,
    confirms_leaves: bool,
) -> Result<Option<SubmitRefusal>> {
    if plan.state != PlanState::Ready || !submission.state.is_open() {
        return Ok(Some(SubmitRefusal::NotOpen));
    }
    if settings::registry_source(scope, tx).await? == RegistrySource::Own {
        return Ok(Some(SubmitRefusal::KeepsOwn));
    }
    if plan.counts.to_write() == 0 {
        return Ok(Some(SubmitRefusal::Nothing));
    }
    let missing = submissions::missing_classes(scope, tx, plan.id, plan.school_year_id).await?;
    let missing: Vec<String> =
        missing.into_iter().filter(|class| !class.is_submitted).map(|class| class.name).collect();
    if !missing.is_empty() {
        return Ok(Some(SubmitRefusal::ClassesMissing(missing.join(", "))));
    }
    if !confirms_leaves && takes_many(scope, tx, plan).await? {
        return Ok(Some(SubmitRefusal::ConfirmLeaves));
    }
    Ok(None)
}

async fn is_approving(scope: &Scope, tx: &mut PgConnection, kind: SubmissionKind) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM submissions WHERE school_id = $1 AND kind = $2 AND state = 'approving') AS "is_so!""#,
        scope.school_id(),
        kind.key(),
    )
    .fetch_one(tx)
    .await?)
}

async fn replace_earlier(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    submission: &Submission,
    now: DateTime<Utc>,
) -> Result<()> {
    let replaced = sqlx::query_scalar!(
        "UPDATE submissions SET state = 'replaced', decided_at = $3
         WHERE school_id = $1 AND kind = $2 AND state = 'submitted' RETURNING plan_id",
        scope.school_id(),
        submission.kind.key(),
        now,
    )
    .fetch_all(&mut *tx)
    .await?;
    for plan_id in replaced {
        // It waits no longer: its rows are forgotten when their time comes, its file at once.
        plans::advance(scope, tx, plan_id, PlanState::Submitted, PlanState::Ready).await?;
        upload::forget(scope, tx, plan_id).await?;
        queue::set_state(scope, tx, plan_id, SubmissionState::Replaced, Some(now)).await?;
        conflicts::close_of_plan(scope, app, tx, plan_id).await?;
        audit::record(scope, app, tx, Event::about(AuditAction::SubmissionReplaced, plan_id)).await?;
    }
    Ok(())
}

/// Takes a submission back before an operator decides; it can be changed and handed in again. False where it does not
/// wait any more.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such submission.
pub async fn withdraw(granted: &Granted<may::ManageRegistry>, app: &App, plan_id: PlanId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    submissions::find(granted, &mut tx, plan_id).await?;
    if !take_back(granted, app, &mut tx, plan_id, SubmissionState::Withdrawn).await? {
        return Ok(false);
    }
    audit::record(granted, app, &mut tx, Event::about(AuditAction::SubmissionWithdrawn, plan_id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Gives a submission that waits back to the school. False where it does not wait any more.
pub async fn take_back(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan_id: PlanId,
    to: SubmissionState,
) -> Result<bool> {
    let now = app.clock.now();
    let turned = sqlx::query!(
        "UPDATE submissions SET state = $3, decided_at = $4, setback = NULL, setback_about = NULL
         WHERE school_id = $1 AND plan_id = $2 AND state = 'submitted'",
        scope.school_id(),
        plan_id,
        to.key(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    if turned.rows_affected() == 0 {
        return Ok(false);
    }
    plans::advance(scope, tx, plan_id, PlanState::Submitted, PlanState::Ready).await?;
    queue::set_state(scope, tx, plan_id, to, Some(now)).await?;
    conflicts::close_of_plan(scope, app, tx, plan_id).await?;
    Ok(true)
}

/// Submissions of one school are handed in one after the other.
async fn lock(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('submissions:' || $1::text, 0))",
        scope.school_id().to_string(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
