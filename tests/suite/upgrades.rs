//! A column that is renamed: its data stay, and a program of the release before serves on, under the former name. Likewise a
//! table that gets partitions.

use std::borrow::Cow;

use schoolgate::{
    db::{
        Db,
        embedded::ServerRole,
        provision::{self, MIGRATIONS},
    },
    ids::{AccountId, MemberId, SchoolId, YearId},
};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::cluster::Empty;
use crate::support::{TestApp, crowd};

/// The first migration that renames.
const FIRST: i64 = 370;

/// Table, column, its former name.
const RENAMED: [(&str, &str, &str); 21] = [
    ("api_tokens", "created_at", "made_at"),
    ("api_tokens", "created_by", "made_by"),
    ("attempts", "resets_at", "free_at"),
    ("calendar_feeds", "created_at", "made_at"),
    ("idempotency_keys", "created_at", "made_at"),
    ("merges", "created_at", "made_at"),
    ("merges", "created_by", "made_by"),
    ("oauth_clients", "created_at", "made_at"),
    ("oauth_clients", "created_by", "made_by"),
    ("plan_rows", "blockers", "lacks"),
    ("plans", "created_at", "made_at"),
    ("plans", "created_by", "made_by"),
    ("registrations", "notified_at", "told_at"),
    ("releases", "created_at", "made_at"),
    ("rollovers", "created_at", "made_at"),
    ("rollovers", "created_by", "made_by"),
    ("submissions", "created_at", "made_at"),
    ("timetable_absences", "created_at", "made_at"),
    ("timetable_absences", "created_by", "made_by"),
    ("timetable_versions", "created_at", "made_at"),
    ("timetable_versions", "created_by", "made_by"),
];

const THEN: &str = "2026-11-02 07:00:00+07";
const LATER: &str = "2026-11-09 07:00:00+07";
const BLOCKERS: &str = r#"[{"key": "missing", "field": "gender", "value": ""}]"#;

/// What the statements are about.
struct Ids {
    school: SchoolId,
    year: YearId,
    account: AccountId,
    member: MemberId,
    /// The id of each thing that is written.
    new: Uuid,
}

/// A row of each table, as the release before wrote it.
fn statements(ids: &Ids) -> Vec<String> {
    let Ids { school, year, account, member, new } = ids;
    let hash = format!(r"'\x{}'", "ab".repeat(32));
    vec![
        format!(
            "INSERT INTO school_years (school_id, id, name, starts_on, ends_on)
             VALUES ('{school}', '{new}', '2027-2028', '2027-08-01', '2028-05-31')"
        ),
        format!(
            "INSERT INTO plans (school_id, id, source, state, school_year_id, made_by, made_at, book)
             VALUES ('{school}', '{new}', 'students', 'ready', '{year}', '{member}', '{THEN}', 'roster')"
        ),
        format!(
            r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", lacks)
               VALUES ('{school}', '{new}', 1, 'error', '{{}}', '{BLOCKERS}')"#
        ),
        format!(
            "INSERT INTO submissions (school_id, plan_id, kind, made_at) VALUES ('{school}', '{new}', 'staff', '{THEN}')"
        ),
        format!(
            "INSERT INTO api_tokens (school_id, id, name, scopes, made_by, made_at)
             VALUES ('{school}', '{new}', 'SMAS', '{{submissions:write}}', '{member}', '{THEN}')"
        ),
        format!(
            "INSERT INTO idempotency_keys (school_id, token_id, key, request_hash, plan_id, made_at)
             VALUES ('{school}', '{new}', 'key', {hash}, '{new}', '{THEN}')"
        ),
        format!(
            "INSERT INTO oauth_clients (id, school_id, name, scopes, secret_hash, made_by, made_at)
             VALUES ('{new}', '{school}', 'Moodle', '{{openid}}', {hash}, '{member}', '{THEN}')"
        ),
        format!("INSERT INTO calendar_feeds (account_id, hash, made_at) VALUES ('{account}', {hash}, '{THEN}')"),
        format!(
            "INSERT INTO releases (code_hash, account_id, school_id, member_id, made_at, expires_at)
             VALUES ({hash}, '{account}', '{school}', '{member}', '{THEN}', '{LATER}')"
        ),
        format!(
            "INSERT INTO merges (school_id, id, kept_id, gone_id, made_by, made_at)
             VALUES ('{school}', '{new}', '{member}', '{new}', '{member}', '{THEN}')"
        ),
        format!(
            "INSERT INTO rollovers (school_id, id, from_year_id, to_year_id, state, made_by, made_at)
             VALUES ('{school}', '{new}', '{year}', '{new}', 'applied', '{member}', '{THEN}')"
        ),
        format!(
            "INSERT INTO timetable_versions (school_id, id, school_year_id, name, holds_from, made_by, made_at)
             VALUES ('{school}', '{new}', '{year}', 'TKB 1', '2026-11-02', '{member}', '{THEN}')"
        ),
        format!(
            "INSERT INTO timetable_absences (school_id, id, teacher_id, from_day, to_day, made_by, made_at)
             VALUES ('{school}', '{new}', '{member}', '2026-11-02', '2026-11-02', '{member}', '{THEN}')"
        ),
        format!("INSERT INTO attempts (subject, free_at) VALUES ('{new}', '{THEN}')"),
        format!(
            "INSERT INTO registrations (account_id, school_id, member_id, registered_at, told_at)
             VALUES ('{account}', '{school}', '{new}', '{THEN}', '{THEN}')"
        ),
    ]
}

