//! A worker that is killed with -9 while it makes or applies a sync: all of it is in the school, or nothing, and another
//! worker finishes it.

use std::time::{Duration, Instant};

use schoolgate::{
    clock::Randomness,
    ids::PlanId,
    plan::{apply, model::Source},
    sources::registry,
};
use sqlx::PgConnection;

use crate::crash_recovery::approval::Doomed;
use crate::crash_recovery::{Survivor, app, settings};
use crate::support::database::elsewhere;
use crate::support::people::School;
use crate::support::smtp::SmtpSink;
use crate::support::{Cast, TestApp};

/// The registry of a school, as approved submissions leave it.
async fn fill_registry(test: &TestApp, school: &School, people: usize) {
    let mut admin = test.admin().await;
    sqlx::query(
        "INSERT INTO registry_classes (school_id, id, school_year_id, name, sort_key, origin, created_at, changed_at)
         SELECT $1, gen_random_uuid(), $2, '10A' || n, '10A' || n, 'submission', now(), now()
         FROM generate_series(1, 12) n",
    )
    .bind(school.id())
    .bind(school.year_id)
    .execute(&mut admin)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name, birth_date,
             moet_id, class_id, fields, origin, created_at, changed_at)
         SELECT $1, gen_random_uuid(), 'student', p.name, 'an', 'vu', p.name, p.birth, p.moet_id, c.id,
             jsonb_build_object('full_name', p.name, 'gender', 'male', 'birth_date', p.birth, 'moet_id', p.moet_id,
                 'mother_name', 'Hồ Thị Mẹ', 'mother_birth_year', '1985'),
             'submission', now(), now()
         FROM (SELECT n, 'Vũ ' || translate((1000 + n)::text, '0123456789', 'abcdeghikl') || ' An' AS name,
                   '2011-01-01'::date + n % 300 AS birth, (7900000000 + n)::text AS moet_id
               FROM generate_series(1, $2) n) p
         JOIN registry_classes c ON c.school_id = $1 AND c.name = '10A' || (1 + p.n % 12)",
    )
    .bind(school.id())
    .bind(people as i32)
    .execute(&mut admin)
    .await
    .unwrap();
}

/// What of the sync is in the school, and how far its plan is: the two agree at any instant.
async fn look(admin: &mut PgConnection, rows: i64) -> String {
    let (state, members, accounts, links, synced): (String, i64, i64, i64, i64) = sqlx::query_as(
        "SELECT p.state,
             (SELECT count(*) FROM members WHERE full_name LIKE 'Vũ %'),
             (SELECT count(*) FROM accounts a JOIN members m ON m.account_id = a.id WHERE m.full_name LIKE 'Vũ %'),
             (SELECT count(*) FROM registry_links), (SELECT count(*) FROM registry_syncs)
         FROM plans p WHERE p.source = 'registry'",
    )
    .fetch_one(admin)
    .await
    .unwrap();
    let is_applied = state == "applied";
    let expected = if is_applied { rows } else { 0 };
    assert_eq!([members, accounts, links], [expected; 3], "the sync is {state}");
    assert_eq!(synced, i64::from(is_applied), "the sync is {state}");
    state
}

struct Round<'a> {
    test: &'a TestApp,
    cast: &'a Cast,
    plan_id: PlanId,
    rows: i64,
}

impl Round<'_> {
    /// Applies the plan as soon as it can be, as its owner does, and looks all the while; until `until` is over.
    async fn press_on(&self, admin: &mut PgConnection, until: Instant) -> String {
        loop {
            let state = look(admin, self.rows).await;
            if state == "applied" || Instant::now() >= until {
                return state;
            }
            if state == "ready" {
                apply::start(&self.cast.school.scope.grant().unwrap(), self.test, self.plan_id, None).await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn round(seed: u64, rows: usize, linger: u64) {
    let test = TestApp::real_time().await;
    let cast = test.cast("79000001").await;
    fill_registry(&test, &cast.school, rows).await;
    let plan_id = registry::begin(&cast.school.scope.grant().unwrap(), &test, Source::Registry).await.unwrap();
    let round = Round { test: &test, cast: &cast, plan_id, rows: rows as i64 };
    let smtp = SmtpSink::start();
    let mut admin = test.admin().await;
    let doomed = Doomed::start(&test, &cast, &smtp, &mut admin).await;
    let wait = u64::from_le_bytes(Randomness::seeded(seed).bytes()) % linger;
    round.press_on(&mut admin, Instant::now() + Duration::from_millis(wait)).await;
    doomed.kill(&mut admin).await;
    let found = look(&mut admin, rows as i64).await;
    println!("killed after {wait} ms while {found}");

    let survivor = Survivor::start(&test.database, &app(&test.database, &smtp.url(), "survivor"), settings(true));
    let patience = Instant::now() + Duration::from_secs(240);
    assert_eq!(round.press_on(&mut admin, patience).await, "applied", "nobody finishes it");
    while !test.left_over().await.is_empty() {
        assert!(Instant::now() < patience, "jobs are left over");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    survivor.stop().await;
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE action = 'plan_applied'")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(told, 1, "it is on record once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_while_syncing_leaves_none_or_all() {
    for seed in 0..3 {
        round(seed, 500, 1_500).await;
    }
}

/// `KILLED_ROUNDS` and `KILLED_SEED` make it longer, or another one.
#[test]
#[ignore = "takes minutes: twenty rounds of 5,000 people"]
fn a_worker_killed_over_a_long_sync_leaves_none_or_all() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, rounds) = (number("KILLED_SEED", 300), number("KILLED_ROUNDS", 20));
    for seed in first..first + rounds {
        elsewhere(async move { round(seed, 5_000, 8_000).await });
    }
}
