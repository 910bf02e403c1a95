//! The share of connections that one school may use at a time, so that it never keeps the others waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::error::{Error, Result};

/// So many schools are remembered before unused entries are dropped.
const REMEMBERED: usize = 256;

/// The shares of all schools. Clones share state.
#[derive(Clone, Debug)]
pub struct Shares {
    size: usize,
    schools: Arc<Mutex<HashMap<Uuid, Weak<Semaphore>>>>,
}

impl Shares {
    /// Each school has so many at a time.
    pub fn of(size: u32) -> Self {
        Self { size: usize::try_from(size).unwrap_or(1).max(1), schools: Arc::default() }
    }

    /// Takes one connection of a school's share.
    ///
    /// # Errors
    /// [`Error::Overloaded`] where its whole share is in use for so long.
    pub async fn one_of(&self, school_id: Uuid, patience: Duration) -> Result<OwnedSemaphorePermit> {
        let waiting = tokio::time::timeout(patience, self.share(school_id).acquire_owned()).await;
        waiting.map_err(|_| Error::Overloaded)?.map_err(|_| Error::Overloaded)
    }

    fn share(&self, school_id: Uuid) -> Arc<Semaphore> {
        // Nothing can panic while the lock is held.
        let mut schools = self.schools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = schools.get(&school_id).and_then(Weak::upgrade) {
            return share;
        }
        if schools.len() >= REMEMBERED {
            schools.retain(|_, share| share.strong_count() > 0);
        }
        let share = Arc::new(Semaphore::new(self.size));
        schools.insert(school_id, Arc::downgrade(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_school_has_its_share_and_no_more() {
        let shares = Shares::of(2);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
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
            let _ = shares.one_of(Uuid::from_u128(number), Duration::ZERO).await.unwrap();
        }
        assert!(shares.schools.lock().unwrap().len() <= REMEMBERED);
    }
}
