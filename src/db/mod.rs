//! The database: the pool, the one way to begin a transaction, and the names of violated constraints.

use std::ops::{Deref, DerefMut};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::{Duration, Instant};

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction, postgres::PgConnectOptions};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use crate::{
    error::{Error, Result, faults},
    ids::SchoolId,
    telemetry::TransactionWatch,
};
use shares::Shares;

pub mod cluster;
pub mod embedded;
pub mod placement;
pub mod provision;
pub mod recount;
pub mod shares;
pub mod statements;

/// A connection that was used so recently is assumed alive; an older one is tested, since the server may have been
/// restarted meanwhile.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// How long a request waits for a connection before it is refused as overloaded.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a request waits for a database that is away: it is being restarted, or another one takes its place.
pub const PATIENCE_WITH_ABSENCE: Duration = Duration::from_secs(5);

/// How long it waits between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a request waits for the share of its school before it is refused likewise.
const PATIENCE_FOR_A_SHARE: Duration = Duration::from_secs(3);

/// One school has at most this part of the connections at a time.
const SHARE: u32 = 3;

/// The default time limits of a connection: a page is answered, or given up. A lock that is not available within three
/// seconds is held by something long, and waiting for it would only keep the connection from others.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "15s"), ("lock_timeout", "3s"), ("idle_in_transaction_session_timeout", "60s")];

/// The same for requests that write or read a whole roster while a person waits: a file to download.
const LASTING: [&str; 1] = ["SET LOCAL statement_timeout = '2min'"];

/// The same for background work, whose statements go over a hundred thousand rows and for which nobody waits.
///
/// Its statements are planned for a school of the usual size. Planned for the one at hand, which the statistics may not know
/// yet, they would take its hundred thousand people for next to nobody, and walk past all of them for each one. What this
/// session planned earlier, perhaps over empty tables, is forgotten; and no table is taken for so small that an index is not
/// worth while, since it may be large before the work is done.
///
/// A cluster plans next to none of its statements before it knows the school, and each node plans its shards by itself. The
/// setting is none that its nodes may hear of either, so it is not said by SET.
const WORK: [&str; 7] = [
    "SET LOCAL statement_timeout = '15min'",
    "SET LOCAL lock_timeout = '2min'",
    "SET LOCAL idle_in_transaction_session_timeout = '5min'",
    "SELECT set_config('plan_cache_mode', CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus')
         THEN 'auto' ELSE 'force_generic_plan' END, true)",
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL jit = off",
    "DISCARD PLANS",
];

/// A transaction that owns its connection, and with it a part of what its school may have at a time.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    _share: Option<OwnedSemaphorePermit>,
    watch: TransactionWatch,
}

impl Tx {
    /// Commits.
    pub async fn commit(self) -> sqlx::Result<()> {
        let Self { inner, _share, mut watch } = self;
        inner.commit().await?;
        watch.note_commit();
        Ok(())
    }

    /// Ends a transaction that has only read, without waiting for it: nothing is lost with it. The connection goes back
    /// to the pool once it has ended.
    pub fn end_reading(mut self) {
        self.watch.note_end_of_reading();
    }

    /// Rolls back. Dropping does the same, a moment later.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.inner.rollback().await
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}

/// The database as the program's role sees it.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    shares: Shares<SchoolId>,
    /// Whether the database was away when it was last needed.
    is_away: Arc<AtomicBool>,
}

