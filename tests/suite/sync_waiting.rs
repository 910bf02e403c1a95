//! What waits for a sync: counted by what a sync would look at, begun at night where nothing stands in the way; and what
//! a sync of classes does about grades and about classes that are gone.

use schoolgate::plan::model::OutcomeCounts;
use serde_json::json;

use crate::support::TestApp;
use crate::support::say::{vi, vi1};
use crate::sync::{NAMES, Registry, apply, counts, sync, sync_at_night, synced};

async fn number(test: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn while_a_draft_for_the_coming_year_is_open_no_night_begins_or_applies_a_sync() {
    use schoolgate::{
        jobs::{Attempt, Handle},
        nightly::SyncAtNight,
    };
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (registry, people, _) = synced(&test, &cast, &owner).await;
    owner.post(&cast.school.path("/settings"), &[("nightly_sync", "apply")]).await.expect(303);
    registry.says(people[0], "phone", "0911111111").await;
    owner.post(&cast.school.path("/rollover"), &[("to", "2027-2028")]).await.expect(303);
    test.work().await;
    let syncs = "SELECT count(*) FROM plans WHERE source = 'registry'";
    sync_at_night(&test, &cast, 0).await;
    assert_eq!(number(&test, syncs).await, 1, "the draft is there, though no plan is made of it yet");

    // Begun after the night's sync was: its plan is dropped.
    owner.post(&cast.school.path("/rollover/discard"), &[]).await.expect(303);
    let sync = SyncAtNight { school_id: cast.school.id(), night: test.clock.today() + chrono::Duration::days(1) };
    sync.handle(std::sync::Arc::new((*test).clone()), Attempt { number: 1, is_last: false }).await.unwrap();
    assert_eq!(number(&test, syncs).await, 2);
    test.clock.advance(chrono::Duration::seconds(10));
    owner.post(&cast.school.path("/rollover"), &[("to", "2027-2028")]).await.expect(303);
    test.work().await;
    let dropped = "SELECT count(*) FROM plans WHERE source = 'registry' AND refusal = 'refusal-discarded'";
    assert_eq!(number(&test, dropped).await, 1);
    assert_eq!(registry.has(NAMES[0]).await.0.as_deref(), Some("0912345670"));
}

/// What waits is what a sync would look at, whatever the clock said when it was written.
#[tokio::test]
async fn what_was_left_over_and_what_was_written_late_still_waits() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (registry, people, class) = synced(&test, &cast, &owner).await;
    let page = cast.school.path("/accounts/sync");
    let waits = async |count: i64| {
        owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", count)]);
    };
    waits(0).await;
    // Approved in a transaction that began before the last sync was read, and committed after it.
    registry.says(people[0], "phone", "0911111111").await;
    let late = "UPDATE registry_people SET changed_at = changed_at - interval '1 hour' WHERE id = $1";
    sqlx::query(late).bind(people[0]).execute(&mut test.admin().await).await.unwrap();
    waits(1).await;
    // A pupil without what a new one needs is an error, and waits on after the others were applied.
    let fields = json!({ "full_name": "Kiều Thị Giang", "gender": "female", "birth_date": "2011-09-05" });
    registry.person("student", "Kiều Thị Giang", Some(class), &fields).await;
    waits(2).await;
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(
        counts(&test, &plan).await,
        OutcomeCounts { update: 1, error: 1, unchanged: 4, ..OutcomeCounts::default() }
    );
    apply(&test, &owner, &plan).await;
    waits(1).await;
    // But no night asks about it again, before something else changes.
    owner.post(&cast.school.path("/settings"), &[("nightly_sync", "prepare")]).await.expect(303);
    let syncs = "SELECT count(*) FROM plans WHERE source = 'registry'";
    sync_at_night(&test, &cast, 0).await;
    assert_eq!(number(&test, syncs).await, 2);
    registry.says(people[1], "phone", "0922222222").await;
    sync_at_night(&test, &cast, 1).await;
    assert_eq!(number(&test, syncs).await, 3);
}

