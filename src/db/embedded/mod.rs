//! The PostgreSQL that comes with the program: a server of its own in the data folder, used where no `DATABASE_URL` is
//! set. It listens on a unix socket only, is shared by all processes of the program that use the same data folder,
//! starts with the first of them and stops with the last.
//!
//! # Who owns the server
//!
//! Not the process that needed it first, since others may use it for longer: a **supervisor** does, our own program started
//! with a hidden subcommand. Four locks alone establish who is there (`flock`s: the kernel releases them however a
//! process ends, so nothing has to be tidied up after a `kill -9`; the data folder has to be on a local disk):
//!
//! - `postgres.start`, exclusive: held while something is decided or begun: the home, the cluster, a supervisor.
//! - `postgres.users`, shared: held by each user, which is each living [`EmbeddedServer`].
//! - `postgres.users`, exclusive: taken by the supervisor when it can be had, that is when the last user is gone; held
//!   until the server is down.
//! - `postgres.keeper`, exclusive: held by the supervisor all its life.
//!
//! An arriving process takes *start*, then *users* (shared), then checks whether *keeper* is held, and starts a supervisor
//! if not; it releases *start* once the server answers. The supervisor takes *keeper*, then finds the server or starts it,
//! and tries for *users* (exclusive) until it succeeds; then it stops the server, releases *keeper*, and *users* last.
//!
//! # Why nobody is left without a server
//!
//! - *A supervisor never stops the server under a user.* It stops it only while it holds *users* exclusively, and a user
//!   holds it shared. Of an arrival and a supervisor that reach for it in the same instant, one gets it. If it is the
//!   arrival, the supervisor stays. If it is the supervisor, the arrival waits (holding *start*, which
//!   no supervisor needs) until the server is down; by then *keeper* is free, and the arrival starts another.
//! - *Two supervisors do not meet.* Supervisors are started under *start* by a process that saw *keeper* free. A starter that
//!   is killed before its supervisor has taken the lock may bring about a second one; it finds *keeper* held and ends. What
//!   looks at *keeper* takes it, shared, for an instant; a new supervisor therefore tries for two seconds.
//! - *A supervisor that is killed* leaves the server running and its users undisturbed. Each user looks every two seconds
//!   whether the supervisor lives and starts another, which takes the server over; so does the next arrival, and so does
//!   a user that leaves. If it is killed while it stops the server, the arrival gets *users* and starts a supervisor; that
//!   one finds the server stopping, waits for its end and starts it anew.
//! - *A server that is killed* is started again by its supervisor, and PostgreSQL recovers what was committed.
//! - *When everything of ours is killed at once*, a server may stay behind. The next arrival's supervisor takes it over.
//! - *Nothing waits in a circle.* A holder of *start* waits for the supervisor to release *users*, or for the server to
//!   answer, and no supervisor waits for *start*. Users that watch the supervisor wait for *start*, and what they hold
//!   meanwhile, *users* shared, blocks no arrival.

mod account;
mod backup;
mod binaries;
mod cluster;
mod error;
mod home;
mod locks;
mod postmaster;
mod roles;
mod supervisor;
mod user;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

pub use error::EmbeddedError;
pub use roles::ServerRole;
pub use supervisor::{SUPERVISOR_COMMAND, supervisor_main};
pub use user::EmbeddedServer;

use error::IoContext;

/// What a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    Full,
    /// Everything. For the project's tests, which make many databases and keep none.
    Tests,
}

impl Durability {
    fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Tests => "tests",
        }
    }

    fn from_name(name: &OsStr) -> Option<Self> {
        [Self::Full, Self::Tests].into_iter().find(|durability| name == durability.name())
    }
}

/// Which server, and how it is to run.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The data folder (`SCHOOLGATE_DATA_DIR`); made when it is missing.
    pub data_dir: PathBuf,
    /// Holds for a server that is started now; one that runs already stays as it is.
    pub durability: Durability,
    /// The program with the subcommand [`SUPERVISOR_COMMAND`].
    pub supervisor_program: PathBuf,
}

impl ServerSettings {
    /// With this program itself as the supervisor.
    ///
    /// # Errors
    /// When the system does not tell where this program is.
    pub fn new(data_dir: impl Into<PathBuf>, durability: Durability) -> Result<Self, EmbeddedError> {
        let supervisor_program = own_program().doing("find", Path::new("this program"))?;
        Ok(Self { data_dir: data_dir.into(), durability, supervisor_program })
    }
}

/// This program, also when its file was replaced by a newer one while it runs.
fn own_program() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let running_image = Path::new("/proc/self/exe");
    Ok(if program.exists() || !running_image.exists() { program } else { running_image.to_owned() })
}
