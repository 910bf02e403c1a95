//! Processes that use an embedded server, and what they leave behind.
//!
//! A user of the server is this test program itself, started again with nothing but the ignored test `a_user`.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use schoolgate::db::embedded::{Durability, EmbeddedServer, ServerRole, ServerSettings};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tempfile::TempDir;

use crate::support::database::{PROGRAM, base, data_dir};

const DATA_DIR: &str = "EMBEDDED_TEST_DATA_DIR";
const SUPERVISOR: &str = "EMBEDDED_TEST_SUPERVISOR";

/// What a process does that uses the server: it says the address, and leaves when its input ends.
#[test]
#[ignore = "run by the other tests, as a process of its own"]
fn a_user() {
    let Some(data_dir) = std::env::var_os(DATA_DIR) else {
        return;
    };
    let supervisor_program = PathBuf::from(std::env::var_os(SUPERVISOR).unwrap());
    let settings = ServerSettings { data_dir: data_dir.into(), durability: Durability::Full, supervisor_program };
    let server = EmbeddedServer::start(&settings).unwrap();
    println!("\nurl {}", server.url(ServerRole::Admin, "postgres"));
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    server.leave();
}

/// A data folder, and whatever runs on it.
pub(crate) struct Data {
    pub(crate) folder: TempDir,
    pub(crate) dir: PathBuf,
}

/// A cluster that was made once and that nobody runs: copying it takes a tenth of the time.
fn cluster() -> &'static Path {
    static CLUSTER: OnceLock<PathBuf> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let cluster = data_dir().join("cluster");
        if !cluster.exists() {
            let data = Data::below("data");
            data.start().leave();
            // Another test program may have been quicker.
            let half_made = cluster.with_extension(std::process::id().to_string());
            copy(&data.dir.join("postgres"), &half_made);
            if fs::rename(&half_made, &cluster).is_err() {
                fs::remove_dir_all(&half_made).unwrap();
            }
        }
        cluster
    })
}

/// With all that it is: its owner and its modes.
fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

impl Data {
    /// With a cluster in it.
    pub(crate) fn new() -> Self {
        let data = Self::empty();
        data.fill();
        data
    }

    /// Puts a cluster in.
    pub(crate) fn fill(&self) {
        fs::DirBuilder::new().mode(0o711).create(&self.dir).unwrap();
        copy(cluster(), &self.dir.join("postgres"));
    }

    /// With nothing in it.
    pub(crate) fn empty() -> Self {
        Self::below("data")
    }

    pub(crate) fn below(path: impl AsRef<Path>) -> Self {
        let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir_in(base()).unwrap();
        let dir = folder.path().join(path);
        Self { folder, dir }
    }

    pub(crate) fn settings(&self) -> ServerSettings {
        ServerSettings { data_dir: self.dir.clone(), durability: Durability::Tests, supervisor_program: PROGRAM.into() }
    }

    pub(crate) fn start(&self) -> EmbeddedServer {
        EmbeddedServer::start(&self.settings()).unwrap()
    }

    pub(crate) fn home(&self) -> PathBuf {
        match fs::read_to_string(self.dir.join("postgres.location")) {
            Ok(home) => home.trim().into(),
            Err(_) => self.dir.clone(),
        }
    }

    pub(crate) fn supervisors(&self) -> Vec<Pid> {
        processes(|process| {
            let line = process.command_line();
            line.contains("database-keeper") && line.contains(&*self.dir.to_string_lossy())
        })
    }

    /// All processes of the server.
    pub(crate) fn servers(&self) -> Vec<Pid> {
        let cluster = self.home().join("postgres");
        processes(|process| fs::read_link(process.0.join("cwd")).is_ok_and(|folder| folder == cluster))
    }

    pub(crate) fn postmaster(&self) -> Pid {
        let text = fs::read_to_string(self.home().join("postgres/postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
    }

    /// Kills the supervisor, and returns when it is dead and not only sentenced.
    #[track_caller]
    pub(crate) fn kill_supervisor(&self) {
        within(5, "there is a supervisor", || self.supervisors().len() == 1);
        let supervisor = self.supervisors()[0];
        kill(supervisor, Signal::SIGKILL).unwrap();
        within(5, "it is dead", || !self.supervisors().contains(&supervisor));
    }

    pub(crate) fn nothing_runs(&self) -> bool {
        self.supervisors().is_empty() && self.servers().is_empty()
    }

    /// Nobody waits for a supervisor's last instant, after it has given back its locks.
    #[track_caller]
    pub(crate) fn assert_nothing_left(&self) {
        within(1, "nothing runs", || self.nothing_runs());
        let home = self.home();
        assert!(!home.join("postgres/postmaster.pid").exists());
        assert!(!home.join("postgres.socket").exists());
        let half_made = fs::read_dir(&home)
            .unwrap()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("postgres.new"));
        assert!(!half_made);
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        for pid in self.supervisors().into_iter().chain(self.servers()) {
            kill(pid, Signal::SIGKILL).ok();
        }
        let home = self.home();
        if !home.starts_with(self.folder.path()) {
            fs::remove_dir_all(home).ok();
        }
    }
}

struct Process(PathBuf);

impl Process {
    fn command_line(&self) -> String {
        let bytes = fs::read(self.0.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    }

    fn is_zombie(&self) -> bool {
        fs::read_to_string(self.0.join("stat")).is_ok_and(|stat| stat.contains(") Z "))
    }
}

fn processes(wanted: impl Fn(&Process) -> bool) -> Vec<Pid> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, Process(entry.path()))))
        .filter(|(_, process)| wanted(process) && !process.is_zombie())
        .map(|(pid, _)| Pid::from_raw(pid))
        .collect()
}

/// A process that uses the server.
pub(crate) struct User {
    child: Child,
    /// Kept open, or what it still prints would fail.
    _output: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl User {
    pub(crate) fn arrive(data: &Data) -> Self {
        Self::wait_for_url(Self::spawn(data))
    }

    pub(crate) fn spawn(data: &Data) -> Child {
        let program = std::env::current_exe().unwrap();
        Self::spawn_as(&mut Command::new(program), data, Path::new(PROGRAM))
    }

    pub(crate) fn spawn_as(command: &mut Command, data: &Data, supervisor: &Path) -> Child {
        let name = module_path!().split_once("::").map_or("a_user".into(), |(_, path)| format!("{path}::a_user"));
        command
            .args(["--ignored", "--nocapture", "--exact", &name])
            .env(DATA_DIR, &data.dir)
            .env(SUPERVISOR, supervisor)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn wait_for_url(mut child: Child) -> Self {
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let url =
            output.by_ref().lines().map_while(Result::ok).find_map(|line| line.strip_prefix("url ").map(str::to_owned));
        Self { child, _output: output, url: url.expect("the user did not get to the server") }
    }

    pub(crate) fn leave(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn ask(&self, sql: &str) -> String {
        ask(&self.url, sql).unwrap()
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The first value that a statement gives, as text; empty without one.
pub(crate) async fn value(connection: &mut PgConnection, sql: &str) -> Result<String, sqlx::Error> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await?;
    Ok(rows.first().map(|row| row.try_get_unchecked::<String, _>(0).unwrap()).unwrap_or_default())
}

pub(crate) fn ask(url: &str, sql: &str) -> Result<String, sqlx::Error> {
    block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        let value = value(&mut connection, sql).await?;
        connection.close().await?;
        Ok(value)
    })
}

#[track_caller]
pub(crate) fn within(seconds: u64, what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !holds() {
        assert!(Instant::now() < deadline, "not within {seconds} s: {what}");
        sleep(Duration::from_millis(20));
    }
}
