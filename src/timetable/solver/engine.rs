//! The engine: FET's `fet-cl`, a process of its own under limits of time and memory.
//!
//! Between it and a worker stands this program once more, under [`COMMAND`]: it limits itself, and with it the engine, and
//! ends the engine as soon as nothing is at the other end of its input any more. So a worker that is killed leaves no
//! engine behind.

use std::{
    ffi::OsString,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use nix::{
    sys::{
        resource::{Resource, setrlimit},
        signal::Signal,
    },
    unistd::Pid,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The hidden command by which the program runs the engine as a child.
pub const COMMAND: &str = "run-fet";

/// The most memory of the engine, in bytes.
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;

/// The largest file that it may write, in bytes: that of a large school has less than one million.
const FILE: u64 = 32 * 1024 * 1024;

/// How long it may take to begin and to write, beyond the time in which it searches.
const GRACE: Duration = Duration::from_secs(60);

/// How long after that time it is asked to stop and to write what it has: stuck at its first activities, it does not
/// look at the clock.
const OVERTIME: Duration = Duration::from_secs(10);

/// The file in its folder with what it says, and that in which it lists what it cannot place.
const SAID: &str = "said.txt";
const DIFFICULT: &str = "out/logs/difficult_activities.txt";

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How often the child looks at the engine.
const CHILD_LOOK: Duration = Duration::from_millis(50);

/// Where the engine is, if it is installed.
#[must_use]
pub fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("fet-cl")).find(|file| file.is_file())
}

