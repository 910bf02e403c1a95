//! From the configuration to a database that is up to date, and the check that row-level security holds.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, PgPool,
    migrate::{AppliedMigration, Migrate, Migration, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Db, cluster,
    embedded::{Durability, EmbeddedServer, ServerRole, ServerSettings},
    statements,
};
use crate::{
    config,
    error::{Error, faults},
    jobs,
};

/// The database's name on the embedded server.
pub const NAME: &str = "schoolgate";

/// Our tables; the job queue brings its own.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// A database and its connections.
pub struct Database {
    pub program: PgConnectOptions,
    /// The owner role's connection: where this process may migrate.
    pub owner: Option<PgConnectOptions>,
    server: Option<Arc<EmbeddedServer>>,
}

impl Database {
    /// Finds the database of the configuration; starts the embedded one, or joins it.
    ///
    /// # Errors
    /// When the embedded server cannot be started or an address cannot be read.
    pub async fn open(config: &config::Config) -> Result<Self> {
        match &config.database {
            config::DatabaseConfig::Given { program, owner } => Ok(Self {
                program: program.parse().context("DATABASE_URL cannot be read")?,
                owner: owner.as_deref().map(str::parse).transpose().context("DATABASE_MIGRATION_URL cannot be read")?,
                server: None,
            }),
            config::DatabaseConfig::Embedded => {
                let settings = ServerSettings::new(&config.data_dir, Durability::Full)?;
                let server = tokio::task::spawn_blocking(move || EmbeddedServer::start(&settings)).await??;
                server.ensure_database(NAME).await?;
                Ok(Self {
                    program: server.connect_options(ServerRole::App, NAME),
                    owner: Some(server.connect_options(ServerRole::Owner, NAME)),
                    server: Some(Arc::new(server)),
                })
            }
        }
    }

    /// The embedded server.
    ///
    /// # Errors
    /// Where the database is not the embedded one.
    pub fn server(&self) -> Result<Arc<EmbeddedServer>> {
        self.server.clone().context("the database is not the embedded one")
    }

    /// Brings tables and the job queue up to date.
    ///
    /// # Errors
    /// When the owner role is not configured, or a migration fails.
    pub async fn migrate(&self) -> Result<()> {
        let Some(owner) = self.owner.clone() else { bail!("set DATABASE_MIGRATION_URL to migrate") };
        let pool = owner_pool(owner, self.program.get_username().to_owned()).await?;
        migrate(&pool, self.program.get_username()).await?;
        pool.close().await;
        Ok(())
    }

    /// The database as its owner sees it, for demo data.
    ///
    /// # Errors
    /// When the owner role is not configured, or the database cannot be reached.
    pub async fn as_owner(&self) -> Result<Db> {
        let Some(owner) = self.owner.clone() else { bail!("set DATABASE_MIGRATION_URL to make demo data") };
        Ok(owner_pool(owner, self.program.get_username().to_owned()).await?.into())
    }

    /// Releases the embedded server; the last user stops it.
    pub async fn leave(self) {
        // Other holders still release it by dropping it.
        if let Some(server) = self.server.and_then(Arc::into_inner) {
            let _ = tokio::task::spawn_blocking(move || server.leave()).await;
        }
    }
}

/// A pool of the owner's role, for migrations and demo data.
pub async fn owner_pool(owner: PgConnectOptions, program_role: String) -> Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(2)
        .after_connect(move |connection, _| {
            let role = program_role.clone();
            Box::pin(async move {
                connection
                    .execute(sqlx::query("SELECT set_config('schoolgate.program_role', $1, false)").bind(role))
                    .await?;
                Ok(())
            })
        })
        .connect_with(owner)
        .await
        .context("the database cannot be reached as its owner")
}

/// How long a migration waits for a lock: longer, and what an older program does meanwhile would queue up behind it.
/// Shorter than a server's `deadlock_timeout`, so that of two that wait for each other it is the migration that gives
/// way.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '800ms'";

/// The same on a cluster, whose shards hear of it in this form alone.
const LOCK_TIMEOUT_OF_TRANSACTION: &str = "SET LOCAL lock_timeout = '800ms'";

/// The same for a migration outside of a transaction. It waits for the transactions that were begun before it, and
/// nobody queues up behind it.
const NO_LOCK_TIMEOUT: &str = "SET lock_timeout = 0";

/// How often a migration that did not get its lock is tried again, and after how long.
const TRIES: u32 = 120;
const PAUSE: Duration = Duration::from_secs(1);

/// The lock of those who migrate: "schoolga".
const TURN: i64 = 0x7363_686f_6f6c_6761;

/// Runs the migrations and installs the job queue.
///
/// # Errors
/// When one fails. It has changed nothing then, or can be run again.
pub async fn migrate(owner: &PgPool, program_role: &str) -> Result<()> {
    // A connection that nobody has afterwards: it holds the lock of those who migrate.
    let mut connection = owner.acquire().await?.detach();
    wait_for_turn(&mut connection).await?;
    let mut tries = 1;
    while let Err(error) = run_migrations(owner, &mut connection).await {
        wait_for_lock(error.context("a migration failed"), tries).await?;
        tries += 1;
    }
    let mut tries = 1;
    while let Err(error) = jobs::install(owner, program_role).await {
        wait_for_lock(error.into(), tries).await?;
        tries += 1;
    }
    connection.close().await?;
    Ok(())
}

