//! Argon2id on threads of its own.
//!
//! A hash takes some ten milliseconds of a core and 19 MiB. On the threads that serve requests, a storm of sign-ins
//! would hold up every page; with a thread for each, memory would be unbounded. So a few threads work through one
//! bounded [queue], round-robin over the addresses that ask, each thread reusing one block of memory: a storm makes
//! sign-ins wait, and mostly those of its own address.

mod queue;

use std::io;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::thread;
use std::time::Instant;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::telemetry;

use self::queue::{HashingLane, Jobs, Queue};
use crate::crypto::normalise;

/// Memory of one hash in KiB, passes over it, and lanes: OWASP's recommendation for argon2id (Password Storage Cheat
/// Sheet). Hashes made with others are reported by [`Verdict::needs_upgrade`].
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;

/// The most expensive stored hash that is verified: all parameters of ours, past or future, lie below. Anything above
/// can only be a damaged row, and must not take the server's memory.
const MOST_MEMORY_KIB: u32 = 4 * MEMORY_KIB;
const MOST_PASSES: u32 = 10;

/// The longest password taken in, in bytes. The policy ends far below; this bounds what waits in the queue.
const MOST_PASSWORD_BYTES: usize = 4_096;

/// The salt of [`PasswordHasher::verify_nothing`]; the result is discarded.
const DUMMY_SALT: [u8; 16] = *b"nobody to verify";

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub matches: bool,
    /// Made with other parameters than today's: hash the password anew while it is at hand.
    /// Never set unless it matches.
    pub needs_upgrade: bool,
}

impl Verdict {
    const NO_MATCH: Self = Self { matches: false, needs_upgrade: false };
}

/// Why there is no hash or verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HasherError {
    /// Too many are waiting already; worth a retry in a few seconds.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded,
    /// The stored hash is no argon2 PHC string, or one that would cost far more than ours.
    #[error("the stored password hash cannot be read")]
    UnreadableHash,
    /// The hashing itself failed; the caller cannot mend it.
    #[error("password hashing failed")]
    Failed,
}

/// Hashes and verifies passwords; clones share the threads, which end with the last clone.
///
/// Passwords are normalised here, before anything else is done with them, so that one typed on a system
/// that writes marks as separate letters is the same as one typed elsewhere.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    queue: Queue<HashJob>,
    lane: HashingLane,
    computed: Arc<AtomicU64>,
}

/// Given no memory, a job answers that it was dropped from the queue.
type HashJob = Box<dyn FnOnce(Option<&mut WorkingMemory>) + Send>;

impl PasswordHasher {
    /// Starts `threads` threads (at least one), each holding 19 MiB, with space for `queue_bound` waiting passwords.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn new(threads: usize, queue_bound: usize) -> io::Result<Self> {
        let (queue, jobs) = queue::new(queue_bound.max(1));
        let computed = Arc::new(AtomicU64::new(0));
        for number in 0..threads.max(1) {
            let jobs = jobs.clone();
            let memory = WorkingMemory { computed: Arc::clone(&computed), ..WorkingMemory::default() };
            thread::Builder::new().name(format!("password-{number}")).spawn(move || work(&jobs, memory))?;
        }
        Ok(Self { queue, lane: HashingLane::default(), computed })
    }

    /// The same hasher on behalf of this address, whose jobs alternate with those of all other addresses.
    #[must_use]
    pub fn asked_from(&self, address: Option<IpAddr>) -> Self {
        Self { lane: address.map(crate::network::network_of).unwrap_or_default(), ..self.clone() }
    }

    /// How many argon2 were computed so far, for whatever purpose: tests compare the cost of different responses by it.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// Hashes `password` with `salt` into a PHC string. The policy is checked elsewhere, before.
    ///
    /// # Errors
    /// [`HasherError::Overloaded`] when the queue is full; [`HasherError::Failed`] when the password is longer than
    /// 4,096 bytes, which no policy allows.
    pub async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String, HasherError> {
        let password = bounded(password).ok_or(HasherError::Failed)?;
        self.submit(move |memory| hash(memory, &password, &salt)).await?
    }

    /// Compares `password` with the stored PHC string.
    ///
    /// # Errors
    /// [`HasherError::Overloaded`] when the queue is full, [`HasherError::UnreadableHash`] when `phc` is
    /// not a hash of ours.
    pub async fn verify(&self, password: String, phc: String) -> Result<Verdict, HasherError> {
        let Some(password) = bounded(password) else {
            self.verify_nothing(String::new()).await?;
            return Ok(Verdict::NO_MATCH);
        };
        self.submit(move |memory| verify(memory, &password, &phc)).await?
    }

    /// Does the work of a verification where there is nothing to verify, so that an unknown login, or an account that
    /// has only a temporary password, takes as long as one with an own password.
    ///
    /// # Errors
    /// [`HasherError::Overloaded`] when the queue is full, as [`verify`](Self::verify) would.
    pub async fn verify_nothing(&self, password: String) -> Result<(), HasherError> {
        let password = bounded(password).unwrap_or_default();
        let digest = move |memory: &mut WorkingMemory| digest(memory, &password, &DUMMY_SALT, current_params()?);
        self.submit(digest).await?.map(|_| ())
    }

    /// Queues `job` and waits for its result. Where the waiting future was dropped meanwhile (the client has gone), the
    /// job is skipped when it is dequeued.
    async fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WorkingMemory) -> T + Send + 'static,
    ) -> Result<T, HasherError> {
        let (answer, answered) = oneshot::channel();
        let labels = [("origin", telemetry::origin())];
        let queued = Instant::now();
        let measured = move |memory: &mut WorkingMemory| {
            metrics::histogram!("password_hash_wait_seconds", &labels).record(queued.elapsed().as_secs_f64());
            let began = Instant::now();
            let done = job(memory);
            metrics::histogram!("password_hash_duration_seconds", &labels).record(began.elapsed().as_secs_f64());
            done
        };
        let job: HashJob = Box::new(move |memory| {
            if !answer.is_closed() {
                // It may still have been dropped while the job ran; then the result is not needed.
                let _ = answer.send(memory.map(measured).ok_or(HasherError::Overloaded));
            }
        });
        if let Some(refused) = self.queue.push(&self.lane, job) {
            refused(None);
        }
        answered.await.map_err(|_| HasherError::Failed)?
    }
}