async fn run(connection: &mut PgConnection, statement: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Runs the migrations before this one.
async fn migrate_as_before(owner: &Db, version: i64) {
    let before = MIGRATIONS.iter().filter(|migration| migration.version < version).cloned().collect();
    let earlier = Migrator { migrations: Cow::Owned(before), ..Migrator::DEFAULT };
    earlier.run_direct(None, &mut *owner.pool().acquire().await.unwrap(), false).await.unwrap();
}

/// Each of the columns holds what was written, under both names.
async fn holds_what_was_written(admin: &mut PgConnection, member: MemberId) {
    for (table, column, former) in RENAMED {
        let written = match column {
            "created_by" => member.to_string(),
            "blockers" => BLOCKERS.to_owned(),
            _ => THEN.to_owned(),
        };
        let counted = format!(
            "SELECT count(*) FILTER (WHERE {column} = '{written}'), count(*) FILTER (WHERE {column} IS DISTINCT FROM {former})
             FROM {table}"
        );
        let (found, unlike): (i64, i64) = sqlx::query_as(AssertSqlSafe(counted)).fetch_one(&mut *admin).await.unwrap();
        assert_eq!((found, unlike), (1, 0), "{table}.{column}");
    }
}

async fn lacking(admin: &mut PgConnection) -> i64 {
    let lacking = "SELECT count(*) FROM plan_rows WHERE lacks_values";
    sqlx::query_scalar(lacking).fetch_one(admin).await.unwrap()
}

#[tokio::test]
async fn a_database_of_before_keeps_what_is_in_renamed_columns() {
    let test = TestApp::new().await;
    let old = Empty::new("renamed").await;
    let owner = old.owner().await;
    migrate_as_before(&owner, FIRST).await;
    let ids = Ids { school: test.id(), year: test.id(), account: test.id(), member: test.id(), new: test.id() };
    let mut admin = old.admin().await;
    // Without what the rows refer to, which is not what this is about.
    run(&mut admin, "SET session_replication_role = replica").await;
    for statement in statements(&ids) {
        run(&mut admin, &statement).await;
    }
    run(&mut admin, "SET session_replication_role = DEFAULT").await;

    provision::migrate(owner.pool(), ServerRole::App.name()).await.unwrap();
    holds_what_was_written(&mut admin, ids.member).await;
    assert_eq!(lacking(&mut admin).await, 1);
    owner.pool().close().await;
    admin.close().await.unwrap();
    old.drop().await;
}

#[tokio::test]
async fn a_program_of_the_release_before_serves_on_after_columns_were_renamed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let ids = Ids {
        school: cast.school.id(),
        year: cast.school.year_id,
        account: cast.teacher.account_id,
        member: cast.teacher.member_id,
        new: test.id(),
    };
    let mut admin = test.admin().await;
    run(&mut admin, "DELETE FROM attempts").await;
    // As the program's role, in the scope of the school.
    let mut tx = test.db.begin_in(ids.school).await.unwrap();
    for statement in statements(&ids) {
        run(&mut tx, &statement).await;
    }
    tx.commit().await.unwrap();
    holds_what_was_written(&mut admin, ids.member).await;
    assert_eq!(lacking(&mut admin).await, 1);

    // What either of the two programs changes, the other finds.
    let new = ids.new;
    for (statement, table, column, written) in [
        ("UPDATE plan_rows SET lacks = '[]'".to_owned(), "plan_rows", "blockers", "[]"),
        (format!("UPDATE plan_rows SET blockers = '{BLOCKERS}'"), "plan_rows", "lacks", BLOCKERS),
        (
            format!(
                "INSERT INTO attempts AS a (subject, free_at) VALUES ('{new}', '{THEN}')
                 ON CONFLICT (subject) DO UPDATE SET free_at = greatest(a.free_at, '{LATER}')"
            ),
            "attempts",
            "resets_at",
            LATER,
        ),
        (
            format!(
                "INSERT INTO attempts AS a (subject, resets_at) VALUES ('{new}', '{LATER}')
                 ON CONFLICT (subject) DO UPDATE SET resets_at = least(a.resets_at, '{THEN}')"
            ),
            "attempts",
            "free_at",
            THEN,
        ),
        (format!("UPDATE registrations SET told_at = '{LATER}'"), "registrations", "notified_at", LATER),
        (format!("UPDATE registrations SET notified_at = '{THEN}'"), "registrations", "told_at", THEN),
        (
            format!(
                r"INSERT INTO calendar_feeds (account_id, hash, made_at) VALUES ('{}', '\x00', '{LATER}')
                  ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at",
                ids.account
            ),
            "calendar_feeds",
            "created_at",
            LATER,
        ),
        (format!("UPDATE calendar_feeds SET created_at = '{THEN}'"), "calendar_feeds", "made_at", THEN),
    ] {
        let mut tx = test.db.begin_in(ids.school).await.unwrap();
        run(&mut tx, &statement).await;
        tx.commit().await.unwrap();
        let found = format!("SELECT count(*) FROM {table} WHERE {column} = '{written}'");
        let found: i64 = sqlx::query_scalar(AssertSqlSafe(found)).fetch_one(&mut admin).await.unwrap();
        assert_eq!(found, 1, "{statement}");
    }
    holds_what_was_written(&mut admin, ids.member).await;
}

