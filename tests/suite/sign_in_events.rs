//! What is on record of signing in, on `/me` and `…/audit/sign-ins`.

use chrono::{DateTime, Duration, Utc};
use schoolgate::{
    identity::accounts,
    ids::{AccountId, SchoolId},
};

use crate::cleanup::forget;
use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};

async fn events(test: &TestApp) -> Vec<(String, i32)> {
    let all = "SELECT kind, times FROM sign_in_events ORDER BY account_id, kind";
    sqlx::query_as(all).fetch_all(&mut test.admin().await).await.unwrap()
}

/// Guesses are counted by the hour, however many there are, and whether or not there is an account.
#[tokio::test]
async fn guesses_fill_no_table_and_are_shown_to_the_person() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let login = cast.teacher.login.as_str();
    let guesser = test.anonymous().at([198, 51, 100, 9]);
    guesser.says_it_is("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36");
    for number in 0..25 {
        guesser.post("/sign-in", &[("login", login), ("password", "đoán mò")]).await;
        let unknown = format!("khong-ai-{number}@example.vn");
        guesser.post("/sign-in", &[("login", &unknown), ("password", "đoán mò")]).await;
    }
    let row = |kind: &str, times: i32| (kind.to_owned(), times);
    let expected = [row("wrong_password", 25), row("password_locked", 15), row("wrong_password", 10)];
    assert_eq!(events(&test).await, expected);
    let text: Vec<String> =
        sqlx::query_scalar("SELECT e::text FROM sign_in_events e").fetch_all(&mut test.admin().await).await.unwrap();
    assert!(text.iter().all(|row| !row.contains(login) && !row.contains("khong-ai") && !row.contains("đoán")));

    test.clock.advance(Duration::minutes(10));
    let client = test.anonymous();
    client.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await.expect(303);
    let page = client.get("/me").await.expect(200);
    page.shows(&[
        &vi("sign-in-event-signed-in"),
        &vi("sign-in-event-wrong-password"),
        &vi1("sign-in-event-times", "n", "10"),
        &vi("sign-in-event-password-locked"),
        "198.51.100.9",
        "203.0.113.7",
        "Chrome",
    ]);
    let other = test.signed_in(&cast.pupil).await;
    other.get("/me").await.expect(200).hides(&["198.51.100.9"]);
}

/// A school sees what was tried at those who are its own alone, and of others what it has refused itself.
#[tokio::test]
async fn a_school_sees_its_own_members_and_nothing_of_other_schools() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.get(&cast.school.path("/audit")).await.expect(403);
    test.anonymous().post("/sign-in", &[("login", &cast.pupil.login), ("password", "đoán mò")]).await.expect(422);
    let shown = async |to: &crate::support::Person, of: &crate::support::people::School| {
        test.signed_in(to).await.get(&of.path("/audit/sign-ins")).await.expect(200)
    };
    let page = shown(&cast.owner, &cast.school).await;
    page.shows(&[
        &cast.teacher.name,
        &vi("sign-in-event-refused"),
        &cast.pupil.name,
        &vi("sign-in-event-wrong-password"),
    ]);
    let names = [cast.teacher.name.as_str(), cast.pupil.name.as_str()];
    shown(&foreign.owner, &foreign.school).await.hides(&names).shows(&[&vi("audit-nothing")]);
    teacher.get(&cast.school.path("/audit/sign-ins")).await.expect(403);

    // A person who also works elsewhere: neither school learns what is not its own.
    sqlx::query("DELETE FROM memberships WHERE member_id = $1")
        .bind(foreign.teacher.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    sqlx::query("INSERT INTO memberships VALUES ($1, $2, $3)")
        .bind(cast.teacher.account_id)
        .bind(foreign.school.id())
        .bind(foreign.teacher.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let wrong = [("login", cast.teacher.login.as_str()), ("password", "đoán mò")];
    test.anonymous().post("/sign-in", &wrong).await.expect(422);
    shown(&foreign.owner, &foreign.school).await.shows(&[&vi("audit-nothing")]);
    let page = shown(&cast.owner, &cast.school).await.shows(&[&cast.teacher.name, &vi("sign-in-event-refused")]);
    assert_eq!(page.html().matches(&cast.teacher.name).count(), 1, "the refusal, and not the guess");
}

/// A code by which a pupil is taken in can be guessed at like a password, by an account in a school.
#[tokio::test]
async fn wrong_transfer_codes_are_on_record_where_they_were_typed() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&cast.manager).await;
    manager.says_it_is("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36");
    let transfer = cast.school.path("/accounts/transfer");
    for _ in 0..10 {
        manager.post(&transfer, &[("code", "aaaa-bbbb-cccc-dddd")]).await.expect(422);
    }
    manager.post(&transfer, &[("code", "aaaa-bbbb-cccc-dddd")]).await.expect(429);
    assert_eq!(events(&test).await, [("release_locked".to_owned(), 1), ("wrong_release".to_owned(), 10)]);
    let places: Vec<(AccountId, SchoolId)> = sqlx::query_as("SELECT account_id, school_id FROM sign_in_events")
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(places, [(cast.manager.account_id, cast.school.id()); 2]);
    let words = [vi("sign-in-event-wrong-release"), vi("sign-in-event-release-locked")];
    let owner = test.signed_in(&cast.owner).await;
    let page = owner.get(&cast.school.path("/audit/sign-ins")).await.expect(200);
    page.shows(&[&cast.manager.name, &words[0], &words[1], "Chrome"]);
    let foreign_owner = test.signed_in(&foreign.owner).await;
    foreign_owner.get(&foreign.school.path("/audit/sign-ins")).await.expect(200).hides(&words);
}

