//! The key of an installation without a configured one: made once, kept in the data folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::{KeyRing, KeyRingError};
use crate::clock::Randomness;

/// Readable by the account that the program runs as, and by no other.
const MODE: u32 = 0o600;

/// Why there is no key from the file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the key file holds no key: {0}")]
    Content(#[from] KeyRingError),
}

impl KeyRing {
    /// Reads the keys from the file at `path`, or makes one and keeps it there, readable by its owner only.
    /// Several processes may do this at the same instant, and be killed in the middle of it: all get the same whole
    /// key, and an existing file is never overwritten. Its folder must exist.
    ///
    /// # Errors
    /// When the file can be neither read nor made, or holds something else.
    pub fn load_or_create(path: &Path, random: &Randomness) -> Result<Self, KeyFileError> {
        match Self::load(path) {
            Err(KeyFileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                create(path, &Self::generate(random), random)?;
                // Not what was just generated: another process may have been first.
                Self::load(path)
            }
            loaded => loaded,
        }
    }

    fn load(path: &Path) -> Result<Self, KeyFileError> {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "the key file is open to other accounts of this machine");
        }
        Ok(Self::parse(text.trim())?)
    }
}

/// Writes the key beside `path` and then links it into place: unlike renaming, that fails where a file exists, so the
/// second process finds the first one's key instead of replacing it.
fn create(path: &Path, ring: &KeyRing, random: &Randomness) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", hex::encode(random.bytes::<8>())));
    let linked = write_new(&draft, &ring.first.to_base64()).and_then(|()| fs::hard_link(&draft, path));
    // A draft that stays behind has the same mode as the file itself, and nothing reads it.
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        // What was sealed with the key may reach the disk at any time from now on; so must its name.
        Ok(()) => sync_folder(path),
    }
}

fn write_new(path: &Path, key: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)?;
    file.write_all(key.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let random = Randomness::seeded(1);
        let made = KeyRing::load_or_create(&path, &random).unwrap();
        let found = KeyRing::load_or_create(&path, &random).unwrap();
        assert_eq!(made.sealing_key_id(), found.sealing_key_id());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn all_who_come_at_once_get_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let ids: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|seed| (&path, seed))
                .map(|(path, seed)| {
                    scope.spawn(move || {
                        let ring = KeyRing::load_or_create(path, &Randomness::seeded(seed)).unwrap();
                        ring.sealing_key_id().to_owned()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_with_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        fs::write(&path, "not a key").unwrap();
        let refused = KeyRing::load_or_create(&path, &Randomness::seeded(1));
        assert!(matches!(refused, Err(KeyFileError::Content(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let refused = KeyRing::load_or_create(&folder.path().join("none/secret.key"), &Randomness::seeded(1));
        assert!(matches!(refused, Err(KeyFileError::Io(_))));
    }
}
