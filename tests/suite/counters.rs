//! What pages count is kept by triggers: right after every act, and found by keys whatever the database believes of its
//! tables.

use chrono::Duration;
use schoolgate::{
    ids::MemberId,
    plan::snapshot,
    roster::{departures, records, store},
    schools::classes,
};
use sqlx::{Connection, PgConnection};

use crate::support::TestApp;
use crate::support::people::School;

/// Counters that are not what a count over the tables says.
const WRONG: &str = "
    WITH told AS (
        SELECT school_id, counter, value FROM counters WHERE value <> 0
    ), placed AS (
        SELECT e.class_id, m.* FROM enrolments e JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id
        WHERE e.ended_at IS NULL
    ), counted AS (
        SELECT school_id, counter, count(*) AS value FROM (
            SELECT school_id, 'member:' || role || ':' || status AS counter FROM members
            UNION ALL SELECT school_id, 'never_signed_in:' || role FROM members
                WHERE status = 'active' AND first_signed_in_at IS NULL
            UNION ALL SELECT school_id, 'slip_waiting:' || role FROM members
                WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL
            UNION ALL SELECT school_id, 'class:' || class_id FROM placed
            UNION ALL SELECT school_id, 'class_never:' || class_id FROM placed
                WHERE status = 'active' AND first_signed_in_at IS NULL
            UNION ALL SELECT school_id, 'class_slip_waiting:' || class_id FROM placed
                WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL
        ) each GROUP BY 1, 2
    )
    SELECT format('%s: %s, and there are %s', coalesce(t.counter, c.counter), t.value, c.value)
    FROM told t FULL JOIN counted c ON c.school_id = t.school_id AND c.counter = t.counter
    WHERE t.value IS DISTINCT FROM c.value";

async fn assert_right(test: &TestApp, after: &str) {
    let wrong: Vec<String> = sqlx::query_scalar(WRONG).fetch_all(&mut test.admin().await).await.unwrap();
    assert_eq!(wrong, [] as [String; 0], "after {after}");
}

/// Pupils of the school in its classes by turns, written past the triggers; none is enrolled yet. In many pages, so that
/// nobody takes the table for a small one once it was looked at.
async fn pupils(admin: &mut PgConnection, school: &School, from: i32, to: i32) -> Vec<MemberId> {
    sqlx::query_scalar(
        "INSERT INTO members (school_id, id, role, status, full_name, given_name, family_name, middle_name, birth_date,
             username, temporary_until, created_at, words)
         SELECT $1, md5($1::text || n)::uuid, 'student', 'active', 'Lê Văn ' || n, 'An', 'Lê', 'Văn', '2011-01-01',
             'u' || n, CASE WHEN n % 2 = 0 THEN TIMESTAMPTZ '2026-12-01' END, '2026-08-01', ' le van'
         FROM generate_series($2, $3) n RETURNING id",
    )
    .bind(school.id())
    .bind(from)
    .bind(to)
    .fetch_all(admin)
    .await
    .unwrap()
}

/// How many rows this transaction has looked at so far: walked past, and found by an index.
async fn looked_at(tx: &mut PgConnection, table: &str) -> (i64, i64) {
    sqlx::query_as("SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = $1::text::regclass")
        .bind(table)
        .fetch_one(tx)
        .await
        .unwrap()
}

const TABLES: [&str; 5] = ["members", "enrolments", "classes", "grants", "counters"];

/// What the database believes of its tables when the triggers' statements are planned.
#[derive(Clone, Copy, Debug)]
enum Believed {
    /// It never looked at them.
    Nothing,
    /// It looked at them when there was next to nothing in them, and a session planned for that.
    NextToNothing,
    /// It looked at them before this school came: all that there is belongs to others.
    Others,
}

async fn walks(believed: Believed) -> Vec<String> {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let class_ids = [school.class(&test, "10A1").await, school.class(&test, "10A2").await];
    let mut admin = test.admin().await;
    for table in ["members", "enrolments", "classes", "counters"] {
        let off = format!("ALTER TABLE {table} SET (autovacuum_enabled = off)");
        sqlx::query(sqlx::AssertSqlSafe(off)).execute(&mut admin).await.unwrap();
    }
    let other = test.school("79000002").await;
    match believed {
        Believed::Nothing => {}
        Believed::NextToNothing => {
            pupils(&mut admin, &school, 1, 2).await;
            sqlx::raw_sql("VACUUM ANALYZE").execute(&mut admin).await.unwrap();
        }
        Believed::Others => {
            pupils(&mut admin, &other, 1, 20_000).await;
            sqlx::raw_sql("VACUUM ANALYZE").execute(&mut admin).await.unwrap();
        }
    }
    let mut tx = admin.begin().await.unwrap();
    let ids = [pupils(&mut tx, &school, 101, 8_100).await, pupils(&mut tx, &school, 3, 100).await].concat();
    let mut faults = Vec::new();
    let mut before = Vec::new();
    for table in TABLES {
        before.push(looked_at(&mut tx, table).await);
    }
    // A few by themselves, as a session does before it meets a big list; then two parts of one.
    let mut parts: Vec<&[MemberId]> = ids[8_000..8_006].chunks(1).collect();
    parts.extend(ids[..4_000].chunks(2_000));
    for part in parts {
        for statement in [
            "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
             SELECT $1, $2, id, $4 FROM unnest($3::uuid[]) id WHERE $5::uuid IS NOT NULL",
            "UPDATE enrolments SET class_id = $5
             WHERE school_id = $1 AND school_year_id = $2 AND member_id = ANY($3) AND class_id = $4",
            "UPDATE members SET temporary_until = NULL, first_signed_in_at = '2026-09-01'
             WHERE school_id = $1 AND id = ANY($3) AND $2::uuid <> $4 AND $4::uuid <> $5",
        ] {
            let query = sqlx::query(statement).bind(school.id()).bind(school.year_id).bind(part);
            query.bind(class_ids[0]).bind(class_ids[1]).execute(&mut *tx).await.unwrap();
        }
    }
    for (table, before) in TABLES.iter().zip(before) {
        let after = looked_at(&mut tx, table).await;
        // The statements may walk past everybody once, if they think that best; a walk for each key would be millions.
        let (walked, found) = (after.0 - before.0, after.1 - before.1);
        if walked + found > 20 * 8_100 + 12 * 4_006 {
            faults.push(format!("{believed:?}: {table}: {walked} walked past, {found} found"));
        }
    }
    tx.commit().await.unwrap();
    faults
}