/// The password that is asked for once more is tried on a device, too.
#[tokio::test]
async fn a_wrong_password_typed_once_more_is_on_record_with_the_device() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    owner.says_it_is("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36");
    test.clock.advance(Duration::minutes(10));
    owner.post("/me/reauthentication", &[("next", "/"), ("fresh_password", "sai rồi")]).await.expect(422);
    let settings = cast.school.path("/settings");
    let loosens = [("homeroom_may_reset", "on"), ("fresh_password", "sai rồi")];
    owner.post(&settings, &loosens).await.expect(422);
    owner.post("/me/second-factor/codes", &[("password", "sai rồi")]).await.expect(422);
    let tried: (String, i32, String) = sqlx::query_as("SELECT kind, times, user_agent FROM sign_in_events")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!((tried.0.as_str(), tried.1), ("wrong_password", 3));
    assert!(tried.2.contains("Chrome/140"), "{tried:?}");
}

/// Who is deleted takes it along; what is old goes.
#[tokio::test]
async fn it_goes_with_the_account_and_with_time() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    test.anonymous().post("/sign-in", &[("login", &cast.pupil.login), ("password", "đoán mò")]).await.expect(422);
    let mut tx = test.db.begin().await.unwrap();
    accounts::delete(&mut tx, cast.pupil.account_id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(events(&test).await, []);
}

/// What is older than is kept is shown to nobody, though its month is still there.
#[tokio::test]
async fn what_is_too_old_is_not_shown() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let login = cast.teacher.login.as_str();
    test.anonymous().post("/sign-in", &[("login", login), ("password", "đoán mò")]).await.expect(422);
    for (days, is_shown) in [(89, true), (2, false)] {
        test.clock.advance(Duration::days(days));
        let client = test.anonymous();
        client.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await.expect(303);
        let page = client.get("/me").await.expect(200).shows(&[&vi("sign-in-event-signed-in")]);
        assert_eq!(page.words().contains(&vi("sign-in-event-wrong-password")), is_shown);
    }
    assert_eq!(events(&test).await.len(), 3);
}

/// Twenty years later, when none of the parts is left that a new database begins with.
fn far_on() -> DateTime<Utc> {
    "2046-09-07T01:00:00Z".parse().unwrap()
}

/// The months that have a part, in their order.
async fn months(test: &TestApp) -> Vec<String> {
    let months = "SELECT replace(part::text, 'sign_in_events_', '') FROM sign_in_months()
                  WHERE begins > '-infinity' ORDER BY begins";
    sqlx::query_scalar(months).fetch_all(&mut test.admin().await).await.unwrap()
}

