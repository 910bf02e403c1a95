//! Inspecting the queue: for metrics, for `doctor`, and for tests that must leave nothing behind.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// How much is in the queue.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Backlog {
    /// Jobs that could run now.
    pub due: i64,
    /// Jobs for later: scheduled, or waiting after a failure.
    pub delayed: i64,
    /// Jobs that a worker is running.
    pub running: i64,
    /// Jobs that have failed for the last time and stay until an administrator looks.
    pub failed: i64,
    /// Since when the oldest of the due jobs could have run.
    pub oldest_due: Option<DateTime<Utc>>,
}

/// Counts the queue. Fails where the program's role has no rights to it, which makes it a check for `doctor` as well.
pub async fn backlog(connection: &mut PgConnection) -> sqlx::Result<Backlog> {
    sqlx::query_as(
        "SELECT count(*) FILTER (WHERE is_available AND run_at <= now()) AS due,
                count(*) FILTER (WHERE is_available AND run_at > now()) AS delayed,
                count(*) FILTER (WHERE locked_by IS NOT NULL) AS running,
                count(*) FILTER (WHERE locked_by IS NULL AND attempts >= max_attempts) AS failed,
                min(run_at) FILTER (WHERE is_available AND run_at <= now()) AS oldest_due
         FROM graphile_worker._private_jobs",
    )
    .fetch_one(connection)
    .await
}

/// A job that is still in the queue.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct LeftOver {
    pub id: i64,
    pub name: String,
    pub payload: serde_json::Value,
    /// How many attempts were made.
    pub attempts: i16,
    pub run_at: DateTime<Utc>,
    /// The worker that has claimed it, if one has.
    pub locked_by: Option<String>,
    pub last_error: Option<String>,
}

/// All jobs in the queue, in the order in which they were enqueued. Tests end by showing that there are none.
pub async fn left_over(connection: &mut PgConnection) -> sqlx::Result<Vec<LeftOver>> {
    sqlx::query_as(
        "SELECT jobs.id, tasks.identifier AS name, jobs.payload, jobs.attempts, jobs.run_at, jobs.locked_by,
                jobs.last_error
         FROM graphile_worker._private_jobs AS jobs
         JOIN graphile_worker._private_tasks AS tasks ON tasks.id = jobs.task_id
         ORDER BY jobs.id",
    )
    .fetch_all(connection)
    .await
}

/// Which of these ids jobs of these names are about, by the field of that name: jobs that wait, run, or have failed.
pub async fn about(
    connection: &mut PgConnection,
    names: &[&str],
    field: &str,
    ids: &[Uuid],
) -> sqlx::Result<HashSet<Uuid>> {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let found: Vec<Uuid> = sqlx::query_scalar(
        "SELECT DISTINCT (jobs.payload ->> $2)::uuid FROM graphile_worker._private_jobs AS jobs
         JOIN graphile_worker._private_tasks AS tasks ON tasks.id = jobs.task_id
         WHERE tasks.identifier = ANY($1) AND jobs.payload ->> $2 = ANY($3)",
    )
    .bind(names)
    .bind(field)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().collect())
}

/// Makes everything that waits for a later time due now, as if that time had come. Gives the number of jobs.
pub async fn bring_forward(connection: &mut PgConnection) -> sqlx::Result<u64> {
    let brought =
        sqlx::query("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE is_available AND run_at > now()")
            .execute(connection)
            .await?;
    Ok(brought.rows_affected())
}
