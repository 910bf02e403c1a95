//! A process's use of the embedded server.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Child;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use super::{
    ServerSettings,
    account::ServerAccount,
    cluster,
    error::{EmbeddedError, IoContext},
    home::{self, Home, PORT},
    locks::LockFile,
    postmaster::{Postmaster, is_ready},
    roles::ServerRole,
    supervisor,
};
use crate::paths;

/// How long the server may take to be ready; recovering after a crash takes the longest.
const START_PATIENCE: Duration = Duration::from_secs(120);

/// How long the last user waits for the server's end.
const LEAVE_PATIENCE: Duration = Duration::from_secs(15);

/// How often a user checks whether the supervisor lives.
const SUPERVISOR_CHECK: Duration = Duration::from_secs(2);

/// How long a supervisor may take to get its lock.
const SUPERVISOR_START_PATIENCE: Duration = Duration::from_secs(2);

/// How often an imminent event is polled for.
const SOON: Duration = Duration::from_millis(20);

/// The embedded server, in use. It runs at least as long as this value lives, in whichever process.
///
/// Dropping the value releases the server without waiting; [`EmbeddedServer::leave`] waits until it is down, if it was
/// the last. All of this blocks: in async code call it through `spawn_blocking`.
#[derive(Debug)]
pub struct EmbeddedServer {
    place: Arc<ServerDirectory>,
    users: LockFile,
    /// Dropped to end the thread that watches the supervisor.
    watch: Option<Sender<()>>,
}

impl EmbeddedServer {
    /// Starts the server, or joins those who use it already. Makes the data folder and the cluster when they are
    /// missing. Returns when the server takes connections.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, does not start, or the data folder cannot be used.
    pub fn start(settings: &ServerSettings) -> Result<Self, EmbeddedError> {
        let mut settings = settings.clone();
        settings.data_dir = home::prepare_data_dir(&settings.data_dir)?;
        let start = home::start_lock(&settings.data_dir)?;
        start.exclusive()?;
        let home = Home::settle(&settings.data_dir)?;
        cluster::ensure(&home, settings.durability)?;
        ServerAccount::owning(&home.cluster())?;

        let users = home.users_lock()?;
        users.shared()?;
        let place = Arc::new(ServerDirectory::new(settings, home)?);
        place.wait_until_ready()?;
        start.release()?;
        let watch = Some(watch(&place)?);
        Ok(Self { place, users, watch })
    }

    /// The folder of the server's socket, and its port, which is part of the socket's name.
    #[must_use]
    pub fn socket(&self) -> (PathBuf, u16) {
        (self.place.home.socket_folder().to_owned(), PORT)
    }

    /// Where the server's files are.
    pub(super) fn home(&self) -> &Home {
        &self.place.home
    }

    /// The address of a database for one of the roles, as sqlx and libpq read it.
    #[must_use]
    pub fn url(&self, role: ServerRole, database: &str) -> String {
        let host = paths::encoded(self.place.home.socket_folder().to_string_lossy());
        format!("postgres://{}@{host}:{PORT}/{}", role.name(), paths::encoded(database))
    }

    /// Releases the server. The last one to leave waits until it is down, so that nothing is left behind; a server that
    /// takes longer than that goes on stopping by itself.
    pub fn leave(mut self) {
        self.watch = None;
        if let Err(error) = self.try_leave() {
            tracing::warn!(%error, "leaving the embedded database");
        }
    }

    fn try_leave(&self) -> Result<(), EmbeddedError> {
        self.users.release()?;
        let deadline = Instant::now() + LEAVE_PATIENCE;
        while Instant::now() < deadline && !self.others_use_it()? {
            if self.place.supervisor_lives()? {
                sleep(SOON);
            } else if Postmaster::find(&self.place.home).is_some() {
                // The supervisor was killed. Another one stops the server.
                self.place.ensure_supervisor()?;
            } else if self.place.child_state() == ChildState::Running {
                // It has released its locks and is about to end.
                sleep(SOON);
            } else {
                break;
            }
        }
        Ok(())
    }

    /// Whether there are users left besides us. If the supervisor holds *users* exclusively, it is stopping the server.
    fn others_use_it(&self) -> Result<bool, EmbeddedError> {
        if self.users.try_exclusive()? {
            self.users.release()?;
            return Ok(false);
        }
        Ok(!self.users.is_held_exclusively()?)
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        // Closing the file releases the lock as well, only later if a child was forked in this instant.
        self.users.release().ok();
        self.place.wait_for_child_in_background();
    }
}

