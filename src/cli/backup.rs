//! `schoolgate backup` and `schoolgate restore`, for the embedded database. An external PostgreSQL is backed up by its
//! own tools.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{build_app, database, key_file};
use crate::{
    config::{self, Config},
    db::{
        embedded::{EmbeddedServer, ServerRole},
        provision::{self, Database, NAME},
    },
    identity::sealed_with,
};

/// The database into which a backup is read, until it is complete.
const RESTORING: &str = "schoolgate_restoring";

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Where to write it; one of this name that is there already is replaced
    file: PathBuf,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// What `schoolgate backup` wrote
    file: PathBuf,
    /// Puts the backup in the place of the schools that are there
    #[arg(long)]
    replace: bool,
}

pub async fn backup(config: Config, args: BackupArgs) -> Result<ExitCode> {
    refuse_given(&config, "pg_dump")?;
    let database = database::open_existing(&config).await?;
    let outcome = write(&database, &args.file).await;
    database.leave().await;
    outcome?;
    eprintln!("The database is in {}.", args.file.display());
    eprintln!(
        "Keep the key with it, but not beside it: {}. The backup is of little use without it.",
        whose_key(&config)
    );
    Ok(ExitCode::SUCCESS)
}

/// Under another name until it is complete, so that the file of the right name is always a good backup.
async fn write(database: &Database, file: &Path) -> Result<()> {
    let server = database.server()?;
    let mut half = file.as_os_str().to_owned();
    half.push(".part");
    let half = PathBuf::from(half);
    let cannot = || format!("{} cannot be written", half.display());
    // Personal data: readable only by the user who runs this. A half-written file of a killed run must be removed
    // first, since the mode applies to new files only.
    let _ = fs::remove_file(&half);
    let to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half).with_context(cannot)?;
    let written = async {
        let output = to.try_clone()?;
        tokio::task::spawn_blocking(move || server.dump(NAME, output)).await??;
        to.sync_all().with_context(cannot)?;
        fs::rename(&half, file).with_context(|| format!("{} cannot be written", file.display()))
    }
    .await;
    if written.is_err() {
        let _ = fs::remove_file(&half);
    }
    written
}

pub async fn restore(config: Config, args: RestoreArgs) -> Result<ExitCode> {
    File::open(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    refuse_given(&config, "pg_restore")?;
    let database = database::open_or_make(&config).await?;
    let restored = async {
        read_in(&database, &args).await?;
        tell_of_keys(config, &database, &args.file).await
    }
    .await;
    database.leave().await;
    restored
}

async fn read_in(database: &Database, args: &RestoreArgs) -> Result<()> {
    let server = database.server()?;
    let file = args.file.clone();
    let checking = server.clone();
    tokio::task::spawn_blocking(move || checking.check_backup(&file)).await??;
    let schools = server.schools_in(NAME).await?;
    if schools > 0 && !args.replace {
        bail!(
            "the database holds {schools} schools, which would be gone. Back them up with `schoolgate backup`, then \
             say --replace; or restore into another folder (SCHOOLGATE_DATA_DIR)"
        );
    }
    server.drop_database(RESTORING).await?;
    server.create_database(RESTORING, None).await?;
    let filled = fill(&server, &args.file).await;
    if let Err(error) = filled {
        let _ = server.drop_database(RESTORING).await;
        return Err(error);
    }
    Ok(server.replace(NAME, RESTORING).await?)
}

/// Reads the backup and migrates it: it may be older than this program.
async fn fill(server: &std::sync::Arc<EmbeddedServer>, file: &Path) -> Result<()> {
    let (filling, file) = (server.clone(), file.to_owned());
    tokio::task::spawn_blocking(move || filling.fill(RESTORING, &file)).await??;
    let program = ServerRole::App.name();
    let owner = provision::owner_pool(server.connect_options(ServerRole::Owner, RESTORING), program.to_owned()).await?;
    let migrated = provision::migrate(&owner, program).await;
    owner.close().await;
    migrated.context("the backup cannot be brought up to date; was it made by a newer schoolgate?")
}

/// A backup is restored all the same without its key, but the operator of the machine has to know.
async fn tell_of_keys(config: Config, database: &Database, file: &Path) -> Result<ExitCode> {
    eprintln!("{} is restored.", file.display());
    let (place, has_key) = (whose_key(&config), config.secret_key.is_some() || key_file(&config).exists());
    if !has_key {
        eprintln!(
            "Its key is missing: put it to {place} before you start schoolgate, or else a new one is made there."
        );
        return Ok(ExitCode::SUCCESS);
    }
    let app = build_app(config, database)?;
    let missing = sealed_with::missing_keys(&app.db, &app.keys).await;
    app.db.pool().close().await;
    match sealed_with::complaint(&missing?) {
        Some(complaint) => eprintln!("It was made with another key than that of {place}: {complaint}"),
        None => eprintln!("The key fits: schoolgate can be started."),
    }
    Ok(ExitCode::SUCCESS)
}

fn whose_key(config: &Config) -> String {
    match config.secret_key {
        Some(_) => "SCHOOLGATE_SECRET_KEY".to_owned(),
        None => key_file(config).display().to_string(),
    }
}

fn refuse_given(config: &Config, own_way: &str) -> Result<()> {
    if let config::DatabaseConfig::Given { .. } = config.database {
        bail!("this is for the embedded database; DATABASE_URL names a PostgreSQL of yours, so use its {own_way}");
    }
    Ok(())
}