/// Former names go with the release after: until then this says which they are.
#[tokio::test]
async fn the_columns_with_a_former_name_are_these() {
    let test = TestApp::new().await;
    let mut found: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = ANY($1)",
    )
    .bind(["made_at", "made_by", "lacks", "free_at", "told_at"])
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    found.sort();
    let mut known = RENAMED.map(|(table, _, former)| (table.to_owned(), former.to_owned()));
    known.sort();
    assert_eq!(found, known);
}

/// The words of members follow them by triggers; a program of the release before, which writes them itself, is in
/// nobody's way, and nobody in its.
#[tokio::test]
async fn words_follow_their_members_whichever_program_writes() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (school, member) = (cast.school.id(), cast.pupil.member_id);
    let mut admin = test.admin().await;
    let mut words_of = async |member: MemberId| -> Vec<String> {
        let words = "SELECT word FROM member_words WHERE member_id = $1 ORDER BY word";
        sqlx::query_scalar(words).bind(member).fetch_all(&mut admin).await.unwrap()
    };
    let write = async |statements: &[String]| {
        let mut tx = test.db.begin_in(school).await.unwrap();
        for statement in statements {
            run(&mut tx, statement).await;
        }
        tx.commit().await.unwrap();
    };
    let of_member = format!("school_id = '{school}' AND id = '{member}'");
    write(&[format!("UPDATE members SET words = ' an moi' WHERE {of_member}")]).await;
    assert_eq!(words_of(member).await, ["an", "moi"]);
    write(&[
        format!("UPDATE members SET words = ' cu moi' WHERE {of_member}"),
        format!("DELETE FROM member_words WHERE school_id = '{school}' AND member_id = ANY('{{{member}}}')"),
        format!(
            "INSERT INTO member_words (school_id, member_id, word, words)
             SELECT school_id, id, string_to_table(ltrim(words), ' '), words FROM members WHERE {of_member}
             RETURNING member_id"
        ),
    ])
    .await;
    assert_eq!(words_of(member).await, ["cu", "moi"]);
    assert_eq!(crowd::with_other_words(&test).await, 0);

    let gone = cast.newcomer.member_id;
    assert!(!words_of(gone).await.is_empty());
    write(&[format!("DELETE FROM members WHERE school_id = '{school}' AND id = '{gone}'")]).await;
    assert_eq!(words_of(gone).await, [] as [String; 0]);
}

