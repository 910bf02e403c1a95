//! Counts each school once a day, in its turn of the night, and at once when asked to.

use std::sync::Arc;

use chrono::{DateTime, Duration, Timelike, Utc};
use serde::{Deserialize, Serialize};

use super::{count, country, days, figures};
use crate::{
    access::Scope, accounts::closing, app::App, clock::date_in_vietnam, duplicates, error::Result, ids::SchoolId, jobs,
    nightly, oneroster, scheduled_rollover, schools::directory, submissions::queue, web::i18n,
};

pub use crate::schools::counting::{CountSchool, enqueue, enqueue_many};

/// The hour of the night in Vietnam after which every school has had its turn.
const NIGHT_HOURS: u32 = 5;

/// After so long a time a school has missed its turn: no worker ran then, or the count failed.
const MISSED_AFTER: Duration = Duration::hours(26);

/// Count the schools whose turn is in this hour, and those that have missed theirs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginDay {}

impl jobs::Job for BeginDay {
    const NAME: &'static str = "begin_counting";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for BeginDay {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let now = app.clock.now();
        let hour = now.with_timezone(&i18n::vietnam()).hour();
        let schools = sqlx::query!(
            r#"SELECT s.id, coalesce(f.counted_at, s.created_at) < $1 AS "has_missed!"
               FROM schools s JOIN school_figures f ON f.school_id = s.id
               WHERE s.suspended_at IS NULL ORDER BY s.id"#,
            now - MISSED_AFTER,
        )
        .fetch_all(app.db.pool())
        .await?;
        let has_turn = |id: SchoolId| hour < NIGHT_HOURS && nightly::slot(id) / 60 == hour;
        let due = schools.into_iter().filter(|school| school.has_missed || has_turn(school.id));
        let due: Vec<SchoolId> = due.map(|school| school.id).collect();
        let mut tx = app.db.begin().await?;
        // One that waits already from an hour ago does not wait twice.
        enqueue_many(&mut tx, due).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl jobs::Handle<App> for CountSchool {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        Ok(write(&Scope::system(school), &app, app.clock.now()).await?)
    }
}

/// Counts a school and keeps what was found: the daily rows, the figures of its reports, and the row that operators see.
/// With it goes what has had its time, and accounts whose time is over are closed.
/// Done twice, it writes the same.
pub async fn write(scope: &Scope, app: &App, now: DateTime<Utc>) -> Result<()> {
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    days::write(scope, &mut tx, now).await?;
    let counted = count::all(scope, &mut tx, now, count::Most::OF_PAGE).await?;
    days::forget(scope, &mut tx, now).await?;
    oneroster::tables::forget_gone(scope, &mut tx, now).await?;
    duplicates::undo::forget(scope, &mut tx, now).await?;
    scheduled_rollover::enqueue_due(scope, &mut tx, date_in_vietnam(now)).await?;
    closing::enqueue_due(scope, &mut tx, date_in_vietnam(now)).await?;
    figures::keep(scope, &mut tx, &counted.figures).await?;
    let overdue = queue::overdue(scope, &mut tx, now).await?;
    days::note_totals(scope, &mut tx, now, days::DayTotals::of(&counted, overdue)).await?;
    // Last, since the sums of the areas are locked until the end.
    country::write(scope, &mut tx, &counted, overdue, now).await?;
    tx.commit().await?;
    Ok(())
}
