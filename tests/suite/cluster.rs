//! What a cluster needs of the program, as far as one PostgreSQL shows it: migrations statement by statement, counters that
//! can be counted, accounts and members without a foreign key between them, and a filled database that comes up to date.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::process::Output;

use schoolgate::{
    app::App,
    db::{
        Db,
        embedded::ServerRole,
        provision::{self, MIGRATIONS},
        recount::{self, WrongCounter},
    },
    demo::{self, DemoSize},
    identity::accounts,
    ids::{AccountId, MemberId, SchoolId},
};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::support::app::CONNECTIONS;
use crate::support::database::server;
use crate::support::{Someone, TestApp};

/// A database with nothing in it; gone when it is dropped.
pub struct Empty {
    name: String,
}

impl Empty {
    pub async fn new(name: &str) -> Self {
        let name = format!("t_{}_{name}", std::process::id());
        server().ensure_database(&name).await.unwrap();
        Self { name }
    }

    pub async fn owner(&self) -> Db {
        let options = server().connect_options(ServerRole::Owner, &self.name);
        provision::owner_pool(options, ServerRole::App.name().to_owned()).await.unwrap().into()
    }

    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect_with(&server().connect_options(ServerRole::Admin, &self.name)).await.unwrap()
    }

    pub async fn drop(self) {
        server().drop_database(&self.name).await.unwrap();
    }
}

