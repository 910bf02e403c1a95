//! Mails that stay in the process, for tests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Message, SendError};

/// What was sent into memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    contents: Arc<Mutex<MailboxContents>>,
}

#[derive(Debug, Default)]
struct MailboxContents {
    sent: Vec<Message>,
    fault: Option<SendError>,
}

impl Outbox {
    /// All mails so far, the oldest first; one that was sent twice is there twice.
    #[must_use]
    pub fn sent(&self) -> Vec<Message> {
        self.lock().sent.clone()
    }

    /// Empties it and gives what was there.
    #[must_use]
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.lock().sent)
    }

    /// From now on every mail fails like this; none with `None`.
    pub fn fail_with(&self, fault: Option<SendError>) {
        self.lock().fault = fault;
    }

    pub(super) fn accept(&self, message: &Message) -> Result<(), SendError> {
        let mut contents = self.lock();
        if let Some(fault) = &contents.fault {
            return Err(fault.clone());
        }
        contents.sent.push(message.clone());
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, MailboxContents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
