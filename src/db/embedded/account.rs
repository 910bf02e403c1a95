//! The account that the server's processes run as. PostgreSQL refuses to run as root.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use super::error::{EmbeddedError, IoContext};

/// The accounts that may run the server for root, in order of preference.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The account that owns a cluster and runs its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServerAccount {
    uid: u32,
    gid: u32,
    /// Whether it differs from our own account, which only root can arrange.
    other: bool,
}

impl ServerAccount {
    /// The one for a new cluster: ourselves, or an unprivileged one when we are root.
    pub(super) fn for_new_cluster() -> Result<Self, EmbeddedError> {
        if !Uid::effective().is_root() {
            return Ok(Self::ourselves());
        }
        UNPRIVILEGED
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self { uid: user.uid.as_raw(), gid: user.gid.as_raw(), other: true })
            .ok_or(EmbeddedError::NoAccount)
    }

    /// The one that owns an existing cluster, which is the only one that can run its server.
    pub(super) fn owning(cluster: &Path) -> Result<Self, EmbeddedError> {
        let metadata = fs::metadata(cluster).doing("open", cluster)?;
        let (uid, gid) = (metadata.uid(), metadata.gid());
        let ourselves = Self::ourselves();
        if uid != 0 && Uid::effective().is_root() {
            Ok(Self { uid, gid, other: true })
        } else if uid == ourselves.uid && uid != 0 {
            Ok(ourselves)
        } else {
            Err(EmbeddedError::ForeignCluster { cluster: cluster.to_owned(), owner: uid })
        }
    }

    fn ourselves() -> Self {
        Self { uid: Uid::effective().as_raw(), gid: nix::unistd::Gid::effective().as_raw(), other: false }
    }

    /// One of PostgreSQL's programs, to be run as this account and with a clean environment (`PGDATA`, `PGPORT`,
    /// `PGOPTIONS` and the language would change what it does).
    pub(super) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").env_remove("TZ").current_dir("/").stdin(Stdio::null());
        if self.other {
            // The standard library drops all supplementary groups, too, when it changes the account.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this account can get to a folder. Tested by starting a process of that account there, and not by the
    /// mode bits of the folders above, which know nothing of access lists and mounts.
    pub(super) fn reaches(self, folder: &Path, any_program: &Path) -> Result<bool, EmbeddedError> {
        let went = |to: &Path| {
            self.command(any_program)
                .arg("--version")
                .current_dir(to)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
        };
        went(Path::new("/")).doing("run", any_program)?;
        match went(folder) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(error).doing("enter", folder),
        }
    }

    /// Makes a folder that only this account can open; it must not be there yet.
    pub(super) fn create_private_folder(self, folder: &Path) -> Result<(), EmbeddedError> {
        DirBuilder::new().mode(0o700).create(folder).doing("create", folder)?;
        if self.other {
            chown(folder, Some(self.uid), Some(self.gid)).doing("give away", folder)?;
        }
        Ok(())
    }

    /// Whether there is a folder, and not a link to one, that only this account can open.
    pub(super) fn owns_private_folder(self, folder: &Path) -> bool {
        fs::symlink_metadata(folder)
            .is_ok_and(|found| found.is_dir() && found.uid() == self.uid && found.mode() & 0o077 == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_private_folder_is_neither_open_nor_a_link() {
        let parent = tempfile::tempdir().unwrap();
        let account = ServerAccount::for_new_cluster().unwrap();
        let folder = parent.path().join("private");
        account.create_private_folder(&folder).unwrap();
        assert!(account.owns_private_folder(&folder));

        let link = parent.path().join("link");
        symlink(&folder, &link).unwrap();
        assert!(!account.owns_private_folder(&link));

        let open = parent.path().join("open");
        DirBuilder::new().mode(0o755).create(&open).unwrap();
        assert!(!account.owns_private_folder(&open));
        assert!(!account.owns_private_folder(&parent.path().join("missing")));
    }
}
