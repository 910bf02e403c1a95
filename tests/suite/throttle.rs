//! Who tries too often, and what a try costs: neither tells whether there is an account.

use std::net::IpAddr;

use chrono::Duration;
use schoolgate::identity::throttle;
use schoolgate::members::model::Status;

use crate::support::client::ADDRESS;
use crate::support::people::PASSWORD;
use crate::support::{Person, Someone, TestApp};

/// The work behind a refusal is one argon2, whatever is on record: hashing is all of the time that one could measure.
#[tokio::test]
async fn every_refused_try_costs_one_argon2() {
    let test = TestApp::with_own_hasher().await;
    let cast = test.cast("79000001").await;
    let invited = cast.school.add(&test, Someone::teacher("Tăng Văn Mời").who_is(Status::Invited)).await;
    // Nobody has set a password for it, and nobody was handed one.
    sqlx::query(
        "UPDATE accounts SET password_hash = NULL, temporary_password = NULL, temporary_key_id = NULL,
             temporary_expires_at = NULL WHERE id = $1",
    )
    .bind(invited.account_id)
    .execute(&mut test.admin().await)
    .await
    .unwrap();
    let expired = cast.school.add(&test, Someone::pupil("Hứa Văn Cũ", cast.class_id).new_here()).await;
    sqlx::query("UPDATE accounts SET temporary_expires_at = '2026-01-01' WHERE id = $1")
        .bind(expired.account_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let wrong = "một mật khẩu nào đó";
    let typed = expired.temporary.clone().unwrap();
    for (login, password) in [
        ("nobody@example.vn", wrong),
        ("nobody@79000001", wrong),
        (&cast.teacher.login, wrong),
        (&cast.newcomer.login, wrong),
        (&invited.login, wrong),
        (&expired.login, &typed),
    ] {
        let before = test.hasher.computed();
        let form = [("login", login), ("password", password)];
        test.anonymous().post("/sign-in", &form).await.expect(422);
        assert_eq!(test.hasher.computed() - before, 1, "{login}");
    }
    // At the school's own door, too.
    for login in ["nobody", cast.pupil.login.split('@').next().unwrap()] {
        let before = test.hasher.computed();
        let form = [("login", login), ("password", wrong)];
        test.anonymous().post(&cast.school.path("/sign-in"), &form).await.expect(422);
        assert_eq!(test.hasher.computed() - before, 1, "{login}");
    }
    // A forgotten password costs the same for everybody: nothing here, and the rest in the background.
    let before = test.hasher.computed();
    for login in ["nobody@example.vn", &cast.teacher.login] {
        test.anonymous().post("/password/forgot", &[("login", login)]).await.expect(200);
    }
    assert_eq!(test.hasher.computed(), before);
    test.work().await;
}

async fn charge(test: &TestApp, login: &str, address: IpAddr, times: usize) {
    for _ in 0..times {
        throttle::charge(&test.db, login, Some(address), test.clock.now()).await.unwrap();
    }
}

async fn signs_in(test: &TestApp, person: &Person) -> u16 {
    let form = [("login", person.login.as_str()), ("password", PASSWORD)];
    test.anonymous().post("/sign-in", &form).await.status.as_u16()
}

/// Ten thousand wrong tries from the school's one address: whoever was not guessed at gets in, and has two tries to
/// mistype. Beyond its limit an address owes no more, so that ten thousand weigh no more than six hundred.
#[tokio::test]
async fn ten_thousand_wrong_tries_do_not_lock_the_others_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    charge(&test, &cast.newcomer.login, ADDRESS, 700).await;
    let owed = async || {
        let owed: Vec<chrono::DateTime<chrono::Utc>> =
            sqlx::query_scalar("SELECT free_at FROM attempts ORDER BY free_at")
                .fetch_all(&mut test.admin().await)
                .await
                .unwrap();
        owed
    };
    let after_hundreds = owed().await;
    charge(&test, &cast.newcomer.login, ADDRESS, 300).await;
    assert_eq!(owed().await, after_hundreds, "the rest of ten thousand changes nothing");

    let (pupil, teacher) = (&cast.pupil, &cast.teacher);
    for person in [pupil, teacher] {
        assert_eq!(signs_in(&test, person).await, 303, "{}", person.name);
    }
    // Two may be wrong, from there; then one waits half a minute.
    charge(&test, &pupil.login, ADDRESS, 1).await;
    assert_eq!(signs_in(&test, pupil).await, 303);
    charge(&test, &pupil.login, ADDRESS, 2).await;
    assert_eq!(signs_in(&test, pupil).await, 429);
    let temporary = cast.newcomer.temporary.clone().unwrap();
    let form = [("login", cast.newcomer.login.as_str()), ("password", temporary.as_str())];
    test.anonymous().post("/sign-in", &form).await.expect(429);
    // Who was guessed at is free again in time, too.
    test.clock.advance(Duration::seconds(30));
    assert_eq!(signs_in(&test, pupil).await, 303);
    test.anonymous().post("/sign-in", &form).await.expect(303);
}
