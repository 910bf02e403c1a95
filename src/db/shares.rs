//! What one has at a time of something that all use, such as a school of the connections: the others are never kept
//! waiting by it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// So many are remembered before those that have nothing are forgotten.
const REMEMBERED: usize = 256;

/// The shares of all, each known by its key. Clones are of the same.
#[derive(Clone, Debug)]
pub struct Shares<K> {
    size: usize,
    held: Arc<Mutex<HashMap<K, Weak<Semaphore>>>>,
}

impl<K: Eq + Hash> Shares<K> {
    /// Each has so many at a time.
    #[must_use]
    pub fn of(size: u32) -> Self {
        Self { size: usize::try_from(size).unwrap_or(1).max(1), held: Arc::default() }
    }

    /// One of what this one may have at a time; who asked first has it first.
    ///
    /// # Errors
    /// [`Error::Overloaded`] where it has all of it for so long.
    pub async fn one_of(&self, key: K, patience: Duration) -> Result<OwnedSemaphorePermit> {
        let waiting = tokio::time::timeout(patience, self.share(key).acquire_owned()).await;
        waiting.map_err(|_| Error::Overloaded)?.map_err(|_| Error::Overloaded)
    }

    fn share(&self, key: K) -> Arc<Semaphore> {
        // Nothing can go wrong while the lock is held.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = held.get(&key).and_then(Weak::upgrade) {
            return share;
        }
        if held.len() >= REMEMBERED {
            held.retain(|_, share| share.strong_count() > 0);
        }
        let share = Arc::new(Semaphore::new(self.size));
        held.insert(key, Arc::downgrade(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SchoolId;

    #[tokio::test]
    async fn a_school_has_its_share_and_no_more() {
        let shares = Shares::of(2);
        let (one, other) = (SchoolId::from_u128(1), SchoolId::from_u128(2));
        let no_time = Duration::ZERO;
        let first = shares.one_of(one, no_time).await.unwrap();
        let _second = shares.one_of(one, no_time).await.unwrap();
        assert!(matches!(shares.one_of(one, no_time).await, Err(Error::Overloaded)));
        let _ = shares.one_of(other, no_time).await.unwrap();
        drop(first);
        let _ = shares.one_of(one, no_time).await.unwrap();
    }

    #[tokio::test]
    async fn schools_that_have_nothing_are_forgotten() {
        let shares = Shares::of(1);
        for number in 0..1_000 {
            let _ = shares.one_of(SchoolId::from_u128(number), Duration::ZERO).await.unwrap();
        }
        assert!(shares.held.lock().unwrap().len() <= REMEMBERED);
    }
}