/// The password in the form that is hashed, or nothing if it is too long to be one.
fn bounded(password: String) -> Option<Zeroizing<String>> {
    let password = Zeroizing::new(password);
    (password.len() <= MOST_PASSWORD_BYTES).then(|| normalise(&password))
}

/// The loop of a thread: one job after the other until the last hasher is dropped.
fn work(jobs: &Jobs<HashJob>, mut memory: WorkingMemory) {
    while let Some(job) = jobs.next() {
        // A job that panics must not end its thread: the others would wait for ever.
        if catch_unwind(AssertUnwindSafe(|| job(Some(&mut memory)))).is_err() {
            tracing::error!("hashing a password panicked");
        }
        memory.shrink();
    }
}

/// The working memory of a thread. Every use overwrites all that it reads, so it needs no clearing.
#[derive(Default)]
struct WorkingMemory {
    blocks: Vec<Block>,
    computed: Arc<AtomicU64>,
}

impl WorkingMemory {
    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len() < count {
            self.blocks.resize(count, Block::new());
        }
        &mut self.blocks
    }

    /// Releases what a hash with larger parameters took.
    fn shrink(&mut self) {
        const USUAL_BLOCKS: usize = MEMORY_KIB as usize;
        self.blocks.truncate(USUAL_BLOCKS);
        self.blocks.shrink_to(USUAL_BLOCKS);
    }
}

fn current_params() -> Result<Params, HasherError> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).map_err(|_| HasherError::Failed)
}

fn digest(memory: &mut WorkingMemory, password: &str, salt: &[u8], params: Params) -> Result<Output, HasherError> {
    memory.computed.fetch_add(1, Ordering::Relaxed);
    let blocks = memory.blocks(params.block_count());
    let mut bytes = vec![0; params.output_len().unwrap_or(OUTPUT_BYTES)];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut bytes, blocks)
        .map_err(|_| HasherError::Failed)?;
    Output::new(&bytes).map_err(|_| HasherError::Failed)
}

fn hash(memory: &mut WorkingMemory, password: &str, salt: &[u8]) -> Result<String, HasherError> {
    let params = current_params()?;
    let phc = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| HasherError::Failed)?,
        salt: Some(Salt::new(salt).map_err(|_| HasherError::Failed)?),
        hash: Some(digest(memory, password, salt, params)?),
    };
    Ok(phc.to_string())
}

fn verify(memory: &mut WorkingMemory, password: &str, phc: &str) -> Result<Verdict, HasherError> {
    let stored = StoredHash::read(phc).ok_or(HasherError::UnreadableHash)?;
    let outdated = stored.params != current_params()?;
    // `Output` compares in constant time.
    let matches = digest(memory, password, &stored.salt, stored.params)? == stored.output;
    Ok(Verdict { matches, needs_upgrade: matches && outdated })
}

/// A stored hash, taken apart.
struct StoredHash {
    params: Params,
    salt: Salt,
    output: Output,
}

impl StoredHash {
    /// Reads a PHC string of argon2id, version 19, within the limits of what we are ready to spend.
    fn read(phc: &str) -> Option<Self> {
        let phc = PasswordHash::new(phc).ok()?;
        let params = Params::try_from(&phc).ok()?;
        let ours = phc.algorithm == ARGON2ID_IDENT && phc.version == Some(Version::V0x13.into());
        let affordable = params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_PASSES;
        (ours && affordable).then_some(())?;
        Some(Self { params, salt: phc.salt?, output: phc.hash? })
    }
}

#[cfg(test)]
mod tests;
