//! A bounded queue that is fair to those who ask: each lane is first come first served, and the lanes alternate. When
//! it is full, the longest lane drops its newest job.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Identifies the asking network; the program itself has a lane of its own.
pub type HashingLane = String;

/// The sending end. Dropping the last one closes the queue.
pub struct Queue<T>(Arc<Entrance<T>>);

/// The receiving end.
pub struct Jobs<T>(Arc<Shared<T>>);

struct Entrance<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    /// Signalled when there is a job, or the queue is closed.
    changed: Condvar,
}

struct State<T> {
    lanes: HashMap<HashingLane, VecDeque<T>>,
    /// Lanes with waiting jobs, in the order in which they are served.
    turns: VecDeque<HashingLane>,
    waiting: usize,
    most: usize,
    is_closed: bool,
}

/// A queue in which `most` may wait.
pub fn new<T>(most: usize) -> (Queue<T>, Jobs<T>) {
    let state = State { lanes: HashMap::new(), turns: VecDeque::new(), waiting: 0, most, is_closed: false };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
    (Queue(Arc::new(Entrance(Arc::clone(&shared)))), Jobs(shared))
}

impl<T> Queue<T> {
    /// Queues `job` in this lane. Gives the job that is dropped for want of space: this one, or the newest of a longer
    /// lane.
    #[must_use]
    pub fn push(&self, lane: &HashingLane, job: T) -> Option<T> {
        let shared = &self.0.0;
        let mut state = shared.lock();
        let mut refused = None;
        if state.waiting >= state.most {
            let own = state.lanes.get(lane).map_or(0, VecDeque::len);
            match state.longest().filter(|(_, length)| *length > own + 1) {
                Some((longest, _)) => refused = state.drop_newest(&longest),
                None => return Some(job),
            }
        }
        state.push(lane, job);
        drop(state);
        shared.changed.notify_one();
        refused
    }
}

impl<T> State<T> {
    fn longest(&self) -> Option<(HashingLane, usize)> {
        let (lane, jobs) = self.lanes.iter().max_by_key(|(_, jobs)| jobs.len())?;
        Some((lane.clone(), jobs.len()))
    }

    /// From a lane in which others still wait.
    fn drop_newest(&mut self, lane: &HashingLane) -> Option<T> {
        let dropped = self.lanes.get_mut(lane)?.pop_back()?;
        self.waiting = self.waiting.saturating_sub(1);
        Some(dropped)
    }

    fn push(&mut self, lane: &HashingLane, job: T) {
        let jobs = self.lanes.entry(lane.clone()).or_default();
        if jobs.is_empty() {
            self.turns.push_back(lane.clone());
        }
        jobs.push_back(job);
        self.waiting = self.waiting.saturating_add(1);
    }

    fn pop(&mut self) -> Option<T> {
        let lane = self.turns.pop_front()?;
        let jobs = self.lanes.get_mut(&lane)?;
        let job = jobs.pop_front();
        if jobs.is_empty() {
            self.lanes.remove(&lane);
        } else {
            self.turns.push_back(lane);
        }
        self.waiting = self.waiting.saturating_sub(usize::from(job.is_some()));
        job
    }
}

impl<T> Jobs<T> {
    /// Waits for the next job; none when the queue is closed and empty.
    pub fn next(&self) -> Option<T> {
        let mut state = self.0.lock();
        loop {
            if let Some(job) = state.pop() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> Shared<T> {
    /// No job runs while it is held, so a panic cannot leave it inconsistent.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Entrance<T> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for Jobs<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Queue")
    }
}
