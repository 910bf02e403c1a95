//! A plan whose job is not in the queue gets it back, and one whose job is there does not get another.

use std::sync::Arc;

use schoolgate::{
    access::{Granted, may},
    ids::PlanId,
    jobs::{Attempt, Handle as _},
    plan::{apply, draft::Upload, model::Source, undo},
    sources::{import, registry},
    stranded::FindStranded,
};

use crate::support::{Cast, TestApp};

async fn look(test: &TestApp) {
    let attempt = Attempt { number: 1, is_last: false };
    FindStranded {}.handle(Arc::new((**test).clone()), attempt).await.unwrap();
}

/// The coordinator died between the two commits.
async fn lose_jobs(test: &TestApp) -> u64 {
    let lost = sqlx::query("DELETE FROM graphile_worker._private_jobs").execute(&mut test.admin().await).await.unwrap();
    lost.rows_affected()
}

async fn state(test: &TestApp, plan_id: PlanId) -> String {
    sqlx::query_scalar("SELECT state FROM plans WHERE id = $1")
        .bind(plan_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

async fn queued(test: &TestApp) -> Vec<String> {
    test.left_over().await.into_iter().map(|job| job.name).collect()
}

fn granted(cast: &Cast) -> Granted<may::ManageAccounts> {
    cast.school.scope.grant().unwrap()
}

#[tokio::test]
async fn a_lost_job_comes_back_at_every_stage() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    // Another school, at which nobody works.
    test.cast("79000002").await;
    let file =
        "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ\nTrần Văn Lạc,Nam,10A1,05/09/2011,Lê Thị Hoa\n".as_bytes();
    let upload = Upload { source: Source::Students, file_name: "ds.csv", file, year_id: None };
    let plan_id = import::begin(&granted(&cast), &test, upload).await.unwrap();
    for (job, busy, done) in
        [("read_upload", "reading", "ready"), ("apply_plan", "applying", "applied"), ("undo_plan", "undoing", "undone")]
    {
        match job {
            "apply_plan" => assert!(apply::start(&granted(&cast), &test, plan_id, None).await.unwrap()),
            "undo_plan" => assert!(undo::start(&granted(&cast), &test, plan_id).await.unwrap()),
            _ => {}
        }
        // It is there, and stays one.
        look(&test).await;
        assert_eq!(queued(&test).await, [job]);
        assert_eq!(lose_jobs(&test).await, 1);
        assert_eq!(state(&test, plan_id).await, busy);
        look(&test).await;
        look(&test).await;
        assert_eq!(queued(&test).await, [job]);
        assert_eq!(test.work().await, [job]);
        assert_eq!(state(&test, plan_id).await, done);
        look(&test).await;
        assert_eq!(queued(&test).await, [] as [&str; 0], "nobody waits any more");
    }
}

#[tokio::test]
async fn a_plan_that_lost_the_day_of_its_purge_gets_it_back() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let file = "Họ và tên,Lớp,Ngày sinh\nTrần Văn Lạc,10A1,05/09/2011\n".as_bytes();
    let upload = Upload { source: Source::Students, file_name: "ds.csv", file, year_id: None };
    import::begin(&granted(&cast), &test, upload).await.unwrap();
    test.work().await;
    let mut admin = test.admin().await;
    let due = "SELECT due_at FROM plan_purges";
    let noted: chrono::DateTime<chrono::Utc> = sqlx::query_scalar(due).fetch_one(&mut admin).await.unwrap();
    sqlx::query("DELETE FROM plan_purges").execute(&mut admin).await.unwrap();
    look(&test).await;
    let again: Vec<chrono::DateTime<chrono::Utc>> = sqlx::query_scalar(due).fetch_all(&mut admin).await.unwrap();
    assert_eq!(again, [noted]);
}

#[tokio::test]
async fn a_sync_that_lost_its_job_is_read() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan_id = registry::begin(&granted(&cast), &test, Source::Registry).await.unwrap();
    assert_eq!(lose_jobs(&test).await, 1);
    look(&test).await;
    assert_eq!(test.work().await, ["read_registry"]);
    assert_eq!(state(&test, plan_id).await, "ready");
}
