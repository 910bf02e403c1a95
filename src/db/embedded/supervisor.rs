//! The supervisor: a small process that owns the server as long as it has users. It is our own program, started with a
//! hidden subcommand, and writes to the log only.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal};

use super::{
    Durability,
    error::{EmbeddedError, IoContext},
    home::Home,
    locks::open_own_file,
    postmaster::{Postmaster, is_ready},
};

/// The hidden subcommand of the program that is [`supervisor_main`].
pub const SUPERVISOR_COMMAND: &str = "database-keeper";

/// How often the supervisor checks whether the last user is gone and whether the server still runs.
const LOOK: Duration = Duration::from_millis(100);

/// How long a supervisor waits for its lock. A process may hold it for an instant to check it; one that holds it longer is
/// another supervisor.
const SUPERVISOR_LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// How often in a row the server may end before it was ready.
const FAILURES_ALLOWED: u32 = 5;

/// How much later each further attempt is. Transient causes (processes of a killed server that still hold its memory)
/// pass within seconds.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// The size of the log, in bytes, at which it is emptied.
const LOG_LIMIT: u64 = 1024 * 1024;

/// How much of the log's end is quoted in an error, in bytes.
const LOG_TAIL: u64 = 2000;

/// Starts a supervisor, detached from the terminal, so that Ctrl-C reaches its users and not the server they use.
pub(super) fn spawn(
    program: &Path,
    data_dir: &Path,
    durability: Durability,
    home: &Home,
) -> Result<Child, EmbeddedError> {
    empty_long_log(home);
    let path = home.log();
    let log = open_own_file(&path)?;
    Command::new(program)
        .arg(SUPERVISOR_COMMAND)
        .arg(data_dir)
        .arg(durability.name())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone().doing("open", &path)?)
        .stderr(log)
        .process_group(0)
        .spawn()
        .doing("run", program)
}

/// The hidden subcommand, with the arguments after its name. To be called before anything else is set up: it closes all
/// files but the standard ones, and blocks signals for the threads that come after.
pub fn supervisor_main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let outcome = match (args.next(), args.next().and_then(|name| Durability::from_name(&name)), args.next()) {
        (Some(data_dir), Some(durability), None) => keep(&PathBuf::from(data_dir), durability),
        _ => Err(EmbeddedError::SupervisorArguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("supervisor {}: {error}", std::process::id());
            ExitCode::FAILURE
        }
    }
}

fn keep(data_dir: &Path, durability: Durability) -> Result<(), EmbeddedError> {
    outlive_signals();
    close_inherited_files();
    let home = Home::of(data_dir)?.ok_or(EmbeddedError::SupervisorArguments)?;
    let supervisor_lock = home.supervisor_lock()?;
    if !supervisor_lock.exclusive_within(SUPERVISOR_LOCK_PATIENCE)? {
        return Ok(());
    }
    let users = home.users_lock()?;
    let mut supervised = Supervised::new(&home, durability);
    while !users.try_exclusive()? {
        supervised.look_after()?;
        empty_long_log(&home);
        sleep(LOOK);
    }
    supervised.stop();
    // In this order: the next process to get the users' lock must not take us for a supervisor that stays.
    supervisor_lock.release()?;
    users.release()
}

/// The supervisor's life is bound to that of the users, who are signalled at the same time when a terminal closes or a
/// system goes down. Ending before them would leave the server without a supervisor.
fn outlive_signals() {
    let signals = SigSet::from_iter([Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM]);
    if let Err(error) = signals.thread_block() {
        eprintln!("supervisor {}: blocking signals: {error}", std::process::id());
    }
}

/// Closes file descriptors inherited from the starter's parent, such as the end of a pipe: its reader would wait for
/// us. Nothing else is open yet.
fn close_inherited_files() {
    let Ok(open) = std::fs::read_dir("/dev/fd") else {
        return;
    };
    let numbers: Vec<i32> = open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for number in numbers.into_iter().filter(|number| *number > 2) {
        // The folder that we have just read was among them and is closed already.
        nix::unistd::close(number).ok();
    }
}

/// The server that a supervisor supervises.
struct Supervised<'a> {
    home: &'a Home,
    durability: Durability,
    postmaster: Option<Postmaster>,
    failures: u32,
    next_attempt: Instant,
}

impl<'a> Supervised<'a> {
    fn new(home: &'a Home, durability: Durability) -> Self {
        Self { home, durability, postmaster: None, failures: 0, next_attempt: Instant::now() }
    }

    /// Ensures that there is a server; to be called again and again.
    fn look_after(&mut self) -> Result<(), EmbeddedError> {
        let Some(postmaster) = &mut self.postmaster else {
            return self.begin();
        };
        if !postmaster.is_running(self.home) {
            return self.note_end();
        }
        if postmaster.is_stopping(self.home) {
            // It would accept no new users; as there are users, a server that does is needed.
            postmaster.ask_to_stop();
        } else if self.failures > 0 && is_ready(self.home) {
            self.failures = 0;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), EmbeddedError> {
        if Instant::now() >= self.next_attempt {
            self.postmaster = Some(self.adopt_or_start()?);
        }
        Ok(())
    }

    fn adopt_or_start(&self) -> Result<Postmaster, EmbeddedError> {
        if let Some(found) = Postmaster::find(self.home) {
            eprintln!("supervisor {}: takes over server {}", std::process::id(), found.pid());
            return Ok(found);
        }
        Postmaster::start(self.home, self.durability)
    }

    fn note_end(&mut self) -> Result<(), EmbeddedError> {
        self.postmaster = None;
        self.failures += 1;
        if self.failures > FAILURES_ALLOWED {
            return Err(not_started(self.home));
        }
        eprintln!("supervisor {}: the server ended, starting it again", std::process::id());
        self.next_attempt = Instant::now() + RETRY_DELAY * (self.failures - 1);
        Ok(())
    }

    /// Stops the server, also one that no supervisor has taken over yet.
    fn stop(&mut self) {
        let Some(postmaster) = self.postmaster.take().or_else(|| Postmaster::find(self.home)) else {
            return;
        };
        if postmaster.stop(self.home) {
            // Empty by now: the server removes its socket.
            std::fs::remove_dir(self.home.socket_folder()).ok();
        } else {
            eprintln!("supervisor {}: the server does not stop", std::process::id());
        }
    }
}

/// The server or its supervisor ended; the log has the cause.
pub(super) fn not_started(home: &Home) -> EmbeddedError {
    let log = home.log();
    let tail = tail(&log).unwrap_or_default();
    EmbeddedError::NotStarted { log, tail }
}

fn tail(log: &Path) -> std::io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// All processes append to the end of the log, wherever that is, so it can be truncated while they write.
fn empty_long_log(home: &Home) {
    let path = home.log();
    if path.metadata().is_ok_and(|log| log.len() > LOG_LIMIT) {
        open_own_file(&path).map(|log| log.set_len(0).ok()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_log_is_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        std::fs::write(&log, format!("{}\nthe end\n", "x".repeat(5000))).unwrap();
        let tail = tail(&log).unwrap();
        assert!(tail.ends_with("the end") && tail.len() < 2001, "{}", tail.len());
    }

    #[test]
    fn a_supervisor_refuses_what_it_was_not_called_with() {
        let refused = format!("{:?}", ExitCode::FAILURE);
        assert_eq!(format!("{:?}", supervisor_main([])), refused);
        assert_eq!(format!("{:?}", supervisor_main(["/".into(), "half".into()])), refused);
    }
}
