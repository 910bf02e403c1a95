//! Lists of thousands are written, changed and taken back by keys, whatever the database believes of its tables: a row
//! costs as many look-ups in a long list as in a short one.
//!
//! What the database looked at is counted for whole jobs, so that it holds for every statement in them, for the triggers
//! and foreign keys behind them, and for those that come later.

use std::collections::BTreeMap;
use std::sync::Arc;

use schoolgate::{
    access::{Granted, may},
    app::App,
    db::{Db, embedded::ServerRole},
    ids::PlanId,
    jobs,
    plan::{apply, draft::Upload, model::Source, undo},
    router,
    sources::import,
};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::catalogue::planned_by_a_cluster;
use crate::support::TestApp;
use crate::support::people::School;

/// More than is written at once.
const ROWS: u32 = 2_500;

/// The most that is looked at in a table for each row of a list. The greatest is members: each word of a person, each
/// guardian, each place in a class refers to one.
const MOST_FOR_A_ROW: i64 = 150;

/// The most of a table that is walked through from end to end, for each row of a list: a few times in all, and never once
/// for each part of the list.
const MOST_WALKED_FOR_A_ROW: i64 = 2;

/// The most pages of a table's indexes for each row of a list. An entry that an index is asked to skip is seen nowhere else.
const MOST_PAGES_FOR_A_ROW: i64 = 300;

/// What the database believes of its tables before the lists come.
#[derive(Clone, Copy, Debug)]
enum Believed {
    /// It never looked at them.
    Nothing,
    /// It looked at them when there was one person in each of a thousand schools, and none in this one.
    OneOfEach,
    /// It looked at them when another school had all that there was.
    AllOfAnother,
}

/// What was done to a table so far: rows walked past, rows found by an index, pages of indexes.
type LookedAt = [i64; 3];

/// By table.
async fn looked_at(admin: &mut PgConnection) -> BTreeMap<String, LookedAt> {
    // Sessions tell what they did when they end.
    for _ in 0..600 {
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'big_writes'";
        let open: i64 = sqlx::query_scalar(open).fetch_one(&mut *admin).await.unwrap();
        if open == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let told: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT t.relname::text, t.seq_tup_read, coalesce(sum(i.idx_tup_read)::bigint, 0),
             coalesce(sum(p.idx_blks_read + p.idx_blks_hit)::bigint, 0)
         FROM pg_stat_user_tables t LEFT JOIN pg_stat_user_indexes i USING (relid)
         LEFT JOIN pg_statio_user_indexes p USING (indexrelid)
         WHERE t.schemaname = 'public' GROUP BY t.relid, t.relname, t.seq_tup_read",
    )
    .fetch_all(admin)
    .await
    .unwrap();
    told.into_iter().map(|(table, walked, found, pages)| (table, [walked, found, pages])).collect()
}

struct Lists<'a> {
    test: &'a TestApp,
    granted: Granted<may::ManageAccounts>,
    admin: PgConnection,
    faults: Vec<String>,
    believed: Believed,
}

impl<'a> Lists<'a> {
    async fn new(test: &'a TestApp, school: &School, believed: Believed) -> Lists<'a> {
        let mut admin = test.admin().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
        )
        .fetch_all(&mut admin)
        .await
        .unwrap();
        for table in tables {
            let off = format!("ALTER TABLE {table} SET (autovacuum_enabled = off)");
            sqlx::query(AssertSqlSafe(off)).execute(&mut admin).await.unwrap();
        }
        let others = match believed {
            Believed::Nothing => None,
            Believed::OneOfEach => Some((1_000, 1)),
            Believed::AllOfAnother => Some((1, 2_500)),
        };
        if let Some((schools, people)) = others {
            for statement in OTHERS {
                sqlx::query(statement).bind(schools).bind(people).execute(&mut admin).await.unwrap();
            }
            sqlx::raw_sql("VACUUM ANALYZE").execute(&mut admin).await.unwrap();
        }
        Lists { test, granted: school.scope.grant().unwrap(), admin, faults: Vec::new(), believed }
    }