/// The parts that events are in, one for each event.
async fn parts(test: &TestApp) -> Vec<String> {
    let parts = "SELECT replace(tableoid::regclass::text, 'sign_in_events_', '') FROM sign_in_events ORDER BY hour";
    sqlx::query_scalar(parts).fetch_all(&mut test.admin().await).await.unwrap()
}

/// One step of what is done by the hour.
async fn keep(test: &TestApp, at: DateTime<Utc>) -> bool {
    let keep = sqlx::query_scalar("SELECT keep_sign_in_months($1, $2)").bind(at).bind(at - Duration::days(90));
    keep.fetch_one(test.db.pool()).await.unwrap()
}

#[tokio::test]
async fn months_come_before_their_events_and_go_after_them() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let guess = async || {
        let wrong = [("login", cast.pupil.login.as_str()), ("password", "đoán mò")];
        test.anonymous().post("/sign-in", &wrong).await.expect(422);
    };
    test.clock.advance(far_on() - test.clock.now());
    // Nobody's sign-in fails because its month was not made; it is left out then.
    guess().await;
    assert_eq!(parts(&test).await, ["other"]);
    forget(&test).await;
    assert_eq!(months(&test).await, ["2046_10", "2046_11", "2046_12"]);

    test.clock.advance(Duration::days(40));
    guess().await;
    test.clock.advance(Duration::days(40));
    guess().await;
    assert_eq!(parts(&test).await, ["other", "2046_10", "2046_11"]);
    forget(&test).await;
    assert_eq!(months(&test).await, ["2046_10", "2046_11", "2046_12", "2047_01", "2047_02"]);
    assert_eq!(parts(&test).await.len(), 3);

    // Events of no month go one by one, those of a month with the last of them.
    test.clock.advance(Duration::days(40));
    forget(&test).await;
    assert_eq!(parts(&test).await, ["2046_10", "2046_11"]);
    test.clock.advance(Duration::days(25));
    forget(&test).await;
    assert_eq!(parts(&test).await, ["2046_11"]);
    assert_eq!(months(&test).await, ["2046_11", "2046_12", "2047_01", "2047_02", "2047_03", "2047_04"]);
}

#[tokio::test]
async fn several_workers_keep_months_at_once_and_nobody_waits_for_them() {
    let test = TestApp::with_many_connections().await;
    loop {
        let (one, other) = tokio::join!(keep(&test, far_on()), keep(&test, far_on()));
        if !one && !other {
            break;
        }
    }
    assert_eq!(months(&test).await, ["2046_09", "2046_10", "2046_11", "2046_12"]);

    // Whoever reads the table keeps it from changing, for this hour.
    let later = far_on() + Duration::days(150);
    let mut reader = test.db.begin().await.unwrap();
    sqlx::query("SELECT FROM sign_in_events").execute(&mut *reader).await.unwrap();
    assert!(!keep(&test, later).await);
    assert_eq!(months(&test).await, ["2046_09", "2046_10", "2046_11", "2046_12"]);
    reader.commit().await.unwrap();
    while keep(&test, later).await {}
    assert_eq!(months(&test).await, ["2046_11", "2046_12", "2047_02", "2047_03", "2047_04", "2047_05"]);
}

/// As for the page `/me`.
#[tokio::test]
async fn an_accounts_events_are_found_by_an_index_of_each_month() {
    let test = TestApp::new().await;
    while keep(&test, far_on()).await {}
    let mut admin = test.admin().await;
    // Empty tables are read whole, if that is allowed.
    sqlx::raw_sql("SET enable_seqscan = off; SET enable_bitmapscan = off").execute(&mut admin).await.unwrap();
    let plan: Vec<String> = sqlx::query_scalar(
        "EXPLAIN (COSTS OFF) SELECT kind, times, last_at, host(address) AS address, user_agent FROM sign_in_events
         WHERE account_id = '00000000-0000-0000-0000-000000000001' AND hour >= '2046-10-10'
         ORDER BY last_at DESC, kind LIMIT 50",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let plan = plan.join("\n");
    assert_eq!((plan.matches("Seq Scan").count(), plan.matches("Index Scan using ").count()), (0, 4), "{plan}");
    // Nothing is asked of the month before.
    assert!(plan.contains("2046_10") && !plan.contains("2046_09"), "{plan}");
}
