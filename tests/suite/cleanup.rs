//! What has had its time is deleted, and nothing else.

use chrono::Duration;
use schoolgate::{identity::cleanup::ForgetSpent, jobs};

use crate::support::TestApp;
use crate::support::people::PASSWORD;

pub async fn forget(test: &TestApp) {
    run_scheduled(test, &ForgetSpent {}).await;
}

/// Does what the program does by itself at its hour.
pub async fn run_scheduled(test: &TestApp, job: &impl jobs::Job) {
    jobs::enqueue(&mut test.db.pool().acquire().await.unwrap(), job).await.unwrap();
    let handlers = schoolgate::router::scheduled_handlers().unwrap();
    let app = std::sync::Arc::new((**test).clone());
    let ran = jobs::run_until_empty(test.db.pool(), &handlers, app).await.unwrap();
    assert!(ran.failed.is_empty(), "{:?}", ran.failed);
}

async fn rows(test: &TestApp) -> Vec<(&'static str, i64)> {
    let mut counted = Vec::new();
    for table in ["attempts", "sessions", "pending_sign_ins", "links", "mails", "releases"] {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        counted.push((table, sqlx::query_scalar(query).fetch_one(&mut test.admin().await).await.unwrap()));
    }
    counted
}

#[tokio::test]
async fn what_has_had_its_time_goes_in_batches() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let invited = [("full_name", "Tô Văn Mời"), ("email", "moi@example.vn"), ("role", "teacher")];
    let person = owner.post(&cast.school.path("/accounts/join"), &invited).await.location();
    let release = cast.school.path(&format!("/accounts/{}/release", cast.pupil.member_id));
    owner.post(&release, &[]).await.expect(200);
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.anonymous().post("/sign-in", &[("login", "ai@example.vn"), ("password", "sai rồi")]).await.expect(422);
    test.work().await;
    let token = "INSERT INTO pending_sign_ins SELECT sha256('a'), $1, false, $2";
    let mut admin = test.admin().await;
    sqlx::query(token).bind(cast.teacher.account_id).bind(test.clock.now()).execute(&mut admin).await.unwrap();
    // More than one batch.
    let many = "INSERT INTO attempts SELECT 'old ' || n, $1 FROM generate_series(1, 2500) AS n";
    sqlx::query(many).bind(test.clock.now()).execute(&mut admin).await.unwrap();
    forget(&test).await;
    let now = rows(&test).await;
    assert!(now[0].1 > 0 && now[0].1 < 10, "the tries of today stay: {now:?}");
    assert_eq!(now[1..], [("sessions", 1), ("pending_sign_ins", 0), ("links", 2), ("mails", 2), ("releases", 1)]);

    test.clock.advance(Duration::days(40));
    forget(&test).await;
    let later = rows(&test).await;
    let expected =
        [("attempts", 0), ("sessions", 0), ("pending_sign_ins", 0), ("links", 1), ("mails", 2), ("releases", 0)];
    assert_eq!(later, expected);
    // When a person was invited last is told for ever.
    let page = test.signed_in(&cast.owner).await.get(person.split('?').next().unwrap()).await.expect(200);
    assert!(page.words().contains("07/09/2026"), "{}", page.words());

    test.clock.advance(Duration::days(60));
    forget(&test).await;
    assert_eq!(rows(&test).await[4], ("mails", 0));
    let sign_in = [("login", cast.owner.login.as_str()), ("password", PASSWORD)];
    test.anonymous().post("/sign-in", &sign_in).await.expect(303);
}
