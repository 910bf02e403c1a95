//! What PostgreSQL's own catalogue says of our tables: nothing depends on a person having thought of it in a migration.

use std::collections::{BTreeMap, BTreeSet};

use schoolgate::db::{
    embedded::ServerRole,
    placement::{self, Placement},
};
use sqlx::{FromRow, PgConnection};

use crate::support::TestApp;

/// The tables that belong to no school; every other table is a school's.
fn global() -> impl Iterator<Item = &'static str> {
    placement::GLOBAL.iter().map(|(table, _)| *table)
}

const POLICY: &str = "(school_id = (NULLIF(current_setting('app.school_id'::text, true), ''::text))::uuid)";

/// The tables of schools.
pub async fn tenant_tables(connection: &mut PgConnection) -> BTreeSet<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    tables.into_iter().filter(|table| placement::of_global(table).is_none()).collect()
}

#[tokio::test]
async fn every_table_of_a_school_has_row_level_security() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let tenants = tenant_tables(&mut admin).await;
    assert!(tenants.contains("members") && tenants.len() >= 13, "{tenants:?}");
    let walls: Vec<(String, bool, bool)> = sqlx::query_as(
        "SELECT relname::text, relrowsecurity, relforcerowsecurity FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    for (table, secured, forced) in walls {
        assert_eq!((secured, forced), (tenants.contains(&table), tenants.contains(&table)), "{table}");
    }

    let policies: Vec<(String, String)> = sqlx::query_as(
        "SELECT polrelid::regclass::text,
                concat_ws(' ', polname, polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid), 'CHECK',
                          pg_get_expr(polwithcheck, polrelid))
         FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE c.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let expected = format!("school_in_scope * t {{0}} {POLICY} CHECK {POLICY}");
    for (table, policy) in &policies {
        assert_eq!(policy, &expected, "{table}");
    }
    let guarded: Vec<&String> = policies.iter().map(|(table, _)| table).collect();
    assert_eq!(guarded.len(), tenants.len(), "one policy a table, and no other");
    assert_eq!(guarded.into_iter().cloned().collect::<BTreeSet<_>>(), tenants);
}

#[tokio::test]
async fn the_list_of_global_tables_is_true() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let others: Vec<String> = sqlx::query_scalar(
        "SELECT relname || ' is a ' || relkind::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'p', 'i', 'I', 't')",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert_eq!(others, [] as [String; 0], "views and the like would read past the policies");
    let functions: Vec<(String, String, bool, bool)> = sqlx::query_as(
        "SELECT proname::text, proconfig[1], has_function_privilege('public', oid, 'EXECUTE'),
                has_function_privilege($1, oid, 'EXECUTE')
         FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1",
    )
    .bind(ServerRole::App.name())
    .fetch_all(&mut admin)
    .await
    .unwrap();
    // Functions with their owner's rights would, too; these add operators, which the program's role may not write, and
    // make and drop partitions, of which it owns none.
    let names: Vec<&str> = functions.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["add_operator", "keep_sign_in_months"]);
    for (name, config, everybody, program) in &functions {
        let expected = ("search_path=pg_catalog, public, pg_temp", false, true);
        assert_eq!((config.as_str(), *everybody, *program), expected, "{name}");
    }
    for table in global() {
        let there: bool = sqlx::query_scalar("SELECT to_regclass('public.' || $1) IS NOT NULL")
            .bind(table)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        assert!(there, "{table} is no table");
    }
}

#[derive(Debug, FromRow)]
struct Index {
    table_name: String,
    index_name: String,
    first_column: Option<String>,
    is_primary: bool,
}