/// One process migrates at a time. The others ask again and again instead of waiting in a statement: an index that is
/// built past those who write waits for all statements that were begun before, and theirs would wait for the index.
async fn wait_for_turn(connection: &mut PgConnection) -> Result<()> {
    for tries in 0_u32.. {
        let is_ours: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(TURN).fetch_one(&mut *connection).await?;
        if is_ours {
            break;
        }
        if tries.is_multiple_of(60) {
            tracing::warn!("another process migrates; this one waits for it");
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Waits until it is worth trying again what did not get a lock; gives back every other error.
async fn wait_for_lock(error: anyhow::Error, tries: u32) -> Result<()> {
    if !is_of_a_lock(&error) || tries == TRIES {
        return Err(error);
    }
    tracing::warn!("a migration waits for a lock and is tried again");
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

async fn run_migrations(owner: &PgPool, connection: &mut PgConnection) -> Result<()> {
    if cluster::is_spread(connection).await? {
        let db = Db::from(owner.clone());
        connection.lock().await?;
        migrate_by_statements(&db, &MIGRATIONS, &cluster::FOR_CHANGES).await?;
        connection.unlock().await?;
        return Ok(());
    }
    connection.ensure_migrations_table(&MIGRATIONS.table_name).await?;
    let applied = connection.list_applied_migrations(&MIGRATIONS.table_name).await?;
    let mut alone = missing(&MIGRATIONS, &applied);
    alone.retain(|migration| migration.no_tx);
    for alone in alone {
        sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut *connection).await?;
        MIGRATIONS.run_direct(Some(alone.version - 1), &mut *connection, false).await?;
        sqlx::raw_sql(NO_LOCK_TIMEOUT).execute(&mut *connection).await?;
        drop_broken_index(connection, alone).await?;
        MIGRATIONS.run_direct(Some(alone.version), &mut *connection, false).await?;
    }
    sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut *connection).await?;
    Ok(MIGRATIONS.run_direct(None, connection, false).await?)
}

/// The migrations that were not run yet.
fn missing<'a>(migrations: &'a Migrator, applied: &[AppliedMigration]) -> Vec<&'a Migration> {
    migrations.iter().filter(|new| applied.iter().all(|old| old.version != new.version)).collect()
}

/// Takes away an index whose building was broken off. It is written and never read, and `IF NOT EXISTS` would be
/// content with it.
async fn drop_broken_index(connection: &mut PgConnection, migration: &Migration) -> Result<()> {
    let Some(name) = statements::concurrent_index(migration.sql.as_str()) else { return Ok(()) };
    let is_broken: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid)",
    )
    .bind(name)
    .fetch_one(&mut *connection)
    .await?;
    if is_broken {
        tracing::warn!("the index {name} was not built to its end and is built again");
        let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {name}");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(connection).await?;
    }
    Ok(())
}

/// Runs what is missing, one statement at a time: a cluster takes no script.
///
/// # Errors
/// When one fails. It has changed nothing then, or can be run again.
pub async fn migrate_by_statements(owner: &Db, migrations: &Migrator, settings: &[&str]) -> Result<()> {
    let mut tx = owner.begin().await?;
    tx.ensure_migrations_table(&migrations.table_name).await?;
    let applied = tx.list_applied_migrations(&migrations.table_name).await?;
    tx.commit().await?;
    for migration in missing(migrations, &applied) {
        if migration.no_tx {
            run_alone(owner, migrations, migration).await?;
        } else {
            run_in_transaction(owner, migrations, migration, settings).await?;
        }
    }
    Ok(())
}

async fn run_in_transaction(owner: &Db, migrations: &Migrator, migration: &Migration, settings: &[&str]) -> Result<()> {
    let mut tx = owner.begin().await?;
    sqlx::raw_sql(LOCK_TIMEOUT_OF_TRANSACTION).execute(&mut *tx).await?;
    let settings = settings.iter().copied();
    for statement in settings.chain(statements::split(migration.sql.as_str())) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut *tx)
            .await
            .with_context(|| format!("migration {}", migration.version))?;
    }
    tx.skip(&migrations.table_name, migration).await?;
    tx.commit().await?;
    Ok(())
}

/// Runs a migration that is one statement outside of a transaction.
async fn run_alone(owner: &Db, migrations: &Migrator, migration: &Migration) -> Result<()> {
    let mut connection = owner.pool().acquire().await?;
    drop_broken_index(&mut connection, migration).await?;
    sqlx::raw_sql(AssertSqlSafe(migration.sql.as_str().to_owned()))
        .execute(&mut *connection)
        .await
        .with_context(|| format!("migration {}", migration.version))?;
    connection.skip(&migrations.table_name, migration).await?;
    Ok(())
}

fn is_of_a_lock(error: &anyhow::Error) -> bool {
    let mut faults = error.chain().filter_map(|cause| cause.downcast_ref::<sqlx::Error>());
    faults.any(|fault| matches!(faults::passing(fault), Some(Error::Locked)))
}

/// Refuses a role that row-level security does not restrict: a superuser, one that bypasses it, the tables' owner, and
/// one that can become the owner.
///
/// # Errors
/// What is wrong with the role.
pub async fn check_role(db: &Db) -> Result<()> {
    let role = sqlx::query!(
        r#"SELECT rolname::text AS "name!", rolsuper OR rolbypassrls AS "above!",
                  EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                          WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
                            AND pg_has_role(current_user, c.relowner, 'MEMBER')) AS "owns!"
           FROM pg_roles WHERE rolname = current_user"#
    )
    .fetch_one(db.pool())
    .await
    .context("the database cannot be reached as the program's role")?;
    if role.above {
        bail!("the role {} is a superuser or bypasses row-level security: the program must not run as it", role.name);
    }
    if role.owns {
        bail!("the role {} owns the tables or can become their owner: the program must run as another role", role.name);
    }
    Ok(())
}
