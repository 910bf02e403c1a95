//! The handlers of each kind of job.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use graphile_worker::{
    Cron, Crontab, CrontabTimerError, IntoTaskHandlerResult, JobDefinition, TaskHandler, WorkerContext, WorkerOptions,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tracing::Instrument;
use tracing::field::{Empty, display};

use super::{Job, Lane};
use crate::error::faults;
use crate::telemetry;

/// Which attempt of a job this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: i16,
    /// No further one follows a failure.
    pub is_last: bool,
}

/// Does a job, with the application `App` at hand.
pub trait Handle<App>: Job {
    /// Does the work; a failure is retried. The text of the error, with its causes but without their `Debug` details,
    /// goes to the log and into the queue: it must name no person, address or secret.
    fn handle(self, app: Arc<App>, attempt: Attempt) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// An hourly job cannot be scheduled like that.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error("no such minute")]
    Minute(#[from] CrontabTimerError),
    #[error("the job cannot be written as JSON")]
    Payload(#[from] serde_json::Error),
}

/// The handlers of all jobs of an application. A worker leaves jobs that it has no handler for to others: while a new
/// version is rolled out, the old one's workers do not fail on the new one's jobs.
pub struct Handlers<App> {
    definitions: Vec<(Lane, JobDefinition)>,
    schedule: Vec<Crontab>,
    starts: Vec<Start>,
    app: PhantomData<fn() -> App>,
}

/// A job that a worker enqueues whenever it begins, also after it had lost the database.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) name: &'static str,
    pub(super) payload: serde_json::Value,
    pub(super) attempts: i16,
}

impl<App: Send + Sync + 'static> Handlers<App> {
    /// No handlers yet.
    #[must_use]
    pub fn new() -> Self {
        Self { definitions: Vec::new(), schedule: Vec::new(), starts: Vec::new(), app: PhantomData }
    }

    /// Adds the handler of `J`.
    #[must_use]
    pub fn on<J: Handle<App>>(mut self) -> Self {
        self.definitions.push((J::LANE, HandlerTask::<J, App>::definition()));
        self
    }

    /// Adds the handler of `J` and runs `job` at that minute of every hour, once however many workers there are. By the
    /// hour and not the day, since graphile_worker schedules in the time zone of the process. An hour in which no
    /// worker ran is left out.
    ///
    /// # Errors
    /// A minute above 59, or a job that JSON cannot express.
    pub fn hourly<J: Handle<App>>(mut self, minute: u32, job: J) -> Result<Self, ScheduleError> {
        let attempts = u16::try_from(J::MAX_ATTEMPTS).unwrap_or(1);
        let entry = Cron::hourly_at::<HandlerTask<J, App>>(minute)?
            .id(J::NAME)
            .job_key(J::NAME)
            .max_attempts(attempts)
            .payload(HandlerTask::new(job))?;
        self.schedule.push(entry.build());
        Ok(self.on::<J>())
    }

    /// Has `job` run whenever a worker begins, also after it had lost the database; its handler is added elsewhere.
    ///
    /// # Errors
    /// A job that JSON cannot express.
    pub fn at_start<J: Handle<App>>(mut self, job: &J) -> Result<Self, ScheduleError> {
        let payload = serde_json::to_value(job)?;
        self.starts.push(Start { name: J::NAME, payload, attempts: J::MAX_ATTEMPTS });
        Ok(self)
    }

    pub(super) fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// The names of all jobs that have a handler.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.definitions.iter().map(|(_, definition)| definition.identifier())
    }

    /// Registers all handlers, and the application they receive, with graphile_worker.
    pub(super) fn register(&self, options: WorkerOptions, app: Arc<App>) -> WorkerOptions {
        options
            .define_jobs(self.definitions.iter().map(|(_, definition)| definition.clone()))
            .with_crons(self.schedule.iter().cloned())
            .add_extension(HandlerState(app))
    }

    /// Those of one lane; scheduled jobs are in the common one.
    pub(super) fn of_lane(&self, lane: Lane) -> Self {
        let definitions = self.definitions.iter().filter(|(of, _)| *of == lane).cloned().collect();
        let is_common = lane == Lane::Common;
        let schedule = if is_common { self.schedule.clone() } else { Vec::new() };
        let starts = if is_common { self.starts.clone() } else { Vec::new() };
        Self { definitions, schedule, starts, app: PhantomData }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.definitions.is_empty()
    }
}

