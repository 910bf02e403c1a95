//! The database server that all tests share, and a database for each of them.
//!
//! The server is the embedded one, in a folder that outlives the run: the next run finds the cluster and the migrated
//! template and begins at once. What is in it may be removed whenever no test runs.

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::{
    sys::statvfs::statvfs,
    unistd::{Pid, Uid},
};
use schoolgate::db::{
    embedded::{Durability, EmbeddedServer, ServerRole, ServerSettings},
    provision,
};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The program itself: what the database server's supervisor and the reader of spreadsheets are started from.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_schoolgate");

/// The process that holds it makes the template.
const TEMPLATE_LOCK: i64 = 0x5C_0016_7E57;

/// A database like a new one, migrated, that nobody else uses. Gone when it is dropped.
pub struct TestDatabase {
    pub name: String,
}

impl TestDatabase {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let database = Self { name: name.clone() };
        elsewhere(async move { server().create_database(&name, Some(template())).await.unwrap() });
        database
    }

    pub fn options(&self, role: ServerRole) -> PgConnectOptions {
        server().connect_options(role, &self.name)
    }

    /// As `DATABASE_URL` has it.
    pub fn url(&self, role: ServerRole) -> String {
        server().url(role, &self.name)
    }

    /// The program itself over this database, in a folder and with no other settings.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", self.url(ServerRole::App))
            .env("DATABASE_MIGRATION_URL", self.url(ServerRole::Owner))
            .env("SCHOOLGATE_SECRET_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
            .current_dir(folder);
        command
    }

    pub async fn connect(&self, role: ServerRole) -> PgConnection {
        PgConnection::connect_with(&self.options(role)).await.unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        elsewhere(async move {
            disconnect(&name).await;
            server().drop_database(&name).await.unwrap();
        });
    }
}

/// Ends the sessions in a database. Dropping it does so as well, and looks for the first time after a tenth of a second
/// whether they have ended.
async fn disconnect(database: &str) {
    let mut admin = PgConnection::connect_with(&server().connect_options(ServerRole::Admin, "postgres")).await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    for _ in 0..100 {
        let ended: i64 = sqlx::query_scalar(end).bind(database).fetch_one(&mut admin).await.unwrap();
        if ended == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    admin.close().await.unwrap();
}

/// Runs something to its end on a thread of its own, whatever runtime the caller is in.
pub fn elsewhere<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
    match std::thread::spawn(run).join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The server of this run; it ends by itself when the last test program that uses it has ended.
pub fn server() -> &'static EmbeddedServer {
    static SERVER: OnceLock<EmbeddedServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let settings =
            ServerSettings { data_dir: data_dir(), durability: Durability::Tests, supervisor_program: PROGRAM.into() };
        EmbeddedServer::start(&settings).unwrap()
    })
}

/// A file system in memory, and the bytes that must be free there: what a run needs, and as much again.
const IN_MEMORY: &str = "/dev/shm";
const ROOM: u64 = 4 << 30;

/// In memory where there is room. A database consists of some 1,500 files: of these, a disk's file system takes a second
/// for each test.
pub fn base() -> PathBuf {
    let has_room = statvfs(IN_MEMORY).is_ok_and(|shm| shm.blocks_available() * shm.fragment_size() >= ROOM);
    if has_room { PathBuf::from(IN_MEMORY) } else { std::env::temp_dir() }
}

/// One for each account and target folder.
pub fn data_dir() -> PathBuf {
    let place = Sha256::digest(env!("CARGO_TARGET_TMPDIR"));
    let folder = format!("schoolgate-tests-{}-{}", Uid::effective(), hex::encode(&place[..4]));
    let folder = base().join(folder);
    // The server's account, which root's server has, must be able to pass through.
    let _ = DirBuilder::new().mode(0o711).create(&folder);
    let owner = std::fs::symlink_metadata(&folder).unwrap();
    assert!(owner.is_dir() && owner.uid() == Uid::effective().as_raw(), "{} is not ours", folder.display());
    folder
}

/// The migrated database that the others are copied from; made once for each state of the migrations.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let mut hash = Sha256::new();
        for migration in provision::MIGRATIONS.iter() {
            hash.update(&*migration.checksum);
        }
        // The job queue's tables come from a crate, and our rights to them from this file.
        hash.update(include_str!("../../../src/jobs/jobs.sql"));
        hash.update(include_str!("../../../Cargo.lock"));
        let name = format!("template_{}", hex::encode(&hash.finalize()[..6]));
        let made = name.clone();
        elsewhere(async move { make_template(&made).await });
        name
    })
}

async fn make_template(name: &str) {
    let mut admin = PgConnection::connect_with(&server().connect_options(ServerRole::Admin, "postgres")).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut admin).await.unwrap();
    let databases: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database").fetch_all(&mut admin).await.unwrap();
    for database in databases.iter().filter(|database| is_left_behind(database)) {
        server().drop_database(database).await.unwrap();
    }
    if !databases.iter().any(|database| database == name) {
        for old in databases.iter().filter(|database| database.starts_with("template_")) {
            server().drop_database(old).await.unwrap();
        }
        // Under another name until it is whole.
        server().drop_database("half_made").await.unwrap();
        server().ensure_database("half_made").await.unwrap();
        let program = ServerRole::App.name();
        let owner = server().connect_options(ServerRole::Owner, "half_made");
        let owner = provision::owner_pool(owner, program.to_owned()).await.unwrap();
        provision::migrate(&owner, program).await.unwrap();
        owner.close().await;
        let rename = format!("ALTER DATABASE half_made RENAME TO {name}");
        sqlx::raw_sql(AssertSqlSafe(rename)).execute(&mut admin).await.unwrap();
    }
    admin.close().await.unwrap();
}

/// A test's database whose process was killed.
fn is_left_behind(database: &str) -> bool {
    let pid = database.strip_prefix("t_").and_then(|rest| rest.split('_').next()?.parse().ok());
    pid.is_some_and(|pid| nix::sys::signal::kill(Pid::from_raw(pid), None) == Err(nix::errno::Errno::ESRCH))
}
