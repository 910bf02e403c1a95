//! Putting jobs into the queue, within the transaction of the given connection.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{Job, handlers::Start};

/// How a job is enqueued, where the defaults do not fit.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A job replaces a waiting one with the same key; a running one is left to finish, and the new one runs after it.
    /// Transactions that enqueue under the same key wait for one another.
    pub key: Option<String>,
    /// Not before then; at once if `None`.
    pub run_at: Option<DateTime<Utc>>,
}

/// Enqueues a job that runs as soon as the caller's transaction is committed. Gives its id.
///
/// # Errors
/// Any database error; the caller's transaction is then lost.
pub async fn enqueue<J: Job>(connection: &mut PgConnection, job: &J) -> sqlx::Result<i64> {
    enqueue_with(connection, job, Options::default()).await
}

/// Like [`enqueue`], with a key or a time.
///
/// # Errors
/// Like [`enqueue`].
pub async fn enqueue_with<J: Job>(connection: &mut PgConnection, job: &J, options: Options) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT id FROM graphile_worker.add_job(
             identifier => $1, payload => $2::json, run_at => $3, max_attempts => $4, job_key => $5, queue_name => $6)",
    )
    .bind(J::NAME)
    .bind(Json(job))
    .bind(options.run_at)
    .bind(i32::from(J::MAX_ATTEMPTS))
    .bind(options.key)
    .bind(job.queue())
    .fetch_one(connection)
    .await
}

/// Enqueues a job that runs after a while, by the database's clock.
pub(super) async fn enqueue_later<J: Job>(
    connection: &mut PgConnection,
    job: &J,
    later: chrono::Duration,
) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT id FROM graphile_worker.add_job(identifier => $1, payload => $2::json,
             run_at => now() + make_interval(secs => $3), max_attempts => $4, queue_name => $5)",
    )
    .bind(J::NAME)
    .bind(Json(job))
    .bind(whole_seconds(later))
    .bind(i32::from(J::MAX_ATTEMPTS))
    .bind(job.queue())
    .execute(connection)
    .await?;
    Ok(())
}

fn whole_seconds(duration: chrono::Duration) -> f64 {
    f64::from(i32::try_from(duration.num_seconds()).unwrap_or(i32::MAX))
}

/// Enqueues what a worker begins with, once however many begin.
pub(super) async fn enqueue_start(connection: &mut PgConnection, start: &Start) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT id FROM graphile_worker.add_job(
             identifier => $1, payload => $2::json, max_attempts => $3, job_key => $1)",
    )
    .bind(start.name)
    .bind(&start.payload)
    .bind(i32::from(start.attempts))
    .execute(connection)
    .await?;
    Ok(())
}

/// Enqueues many jobs of one kind in one statement, as an import does that invites a whole staff.
///
/// # Errors
/// Like [`enqueue`].
pub async fn enqueue_all<J: Job>(connection: &mut PgConnection, jobs: &[J]) -> sqlx::Result<()> {
    add_all(connection, jobs, &vec![None; jobs.len()]).await
}

/// The same, where a job replaces a waiting one with the same key.
///
/// # Errors
/// Like [`enqueue`].
pub async fn enqueue_all_by<J: Job>(
    connection: &mut PgConnection,
    jobs: &[J],
    key: impl Fn(&J) -> String,
) -> sqlx::Result<()> {
    let keys: Vec<Option<String>> = jobs.iter().map(|job| Some(key(job))).collect();
    add_all(connection, jobs, &keys).await
}

async fn add_all<J: Job>(connection: &mut PgConnection, jobs: &[J], keys: &[Option<String>]) -> sqlx::Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let payloads: Vec<Json<&J>> = jobs.iter().map(Json).collect();
    let queues: Vec<Option<String>> = jobs.iter().map(Job::queue).collect();
    sqlx::query(
        "SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
             SELECT ROW($1, payload::json, queue, NULL, $3, key, NULL, NULL)::graphile_worker.job_spec
             FROM unnest($2::jsonb[], $4::text[], $5::text[]) AS job (payload, queue, key)))",
    )
    .bind(J::NAME)
    .bind(payloads)
    .bind(i32::from(J::MAX_ATTEMPTS))
    .bind(queues)
    .bind(keys)
    .execute(connection)
    .await?;
    Ok(())
}
