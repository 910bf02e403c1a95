//! Errors of the embedded server. These sentences are for the command line only: they occur before there is a page, and
//! the administrator of the machine reads them.

use std::io;
use std::path::{Path, PathBuf};

use super::binaries::OLDEST_MAJOR;

/// Why the embedded server is unavailable.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// There are no binaries of a supported version.
    #[error(
        "PostgreSQL {OLDEST_MAJOR} or newer is not installed on this machine. Install its server \
         (Debian and Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; \
         Arch: pacman -S postgresql; Alpine: apk add postgresql icu-data-full; macOS: brew install postgresql@17), \
         or set DATABASE_URL to a server of yours"
    )]
    NotInstalled,
    /// Data is read only by the major version that wrote it.
    #[error(
        "the database in {} was made by PostgreSQL {wanted}, but only version {found} is installed. \
         Install PostgreSQL {wanted} beside it (Debian and Ubuntu: apt-get install postgresql-{wanted})",
        cluster.display()
    )]
    OtherVersion {
        /// The cluster's folder.
        cluster: PathBuf,
        /// The major version that it needs.
        wanted: u32,
        /// The major versions that are there, separated by commas; "none" without any.
        found: String,
    },
    /// The server is there without the programs that back it up.
    #[error(
        "{name} of PostgreSQL {major} is not installed on this machine. Install its client programs \
         (Debian and Ubuntu: apt-get install postgresql-client-{major}; Fedora: dnf install postgresql; \
         Alpine: apk add postgresql{major}-client)"
    )]
    ToolMissing {
        /// The program.
        name: &'static str,
        /// The version that it must have.
        major: u32,
    },
    /// The file is something else.
    #[error("{} is no backup: `schoolgate backup FILE` makes one", .0.display())]
    NoBackup(PathBuf),
    /// The file is a backup of another program's database.
    #[error("{} is a backup of another database, not of Schoolgate's", .0.display())]
    ForeignBackup(PathBuf),
    /// PostgreSQL refuses to run as root, and there is no account to run it for us.
    #[error("PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody` to run it as")]
    NoAccount,
    /// The cluster is another account's, so neither we nor PostgreSQL may use it.
    #[error("the database in {} belongs to the account with the id {owner}: start as that account, or as root", cluster.display())]
    ForeignCluster {
        /// The cluster's folder.
        cluster: PathBuf,
        /// The id of the account that owns it.
        owner: u32,
    },
    /// The folder for the socket exists and is accessible to others.
    #[error("{} must be a folder that only the account of the database can open; remove it", .0.display())]
    ForeignSocketFolder(PathBuf),
    /// The data folder names another place for its database, and nothing is there.
    #[error(
        "{} says that the database is in {}, which is not there. Bring it back, or remove that file to start with an empty one",
        location.display(), home.display()
    )]
    HomeMissing {
        /// The file in the data folder.
        location: PathBuf,
        /// The folder that it names.
        home: PathBuf,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{} failed: {output}", program.display())]
    ProgramFailed {
        /// The program.
        program: PathBuf,
        /// Its output.
        output: String,
    },
    /// The server or its supervisor ended instead of serving.
    #[error("the embedded PostgreSQL does not start; the end of {}:\n{tail}", log.display())]
    NotStarted {
        /// The log of the server and its supervisor.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The server is still not there after the time allowed, which is long enough for a recovery.
    #[error("the embedded PostgreSQL is not ready after {seconds} seconds; see {}", log.display())]
    NotReady {
        /// How long we waited.
        seconds: u64,
        /// The log of the server and its supervisor.
        log: PathBuf,
    },
    /// The supervisor was called with other arguments than we pass.
    #[error("the supervisor of the embedded database is started by the program itself, not by hand")]
    SupervisorArguments,
    /// The name would have to be quoted to be safe; our names need no quoting.
    #[error("{0:?} is no name for a database: lower-case letters, digits and _, at most 63")]
    DatabaseName(String),
    /// Names are sorted by a collation that this build of PostgreSQL lacks.
    #[error("this PostgreSQL was built without ICU (the collation vi-x-icu is missing); install one that has it")]
    NoIcu,
    /// A file or a process.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was attempted: a verb.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A statement while setting up roles and databases.
    #[error("setting up the embedded database: {0}")]
    Sql(#[from] sqlx::Error),
}

/// Says what was being done to which path when the system refused.
pub(super) trait IoContext<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, EmbeddedError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, EmbeddedError> {
        self.map_err(|source| EmbeddedError::Io { doing, path: path.to_owned(), source })
    }
}
