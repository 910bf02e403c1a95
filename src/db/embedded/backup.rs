//! Dumps a database of the embedded server into one file, and restores it: by PostgreSQL's own `pg_dump` and
//! `pg_restore`, of the same version as the server, in its custom format.
//!
//! Both work while other processes use the server. A backup is what the database held at one instant. A restored
//! database is made under another name and replaces the one before when it is complete: existing connections are closed
//! and reconnect to the new one; a failure on the way leaves the old one as it was.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    account::ServerAccount,
    binaries::Binaries,
    error::{EmbeddedError, IoContext},
    home::PORT,
    roles::{ServerRole, check_name, exists, run},
    user::EmbeddedServer,
};

/// What a file in PostgreSQL's custom format begins with.
const MAGIC: &[u8; 5] = b"PGDMP";

/// In the table of contents of every backup of ours.
const OUR_TABLE: &str = " TABLE public school_codes ";

/// How often replacing a database is attempted: a client may connect in the very instant.
const TRIES: u32 = 5;

impl EmbeddedServer {
    /// Writes a database to an open file.
    ///
    /// # Errors
    /// When `pg_dump` is not there or fails. This blocks.
    pub fn dump(&self, database: &str, to: File) -> Result<(), EmbeddedError> {
        check_name(database)?;
        let pg_dump = Tool::find(self, "pg_dump")?;
        // As the role that bypasses row-level security: no other sees all schools.
        pg_dump.run(&["--format=custom", "--dbname", database], Stdio::null(), to.into()).map(drop)
    }

    /// Whether a file is a backup of ours, by its beginning and its table of contents.
    ///
    /// # Errors
    /// What it is instead, or that `pg_restore` is not there. This blocks.
    pub fn check_backup(&self, path: &Path) -> Result<(), EmbeddedError> {
        let mut begins_with = [0; MAGIC.len()];
        let is_custom_format = open(path)?.read_exact(&mut begins_with).is_ok() && begins_with == *MAGIC;
        if !is_custom_format {
            return Err(EmbeddedError::NoBackup(path.to_owned()));
        }
        let contents = Tool::find(self, "pg_restore")?.list(open(path)?)?;
        if contents.contains(OUR_TABLE) { Ok(()) } else { Err(EmbeddedError::ForeignBackup(path.to_owned())) }
    }

    /// Fills an empty database from a backup.
    ///
    /// # Errors
    /// When `pg_restore` is not there or fails. This blocks.
    pub fn fill(&self, database: &str, from: &Path) -> Result<(), EmbeddedError> {
        check_name(database)?;
        let pg_restore = Tool::find(self, "pg_restore")?;
        let arguments = ["--exit-on-error", "--single-transaction", "--dbname", database];
        pg_restore.run(&arguments, open(from)?.into(), Stdio::null()).map(drop)
    }

    /// How many schools a database holds; none where it is not there, or not ours yet.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn schools_in(&self, database: &str) -> Result<i64, EmbeddedError> {
        let mut admin = self.connect_as_admin("postgres").await?;
        let is_there = exists(&mut admin, "SELECT FROM pg_database WHERE datname = $1", database).await?;
        admin.close().await?;
        if !is_there {
            return Ok(0);
        }
        let mut admin = self.connect_as_admin(database).await?;
        let has_schools = "SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = $1";
        let mut schools = 0;
        if exists(&mut admin, has_schools, "schools").await? {
            schools = sqlx::query_scalar("SELECT count(*) FROM public.schools").fetch_one(&mut admin).await?;
        }
        admin.close().await?;
        Ok(schools)
    }

    /// Replaces one database by another, and drops the former. All connections to both are closed.
    ///
    /// # Errors
    /// When a name is invalid or a statement fails; both databases are then unchanged.
    pub async fn replace(&self, database: &str, by: &str) -> Result<(), EmbeddedError> {
        let aside = format!("{database}_replaced");
        [database, by, &aside].into_iter().try_for_each(check_name)?;
        self.drop_database(&aside).await?;
        let mut admin = self.connect_as_admin("postgres").await?;
        let mut tried = 1;
        while let Err(error) = take_place(&mut admin, database, by, &aside).await {
            run(&mut admin, "ROLLBACK".to_owned()).await?;
            if tried == TRIES {
                return Err(error);
            }
            tried += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        admin.close().await?;
        self.drop_database(&aside).await
    }
}

/// Both names change at one instant: no process finds a server without the database and makes an empty one.
async fn take_place(admin: &mut PgConnection, database: &str, by: &str, aside: &str) -> Result<(), EmbeddedError> {
    let sql = format!(
        "BEGIN;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('{database}', '{by}');
         ALTER DATABASE {database} RENAME TO {aside};
         ALTER DATABASE {by} RENAME TO {database};
         COMMIT"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(admin).await?;
    Ok(())
}

fn open(path: &Path) -> Result<File, EmbeddedError> {
    File::open(path).doing("open", path)
}

/// One of PostgreSQL's programs, for this server.
struct Tool<'a> {
    server: &'a EmbeddedServer,
    account: ServerAccount,
    program: PathBuf,
}

impl<'a> Tool<'a> {
    fn find(server: &'a EmbeddedServer, name: &'static str) -> Result<Self, EmbeddedError> {
        let cluster = server.home().cluster();
        let program = Binaries::for_cluster(&cluster)?.tool(name)?;
        Ok(Self { server, account: ServerAccount::owning(&cluster)?, program })
    }

    /// The table of contents of a backup, one entry a line.
    fn list(&self, file: File) -> Result<String, EmbeddedError> {
        let mut command = self.account.command(&self.program);
        command.arg("--list").stdin(file).stdout(Stdio::piped());
        Ok(String::from_utf8_lossy(&self.finish(command)?).into_owned())
    }

    /// Files are already open: the server's account need not have access to their folder.
    fn run(&self, arguments: &[&str], input: Stdio, output: Stdio) -> Result<Vec<u8>, EmbeddedError> {
        let mut command = self.account.command(&self.program);
        command.args(arguments).arg("--host").arg(self.server.home().socket_folder()).args([
            "--port",
            &PORT.to_string(),
            "--username",
            ServerRole::Admin.name(),
            "--no-password",
        ]);
        command.stdin(input).stdout(output).stderr(Stdio::piped());
        self.finish(command)
    }

    fn finish(&self, mut command: std::process::Command) -> Result<Vec<u8>, EmbeddedError> {
        let output = command
            .stderr(Stdio::piped())
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .doing("run", &self.program)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(EmbeddedError::ProgramFailed {
            program: self.program.clone(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }
}
