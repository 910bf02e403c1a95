//! Registrations that end: an address that is never verified is forgotten, registering too often waits.

use chrono::Duration;
use schoolgate::{identity::throttle, jobs};

use crate::registration::{form, members, register, registered, subjects_to};
use crate::support::TestApp;
use crate::support::client::ADDRESS;

#[tokio::test]
async fn who_never_verifies_is_forgotten_after_a_month() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    register(&test, "Nguyễn Thị Quên", "quen@example.vn", "79000001").await.expect(303);
    registered(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await;
    let forget = async || {
        let mut connection = test.db.pool().acquire().await.unwrap();
        jobs::enqueue(&mut connection, &schoolgate::registration::cleanup::ForgetUnverified {}).await.unwrap();
        drop(connection);
        let handlers = schoolgate::router::scheduled_handlers().unwrap();
        let app = std::sync::Arc::new((*test).clone());
        let ran = jobs::run_until_empty(test.db.pool(), &handlers, app).await.unwrap();
        assert!(ran.failed.is_empty(), "{:?}", ran.failed);
    };
    test.clock.advance(Duration::days(29));
    forget().await;
    assert_eq!(members(&test, "quen@example.vn").await.len(), 1);
    test.clock.advance(Duration::days(1));
    forget().await;
    assert!(members(&test, "quen@example.vn").await.is_empty());
    let accounts: i64 =
        sqlx::query_scalar("SELECT count(*) FROM accounts WHERE login IN ('quen@example.vn', 'sen@example.vn')")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(accounts, 1, "who has verified stays");
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&cast.school.path("/accounts?status=pending")).await.shows(&["Nguyễn Thị Sen"]).hides(&["Quên"]);
    // They may register again.
    registered(&test, "Nguyễn Thị Quên", "quen@example.vn", "79000001").await;
}

#[tokio::test]
async fn registrations_are_limited() {
    let test = TestApp::new().await;
    test.cast("79000001").await;
    for _ in 0..6 {
        register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(303);
        // What is sent at once is one registration and does not count again.
        register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(303);
        test.clock.advance(Duration::seconds(6));
    }
    let page = register(&test, "Nguyễn Thị Sen", "SEN@example.vn", "79000001").await.expect(429);
    assert!(!page.header("retry-after").is_empty());
    test.work().await;
    assert_eq!(members(&test, "sen@example.vn").await.len(), 1);
    assert_eq!(subjects_to(&test, "sen@example.vn").len(), 1, "a button that was pressed six times");
    test.clock.advance(Duration::minutes(11));
    register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(303);
    test.work().await;
    assert_eq!(subjects_to(&test, "sen@example.vn").len(), 2, "later it is a person who wants the mail again");
}

#[tokio::test]
async fn nor_does_one_network_for_ever_new_addresses() {
    let test = TestApp::new().await;
    test.cast("79000001").await;
    let mut number = 0;
    let wait = loop {
        let email = format!("gv{number}@example.vn");
        match throttle::may_register(&test.db, &email, Some(ADDRESS), test.clock.now()).await.unwrap() {
            Ok(()) => number += 1,
            Err(wait) => break wait,
        }
        assert!(number < 1_000, "a network registers without end");
    };
    assert!(number >= 50, "a whole staff registers from the school's network");
    register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(429);
    let elsewhere = test.anonymous().at([198, 51, 100, 1]);
    elsewhere.post("/register/teacher", &form("Nguyễn Thị Sen", "sen@example.vn", "79000001")).await.expect(303);
    test.clock.advance(Duration::from_std(wait).unwrap());
    register(&test, "Nguyễn Thị Súng", "sung@example.vn", "79000001").await.expect(303);
    test.work().await;
}