/// What the program does under [`COMMAND`]: the first argument is the engine, the second how many seconds of computing it
/// has, the rest are the engine's. It must be called before threads are started, as the limits apply to the whole process.
pub fn child_main(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(engine), Some(seconds)) = (args.next(), args.next()) else { return ExitCode::FAILURE };
    let seconds: Option<u64> = seconds.to_str().and_then(|seconds| seconds.parse().ok());
    if seconds.is_none_or(|seconds| limit(seconds).is_err()) {
        return ExitCode::FAILURE;
    }
    // What it says tells why it has made nothing; it is dropped where the file cannot be created.
    let said = std::fs::File::create(SAID).map_or_else(|_| Stdio::null(), Stdio::from);
    // It needs nothing of the environment, which holds secrets; the worker has set what it needs.
    let child = Command::new(engine).args(args).stdin(Stdio::null()).stdout(said).stderr(Stdio::null()).spawn();
    let Ok(child) = child else { return ExitCode::FAILURE };
    match watch(child) {
        Ok(true) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Applies the limits, irrevocably.
fn limit(seconds: u64) -> std::io::Result<()> {
    // Systems other than Linux lack some of them; there only the wall-clock limit holds.
    let is_strict = cfg!(target_os = "linux");
    let limits = [
        (Resource::RLIMIT_CPU, seconds),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_AS, MEMORY),
        (Resource::RLIMIT_FSIZE, FILE),
    ];
    for (resource, limit) in limits {
        match setrlimit(resource, limit, limit) {
            Err(error) if is_strict => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

enum Said {
    Stop,
    Gone,
}

/// Waits for the engine; a byte of the input asks it to stop and write, the input's end kills it.
fn watch(mut child: std::process::Child) -> std::io::Result<bool> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut byte = [0];
        let mut input = std::io::stdin().lock();
        while matches!(input.read(&mut byte), Ok(1)) && tell.send(Said::Stop).is_ok() {}
        let _ = tell.send(Said::Gone);
    });
    loop {
        match told.recv_timeout(CHILD_LOOK) {
            Ok(Said::Stop) => {
                let id = i32::try_from(child.id()).unwrap_or_default();
                // It is not waited for yet, so the number is still its own.
                nix::sys::signal::kill(Pid::from_raw(id), Signal::SIGTERM)?;
            }
            Ok(Said::Gone) | Err(RecvTimeoutError::Disconnected) => {
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
    }
}

/// A run of the engine, in a folder that goes with it.
pub struct Run {
    child: tokio::process::Child,
    /// As long as it is open the engine runs.
    input: Option<tokio::process::ChildStdin>,
    folder: tempfile::TempDir,
    stops_at: tokio::time::Instant,
    ends_at: tokio::time::Instant,
    is_stopped: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this file of what was placed: all, or as much as was possible in the time.
    Answer(String),
    /// Without one.
    Nothing,
}

impl Run {
    /// Starts the engine on a file of its format. The same file and seed give the same timetable.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(
        program: &Path,
        engine: &Path,
        problem: String,
        seconds: u16,
        seed: u32,
    ) -> std::io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let input = folder.path().join("timetable.fet");
        tokio::fs::write(&input, problem).await?;
        let seeds = ["10", "11", "12", "20", "21", "22"];
        let mut child = tokio::process::Command::new(program)
            .arg(COMMAND)
            .arg(engine)
            .arg((u64::from(seconds) + GRACE.as_secs()).to_string())
            .arg(format!("--inputfile={}", input.display()))
            .arg(format!("--outputdir={}", folder.path().join("out").display()))
            .arg(format!("--timelimitseconds={seconds}"))
            .arg("--htmllevel=0")
            .args(WITHOUT.map(|what| format!("--writetimetable{what}=false")))
            .args(seeds.map(|part| format!("--randomseeds{part}={}", seed % 4_294_944_000 + 1)))
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("HOME", folder.path())
            .env("QT_QPA_PLATFORM", "offscreen")
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let input = child.stdin.take();
        let is_over_at = tokio::time::Instant::now() + Duration::from_secs(seconds.into());
        let (stops_at, ends_at) = (is_over_at + OVERTIME, is_over_at + GRACE);
        Ok(Self { child, input, folder, stops_at, ends_at, is_stopped: false })
    }

    /// The folder in which it reads and writes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits a moment; true while it runs. One that does not end in time is asked to stop, and then ended.
    ///
    /// # Errors
    /// When the system does not say whether it has ended.
    pub async fn wait_a_moment(&mut self) -> std::io::Result<bool> {
        let now = tokio::time::Instant::now();
        if now > self.ends_at {
            self.input = None;
        } else if now > self.stops_at && !self.is_stopped {
            self.stop().await;
        }
        match tokio::time::timeout(LOOK, self.child.wait()).await {
            Ok(ended) => ended.map(|_| false),
            Err(_) => Ok(true),
        }
    }

    /// Asks it to stop, and to write the best that it has.
    pub async fn stop(&mut self) {
        self.is_stopped = true;
        if let Some(input) = &mut self.input {
            // It may have ended meanwhile.
            let _ = input.write_all(b"s").await;
            let _ = input.flush().await;
        }
    }

    /// How many activities it had placed at most so far, as it notes now and then.
    pub async fn placed(&self) -> Option<i32> {
        let notes = self.folder.path().join("out/logs/max_placed_activities.txt");
        let notes = tokio::fs::read_to_string(notes).await.ok()?;
        // "At time 0 h 0 m 3 s, FET reached 1388 activities placed"
        notes.lines().rev().find_map(|line| {
            let mut words = line.split_whitespace().skip_while(|word| *word != "reached");
            words.nth(1)?.parse().ok()
        })
    }

    /// What it says of what it cannot place.
    pub async fn complaints(&self) -> String {
        let said = read_bounded(&self.folder.path().join(SAID)).await.unwrap_or_default();
        let difficult = read_bounded(&self.folder.path().join(DIFFICULT)).await.unwrap_or_default();
        // Below the line it lists all activities that it had placed before.
        let difficult = difficult.split("----------").next().unwrap_or_default();
        format!("{said}\n{difficult}")
    }

    /// What it has written, once it has ended.
    pub async fn ended(self) -> Ended {
        let out = self.folder.path().join("out/timetables");
        for folder in ["timetable", "timetable-highest", "timetable-current"] {
            if let Some(answer) = read_bounded(&out.join(folder).join("timetable_activities.xml")).await {
                return Ended::Answer(answer);
            }
        }
        Ended::Nothing
    }
}

/// A file of the engine; none where there is none, or it is larger than any answer.
async fn read_bounded(path: &Path) -> Option<String> {
    let file = tokio::fs::File::open(path).await.ok()?;
    let mut text = String::new();
    let read = file.take(FILE + 1).read_to_string(&mut text).await.ok()?;
    u64::try_from(read).is_ok_and(|read| read <= FILE).then_some(text)
}

/// What it need not write: only the activities are read.
const WITHOUT: [&str; 6] =
    ["conflicts", "sstatistics", "sdayshorizontal", "sdaysvertical", "stimehorizontal", "stimevertical"];