/// All that a schema is, in words that can be compared.
const SCHEMA: &str = "
    SELECT format('%s.%s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull) FROM pg_attribute
        JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indrelid
        WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        AND tgrelid::regclass::text NOT LIKE 'graphile%'
    UNION ALL SELECT polrelid::regclass || pg_get_expr(polqual, polrelid) FROM pg_policy
        WHERE polrelid::regclass::text NOT LIKE 'graphile%'
    UNION ALL SELECT relname || relacl::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relacl IS NOT NULL
    UNION ALL SELECT name || ' ' || code FROM provinces
    ORDER BY 1";

async fn schema(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(SCHEMA).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn migrations_run_statement_by_statement_to_the_same_end() {
    let whole = TestApp::new().await;
    let expected = schema(&mut whole.admin().await).await;
    assert!(expected.len() > 500, "{}", expected.len());
    let piecemeal = Empty::new("piecemeal").await;
    let owner = piecemeal.owner().await;
    provision::migrate_by_statements(&owner, &MIGRATIONS, &[]).await.unwrap();
    // Nothing is left to do, by either way.
    provision::migrate_by_statements(&owner, &MIGRATIONS, &[]).await.unwrap();
    MIGRATIONS.run_direct(None, &mut *owner.pool().acquire().await.unwrap(), false).await.unwrap();
    let found = schema(&mut piecemeal.admin().await).await;
    owner.pool().close().await;
    piecemeal.drop().await;
    let unlike: Vec<_> = expected.iter().zip(&found).filter(|(one, other)| one != other).take(3).collect();
    assert!(expected.len() == found.len() && unlike.is_empty(), "{} and {}: {unlike:?}", expected.len(), found.len());
}

/// The migrations that make the schema portable.
const PORTABLE: [std::ops::Range<i64>; 2] = [270..280, 450..460];

/// How many rows each table has, and what is in them.
async fn contents(admin: &mut PgConnection) -> BTreeMap<String, (i64, Option<String>)> {
    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(&mut *admin)
        .await
        .unwrap();
    let mut found = BTreeMap::new();
    for table in tables {
        let count = format!("SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {table} t");
        found.insert(table, sqlx::query_as(AssertSqlSafe(count)).fetch_one(&mut *admin).await.unwrap());
    }
    found
}

#[tokio::test]
async fn a_filled_database_of_before_comes_up_to_date_with_all_its_data() {
    let test = TestApp::new().await;
    let old = Empty::new("before").await;
    let owner = old.owner().await;
    let before = MIGRATIONS
        .iter()
        .filter(|migration| !PORTABLE.iter().any(|portable| portable.contains(&migration.version)))
        .cloned()
        .collect();
    let earlier = Migrator { migrations: Cow::Owned(before), ..Migrator::DEFAULT };
    earlier.run_direct(None, &mut *owner.pool().acquire().await.unwrap(), false).await.unwrap();
    schoolgate::jobs::install(owner.pool(), ServerRole::App.name()).await.unwrap();
    let db = Db::new(server().connect_options(ServerRole::App, &old.name), CONNECTIONS);
    let app = App { db, ..(*test).clone() };
    demo::make(&app, &owner, DemoSize { schools: 2, pupils: 80, seed: 3 }).await.unwrap();
    let mut admin = old.admin().await;
    let mut was = contents(&mut admin).await;
    assert!(was["members"].0 > 150 && was["enrolments"].0 > 100, "{was:?}");

    provision::migrate(owner.pool(), ServerRole::App.name()).await.unwrap();
    let mut is = contents(&mut admin).await;
    for book in ["_sqlx_migrations", "former_memberships"] {
        was.remove(book);
        is.remove(book);
    }
    assert_eq!(is, was);
    // Who left has an account and no membership: it is known where to look.
    let unknown: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM members m WHERE account_id IS NOT NULL
             AND NOT EXISTS (SELECT FROM memberships o WHERE o.account_id = m.account_id AND o.school_id = m.school_id)
             AND NOT EXISTS (
                 SELECT FROM former_memberships o WHERE o.account_id = m.account_id AND o.school_id = m.school_id)",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!(unknown, 0);
    let schools: Vec<SchoolId> = sqlx::query_scalar("SELECT id FROM schools").fetch_all(&mut admin).await.unwrap();
    for school in schools {
        let mut tx = app.db.begin_in(school).await.unwrap();
        assert_eq!(recount::wrong_counters(&mut tx, school).await.unwrap(), []);
    }
    admin.close().await.unwrap();
    app.db.pool().close().await;
    owner.pool().close().await;
    old.drop().await;
}

#[tokio::test]
async fn counters_that_are_wrong_are_found() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    test.cast("79000002").await;
    let school = cast.school.id();
    let wrong = async || {
        let mut tx = test.db.begin_in(school).await.unwrap();
        recount::wrong_counters(&mut tx, school).await.unwrap()
    };
    assert_eq!(wrong().await, []);
    let spoil = format!(
        "UPDATE counters SET value = value + 2 WHERE school_id = '{school}' AND counter = 'member:student:active';
         DELETE FROM counters WHERE school_id = '{school}' AND counter = 'class:{}'",
        cast.class_id
    );
    sqlx::raw_sql(AssertSqlSafe(spoil)).execute(&mut test.admin().await).await.unwrap();
    let found = wrong().await;
    let [class, members] = &found[..] else { panic!("{found:?}") };
    assert_eq!((class.counter.as_str(), class.told), (format!("class:{}", cast.class_id).as_str(), 0));
    assert!(class.counted > 0);
    let WrongCounter { counter, told, counted } = members;
    assert_eq!((counter.as_str(), told - counted), ("member:student:active", 2));
    let doctor = said_by(&test, &["doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("wrong  counters: 2 are wrong: class:") && said.contains("of 79000001"), "{said}");
    assert!(said.contains("ok     places of tables"), "{said}");
}

fn said_by(test: &TestApp, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    test.database.command(folder.path()).args(arguments).output().unwrap()
}

#[tokio::test]
async fn without_citus_there_is_nothing_to_spread() {
    let test = TestApp::new().await;
    for arguments in [&["distribute"][..], &["distribute", "--check"]] {
        let said = said_by(&test, arguments);
        assert_eq!(said.status.code(), Some(1));
        let errors = String::from_utf8_lossy(&said.stderr);
        assert!(errors.contains("schoolgate: this database has no Citus"), "{errors}");
    }
}

async fn account_of(test: &TestApp, member: MemberId) -> Option<AccountId> {
    sqlx::query_scalar("SELECT account_id FROM members WHERE id = $1")
        .bind(member)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

/// As a foreign key saw to it before.
#[tokio::test]
async fn an_account_that_goes_is_let_go_of_by_all_its_members() {
    let test = TestApp::new().await;
    let (here, there) = (test.school("79000001").await, test.school("79000002").await);
    let (class_here, class_there) = (here.class(&test, "10A1").await, there.class(&test, "10A1").await);
    let pupil = here.add(&test, Someone::pupil("Lý Thị Đi", class_here)).await;
    // They left another school, which has the account and no membership.
    let other = there.add(&test, Someone::pupil("Lý Thị Ở", class_there)).await;
    let mut tx = test.db.begin_in(there.id()).await.unwrap();
    accounts::remove_memberships(&mut tx, &[other.account_id], there.id()).await.unwrap();
    sqlx::query("UPDATE members SET status = 'left' WHERE id = $1")
        .bind(other.member_id)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(account_of(&test, other.member_id).await, Some(other.account_id));

    // Deleted from within a third scope, which stays the scope.
    let mut tx = test.db.begin_in(here.id()).await.unwrap();
    accounts::delete(&mut tx, other.account_id).await.unwrap();
    accounts::delete(&mut tx, pupil.account_id).await.unwrap();
    let scope: String =
        sqlx::query_scalar("SELECT current_setting('app.school_id')").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(scope, here.id().to_string());
    tx.commit().await.unwrap();
    assert_eq!(account_of(&test, other.member_id).await, None);
    assert_eq!(account_of(&test, pupil.member_id).await, None);
}

#[tokio::test]
async fn no_member_gets_an_account_that_is_not_there() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for statement in [
        "UPDATE members SET account_id = gen_random_uuid() WHERE school_id = $1 AND id = $2",
        "INSERT INTO members (school_id, id, account_id, role, status, full_name, given_name, family_name, middle_name,
             username, created_at, words)
         SELECT school_id, gen_random_uuid(), gen_random_uuid(), role, status, full_name, given_name, family_name,
             middle_name, 'another', created_at, words FROM members WHERE school_id = $1 AND id = $2",
    ] {
        let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
        let refused = sqlx::query(statement).bind(cast.school.id()).bind(cast.pupil.member_id).execute(&mut *tx).await;
        let refused = refused.unwrap_err();
        assert_eq!(schoolgate::db::violated_constraint(&refused), Some("member_has_an_account"));
    }
}

/// A foreign key set it to NULL before.
#[tokio::test]
async fn a_class_lets_go_of_the_member_who_led_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let deleted = sqlx::query("DELETE FROM members WHERE school_id = $1 AND id = $2")
        .bind(cast.school.id())
        .bind(cast.homeroom_teacher.member_id)
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(deleted.rows_affected(), 1);
    tx.commit().await.unwrap();
    let led: Vec<Option<MemberId>> = sqlx::query_scalar("SELECT homeroom_member_id FROM classes WHERE id = $1")
        .bind(cast.class_id)
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(led, [None]);
}

/// What Citus keeps of its nodes and of the functions that it has copied to them, as far as it is asked for.
const AS_IF_CITUS: &str = "
    SET allow_system_table_mods = on;
    CREATE TABLE pg_catalog.pg_dist_node (groupid int, shouldhaveshards bool, isactive bool, noderole text);
    INSERT INTO pg_catalog.pg_dist_node VALUES (0, false, true, 'primary'), (1, true, true, 'primary');
    CREATE TABLE pg_catalog.pg_dist_object (classid oid, objid oid);
    INSERT INTO pg_catalog.pg_dist_object
    SELECT 'pg_proc'::regclass, oid FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname NOT IN ('expect_an_owner', 'move_counter', 'add_operator')";

/// A trigger on a worker calls functions that came with no table.
#[tokio::test]
async fn functions_that_workers_do_not_have_are_named() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    sqlx::raw_sql(AS_IF_CITUS).execute(&mut admin).await.unwrap();
    let wrong = schoolgate::db::cluster::check_nodes(&mut admin).await.unwrap_err().to_string();
    // Who may add operators is the coordinator's to say.
    let expected =
        "not on each node: expect_an_owner(uuid), move_counter(uuid,text,bigint): run `schoolgate distribute`";
    assert_eq!(wrong, expected);
    let copied = "INSERT INTO pg_catalog.pg_dist_object SELECT 'pg_proc'::regclass, oid FROM pg_proc";
    sqlx::raw_sql(copied).execute(&mut admin).await.unwrap();
    schoolgate::db::cluster::check_nodes(&mut admin).await.unwrap();
}

