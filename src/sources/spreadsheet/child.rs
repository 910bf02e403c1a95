//! Reading in a process of its own. Small files can make the crates that open them take all memory and end their
//! process, past any catch: so the program starts itself once more for each file, under hard limits, and speaks with
//! that child in lines of JSON.
//!
//! The child gets the options in the first line of its input and the file behind it; it answers with the head, the
//! rows and an end, or with a refusal. Neither side ever holds all rows.

use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::{Head, ReadOptions, Refusal, Row, Table, limits, read_streaming};

/// The hidden command by which the program reads a spreadsheet as a child.
pub const COMMAND: &str = "read-spreadsheet";

/// The longest line that is taken from a child, in bytes: 200 cells of 2,000 characters, and what JSON adds.
const LINE_BYTES: usize = 16 * 1024 * 1024;

/// A line that a child says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Head(Head),
    Row(Row),
    End,
    Refused(Refusal),
}

/// What the program does under [`COMMAND`]. It has to be called before anything else is started, threads above all:
/// the limits are those of the whole process.
pub fn child_main() -> ExitCode {
    match limit().and_then(|()| answer()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Takes the limits on, for good.
fn limit() -> std::io::Result<()> {
    // Other systems than Linux do not have them all; there the clock alone keeps watch.
    let is_strict = cfg!(target_os = "linux");
    let limits = [
        (Resource::RLIMIT_CPU, limits::CHILD_CPU_SECONDS),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_AS, limits::CHILD_MEMORY),
    ];
    for (resource, limit) in limits {
        match setrlimit(resource, limit, limit) {
            Err(error) if is_strict => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn answer() -> std::io::Result<()> {
    let mut input = std::io::stdin().lock();
    let options = first_line(&mut input)?;
    let mut file = Vec::new();
    input.take(limits::FILE_BYTES as u64 + 1).read_to_end(&mut file)?;
    let mut out = BufWriter::with_capacity(256 * 1024, std::io::stdout().lock());
    let mut written = Ok(());
    let mut say = |line: Line| {
        if written.is_ok() {
            written = write_line(&mut out, &line);
        }
    };
    let last = match serde_json::from_slice::<ReadOptions>(&options) {
        Ok(options) => {
            let say = std::cell::RefCell::new(&mut say);
            let read = read_streaming(&file, &options, &mut |head| say.borrow_mut()(Line::Head(head)), &mut |row| {
                say.borrow_mut()(Line::Row(row))
            });
            read.map_or_else(Line::Refused, |()| Line::End)
        }
        Err(_) => Line::Refused(Refusal::ReaderFailed),
    };
    say(last);
    written?;
    out.flush()
}

fn first_line(input: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut byte = [0u8];
    while input.read(&mut byte)? == 1 && byte != *b"\n" && line.len() < LINE_BYTES {
        line.extend(byte);
    }
    Ok(line)
}

fn write_line(out: &mut impl Write, line: &Line) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// The rows of a file that is being read by a child. Dropping it ends the child.
pub struct GuardedRows {
    child: Child,
    out: BufReader<tokio::io::Take<ChildStdout>>,
    line: Vec<u8>,
    /// What is left of the time that may be spent waiting for the child.
    time: Duration,
    feeding: tokio::task::JoinHandle<()>,
}

impl Drop for GuardedRows {
    fn drop(&mut self) {
        self.feeding.abort();
    }
}

/// Reads a file in a child process: `program` is this program, and knows [`COMMAND`]. The rows come as they are
/// asked for; the child waits when they are not.
///
/// # Errors
/// Why the file is not read at all.
pub async fn read_guarded(
    program: &Path,
    file: impl AsyncRead + Send + Unpin + 'static,
    options: &ReadOptions,
) -> Result<(Head, GuardedRows), Refusal> {
    let mut rows = GuardedRows::start(program, file, options)?;
    match rows.next_line().await? {
        Line::Head(head) => Ok((head, rows)),
        Line::Refused(refusal) => Err(refusal),
        Line::Row(_) | Line::End => Err(Refusal::ReaderFailed),
    }
}

/// Reads a file in a child process, and keeps all of it: for files known to be small, and for tests.
///
/// # Errors
/// Why the file is not read.
pub async fn read_all_guarded(
    program: &Path,
    file: impl AsyncRead + Send + Unpin + 'static,
    options: &ReadOptions,
) -> Result<Table, Refusal> {
    let (head, mut rows) = read_guarded(program, file, options).await?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().await? {
        all.push(row);
    }
    Ok(Table { head, rows: all })
}

impl GuardedRows {
    fn start(
        program: &Path,
        file: impl AsyncRead + Send + Unpin + 'static,
        options: &ReadOptions,
    ) -> Result<Self, Refusal> {
        let mut first = serde_json::to_vec(options).map_err(|_| Refusal::ReaderFailed)?;
        first.push(b'\n');
        // Of the environment, where secrets are, the child needs nothing.
        let mut child = Command::new(program)
            .arg(COMMAND)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| Refusal::ReaderFailed)?;
        let (Some(mut input), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Refusal::ReaderFailed);
        };
        let feeding = tokio::spawn(async move {
            // A child that has read enough closes its end; what it then says is what counts.
            let mut file = file.take(limits::FILE_BYTES as u64 + 1);
            if input.write_all(&first).await.is_ok() {
                let _ = tokio::io::copy(&mut file, &mut input).await;
            }
        });
        let out = BufReader::with_capacity(64 * 1024, out.take(limits::CHILD_OUTPUT));
        Ok(Self { child, out, line: Vec::new(), time: limits::CHILD_TIME, feeding })
    }

    /// The next row; nothing after the last.
    ///
    /// # Errors
    /// Why the rest of the file is not read.
    pub async fn next(&mut self) -> Result<Option<Row>, Refusal> {
        match self.next_line().await? {
            Line::Row(row) => Ok(Some(row)),
            Line::End => Ok(None),
            Line::Refused(refusal) => Err(refusal),
            Line::Head(_) => Err(Refusal::ReaderFailed),
        }
    }

    async fn next_line(&mut self) -> Result<Line, Refusal> {
        let since = Instant::now();
        let read = tokio::time::timeout(self.time, read_line(&mut self.out, &mut self.line)).await;
        self.time = self.time.saturating_sub(since.elapsed());
        match read {
            Err(_) => {
                let _ = self.child.kill().await;
                Err(Refusal::Timeout)
            }
            Ok(Err(_)) => Err(Refusal::ReaderFailed),
            Ok(Ok(LineRead::TooLong)) => {
                let _ = self.child.kill().await;
                Err(Refusal::TooLarge)
            }
            Ok(Ok(LineRead::Line)) => serde_json::from_slice(&self.line).map_err(|_| Refusal::ReaderFailed),
            Ok(Ok(LineRead::End)) => Err(self.refusal_of_end().await),
        }
    }

    /// Why the child ended without a last word.
    async fn refusal_of_end(&mut self) -> Refusal {
        if self.out.get_ref().limit() == 0 {
            let _ = self.child.kill().await;
            return Refusal::TooLarge;
        }
        match tokio::time::timeout(self.time.max(Duration::from_secs(1)), self.child.wait()).await {
            Ok(Ok(status)) => refusal_of_status(status),
            _ => {
                let _ = self.child.kill().await;
                Refusal::Timeout
            }
        }
    }
}

fn refusal_of_status(status: ExitStatus) -> Refusal {
    use std::os::unix::process::ExitStatusExt;
    match status.signal().and_then(|signal| Signal::try_from(signal).ok()) {
        // An allocation that fails ends a program with an abort; the kernel itself ends it with a kill.
        Some(Signal::SIGABRT | Signal::SIGSEGV) => Refusal::Memory,
        Some(Signal::SIGXCPU | Signal::SIGKILL) => Refusal::Timeout,
        Some(_) => Refusal::Broken,
        // A panic is a file that a crate did not expect.
        None if status.code() == Some(101) => Refusal::Broken,
        None => Refusal::ReaderFailed,
    }
}

enum LineRead {
    Line,
    End,
    TooLong,
}

/// Reads a line without its end into the buffer.
async fn read_line(input: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> std::io::Result<LineRead> {
    line.clear();
    loop {
        let chunk = input.fill_buf().await?;
        if chunk.is_empty() {
            return Ok(LineRead::End);
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(chunk.len());
        line.extend(chunk.get(..taken).unwrap_or_default());
        let used = taken + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(LineRead::Line);
        }
        if line.len() > LINE_BYTES {
            return Ok(LineRead::TooLong);
        }
    }
}
