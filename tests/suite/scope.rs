//! Row-level security as the second net: what raw SQL finds as the program's role, without any of our functions.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::RngExt;
use schoolgate::{
    clock::Randomness,
    db::{Db, Tx, embedded::ServerRole, provision::check_role},
    ids::{RegistryPersonId, SchoolId},
};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::catalogue::tenant_tables;
use crate::support::TestApp;
use crate::timetable::Timetable;

/// SQLSTATE `insufficient_privilege`: of a grant that is not there, and of a policy.
const REFUSED: &str = "42501";

async fn count(connection: &mut PgConnection, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap()
}

/// How many rows a statement touched, or the SQLSTATE by which it was refused.
async fn touched(tx: &mut Tx, sql: String) -> Result<u64, String> {
    let mut savepoint = tx.begin().await.unwrap();
    let outcome = sqlx::query(AssertSqlSafe(sql)).execute(&mut *savepoint).await;
    savepoint.rollback().await.unwrap();
    match outcome {
        Ok(done) => Ok(done.rows_affected()),
        Err(error) => Err(error.as_database_error().unwrap().code().unwrap().into_owned()),
    }
}

#[tokio::test]
async fn without_a_scope_or_in_anothers_nothing_is_found_and_nothing_written() {
    let test = TestApp::new().await;
    let (one, two) = (test.cast("79000001").await, test.cast("79000002").await);
    Timetable::new(&test, &one).await;
    Timetable::new(&test, &two).await;
    let (one, two) = (one.school, two.school);
    one.plan(&test).await;
    two.plan(&test).await;
    let mut admin = test.admin().await;
    for school in [&one, &two] {
        let id = school.id();
        let mapping = format!("INSERT INTO column_mappings VALUES ('{id}', 'students', 'shape', '{{}}')");
        sqlx::query(AssertSqlSafe(mapping)).execute(&mut admin).await.unwrap();
        let reason = format!(
            "INSERT INTO audit_reasons SELECT school_id, id, 'Lý do' FROM audit_events WHERE school_id = '{id}' LIMIT 1"
        );
        sqlx::query(AssertSqlSafe(reason)).execute(&mut admin).await.unwrap();
        // What the registry and other programs leave behind.
        let plan = school.submission(&test).await;
        let (token, year) = (school.token(&test).await, school.year_id);
        let person: RegistryPersonId = test.id();
        for row in [
            format!(
                "INSERT INTO registry_classes (school_id, id, school_year_id, name, sort_key, origin, created_at, changed_at)
                 VALUES ('{id}', '{person}', '{year}', '10A1', '10A1', 'own', now(), now())"
            ),
            format!(
                "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name,
                     fields, origin, created_at, changed_at)
                 VALUES ('{id}', '{person}', 'staff', 'Vũ An', 'An', 'Vũ', '', '{{}}', 'own', now(), now())"
            ),
            format!(
                "INSERT INTO registry_changes (school_id, id, at, actor_kind, subject, subject_id, change)
                 VALUES ('{id}', '{person}', now(), 'system', 'person', '{person}', 'create')"
            ),
            format!(
                "INSERT INTO registry_links (school_id, registry_person_id, member_id, base, synced_version, synced_at)
                 SELECT '{id}', '{person}', id, '{{}}', 0, now() FROM members WHERE school_id = '{id}' LIMIT 1"
            ),
            format!("INSERT INTO registry_class_links VALUES ('{id}', '{person}', NULL, 1, now())"),
            format!("INSERT INTO registry_syncs VALUES ('{id}', 'accounts', '{plan}', now())"),
            format!(
                "INSERT INTO imported_members (school_id, member_id, plan_id, what, at)
                 VALUES ('{id}', '{person}', '{plan}', 'created', now())"
            ),
            format!(
                "INSERT INTO presence (school_id, member_id, seen_at)
                 SELECT '{id}', id, now() FROM members WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO scim_people (school_id, member_id, external_id)
                 SELECT '{id}', id, 'x' FROM members WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO scim_classes (school_id, class_id, external_id)
                 SELECT '{id}', id, 'x' FROM classes WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO oneroster_providers (school_id, id, name, address, token_address, client_id, secret, secret_key_id,
                     with_demographics, created_at)
                 VALUES ('{id}', '{person}', 'Sở', 'https://a', 'https://a', 'a', '', '', false, now())"
            ),
            format!("INSERT INTO oneroster_tombstones VALUES ('{id}', 'user', '{person}', now())"),
            format!("INSERT INTO timetable_shifts VALUES ('{id}', '10', 'morning')"),
            format!("INSERT INTO timetable_days VALUES ('{id}', '{person}', 'Nghỉ', '2026-11-30', '2026-11-30', false)"),
            format!("INSERT INTO timetable_day_bells VALUES ('{id}', '{person}', 'morning', 1, '7:00', '7:30')"),
            format!("INSERT INTO timetable_spellings VALUES ('{id}', 'subject', 'lí', NULL)"),
            format!(
                "INSERT INTO timetable_wishes (school_id, teacher_id)
                 SELECT '{id}', teacher_id FROM timetable_assignments WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO timetable_generations (school_id, version_id, state, name, seconds, seed, asked_at)
                 SELECT '{id}', id, 'failed', 'TKB', 10, 1, now() FROM timetable_versions WHERE school_id = '{id}'"
            ),
            format!(
                "INSERT INTO timetable_absences (school_id, id, teacher_id, from_day, to_day, created_at)
                 SELECT '{id}', '{person}', teacher_id, '2026-11-30', '2026-11-30', now()
                 FROM timetable_assignments WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO timetable_substitutions (school_id, absence_id, day, session, period, class_id, subject_id,
                     substitute_id)
                 SELECT '{id}', '{person}', '2026-11-30', 'morning', 1, class_id, subject_id, teacher_id
                 FROM timetable_assignments WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO entries (school_id, member_id, hour, device)
                 SELECT '{id}', id, now(), 'phone' FROM members WHERE school_id = '{id}' LIMIT 1"
            ),
            format!("INSERT INTO report_figures VALUES ('{id}', now(), '{{}}')"),
            format!(
                "INSERT INTO report_days (school_id, day, counted_at, hours, devices, resets)
                 VALUES ('{id}', '2026-09-01', now(), array_fill(0, ARRAY[24]), '{{}}', '{{}}')"
            ),
            format!("INSERT INTO report_mails VALUES ('{id}', '2026-09-01', now())"),
            format!(
                "INSERT INTO school_years (school_id, id, name, starts_on, ends_on)
                 VALUES ('{id}', '{person}', '2027-2028', '2027-08-01', '2028-05-31')"
            ),
            format!(
                "INSERT INTO rollovers (school_id, id, from_year_id, to_year_id, state, created_at)
                 VALUES ('{id}', '{person}', '{year}', '{person}', 'open', now())"
            ),
            format!("INSERT INTO rollover_targets VALUES ('{id}', '{person}', '11A1', '11A1')"),
            format!(
                "INSERT INTO rollover_classes SELECT '{id}', '{person}', id, '11A1' FROM classes
                 WHERE school_id = '{id}' AND school_year_id = '{year}' LIMIT 1"
            ),
            format!(
                "INSERT INTO rollover_pupils (school_id, rollover_id, member_id, class_id, outcome, class_sort, given_name,
                     family_name, middle_name)
                 SELECT '{id}', '{person}', member_id, class_id, 'awaiting', '', '', '', '' FROM enrolments
                 WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO past_stays SELECT '{id}', member_id, school_year_id, class_id, NULL, '2026-10-01'
                 FROM enrolments WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO year_openings SELECT '{id}', '{year}', id, now() FROM members WHERE school_id = '{id}' LIMIT 1"
            ),
            format!("INSERT INTO rollover_marks VALUES ('{id}', '{person}')"),
            format!(
                "INSERT INTO rollover_news SELECT '{id}', '{person}', now(), member_id, 'came' FROM enrolments
                 WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO closings SELECT '{id}', member_id, '{person}', '2027-10-01' FROM enrolments
                 WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO told_apart SELECT '{id}', min(member_id::text)::uuid, max(member_id::text)::uuid, now()
                 FROM enrolments WHERE school_id = '{id}'"
            ),
            format!(
                "INSERT INTO merges (school_id, id, kept_id, gone_id, created_at)
                 SELECT '{id}', '{person}', member_id, '{person}', now() FROM enrolments WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO member_aliases SELECT '{id}', '{person}', kept_id, '{{}}' FROM merges WHERE school_id = '{id}'"
            ),
            format!("INSERT INTO school_logos VALUES ('{id}', '\\x00')"),
            format!("INSERT INTO probes VALUES ('{id}', '{person}')"),
            format!(
                "INSERT INTO exams (school_id, id, name, school_year_id, grades, secret, created_at)
                 VALUES ('{id}', '{person}', 'HK I', '{year}', '{{}}', 's', now())"
            ),
            format!("INSERT INTO exam_classes SELECT '{id}', '{person}', id FROM classes WHERE school_id = '{id}' LIMIT 1"),
            format!(
                "INSERT INTO exam_papers (school_id, id, exam_id, subject, starts_at, minutes, ends_at)
                 VALUES ('{id}', '{person}', '{person}', 'Toán', now(), 60, now() + interval '1 hour')"
            ),
            format!(
                "INSERT INTO exam_rooms (school_id, id, exam_id, name, position, seats, most)
                 VALUES ('{id}', '{person}', '{person}', 'P1', 1, 24, 28)"
            ),
            format!(
                "INSERT INTO exam_candidates (school_id, id, exam_id, member_id, class_id, added_at)
                 SELECT '{id}', '{person}', '{person}', m.id, k.class_id, now() FROM members m, exam_classes k
                 WHERE m.school_id = '{id}' AND m.role = 'student' AND k.school_id = '{id}' LIMIT 1"
            ),
            format!("INSERT INTO exam_seats VALUES ('{id}', '{person}', '{person}', '{person}', 1, 28, '{person}')"),
            format!(
                "INSERT INTO exam_invigilators (school_id, exam_id, member_id)
                 SELECT '{id}', '{person}', id FROM members WHERE school_id = '{id}' LIMIT 1"
            ),
            format!(
                "INSERT INTO exam_duties SELECT '{id}', '{person}', '{person}', member_id FROM exam_invigilators
                 WHERE school_id = '{id}'"
            ),
            format!("INSERT INTO exam_codes VALUES ('{id}', '{person}', '{person}', '001.01', 1, '{person}')"),
            format!(
                "INSERT INTO exam_marks VALUES ('{id}', '{person}', '{person}', '{person}', 1, 'points', 725, NULL, now())"
            ),
            format!(
                "INSERT INTO exam_corrections
                 VALUES ('{id}', '{person}', '{person}', '{person}', '{person}', true, '7', '8', 'Cộng nhầm', now(), NULL)"
            ),
            format!(
                "INSERT INTO exam_helpers SELECT '{id}', '{person}', id, 'papers', NULL, NULL, '{person}'
                 FROM members WHERE school_id = '{id}' LIMIT 1"
            ),
            format!("INSERT INTO nightly_syncs VALUES ('{id}', '2026-11-29', now())"),
            format!(
                "INSERT INTO idempotency_keys (school_id, token_id, key, request_hash, plan_id, created_at)
                 VALUES ('{id}', '{token}', 'key', '\\x00', '{plan}', now())"
            ),
        ] {
            sqlx::query(AssertSqlSafe(row)).execute(&mut admin).await.unwrap();
        }
    }
    for table in tenant_tables(&mut admin).await {
        for school in [&one, &two] {
            let all = format!("SELECT count(*) FROM {table} WHERE school_id = '{}'", school.id());
            assert!(count(&mut admin, all.clone()).await > 0, "the test has nothing in {table}");
            let mut tx = test.db.begin_in(school.id()).await.unwrap();
            assert!(count(&mut tx, all).await > 0, "{table} is hidden from its own school");
        }
        let row: String = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT to_jsonb(t)::text FROM {table} t WHERE school_id = '{}' LIMIT 1",
            two.id()
        )))
        .fetch_one(&mut admin)
        .await
        .unwrap();
        let row = row.replace('\'', "''");
        // Columns that are kept by themselves cannot be written by anybody.
        let columns: String = sqlx::query_scalar(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
             WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        )
        .bind(&table)
        .fetch_one(&mut admin)
        .await
        .unwrap();
        for scope in [None, Some(one.id())] {
            let mut tx = match scope {
                Some(school_id) => test.db.begin_in(school_id).await.unwrap(),
                None => test.db.begin().await.unwrap(),
            };
            let found = match scope {
                Some(_) => format!("SELECT count(*) FROM {table} WHERE school_id = '{}'", two.id()),
                None => format!("SELECT count(*) FROM {table}"),
            };
            assert_eq!(count(&mut tx, found).await, 0, "{table}, {scope:?}");
            let there = format!("WHERE school_id = '{}'", two.id());
            for statement in
                [format!("UPDATE {table} SET school_id = school_id {there}"), format!("DELETE FROM {table} {there}")]
            {
                let outcome = touched(&mut tx, statement.clone()).await;
                assert!(outcome == Ok(0) || outcome == Err(REFUSED.to_owned()), "{statement}: {outcome:?}");
            }
            let insert = format!(
                "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, '{row}')"
            );
            assert_eq!(touched(&mut tx, insert).await, Err(REFUSED.to_owned()), "INSERT INTO {table}, {scope:?}");
            if scope.is_some() {
                let away = format!("UPDATE {table} SET school_id = '{}'", two.id());
                assert_eq!(touched(&mut tx, away).await, Err(REFUSED.to_owned()), "{table} given away");
            }
        }
    }
}

