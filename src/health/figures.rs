//! Figures that are looked up when a collector asks: the queue, the connections, whether the database answers.

use std::time::Duration;

use crate::{app::App, db, jobs};

/// How long the database may take; a collector comes again.
const PATIENCE: Duration = Duration::from_millis(900);

/// Sets the gauges to what is now. Where the database is away, what only it knows is not a number.
pub async fn look_up(app: &App) {
    let pool = app.db.pool();
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    metrics::gauge!("schoolgate_pool_connections", "state" => "used").set(f64::from(pool.size().saturating_sub(idle)));
    metrics::gauge!("schoolgate_pool_connections", "state" => "idle").set(f64::from(idle));
    metrics::gauge!("schoolgate_pool_connections_max").set(f64::from(pool.options().get_max_connections()));
    let is_up = matches!(tokio::time::timeout(PATIENCE, db::probe(&app.db)).await, Ok(Ok(())));
    metrics::gauge!("schoolgate_database_up").set(f64::from(u8::from(is_up)));
    let backlog = if is_up { tokio::time::timeout(PATIENCE, backlog(app)).await.ok().flatten() } else { None };
    let count = |of: fn(&jobs::Backlog) -> i64| backlog.as_ref().map_or(f64::NAN, |backlog| whole(of(backlog)));
    metrics::gauge!("schoolgate_jobs", "state" => "due").set(count(|backlog| backlog.due));
    metrics::gauge!("schoolgate_jobs", "state" => "delayed").set(count(|backlog| backlog.delayed));
    metrics::gauge!("schoolgate_jobs", "state" => "running").set(count(|backlog| backlog.running));
    metrics::gauge!("schoolgate_jobs", "state" => "failed").set(count(|backlog| backlog.failed));
    let now = app.clock.now();
    let oldest = backlog.map(|backlog| backlog.oldest_due.map_or(0, |since| (now - since).num_seconds().max(0)));
    metrics::gauge!("schoolgate_jobs_oldest_due_seconds").set(oldest.map_or(f64::NAN, whole));
}

async fn backlog(app: &App) -> Option<jobs::Backlog> {
    jobs::backlog(&mut *app.db.pool().acquire().await.ok()?).await.ok()
}

/// Figures of a queue, which a float holds exactly.
fn whole(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}
