//! A plan claimed by a worker: taken up with the rights of the actor who started it, and given up so that nobody waits
//! for a result that will not come.

use std::sync::Arc;

use super::{
    book::Book,
    model::{Plan, PlanState},
    store, upload,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::{Error, Result},
    ids::{MemberId, PlanId, SchoolId},
    jobs::Attempt,
    roster::membership,
    schools::directory,
};

/// What a worker does to a plan: the state meanwhile, what becomes of the plan where it is given up, and who has
/// started it.
#[derive(Clone, Copy, Debug)]
pub struct JobClaim {
    pub during: PlanState,
    pub given_up: GivenUp,
    pub started_by: fn(&Plan) -> Option<MemberId>,
}

/// What becomes of a plan that is given up.
#[derive(Clone, Copy, Debug)]
pub enum GivenUp {
    /// It falls back to this state.
    To(PlanState),
    /// Its file is refused, and the plan says why.
    FileRefused,
}

/// Why a plan is given up.
#[derive(Clone, Copy, Debug)]
enum GiveUpReason {
    /// Earlier attempts failed, or crashed their workers.
    Failed,
    /// The actor who started it may no longer do so.
    RightsLost,
}

impl JobClaim {
    /// The plan, with the rights that the actor who started it has now. Nothing where a job has nothing to do: the
    /// claim has ended, or was given up here. The last attempt only gives up: earlier ones may have crashed their
    /// workers.
    pub async fn take_up_job(
        self,
        app: &Arc<App>,
        school_id: SchoolId,
        plan_id: PlanId,
        attempt: Attempt,
    ) -> Result<Option<(Granted<may::ManageAccounts>, Plan)>> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, school_id).await?;
        let system = Scope::system(school);
        if attempt.is_last {
            self.give_up(&system, app, plan_id, GiveUpReason::Failed).await?;
            return Ok(None);
        }
        self.take_up(&system, app, plan_id).await
    }

    /// The same for a worker that has the school at hand and is not at its last attempt.
    pub async fn take_up(
        self,
        system: &Scope,
        app: &App,
        plan_id: PlanId,
    ) -> Result<Option<(Granted<may::ManageAccounts>, Plan)>> {
        let mut tx = app.db.begin_in(system.school_id()).await?;
        let plan = store::find(system, &mut tx, plan_id).await?;
        let scope = membership::acting_for(system, &mut tx, (self.started_by)(&plan)).await;
        tx.commit().await?;
        // A submission is read like any other plan, and applied by its approval.
        let is_of_approval = plan.book != Book::Roster && self.during != PlanState::Reading;
        if is_of_approval || plan.state != self.during {
            return Ok(None);
        }
        match scope.and_then(|scope| scope.grant::<may::ManageAccounts>()) {
            Ok(granted) => Ok(Some((granted, plan))),
            Err(Error::Forbidden) => self.give_up(system, app, plan_id, GiveUpReason::RightsLost).await.map(|()| None),
            Err(error) => Err(error),
        }
    }

    /// Nothing was written, and the plan says so.
    async fn give_up(self, scope: &Scope, app: &App, plan_id: PlanId, reason: GiveUpReason) -> Result<()> {
        let state = match (self.given_up, reason) {
            (GivenUp::To(state), _) => state,
            (GivenUp::FileRefused, GiveUpReason::Failed) => {
                return upload::refuse(scope, app, plan_id, "refusal-reader-failed").await;
            }
            (GivenUp::FileRefused, GiveUpReason::RightsLost) => {
                return upload::refuse(scope, app, plan_id, "refusal-rights-lost").await;
            }
        };
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        store::advance(scope, &mut tx, plan_id, self.during, state).await?;
        tx.commit().await?;
        Ok(())
    }
}
