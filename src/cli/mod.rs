//! The command line.

mod backup;
mod client;
mod database;
mod demo;
mod distribute;
mod doctor;
mod export;
mod import;
mod oneroster;
mod operator;
mod rollover;
mod rotate_keys;
mod serve;
mod submit;
mod sync;
mod token;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::{EnvFilter, util::SubscriberInitExt};

use crate::{
    access::{Granted, Scope, may},
    app::App,
    clock::{Clock, Randomness},
    config::{self, Config},
    crypto::{hasher::PasswordHasher, seal::KeyRing},
    db::{Db, provision::Database},
    identity::sealed_with,
    mail::{Mailer, Outbox, Sender, SmtpSettings},
    plan::model::Source,
    schools::directory,
    telemetry,
    web::{Translator, i18n::Lang},
};

/// Opens, keeps and closes the accounts of schools' people.
#[derive(Debug, Parser)]
#[command(name = "schoolgate", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Pages and, unless told otherwise, background work
    Serve(serve::ServeArgs),
    /// Background work alone
    Worker,
    /// Brings the database up to date
    Migrate,
    /// Operators
    Operator {
        #[command(subcommand)]
        command: operator::OperatorCommand,
    },
    /// Removes the second factor of an account that has lost both device and recovery codes
    ResetSecondFactor {
        #[arg(long)]
        email: String,
    },
    /// Makes demo data and prints sign-ins
    Demo(demo::DemoArgs),
    /// Imports a spreadsheet: plans, applies and waits
    Import(import::ImportArgs),
    /// Hands in a list for the registry: checked, and submitted where nothing is wrong
    Submit(submit::SubmitArgs),
    /// Approves submissions
    Approve(submit::ApproveArgs),
    /// Syncs a school's accounts with the registry
    Sync(sync::SyncArgs),
    /// Moves a school on to the coming year
    Rollover(rollover::RolloverArgs),
    /// Makes a token by which another program acts for a school
    Token(token::TokenArgs),
    /// Makes a client: a program that asks for a school's roster by OAuth 2
    Client(client::ClientArgs),
    /// Replaces the keys that sign tokens for other applications
    RotateKeys(rotate_keys::RotateKeysArgs),
    /// OneRoster: a school's roster, out and in
    #[command(name = "oneroster")]
    OneRoster {
        #[command(subcommand)]
        command: oneroster::OneRosterCommand,
    },
    /// Exports a list of people
    Export(export::ExportArgs),
    /// Writes the embedded database to a file
    Backup(backup::BackupArgs),
    /// Makes the embedded database what a backup says
    Restore(backup::RestoreArgs),
    /// Spreads the tables over a Citus cluster
    Distribute(distribute::DistributeArgs),
    /// Checks configuration, database, roles, policies, keys and mail
    Doctor,
}

/// Whose list it is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PeopleKind {
    Students,
    Teachers,
}

impl From<PeopleKind> for Source {
    fn from(kind: PeopleKind) -> Self {
        match kind {
            PeopleKind::Students => Self::Students,
            PeopleKind::Teachers => Self::Teachers,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    Vi,
    En,
}

impl Language {
    fn translator(self) -> Translator {
        Translator::new(match self {
            Self::Vi => Lang::Vi,
            Self::En => Lang::En,
        })
    }
}

#[derive(Debug, Args)]
struct SchoolArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// Whose list it is
    #[arg(long)]
    kind: PeopleKind,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("schoolgate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let config = Config::from_env(&CHECKS)?;
    let filter = log_filter(&config.log)?;
    telemetry::subscriber(filter, config.log_format, std::io::stderr).try_init().context("the log")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        match command {
            Command::Serve(args) => serve::serve(config, args).await,
            Command::Worker => serve::worker(config).await,
            Command::Migrate => {
                let database = database::open_or_make(&config).await?;
                let migrated = database.migrate().await;
                database.leave().await;
                migrated.map(|()| ExitCode::SUCCESS)
            }
            Command::Operator { command } => {
                with_new_app(config, async |app, _| operator::run(app, command).await).await
            }
            Command::ResetSecondFactor { email } => {
                with_app(config, async |app, _| operator::reset_second_factor(app, &email).await).await
            }
            Command::Demo(args) => {
                with_new_app(config, async |app, database| demo::run(app, database, args).await).await
            }
            Command::Import(args) => with_app(config, async |app, _| import::run(app, args).await).await,
            Command::Submit(args) => with_app(config, async |app, _| submit::submit(app, args).await).await,
            Command::Approve(args) => with_app(config, async |app, _| submit::approve(app, args).await).await,
            Command::Sync(args) => with_app(config, async |app, _| sync::run(app, args).await).await,
            Command::Rollover(args) => with_app(config, async |app, _| rollover::run(app, args).await).await,
            Command::Token(args) => with_app(config, async |app, _| token::run(app, args).await).await,
            Command::Client(args) => with_app(config, async |app, _| client::run(app, args).await).await,
            Command::RotateKeys(args) => with_app(config, async |app, _| rotate_keys::run(app, args).await).await,
            Command::OneRoster { command } => with_app(config, async |app, _| oneroster::run(app, command).await).await,
            Command::Export(args) => with_app(config, async |app, _| export::run(app, args).await).await,
            Command::Backup(args) => backup::backup(config, args).await,
            Command::Restore(args) => backup::restore(config, args).await,
            Command::Distribute(args) => distribute::run(config, args).await,
            Command::Doctor => doctor::run(config).await,
        }
    })
}

