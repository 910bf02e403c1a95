//! Locks between processes. They are `flock`s: they belong to an open file, and the kernel releases them when the
//! process ends, however it ends. The files are opened close-on-exec, so no child keeps a lock of its parent's.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::unistd::Uid;

use super::error::{EmbeddedError, IoContext};

/// A file that exists to be locked.
#[derive(Debug)]
pub(super) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Opens it, and makes it where it is missing.
    pub(super) fn open(path: PathBuf) -> Result<Self, EmbeddedError> {
        Ok(Self { file: open_own_file(&path)?, path })
    }

    /// Waits for the exclusive lock.
    pub(super) fn exclusive(&self) -> Result<(), EmbeddedError> {
        uninterrupted(|| self.file.lock()).doing("lock", &self.path)
    }

    /// Waits for the shared lock.
    pub(super) fn shared(&self) -> Result<(), EmbeddedError> {
        uninterrupted(|| self.file.lock_shared()).doing("lock", &self.path)
    }

    /// Takes the exclusive lock, if that can be done at once.
    pub(super) fn try_exclusive(&self) -> Result<bool, EmbeddedError> {
        self.outcome(self.file.try_lock())
    }

    /// Takes the shared lock, if that can be done at once.
    pub(super) fn try_shared(&self) -> Result<bool, EmbeddedError> {
        self.outcome(self.file.try_lock_shared())
    }

    /// Takes the exclusive lock, within a time.
    pub(super) fn exclusive_within(&self, patience: Duration) -> Result<bool, EmbeddedError> {
        let deadline = Instant::now() + patience;
        loop {
            if self.try_exclusive()? {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Whether another process holds the exclusive lock. Checking takes the shared lock for an instant.
    pub(super) fn is_held_exclusively(&self) -> Result<bool, EmbeddedError> {
        let free = self.try_shared()?;
        if free {
            self.release()?;
        }
        Ok(!free)
    }

    /// Releases the lock. Dropping the file does so as well, but not while a child that was just forked still shares
    /// it.
    pub(super) fn release(&self) -> Result<(), EmbeddedError> {
        self.file.unlock().doing("unlock", &self.path)
    }

    fn outcome(&self, tried: Result<(), TryLockError>) -> Result<bool, EmbeddedError> {
        match tried {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error).doing("lock", &self.path),
        }
    }
}

/// Opens a file of ours for appending, and makes it where it is missing. A file that root makes in another account's
/// data folder is given to that account, so that it can go on without root; a link put there to mislead root is not
/// followed.
pub(super) fn open_own_file(path: &Path) -> Result<File, EmbeddedError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits());
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            give_to_owner_of_folder(&file, path)?;
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path).doing("open", path),
        Err(error) => Err(error).doing("create", path),
    }
}

fn give_to_owner_of_folder(file: &File, path: &Path) -> Result<(), EmbeddedError> {
    let Some(folder) = path.parent().filter(|_| Uid::effective().is_root()) else {
        return Ok(());
    };
    let owner = folder.metadata().doing("open", folder)?;
    fchown(file, Some(owner.uid()), Some(owner.gid())).doing("give away", path)
}

fn uninterrupted(mut lock: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        match lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharing_excludes_only_the_exclusive_lock() {
        let folder = tempfile::tempdir().unwrap();
        let open = || LockFile::open(folder.path().join("lock")).unwrap();
        let (one, two, three) = (open(), open(), open());
        one.shared().unwrap();
        assert!(two.try_shared().unwrap());
        assert!(!three.try_exclusive().unwrap());
        one.release().unwrap();
        drop(two);
        assert!(!one.is_held_exclusively().unwrap());
        assert!(three.try_exclusive().unwrap());
        assert!(one.is_held_exclusively().unwrap());
    }
}
