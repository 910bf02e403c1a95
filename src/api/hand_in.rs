//! Handing in by a token: where nothing is wrong with a file, it is handed in as soon as it has been checked, whether or
//! not the program still waits for the answer.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    answer::{self, ApiAnswer, FoundSubmission},
    idempotency::{self, IdempotencyClaim},
};
use crate::{
    access::{Actor, Granted, Scope, TokenActor, TokenScope, may},
    app::App,
    error::Result,
    ids::{PlanId, SchoolId, TokenId},
    jobs,
    plan::{
        model::PlanState,
        upload::{self, SealedFile},
    },
    registry::submissions::{SubmissionKind, SubmissionState},
    schools::directory,
    submissions::actions::{self, NewSubmission, SubmitRefusal},
    tokens,
    web::RequestContext,
};

/// How often is looked whether a file has been checked.
const LOOK: Duration = Duration::from_millis(100);

/// A file, as it was handed in.
pub struct Handed {
    pub kind: SubmissionKind,
    pub file_name: String,
    pub file: SealedFile,
}

/// Hand in the submission of this plan, once it has been checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandIn {
    school_id: SchoolId,
    plan_id: PlanId,
    token_id: TokenId,
}

impl jobs::Job for HandIn {
    const NAME: &'static str = "hand_in";
    const MAX_ATTEMPTS: i16 = 10;
    const LANE: jobs::Lane = jobs::Lane::Files;

    fn queue(&self) -> Option<String> {
        // Behind the job that reads the file.
        Some(format!("files:{}", self.school_id))
    }
}

impl jobs::Handle<App> for HandIn {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let system = Scope::system(school);
        // A token that was revoked meanwhile hands nothing in; a person of the school may.
        if !tokens::is_good(&system, &app, self.token_id, TokenScope::Submit).await? {
            return Ok(());
        }
        let found = answer::find(&system, &app, self.plan_id).await?;
        if found.plan.state == PlanState::Reading && !attempt.is_last {
            // Behind the attempt at reading that is still to come: the jobs of a queue run one after another.
            let mut tx = app.db.begin_in(self.school_id).await?;
            jobs::enqueue(&mut tx, &self).await?;
            tx.commit().await?;
            return Ok(());
        }
        let actor = TokenActor { id: self.token_id, scopes: vec![TokenScope::Submit] };
        let granted = Scope { actor: Actor::Token(actor), ..system }.grant()?;
        if may_be_handed_in(&found) {
            // What keeps it back is told on the page.
            let refusal = actions::submit(&granted, &app, self.plan_id, false).await?.err();
            if refusal == Some(SubmitRefusal::Nothing) {
                forget_file(&granted, &app, self.plan_id).await?;
            }
        }
        Ok(())
    }
}

/// Nobody has to look at a list that changes nothing: programs hand in the same one each night, and its file must not
/// stand among those that wait.
async fn forget_file(scope: &Scope, app: &App, plan_id: PlanId) -> Result<()> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    upload::forget(scope, &mut tx, plan_id).await?;
    tx.commit().await?;
    Ok(())
}

/// Begins a submission, or finds that of an earlier request with the same key.
pub async fn begin(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    handed: Handed,
    claim: Option<(&str, [u8; 32])>,
) -> Result<IdempotencyClaim> {
    let Actor::Token(token) = &granted.actor else { return Err(crate::error::Error::Forbidden) };
    let token_id = token.id;
    let Handed { kind, file_name, file } = handed;
    let plan_id = file.plan_id;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    if let Some(claim) = claim {
        let claimed = idempotency::claim(granted, app, &mut tx, claim, plan_id).await?;
        if claimed != IdempotencyClaim::Of(plan_id) {
            return Ok(claimed);
        }
    }
    let new = NewSubmission { kind, file_name: &file_name, file, year_id: None, token_id: Some(token_id) };
    actions::begin_in(granted, app, &mut tx, new).await?;
    jobs::enqueue(&mut tx, &HandIn { school_id: granted.school_id(), plan_id, token_id }).await?;
    tx.commit().await?;
    Ok(IdempotencyClaim::Of(plan_id))
}

/// The answer to a file: waits until it has been checked, and hands it in where nothing is wrong.
pub async fn settled(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    visitor: &RequestContext,
    plan_id: PlanId,
    wait: Duration,
) -> Result<ApiAnswer> {
    let until = Instant::now() + wait;
    let mut found = answer::find(granted, app, plan_id).await?;
    while found.plan.state == PlanState::Reading && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
        found = answer::find(granted, app, plan_id).await?;
    }
    let mut held_back = None;
    if may_be_handed_in(&found) {
        held_back = match actions::submit(granted, app, plan_id, false).await? {
            // By the job, or because it would change nothing.
            Ok(()) | Err(SubmitRefusal::NotOpen | SubmitRefusal::Nothing) => None,
            Err(refusal) => Some(visitor.l.t1(refusal.key(), "value", refusal.value())),
        };
        found = answer::find(granted, app, plan_id).await?;
    }
    Ok(answer::to_file(app, visitor, granted, &found, held_back))
}

fn may_be_handed_in(found: &FoundSubmission) -> bool {
    let counts = &found.plan.counts;
    found.plan.state == PlanState::Ready
        && found.submission.state == SubmissionState::Draft
        && counts.error + counts.duplicate == 0
        && counts.all() > 0
}