#[tokio::test]
async fn grades_are_compared_in_three_ways_and_classes_that_are_gone_are_told() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let registry = Registry { test: &test, school: &cast.school };
    let page = cast.school.path("/classes/sync");
    for name in ["10A2", "10A3", "10A4"] {
        registry.class(name).await;
    }
    let change = async |change: &'static str| {
        sqlx::query(change).execute(&mut test.admin().await).await.unwrap();
    };
    let grades = async || -> String {
        let all = "SELECT string_agg(name || ' ' || coalesce(grade, '–'), ', ' ORDER BY sort_key) FROM classes
                   WHERE name <> '10A1'";
        sqlx::query_scalar(all).fetch_one(&mut test.admin().await).await.unwrap()
    };
    let begin = async || {
        let plan = owner.post(&page, &[]).await.location();
        test.work().await;
        plan
    };
    change("UPDATE registry_classes SET grade = 'Khối A'").await;
    let first = begin().await;
    assert_eq!(counts(&test, &first).await, OutcomeCounts { create: 3, ..OutcomeCounts::default() });
    apply(&test, &owner, &first).await;
    assert_eq!(grades().await, "10A2 Khối A, 10A3 Khối A, 10A4 Khối A");

    // The registry changes one, the school another, both the third; and one is gone.
    change("UPDATE registry_classes SET grade = 'Khối B', version = version + 1 WHERE name IN ('10A2', '10A4')").await;
    change("UPDATE classes SET grade = 'Khối C' WHERE name IN ('10A3', '10A4')").await;
    owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", 2)]);
    let plan = begin().await;
    let expected = OutcomeCounts { update: 1, unchanged: 1, duplicate: 1, ..OutcomeCounts::default() };
    assert_eq!(counts(&test, &plan).await, expected);
    let differs = vi1("fault-registry-differs", "value", "Khối A");
    owner.get(&plan).await.expect(200).shows(&[
        &differs,
        &vi1("fault-doubt-registry", "value", "Khối B"),
        &vi("sync-take"),
    ]);
    apply(&test, &owner, &plan).await;
    assert_eq!(grades().await, "10A2 Khối B, 10A3 Khối C, 10A4 Khối C", "what the school has changed stays");
    owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", 0)]);
    // Decided by keeping it, it is said and not asked again; and the school may take it after all.
    let again = begin().await;
    assert_eq!(counts(&test, &again).await, OutcomeCounts { unchanged: 3, ..OutcomeCounts::default() });
    owner.post(&format!("{again}/rows/3"), &[("decision", "same")]).await.expect(303);
    apply(&test, &owner, &again).await;
    assert_eq!(grades().await, "10A2 Khối B, 10A3 Khối C, 10A4 Khối B");
    owner.post(&format!("{again}/undo"), &[]).await.expect(303);
    test.work().await;
    assert_eq!(grades().await, "10A2 Khối B, 10A3 Khối C, 10A4 Khối C");

    change("UPDATE registry_classes SET gone_at = now(), version = version + 1 WHERE name = '10A2'").await;
    owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", 1)]);
    let last = begin().await;
    owner.get(&last).await.expect(200).shows(&["10A2", &vi("fault-registry-class-gone")]);
    apply(&test, &owner, &last).await;
    assert_eq!(grades().await, "10A2 Khối B, 10A3 Khối C, 10A4 Khối C", "no class is deleted");
    owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", 0)]);
}

/// From midnight on each school has its turn in an hour of its own; where no worker ran in that hour, in the next one.
#[tokio::test]
async fn each_school_has_its_turn_and_a_missed_hour_is_made_up_for() {
    use chrono::Duration;
    use schoolgate::{
        jobs,
        nightly::{BeginNight, slot},
    };
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (registry, people, _) = synced(&test, &cast, &owner).await;
    owner.post(&cast.school.path("/settings"), &[("nightly_sync", "prepare")]).await.expect(303);
    registry.says(people[0], "phone", "0911111111").await;
    let begins = async || {
        let mut tx = test.db.begin().await.unwrap();
        jobs::enqueue(&mut tx, &BeginNight {}).await.unwrap();
        tx.commit().await.unwrap();
        let mut ran = test.work().await;
        // Each has its minute of the hour.
        jobs::bring_forward(&mut test.admin().await).await.unwrap();
        ran.extend(test.work().await);
        ran.contains(&"sync_at_night".to_owned())
    };
    let syncs = "SELECT count(*) FROM plans WHERE source = 'registry'";
    assert!(!begins().await, "by day no school has its turn");
    let midnight = "2026-09-07T17:03:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    test.clock.advance(midnight - test.clock.now());
    let turn = slot(cast.school.id()) / 60;
    for hour in 0..turn {
        assert!(!begins().await, "{hour}");
        test.clock.advance(Duration::hours(1));
    }
    assert_eq!(number(&test, syncs).await, 1);
    // In its hour nobody is at work.
    if turn < 4 {
        test.clock.advance(Duration::hours(1));
    }
    assert!(begins().await);
    assert_eq!(number(&test, syncs).await, 2);
    // Once a night, whatever comes of it.
    let dropped = "UPDATE plans SET state = 'refused', refusal = 'refusal-discarded' WHERE source = 'registry'
                       AND state = 'ready'";
    sqlx::query(dropped).execute(&mut test.admin().await).await.unwrap();
    begins().await;
    assert_eq!(number(&test, syncs).await, 2);
    test.clock.advance(Duration::hours(24));
    assert!(begins().await);
    assert_eq!(number(&test, syncs).await, 3);
}

