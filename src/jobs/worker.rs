//! Running jobs.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, join_all};
use graphile_worker::{
    FailureReason, JobComplete, JobCompleteContext, JobFail, JobFailContext, JobPermanentlyFail,
    JobPermanentlyFailContext, JobRecovery, JobRecoveryContext, JobRecoveryResult, LocalQueueConfig,
    RefetchDelayConfig, WorkerBuildError, WorkerOptions, WorkerRecoveryConfig, runner::WorkerRuntimeError,
};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::{
    Lane, SCHEMA,
    enqueue::enqueue_start,
    handlers::{Handlers, Start},
};
use crate::error::faults;

/// Connections of a lane to the queue: one listens, the others fetch, report and send heartbeats.
const QUEUE_CONNECTIONS: u32 = 3;
/// How long a worker that lost the database waits before it tries again.
const PAUSE_AFTER_FAULT: Duration = Duration::from_secs(3);
/// How long closing the queue's connections may take.
const CLOSING: Duration = Duration::from_secs(5);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Concurrent jobs in the common lane; the others have few slots, and no more than this.
    pub concurrency: NonZeroUsize,
    /// How often the queue is polled for jobs that have become due; new ones are announced at once.
    pub poll: Duration,
    /// How often a worker sends a heartbeat. Several times within `dead_after`, so that a slow moment does not count as
    /// death.
    pub heartbeat: Duration,
    /// The age of the last heartbeat from which a worker counts as dead and its jobs go to others.
    pub dead_after: Duration,
    /// How often each worker looks for dead ones.
    pub sweep: Duration,
    /// How long running jobs may go on after the signal to stop. Unfinished ones are then given back.
    pub grace: Duration,
}

impl Default for WorkerSettings {
    /// A killed worker's job runs again well within a minute, so that a long one ends within it too: dead after 25 s,
    /// found within 5 s, tried again within 1 s. Taking a slow worker for dead is no harm: jobs may run twice.
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::MIN.saturating_add(7),
            poll: Duration::from_secs(1),
            heartbeat: Duration::from_secs(5),
            dead_after: Duration::from_secs(25),
            sweep: Duration::from_secs(5),
            grace: Duration::from_secs(20),
        }
    }
}

/// A worker could not run.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("the worker could not start: {0}")]
    Start(#[from] WorkerBuildError),
    #[error("the worker stopped: {0}")]
    Run(#[from] WorkerRuntimeError),
    #[error("the queue could not be reached: {0}")]
    Database(#[from] sqlx::Error),
}

type Shutdown = Shared<BoxFuture<'static, ()>>;

/// Works until `shutdown` completes: takes no new jobs then, lets the running ones finish for `settings.grace`, and
/// gives back what is left. A database error ends graphile_worker's own loop; this one restarts it.
pub async fn work<App: Send + Sync + 'static>(
    database: PgConnectOptions,
    handlers: Handlers<App>,
    app: Arc<App>,
    settings: WorkerSettings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let shutdown: Shutdown = shutdown.boxed().shared();
    let lanes = Lane::ALL.into_iter().filter_map(|lane| {
        let handlers = handlers.of_lane(lane);
        let settings = WorkerSettings { concurrency: lane.places(settings.concurrency), ..settings.clone() };
        (!handlers.is_empty())
            .then(|| work_in_lane(database.clone(), handlers, Arc::clone(&app), settings, shutdown.clone()))
    });
    join_all(lanes).await;
    info!("background work has ended");
}

async fn work_in_lane<App: Send + Sync + 'static>(
    database: PgConnectOptions,
    handlers: Handlers<App>,
    app: Arc<App>,
    settings: WorkerSettings,
    shutdown: Shutdown,
) {
    while shutdown.peek().is_none() {
        let options = handlers.register(continuous(&settings, shutdown.clone()), Arc::clone(&app));
        if let Err(error) = work_until_fault(database.clone(), options, handlers.starts()).await {
            warn!("background work was interrupted and starts again: {}", faults::told(&error.into()));
        }
        tokio::select! {
            () = shutdown.clone() => {}
            () = sleep(PAUSE_AFTER_FAULT) => {}
        }
    }
}

/// The queue gets connections of its own: graphile_worker drops futures at its end, which with sqlx 0.9.0 can leave one
/// inside an open transaction, and that one must not be used by anything else.
async fn work_until_fault(
    database: PgConnectOptions,
    options: WorkerOptions,
    starts: &[Start],
) -> Result<(), WorkerError> {
    let pool = PgPoolOptions::new()
        .max_connections(QUEUE_CONNECTIONS)
        .connect_with(database.application_name("schoolgate worker"))
        .await?;
    for start in starts {
        enqueue_start(&mut *pool.acquire().await?, start).await?;
    }
    let ran = run(options.pg_pool(pool.clone())).await;
    if timeout(CLOSING, pool.close()).await.is_err() {
        warn!("the connections to the queue did not close in time");
    }
    ran
}

