//! Counts each school once a day, in its turn of the night, and at once when asked to.

use std::sync::Arc;

use chrono::{DateTime, Duration, Timelike, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{count, country, days, figures, quality};
use crate::{
    access::Scope,
    accounts::closing,
    app::App,
    clock::date_in_vietnam,
    duplicates,
    error::Result,
    ids::SchoolId,
    jobs::{self, enqueue_all, enqueue_with},
    nightly, oneroster, scheduled_rollover,
    schools::directory,
    web::i18n,
};

/// The hour of the night in Vietnam after which every school has had its turn.
const NIGHT_HOURS: u32 = 5;

/// Count the schools whose turn is in this hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginDay {}

impl jobs::Job for BeginDay {
    const NAME: &'static str = "begin_counting";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for BeginDay {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let hour = app.clock.now().with_timezone(&i18n::vietnam()).hour();
        if hour >= NIGHT_HOURS {
            return Ok(());
        }
        let schools = sqlx::query_scalar!("SELECT id FROM schools WHERE suspended_at IS NULL ORDER BY id")
            .fetch_all(app.db.pool())
            .await?;
        let turn = schools.into_iter().filter(|id| nightly::slot(*id) / 60 == hour);
        let jobs: Vec<CountSchool> = turn.map(|school_id| CountSchool { school_id }).collect();
        let mut tx = app.db.begin().await?;
        enqueue_all(&mut tx, &jobs).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Count this school.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountSchool {
    pub school_id: SchoolId,
}

impl jobs::Job for CountSchool {
    const NAME: &'static str = "count_school";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    /// One after another: each writes what is so when it ends.
    fn queue(&self) -> Option<String> {
        Some(format!("count:{}", self.school_id))
    }
}

impl jobs::Handle<App> for CountSchool {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        Ok(write(&Scope::system(school), &app, app.clock.now()).await?)
    }
}

/// Has a school counted as soon as the transaction is committed, once however often that is asked for.
pub async fn enqueue(tx: &mut PgConnection, school_id: SchoolId) -> Result<()> {
    let options = jobs::Options { key: Some(format!("count:{school_id}")), run_at: None };
    enqueue_with(tx, &CountSchool { school_id }, options).await?;
    Ok(())
}

/// Counts a school and keeps what was found: the daily rows, the figures of its reports, and the row that operators see.
/// With it goes what has had its time, and accounts whose time is over are closed.
/// Done twice, it writes the same.
pub async fn write(scope: &Scope, app: &App, now: DateTime<Utc>) -> Result<()> {
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    days::write(scope, &mut tx, now).await?;
    let counted = count::all(scope, &mut tx, now, quality::MOST_KEPT).await?;
    days::note_totals(scope, &mut tx, now, days::DayTotals::of(&counted.figures)).await?;
    days::forget(scope, &mut tx, now).await?;
    oneroster::tables::forget_gone(scope, &mut tx, now).await?;
    duplicates::undo::forget(scope, &mut tx, now).await?;
    scheduled_rollover::enqueue_due(scope, &mut tx, date_in_vietnam(now)).await?;
    closing::enqueue_due(scope, &mut tx, date_in_vietnam(now)).await?;
    figures::keep(scope, &mut tx, &counted.figures).await?;
    // Last, since the sums of the areas are locked until the end.
    country::write(scope, &mut tx, &counted, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Submissions that have waited for an operator for so long are overdue.
pub const OVERDUE: Duration = Duration::days(7);