/// The checks of settings that other modules parse.
const CHECKS: [(&str, config::Check); 4] = [
    ("SCHOOLGATE_SECRET_KEY", |text| judged(KeyRing::parse(text))),
    ("SCHOOLGATE_SMTP_URL", |text| judged(SmtpSettings::from_url(text))),
    ("SCHOOLGATE_MAIL_FROM", |text| judged(Sender::check(text))),
    ("SCHOOLGATE_LOG", |text| judged(log_filter(text))),
];

fn judged<T, E: std::fmt::Display>(read: Result<T, E>) -> Result<(), String> {
    read.map(|_| ()).map_err(|fault| format!("{fault:#}"))
}

/// graphile_worker logs every job's payload at info.
fn log_filter(text: &str) -> Result<EnvFilter> {
    EnvFilter::try_new(format!("graphile_worker=warn,sqlx::postgres::notice=warn,{text}"))
        .map_err(|_| anyhow::anyhow!("is not a filter such as info"))
}

/// Runs a command on the database that is there, migrated, and stops the database afterwards.
async fn with_app(config: Config, command: impl AsyncFnOnce(&App, &Database) -> Result<ExitCode>) -> Result<ExitCode> {
    let database = database::open_existing(&config).await?;
    on_database(config, database, command).await
}

/// The same for a command that may be the first one.
async fn with_new_app(
    config: Config,
    command: impl AsyncFnOnce(&App, &Database) -> Result<ExitCode>,
) -> Result<ExitCode> {
    let database = database::open_or_make(&config).await?;
    on_database(config, database, command).await
}

async fn on_database(
    config: Config,
    database: Database,
    command: impl AsyncFnOnce(&App, &Database) -> Result<ExitCode>,
) -> Result<ExitCode> {
    let outcome = async {
        if database.owner.is_some() {
            database.migrate().await?;
        }
        let app = build_app(config, &database)?;
        let outcome = command(&app, &database).await;
        app.db.pool().close().await;
        outcome
    }
    .await;
    database.leave().await;
    outcome
}

/// Assembles the program.
fn build_app(config: Config, database: &Database) -> Result<App> {
    let randomness = Randomness::system().context("the system gives no random numbers")?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(App {
        db: Db::new(database.program.clone(), 24),
        clock: Clock::system(),
        hasher: PasswordHasher::new(cores, 2_000)?,
        keys: Arc::new(keys(&config, &randomness)?),
        mailer: Arc::new(mailer(&config)?),
        mailbox: None,
        program: program()?,
        randomness,
        config: Arc::new(config),
    })
}

fn program() -> Result<PathBuf> {
    std::env::current_exe().context("the system does not say where this program is")
}

fn keys(config: &Config, randomness: &Randomness) -> Result<KeyRing> {
    match &config.secret_key {
        Some(text) => KeyRing::parse(text).context("SCHOOLGATE_SECRET_KEY"),
        None => Ok(KeyRing::load_or_create(&key_file(config), randomness)?),
    }
}

/// The path of the key that the program has generated itself.
fn key_file(config: &Config) -> PathBuf {
    config.data_dir.join("secret.key")
}

/// Warns about values that cannot be opened for lack of a key. Everything else goes on.
async fn warn_of_missing_keys(app: &App) -> Result<()> {
    if let Some(complaint) = sealed_with::complaint(&sealed_with::missing_keys(&app.db, &app.keys).await?) {
        tracing::error!("{complaint}");
    }
    Ok(())
}

/// Shows mails on a page: in the demo, where nobody has a mailbox.
fn with_mailbox(app: App) -> Result<App> {
    let copies = Outbox::default();
    let mailer = mailer(&app.config)?.keeping_copies(copies.clone());
    Ok(App { mailer: Arc::new(mailer), mailbox: Some(copies), ..app })
}

fn mailer(config: &Config) -> Result<Mailer> {
    let sender = Sender::new(&config.mail_from, &config.base_url).context("SCHOOLGATE_MAIL_FROM")?;
    Ok(match &config.smtp_url {
        Some(url) => Mailer::smtp(sender, SmtpSettings::from_url(url).context("SCHOOLGATE_SMTP_URL")?),
        None => Mailer::files(sender, config.data_dir.join("mail")),
    })
}

/// The system's scope in a school: commands run on this machine have all rights.
async fn system_scope(app: &App, code: &str) -> Result<Granted<may::ManageAccounts>> {
    let school = directory::find(&app.db, code).await.with_context(|| format!("there is no school {code}"))?;
    Ok(Scope::system(school).grant()?)
}

/// Prints a line to standard output; a closed output is no error.
fn say(line: impl std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}