/// A server's location, for its user.
#[derive(Debug)]
struct ServerDirectory {
    settings: ServerSettings,
    home: Home,
    supervisor_lock: LockFile,
    /// The supervisor, if it is our child: it has to be waited for when it ends before us.
    child: Mutex<Option<Child>>,
}

impl ServerDirectory {
    fn new(settings: ServerSettings, home: Home) -> Result<Self, EmbeddedError> {
        let supervisor_lock = home.supervisor_lock()?;
        Ok(Self { settings, home, supervisor_lock, child: Mutex::new(None) })
    }

    /// Waits for the server and a supervisor that supervises it. The caller holds the start lock.
    fn wait_until_ready(&self) -> Result<(), EmbeddedError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            match self.child_state() {
                ChildState::Failed => return Err(supervisor::not_started(&self.home)),
                ChildState::Running => {}
                ChildState::None if self.supervisor_lives()? => {}
                ChildState::None => self.spawn_supervisor()?,
            }
            if is_ready(&self.home) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(EmbeddedError::NotReady { seconds: START_PATIENCE.as_secs(), log: self.home.log() });
            }
            sleep(SOON);
        }
    }

    /// Starts a supervisor where there was one that is gone.
    fn ensure_supervisor(&self) -> Result<(), EmbeddedError> {
        self.child_state();
        if self.supervisor_lives()? {
            return Ok(());
        }
        let start = home::start_lock(&self.settings.data_dir)?;
        start.exclusive()?;
        if !self.supervisor_lives()? {
            self.spawn_supervisor()?;
            self.wait_until_supervisor_lives()?;
        }
        start.release()
    }

    /// Until it has its lock, others would assume that there is none.
    fn wait_until_supervisor_lives(&self) -> Result<(), EmbeddedError> {
        let deadline = Instant::now() + SUPERVISOR_START_PATIENCE;
        while !self.supervisor_lives()? && Instant::now() < deadline {
            match self.child_state() {
                ChildState::Running => sleep(SOON),
                ChildState::None => break,
                ChildState::Failed => return Err(supervisor::not_started(&self.home)),
            }
        }
        Ok(())
    }

    fn supervisor_lives(&self) -> Result<bool, EmbeddedError> {
        self.supervisor_lock.is_held_exclusively()
    }

    fn spawn_supervisor(&self) -> Result<(), EmbeddedError> {
        let ServerSettings { data_dir, durability, supervisor_program } = &self.settings;
        let child = supervisor::spawn(supervisor_program, data_dir, *durability, &self.home)?;
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        Ok(())
    }

    /// A supervisor that others still need ends later; it must not stay as a zombie if we are still there.
    fn wait_for_child_in_background(&self) {
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut child) = child {
            thread::Builder::new().spawn(move || child.wait()).ok();
        }
    }

    /// Reaps the child, so that it does not stay as a zombie.
    fn child_state(&self) -> ChildState {
        let mut slot = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(child) = slot.as_mut() else {
            return ChildState::None;
        };
        match child.try_wait() {
            Ok(None) => ChildState::Running,
            Ok(Some(status)) if status.success() || status.signal().is_some() => {
                *slot = None;
                ChildState::None
            }
            Ok(Some(_)) | Err(_) => {
                *slot = None;
                ChildState::Failed
            }
        }
    }
}

/// What became of the supervisor that this process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChildState {
    /// There is none: it gave way to another, or was killed.
    None,
    Running,
    Failed,
}

/// Watches the supervisor in a thread of its own, until the returned value is dropped.
fn watch(place: &Arc<ServerDirectory>) -> Result<Sender<()>, EmbeddedError> {
    let (stop, stopped) = mpsc::channel::<()>();
    let watched = Arc::clone(place);
    let look_again_and_again = move || {
        while stopped.recv_timeout(SUPERVISOR_CHECK) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = watched.ensure_supervisor() {
                tracing::warn!(%error, "looking after the supervisor of the embedded database");
            }
        }
    };
    thread::Builder::new()
        .name("database-keeper".into())
        .spawn(look_again_and_again)
        .doing("start a thread for", place.home.folder())?;
    Ok(stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_host() {
        assert_eq!(paths::encoded("/srv/Trường x"), "%2Fsrv%2FTr%C6%B0%E1%BB%9Dng%20x");
    }
}
