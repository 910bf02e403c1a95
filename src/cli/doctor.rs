//! `schoolgate doctor`: checks everything that has to be right, and says what is not.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use sqlx::PgConnection;

use super::{build_app, database, distribute, say};
use crate::{
    app::App,
    config::Config,
    db::{placement, provision::check_role},
    demo,
    identity::sealed_with,
    jobs,
};

pub async fn run(config: Config) -> Result<ExitCode> {
    let mut findings = DoctorFindings::default();
    findings.note("configuration", Ok(()));
    let database = match database::open_existing(&config).await {
        Ok(database) => database,
        Err(error) => {
            findings.note("database", Err(error));
            return Ok(findings.exit_code());
        }
    };
    match build_app(config, &database) {
        Ok(app) => examine(&app, &mut findings).await,
        Err(error) => findings.note("keys and mail", Err(error)),
    }
    database.leave().await;
    Ok(findings.exit_code())
}

async fn examine(app: &App, findings: &mut DoctorFindings) {
    findings.note("database", crate::db::probe(&app.db).await.map_err(anyhow::Error::new));
    findings.note("the program's role", check_role(&app.db).await);
    findings.note("row-level security", check_policies(app).await);
    check_places(app, findings).await;
    findings.note("counters", distribute::check_counters(&app.db).await);
    findings.note("job queue", check_queue(app).await);
    findings.note("keys", check_keys(app).await);
    look_for_demo(app, findings).await;
    findings.note("mail", app.mailer.check().await.map_err(anyhow::Error::new));
    app.db.pool().close().await;
}

/// Accounts with public passwords are for a machine that nobody else can reach.
async fn look_for_demo(app: &App, findings: &mut DoctorFindings) {
    let traces = match demo::traces(app).await {
        Ok(traces) => traces,
        Err(error) => return findings.note("demo accounts", Err(error.into())),
    };
    if traces.demo_operators.is_empty() {
        return findings.note("demo accounts", Ok(()));
    }
    let who = traces.demo_operators.join(", ");
    let word = format!("EVERYBODY KNOWS THE PASSWORD of {who} and of the demo's schools");
    let host = app.config.base_url.host_str().unwrap_or_default();
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if is_here && !traces.is_real {
        say(format_args!("DEMO   {word}: never let anybody else reach this"));
    } else {
        findings.note("demo accounts", Err(anyhow::anyhow!("{word}: start again with an empty database")));
    }
}

/// Checks that every table with a school's data has row-level security.
async fn check_policies(app: &App) -> Result<()> {
    let mut connection = app.db.pool().acquire().await?;
    let open = tables_without_policy(&mut connection).await.context("the catalogue cannot be read")?;
    if open.is_empty() { Ok(()) } else { bail!("not behind row-level security: {}", open.join(", ")) }
}

async fn check_places(app: &App, findings: &mut DoctorFindings) {
    match app.db.pool().acquire().await {
        Ok(mut connection) => distribute::examine(&mut connection, findings).await,
        Err(error) => findings.note("cluster", Err(error.into())),
    }
}

async fn tables_without_policy(connection: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT c.relname::text AS "name!" FROM pg_class c
           JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'school_id' AND a.attnum = 1
           WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND c.relname <> ALL($1)"#,
        &placement::GLOBAL.map(|(table, _)| table.to_owned()),
    )
    .fetch_all(connection)
    .await?)
}

async fn check_keys(app: &App) -> Result<()> {
    match sealed_with::complaint(&sealed_with::missing_keys(&app.db, &app.keys).await?) {
        None => Ok(()),
        Some(complaint) => bail!(complaint),
    }
}

async fn check_queue(app: &App) -> Result<()> {
    let mut connection = app.db.pool().acquire().await?;
    let backlog = jobs::backlog(&mut connection).await?;
    if backlog.failed > 0 {
        bail!("{} jobs have failed for good", backlog.failed);
    }
    Ok(())
}

/// What was looked at, and how much of it is wrong.
#[derive(Default)]
pub struct DoctorFindings {
    wrong: usize,
}

impl DoctorFindings {
    pub fn note(&mut self, what: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => say(format_args!("ok     {what}")),
            Err(error) => {
                self.wrong += 1;
                say(format_args!("wrong  {what}: {error:#}"));
            }
        }
    }

    pub fn exit_code(&self) -> ExitCode {
        if self.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
