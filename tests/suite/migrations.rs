//! Migrations run on a database full of data, while a program of the release before serves: no table is locked for as long as
//! something is built or looked through, and what was broken off is run again.

use std::borrow::Cow;
use std::time::Duration;

use schoolgate::db::{
    Db,
    embedded::ServerRole,
    provision::{self, MIGRATIONS},
    statements,
};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::cluster::Empty;

/// The last migration of those that were written before this was asked of them.
const UNASKED: i64 = 390;

/// What runs outside of a transaction, and can be run again when it was broken off.
const ALONE: [&str; 4] = [
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ",
    "DROP INDEX CONCURRENTLY IF EXISTS ",
    "DO ",
];

/// What looks at all rows of a table, or writes them, while nobody else may.
const LONG: [&str; 10] = [
    "CREATE INDEX ",
    "CREATE UNIQUE INDEX ",
    "REINDEX ",
    "CLUSTER ",
    "VACUUM ",
    "NO FORCE ROW LEVEL SECURITY",
    "PRIMARY KEY (",
    "UNIQUE (",
    " TYPE ",
    " SET NOT NULL",
];

/// What does so unless it is NOT VALID, and validated by a later migration.
const CHECKED: [&str; 3] = ["CHECK (", "FOREIGN KEY", "REFERENCES "];

/// A statement on one line, without comments.
fn plain(statement: &str) -> String {
    let lines = statement.lines().map(|line| line.split("--").next().unwrap());
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

fn word_after<'a>(statement: &'a str, words: &str) -> Option<&'a str> {
    statement.split_once(words)?.1.split([' ', '(']).next()
}

/// The statement of a migration that may lock a table for long, if there is one.
fn too_long(script: &str, is_alone: bool) -> Option<String> {
    let statements: Vec<String> = statements::split(script).into_iter().map(plain).collect();
    if is_alone {
        let is_one = statements.len() == 1 && ALONE.iter().any(|begin| statements[0].starts_with(begin));
        return (!is_one).then(|| statements.join("; "));
    }
    let new: Vec<&str> = statements.iter().filter_map(|statement| word_after(statement, "CREATE TABLE ")).collect();
    let is_long = |statement: &&String| {
        // What a function does, it does later; and a cluster can do some things in no other way.
        if ["CREATE FUNCTION ", "CREATE OR REPLACE FUNCTION ", "CREATE TABLE ", "COMMENT "]
            .iter()
            .any(|begin| statement.starts_with(begin))
            || statement.contains("pg_dist_partition")
        {
            return false;
        }
        let table = word_after(statement, "ALTER TABLE ").or_else(|| word_after(statement, " ON "));
        if table.is_some_and(|table| new.contains(&table)) {
            return false;
        }
        let says = |words: &[&str]| words.iter().any(|words| statement.contains(words));
        says(&LONG) || statement.contains("ALTER TABLE ") && says(&CHECKED) && !statement.contains("NOT VALID")
    };
    statements.iter().find(is_long).cloned()
}

#[test]
fn no_migration_locks_a_table_for_long() {
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > UNASKED) {
        let found = too_long(migration.sql.as_str(), migration.no_tx);
        assert_eq!(found, None, "migration {}: see \"Upgrading\" in docs/operations.md", migration.version);
    }
    assert!(MIGRATIONS.iter().any(|migration| migration.no_tx));

    for script in [
        "CREATE INDEX entries_by_day ON entries (school_id, hour);",
        "CREATE TABLE a (b uuid); CREATE UNIQUE INDEX c ON members (school_id, id);",
        "ALTER TABLE members ADD PRIMARY KEY (school_id, id);",
        "ALTER TABLE members ADD COLUMN nick text CHECK (length(nick) < 9);",
        "CREATE TABLE a (b uuid); ALTER TABLE members ADD FOREIGN KEY (b) REFERENCES a;",
        "ALTER TABLE members ALTER COLUMN version TYPE integer;",
        "ALTER TABLE members NO FORCE ROW LEVEL SECURITY;",
    ] {
        assert!(too_long(script, false).is_some(), "{script}");
    }
    for script in [
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON b (c); SELECT 1;",
        "CREATE INDEX CONCURRENTLY a ON b (c);",
        "UPDATE members SET version = 1;",
    ] {
        assert!(too_long(script, true).is_some(), "{script}");
    }
    for script in [
        "CREATE TABLE a (b uuid PRIMARY KEY); CREATE INDEX c ON a (b); ALTER TABLE a ADD UNIQUE (b);",
        "ALTER TABLE members ADD CONSTRAINT short CHECK (length(nick) < 9) NOT VALID;",
        "ALTER TABLE entries ADD CONSTRAINT entries_pkey PRIMARY KEY USING INDEX entries_key;",
    ] {
        assert_eq!(too_long(script, false), None);
    }
}

async fn run(connection: &mut PgConnection, script: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(script.to_owned())).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{script}: {error}"));
}

async fn number(connection: &mut PgConnection, query: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(connection).await.unwrap()
}

