//! Reading in a process of its own. Small files can make the crates that open them take all memory and end their
//! process, uncatchably: so the program starts itself once more for each file, under hard limits.
//!
//! The child gets the options as JSON in the first line of its input and the file behind it; it answers with the head,
//! the rows and an end, or with a refusal, as [`wire`] writes them. Neither side ever holds all rows.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{BufWriter, ErrorKind, Read, StdoutLock, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::{
    FileRefusal, Findings, PersonRow, ReadOptions, ReadResult, Table, TableHead, limits, read_streaming,
    wire::{self, ChildMessage},
};
use crate::sources::oneroster;

/// The hidden command by which the program reads a spreadsheet as a child.
pub const COMMAND: &str = "read-spreadsheet";

/// The longest first line that a child takes, in bytes.
const OPTIONS_BYTES: usize = 1024 * 1024;

/// Buffer size on either side of a pipe, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// The capacity of a pipe, in bytes: the most that Linux allows unprivileged processes.
#[cfg(target_os = "linux")]
const PIPE_BYTES: i32 = 1024 * 1024;

/// What the program does under [`COMMAND`]. It must be called before anything else is started, threads above all: the
/// limits apply to the whole process.
pub fn child_main() -> ExitCode {
    match limit().and_then(|()| answer()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Applies the limits, irrevocably.
fn limit() -> std::io::Result<()> {
    // Systems other than Linux lack some of them; there only the wall-clock limit holds.
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
    let out = RefCell::new(Answers::new());
    let last = match serde_json::from_slice::<ReadOptions>(&options) {
        Ok(options) => {
            let mut on_head = |head| out.borrow_mut().say(&ChildMessage::Head(Cow::Owned(head)));
            let mut on_row = |row: &PersonRow| out.borrow_mut().say(&ChildMessage::Row(Cow::Borrowed(row)));
            match read_any(&file, &options, &mut on_head, &mut on_row) {
                Ok(ReadResult::Again(dates)) => {
                    out.borrow_mut().say(&ChildMessage::Again);
                    let options = ReadOptions { dates: Some(dates), ..options };
                    last(read_streaming(&file, &options, &mut |_| {}, &mut on_row))
                }
                ended => last(ended),
            }
        }
        Err(_) => ChildMessage::Refused(FileRefusal::ReaderFailed),
    };
    let mut out = out.into_inner();
    out.say(&last);
    out.finish()
}

/// Reads a spreadsheet, or a OneRoster zip.
fn read_any(
    file: &[u8],
    options: &ReadOptions,
    on_head: &mut dyn FnMut(TableHead),
    on_row: &mut dyn FnMut(&PersonRow),
) -> Result<ReadResult, FileRefusal> {
    let Some(school) = &options.oneroster else { return read_streaming(file, options, on_head, on_row) };
    let outcome = oneroster::read(file, school, options.today)?;
    on_head(TableHead::of_zip());
    let broken = match outcome {
        oneroster::ZipReading::People(people) => {
            people.iter().for_each(on_row);
            Vec::new()
        }
        oneroster::ZipReading::Broken(broken) => broken,
    };
    Ok(ReadResult::Whole(Findings { broken, ..Findings::default() }))
}

/// The last answer of a reading that need not be repeated.
fn last(ended: Result<ReadResult, FileRefusal>) -> ChildMessage<'static> {
    match ended {
        Ok(ReadResult::Whole(findings)) => ChildMessage::End(findings),
        Ok(ReadResult::Again(_)) => ChildMessage::Refused(FileRefusal::ReaderFailed),
        Err(refusal) => ChildMessage::Refused(refusal),
    }
}

/// Writes answers to the child's output.
struct Answers {
    out: BufWriter<StdoutLock<'static>>,
    buffer: Vec<u8>,
    written: std::io::Result<()>,
}

impl Answers {
    fn new() -> Self {
        let out = BufWriter::with_capacity(BUFFER_BYTES, std::io::stdout().lock());
        Self { out, buffer: Vec::new(), written: Ok(()) }
    }

    /// After a failed write, nothing more is written.
    fn say(&mut self, answer: &ChildMessage<'_>) {
        if self.written.is_ok() {
            self.written = wire::write(&mut self.out, answer, &mut self.buffer);
        }
    }

    fn finish(mut self) -> std::io::Result<()> {
        self.written?;
        self.out.flush()
    }
}

fn first_line(input: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut byte = [0u8];
    while input.read(&mut byte)? == 1 && byte != *b"\n" && line.len() < OPTIONS_BYTES {
        line.extend(byte);
    }
    Ok(line)
}

/// The rows of a file that is being read by a child. Dropping it ends the child.
pub struct GuardedRows {
    child: Child,
    out: BufReader<tokio::io::Take<ChildStdout>>,
    /// A partly received answer.
    answer: Vec<u8>,
    begins_anew: bool,
    /// What is known of the table, after its last row.
    pub findings: Findings,
    /// The remaining time for waiting for the child.
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
) -> Result<(TableHead, GuardedRows), FileRefusal> {
    let mut rows = GuardedRows::start(program, file, options)?;
    match rows.next_answer().await? {
        ChildMessage::Head(head) => Ok((head.into_owned(), rows)),
        ChildMessage::Refused(refusal) => Err(refusal),
        ChildMessage::Row(_) | ChildMessage::Again | ChildMessage::End(_) => Err(FileRefusal::ReaderFailed),
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
) -> Result<Table, FileRefusal> {
    let (head, mut rows) = read_guarded(program, file, options).await?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().await? {
        if rows.begins_anew() {
            all.clear();
        }
        all.push(row);
    }
    Ok(Table { head, rows: all, findings: std::mem::take(&mut rows.findings) })
}

impl GuardedRows {
    fn start(
        program: &Path,
        file: impl AsyncRead + Send + Unpin + 'static,
        options: &ReadOptions,
    ) -> Result<Self, FileRefusal> {
        let mut first = serde_json::to_vec(options).map_err(|_| FileRefusal::ReaderFailed)?;
        first.push(b'\n');
        // The child needs nothing of the environment, which holds secrets.
        let mut child = Command::new(program)
            .arg(COMMAND)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| FileRefusal::ReaderFailed)?;
        let (Some(mut input), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(FileRefusal::ReaderFailed);
        };
        widen(&input);
        widen(&out);
        let feeding = tokio::spawn(async move {
            // A child that has read enough closes its end; then its answer counts.
            let mut file = BufReader::with_capacity(BUFFER_BYTES, file.take(limits::FILE_BYTES as u64 + 1));
            if input.write_all(&first).await.is_ok() {
                let _ = tokio::io::copy_buf(&mut file, &mut input).await;
            }
        });
        let out = BufReader::with_capacity(BUFFER_BYTES, out.take(limits::CHILD_OUTPUT));
        Ok(Self {
            child,
            out,
            answer: Vec::new(),
            begins_anew: false,
            findings: Findings::default(),
            time: limits::CHILD_TIME,
            feeding,
        })
    }

    /// The next row; nothing after the last. Where it turns out that dates have to be read differently, the rows come
    /// again from the first: check [`begins_anew`](Self::begins_anew) after each.
    ///
    /// # Errors
    /// Why the rest of the file is not read.
    pub async fn next(&mut self) -> Result<Option<PersonRow>, FileRefusal> {
        loop {
            match self.next_answer().await? {
                ChildMessage::Row(row) => return Ok(Some(row.into_owned())),
                ChildMessage::Again => self.begins_anew = true,
                ChildMessage::End(findings) => {
                    self.findings = findings;
                    // It is about to end: wait, so that it is gone when the caller continues.
                    let _ = tokio::time::timeout(Duration::from_secs(1), self.child.wait()).await;
                    return Ok(None);
                }
                ChildMessage::Refused(refusal) => return Err(refusal),
                ChildMessage::Head(_) => return Err(FileRefusal::ReaderFailed),
            }
        }
    }

    /// Whether the last row is the first of another reading, and those before it are void.
    pub fn begins_anew(&mut self) -> bool {
        std::mem::take(&mut self.begins_anew)
    }

    async fn next_answer(&mut self) -> Result<ChildMessage<'static>, FileRefusal> {
        if let Some((answer, bytes)) = wire::first(self.out.buffer()).map_err(refusal_of_answer)? {
            self.out.consume(bytes);
            return Ok(answer);
        }
        let since = Instant::now();
        let read = tokio::time::timeout(self.time, read_answer(&mut self.out, &mut self.answer)).await;
        self.time = self.time.saturating_sub(since.elapsed());
        match read {
            Err(_) => {
                let _ = self.child.kill().await;
                Err(FileRefusal::Timeout)
            }
            Ok(Err(error)) if error.kind() == ErrorKind::UnexpectedEof => Err(self.refusal_of_end().await),
            Ok(read) => read.and_then(|()| wire::decode(&self.answer)).map_err(refusal_of_answer),
        }
    }

    /// Why the child ended without a final answer.
    async fn refusal_of_end(&mut self) -> FileRefusal {
        if self.out.get_ref().limit() == 0 {
            let _ = self.child.kill().await;
            return FileRefusal::TooLarge;
        }
        match tokio::time::timeout(self.time.max(Duration::from_secs(1)), self.child.wait()).await {
            Ok(Ok(status)) => refusal_of_status(status),
            _ => {
                let _ = self.child.kill().await;
                FileRefusal::Timeout
            }
        }
    }
}

