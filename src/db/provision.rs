//! From the configuration to a database that is up to date, and the check that row-level security holds.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, PgPool,
    migrate::{Migrate, Migrator},
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
const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";

/// How often a migration that did not get its lock is tried again, and after how long.
const TRIES: u32 = 24;
const PAUSE: Duration = Duration::from_secs(1);

/// Runs the migrations and installs the job queue.
///
/// # Errors
/// When one fails. It has changed nothing then.
pub async fn migrate(owner: &PgPool, program_role: &str) -> Result<()> {
    // A connection that nobody has afterwards: it holds the lock of those who migrate.
    let mut connection = owner.acquire().await?.detach();
    sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut connection).await?;
    let mut tries = 1;
    while let Err(error) = run_migrations(owner, &mut connection).await {
        if !is_of_a_lock(&error) || tries == TRIES {
            return Err(error.context("a migration failed"));
        }
        tracing::warn!("a migration waits for a lock and is tried again");
        tries += 1;
        tokio::time::sleep(PAUSE).await;
    }
    connection.close().await?;
    jobs::install(owner, program_role).await?;
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
    Ok(MIGRATIONS.run_direct(None, connection, false).await?)
}

/// Runs what is missing, one statement at a time: a cluster takes no script.
///
/// # Errors
/// When one fails. It has changed nothing then.
pub async fn migrate_by_statements(owner: &Db, migrations: &Migrator, settings: &[&str]) -> Result<()> {
    let mut tx = owner.begin().await?;
    tx.ensure_migrations_table(&migrations.table_name).await?;
    let applied = tx.list_applied_migrations(&migrations.table_name).await?;
    tx.commit().await?;
    for migration in migrations.iter().filter(|new| applied.iter().all(|old| old.version != new.version)) {
        let mut tx = owner.begin().await?;
        let settings = settings.iter().copied();
        for statement in settings.chain(statements::split(migration.sql.as_str())) {
            sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
                .execute(&mut *tx)
                .await
                .with_context(|| format!("migration {}", migration.version))?;
        }
        tx.skip(&migrations.table_name, migration).await?;
        tx.commit().await?;
    }
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
