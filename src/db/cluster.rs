//! A Citus cluster: schools' data spread over workers by the school, the directory on every node, accounts and the job
//! queue on the coordinator. What each table is, [`super::placement`] says.

use anyhow::{Context, Result, bail};
use sqlx::{AssertSqlSafe, FromRow, PgConnection, PgPool};

use super::{
    Db, Tx,
    placement::{self, Placement},
};
use crate::error;

/// Settings of the database, and of the transaction that spreads it: a function that a trigger runs looks at no other
/// school's shards, and a reference table and a spread one are written one after the other.
const SETTINGS: [&str; 3] = [
    // What SET LOCAL says reaches the shards.
    "citus.propagate_set_commands = 'local'",
    // All writes come through the coordinator: else each write to the directory asks the first worker for locks.
    "citus.allow_modifications_from_workers_to_replicated_tables = off",
    // A node that is away is known to be so while a person still waits.
    "citus.node_connection_timeout = '1500ms'",
];

/// For transactions that change tables on a cluster.
pub const FOR_CHANGES: [&str; 2] =
    ["SET LOCAL citus.enable_unsafe_triggers = on", "SET LOCAL citus.multi_shard_modify_mode = 'sequential'"];

/// The shards of each table; several for each core of the workers to come.
const SHARDS: i32 = 32;

/// The first table that is spread; the others lie beside it.
const FIRST: &str = "school_years";

/// The triggers that ask the coordinator's tables for each row of a school: for one PostgreSQL only.
const OF_ONE_POSTGRESQL: [&str; 2] = ["has_an_account", "gets_an_account"];

/// A worker, and whether it answers.
#[derive(Clone, Debug, FromRow, PartialEq, Eq)]
pub struct NodeState {
    pub name: String,
    pub answers: bool,
}

/// Whether Citus is installed in this database.
pub async fn has_citus(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')").fetch_one(connection).await
}

/// Whether the tables are spread.
pub async fn is_spread(connection: &mut PgConnection) -> sqlx::Result<bool> {
    Ok(has_citus(&mut *connection).await? && !what_is_spread(connection).await?.is_empty())
}

/// The workers that hold shards; none on one PostgreSQL.
pub async fn nodes(pool: &PgPool) -> error::Result<Vec<NodeState>> {
    let mut connection = pool.acquire().await?;
    if !has_citus(&mut connection).await? {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as(
        "SELECT nodename || ':' || nodeport AS name, success AS answers FROM run_command_on_workers('SELECT 1') ORDER BY 1",
    )
    .fetch_all(&mut *connection)
    .await?)
}

/// A table, where it belongs and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableState {
    pub table: String,
    pub wanted: Placement,
    pub is: Placement,
}

/// All tables.
///
/// # Errors
/// What to do about a table of which it is not known where it belongs.
pub async fn tables(connection: &mut PgConnection) -> Result<Vec<TableState>> {
    let all: Vec<(String, bool)> = sqlx::query_as(
        "SELECT relname::text, relrowsecurity FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1",
    )
    .fetch_all(&mut *connection)
    .await?;
    let spread = if has_citus(&mut *connection).await? { what_is_spread(connection).await? } else { Vec::new() };
    let place = |table: &str| match spread.iter().find(|(name, _)| name == table).map(|(_, place)| place.as_str()) {
        Some("distributed") => Placement::Distributed,
        Some("reference") => Placement::Reference,
        _ => Placement::Coordinator,
    };
    let state = |(table, has_row_security): (String, bool)| {
        let wanted = placement::of(&table, has_row_security).map_err(anyhow::Error::msg)?;
        Ok(TableState { is: place(&table), wanted, table })
    };
    // The cluster's own views are not ours.
    all.into_iter().filter(|(table, _)| !table.starts_with("citus_")).map(state).collect()
}

async fn what_is_spread(connection: &mut PgConnection) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT logicalrelid::regclass::text,
             CASE WHEN partmethod = 'h' THEN 'distributed' WHEN repmodel = 't' THEN 'reference' ELSE 'local' END
         FROM pg_catalog.pg_dist_partition WHERE partmethod = 'h' OR repmodel = 't'",
    )
    .fetch_all(connection)
    .await
}

/// What keeps row-level security from holding, and functions that the workers do not have.
///
/// # Errors
/// What has to be set right.
pub async fn check_nodes(connection: &mut PgConnection) -> Result<()> {
    check_who_holds_shards(&mut *connection).await?;
    let missing = functions_of_coordinator_alone(connection).await?;
    if !missing.is_empty() {
        bail!("not on each node: {}: run `schoolgate distribute`", missing.join(", "));
    }
    Ok(())
}

