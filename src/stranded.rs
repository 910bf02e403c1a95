//! Plans that wait for a job that is not in the queue, or of which it is not noted when they are purged.
//!
//! On one PostgreSQL a plan and its job are written in one transaction. On a cluster the plan is on a worker and the queue
//! on the coordinator: one that dies between the two commits leaves a plan for which nobody comes. Workers look for such
//! plans when they begin, also after they had lost the database, and every hour.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result, faults, stored},
    ids::{PlanId, SchoolId},
    jobs::{self, Job as _},
    plan::{
        apply::ApplyPlan,
        book::Book,
        model::{PlanState, Source},
        purge,
        undo::UndoPlan,
    },
    sources::{
        import::ReadUpload,
        registry::ReadRegistry,
        remote::{self, FetchRoster},
        rollover::ReadRollover,
    },
    submissions::approval::ApproveSubmission,
};

/// How many schools are asked for at a time.
const BATCH: i64 = 500;

/// The jobs that plans wait for.
const AWAITED: [&str; 7] = [
    ReadUpload::NAME,
    FetchRoster::NAME,
    ReadRegistry::NAME,
    ReadRollover::NAME,
    ApplyPlan::NAME,
    UndoPlan::NAME,
    ApproveSubmission::NAME,
];

/// Find the plans that wait for a job that is not there, and enqueue it; and those without a day of their purge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindStranded {}

impl jobs::Job for FindStranded {
    const NAME: &'static str = "find_stranded";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for FindStranded {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let mut last = SchoolId::nil();
        loop {
            let schools = sqlx::query_scalar!("SELECT id FROM schools WHERE id > $1 ORDER BY id LIMIT $2", last, BATCH)
                .fetch_all(app.db.pool())
                .await?;
            let Some(end) = schools.last() else { return Ok(()) };
            last = *end;
            for school_id in schools {
                // Those of a node that is away are looked at the next time.
                let looked = async {
                    purge::note_missing(&app, school_id).await?;
                    look_after(&app, school_id).await
                };
                if let Err(Error::Unavailable(fault)) = looked.await {
                    tracing::warn!("a school's plans cannot be looked at: {}", faults::told(&fault));
                }
            }
        }
    }
}

/// A plan that a worker is at, or should be.
#[derive(Debug)]
struct BusyPlan {
    id: PlanId,
    state: String,
    source: String,
    book: String,
}

async fn look_after(app: &App, school_id: SchoolId) -> Result<()> {
    let mut tx = app.db.begin_in(school_id).await?;
    let busy = sqlx::query_as!(
        BusyPlan,
        "SELECT id, state, source, book FROM plans
         WHERE school_id = $1 AND state IN ('reading', 'applying', 'undoing')",
        school_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    if busy.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = busy.iter().map(|plan| plan.id.uuid()).collect();
    let awaited = jobs::about(&mut *app.db.pool().acquire().await?, &AWAITED, "plan_id", &ids).await?;
    for plan in busy.iter().filter(|plan| !awaited.contains(&plan.id.uuid())) {
        bring_back(app, school_id, plan).await?;
    }
    Ok(())
}

/// Enqueues the job of a plan, unless it was there and has been done meanwhile. Jobs may run twice.
async fn bring_back(app: &App, school_id: SchoolId, plan: &BusyPlan) -> Result<()> {
    let mut tx = app.db.begin_in(school_id).await?;
    let is_so = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM plans WHERE school_id = $1 AND id = $2 AND state = $3) AS "is_so!""#,
        school_id,
        plan.id,
        plan.state,
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_so {
        tracing::warn!("a plan that is {} had lost its job", plan.state);
        enqueue(&mut tx, school_id, plan).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn enqueue(tx: &mut PgConnection, school_id: SchoolId, plan: &BusyPlan) -> Result<()> {
    let plan_id = plan.id;
    let state = stored("state of a plan", PlanState::from_key(&plan.state))?;
    let source = stored("source of a plan", Source::from_key(&plan.source))?;
    let book = stored("book of a plan", Book::from_key(&plan.book))?;
    if (state, source) == (PlanState::Reading, Source::OneRoster)
        && let Some(source_id) = remote::is_awaited(tx, school_id, plan_id).await?
    {
        jobs::enqueue(tx, &FetchRoster { school_id, plan_id, source_id }).await?;
        return Ok(());
    }
    match (state, source, book) {
        (PlanState::Reading, source, _) if source.is_sync() => {
            jobs::enqueue(tx, &ReadRegistry::of(school_id, plan_id)).await?
        }
        (PlanState::Reading, Source::Rollover, _) => jobs::enqueue(tx, &ReadRollover::of(school_id, plan_id)).await?,
        (PlanState::Reading, ..) => jobs::enqueue(tx, &ReadUpload::of(school_id, plan_id)).await?,
        (PlanState::Applying, _, Book::Roster) => jobs::enqueue(tx, &ApplyPlan { school_id, plan_id }).await?,
        (PlanState::Applying, _, Book::Registry) => {
            jobs::enqueue(tx, &ApproveSubmission { school_id, plan_id }).await?
        }
        (PlanState::Undoing, ..) => jobs::enqueue(tx, &UndoPlan { school_id, plan_id }).await?,
        // Nobody waits.
        _ => return Ok(()),
    };
    Ok(())
}
