//! The server's first process: starting it, finding one that runs, watching and stopping it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{
    Durability,
    account::ServerAccount,
    binaries::Binaries,
    error::{EmbeddedError, IoContext},
    home::{Home, PORT},
    locks::open_own_file,
};

/// How long a fast shutdown may take (it writes a checkpoint) before it becomes an immediate one.
const FAST_SHUTDOWN_PATIENCE: Duration = Duration::from_secs(30);

/// How long an immediate shutdown may take.
const IMMEDIATE_SHUTDOWN_PATIENCE: Duration = Duration::from_secs(10);

/// The settings. On the command line, so that they never come from a file that an older version of ours wrote.
const SETTINGS: [&str; 14] = [
    "listen_addresses=",
    "max_connections=200",
    "shared_buffers=128MB",
    // For SSDs, or what is in memory: else small tables are walked for each row that they are joined to.
    "random_page_cost=1.1",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
    "cluster_name=schoolgate",
    "logging_collector=off",
    "log_destination=stderr",
    // Statements and the details of their errors carry personal data; the client sees them, and the log does not.
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "unix_socket_permissions=0700",
];

/// For tests only: a crash of the machine may ruin the cluster. Many databases are used at once.
const TEST_SETTINGS: [&str; 4] = ["max_connections=400", "fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// The contents of `postmaster.pid`: the process in its first line, its state in its eighth.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PidFile {
    pid: i32,
    status: String,
}

impl PidFile {
    fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(cluster.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let pid = text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 1)?;
        Some(Self { pid, status: text.lines().nth(7).unwrap_or_default().trim().to_owned() })
    }
}

/// Whether the server accepts connections. The file alone is not sufficient: it outlives a server that was killed.
pub(super) fn is_ready(home: &Home) -> bool {
    let cluster = home.cluster();
    PidFile::read(&cluster).is_some_and(|file| file.status == "ready")
        && ServerAccount::owning(&cluster).is_ok_and(|account| account.owns_private_folder(home.socket_folder()))
        && UnixStream::connect(home.socket()).is_ok()
}

/// A running server: our child, or one whose supervisor was killed.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    child: Option<Child>,
}

impl Postmaster {
    /// Finds the server that runs on this cluster.
    pub(super) fn find(home: &Home) -> Option<Self> {
        let pid = Pid::from_raw(PidFile::read(&home.cluster())?.pid);
        serves(pid, home).then_some(Self { pid, child: None })
    }

    /// Starts the server, without waiting until it is ready.
    pub(super) fn start(home: &Home, durability: Durability) -> Result<Self, EmbeddedError> {
        let cluster = home.cluster();
        let account = ServerAccount::owning(&cluster)?;
        let program = Binaries::for_cluster(&cluster)?.postgres();
        home.prepare_socket_folder(account)?;
        let log = open_own_file(&home.log())?;
        let mut command = account.command(&program);
        command.arg("-D").arg(&cluster);
        configure(&mut command, home, durability);
        command.stdout(log.try_clone().doing("open", &home.log())?).stderr(log);
        let child = command.spawn().doing("run", &program)?;
        Ok(Self { pid: Pid::from_raw(child.id().cast_signed()), child: Some(child) })
    }

    /// Its process.
    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// Whether it still runs.
    pub(super) fn is_running(&mut self, home: &Home) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => serves(self.pid, home),
        }
    }

    /// Whether it is in a shutdown that waits for connected clients and accepts no new ones.
    pub(super) fn is_stopping(&self, home: &Home) -> bool {
        PidFile::read(&home.cluster()).is_some_and(|file| file.pid == self.pid.as_raw() && file.status == "stopping")
    }

    /// Tells it to stop without waiting for clients: what is not committed is rolled back.
    pub(super) fn ask_to_stop(&self) {
        // It may have ended by itself in this instant.
        kill(self.pid, Signal::SIGINT).ok();
    }

    /// Stops it and waits for its end. `false` if it is still there, which takes a broken machine.
    pub(super) fn stop(mut self, home: &Home) -> bool {
        self.ask_to_stop();
        if self.ends_within(FAST_SHUTDOWN_PATIENCE, home) {
            return true;
        }
        kill(self.pid, Signal::SIGQUIT).ok();
        self.ends_within(IMMEDIATE_SHUTDOWN_PATIENCE, home)
    }

    fn ends_within(&mut self, patience: Duration, home: &Home) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_running(home) {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(Duration::from_millis(10));
        }
        true
    }
}

fn configure(command: &mut Command, home: &Home, durability: Durability) {
    command.arg("-p").arg(PORT.to_string());
    // The folder is in a list separated by commas, so it is quoted as an SQL name.
    let folder = home.socket_folder().to_string_lossy().replace('"', "\"\"");
    command.arg("-c").arg(format!("unix_socket_directories=\"{folder}\""));
    let for_tests: &[&str] = if durability == Durability::Tests { &TEST_SETTINGS } else { &[] };
    for setting in SETTINGS.iter().chain(for_tests) {
        command.arg("-c").arg(setting);
    }
}

/// Whether a process is the server: process numbers are reused, but a server works in its cluster's folder.
#[cfg(target_os = "linux")]
fn serves(pid: Pid, home: &Home) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == home.cluster())
}

/// Whether a process is the server: it is if there is one with that number, and one that listens.
#[cfg(not(target_os = "linux"))]
fn serves(pid: Pid, home: &Home) -> bool {
    kill(pid, None).is_ok() && UnixStream::connect(home.socket()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_is_read_at_every_stage_of_its_life() {
        let starting = "4711\n/data/postgres\n1795000000\n5432\n/run\n\n";
        assert_eq!(PidFile::parse(starting), Some(PidFile { pid: 4711, status: String::new() }));
        let ready = format!("{starting} 1234 5\nready   \n");
        assert_eq!(PidFile::parse(&ready), Some(PidFile { pid: 4711, status: "ready".into() }));
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("-1\n"), None);
    }

    #[test]
    fn a_process_that_got_the_servers_number_is_not_the_server() {
        let data_dir = tempfile::tempdir().unwrap();
        let cluster = data_dir.path().join("postgres");
        fs::create_dir(&cluster).unwrap();
        fs::write(cluster.join("postmaster.pid"), format!("{}\n", std::process::id())).unwrap();
        let home = Home::of(data_dir.path()).unwrap().unwrap();
        assert!(Postmaster::find(&home).is_none());
        assert!(!is_ready(&home));
    }
}
