//! `/schools/{code}/settings` and what the settings do; `/schools/{code}/audit`.

use futures_util::future::join_all;

use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, TestApp};

async fn one_device(test: &TestApp, cast: &Cast) {
    let owner = test.signed_in(&cast.owner).await;
    let settings = cast.school.path("/settings");
    let fields = [("one_device_per_student", "on"), ("idle_minutes", "30")];
    assert_eq!(owner.post(&settings, &fields).await.location(), format!("{settings}?done=settings-changed"));
}

#[tokio::test]
async fn settings_are_the_owners_and_within_bounds() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let settings = cast.school.path("/settings");
    for minutes in ["14", "1441", "viele", "-1"] {
        let page = owner.post(&settings, &[("idle_minutes", minutes)]).await.expect(422);
        assert_eq!(page.input("idle_minutes"), minutes);
        page.shows(&[&vi("fault-idle-minutes")]);
    }
    owner.post(&settings, &[("homeroom_may_reset", "on"), ("idle_minutes", "15")]).await.expect(303);
    assert_eq!(owner.get(&settings).await.expect(200).input("idle_minutes"), "15");
    test.signed_in(&cast.manager).await.get(&settings).await.expect(403);
}

#[tokio::test]
async fn of_many_sign_ins_at_once_one_gets_in_where_one_device_is_the_rule() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    one_device(&test, &cast).await;
    let login = [("login", cast.pupil.login.as_str()), ("password", PASSWORD)];
    let clients: Vec<_> = (0..50).map(|_| test.anonymous()).collect();
    let statuses =
        join_all(clients.iter().map(async |client| client.post("/sign-in", &login).await.status.as_u16())).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    let refused = test.anonymous().post("/sign-in", &login).await.expect(422);
    refused.shows(&[&vi1("fault-sign-in-elsewhere", "value", "30")]);
    // On the device that is in use, there is nothing against signing in once more.
    let inside = clients.iter().find(|client| client.cookie("session").is_some()).unwrap();
    inside.post("/sign-in", &login).await.expect(303);
    // Staff use as many as they like.
    for _ in 0..2 {
        let staff = [("login", cast.teacher.login.as_str()), ("password", PASSWORD)];
        test.anonymous().post("/sign-in", &staff).await.expect(303);
    }

    // Signed out by the school, the pupil gets in once more; left idle, too.
    let manager = test.signed_in(&cast.manager).await;
    let out = cast.school.path(&format!("/accounts/{}/sign-out", cast.pupil.member_id));
    manager.post(&out, &[]).await.expect(303);
    for client in &clients {
        assert!(client.get(&cast.school.path("")).await.location().starts_with("/sign-in?next="));
    }
    let left = test.anonymous();
    left.post("/sign-in", &login).await.expect(303);
    test.anonymous().post("/sign-in", &login).await.expect(422);
    test.clock.advance(chrono::Duration::minutes(30));
    let next = test.anonymous();
    next.post("/sign-in", &login).await.expect(303);
    // The device that was left is so for good: two are never in at once.
    next.get(&cast.school.path("")).await.expect(200);
    assert!(left.get(&cast.school.path("")).await.location().starts_with("/sign-in?next="));
}

#[tokio::test]
async fn what_was_done_is_on_record() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&cast.manager).await;
    let person = cast.school.path(&format!("/accounts/{}", cast.pupil.member_id));
    manager.post(&format!("{person}/suspension"), &[]).await.expect(303);
    one_device(&test, &elsewhere).await;
    let owner = test.signed_in(&cast.owner).await;
    let audit = cast.school.path("/audit");
    let page = owner.get(&audit).await.expect(200);
    let row = page.rows().into_iter().find(|row| row.contains(&vi("audit-suspended"))).unwrap();
    assert!(row.contains(&cast.pupil.name) && row.contains(&cast.manager.name), "{row}");
    page.hides(&[&elsewhere.owner.name]);
    let filtered = owner.get(&format!("{audit}?action=settings_changed")).await.expect(200);
    assert!(filtered.rows().is_empty());
    let of_person = owner.get(&format!("{audit}?person={}", cast.pupil.member_id)).await.expect(200);
    assert_eq!(of_person.rows().len(), 1);
    // The program can add to the record, and neither change nor delete it.
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    for statement in ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"] {
        sqlx::query("SAVEPOINT here").execute(&mut *tx).await.unwrap();
        assert!(sqlx::query(statement).execute(&mut *tx).await.is_err(), "{statement}");
        sqlx::query("ROLLBACK TO here").execute(&mut *tx).await.unwrap();
    }
}