#[tokio::test]
async fn the_program_serves_only_as_a_role_under_row_level_security() {
    let test = TestApp::new().await;
    let refusal = async |options| match check_role(&Db::new(options, 1)).await {
        Ok(()) => String::new(),
        Err(error) => error.to_string(),
    };
    assert_eq!(refusal(test.database.options(ServerRole::App)).await, "");
    assert!(refusal(test.database.options(ServerRole::Owner)).await.contains("owns the tables"));
    assert!(refusal(test.database.options(ServerRole::Admin)).await.contains("superuser"));

    // Roles belong to the whole server: these go when the test does.
    let mut admin = test.admin().await;
    let (owners_friend, free) = (format!("{}_friend", test.database.name), format!("{}_free", test.database.name));
    for statement in [
        format!("CREATE ROLE {owners_friend} LOGIN NOINHERIT IN ROLE {}", ServerRole::Owner.name()),
        format!("CREATE ROLE {free} LOGIN BYPASSRLS"),
        format!("GRANT CONNECT ON DATABASE {} TO {owners_friend}, {free}", test.database.name),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
    }
    let friend = refusal(test.database.options(ServerRole::App).username(&owners_friend)).await;
    let bypasses = refusal(test.database.options(ServerRole::App).username(&free)).await;
    for role in [owners_friend, free] {
        let statements = format!("DROP OWNED BY {role}; DROP ROLE {role}");
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut admin).await.unwrap();
    }
    assert!(friend.contains("can become their owner"), "{friend}");
    assert!(bypasses.contains("bypasses row-level security"), "{bypasses}");
}