/// Whatever is done to the registry and to what links it with the school's people: what is kept as waiting is what a
/// comparison of everybody finds.
#[tokio::test]
async fn the_people_who_wait_are_kept_right_by_every_act() {
    use schoolgate::db::recount;
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let is_right = async |count: i64, after: &str| {
        let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
        assert_eq!(recount::wrong_counters(&mut tx, cast.school.id()).await.unwrap(), [], "after {after}");
        drop(tx);
        let kept = "SELECT coalesce(sum(value), 0)::bigint FROM counters WHERE counter = 'registry_due'";
        assert_eq!(number(&test, kept).await, count, "after {after}");
        assert_eq!(number(&test, "SELECT count(*) FROM registry_due").await, count, "after {after}");
        let stale = "SELECT count(*) FROM registry_due d JOIN registry_people p ON p.id = d.registry_person_id
                     WHERE d.version <> p.version";
        assert_eq!(number(&test, stale).await, 0, "after {after}");
    };
    let (registry, people, class) = synced(&test, &cast, &owner).await;
    is_right(0, "a sync").await;
    registry.says(people[0], "phone", "0911111111").await;
    registry.loses(people[1], "gone").await;
    let new = registry.pupil("Kiều Thị Giang", class, &[]).await;
    is_right(3, "changes of the registry").await;
    // Who left before they were compared does not wait.
    registry.loses(new, "moved").await;
    is_right(2, "a pupil who came and went").await;
    let plan = sync(&test, &owner, &cast).await;
    apply(&test, &owner, &plan).await;
    is_right(0, "the second sync").await;
    registry.says(people[0], "phone", "0922222222").await;
    let plan = sync(&test, &owner, &cast).await;
    apply(&test, &owner, &plan).await;
    is_right(0, "the third sync").await;
    owner.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    is_right(1, "a sync that was taken back").await;

    let mut admin = test.admin().await;
    for (act, count) in [
        ("DELETE FROM registry_links WHERE registry_person_id = $1", 2),
        ("UPDATE registry_people SET changed_at = now() WHERE id = $1", 2),
        ("DELETE FROM registry_people WHERE id = $1", 1),
    ] {
        sqlx::query(act).bind(people[2]).execute(&mut admin).await.unwrap();
        is_right(count, act).await;
    }
    // With a linked person of the registry goes the link.
    sqlx::query("DELETE FROM registry_people WHERE id = $1").bind(people[3]).execute(&mut admin).await.unwrap();
    is_right(1, "the erasure of a person who waited for nothing").await;
}

/// A merge moves a link to the registry while somebody's values change there: neither misses what the other writes.
#[tokio::test]
async fn a_merge_waits_for_those_who_write_the_registry() {
    use std::collections::BTreeSet;

    use schoolgate::{ids::MemberId, registry::records};
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (registry, people, _) = synced(&test, &cast, &owner).await;
    registry.says(people[0], "phone", "0911111111").await;
    let gone: MemberId = sqlx::query_scalar("SELECT member_id FROM registry_links WHERE registry_person_id = $1")
        .bind(people[0])
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let kept = cast.pupil.member_id;
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    records::lock(&mut tx, &BTreeSet::from([cast.school.id()])).await.unwrap();
    let again = "UPDATE registry_people SET version = version + 1 WHERE school_id = $1 AND id = $2";
    sqlx::query(again).bind(cast.school.id()).bind(people[0]).execute(&mut *tx).await.unwrap();
    test.clock.advance(chrono::Duration::seconds(10));
    let (path, keep) = (cast.school.path(&format!("/duplicates/{kept}/{gone}/merge")), kept.to_string());
    let merges = async {
        owner.post(&path, &[("keep", keep.as_str())]).await.expect(303);
    };
    let writes = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        tx.commit().await.unwrap();
    };
    tokio::join!(merges, writes);
    let moved = "SELECT count(*) FROM registry_links l JOIN registry_due d USING (registry_person_id)
                 JOIN registry_people p ON p.id = d.registry_person_id AND p.version = d.version AND p.version = 3
                 JOIN merges m ON m.kept_id = l.member_id";
    assert_eq!(number(&test, moved).await, 1);
}
