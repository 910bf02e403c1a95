//! `schoolgate oneroster`: a school's roster as a OneRoster zip, out and in.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::system_scope;
use crate::{app::App, oneroster::export};

#[derive(Debug, Subcommand)]
pub enum OneRosterCommand {
    /// Writes the school's roster as a zip of CSV files, version 1.2
    Export(ExportArgs),
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// Where to write
    file: PathBuf,
}

pub async fn run(app: &App, command: OneRosterCommand) -> Result<ExitCode> {
    match command {
        OneRosterCommand::Export(args) => {
            let granted = system_scope(app, &args.school).await?;
            let mut written = export::write(&granted, app).await?;
            let copied = std::fs::File::create(&args.file).and_then(|mut file| std::io::copy(&mut written, &mut file));
            copied.with_context(|| format!("{} cannot be written", args.file.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