/// The first migration of those by which events of signing in lie by months.
const MONTHS: i64 = 470;

/// One of long ago, one of now, and one that a clock has written which went wrong.
const EVENTS: &str = "
    INSERT INTO sign_in_events (account_id, kind, hour, last_at)
    SELECT gen_random_uuid(), 'signed_in', date_trunc('hour', at), at
    FROM (VALUES (TIMESTAMPTZ '2020-02-02'), (now()), (now() + INTERVAL '3 years')) events (at)";

/// Signing in, as the release before notes it.
const ENTRY: &str = "
    INSERT INTO sign_in_events AS e (account_id, kind, hour, place, last_at, address, user_agent)
    VALUES ('00000000-0000-0000-0000-000000000001', 'signed_in', '2026-11-02 07:00:00+07', '10.0.0.0/16',
        '2026-11-02 07:00:01+07', '10.0.0.1', 'Firefox')
    ON CONFLICT (account_id, kind, hour, place) DO UPDATE SET times = e.times + 1, last_at = excluded.last_at,
        address = excluded.address, user_agent = excluded.user_agent";

/// As it deletes what is old: by the place in the table, which tells no row from those of another part.
const FORGETTING: &str = "
    DELETE FROM sign_in_events WHERE ctid IN (
        SELECT ctid FROM sign_in_events WHERE last_at <= '2021-01-01' ORDER BY last_at LIMIT 1000)";

async fn texts(connection: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn events_of_before_are_all_there_by_months_and_the_release_before_goes_on_noting_them() {
    let old = Empty::new("months").await;
    let owner = old.owner().await;
    migrate_as_before(&owner, MONTHS).await;
    let mut admin = old.admin().await;
    run(&mut admin, EVENTS).await;
    let events = "SELECT e::text FROM sign_in_events e ORDER BY 1";
    let was = texts(&mut admin, events).await;
    let indexes = "SELECT pg_relation_filenode(indexrelid)::text FROM pg_index
                   WHERE indrelid = coalesce(to_regclass('sign_in_events_before'), to_regclass('sign_in_events')) ORDER BY 1";
    let built = texts(&mut admin, indexes).await;

    provision::migrate(owner.pool(), ServerRole::App.name()).await.unwrap();
    assert_eq!((was.len(), texts(&mut admin, events).await), (3, was));
    assert_eq!(texts(&mut admin, indexes).await, built, "no index was built anew");
    let parts = "SELECT DISTINCT tableoid::regclass::text FROM sign_in_events";
    assert_eq!(texts(&mut admin, parts).await, ["sign_in_events_before"]);
    let invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid";
    assert_eq!(texts(&mut admin, invalid).await, [] as [String; 0], "each index has those of the parts");
    let bounds = "SELECT conname::text FROM pg_constraint WHERE conname = 'sign_in_events_bound'";
    assert_eq!(texts(&mut admin, bounds).await, [] as [String; 0]);

    run(&mut admin, &format!("SET ROLE {}", ServerRole::App.name())).await;
    for statement in [ENTRY, ENTRY, FORGETTING] {
        run(&mut admin, statement).await;
    }
    let times = "SELECT times::text FROM sign_in_events ORDER BY last_at";
    assert_eq!(texts(&mut admin, times).await.len(), 3, "what was of long ago is gone, and nothing else");
    let noted = "SELECT times || ' ' || user_agent FROM sign_in_events WHERE place <> ''";
    assert_eq!(texts(&mut admin, noted).await, ["2 Firefox"]);
    owner.pool().close().await;
    admin.close().await.unwrap();
    old.drop().await;
}
