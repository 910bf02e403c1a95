//! What an operator decides: to have a submission taken over into the registry, or to return it.

use super::{actions, approval::ApproveSubmission, owners, queue};
use crate::{
    access::{Actor, Scope},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    ids::PlanId,
    jobs,
    letters::outbox::Letter,
    plan::{model::PlanState, store as plans},
    registry::submissions::{self, SubmissionState},
    schools::settings::{self, RegistrySource},
};

/// Why a submission is not decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecisionRefusal {
    /// It does not wait any more: withdrawn, replaced, or decided on by another operator.
    NotWaiting,
    /// These classes have to be approved first.
    ClassesFirst(String),
    /// The school keeps its registry itself by now.
    KeepsOwn,
}

impl DecisionRefusal {
    /// The key of a sentence.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NotWaiting => "fault-submission-not-waiting",
            Self::ClassesFirst(_) => "fault-submission-classes-first",
            Self::KeepsOwn => "fault-submission-school-keeps-own",
        }
    }

    /// What the sentence is about.
    #[must_use]
    pub fn value(&self) -> &str {
        if let Self::ClassesFirst(names) = self { names } else { "" }
    }
}

/// Starts the approval: a worker takes the submission over. The scope is that of an operator who administers the
/// school, or of the command line.
///
/// # Errors
/// The inner error is why it is not approved.
pub async fn approve(scope: &Scope, app: &App, plan_id: PlanId) -> Result<std::result::Result<(), DecisionRefusal>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let operator = match &scope.actor {
        Actor::Operator(account_id) => Some(*account_id),
        _ => None,
    };
    let turned = sqlx::query!(
        "UPDATE submissions SET state = 'approving', decided_by = $3, setback = NULL, setback_about = NULL
         WHERE school_id = $1 AND plan_id = $2 AND state = 'submitted'",
        scope.school_id(),
        plan_id,
        operator,
    )
    .execute(&mut *tx)
    .await?;
    if turned.rows_affected() == 0 {
        return Ok(Err(DecisionRefusal::NotWaiting));
    }
    if settings::registry_source(scope, &mut tx).await? == RegistrySource::Own {
        return Ok(Err(DecisionRefusal::KeepsOwn));
    }
    let plan = plans::find(scope, &mut tx, plan_id).await?;
    let missing = submissions::missing_classes(scope, &mut tx, plan_id, plan.school_year_id).await?;
    if !missing.is_empty() && !classes_are_on_their_way(scope, &mut tx).await? {
        let names: Vec<String> = missing.into_iter().map(|class| class.name).collect();
        return Ok(Err(DecisionRefusal::ClassesFirst(names.join(", "))));
    }
    if !plans::advance(scope, &mut tx, plan_id, PlanState::Submitted, PlanState::Applying).await? {
        return Ok(Err(DecisionRefusal::NotWaiting));
    }
    plans::tell_progress(scope, &mut tx, plan_id, "waiting", 0).await?;
    queue::set_state(scope, &mut tx, plan_id, SubmissionState::Approving, None).await?;
    jobs::enqueue(&mut tx, &ApproveSubmission { school_id: scope.school_id(), plan_id }).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// A list of classes of the school is being taken over, and its job runs before the next one of the school.
pub async fn classes_are_on_their_way(scope: &Scope, tx: &mut sqlx::PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM submissions WHERE school_id = $1 AND kind = 'classes' AND state = 'approving') AS "is_so!""#,
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?)
}

/// Returns a submission to the school, with a remark; its owners get a mail. False where it does not wait any more.
pub async fn give_back(scope: &Scope, app: &App, plan_id: PlanId, remark: &str) -> Result<bool> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    if !actions::take_back(scope, app, &mut tx, plan_id, SubmissionState::Returned).await? {
        return Ok(false);
    }
    let operator = match &scope.actor {
        Actor::Operator(account_id) => Some(*account_id),
        _ => None,
    };
    sqlx::query!(
        "UPDATE submissions SET remark = $3, decided_by = $4 WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
        remark,
        operator,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(scope, app, &mut tx, Event::about(AuditAction::SubmissionReturned, plan_id)).await?;
    owners::tell(scope, app, &mut tx, |name| Letter::SubmissionReturned {
        name,
        school: scope.school.name.clone(),
        school_code: scope.school.code.clone(),
        plan_id,
        remark: remark.to_owned(),
    })
    .await?;
    tx.commit().await?;
    Ok(true)
}