    /// Does something in a process of the program whose sessions have planned for little, and counts what it looked at.
    async fn count(&mut self, what: &str, work: impl AsyncFnOnce(&App, &Granted<may::ManageAccounts>)) {
        let db = Db::new(self.test.database.options(ServerRole::App).application_name("big_writes"), 3);
        let app = App { db, ..(**self.test).clone() };
        let before = looked_at(&mut self.admin).await;
        work(&app, &self.granted).await;
        app.db.pool().close().await;
        for (table, after) in looked_at(&mut self.admin).await {
            let before = before.get(&table).copied().unwrap_or_default();
            let [walked, found, pages] = [0, 1, 2].map(|at| (after[at] - before[at]) / i64::from(ROWS));
            let said = format!(
                "{:?}: {what}: {table}: {walked} walked past, {found} found, {pages} pages for each row",
                self.believed
            );
            if walked > MOST_WALKED_FOR_A_ROW || found > MOST_FOR_A_ROW || pages > MOST_PAGES_FOR_A_ROW {
                self.faults.push(said);
            } else if std::env::var_os("BIG_WRITES").is_some() && pages > 0 {
                eprintln!("{said}");
            }
        }
    }
}

/// $1: how many schools, $2: of how many people each; written past the triggers.
const OTHERS: [&str; 6] = [
    "SELECT set_config('session_replication_role', 'replica', false) WHERE $1::int + $2::int > 0",
    "INSERT INTO accounts (id, login, created_at)
     SELECT md5('account' || s || '/' || n)::uuid, 'u' || n || '@nb' || s, '2026-08-01'
     FROM generate_series(1, $1) s, generate_series(1, $2) n",
    "INSERT INTO members (school_id, id, account_id, role, status, full_name, given_name, family_name, middle_name,
         birth_date, username, created_at, words)
     SELECT md5('nb' || s)::uuid, md5('member' || s || '/' || n)::uuid, md5('account' || s || '/' || n)::uuid, 'student',
         'active', 'Lê Văn An', 'An', 'Lê', 'Văn', '2011-01-01', 'u' || n, '2026-08-01', ' an le van'
     FROM generate_series(1, $1) s, generate_series(1, $2) n",
    "INSERT INTO memberships (account_id, school_id, member_id)
     SELECT account_id, school_id, id FROM members WHERE account_id IS NOT NULL AND $1::int + $2::int > 0
     ON CONFLICT DO NOTHING",
    "INSERT INTO member_words (school_id, word, member_id, words)
     SELECT m.school_id, w, m.id, m.words FROM members m, unnest(ARRAY['an', 'le', 'van']) w WHERE $1::int + $2::int > 0
     ON CONFLICT DO NOTHING",
    "SELECT set_config('session_replication_role', 'origin', false) WHERE $1::int + $2::int > 0",
];

/// Pupils, no two of the same name and birth date.
fn list(of: std::ops::Range<u32>, phones: u32, class: u32, says_left: bool) -> Vec<u8> {
    const FAMILY: [&str; 6] = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng"];
    const MIDDLE: [&str; 5] = ["Văn", "Thị", "Hữu", "Ngọc", "Thùy"];
    const GIVEN: [&str; 7] = ["An", "Bình", "Phương", "Đạt", "Hằng", "Kiếm", "Quỳnh"];
    let one = |names: &[&str], number: u32| names[number as usize % names.len()].to_owned();
    let mut rows = vec![
        "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ,Năm sinh của mẹ,Điện thoại,Mã định danh Bộ GD&ĐT,Trạng thái"
            .to_owned(),
    ];
    rows.extend(of.map(|n| {
        let (family, middle, given) = (one(&FAMILY, n), one(&MIDDLE, n / 6), one(&GIVEN, n / 30));
        let (day, month, year) = (1 + n % 28, 1 + n / 210 % 12, 2008 + n / 2_520 % 9);
        format!(
            "{family} {middle} {given},Nam,{}A{},{day:02}/{month:02}/{year},{given} {middle} {family},1980,09{:08},{},{}",
            1 + n % 12,
            class + n / 12 % 10,
            phones + n,
            1_000_000_000 + n,
            if says_left { "Thôi học" } else { "" },
        )
    }));
    rows.join("\n").into_bytes()
}