/// So the tables can be spread over machines by school, and no look-up leaves the school.
#[tokio::test]
async fn the_school_comes_first_in_keys_and_references() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let tenants = tenant_tables(&mut admin).await;

    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
             AND attname = 'school_id' AND attnotnull AND atttypid = 'uuid'::regtype",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    for table in &tenants {
        assert!(columns.contains(table), "{table} has no school_id uuid NOT NULL");
    }

    let indexes: Vec<Index> = sqlx::query_as(
        "SELECT indrelid::regclass::text AS table_name, indexrelid::regclass::text AS index_name,
                indisprimary AS is_primary,
                (SELECT attname::text FROM pg_attribute WHERE attrelid = indrelid AND attnum = indkey[0]) AS first_column
         FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    for table in &tenants {
        let of_table: Vec<&Index> = indexes.iter().filter(|index| index.table_name == *table).collect();
        assert!(of_table.iter().any(|index| index.is_primary), "{table} has no primary key");
        for index in of_table {
            assert_eq!(index.first_column.as_deref(), Some("school_id"), "{} of {table}", index.index_name);
        }
    }

    let references: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "SELECT conname::text, conrelid::regclass::text, confrelid::regclass::text,
                (SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]),
                (SELECT attname::text FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1])
         FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    for (name, from, to, first, first_there) in references {
        match (tenants.contains(&from), tenants.contains(&to)) {
            (true, true) => assert_eq!((first.as_str(), first_there.as_str()), ("school_id", "school_id"), "{name}"),
            (false, true) => panic!("{name}: {from} belongs to no school and cannot point into one"),
            (true, false) => assert_eq!(
                placement::of_global(&to),
                Some(Placement::Reference),
                "{name}: on a cluster {to} is not where {from} is: a trigger or the statement that deletes has to see to it"
            ),
            (false, false) => {}
        }
    }
}

/// Where each table is kept on a cluster.
#[tokio::test]
async fn every_table_has_its_place() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let tables: Vec<(String, bool)> = sqlx::query_as(
        "SELECT relname::text, relrowsecurity FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let unplaced: Vec<String> =
        tables.iter().filter_map(|(table, has_row_security)| placement::of(table, *has_row_security).err()).collect();
    assert_eq!(unplaced, [] as [String; 0]);
}

/// What a distributed PostgreSQL refuses.
#[tokio::test]
async fn the_schema_is_one_that_can_be_spread() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let keys: Vec<String> = sqlx::query_scalar(
        "SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
         WHERE contype = 'f' AND connamespace = 'public'::regnamespace
             AND (confdeltype IN ('n', 'd') OR confupdtype IN ('c', 'n', 'd'))
             AND (SELECT relrowsecurity FROM pg_class WHERE pg_class.oid = conrelid)",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert_eq!(keys, [] as [String; 0], "a key that holds the school cannot set a part of itself: a trigger can");
    let parted: Vec<String> = sqlx::query_scalar("SELECT relname::text FROM pg_class WHERE relkind = 'p'")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    let planned = planned_by_a_cluster(&mut admin).await;
    assert_ne!(parted, [] as [String; 0]);
    assert!(
        parted.iter().all(|table| !planned.contains(table)),
        "a cluster would keep its partitions itself: {parted:?}"
    );
    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    let functions: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT proname::text, lanname::text, regexp_replace(prosrc, '--[^\n]*', '', 'g') FROM pg_proc
         JOIN pg_language l ON l.oid = prolang WHERE pronamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert!(functions.len() > 30);
    for (name, language, source) in &functions {
        let words: Vec<&str> = source.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect();
        let looks_at_tables = tables.iter().any(|table| words.contains(&table.as_str()));
        assert!(language == "plpgsql" || !looks_at_tables, "{name} looks at tables, so it is plpgsql");
        // A school is named by its value: a cluster cannot find the shard by a subquery.
        assert!(!source.contains("school_id = (SELECT"), "{name} asks for the school by a subquery");
        assert!(!source.contains("set_config("), "{name}: what set_config() sets does not reach the nodes");
    }
}