async fn run(options: WorkerOptions) -> Result<(), WorkerError> {
    let worker = options.schema(SCHEMA).init().await?;
    Ok(worker.run().await?)
}

fn continuous(settings: &WorkerSettings, shutdown: Shutdown) -> WorkerOptions {
    let recovery = WorkerRecoveryConfig::default()
        .enabled(true)
        .heartbeat_interval(settings.heartbeat)
        .sweep_threshold(settings.dead_after)
        .sweep_interval(settings.sweep)
        .recovery_delay(Duration::ZERO);
    // Prefetching jobs makes thousands of short ones quick; few and not for long, so that other workers get the jobs
    // that this one does not reach.
    //
    // Without a delay the queue of graphile_worker 0.14.1 asks the database again and again while there is nothing to
    // do: each fetch wakes the next one. The first new job ends the delay.
    let idle = RefetchDelayConfig::default().with_duration(settings.poll).with_threshold(0).with_max_abort_threshold(1);
    let ahead = LocalQueueConfig::default()
        .with_refetch_delay(idle)
        .with_size(settings.concurrency.get().saturating_mul(2))
        .with_ttl(Duration::from_secs(5));
    WorkerOptions::default()
        .concurrency(settings.concurrency.get())
        .poll_interval(settings.poll)
        .local_queue(ahead)
        .worker_recovery(recovery)
        .on(JobRecovery, recover)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(shutdown)
        .shutdown_grace_period(settings.grace)
        .shutdown_interrupted_job_retry_delay(Duration::ZERO)
}

/// A job whose worker died has used an attempt: one that kills its worker must not kill workers for ever. It is due at
/// once, however often that happened: a person waits, and the detection took long enough.
async fn recover(context: JobRecoveryContext) -> JobRecoveryResult {
    match context.reason {
        FailureReason::WorkerCrashed => {
            JobRecoveryResult::Reschedule { run_at: *context.job.run_at(), attempts: Some(*context.job.attempts()) }
        }
        _ => JobRecoveryResult::Default,
    }
}

/// What [`run_until_empty`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ran {
    /// The names of the jobs that were done.
    pub done: Vec<String>,
    /// The attempts that failed.
    pub failed: Vec<Failed>,
}

impl Ran {
    fn handled(&mut self) -> usize {
        self.done.len().saturating_add(self.failed.len())
    }
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub name: String,
    pub error: String,
}

/// Runs what is due, and what that enqueues, in this task and to the end; for tests and for commands that wait for
/// their own work. Jobs for later stay (see [`super::bring_forward`]), as do those that failed.
///
/// # Errors
/// When the queue cannot be reached.
pub async fn run_until_empty<App: Send + Sync + 'static>(
    pool: &PgPool,
    handlers: &Handlers<App>,
    app: Arc<App>,
) -> Result<Ran, WorkerError> {
    let ran = Arc::new(Mutex::new(Ran::default()));
    let options = WorkerOptions::default()
        .schema(SCHEMA)
        .pg_pool(pool.clone())
        .concurrency(WorkerSettings::default().concurrency.get())
        .listen_os_shutdown_signals(false);
    let worker = observe(handlers.register(options, app), &ran).init().await?;
    let mut handled = 0;
    loop {
        worker.run_once().await?;
        // A job that is enqueued while the last one runs is not seen by the same round.
        let so_far = look(&ran, Ran::handled);
        if so_far == handled {
            return Ok(look(&ran, std::mem::take));
        }
        handled = so_far;
    }
}

fn observe(options: WorkerOptions, ran: &Arc<Mutex<Ran>>) -> WorkerOptions {
    let (done, failed, failed_for_good) = (Arc::clone(ran), Arc::clone(ran), Arc::clone(ran));
    options
        .on(JobComplete, move |context: JobCompleteContext| {
            look(&done, |ran| ran.done.push(context.job.task_identifier().clone()));
            std::future::ready(())
        })
        .on(JobFail, move |context: JobFailContext| {
            let name = context.job.task_identifier().clone();
            look(&failed, |ran| ran.failed.push(Failed { name, error: context.error }));
            std::future::ready(())
        })
        .on(JobPermanentlyFail, move |context: JobPermanentlyFailContext| {
            let name = context.job.task_identifier().clone();
            look(&failed_for_good, |ran| ran.failed.push(Failed { name, error: context.error }));
            std::future::ready(())
        })
}

/// Nothing can panic while the lock is held, so a poisoned one is usable.
fn look<T>(ran: &Mutex<Ran>, view: impl FnOnce(&mut Ran) -> T) -> T {
    view(&mut ran.lock().unwrap_or_else(PoisonError::into_inner))
}