/// On shards that lie on the coordinator, or on a node by itself, row-level security is passed by.
async fn check_who_holds_shards(connection: &mut PgConnection) -> Result<()> {
    let (on_coordinator, workers): (bool, i64) = sqlx::query_as(
        "SELECT coalesce(bool_or(groupid = 0 AND shouldhaveshards), false),
             count(*) FILTER (WHERE groupid <> 0 AND shouldhaveshards)
         FROM pg_catalog.pg_dist_node WHERE isactive AND noderole = 'primary'",
    )
    .fetch_one(connection)
    .await?;
    if on_coordinator {
        bail!(
            "the coordinator may hold shards, and row-level security is passed by there: \
             SELECT citus_set_node_property(host, port, 'shouldhaveshards', false) for it"
        );
    }
    if workers == 0 {
        bail!("there is no worker: SELECT citus_add_node(host, port)");
    }
    Ok(())
}

/// Our functions and procedures that are on the coordinator alone. With a table the cluster copies the functions of its
/// triggers, and not those that they call in turn. What not everybody may call nothing on a worker calls, and there everybody
/// could: the cluster hands on what is granted, not what is revoked.
async fn functions_of_coordinator_alone(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT p.oid::regprocedure::text FROM pg_proc p
         WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p')
             AND has_function_privilege('public', p.oid, 'EXECUTE')
             AND NOT EXISTS (SELECT FROM pg_depend d
                 WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_object o
                 WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid)
         ORDER BY 1",
    )
    .fetch_all(connection)
    .await
}

/// The tables with a shard on which the policy does not stand.
pub async fn shards_without_row_security(connection: &mut PgConnection) -> Result<Vec<String>> {
    let spread = what_is_spread(&mut *connection).await?;
    let mut open = Vec::new();
    for (table, _) in spread.into_iter().filter(|(_, place)| place == "distributed") {
        let stands: bool = sqlx::query_scalar(
            "SELECT coalesce(bool_and(success AND result = 't'), false) FROM run_command_on_shards($1::regclass, $2)",
        )
        .bind(&table)
        .bind(
            "SELECT c.relrowsecurity AND c.relforcerowsecurity AND count(p) = 1 FROM pg_class c
             LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'school_in_scope'
             WHERE c.oid = '%s'::regclass GROUP BY c.oid, c.relrowsecurity, c.relforcerowsecurity",
        )
        .fetch_one(&mut *connection)
        .await?;
        if !stands {
            open.push(table);
        }
    }
    Ok(open)
}

/// Copies the functions to the workers, then spreads the tables, all or nothing. Gives how many tables; none where all were
/// where they belong.
///
/// # Errors
/// Where there is no Citus, its nodes are not as they must be, or the role may not do it.
pub async fn distribute(owner: &Db) -> Result<usize> {
    let mut tx = owner.begin().await?;
    if !has_citus(&mut tx).await? {
        bail!("this database has no Citus: CREATE EXTENSION citus in it first; one PostgreSQL needs nothing of this");
    }
    check_who_holds_shards(&mut tx).await?;
    copy_functions(owner).await?;
    for setting in FOR_CHANGES {
        run(&mut tx, setting).await?;
    }
    let missing: Vec<TableState> = tables(&mut tx)
        .await?
        .into_iter()
        .filter(|state| state.wanted != Placement::Coordinator && state.is != state.wanted)
        .collect();
    set(&mut tx).await?;
    if !missing.is_empty() {
        spread(&mut tx, &missing).await?;
    }
    tx.commit().await?;
    Ok(missing.len())
}

/// In a transaction of its own: when tables are spread and triggers put back, over whatever connections the cluster chooses,
/// the functions are there for all of them. By themselves they do nothing, and a second time none is missing.
async fn copy_functions(owner: &Db) -> Result<()> {
    let mut tx = owner.begin().await?;
    for setting in FOR_CHANGES {
        run(&mut tx, setting).await?;
    }
    for function in functions_of_coordinator_alone(&mut tx).await? {
        let copied = sqlx::query("SELECT create_distributed_function($1::regprocedure)::text")
            .bind(&function)
            .execute(&mut *tx)
            .await;
        copied.with_context(|| format!("{function} cannot be copied to the workers"))?;
    }
    tx.commit().await?;
    Ok(())
}

