//! Taking an approved submission over into the registry: a job, with the rights that the operator has when it runs, and
//! one transaction. If the worker dies, nothing is written and the job runs again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{deciding, owners, queue};
use crate::{
    access::{Actor, Scope},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    identity::operators,
    ids::{AccountId, PlanId, SchoolId},
    jobs,
    letters::outbox::Letter,
    plan::{
        model::PlanState,
        registry_apply::{self, RegistryWritten},
        store as plans,
    },
    registry::submissions::{self, Setback, Submission, SubmissionState},
    schools::{
        directory,
        settings::{self, RegistrySource},
    },
};

/// Take over the submission of this plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApproveSubmission {
    pub school_id: SchoolId,
    pub plan_id: PlanId,
}

impl jobs::Job for ApproveSubmission {
    const NAME: &'static str = "approve_submission";
    const MAX_ATTEMPTS: i16 = 6;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("registry:{}", self.school_id))
    }
}

impl jobs::Handle<App> for ApproveSubmission {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let system = Scope::system(school);
        // The last attempt only gives up: earlier ones may have crashed their workers.
        if attempt.is_last {
            return Ok(give_up(&system, &app, self.plan_id, Setback::Failed, String::new()).await?);
        }
        match operator_scope(&system, &app, self.plan_id).await? {
            Some(scope) => Ok(take_over(&scope, &app, self.plan_id).await?),
            None => Ok(give_up(&system, &app, self.plan_id, Setback::Rights, String::new()).await?),
        }
    }
}

/// The scope of the operator who has approved it, who must still administer the school; of the command line, the
/// system's.
async fn operator_scope(system: &Scope, app: &App, plan_id: PlanId) -> Result<Option<Scope>> {
    let mut tx = app.db.begin_in(system.school_id()).await?;
    // On a cluster the job may be there a moment before the approval is, on another node: it is waited for.
    sqlx::query!(
        "SELECT plan_id FROM submissions WHERE school_id = $1 AND plan_id = $2 FOR SHARE",
        system.school_id(),
        plan_id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let submission = submissions::find(system, &mut tx, plan_id).await?;
    tx.commit().await?;
    match submission.decided_by {
        Some(account_id) => scope_of(system, app, account_id).await,
        None => Ok(Some(system.clone())),
    }
}

/// The scope of an operator, as long as they administer the school.
pub(super) async fn scope_of(system: &Scope, app: &App, account_id: AccountId) -> Result<Option<Scope>> {
    let mut tx = app.db.begin_in(system.school_id()).await?;
    let operator = operators::find(&mut tx, account_id).await?;
    let province = sqlx::query_scalar!("SELECT province_code FROM schools WHERE id = $1", system.school_id())
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    let administers = operator.is_some_and(|operator| operator.administers(&province));
    Ok(administers.then(|| Scope { actor: Actor::Operator(account_id), ..system.clone() }))
}

/// The transaction.
async fn take_over(scope: &Scope, app: &App, plan_id: PlanId) -> Result<()> {
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    let plan = plans::find(scope, &mut tx, plan_id).await?;
    let submission = submissions::find(scope, &mut tx, plan_id).await?;
    if submission.state != SubmissionState::Approving {
        return Ok(());
    }
    if settings::registry_source(scope, &mut tx).await? == RegistrySource::Own {
        tx.rollback().await?;
        return give_up(scope, app, plan_id, Setback::KeepsOwn, String::new()).await;
    }
    let missing = submissions::missing_classes(scope, &mut tx, plan_id, plan.school_year_id).await?;
    if !missing.is_empty() {
        // A list of classes that is being taken over comes first, and may be tried again after this one.
        if deciding::classes_are_on_their_way(scope, &mut tx).await? {
            return Err(Error::Overloaded);
        }
        tx.rollback().await?;
        let names: Vec<String> = missing.into_iter().map(|class| class.name).collect();
        return give_up(scope, app, plan_id, Setback::Classes, names.join(", ")).await;
    }
    let Some(written) = registry_apply::write(scope, app, &mut tx, &plan).await? else { return Ok(()) };
    finish(scope, app, &mut tx, &submission, written).await?;
    tx.commit().await?;
    Ok(())
}

async fn finish(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    submission: &Submission,
    written: RegistryWritten,
) -> Result<()> {
    let (now, plan_id) = (app.clock.now(), submission.plan_id);
    end_approval(scope, tx, plan_id, SubmissionState::Approved).await?;
    sqlx::query!(
        "UPDATE submissions SET decided_at = $3 WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let action = AuditAction::SubmissionApproved {
        kind: submission.kind.key().into(),
        created: written.created,
        updated: written.updated,
        left: written.left,
        stale: written.dropped,
        moved: written.moved,
    };
    audit::record(scope, app, tx, Event::about(action, plan_id)).await?;
    let done = i64::try_from(written.created + written.updated + written.left).unwrap_or_default();
    owners::tell(scope, app, tx, |name| Letter::SubmissionApproved {
        name,
        school: scope.school.name.clone(),
        school_code: scope.school.code.clone(),
        plan_id,
        done,
        dropped: i64::try_from(written.dropped).unwrap_or_default(),
    })
    .await?;
    // Last, since the counts of a province are everybody's.
    queue::set_state(scope, tx, plan_id, SubmissionState::Approved, Some(now)).await
}

async fn end_approval(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, to: SubmissionState) -> Result<()> {
    sqlx::query!(
        "UPDATE submissions SET state = $3 WHERE school_id = $1 AND plan_id = $2 AND state = 'approving'",
        scope.school_id(),
        plan_id,
        to.key(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The longest text that says what a setback is about, in characters.
const MOST_ABOUT: usize = 1_000;

/// Nothing was written: the submission waits again, and says why.
async fn give_up(scope: &Scope, app: &App, plan_id: PlanId, setback: Setback, about: String) -> Result<()> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    if plans::advance(scope, &mut tx, plan_id, PlanState::Applying, PlanState::Submitted).await? {
        end_approval(scope, &mut tx, plan_id, SubmissionState::Submitted).await?;
        sqlx::query!(
            "UPDATE submissions SET setback = $3, setback_about = $4 WHERE school_id = $1 AND plan_id = $2",
            scope.school_id(),
            plan_id,
            setback.key(),
            about.chars().take(MOST_ABOUT).collect::<String>(),
        )
        .execute(&mut *tx)
        .await?;
        let action = AuditAction::SubmissionNotTakenOver { why: setback.key().into() };
        audit::record(scope, app, &mut tx, Event::about(action, plan_id)).await?;
        queue::set_state(scope, &mut tx, plan_id, SubmissionState::Submitted, None).await?;
    }
    tx.commit().await?;
    Ok(())
}
