//! Syncs of classes, syncs at night, and where the registry is pointed to.

use schoolgate::plan::model::OutcomeCounts;

use crate::support::TestApp;
use crate::support::say::{vi, vi1};
use crate::sync::{NAMES, Registry, apply, counts, sync, sync_at_night, synced};

#[tokio::test]
async fn classes_are_made_and_none_is_deleted() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let registry = Registry { test: &test, school: &cast.school };
    let page = cast.school.path("/classes/sync");
    owner.get(&page).await.expect(200).shows(&[&vi("sync-nothing-there")]);
    for name in ["10A1", "10A2", "10A3"] {
        registry.class(name).await;
    }
    // 10A1 is there, and so is one that the registry does not know.
    cast.school.class(&test, "12C9").await;
    owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", 2)]);
    let plan = owner.post(&page, &[]).await.location();
    test.work().await;
    let expected = OutcomeCounts { create: 2, unchanged: 1, ..OutcomeCounts::default() };
    assert_eq!(counts(&test, &plan).await, expected);
    // It is the owners': account managers see it, and do nothing about it.
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&plan).await.expect(200).shows(&["10A2", &vi("plan-for-owners")]);
    for (rest, fields) in [("apply", [("", "")]), ("discard", [("", "")]), ("rows/1", [("decision", "drop")])] {
        manager.post(&format!("{plan}/{rest}"), &fields).await.expect(403);
    }
    manager.post(&format!("{plan}/decisions"), &[("decision", "drop")]).await.expect(403);
    apply(&test, &owner, &plan).await;
    manager.post(&format!("{plan}/undo"), &[]).await.expect(403);
    let names = async || -> Vec<String> {
        sqlx::query_scalar("SELECT name FROM classes ORDER BY sort_key")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap()
    };
    assert_eq!(names().await, ["10A1", "10A2", "10A3", "12C9"]);
    let again = owner.post(&page, &[]).await.location();
    test.work().await;
    assert_eq!(counts(&test, &again).await, OutcomeCounts { unchanged: 3, ..OutcomeCounts::default() });
    // Taken back, what is empty goes.
    owner.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    assert_eq!(names().await, ["10A1", "12C9"]);
    manager.get(&page).await.expect(403);
}

#[tokio::test]
async fn before_a_person_is_created_the_registry_is_pointed_to() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let registry = Registry { test: &test, school: &cast.school };
    let form = cast.school.path("/accounts/new/student");
    owner.get(&form).await.expect(200).hides(&[&vi1("sync-first", "count", 1)]);
    let class = registry.class("10A1").await;
    registry.pupil(NAMES[0], class, &[]).await;
    owner.get(&form).await.expect(200).shows(&[&vi1("sync-first", "count", 1)]);
    let typed =
        cast.school.path("/accounts/twins?kind=student&full_name=B%C3%B9i+Th%E1%BB%8B+%C3%81nh&birth_date=2011-09-05");
    owner.get(&typed).await.expect(200).shows(&[&vi("sync-twins-title"), NAMES[0]]);
    let plan = sync(&test, &owner, &cast).await;
    apply(&test, &owner, &plan).await;
    owner.get(&form).await.expect(200).hides(&[&vi1("sync-first", "count", 1)]);
    owner.get(&typed).await.expect(200).hides(&[&vi("sync-twins-title")]);
}

#[tokio::test]
async fn at_night_a_sync_is_prepared_or_applied_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (registry, people, _) = synced(&test, &cast, &owner).await;
    let syncs = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM plans WHERE source = 'registry'")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap()
    };
    let phone = async |n: usize| registry.has(NAMES[n]).await.0.unwrap();
    // Off, as long as the school does not want it.
    registry.says(people[0], "phone", "0911111111").await;
    sync_at_night(&test, &cast, 0).await;
    assert_eq!(syncs().await, 1);

    let settings = cast.school.path("/settings");
    owner.post(&settings, &[("nightly_sync", "prepare")]).await.expect(303);
    sync_at_night(&test, &cast, 0).await;
    assert_eq!((syncs().await, phone(0).await.as_str()), (2, "0912345670"));
    let mail = test.mail_to(&cast.owner.login);
    assert!(mail.text.contains("/plans/"), "{}", mail.text);
    // A person who reviews it is left alone.
    sync_at_night(&test, &cast, 1).await;
    assert_eq!(syncs().await, 2);
    let plan = crate::support::link_in(&mail.text);
    apply(&test, &owner, &plan).await;
    assert_eq!(phone(0).await, "0911111111");
    // Nothing waits.
    sync_at_night(&test, &cast, 2).await;
    assert_eq!(syncs().await, 2);

    owner.post(&settings, &[("nightly_sync", "apply")]).await.expect(303);
    registry.says(people[1], "phone", "0922222222").await;
    sync_at_night(&test, &cast, 3).await;
    assert_eq!((syncs().await, phone(1).await.as_str()), (3, "0922222222"));
    // Not twice in one night, and nobody leaves without being looked at.
    registry.loses(people[2], "gone").await;
    sync_at_night(&test, &cast, 3).await;
    assert_eq!(syncs().await, 3);
    sync_at_night(&test, &cast, 4).await;
    assert_eq!((syncs().await, registry.has(NAMES[2]).await.2.as_str()), (4, "active"));
}