/// Four thousand pupils are put into classes, moved and signed in, in a school of eight thousand: nobody is looked for
/// among all of them.
#[tokio::test]
async fn what_triggers_look_for_is_found_by_keys_whatever_is_believed_of_the_tables() {
    let mut faults = Vec::new();
    for believed in [Believed::Nothing, Believed::NextToNothing, Believed::Others] {
        faults.extend(walks(believed).await);
    }
    assert_eq!(faults, [] as [String; 0]);
}

/// The counters of a school and of its classes after one act after the other, each set-wise, as the program does them.
#[tokio::test]
async fn counters_are_what_a_count_says_after_a_mix_of_acts() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let school = &cast.school;
    let elsewhere = school.class(&test, "10A2").await;
    assert_right(&test, "bringing in").await;

    let now = test.clock.now();
    let (pupil, newcomer) = (cast.pupil.member_id, cast.newcomer.member_id);
    let both = [pupil, newcomer];
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    store::note_temporary(&school.scope, &mut tx, &both, now + Duration::days(30)).await.unwrap();
    tx.commit().await.unwrap();
    assert_right(&test, "temporary passwords").await;

    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    records::move_to(&school.scope, &mut tx, school.year_id, elsewhere, &both).await.unwrap();
    tx.commit().await.unwrap();
    assert_right(&test, "another class").await;

    // A pupil may be in a class of the next year already, and changes at the same time.
    let mut admin = test.admin().await;
    let mut tx = admin.begin().await.unwrap();
    for statement in [
        "INSERT INTO school_years (school_id, id, name, starts_on, ends_on)
         VALUES ($1, md5('next')::uuid, '2027-2028', '2027-08-01', '2028-05-31')",
        "INSERT INTO classes (school_id, id, school_year_id, name, sort_key, created_at)
         VALUES ($1, md5('11')::uuid, md5('next')::uuid, '11A1', '11A1', now())",
        "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
         SELECT school_id, md5('next')::uuid, id, md5('11')::uuid FROM members
         WHERE school_id = $1 AND role = 'student'",
        "UPDATE members SET slip_printed_at = now() WHERE school_id = $1 AND role = 'student' AND status = 'active'",
        "UPDATE members SET status = 'suspended' WHERE school_id = $1 AND role = 'student'",
        "UPDATE members SET status = 'active', slip_printed_at = NULL WHERE school_id = $1 AND role = 'student'",
    ] {
        sqlx::query(statement).bind(school.id()).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_right(&test, "a second year, slips, a suspension").await;

    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let known = store::known(&school.scope, &mut tx, school.year_id, &both).await.unwrap();
    let gone: Vec<(MemberId, i64)> = known.iter().map(|known| (known.id, known.version)).collect();
    departures::leave(&school.scope, &mut tx, &gone, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_right(&test, "leaving").await;

    let were: Vec<snapshot::MemberSnapshot> = known
        .iter()
        .map(|member| snapshot::MemberSnapshot {
            status: "active".to_owned(),
            temporary_until: Some(now),
            account: member.account_id,
            enrolments: vec![snapshot::Enrolment {
                year: school.year_id,
                class: elsewhere,
                ended_at: None,
                from_day: None,
            }],
            ..snapshot::MemberSnapshot::default()
        })
        .collect();
    let back: Vec<_> = gone.iter().zip(&were).map(|((id, version), was)| (*id, version + 1, was)).collect();
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    assert_eq!(snapshot::bring_back(&school.scope, &test, &mut tx, &back).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    assert_right(&test, "coming back").await;

    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    snapshot::put_enrolments_back(&school.scope, &mut tx, school.year_id, &[(pupil, None)]).await.unwrap();
    assert_eq!(departures::remove_unused(&school.scope, &mut tx, &[newcomer]).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    assert_right(&test, "removing").await;

    let owner = test.signed_in(&cast.owner).await;
    let erasure = school.path(&format!("/accounts/{pupil}/erasure"));
    owner.post(&erasure, &[("confirmation", &cast.pupil.name)]).await.expect(303);
    assert_right(&test, "erasing").await;
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let of_year = classes::of_year(&school.scope, &mut tx, school.year_id).await.unwrap();
    assert_eq!(of_year.len(), 2);
}