async fn set(tx: &mut Tx) -> Result<()> {
    let database: String = sqlx::query_scalar("SELECT quote_ident(current_database())").fetch_one(&mut **tx).await?;
    for setting in SETTINGS {
        run(tx, &format!("ALTER DATABASE {database} SET {setting}")).await?;
    }
    Ok(())
}

/// Foreign keys are in the way while some of the tables are spread and some are not, and triggers would count once more
/// what is counted: both are put back at the end.
async fn spread(tx: &mut Tx, missing: &[TableState]) -> Result<()> {
    let is_filled: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM schools)").fetch_one(&mut **tx).await?;
    let is_superuser: bool =
        sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetch_one(&mut **tx).await?;
    if is_filled && !is_superuser {
        bail!(
            "there are schools already, and their owner, too, is behind row-level security: \
             set DATABASE_MIGRATION_URL to a superuser for this one command"
        );
    }
    let keys = SetAside::keys(tx, missing).await?;
    let triggers = SetAside::triggers(tx, missing).await?;
    for kept in triggers.iter().chain(&keys) {
        run(tx, &kept.removal).await?;
    }
    let of = |wanted| missing.iter().filter(move |state| state.wanted == wanted).map(|state| state.table.as_str());
    for table in of(Placement::Reference) {
        call(tx, "SELECT create_reference_table($1::regclass)::text", table).await?;
    }
    let first = format!(
        "SELECT create_distributed_table($1::regclass, 'school_id', colocate_with => 'none', shard_count => {SHARDS})::text"
    );
    let beside =
        format!("SELECT create_distributed_table($1::regclass, 'school_id', colocate_with => '{FIRST}')::text");
    let mut tables: Vec<&str> = of(Placement::Distributed).collect();
    tables.sort_by_key(|table| (*table != FIRST, *table));
    for table in tables {
        call(tx, if table == FIRST { &first } else { &beside }, table).await?;
    }
    for kept in keys.iter().chain(&triggers) {
        run(tx, &kept.definition).await?;
    }
    if is_filled {
        // The rows that stood in the tables before, and that nothing reads any more.
        for state in missing {
            call(tx, "SELECT truncate_local_data_after_distributing_table($1::regclass)::text", &state.table).await?;
        }
    }
    Ok(())
}

/// Something that is taken away and put back.
#[derive(FromRow)]
struct SetAside {
    removal: String,
    definition: String,
}

impl SetAside {
    /// Foreign keys: those of the directory come back first, on which the others rest. The first time all of them; where
    /// some tables are spread already, those of the missing ones alone, and none of a shard, which goes with its table's.
    async fn keys(tx: &mut Tx, missing: &[TableState]) -> sqlx::Result<Vec<Self>> {
        sqlx::query_as(
            "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS removal,
                 format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
                     AS definition
             FROM pg_constraint
             WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0
                 AND ($2 = ANY($3) OR conrelid::regclass::text = ANY($3) OR confrelid::regclass::text = ANY($3))
                 AND conrelid IN (SELECT oid FROM pg_class)
             ORDER BY conrelid::regclass::text <> ALL($1), oid",
        )
        .bind(
            placement::GLOBAL
                .iter()
                .filter(|(_, placement)| *placement == Placement::Reference)
                .map(|(table, _)| (*table).to_owned())
                .collect::<Vec<_>>(),
        )
        .bind(FIRST)
        .bind(missing.iter().map(|state| state.table.clone()).collect::<Vec<_>>())
        .fetch_all(&mut **tx)
        .await
    }

    async fn triggers(tx: &mut Tx, missing: &[TableState]) -> sqlx::Result<Vec<Self>> {
        sqlx::query_as(
            "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) AS removal,
                 CASE WHEN tgname = ANY($2) THEN 'SELECT' ELSE pg_get_triggerdef(oid) END AS definition
             FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY($1) ORDER BY oid",
        )
        .bind(missing.iter().map(|state| state.table.clone()).collect::<Vec<_>>())
        .bind(OF_ONE_POSTGRESQL.map(str::to_owned))
        .fetch_all(&mut **tx)
        .await
    }
}

async fn run(tx: &mut Tx, statement: &str) -> Result<()> {
    let what = || format!("refused: {statement}");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut **tx).await.with_context(what)?;
    Ok(())
}

async fn call(tx: &mut Tx, statement: &str, table: &str) -> Result<()> {
    let called = sqlx::query(AssertSqlSafe(statement.to_owned())).bind(table).execute(&mut **tx).await;
    called.with_context(|| format!("{table} cannot be spread"))?;
    Ok(())
}
