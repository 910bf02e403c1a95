//! Where PostgreSQL's programs are. Distributions keep the server's out of `PATH`, a folder for each version.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::EmbeddedError;

/// The oldest major version that the program works with.
pub(super) const OLDEST_MAJOR: u32 = 15;

/// Folders that are searched as they are.
const FIXED_FOLDERS: [&str; 5] = [
    "/usr/local/pgsql/bin", // built from source
    "/usr/local/bin",
    "/usr/bin", // Arch, Fedora
    "/opt/homebrew/bin",
    "/opt/local/bin",
];

/// Folders with a subfolder for each version: the parent, the prefix of its name, and what follows it.
const VERSIONED_FOLDERS: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                   // PostgreSQL's own packages for Fedora and RHEL
    ("/usr/libexec", "postgresql", ""),          // Alpine
    ("/usr/lib", "postgresql", "bin"),           // openSUSE
    ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
    ("/opt/local/lib", "postgresql", "bin"),     // MacPorts
];

/// A folder with the programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The newest that is installed.
    pub(super) fn newest() -> Result<Self, EmbeddedError> {
        installed().into_values().next_back().ok_or(EmbeddedError::NotInstalled)
    }

    /// Those that can read an existing cluster.
    pub(super) fn for_cluster(cluster: &Path) -> Result<Self, EmbeddedError> {
        let wanted = cluster_major(cluster)?;
        let mut installed = installed();
        if let Some(binaries) = installed.remove(&wanted) {
            return Ok(binaries);
        }
        let majors: Vec<String> = installed.keys().map(u32::to_string).collect();
        let found = if majors.is_empty() { "none".to_owned() } else { majors.join(", ") };
        Err(EmbeddedError::OtherVersion { cluster: cluster.to_owned(), wanted, found })
    }

    /// The server.
    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// `initdb`.
    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    /// A program that some distributions package, or link, apart from the server: of the same version, beside it or
    /// elsewhere.
    pub(super) fn tool(&self, name: &'static str) -> Result<PathBuf, EmbeddedError> {
        let folders = std::iter::once(self.folder.clone()).chain(candidates());
        let mut programs = folders.map(|folder| folder.join(name));
        programs
            .find(|program| major_version(program) == Some(self.major))
            .ok_or(EmbeddedError::ToolMissing { name, major: self.major })
    }
}

/// The major version that made a cluster, from the cluster itself.
fn cluster_major(cluster: &Path) -> Result<u32, EmbeddedError> {
    use crate::db::embedded::error::IoContext;
    let file = cluster.join("PG_VERSION");
    let text = fs::read_to_string(&file).doing("read", &file)?;
    text.trim().parse().map_err(std::io::Error::other).doing("understand", &file)
}

/// One folder for each supported major version; the first one found of each, so that `PATH` has priority.
fn installed() -> BTreeMap<u32, Binaries> {
    let mut found = BTreeMap::new();
    for folder in candidates() {
        if !folder.join("initdb").is_file() {
            continue;
        }
        if let Some(major) = major_version(&folder.join("postgres")).filter(|major| *major >= OLDEST_MAJOR) {
            found.entry(major).or_insert(Binaries { folder, major });
        }
    }
    found
}

fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A relative entry means another folder for the supervisor, which runs in another directory.
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    folders.extend(FIXED_FOLDERS.iter().map(PathBuf::from));
    for (parent, prefix, below) in VERSIONED_FOLDERS {
        folders.extend(versioned(Path::new(parent), prefix, below));
    }
    folders
}

/// The folders below `parent` that are named `prefix` and a number.
fn versioned(parent: &Path, prefix: &str, below: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            name.to_str().and_then(|name| name.strip_prefix(prefix)).is_some_and(|rest| rest.parse::<u32>().is_ok())
        })
        .map(|entry| entry.path().join(below))
        .collect()
}

fn major_version(program: &Path) -> Option<u32> {
    if !program.is_file() {
        return None;
    }
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

/// Reads `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`, as all programs say it; a beta says `18beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_distributions_print() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("something else 15"), None);
    }

    #[test]
    fn only_numbered_folders_are_versions() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["15", "17", "common", "pgsql-16"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let mut found = versioned(parent.path(), "", "bin");
        found.sort();
        assert_eq!(found, [parent.path().join("15/bin"), parent.path().join("17/bin")]);
        assert_eq!(versioned(parent.path(), "pgsql-", "bin"), [parent.path().join("pgsql-16/bin")]);
    }

    #[test]
    fn a_program_that_is_packed_apart_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        // No machine has this version elsewhere.
        let binaries = Binaries { folder: folder.path().to_owned(), major: 4711 };
        let error = binaries.tool("pg_dump").unwrap_err().to_string();
        assert!(error.contains("pg_dump") && error.contains("postgresql-client-4711"), "{error}");
        let program = folder.path().join("pg_dump");
        for (says, is_it) in [("4710.1", false), ("4711.1", true)] {
            fs::write(&program, format!("#!/bin/sh\necho 'pg_dump (PostgreSQL) {says}'\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
            assert_eq!(binaries.tool("pg_dump").ok(), is_it.then(|| program.clone()));
        }
    }

    #[test]
    fn a_cluster_of_a_version_that_is_not_there_is_told() {
        let cluster = tempfile::tempdir().unwrap();
        fs::write(cluster.path().join("PG_VERSION"), "9\n").unwrap();
        let error = Binaries::for_cluster(cluster.path()).unwrap_err();
        assert!(matches!(error, EmbeddedError::OtherVersion { wanted: 9, .. }), "{error}");
    }
}
