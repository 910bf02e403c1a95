//! `schoolgate oneroster`: a school's roster as a OneRoster zip, out and in.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::{Language, import, system_scope};
use crate::{app::App, oneroster::export};

#[derive(Debug, Subcommand)]
pub enum OneRosterCommand {
    /// Writes the school's roster as a zip of CSV files, version 1.2
    Export(OneRosterExportArgs),
    /// Imports the people of a school of a zip, version 1.1 or 1.2: plans, applies and waits
    Import(OneRosterImportArgs),
}

#[derive(Debug, Args)]
pub struct OneRosterExportArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// Where to write
    file: PathBuf,
}

#[derive(Debug, Args)]
pub struct OneRosterImportArgs {
    /// The school's code; the zip may have several schools
    #[arg(long)]
    school: String,
    /// The zip
    #[arg(required_unless_present = "from")]
    file: Option<PathBuf>,
    /// Fetches from the OneRoster source of this name in the school's settings, and reads no file
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    from: Option<String>,
    /// Makes the plan, applies nothing and discards it
    #[arg(long)]
    dry_run: bool,
    /// Applies a plan that takes more than a fifth of the school's people out
    #[arg(long)]
    confirm_leaves: bool,
    /// The language of messages
    #[arg(long, default_value = "vi")]
    lang: Language,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

pub async fn run(app: &App, command: OneRosterCommand) -> Result<ExitCode> {
    match command {
        OneRosterCommand::Export(args) => {
            let granted = system_scope(app, &args.school).await?;
            let mut written = export::write(&granted, app).await?;
            let copied = std::fs::File::create(&args.file).and_then(|mut file| std::io::copy(&mut written, &mut file));
            copied.with_context(|| format!("{} cannot be written", args.file.display()))?;
        }
        OneRosterCommand::Import(args) => {
            let OneRosterImportArgs { school, file, from, dry_run, confirm_leaves, lang, json } = args;
            let args = import::ImportArgs::of_oneroster(school, file, from, dry_run, confirm_leaves, lang, json);
            return import::run(app, args).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}
