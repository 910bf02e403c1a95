//! Where the cluster, its socket, its locks and its log are.
//!
//! | name | what |
//! |---|---|
//! | `postgres/` | the cluster |
//! | `postgres.socket/` | the socket, while the server runs |
//! | `postgres.users`, `postgres.keeper` | locks, see the parent module |
//! | `postgres.log` | what the server and its supervisor say |
//!
//! All of that is in one folder, the *home*: the data folder itself where the server's account can reach it, else a
//! folder below `/var/lib/schoolgate`, which the file `postgres.location` in the data folder names. The lock
//! `postgres.start` is always in the data folder, since it is needed before the home is known.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use nix::unistd::Uid;
use sha2::{Digest, Sha256};

use super::{
    account::ServerAccount,
    binaries::Binaries,
    error::{EmbeddedError, IoContext},
    locks::LockFile,
};

/// Homes of data folders that the server's account cannot reach.
const HOMES_ELSEWHERE: &str = "/var/lib/schoolgate";

/// Part of the socket's name; there is no TCP port.
pub(super) const PORT: u16 = 5432;

/// The longest path of a socket, in bytes, that all systems take (macOS; Linux takes 107).
const LONGEST_SOCKET_PATH: usize = 103;

/// The folder with the cluster and what belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Home {
    folder: PathBuf,
    socket_folder: PathBuf,
}

impl Home {
    /// The home of a data folder, decided now if it was not before. The caller holds the start lock.
    pub(super) fn settle(data_dir: &Path) -> Result<Self, EmbeddedError> {
        if let Some(home) = Self::of(data_dir)? {
            return Ok(home);
        }
        if ServerAccount::for_new_cluster()?.reaches(data_dir, &Binaries::newest()?.postgres())? {
            return Ok(Self::at(data_dir.to_owned()));
        }
        let folder = create_elsewhere(data_dir)?;
        let location = location_file(data_dir);
        fs::write(&location, [folder.as_os_str().as_bytes(), b"\n"].concat()).doing("write", &location)?;
        Ok(Self::at(folder))
    }

    /// The home of a data folder, if it has been decided.
    pub(super) fn of(data_dir: &Path) -> Result<Option<Self>, EmbeddedError> {
        let here = Self::at(data_dir.to_owned());
        if here.cluster().exists() {
            return Ok(Some(here));
        }
        let location = location_file(data_dir);
        let home = match fs::read(&location) {
            Ok(bytes) => PathBuf::from(std::ffi::OsString::from_vec(bytes.trim_ascii().to_vec())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).doing("read", &location),
        };
        // An empty database in place of a lost one would look as if all the data were gone.
        match home.canonicalize() {
            Ok(folder) => Ok(Some(Self::at(folder))),
            Err(_) => Err(EmbeddedError::HomeMissing { location, home }),
        }
    }

    fn at(folder: PathBuf) -> Self {
        let beside = folder.join("postgres.socket");
        let socket_folder = if fits(&beside) { beside } else { socket_folder_in_tmp(&folder) };
        Self { folder, socket_folder }
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The cluster.
    pub(super) fn cluster(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// The output of the server and its supervisor.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    /// Held shared by every user of the server, exclusively by the supervisor while it stops the server.
    pub(super) fn users_lock(&self) -> Result<LockFile, EmbeddedError> {
        LockFile::open(self.folder.join("postgres.users"))
    }

    /// Held exclusively by the supervisor as long as it supervises the server.
    pub(super) fn supervisor_lock(&self) -> Result<LockFile, EmbeddedError> {
        LockFile::open(self.folder.join("postgres.keeper"))
    }

    /// The folder that the socket is in.
    pub(super) fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    /// The socket.
    pub(super) fn socket(&self) -> PathBuf {
        socket_in(&self.socket_folder)
    }

    /// Makes the folder for the socket, or checks that it is as we would have made it.
    pub(super) fn prepare_socket_folder(&self, account: ServerAccount) -> Result<(), EmbeddedError> {
        match account.create_private_folder(&self.socket_folder) {
            Err(EmbeddedError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                if account.owns_private_folder(&self.socket_folder) {
                    Ok(())
                } else {
                    Err(EmbeddedError::ForeignSocketFolder(self.socket_folder.clone()))
                }
            }
            outcome => outcome,
        }
    }
}

/// The data folder, made if it is missing, by the one canonical path that all processes use.
pub(super) fn prepare_data_dir(data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
    // Root's must let the server's account pass through to the cluster. Secrets in it have modes of their own.
    let mode = if Uid::effective().is_root() { 0o711 } else { 0o700 };
    if !data_dir.exists() {
        if let Some(parent) = data_dir.parent() {
            fs::create_dir_all(parent).doing("create", parent)?;
        }
        DirBuilder::new().recursive(true).mode(mode).create(data_dir).doing("create", data_dir)?;
    }
    data_dir.canonicalize().doing("open", data_dir)
}

/// Serialises whatever decides or begins something: the home, the cluster, a supervisor.
pub(super) fn start_lock(data_dir: &Path) -> Result<LockFile, EmbeddedError> {
    LockFile::open(data_dir.join("postgres.start"))
}

fn location_file(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres.location")
}

/// A new home below `/var/lib`. An existing one belonged to a removed data folder of the same path: its data is neither
/// deleted nor used again.
fn create_elsewhere(data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
    let parent = Path::new(HOMES_ELSEWHERE);
    DirBuilder::new().recursive(true).mode(0o755).create(parent).doing("create", parent)?;
    let name = short_hash(data_dir);
    for number in 1_u32.. {
        let folder = if number == 1 { parent.join(&name) } else { parent.join(format!("{name}-{number}")) };
        match DirBuilder::new().mode(0o711).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            outcome => return outcome.map(|()| folder.clone()).doing("create", &folder),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists)).doing("create", parent)
}

/// Sixteen hexadecimal digits that stand for a path.
fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}

fn socket_in(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

/// Whether a socket can be in that folder: it must fit into the system's structure, and into a URL.
fn fits(folder: &Path) -> bool {
    folder.to_str().is_some() && socket_in(folder).as_os_str().len() <= LONGEST_SOCKET_PATH
}

/// A short path; the caller checks that no other account made it first.
fn socket_folder_in_tmp(folder: &Path) -> PathBuf {
    PathBuf::from(format!("/tmp/schoolgate-{}", short_hash(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_beside_the_cluster_where_that_is_short_enough() {
        let home = Home::at(PathBuf::from("/srv/Trường học/data"));
        assert_eq!(home.socket(), Path::new("/srv/Trường học/data/postgres.socket/.s.PGSQL.5432"));

        let home = Home::at(PathBuf::from(format!("/srv/{}/data", "Trường học ".repeat(9))));
        assert!(home.socket().starts_with("/tmp"), "{}", home.socket().display());
        assert!(home.socket().as_os_str().len() <= LONGEST_SOCKET_PATH);
    }

    #[test]
    fn an_undecided_home_is_none_and_a_lost_one_is_told() {
        let data_dir = tempfile::tempdir().unwrap();
        assert!(Home::of(data_dir.path()).unwrap().is_none());
        fs::write(location_file(data_dir.path()), "/nowhere/at all\n").unwrap();
        assert!(matches!(Home::of(data_dir.path()), Err(EmbeddedError::HomeMissing { .. })));
    }
}
