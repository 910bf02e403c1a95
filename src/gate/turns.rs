//! How many requests are answered at a time: of one school, of one session, from one address. Whatever more they ask
//! waits for its turn, where it costs a connection and nothing else; its body is not read. It is not refused at once, for
//! then it would be back at once.

use std::{hash::Hash, net::IpAddr, time::Duration};

use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use crate::{db::shares::Shares, error::Result, identity::throttle};

/// A page is answered in a few hundredths of a second: these are enough for a school of thousands, and leave the others
/// most of a small machine.
const OF_SCHOOL: u32 = 4;

/// Fewer than those of a school, so that nobody takes all that the colleagues have.
const OF_SESSION: u32 = 3;

/// A whole school may sit behind an address, and sign in at the beginning of a lesson.
const FROM_ADDRESS: u32 = 64;

/// How long a request waits for each of its turns before it is told to come back later.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request whose turn it is. Dropped, it lets the next one go on.
pub type Turn = OwnedSemaphorePermit;

/// The turns of one process. Clones are of the same.
#[derive(Clone, Debug)]
pub struct Turns {
    schools: Shares<Uuid>,
    sessions: Shares<[u8; 32]>,
    addresses: Shares<String>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { schools: Shares::of(OF_SCHOOL), sessions: Shares::of(OF_SESSION), addresses: Shares::of(FROM_ADDRESS) }
    }
}

impl Turns {
    /// Before anything is looked up. What waits for its session has no place among those of the address: others who sit
    /// behind it go on.
    ///
    /// # Errors
    /// [`crate::error::Error::Overloaded`] where it was not its turn for longer than a request waits.
    pub async fn of_visitor(&self, session: Option<[u8; 32]>, address: Option<IpAddr>) -> Result<[Option<Turn>; 2]> {
        Ok([one_of(&self.sessions, session).await?, one_of(&self.addresses, address.map(throttle::network_of)).await?])
    }

    /// Once it is known that the visitor belongs to the school: nobody else takes turns of it.
    ///
    /// # Errors
    /// As of [`Self::of_visitor`].
    pub async fn of_school(&self, school_id: Uuid) -> Result<Turn> {
        self.schools.one_of(school_id, PATIENCE).await
    }
}

async fn one_of<K: Eq + Hash>(shares: &Shares<K>, key: Option<K>) -> Result<Option<Turn>> {
    match key {
        Some(key) => shares.one_of(key, PATIENCE).await.map(Some),
        None => Ok(None),
    }
}