/// The tables for which a cluster plans: schools', those that are on every node, and of the coordinator's all that foreign
/// keys lead to from there or back.
pub async fn planned_by_a_cluster(connection: &mut PgConnection) -> BTreeSet<String> {
    let schools = tenant_tables(&mut *connection).await;
    let keys: Vec<(String, String)> = sqlx::query_as(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
         WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let references = placement::GLOBAL.iter().filter(|(_, place)| *place == Placement::Reference);
    let mut planned: BTreeSet<String> = references.map(|(table, _)| (*table).to_owned()).collect();
    loop {
        let found = planned.len();
        for (from, to) in keys.iter().filter(|(from, _)| !schools.contains(from)) {
            if planned.contains(from) || planned.contains(to) {
                planned.extend([from.clone(), to.clone()]);
            }
        }
        if planned.len() == found {
            break;
        }
    }
    planned.extend(schools);
    planned
}

/// The parts of a function's source that are at most one statement each, as words.
fn parts(source: &str) -> impl Iterator<Item = Vec<&str>> {
    source.split(';').flat_map(|part| {
        let words: Vec<&str> = part
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        words.split(|word| ["BEGIN", "LOOP", "THEN", "ELSE"].contains(word)).map(<[&str]>::to_vec).collect::<Vec<_>>()
    })
}

/// Whether a cluster plans this part of a function before it knows the values: INSERT … VALUES, or one table without a
/// subquery.
fn is_planned_without_values(words: &[&str], tables: &[String], schools: &BTreeSet<String>) -> bool {
    let named: Vec<&str> = words.iter().copied().filter(|word| tables.iter().any(|table| table == word)).collect();
    let count = |wanted: &[&str]| words.iter().filter(|word| wanted.contains(word)).count();
    match named[..] {
        [] => true,
        [table] => {
            let is_insert = count(&["INSERT"]) == 1;
            count(&["SELECT", "PERFORM", "EXISTS"]) + count(&["INSERT"]) <= 1
                && count(&["JOIN", "UNION", "WITH", "USING"]) == 0
                && is_insert == (count(&["VALUES"]) == 1)
                && (is_insert || !schools.contains(table) || count(&["school_id"]) > 0)
        }
        _ => false,
    }
}

/// With plan_cache_mode = force_generic_plan a statement is planned once, before its values are known. A cluster can do so
/// for the simplest ones and refuses all others then.
#[tokio::test]
async fn functions_that_plan_without_values_ask_one_table_at_a_time() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let schools = tenant_tables(&mut admin).await;
    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    let functions: Vec<(String, String)> = sqlx::query_as(
        "SELECT proname::text, regexp_replace(regexp_replace(prosrc, '--[^\n]*', '', 'g'), '''[^'']*''', '', 'g') FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND 'plan_cache_mode=force_generic_plan' = ANY(proconfig)",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert!(functions.len() > 20, "{functions:?}");
    let mut faults = Vec::new();
    for (name, source) in &functions {
        let refused = parts(source).filter(|part| !is_planned_without_values(part, &tables, &schools));
        faults.extend(refused.map(|part| format!("{name}: {}", part.join(" "))));
    }
    assert_eq!(faults, [] as [String; 0]);

    let is_planned = |statement| parts(statement).all(|part| is_planned_without_values(&part, &tables, &schools));
    assert!(is_planned("IF x THEN PERFORM m.id FROM members m WHERE m.school_id = NEW.school_id; END IF;"));
    assert!(is_planned("INSERT INTO counters AS c (value) VALUES (1) ON CONFLICT DO UPDATE SET value = c.value;"));
    assert!(is_planned(
        "FOR x IN SELECT id FROM (SELECT id FROM new_rows UNION ALL SELECT id FROM old_rows) each LOOP"
    ));
    assert!(!is_planned("IF EXISTS (SELECT FROM members m WHERE m.school_id = NEW.school_id) THEN"));
    assert!(!is_planned("UPDATE members m SET role = 'x' FROM grants g WHERE m.school_id = g.school_id;"));
    assert!(!is_planned("INSERT INTO grants (school_id) SELECT school_id FROM new_rows;"));
    assert!(!is_planned("PERFORM m.id FROM members m WHERE m.id = NEW.id;"));
}

/// What the program's role may do with a table: whole privileges, and for each of them the columns where it is not
/// the whole table.
async fn privileges(connection: &mut PgConnection, table: &str) -> BTreeMap<String, String> {
    let rows: Vec<(String, bool, String)> = sqlx::query_as(
        "SELECT p, has_table_privilege($1, $2::regclass, p),
                CASE WHEN p IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') THEN
                    coalesce((SELECT string_agg(attname::text, ' ' ORDER BY attnum) FROM pg_attribute
                     WHERE attrelid = $2::regclass AND attnum > 0 AND NOT attisdropped
                         AND has_column_privilege($1, $2::regclass, attnum, p)), '') ELSE '' END
         FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p",
    )
    .bind(ServerRole::App.name())
    .bind(table)
    .fetch_all(connection)
    .await
    .unwrap();
    let held = rows.into_iter().filter(|(_, whole, columns)| *whole || !columns.is_empty());
    held.map(|(privilege, whole, columns)| (privilege, if whole { "all".to_owned() } else { columns })).collect()
}

fn told(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(privilege, columns)| ((*privilege).to_owned(), (*columns).to_owned())).collect()
}

