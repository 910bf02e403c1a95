//! What the program is made of: the parts that pages, commands and background work share.

use std::{path::PathBuf, sync::Arc};

use crate::{
    clock::{Clock, Randomness},
    config::Config,
    crypto::{hasher::PasswordHasher, seal::KeyRing},
    db::Db,
    mail,
};

/// The parts that pages, commands and background work share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub db: Db,
    pub clock: Clock,
    pub randomness: Randomness,
    pub hasher: PasswordHasher,
    pub keys: Arc<KeyRing>,
    pub mailer: Arc<mail::Mailer>,
    /// In the demo: the mails that were sent, for trying it without a mailbox.
    pub mailbox: Option<mail::Outbox>,
    /// The path of this program, which reads spreadsheets in a child process.
    pub program: PathBuf,
}
