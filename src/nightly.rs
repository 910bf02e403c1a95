//! Syncs at night, for the schools that want them: a plan is made from the registry, and its owners get a mail; or it
//! is applied by itself where it only adds and updates, and not too much.
//!
//! The schools are spread over the night by their ids, so that not all of them begin in the same minute.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    ids::{PlanId, SchoolId},
    jobs::{self, enqueue_with},
    letters::outbox::Letter,
    plan::{
        apply, links,
        model::{Plan, PlanState, Source},
        purge, store,
    },
    rollover::store as drafts,
    schools::{
        directory,
        settings::{self, NightlySync},
    },
    sources::registry::{self, waiting},
    submissions::owners,
    web::i18n,
};

/// The hours of the night in Vietnam, from midnight on.
const NIGHT_HOURS: u32 = 5;

/// The most people that a sync adds and changes without anybody having looked at it.
const MOST_BY_ITSELF: i64 = 200;

/// Begin the syncs of the hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginNight {}

impl jobs::Job for BeginNight {
    const NAME: &'static str = "begin_night";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for BeginNight {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let now = app.clock.now();
        let local = now.with_timezone(&i18n::vietnam());
        if local.hour() >= NIGHT_HOURS {
            return Ok(());
        }
        let schools = sqlx::query_scalar!(
            "SELECT id FROM schools WHERE nightly_sync <> 'off' AND suspended_at IS NULL ORDER BY id",
        )
        .fetch_all(app.db.pool())
        .await?;
        // Those of the hours before as well: in one of them no worker may have run. Each job sees whether its school
        // has had its turn.
        let mut tx = app.db.begin().await?;
        for school_id in schools.into_iter().filter(|id| slot(*id) / 60 <= local.hour()) {
            let job = SyncAtNight { school_id, night: local.date_naive() };
            let options = jobs::Options {
                key: Some(format!("night:{school_id}")),
                run_at: Some(now + Duration::minutes(i64::from(slot(school_id) % 60))),
            };
            enqueue_with(&mut tx, &job, options).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// The minute of the night at which a school's turn is.
#[must_use]
pub fn slot(school_id: SchoolId) -> u32 {
    // The end of an id is random.
    let [.., high, low] = school_id.uuid().into_bytes();
    u32::from(u16::from_be_bytes([high, low])) % (NIGHT_HOURS * 60)
}

/// Sync the accounts of this school, in this night.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SyncAtNight {
    pub school_id: SchoolId,
    pub night: NaiveDate,
}

impl jobs::Job for SyncAtNight {
    const NAME: &'static str = "sync_at_night";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for SyncAtNight {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let granted: Granted<may::ManageAccounts> = Scope::system(school).grant()?;
        let mut tx = app.db.begin_work_in(self.school_id).await?;
        if !is_due(&granted, &mut tx, self.night, app.clock.now()).await? {
            return Ok(());
        }
        let plan_id = registry::begin_in(&granted, &app, &mut tx, Source::Registry).await?;
        // In the queue of the school, behind the job that reads the registry.
        jobs::enqueue(&mut tx, &EndNight { school_id: self.school_id, plan_id }).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether there is something to sync, and nobody is at it. Once a night, whatever comes of it.
async fn is_due(scope: &Scope, tx: &mut PgConnection, night: NaiveDate, now: DateTime<Utc>) -> Result<bool> {
    if settings::read(scope, tx).await?.nightly_sync == NightlySync::Off {
        return Ok(false);
    }
    let waiting = waiting::accounts(scope, tx).await?;
    if waiting.changes == 0 || waiting.plan.is_some() || has_draft(scope, tx).await? {
        return Ok(false);
    }
    // What a person has left out of the last sync, or could not take over, is theirs to decide.
    if links::still_due(scope, tx).await? == Some(links::mark_of_due(scope, tx).await?) {
        return Ok(false);
    }
    let first = sqlx::query!(
        "INSERT INTO nightly_syncs (school_id, night, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        scope.school_id(),
        night,
        now,
    );
    Ok(first.execute(tx).await?.rows_affected() == 1)
}

/// Whether a draft for the coming year is open, or a plan of one is being applied.
async fn has_draft(scope: &Scope, tx: &mut PgConnection) -> Result<bool> {
    if drafts::open(scope, tx).await?.is_some() {
        return Ok(true);
    }
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM plans WHERE school_id = $1 AND source = 'rollover' AND purged_at IS NULL
               AND state IN ('reading', 'ready', 'applying')) AS "has!""#,
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?)
}

/// Apply the plan of the night, or tell the owners of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndNight {
    school_id: SchoolId,
    plan_id: PlanId,
}

impl jobs::Job for EndNight {
    const NAME: &'static str = "end_night";
    const MAX_ATTEMPTS: i16 = 8;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for EndNight {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let granted: Granted<may::ManageAccounts> = Scope::system(school).grant()?;
        let mut tx = app.db.begin_in(self.school_id).await?;
        let plan = store::find(&granted, &mut tx, self.plan_id).await?;
        let wanted = settings::read(&granted, &mut tx).await?.nightly_sync;
        let has_draft = has_draft(&granted, &mut tx).await?;
        tx.commit().await?;
        anyhow::ensure!(plan.state != PlanState::Reading || attempt.is_last, "the registry is still being read");
        if plan.state != PlanState::Ready {
            return Ok(());
        }
        if has_draft {
            // Begun while the registry was read: the night after it is soon enough.
            purge::discard(&granted, &app, self.plan_id).await?;
            return Ok(());
        }
        Ok(end(&granted, &app, &plan, wanted).await?)
    }
}

async fn end(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan, wanted: NightlySync) -> Result<()> {
    let counts = &plan.counts;
    if counts.to_write() + counts.left_out() == 0 {
        purge::discard(granted, app, plan.id).await?;
        return Ok(());
    }
    let is_harmless = counts.leave + counts.left_out() == 0 && counts.to_write() <= MOST_BY_ITSELF;
    if wanted == NightlySync::Apply && is_harmless {
        apply::start(granted, app, plan.id, None).await?;
        return Ok(());
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::SyncPrepared, plan.id)).await?;
    owners::tell(granted, app, &mut tx, |name| Letter::SyncPrepared {
        name,
        school: granted.school.name.clone(),
        school_code: granted.school.code.clone(),
        plan_id: plan.id,
        changes: counts.to_write() + counts.left_out(),
    })
    .await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schools_are_spread_over_the_night() {
        let minutes = NIGHT_HOURS * 60;
        let mut schools = vec![0; usize::try_from(minutes).unwrap()];
        for number in 0..30_000_u128 {
            // As random as the end of an id.
            let id = SchoolId::from_u128(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
            schools[usize::try_from(slot(id)).unwrap()] += 1;
        }
        assert!(schools.iter().all(|count| (50..=200).contains(count)), "{schools:?}");
    }
}