/// Four rooms for 24, each full; written past triggers and foreign keys.
const FULL_ROOMS: &str = "
    SET session_replication_role = replica;
    INSERT INTO exam_rooms (school_id, exam_id, id, name, position, seats, most)
    SELECT $school, $school, md5('room' || n)::uuid, 'P' || n, n, 24, 24 FROM generate_series(1, 4) n;
    INSERT INTO exam_seats (school_id, exam_id, paper_id, room_id, seat, room_most, candidate_id)
    SELECT $school, $school, $school, md5('room' || n)::uuid, seat, 24, md5(n || '/' || seat)::uuid
    FROM generate_series(1, 4) n, generate_series(1, 24) seat;
    SET session_replication_role = origin";

/// A foreign key carried the change over before.
#[tokio::test]
async fn seats_know_how_many_may_sit_in_their_room() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await.id();
    let mut admin = test.admin().await;
    let rooms = FULL_ROOMS.replace("$school", &format!("'{school}'::uuid"));
    sqlx::raw_sql(AssertSqlSafe(rooms)).execute(&mut admin).await.unwrap();
    let change = async |what: &str| {
        let mut tx = test.db.begin_in(school).await.unwrap();
        let changed = sqlx::raw_sql(AssertSqlSafe(format!("UPDATE {what}"))).execute(&mut *tx).await;
        let changed = changed.map_err(|error| schoolgate::db::violated_constraint(&error).unwrap().to_owned());
        tx.commit().await.unwrap();
        changed.map(|done| done.rows_affected())
    };
    // All in one statement, also to what another room had before.
    assert_eq!(change("exam_rooms SET most = 24 + position").await, Ok(4));
    assert_eq!(change("exam_rooms SET most = 53 - most").await, Ok(4));
    let smaller = change("exam_rooms SET most = 23, seats = 20 WHERE position = 2").await;
    assert_eq!(smaller, Err("exam_seats_check".to_owned()));
    let other = change("exam_seats SET room_most = 40 WHERE seat = 1").await;
    assert_eq!(other, Err("exam_seat_in_room".to_owned()));
    let most: Vec<(i16, i16, i64)> = sqlx::query_as(
        "SELECT r.most, s.room_most, count(*) FROM exam_rooms r JOIN exam_seats s ON s.room_id = r.id
         GROUP BY r.id, r.most, s.room_most ORDER BY 1",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert_eq!(most, [(25, 25, 24), (26, 26, 24), (27, 27, 24), (28, 28, 24)]);
}