/// Enlarges a pipe's buffer, so that the sides wait less for each other. Failing only makes it slower.
fn widen(pipe: &impl AsFd) {
    #[cfg(target_os = "linux")]
    let _ = nix::fcntl::fcntl(pipe, nix::fcntl::FcntlArg::F_SETPIPE_SZ(PIPE_BYTES));
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

fn refusal_of_status(status: ExitStatus) -> FileRefusal {
    use std::os::unix::process::ExitStatusExt;
    match status.signal().and_then(|signal| Signal::try_from(signal).ok()) {
        // A failed allocation aborts the program; the kernel itself kills it.
        Some(Signal::SIGABRT | Signal::SIGSEGV) => FileRefusal::Memory,
        Some(Signal::SIGXCPU | Signal::SIGKILL) => FileRefusal::Timeout,
        Some(_) => FileRefusal::Broken,
        // A panic means a file that a crate did not expect.
        None if status.code() == Some(101) => FileRefusal::Broken,
        None => FileRefusal::ReaderFailed,
    }
}

fn refusal_of_answer(error: std::io::Error) -> FileRefusal {
    if error.kind() == ErrorKind::FileTooLarge { FileRefusal::TooLarge } else { FileRefusal::ReaderFailed }
}

/// Reads the bytes of an answer into the buffer.
async fn read_answer(input: &mut (impl AsyncRead + Unpin), answer: &mut Vec<u8>) -> std::io::Result<()> {
    let mut length = [0; wire::LENGTH_BYTES];
    input.read_exact(&mut length).await?;
    let length = wire::length_of(length)?;
    answer.clear();
    input.take(length as u64).read_to_end(answer).await?;
    if answer.len() == length { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}
