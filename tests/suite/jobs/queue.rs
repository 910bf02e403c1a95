//! Enqueueing, running to the end, and who may do what.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use schoolgate::jobs::{self, Options};

use super::database::{OWNER, PROGRAM, TestDatabase};
use super::{App, Chain, Count, Fail, Linger, count, handlers};

#[tokio::test]
async fn a_job_shares_the_fate_of_its_transaction() {
    let database = TestDatabase::new().await;
    let app = App::new(&database.program);

    let mut transaction = database.program.begin().await.unwrap();
    jobs::enqueue(&mut transaction, &count()).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(database.left_over().await, []);

    let mut transaction = database.program.begin().await.unwrap();
    jobs::enqueue(&mut transaction, &count()).await.unwrap();
    assert_eq!(database.left_over().await, [], "not before the commit");
    transaction.commit().await.unwrap();
    let left = database.left_over().await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].name.as_str(), left[0].attempts), ("count", 0));

    let ran = jobs::run_until_empty(&database.program, &handlers(), Arc::clone(&app)).await.unwrap();
    assert_eq!(ran.done, ["count"]);
    assert_eq!(app.done(), 1);
    assert_eq!(database.left_over().await, []);
}

#[tokio::test]
async fn keys_times_and_many_at_once() {
    let database = TestDatabase::new().await;
    let app = App::new(&database.program);
    let mut connection = database.program.acquire().await.unwrap();
    let key = |run_at| Options { key: Some("one".to_owned()), run_at };
    let later = Utc::now() + Duration::from_secs(3600);
    jobs::enqueue_with(&mut connection, &count(), key(None)).await.unwrap();
    jobs::enqueue_with(&mut connection, &count(), key(Some(later))).await.unwrap();
    jobs::enqueue_all::<Count>(&mut connection, &[]).await.unwrap();
    let many: Vec<Count> = (0..1000).map(|_| count()).collect();
    jobs::enqueue_all(&mut connection, &many).await.unwrap();

    let start = Instant::now();
    let ran = jobs::run_until_empty(&database.program, &handlers(), Arc::clone(&app)).await.unwrap();
    println!("1000 jobs in this task: {:?}", start.elapsed());
    assert_eq!(ran.done.len(), 1000);
    let left = database.left_over().await;
    assert_eq!(left.len(), 1, "the second took the first one's place and waits");
    assert_eq!(jobs::backlog(&mut connection).await.unwrap().delayed, 1);

    assert_eq!(jobs::bring_forward(&mut connection).await.unwrap(), 1);
    jobs::run_until_empty(&database.program, &handlers(), Arc::clone(&app)).await.unwrap();
    assert_eq!(app.done(), 1001);
    assert_eq!(database.left_over().await, []);
}

#[tokio::test]
async fn what_jobs_enqueue_is_run_too_and_unknown_jobs_are_left() {
    let database = TestDatabase::new().await;
    let app = App::new(&database.program);
    let mut connection = database.program.acquire().await.unwrap();
    jobs::enqueue(&mut connection, &Chain { links: 5 }).await.unwrap();
    jobs::enqueue(&mut connection, &Linger {}).await.unwrap();
    let ran = jobs::run_until_empty(&database.program, &handlers(), Arc::clone(&app)).await.unwrap();
    assert_eq!(ran.done.len(), 7);
    assert_eq!(app.done(), 1);
    let names: Vec<_> = database.left_over().await.into_iter().map(|job| job.name).collect();
    assert_eq!(names, ["linger"]);
}