impl Db {
    /// Connects as the program's role. Connections are opened when they are needed.
    #[must_use]
    pub fn new(options: PgConnectOptions, connections: u32) -> Self {
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            // A test query for each use would double the round trips of a page.
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for >= SURELY_ALIVE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options.options(LIMITS));
        Self::from(pool)
    }

    /// The pool, for single statements over global tables. Of a school's tables it sees no rows.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Whether a connection is available at once. Checked before a task that holds one takes another: with all
    /// connections held by such tasks, they would wait for each other.
    #[must_use]
    pub fn has_spare(&self) -> bool {
        has_room(&self.pool)
    }

    /// Begins a transaction that sees no school's data.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_with(Vec::new(), None, None).await
    }

    /// Begins a transaction in one school's scope: row-level security shows that school's rows and no others. One
    /// school may use a part of the connections at a time, so that none keeps the others waiting.
    ///
    /// # Errors
    /// [`Error::Overloaded`] where the school uses its whole share for longer than a request waits.
    pub async fn begin_in(&self, school_id: SchoolId) -> Result<Tx> {
        let share = self.shares.one_of(school_id, PATIENCE_FOR_A_SHARE).await?;
        self.begin_with(in_scope(school_id, &[]), Some(school_id), Some(share)).await
    }

    /// The same, for a request that goes over the whole roster: a file to download.
    ///
    /// # Errors
    /// As of [`Self::begin_in`].
    pub async fn begin_lasting_in(&self, school_id: SchoolId) -> Result<Tx> {
        let share = self.shares.one_of(school_id, PATIENCE_FOR_A_SHARE).await?;
        self.begin_with(in_scope(school_id, &LASTING), Some(school_id), Some(share)).await
    }

    /// The same for background work: it may take long, and the queue limits how much of it a school has at a time.
    pub async fn begin_work_in(&self, school_id: SchoolId) -> Result<Tx> {
        self.begin_with(in_scope(school_id, &WORK), Some(school_id), None).await
    }

    /// Whether the database was away when it was last needed, so that it is worth waiting for it before a form is read.
    #[must_use]
    pub fn was_away(&self) -> bool {
        self.is_away.load(Ordering::Relaxed)
    }

    /// Notes that the database is away.
    pub fn note_absence(&self) {
        self.is_away.store(true, Ordering::Relaxed);
    }

    /// Waits for a database that is away; no longer than a request may wait.
    pub async fn wait_for_return(&self) {
        if let Ok(tx) = self.begin().await {
            let _ = tx.rollback().await;
        }
    }

    /// The only place where a transaction begins.
    ///
    /// A request can be dropped at any await. If BEGIN were awaited by the request, sqlx 0.9.0 would hand the
    /// connection back to the pool inside the open transaction, scope and all, and the next borrower would read
    /// another school's rows. A spawned task goes on when the request is gone, and rolls back properly.
    ///
    /// Each setting is a statement of its own, after BEGIN: in any other form a cluster does not pass it on. Nothing has
    /// been done yet where the database turns out to be away, so that it can be tried again.
    async fn begin_with(
        &self,
        settings: Vec<String>,
        school_id: Option<SchoolId>,
        share: Option<OwnedSemaphorePermit>,
    ) -> Result<Tx> {
        let (pool, is_away) = (self.pool.clone(), Arc::clone(&self.is_away));
        let watch = TransactionWatch::begin(school_id);
        let span = watch.span.clone();
        let begin = async move {
            let until = Instant::now() + PATIENCE_WITH_ABSENCE;
            loop {
                match begin_once(&pool, &settings).await {
                    Ok(inner) => {
                        is_away.store(false, Ordering::Relaxed);
                        watch.note_begin();
                        return Ok(Tx { inner, _share: share, watch });
                    }
                    Err(error) if faults::is_away(&error) => {
                        is_away.store(true, Ordering::Relaxed);
                        if Instant::now() >= until {
                            return Err(error);
                        }
                        tokio::time::sleep(PAUSE).await;
                    }
                    // Not for want of a place: there was no connection to be had.
                    Err(sqlx::Error::PoolTimedOut) if has_room(&pool) => {
                        is_away.store(true, Ordering::Relaxed);
                        return Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        let begun = tokio::spawn(begin.instrument(span));
        Ok(begun.await.context("the task that begins a transaction ended")??)
    }
}

fn has_room(pool: &PgPool) -> bool {
    pool.num_idle() > 0 || pool.size() < pool.options().get_max_connections()
}

#[expect(clippy::disallowed_methods, reason = "the one place that may begin")]
async fn begin_once(pool: &PgPool, settings: &[String]) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut inner = pool.begin().await?;
    for setting in settings {
        sqlx::raw_sql(AssertSqlSafe(setting.clone())).execute(&mut *inner).await?;
    }
    Ok(inner)
}

/// The settings of a transaction in a school's scope.
fn in_scope(school_id: SchoolId, others: &[&str]) -> Vec<String> {
    let scope = format!("SET LOCAL app.school_id = '{school_id}'");
    std::iter::once(scope).chain(others.iter().map(|setting| (*setting).to_owned())).collect()
}

impl From<PgPool> for Db {
    fn from(pool: PgPool) -> Self {
        let share = pool.options().get_max_connections().div_ceil(SHARE);
        Self { pool, shares: Shares::of(share), is_away: Arc::default() }
    }
}

/// The name of the constraint that a statement violated, if that is the error.
#[must_use]
pub fn violated_constraint(error: &sqlx::Error) -> Option<&str> {
    faults::constraint_of(error)
}

/// Serialises transactions that write this school's roster in bulk, or change who owns it, until this one ends.
pub async fn lock_roster(tx: &mut PgConnection, school_id: SchoolId) -> Result<()> {
    // A row lock on `schools` would make every foreign key check on it wait; an advisory lock blocks nothing else.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('roster:' || $1::text, 0))", school_id.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Has the statements of a long transaction planned anew, those of triggers and foreign keys too: the tables are larger than
/// when it began, which the planner sees, and no statistics say yet.
pub async fn plan_anew(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("DISCARD PLANS").execute(tx).await?;
    Ok(())
}

/// Switches a transaction to another school's scope: for the few acts that are about two schools.
pub async fn switch_scope(tx: &mut PgConnection, school_id: SchoolId) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("SET LOCAL app.school_id = '{school_id}'"))).execute(tx).await?;
    Ok(())
}

/// Switches a transaction out of all schools' scopes.
pub async fn turn_away(tx: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("SET LOCAL app.school_id = ''").execute(tx).await?;
    Ok(())
}

/// Runs a transaction as requests do: in a scope, behind row-level security, with a write and a trigger. It is rolled
/// back.
///
/// # Errors
/// When it cannot be run.
pub async fn probe(db: &Db) -> Result<()> {
    let mut tx = db.begin_in(SchoolId::nil()).await?;
    let is_seen =
        sqlx::query_scalar!("INSERT INTO probes (school_id, id) VALUES ($1, $1) RETURNING is_seen", SchoolId::nil(),)
            .fetch_one(&mut *tx)
            .await?;
    tx.rollback().await?;
    if is_seen { Ok(()) } else { Err(Error::Internal(anyhow::anyhow!("a trigger did not run"))) }
}
