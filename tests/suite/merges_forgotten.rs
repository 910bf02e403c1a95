//! What a merge keeps of two people: for how long, and that erasing the person takes it along.

use chrono::Duration;
use schoolgate::identity::accounts;

use crate::cleanup::forget;
use crate::new_year::night;
use crate::rollover::{Small, count, small};
use crate::support::Person;
use crate::support::people::PASSWORD;

/// Merges a pair: gives the person who stayed, and the one who was merged into them.
async fn merged(small: &Small) -> (Person, Person) {
    let [kept, gone] = &small.ten;
    let path = small.school().path(&format!("/duplicates/{}/{}/merge", kept.member_id, gone.member_id));
    small.test.clock.advance(Duration::seconds(10));
    small.owner.post(&path, &[("keep", &kept.member_id.to_string())]).await.expect(303);
    let person = |one: &Person| Person { temporary: None, login: one.login.clone(), name: one.name.clone(), ..*one };
    (person(kept), person(gone))
}

#[tokio::test]
async fn what_merges_keep_is_forgotten_in_time() {
    let small = small().await;
    let test = &small.test;
    let (_, gone) = merged(&small).await;
    let kept = "SELECT count(*) FROM merges WHERE before IS NOT NULL OR after IS NOT NULL";
    test.clock.advance(Duration::days(29));
    night(&small).await;
    assert_eq!(count(test, kept).await, 1);
    test.clock.advance(Duration::days(2));
    night(&small).await;
    assert_eq!(count(test, kept).await, 0);
    assert_eq!(count(test, "SELECT count(*) FROM merges").await, 1, "that it was done stays on record");
    forget(test).await;
    assert_eq!(count(test, "SELECT count(*) FROM login_aliases").await, 1);
    // After a year the other login leads nowhere, and is no way in to an account of nobody's.
    test.clock.advance(Duration::days(335));
    forget(test).await;
    assert_eq!(count(test, "SELECT count(*) FROM login_aliases").await, 0);
    let login = gone.login.clone();
    let left = accounts::credentials(&mut test.db.pool().acquire().await.unwrap(), &login).await.unwrap();
    assert!(left.is_none(), "{login}");
}

#[tokio::test]
async fn erasing_a_person_erases_what_was_merged_into_them() {
    let small = small().await;
    let test = &small.test;
    let (kept, gone) = merged(&small).await;
    let erasure = small.school().path(&format!("/accounts/{}/erasure", kept.member_id));
    let form = [("confirmation", kept.name.as_str()), ("fresh_password", PASSWORD)];
    small.owner.post(&erasure, &form).await.expect(303);
    for (what, query) in [
        ("merges", "SELECT count(*) FROM merges"),
        ("aliases", "SELECT count(*) FROM member_aliases"),
        ("logins", "SELECT count(*) FROM login_aliases"),
    ] {
        assert_eq!(count(test, query).await, 0, "{what}");
    }
    for account in [kept.account_id, gone.account_id] {
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts WHERE id = $1")
            .bind(account)
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
        assert_eq!(there, 0);
    }
}