#[tokio::test]
async fn the_program_gets_to_credentials_by_the_columns_that_it_needs() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let temporary = "temporary_password temporary_key_id temporary_expires_at";
    let expected = [
        (
            "SELECT",
            format!(
                "id login password_hash password_set_at {temporary} language last_school_id created_at temporary_school_id"
            ),
        ),
        ("INSERT", format!("id login {temporary} language created_at temporary_school_id")),
        (
            "UPDATE",
            format!("login password_hash password_set_at {temporary} language last_school_id temporary_school_id"),
        ),
        // An account that was never used is deleted with the member who was added by mistake.
        ("DELETE", "all".to_owned()),
    ];
    let expected: Vec<(&str, &str)> = expected.iter().map(|(name, columns)| (*name, columns.as_str())).collect();
    assert_eq!(privileges(&mut admin, "accounts").await, told(&expected));
    assert_eq!(
        privileges(&mut admin, "sessions").await,
        told(&[
            ("SELECT", "all"),
            ("INSERT", "all"),
            ("UPDATE", "must_choose_password last_seen_at expires_at password_checked_at"),
            ("DELETE", "all")
        ])
    );
    assert_eq!(
        privileges(&mut admin, "memberships").await,
        told(&[("SELECT", "all"), ("INSERT", "all"), ("UPDATE", "is_staff"), ("DELETE", "all")])
    );
    assert_eq!(
        privileges(&mut admin, "links").await,
        told(&[("SELECT", "all"), ("INSERT", "all"), ("UPDATE", "used_at"), ("DELETE", "all")])
    );
}

#[tokio::test]
async fn the_program_makes_operators_by_one_function_only() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    for table in ["operators", "operator_provinces"] {
        assert_eq!(privileges(&mut admin, table).await, told(&[("SELECT", "all")]), "{table}");
    }
}

#[tokio::test]
async fn what_was_done_stays_on_record() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    for table in ["audit_events", "account_events"] {
        assert_eq!(privileges(&mut admin, table).await, told(&[("SELECT", "all"), ("INSERT", "all")]), "{table}");
    }
    // Reasons are words, and go with the person they are about; nobody rewrites one.
    let of_reasons = told(&[("SELECT", "all"), ("INSERT", "all"), ("DELETE", "all")]);
    assert_eq!(privileges(&mut admin, "audit_reasons").await, of_reasons);
}

/// Past their table, what holds for it would not hold for them.
#[tokio::test]
async fn partitions_are_reached_through_their_table_only() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let partitions: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relispartition",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert!(partitions.contains(&"sign_in_events_other".to_owned()), "{partitions:?}");
    for partition in partitions {
        assert_eq!(privileges(&mut admin, &partition).await, told(&[]), "{partition}");
    }
}

#[tokio::test]
async fn the_programs_role_owns_nothing_and_can_become_no_other() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let role = ServerRole::App.name();
    let owned: Vec<String> = sqlx::query_scalar(
        "SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
         WHERE refclassid = 'pg_authid'::regclass AND refobjid = $1::regrole AND deptype = 'o'",
    )
    .bind(role)
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert_eq!(owned, [] as [String; 0]);
    let (powers, memberships): (bool, i64) = sqlx::query_as(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication,
                (SELECT count(*) FROM pg_auth_members WHERE member = pg_roles.oid)
         FROM pg_roles WHERE rolname = $1",
    )
    .bind(role)
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!((powers, memberships), (false, 0));
    let (makes_tables, makes_schemas): (bool, bool) = sqlx::query_as(
        "SELECT has_schema_privilege($1, 'public', 'CREATE'),
                has_database_privilege($1, current_database(), 'CREATE')",
    )
    .bind(role)
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!((makes_tables, makes_schemas), (false, false));
    // Neither emptying past the policies, nor triggers of its own, nor foreign keys that tell what others have.
    let tables = tenant_tables(&mut admin).await;
    for table in tables.into_iter().chain(global().map(str::to_owned)) {
        let held = privileges(&mut admin, &table).await;
        for never in ["TRUNCATE", "TRIGGER", "REFERENCES"] {
            assert!(!held.contains_key(never), "{never} on {table}");
        }
    }
}