/// Runs the migrations before this one.
async fn migrate_as_far_as(owner: &Db, version: i64) {
    let before = MIGRATIONS.iter().filter(|migration| migration.version < version).cloned().collect();
    let earlier = Migrator { migrations: Cow::Owned(before), ..Migrator::DEFAULT };
    earlier.run_direct(None, &mut *owner.pool().acquire().await.unwrap(), false).await.unwrap();
}

#[tokio::test]
async fn an_index_is_built_past_those_who_write_by_one_of_two_processes() {
    let old = Empty::new("past").await;
    let (one, other) = (old.owner().await, old.owner().await);
    migrate_as_far_as(&one, UNASKED + 1).await;
    let (mut holder, mut writer) = (old.admin().await, old.admin().await);
    run(&mut holder, "BEGIN; LOCK TABLE entries IN ROW EXCLUSIVE MODE").await;
    run(&mut writer, "SET lock_timeout = '500ms'").await;
    let others = async {
        let is_building = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()";
        let mut tries = 0;
        while number(&mut writer, is_building).await == 0 {
            tries += 1;
            assert!(tries < 600, "no index is being built");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Behind a lock that waits for the holder this one would wait as well.
        run(&mut writer, "BEGIN; LOCK TABLE entries IN ROW EXCLUSIVE MODE; COMMIT").await;
        run(&mut holder, "COMMIT").await;
    };
    let role = ServerRole::App.name();
    let (first, second, ()) =
        tokio::join!(provision::migrate(one.pool(), role), provision::migrate(other.pool(), role), others);
    first.unwrap();
    second.unwrap();
    assert_eq!(number(&mut writer, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, 0);
    one.pool().close().await;
    other.pool().close().await;
    holder.close().await.unwrap();
    writer.close().await.unwrap();
    old.drop().await;
}

#[tokio::test]
async fn an_index_that_was_not_built_to_its_end_is_built_again() {
    for is_by_statements in [false, true] {
        let old = Empty::new(if is_by_statements { "broken_one_by_one" } else { "broken" }).await;
        let owner = old.owner().await;
        migrate_as_far_as(&owner, UNASKED + 1).await;
        let mut admin = old.admin().await;
        run(
            &mut admin,
            "CREATE INDEX entries_by_device ON entries (device);
             UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'entries_by_device'::regclass",
        )
        .await;
        if is_by_statements {
            provision::migrate_by_statements(&owner, &MIGRATIONS, &[]).await.unwrap();
        } else {
            provision::migrate(owner.pool(), ServerRole::App.name()).await.unwrap();
        }
        let whole = "SELECT count(*) FROM pg_index WHERE indexrelid = 'entries_by_device'::regclass AND indisvalid
                     AND pg_get_indexdef(indexrelid) LIKE '%(school_id, device, hour, member_id)'";
        assert_eq!(number(&mut admin, whole).await, 1);
        owner.pool().close().await;
        admin.close().await.unwrap();
        old.drop().await;
    }
}

#[tokio::test]
async fn people_who_waited_for_a_sync_before_wait_afterwards() {
    let old = Empty::new("waiting").await;
    let owner = old.owner().await;
    migrate_as_far_as(&owner, 430).await;
    let mut admin = old.admin().await;
    // Without what the rows refer to, which is not what this is about.
    run(
        &mut admin,
        "SET session_replication_role = replica;
         INSERT INTO schools (id, code, kind, name, province_code, managing_unit_id, teachers_may_create_students,
             created_at)
         SELECT gen_random_uuid(), 'SCH' || n, 'k12', 'School', '79', gen_random_uuid(), false, now()
         FROM generate_series(1, 3) n;
         INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name, fields, origin,
             version, left_at, left_reason, created_at, changed_at)
         SELECT id, md5(n::text || code)::uuid, 'student', 'An', 'An', '', '', '{}', 'own',
             n, CASE WHEN n = 3 THEN now() END, CASE WHEN n = 3 THEN 'gone' END, now(), now()
         FROM schools, generate_series(1, 4) n WHERE code <> 'SCH3';
         INSERT INTO registry_links (school_id, registry_person_id, member_id, base, synced_version, synced_at)
         SELECT school_id, id, id, '{}', 1, now() FROM registry_people WHERE version < 3;
         SET session_replication_role = DEFAULT",
    )
    .await;
    provision::migrate(owner.pool(), ServerRole::App.name()).await.unwrap();
    // The second was changed since, the third is gone, the fourth is new.
    let due = "SELECT count(*) FROM registry_due WHERE version IN (2, 4)";
    assert_eq!((number(&mut admin, due).await, number(&mut admin, "SELECT count(*) FROM registry_due").await), (4, 4));
    let counted = "SELECT count(*) FROM counters WHERE counter = 'registry_due' AND value = 2";
    assert_eq!(number(&mut admin, counted).await, 2);
    owner.pool().close().await;
    admin.close().await.unwrap();
    old.drop().await;
}
