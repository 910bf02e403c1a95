//! How many requests are answered at a time: of one school, of one session, from one address. What is asked beyond that
//! waits, where it costs a connection and nothing else; its body is not read. It is not refused at once, for then it
//! would be back at once.

use std::{hash::Hash, net::IpAddr, time::Duration};

use tokio::sync::OwnedSemaphorePermit;

use crate::{db::shares::Shares, error::Result, ids::SchoolId};

/// A page is answered in a few hundredths of a second: these are enough for a school of thousands, and leave the others
/// most of a small machine.
const OF_SCHOOL: u32 = 4;

/// Fewer than those of a school, so that one session does not take all that its colleagues have.
const OF_SESSION: u32 = 3;

/// A whole school may sit behind an address, and sign in at the beginning of a lesson.
const FROM_ADDRESS: u32 = 64;

/// How long a request waits for its address: passwords are hashed one after another, and a school may sign in at once.
const PATIENCE_OF_ADDRESS: Duration = Duration::from_secs(30);

/// How long a request waits for each permit before it is told to come back later.
const PATIENCE: Duration = Duration::from_secs(5);

/// Permission to answer one request. Dropped, it goes to the next one that waits.
pub type RequestPermit = OwnedSemaphorePermit;

/// The shares of one process. Clones share state.
#[derive(Clone, Debug)]
pub struct RequestShares {
    schools: Shares<SchoolId>,
    sessions: Shares<[u8; 32]>,
    addresses: Shares<String>,
}

impl Default for RequestShares {
    fn default() -> Self {
        Self { schools: Shares::of(OF_SCHOOL), sessions: Shares::of(OF_SESSION), addresses: Shares::of(FROM_ADDRESS) }
    }
}

impl RequestShares {
    /// Before anything is looked up. What waits for its session has no place among those of the address: others who sit
    /// behind it go on.
    ///
    /// # Errors
    /// [`crate::error::Error::Overloaded`] where a permit was not to be had within the time that a request waits.
    pub async fn of_visitor(
        &self,
        session: Option<[u8; 32]>,
        address: Option<IpAddr>,
    ) -> Result<[Option<RequestPermit>; 2]> {
        Ok([
            one_of(&self.sessions, session, PATIENCE).await?,
            one_of(&self.addresses, address.map(crate::network::network_of), PATIENCE_OF_ADDRESS).await?,
        ])
    }

    /// Asked once it is known that the visitor belongs to the school: strangers use nothing of its share.
    ///
    /// # Errors
    /// As of [`Self::of_visitor`].
    pub async fn of_school(&self, school_id: SchoolId) -> Result<RequestPermit> {
        self.schools.one_of(school_id, PATIENCE).await
    }
}

async fn one_of<K: Eq + Hash>(shares: &Shares<K>, key: Option<K>, patience: Duration) -> Result<Option<RequestPermit>> {
    match key {
        Some(key) => shares.one_of(key, patience).await.map(Some),
        None => Ok(None),
    }
}
