//! A draft for the coming year that is applied by itself on its day: a plan is made of it as it stands then, and applied
//! where no person has to confirm anything. Otherwise the owners get a mail that says why not, and the plan waits.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{PlanId, SchoolId},
    jobs::{self, enqueue_with},
    letters::outbox::Letter,
    plan::{apply, model::PlanState, review::takes_many, store},
    rollover::{
        model::Rollover,
        schedule::{self, ScheduleFailure},
        store as drafts,
    },
    roster::membership,
    schools::directory,
    sources::rollover,
    submissions::owners,
};

/// Make a plan of the draft of this school, whose day has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginScheduled {
    school_id: SchoolId,
}

impl jobs::Job for BeginScheduled {
    const NAME: &'static str = "begin_scheduled_rollover";
    const MAX_ATTEMPTS: i16 = 8;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

/// Has the draft of a school applied if its day has come, as soon as the transaction is committed.
pub async fn enqueue_due(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<()> {
    if schedule::due(scope, tx, today).await?.is_some() {
        let school_id = scope.school_id();
        let options = jobs::Options { key: Some(format!("scheduled:{school_id}")), run_at: None };
        enqueue_with(tx, &BeginScheduled { school_id }, options).await?;
    }
    Ok(())
}

impl jobs::Handle<App> for BeginScheduled {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let system = Scope::system(school);
        let mut tx = app.db.begin_in(self.school_id).await?;
        let Some(draft) = schedule::due(&system, &mut tx, app.clock.today()).await? else { return Ok(()) };
        let Some(granted) = acting(&system, &mut tx, &draft).await? else {
            tx.commit().await?;
            return Ok(fail(&system, &app, &draft, None, ScheduleFailure::Rights).await?);
        };
        tx.commit().await?;
        let Some(plan_id) = rollover::begin(&granted, &app).await? else {
            return Ok(fail(&system, &app, &draft, None, ScheduleFailure::Nothing).await?);
        };
        // In the queue of the school, behind the job that reads the draft.
        let mut tx = app.db.begin_in(self.school_id).await?;
        jobs::enqueue(&mut tx, &GoOnScheduled { school_id: self.school_id, plan_id }).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Go on with the plan of a draft whose day has come: apply it when it is ready, and tell the owners where it is not
/// applied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GoOnScheduled {
    school_id: SchoolId,
    plan_id: PlanId,
}

impl jobs::Job for GoOnScheduled {
    const NAME: &'static str = "go_on_scheduled_rollover";
    const MAX_ATTEMPTS: i16 = 12;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for GoOnScheduled {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let system = Scope::system(school);
        let mut tx = app.db.begin_in(self.school_id).await?;
        let plan = store::find(&system, &mut tx, self.plan_id).await?;
        let draft = drafts::of_plan(&system, &mut tx, plan.notes.rollover).await?;
        // Taken back, dropped, or applied: then there is no day any more.
        let draft = match draft {
            Some(draft) => Some(draft).filter(|draft| draft.apply_on.is_some()),
            None => schedule::due(&system, &mut tx, app.clock.today()).await?,
        };
        let Some(draft) = draft else { return Ok(()) };
        let granted = acting(&system, &mut tx, &draft).await?;
        let asks = plan.state == PlanState::Ready && takes_many(&system, &mut tx, &plan).await?;
        tx.commit().await?;
        let failure = match (plan.state, granted) {
            (PlanState::Reading | PlanState::Applying, _) => {
                anyhow::ensure!(attempt.is_last, "the plan is being read or applied still");
                ScheduleFailure::Plan
            }
            (PlanState::Ready, None) => ScheduleFailure::Rights,
            (PlanState::Ready, Some(_)) if asks => ScheduleFailure::Leaves,
            (PlanState::Ready, Some(granted)) => {
                apply::start(&granted.grant()?, &app, self.plan_id, None).await?;
                // Behind the job that applies it.
                let mut tx = app.db.begin_in(self.school_id).await?;
                jobs::enqueue(&mut tx, &self).await?;
                tx.commit().await?;
                return Ok(());
            }
            (PlanState::Applied, _) => {
                let mut tx = app.db.begin_in(self.school_id).await?;
                schedule::clear(&system, &mut tx, &draft, None).await?;
                tx.commit().await?;
                return Ok(());
            }
            _ => ScheduleFailure::Plan,
        };
        Ok(fail(&system, &app, &draft, Some(self.plan_id), failure).await?)
    }
}

/// The rights by which it is applied: those that the member who chose the day has now. None where that member is not known
/// any more: the system itself moves no school on.
async fn acting(
    system: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
) -> Result<Option<Granted<may::ManageClasses>>> {
    let Some(member_id) = draft.scheduled_by else { return Ok(None) };
    match membership::acting_for(system, tx, Some(member_id)).await {
        Ok(scope) => Ok(scope.grant().ok()),
        Err(Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Notes why the draft was not applied, and tells the owners.
async fn fail(
    system: &Scope,
    app: &App,
    draft: &Rollover,
    plan_id: Option<PlanId>,
    why: ScheduleFailure,
) -> Result<()> {
    let mut tx = app.db.begin_in(system.school_id()).await?;
    schedule::clear(system, &mut tx, draft, Some(why)).await?;
    let action = AuditAction::RolloverNotApplied { why: why.key().into() };
    audit::record(system, app, &mut tx, Event::about(action, draft.id)).await?;
    owners::tell(system, app, &mut tx, |name| Letter::RolloverNotApplied {
        name,
        school: system.school.name.clone(),
        school_code: system.school.code.clone(),
        year: draft.to_label(),
        plan_id,
        why: why.key().to_owned(),
    })
    .await?;
    tx.commit().await?;
    Ok(())
}