async fn work(app: &App) {
    let ran = jobs::run_until_empty(app.db.pool(), &router::handlers(), Arc::new(app.clone())).await.unwrap();
    assert_eq!(ran.failed, [], "background work failed");
}

async fn apply(app: &App, granted: &Granted<may::ManageAccounts>, file: &[u8]) -> PlanId {
    let upload = Upload { source: Source::Students, file_name: "ds.csv", file, year_id: None };
    let plan_id = import::begin(granted, app, upload).await.unwrap();
    work(app).await;
    assert!(apply::start(granted, app, plan_id, None).await.unwrap());
    work(app).await;
    plan_id
}

async fn undo(app: &App, granted: &Granted<may::ManageAccounts>, plan_id: PlanId) {
    assert!(undo::start(granted, app, plan_id).await.unwrap());
    work(app).await;
}

async fn looked_at_too_much(believed: Believed) -> Vec<String> {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let mut lists = Lists::new(&test, &school, believed).await;
    let few = list(0..3, 0, 1, false);
    let mut plans = Vec::new();
    for (what, file) in [
        ("creating", list(100..100 + ROWS, 0, 1, false)),
        ("changing", list(100..100 + ROWS, 10_000, 2, false)),
        ("leaving", list(100..100 + ROWS, 10_000, 2, true)),
    ] {
        lists
            .count(what, async |app, granted| {
                apply(app, granted, &few).await;
                plans.push(apply(app, granted, &file).await);
            })
            .await;
    }
    let counted = "SELECT count(*), count(*) FILTER (WHERE status = 'left' AND phone LIKE '090001%') FROM members
         WHERE school_id = $1";
    let people: (i64, i64) = sqlx::query_as(counted).bind(school.id()).fetch_one(&mut lists.admin).await.unwrap();
    assert_eq!(people, (i64::from(ROWS) + 3, i64::from(ROWS)));
    for (what, plan_id) in ["coming back", "changing back", "removing"].into_iter().zip(plans.into_iter().rev()) {
        lists.count(what, async |app, granted| undo(app, granted, plan_id).await).await;
    }
    let people: (i64, i64) = sqlx::query_as(counted).bind(school.id()).fetch_one(&mut lists.admin).await.unwrap();
    assert_eq!(people, (3, 0));
    lists.faults
}

#[tokio::test]
async fn a_row_costs_as_many_look_ups_in_a_long_list_as_in_a_short_one() {
    let mut faults = Vec::new();
    for believed in [Believed::Nothing, Believed::OneOfEach, Believed::AllOfAnother] {
        faults.extend(looked_at_too_much(believed).await);
    }
    assert_eq!(faults, [] as [String; 0]);
}

/// What is asked for by these columns: of a table's own key, or of what refers to another table.
#[derive(Debug, sqlx::FromRow)]
struct Asked {
    table_name: String,
    columns: Vec<String>,
    /// The index that it has to be found by; any whose first columns these are, where it is none in particular.
    own_index: Option<String>,
}

const ASKED: &str = "
    SELECT c.relname::text AS table_name, i.indexrelid::regclass::text AS own_index, ARRAY(
        SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k (at, n)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.at ORDER BY k.n) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisprimary AND c.relrowsecurity AND c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT c.relname::text, NULL, ARRAY(
        SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY k (at, n)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.at ORDER BY k.n)
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid
    WHERE f.contype = 'f' AND t.relname IN ('members', 'accounts', 'plans') AND c.relrowsecurity
        AND c.relnamespace = 'public'::regnamespace
    ORDER BY 1, 2, 3";

