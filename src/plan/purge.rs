//! Forgetting: the rows and the file of a plan hold personal data and go after 90 days; its line in the history stays.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    model::{DISCARDED, PlanState},
    store, upload,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction},
    error::Result,
    ids::{PlanId, SchoolId},
    jobs,
    schools::directory,
};

/// For how many days a plan's rows and file are kept.
pub const KEPT_DAYS: i64 = 90;

/// After how many days a plan that cannot be purged yet is looked at again.
const POSTPONED_DAYS: i64 = 1;

/// How many plans are purged between two looks at what is due.
const BATCH: i64 = 100;

/// Purge whatever is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PurgePlans {}

impl jobs::Job for PurgePlans {
    const NAME: &'static str = "purge_plans";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for PurgePlans {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        while purge_some(&app).await? {}
        Ok(())
    }
}

/// Notes when a plan that was made now is to be purged.
pub async fn plan_for(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, created_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO plan_purges (school_id, plan_id, due_at) VALUES ($1, $2, $3)",
        scope.school_id(),
        plan_id,
        created_at + Duration::days(KEPT_DAYS),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes for the plans of a school when they are to be purged, where that is not noted. On a cluster the plan is on a
/// worker and the note on the coordinator: one that dies between the two commits would leave a plan for ever.
pub async fn note_missing(app: &App, school_id: SchoolId) -> Result<()> {
    let mut tx = app.db.begin_in(school_id).await?;
    let kept = sqlx::query!("SELECT id, created_at FROM plans WHERE school_id = $1 AND purged_at IS NULL", school_id)
        .fetch_all(&mut *tx)
        .await?;
    let noted: HashSet<PlanId> = sqlx::query_scalar!("SELECT plan_id FROM plan_purges WHERE school_id = $1", school_id)
        .fetch_all(&mut *tx)
        .await?
        .into_iter()
        .collect();
    for plan in kept.iter().filter(|plan| !noted.contains(&plan.id)) {
        tracing::warn!("a plan had lost the day of its purge");
        sqlx::query!(
            "INSERT INTO plan_purges (school_id, plan_id, due_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            school_id,
            plan.id,
            plan.created_at + Duration::days(KEPT_DAYS),
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Looks at some of what is due; false where nothing was.
async fn purge_some(app: &App) -> Result<bool> {
    let due = sqlx::query!(
        "SELECT school_id, plan_id FROM plan_purges WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
        app.clock.now(),
        BATCH,
    )
    .fetch_all(app.db.pool())
    .await?;
    for row in &due {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, row.school_id).await?;
        if !purge(&Scope::system(school), app, row.plan_id).await? {
            postpone(app, row.school_id, row.plan_id).await?;
        }
    }
    // Each of them is due no longer.
    Ok(!due.is_empty())
}

/// Looks at a plan again later: a worker is at it, or it waits for an operator. It must not stand before all that
/// is due of other schools.
async fn postpone(app: &App, school_id: SchoolId, plan_id: PlanId) -> Result<()> {
    sqlx::query!(
        "UPDATE plan_purges SET due_at = $3 WHERE school_id = $1 AND plan_id = $2",
        school_id,
        plan_id,
        app.clock.now() + Duration::days(POSTPONED_DAYS),
    )
    .execute(app.db.pool())
    .await?;
    Ok(())
}

/// Purges one plan, unless a worker is at it or it waits for an operator. A plan that was still waiting to be applied
/// cannot be applied any more, and says so.
async fn purge(scope: &Scope, app: &App, plan_id: PlanId) -> Result<bool> {
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    let purged = purge_in(scope, app, &mut tx, plan_id).await?;
    tx.commit().await?;
    Ok(purged)
}

/// The same in the caller's transaction; false where it cannot be purged yet.
pub async fn purge_in(scope: &Scope, app: &App, tx: &mut PgConnection, plan_id: PlanId) -> Result<bool> {
    let purged = sqlx::query!(
        "UPDATE plans SET purged_at = $3, columns = '[]', notes = '{}',
             refusal = CASE WHEN state = $4 THEN 'refusal-expired' ELSE refusal END,
             state = CASE WHEN state = $4 THEN $5 ELSE state END
         WHERE school_id = $1 AND id = $2 AND state <> ALL($6)",
        scope.school_id(),
        plan_id,
        app.clock.now(),
        PlanState::Ready.key(),
        PlanState::Refused.key(),
        &PlanState::ALL
            .into_iter()
            .filter(|state| state.is_busy() || *state == PlanState::Submitted)
            .map(|state| state.key().to_owned())
            .collect::<Vec<_>>(),
    )
    .execute(&mut *tx)
    .await?;
    if purged.rows_affected() == 0 {
        return Ok(false);
    }
    store::delete_rows(scope, tx, plan_id).await?;
    upload::forget(scope, tx, plan_id).await?;
    // What programs were answered names values of rows.
    sqlx::query!("DELETE FROM idempotency_keys WHERE school_id = $1 AND plan_id = $2", scope.school_id(), plan_id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM plan_purges WHERE school_id = $1 AND plan_id = $2", scope.school_id(), plan_id)
        .execute(&mut *tx)
        .await?;
    end_draft(scope, app, tx, plan_id).await?;
    Ok(true)
}

/// Operators list it no longer as one that the school is working at.
async fn end_draft(scope: &Scope, app: &App, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    sqlx::query!(
        "UPDATE submission_queue SET state = 'withdrawn', decided_at = $3
         WHERE school_id = $1 AND plan_id = $2 AND state = 'draft'",
        scope.school_id(),
        plan_id,
        app.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A plan that was dropped needs no purge. But what a program was answered about it names values of its rows: that goes
/// when the key of the program's request holds no longer.
async fn forget_purge(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    let latest = sqlx::query_scalar!(
        "SELECT max(created_at) FROM idempotency_keys WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
    );
    if let Some(created_at) = latest.fetch_one(&mut *tx).await? {
        sqlx::query!(
            "UPDATE plan_purges SET due_at = $3 WHERE school_id = $1 AND plan_id = $2",
            scope.school_id(),
            plan_id,
            created_at + Duration::days(1),
        )
        .execute(tx)
        .await?;
    } else {
        sqlx::query!("DELETE FROM plan_purges WHERE school_id = $1 AND plan_id = $2", scope.school_id(), plan_id)
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Drops a plan that waits for a review, its file and rows with it, without waiting for the purge. False where it does
/// not wait any more.
pub async fn discard(granted: &Granted<may::ManageAccounts>, app: &App, plan_id: PlanId) -> Result<bool> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let discarded = discard_in(granted, app, &mut tx, plan_id).await?;
    tx.commit().await?;
    Ok(discarded)
}

/// The same in the caller's transaction.
pub async fn discard_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    plan_id: PlanId,
) -> Result<bool> {
    let discarded = sqlx::query!(
        "UPDATE plans SET state = $4, refusal = $6, purged_at = $3, columns = '[]', notes = '{}'
         WHERE school_id = $1 AND id = $2 AND state = ANY($5)",
        granted.school_id(),
        plan_id,
        app.clock.now(),
        PlanState::Refused.key(),
        &[PlanState::Ready, PlanState::Failed].map(|state| state.key().to_owned()),
        DISCARDED,
    )
    .execute(&mut *tx)
    .await?;
    if discarded.rows_affected() == 0 {
        return Ok(false);
    }
    store::delete_rows(granted, tx, plan_id).await?;
    upload::forget(granted, tx, plan_id).await?;
    forget_purge(granted, tx, plan_id).await?;
    end_draft(granted, app, tx, plan_id).await?;
    audit::record(granted, app, tx, audit::Event::about(AuditAction::PlanDiscarded, plan_id)).await?;
    Ok(true)
}
