//! Background work: jobs live in PostgreSQL and are enqueued in the transaction that they belong to.
//!
//! A [`Job`] is a small value with a name; it carries ids and no personal data, since it is stored and logged as it is.
//! [`enqueue`] writes it within the caller's transaction: rolled back, it never was. [`Handle`] implements it,
//! [`Handlers`] gathers the handlers, and [`work`] runs them until stopped. Every job may run twice (a worker can die
//! after the work and before saying so), so handlers must be idempotent.

mod enqueue;
mod handlers;
mod install;
mod lanes;
mod queue;
mod worker;

pub use enqueue::{Options, enqueue, enqueue_all, enqueue_all_by, enqueue_with};
pub use handlers::{Attempt, Handle, Handlers, ScheduleError};
pub use install::{InstallError, install};
pub use lanes::Lane;
pub use queue::{Backlog, LeftOver, about, backlog, bring_forward, left_over};
pub use worker::{Failed, Ran, WorkerError, WorkerSettings, run_until_empty, work};

use serde::{Serialize, de::DeserializeOwned};

/// The schema of graphile_worker's tables. Its `add_job` and `add_jobs` are part of that crate's public surface, the
/// `_private_` tables are not: all code that touches them is in this module, and its tests detect when they change.
const SCHEMA: &str = "graphile_worker";

/// Something to be done later: its name and the ids that the work needs.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Identifies the job in the database, for as long as such a job may be stored there: never reuse a name.
    const NAME: &'static str;

    /// How often the job is attempted before it is left as failed. A failure delays it by e^attempts seconds, but by no
    /// more than five minutes; 25 attempts are about an hour and a half.
    const MAX_ATTEMPTS: i16 = 25;

    /// Which lane it is done in.
    const LANE: Lane = Lane::Common;

    /// Jobs of one queue run one after another, however many workers there are; those without one run concurrently.
    fn queue(&self) -> Option<String> {
        None
    }
}
