//! The database: the pool, the one way to begin a transaction, and what constraints say.

use std::time::Duration;

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::error::{Error, Result};

pub mod embedded;
pub mod provision;

/// A connection that was used so short a time ago is taken for alive; of an older one it is asked, for the server may have
/// been started anew meanwhile.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// A transaction that owns its connection.
pub type Tx = Transaction<'static, Postgres>;

/// The database as the program's role sees it.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
}

impl Db {
    /// Connects as the program's role. Connections are made when they are needed.
    #[must_use]
    pub fn new(options: PgConnectOptions, connections: u32) -> Self {
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(20))
            // A question for each use would double the round trips of a page.
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for >= SURELY_ALIVE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Self { pool }
    }

    /// The pool, for single statements over tables that belong to no school. Over a school's tables it finds nothing.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Whether a connection could be had at once. Whoever holds one and would like another asks first: all connections
    /// in such hands would wait for each other.
    #[must_use]
    pub fn has_spare(&self) -> bool {
        self.pool.num_idle() > 0 || self.pool.size() < self.pool.options().get_max_connections()
    }

    /// Begins a transaction that sees no school's data.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_with("BEGIN".to_owned()).await
    }

    /// Begins a transaction in one school's scope: row-level security shows that school's rows and no others.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_in(&self, school_id: Uuid) -> Result<Tx> {
        self.begin_with(format!("BEGIN; SET LOCAL app.school_id = '{school_id}'")).await
    }

    /// The only place where a transaction begins.
    ///
    /// A request can be dropped at any await. If BEGIN were awaited by the request, sqlx 0.9.0 would hand the
    /// connection back to the pool inside the open transaction, scope and all, and the next borrower would read
    /// another school's rows. A spawned task goes on when the request is gone, and rolls back properly.
    #[expect(clippy::disallowed_methods, reason = "the one place that may begin")]
    async fn begin_with(&self, statement: String) -> Result<Tx> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await });
        Ok(begun.await.context("the task that begins a transaction ended")??)
    }
}

impl From<PgPool> for Db {
    fn from(pool: PgPool) -> Self {
        Self { pool }
    }
}

/// The name of the constraint that a statement ran into, if that is what went wrong.
#[must_use]
pub fn violated_constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error()?.constraint()
}

/// Makes everybody who writes this school's roster in bulk, or changes who owns it, wait for the others, until the
/// transaction ends.
///
/// # Errors
/// When the database cannot be reached.
pub async fn lock_roster(tx: &mut PgConnection, school_id: Uuid) -> Result<()> {
    // A row lock on `schools` would make every foreign key check on it wait; an advisory lock disturbs nobody.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('roster:' || $1::text, 0))", school_id.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Turns a transaction to another school's scope: for the few acts that are about two schools.
///
/// # Errors
/// When the database cannot be reached.
pub async fn turn_to(tx: &mut PgConnection, school_id: Uuid) -> Result<()> {
    sqlx::query(AssertSqlSafe(format!("SET LOCAL app.school_id = '{school_id}'"))).execute(tx).await?;
    Ok(())
}

/// Turns a transaction away from all schools.
///
/// # Errors
/// When the database cannot be reached.
pub async fn turn_away(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("SET LOCAL app.school_id = ''").execute(tx).await?;
    Ok(())
}

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn ping(db: &Db) -> Result<()> {
    sqlx::query!("SELECT 1 AS one").fetch_one(db.pool()).await.map(|_| ()).map_err(Error::from)
}