/// How a borrowed connection was left: in a transaction, `now()` stands still while statements go on. Asked without a
/// prepared statement, whose several messages would each count as a statement.
async fn state(connection: &mut PgConnection) -> String {
    let row = sqlx::raw_sql(
        "SELECT format('transaction %s, scope %s, people %s', now() <> statement_timestamp(),
                       coalesce(current_setting('app.school_id', true), ''), (SELECT count(*) FROM members))",
    )
    .fetch_one(connection)
    .await
    .unwrap();
    row.try_get_unchecked(0).unwrap()
}

const CLEAN: &str = "transaction f, scope , people 0";

async fn work_in(db: Db, school_id: SchoolId) {
    let mut tx = db.begin_in(school_id).await.unwrap();
    sqlx::query("SELECT count(*) FROM members").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// A browser that goes away drops its request wherever it is. sqlx 0.9.0 gives the connection back in the middle of its
/// transaction if BEGIN is dropped between sending and answer; `Db` begins so that this cannot happen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_request_leaves_no_scope_to_the_next() {
    const REQUESTS: usize = 3_000;
    let test = TestApp::with_many_connections().await;
    let school = test.cast("79000001").await.school;
    let pool =
        PgPoolOptions::new().max_connections(3).connect_with(test.database.options(ServerRole::App)).await.unwrap();
    let db = Db::from(pool.clone());
    let (dropped, randomness) = (Arc::new(AtomicUsize::new(0)), Randomness::seeded(3));
    let callers: Vec<_> = (0..6)
        .map(|_| {
            let (db, school_id, pool) = (db.clone(), school.id(), pool.clone());
            let (dropped, randomness) = (Arc::clone(&dropped), randomness.clone());
            tokio::spawn(async move {
                for request in 0..REQUESTS / 6 {
                    let patience = Duration::from_micros(randomness.with(|rng| rng.random_range(0..900)));
                    let request_runs = tokio::spawn(work_in(db.clone(), school_id));
                    tokio::time::sleep(patience).await;
                    request_runs.abort();
                    if request_runs.await.is_err_and(|end| end.is_cancelled()) {
                        dropped.fetch_add(1, Ordering::Relaxed);
                    }
                    if request % 5 == 0 {
                        assert_eq!(state(&mut pool.acquire().await.unwrap()).await, CLEAN);
                    }
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let dropped = dropped.load(Ordering::Relaxed);
    assert!(dropped > REQUESTS / 10, "only {dropped} of {REQUESTS} were dropped on the way");
    // All of them at once, so that each is looked at.
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut connection = pool.acquire().await.unwrap();
        assert_eq!(state(&mut connection).await, CLEAN);
        held.push(connection);
    }
}