async fn plan_of(connection: &mut PgConnection, asked: &Asked) -> String {
    let conditions: Vec<String> =
        asked.columns.iter().enumerate().map(|(at, column)| format!("\"{column}\" = ${}", at + 1)).collect();
    let nothing = vec!["NULL"; conditions.len()].join(", ");
    let prepare = format!("PREPARE asked AS SELECT * FROM {} WHERE {}", asked.table_name, conditions.join(" AND "));
    sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *connection).await.unwrap();
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE asked({nothing})");
    let lines = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut *connection).await.unwrap();
    sqlx::raw_sql("DEALLOCATE asked").execute(connection).await.unwrap();
    lines.iter().map(|line| sqlx::Row::get::<String, _>(line, 0)).collect::<Vec<_>>().join("\n")
}

/// Every index of a school's table begins with the school, and of indexes that cost the same, as all do where nothing is
/// known of the table, the planner takes the newest. As the program's role, under row-level security.
#[tokio::test]
async fn a_key_leads_to_its_own_index_in_a_database_that_was_never_looked_at() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let asked: Vec<Asked> = sqlx::query_as(ASKED).fetch_all(&mut admin).await.unwrap();
    assert!(asked.len() > 20, "{asked:?}");
    let mut tx = test.db.begin_work_in(test.id()).await.unwrap();
    let mut faults = Vec::new();
    for asked in asked {
        let plan = plan_of(&mut tx, &asked).await;
        let index = plan.split(" using ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let first: Vec<String> = sqlx::query_scalar(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum <= $2 ORDER BY attnum",
        )
        .bind(index)
        .bind(i16::try_from(asked.columns.len()).unwrap())
        .fetch_all(&mut admin)
        .await
        .unwrap();
        let is_own = asked.own_index.as_deref().is_none_or(|own| own == index);
        let is_whole = first.iter().all(|column| asked.columns.contains(column)) && !first.is_empty();
        if !is_own || !is_whole {
            faults.push(format!("{asked:?}: {plan}"));
        }
    }
    assert_eq!(faults, [] as [String; 0]);
}

/// A function of triggers, and what it calls the rows that were written.
#[derive(Debug, sqlx::FromRow)]
struct TriggerFunction {
    name: String,
    source: String,
    rows: Vec<String>,
}

const TRIGGER_FUNCTIONS: &str = "
    SELECT p.proname::text AS name, regexp_replace(p.prosrc, '--[^\n]*', '', 'g') AS source,
        array_agg(DISTINCT r.name::text) AS rows
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    CROSS JOIN LATERAL (VALUES (t.tgnewtable), (t.tgoldtable)) r (name)
    WHERE p.pronamespace = 'public'::regnamespace AND r.name IS NOT NULL GROUP BY p.oid ORDER BY 1";

/// A statement reads transition tables or tables, never both: a join of both is planned by what is believed of the table,
/// and kept by the session. Where a cluster plans for a table, none writes it from a transition table either: the cluster
/// knows nothing of those.
#[tokio::test]
async fn triggers_join_no_table_with_the_rows_that_were_written() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let planned = planned_by_a_cluster(&mut admin).await;
    assert!(planned.contains("accounts") && planned.contains("members") && !planned.contains("school_counts"));
    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    let functions: Vec<TriggerFunction> = sqlx::query_as(TRIGGER_FUNCTIONS).fetch_all(&mut admin).await.unwrap();
    assert!(functions.len() > 20, "{functions:?}");
    let mut faults = Vec::new();
    for TriggerFunction { name, source, rows } in &functions {
        let source = source.split_whitespace().collect::<Vec<_>>().join(" ").replace(" LOOP ", ";");
        for statement in source.split(';') {
            let words: Vec<&str> =
                statement.split(|letter: char| letter.is_whitespace() || "(),".contains(letter)).collect();
            let is_row = |word: &&str| rows.iter().any(|row| row == word);
            if !words.iter().any(is_row) {
                continue;
            }
            let is_fault = |pair: &&[&str]| match pair[0] {
                "FROM" | "JOIN" | "USING" => tables.iter().any(|table| table == pair[1]),
                "INTO" | "UPDATE" => planned.contains(pair[1]),
                _ => false,
            };
            if let Some(pair) = words.windows(2).find(is_fault) {
                faults.push(format!("{name}: {} {} beside the rows that were written", pair[0], pair[1]));
            }
        }
    }
    assert_eq!(faults, [] as [String; 0]);
}
