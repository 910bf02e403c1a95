//! `schoolgate distribute`: spreads the tables over a Citus cluster, and says what is where.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Result, bail};
use clap::Args;
use sqlx::PgConnection;

use super::{database, doctor::DoctorFindings, say};
use crate::{
    config::Config,
    db::{
        Db, cluster,
        placement::Placement,
        provision::{Database, owner_pool},
        recount,
    },
};

/// How many of the wrong counters are named.
const NAMED: usize = 5;

#[derive(Debug, Args)]
pub struct DistributeArgs {
    /// Changes nothing: says what is where, whether policies stand on every shard and whether counters are right
    #[arg(long)]
    check: bool,
}

pub async fn run(config: Config, args: DistributeArgs) -> Result<ExitCode> {
    let database = database::open_or_make(&config).await?;
    let outcome = if args.check { check(&database).await } else { spread(&database).await };
    database.leave().await;
    outcome
}

async fn spread(database: &Database) -> Result<ExitCode> {
    let Some(owner) = database.owner.clone() else { bail!("set DATABASE_MIGRATION_URL to spread the tables") };
    let owner = Db::from(owner_pool(owner, database.program.get_username().to_owned()).await?);
    let spread = cluster::distribute(&owner).await;
    owner.pool().close().await;
    match spread? {
        0 => say("All tables are where they belong."),
        tables => {
            say(format_args!("{tables} tables are spread. Restart schoolgate, and let `schoolgate doctor` look."))
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(database: &Database) -> Result<ExitCode> {
    let db = Db::new(database.program.clone(), 2);
    let checked = async {
        let mut connection = db.pool().acquire().await?;
        if !cluster::has_citus(&mut connection).await? {
            bail!("this database has no Citus, so all tables are on one PostgreSQL");
        }
        let mut findings = DoctorFindings::default();
        for (placement, tables) in what_is_where(&mut connection).await? {
            say(format_args!("{placement}: {}", tables.join(", ")));
        }
        examine(&mut connection, &mut findings).await;
        drop(connection);
        findings.note("counters", check_counters(&db).await);
        Ok(findings.exit_code())
    }
    .await;
    db.pool().close().await;
    checked
}

async fn what_is_where(connection: &mut PgConnection) -> Result<BTreeMap<Placement, Vec<String>>> {
    let mut places: BTreeMap<Placement, Vec<String>> = BTreeMap::new();
    for state in cluster::tables(connection).await? {
        places.entry(state.is).or_default().push(state.table);
    }
    Ok(places)
}

/// What a cluster must be; nothing on one PostgreSQL but that each table has its place.
pub async fn examine(connection: &mut PgConnection, findings: &mut DoctorFindings) {
    let is_spread = match cluster::is_spread(&mut *connection).await {
        Ok(is_spread) => is_spread,
        Err(error) => return findings.note("cluster", Err(error.into())),
    };
    findings.note("places of tables", check_places(&mut *connection, is_spread).await);
    if is_spread {
        findings.note("nodes", cluster::check_nodes(&mut *connection).await);
        findings.note("policies on shards", check_shards(connection).await);
    }
}

async fn check_places(connection: &mut PgConnection, is_spread: bool) -> Result<()> {
    let tables = cluster::tables(connection).await?;
    let misplaced: Vec<String> = tables
        .into_iter()
        .filter(|state| is_spread && state.is != state.wanted)
        .map(|state| format!("{} is {}, not {}", state.table, state.is, state.wanted))
        .collect();
    if misplaced.is_empty() { Ok(()) } else { bail!("{}: run `schoolgate distribute`", misplaced.join(", ")) }
}

async fn check_shards(connection: &mut PgConnection) -> Result<()> {
    let open = cluster::shards_without_row_security(connection).await?;
    if open.is_empty() { Ok(()) } else { bail!("not behind row-level security on each shard: {}", open.join(", ")) }
}

/// Counts all schools, one after another.
pub async fn check_counters(db: &Db) -> Result<()> {
    let schools = sqlx::query!("SELECT id, code FROM schools ORDER BY id").fetch_all(db.pool()).await?;
    let mut wrong = Vec::new();
    for school in schools {
        let mut tx = db.begin_lasting_in(school.id).await?;
        let counters = recount::wrong_counters(&mut tx, school.id).await?;
        tx.rollback().await?;
        wrong.extend(
            counters
                .into_iter()
                .map(|found| format!("{} of {} is {}, not {}", found.counter, school.code, found.told, found.counted)),
        );
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{} are wrong: {}", wrong.len(), wrong.get(..NAMED.min(wrong.len())).unwrap_or_default().join("; "))
}