impl<App: Send + Sync + 'static> Default for Handlers<App> {
    fn default() -> Self {
        Self::new()
    }
}

impl<App> Clone for Handlers<App> {
    fn clone(&self) -> Self {
        Self {
            definitions: self.definitions.clone(),
            schedule: self.schedule.clone(),
            starts: self.starts.clone(),
            app: PhantomData,
        }
    }
}

/// The application among graphile_worker's extensions, which must be `Clone` and `Debug`.
struct HandlerState<App>(Arc<App>);

impl<App> Clone for HandlerState<App> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<App> fmt::Debug for HandlerState<App> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HandlerState")
    }
}

/// A job in the form that graphile_worker needs.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound(serialize = "J: Serialize", deserialize = "J: DeserializeOwned"))]
struct HandlerTask<J, App> {
    job: J,
    #[serde(skip)]
    app: PhantomData<fn() -> App>,
}

impl<J, App> HandlerTask<J, App> {
    fn new(job: J) -> Self {
        Self { job, app: PhantomData }
    }
}

impl<J: Handle<App>, App: Send + Sync + 'static> TaskHandler for HandlerTask<J, App> {
    const IDENTIFIER: &'static str = J::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(HandlerState(app)) = context.get_ext::<HandlerState<App>>().cloned() else {
            return Err("the worker was started without its application".to_owned());
        };
        let attempts = *context.job().attempts();
        let attempt = Attempt { number: attempts, is_last: attempts >= *context.job().max_attempts() };
        let span = tracing::info_span!(
            "job",
            job = J::NAME,
            job_id = context.job().id(),
            attempt = attempts,
            school_id = Empty
        );
        // Payloads hold ids alone; that of a school is the one that a log is looked through by.
        let school_id = context.payload().get("school_id").and_then(|id| id.as_str()?.parse::<uuid::Uuid>().ok());
        if let Some(school_id) = school_id {
            span.record("school_id", display(school_id));
        }
        let began = Instant::now();
        let work = async {
            let done = self.job.handle(app, attempt).await;
            // A node that is away, or the whole database: the job waits for it, whatever its attempts.
            let waits = match &done {
                Err(error) => faults::is_of_absence(error) && put_off::<J>(&context).await,
                Ok(()) => false,
            };
            let outcome = match &done {
                Ok(()) => "done",
                Err(_) if waits => "put_off",
                Err(_) => "failed",
            };
            let labels = [("job", J::NAME), ("outcome", outcome)];
            metrics::histogram!("job_duration_seconds", &labels).record(began.elapsed().as_secs_f64());
            tracing::debug!(outcome, "a job has ended");
            // graphile_worker stores the `Debug` form of an error, which for a database's error quotes the row.
            match done {
                Err(error) if waits => {
                    tracing::warn!("a job waits until what it needs is available: {}", faults::told(&error));
                    Ok(())
                }
                done => done.map_err(|error| faults::told(&error)),
            }
        };
        telemetry::on_behalf_of(Arc::from(J::NAME), work).instrument(span).await
    }
}

/// How long a job waits for a node that is away.
const ABSENCE_SECONDS: i64 = 20;

/// Enqueues the job anew, for later: a node that is away for an hour uses up no attempts. False where the queue is away as
/// well; then the attempt has failed like any other.
async fn put_off<J: Job>(context: &WorkerContext) -> bool {
    let Ok(job) = serde_json::from_value::<J>(context.payload().clone()) else { return false };
    let Some(pool) = context.try_pg_pool() else { return false };
    let Ok(mut connection) = pool.acquire().await else { return false };
    let later = chrono::Duration::seconds(ABSENCE_SECONDS);
    super::enqueue::enqueue_later(&mut connection, &job, later).await.is_ok()
}