#[tokio::test]
async fn a_failed_job_waits_never_long_and_then_lies_there() {
    let database = TestDatabase::new().await;
    let app = App::new(&database.program);
    let mut connection = database.program.acquire().await.unwrap();
    jobs::enqueue(&mut connection, &Fail {}).await.unwrap();
    let ran = jobs::run_until_empty(&database.program, &handlers(), Arc::clone(&app)).await.unwrap();
    assert_eq!(ran.failed.len(), 1);
    assert!(ran.failed[0].error.contains("try 1, last: false: the cause"), "{ran:?}");
    let left = database.left_over().await;
    let delay = left[0].run_at - Utc::now();
    assert!(delay.num_milliseconds() > 500 && delay.num_seconds() < 5, "{delay}");

    jobs::bring_forward(&mut connection).await.unwrap();
    let ran = jobs::run_until_empty(&database.program, &handlers(), Arc::clone(&app)).await.unwrap();
    assert!(ran.failed[0].error.contains("last: true"), "{ran:?}");
    let backlog = jobs::backlog(&mut connection).await.unwrap();
    assert_eq!((backlog.failed, backlog.due, backlog.delayed, backlog.running), (1, 0, 0, 0));

    // As if it had failed often already.
    sqlx::query("UPDATE graphile_worker._private_jobs SET attempts = 9, max_attempts = 100, run_at = now()")
        .execute(&mut *connection)
        .await
        .unwrap();
    jobs::run_until_empty(&database.program, &handlers(), Arc::clone(&app)).await.unwrap();
    let delay = database.left_over().await[0].run_at - Utc::now();
    assert!(delay.num_seconds() > 290 && delay.num_seconds() <= 300, "{delay}");
}

/// A process that begins installs the queue once more, while others work at it: neither waits for the other.
#[tokio::test]
async fn installing_again_waits_for_nobody_who_works() {
    let database = TestDatabase::new().await;
    let mut working = database.program.acquire().await.unwrap();
    let work = "BEGIN; UPDATE graphile_worker._private_jobs SET attempts = attempts;
        UPDATE graphile_worker._private_job_queues SET locked_at = locked_at";
    sqlx::raw_sql(work).execute(&mut *working).await.unwrap();
    let installed = tokio::time::timeout(Duration::from_secs(3), jobs::install(&database.owner, PROGRAM)).await;
    sqlx::raw_sql("ROLLBACK").execute(&mut *working).await.unwrap();
    installed.expect("it waits for who works").unwrap();
}

#[tokio::test]
async fn the_program_owns_nothing_and_cannot_become_the_owner() {
    let database = TestDatabase::new().await;
    // Repeating it is harmless, also twice at once.
    let (first, second) =
        tokio::join!(jobs::install(&database.owner, PROGRAM), jobs::install(&database.owner, PROGRAM));
    first.unwrap();
    second.unwrap();

    for forbidden in [
        "SET ROLE schoolgate_owner",
        "CREATE TABLE graphile_worker.mine ()",
        "DROP TABLE graphile_worker._private_jobs",
        "TRUNCATE graphile_worker._private_jobs",
        "ALTER TABLE graphile_worker._private_jobs DISABLE ROW LEVEL SECURITY",
        "DROP POLICY program ON graphile_worker._private_jobs",
        "INSERT INTO graphile_worker.migrations (id) VALUES (99)",
        "CREATE OR REPLACE FUNCTION graphile_worker.schoolgate_cap_backoff() RETURNS trigger
             LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ] {
        let error = sqlx::query(forbidden).execute(&database.program).await.unwrap_err();
        let code = error.as_database_error().unwrap().code().unwrap().into_owned();
        assert_eq!(code, "42501", "{forbidden}: {error}");
    }
    let (owned, member, others): (i64, bool, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = $1)),
                pg_has_role($1, $2, 'MEMBER'),
                (SELECT count(*) FROM pg_class WHERE relnamespace = 'graphile_worker'::regnamespace
                 AND relkind = 'r' AND relrowsecurity AND NOT EXISTS (
                     SELECT FROM pg_policy WHERE polrelid = pg_class.oid))",
    )
    .bind(PROGRAM)
    .bind(OWNER)
    .fetch_one(&database.program)
    .await
    .unwrap();
    assert_eq!((owned, member, others), (0, false, 0));

    // A role that was given nothing finds no queue.
    let stranger = database.pool_of_a_stranger().await;
    let mut connection = stranger.acquire().await.unwrap();
    assert!(jobs::enqueue(&mut connection, &count()).await.is_err());
    drop(connection);
    stranger.close().await;
    database.forget_stranger().await;
}
