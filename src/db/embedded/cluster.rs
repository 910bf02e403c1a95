//! Making a cluster: the folder that one PostgreSQL server keeps all its databases in.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{
    Durability, ServerRole,
    account::ServerAccount,
    binaries::Binaries,
    error::{EmbeddedError, IoContext},
    home::Home,
};

/// The name prefix of folders in which a cluster is being made.
const HALF_MADE: &str = "postgres.new-";

/// Who may connect: everybody who can reach the socket, which is restricted by its folder.
const HOST_BASED_AUTHENTICATION: &str = "local all all trust\n";

/// Makes the cluster unless it is there. The caller holds the start lock.
/// It is made under another name and renamed when it is complete, so that an existing cluster is always a good one. The
/// name is new each time: an `initdb` may outlive the process that began it.
pub(super) fn ensure(home: &Home, durability: Durability) -> Result<(), EmbeddedError> {
    remove_half_made(home.folder());
    let cluster = home.cluster();
    if cluster.exists() {
        return Ok(());
    }
    let account = ServerAccount::for_new_cluster()?;
    let half_made = home.folder().join(format!("{HALF_MADE}{}", std::process::id()));
    account.create_private_folder(&half_made)?;
    if let Err(error) = fill(account, &half_made, durability) {
        fs::remove_dir_all(&half_made).ok();
        return Err(error);
    }
    fs::rename(&half_made, &cluster).doing("rename", &half_made)?;
    File::open(home.folder()).and_then(|folder| folder.sync_all()).doing("write", home.folder())
}

fn fill(account: ServerAccount, folder: &Path, durability: Durability) -> Result<(), EmbeddedError> {
    run_initdb(account, folder, durability)?;
    let authentication = folder.join("pg_hba.conf");
    fs::write(&authentication, HOST_BASED_AUTHENTICATION).doing("write", &authentication)
}

fn run_initdb(account: ServerAccount, folder: &Path, durability: Durability) -> Result<(), EmbeddedError> {
    let program = Binaries::newest()?.initdb();
    let mut command = account.command(&program);
    command.arg("--pgdata").arg(folder).args(["--username", ServerRole::Admin.name()]).args([
        "--encoding=UTF8",
        "--locale=C",
        "--auth=trust",
        "--data-checksums",
    ]);
    if durability == Durability::Tests {
        command.arg("--no-sync");
    }
    run(command, &program)
}

/// Runs a program to its end; its output is reported only if it failed.
fn run(mut command: Command, program: &Path) -> Result<(), EmbeddedError> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().doing("run", program)?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(EmbeddedError::ProgramFailed {
        program: program.to_owned(),
        output: String::from_utf8_lossy(&said).trim().to_owned(),
    })
}

/// Removes what a killed `initdb` left behind. What cannot be removed does no harm.
fn remove_half_made(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(HALF_MADE) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
