//! `schoolgate export`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{PeopleKind, SchoolArgs, system_scope};
use crate::{
    access::Role,
    app::App,
    roster::list_query::ListQuery,
    sources::export::{self, ExportFormat},
    web::Translator,
};

#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    school: SchoolArgs,
    /// Where to write: a name that ends with .xlsx or .csv
    file: PathBuf,
}

pub async fn run(app: &App, args: ExportArgs) -> Result<ExitCode> {
    let form = match args.file.extension().and_then(|extension| extension.to_str()) {
        Some("xlsx") => ExportFormat::Xlsx,
        Some("csv") => ExportFormat::Csv,
        _ => bail!("{}: the name must end with .xlsx or .csv", args.file.display()),
    };
    let granted = system_scope(app, &args.school.school).await?;
    let role = match args.school.kind {
        PeopleKind::Students => Role::Student,
        PeopleKind::Teachers => Role::Teacher,
    };
    let everybody = ListQuery { role: role.key().to_owned(), ..ListQuery::default() };
    let mut written = export::write(&granted, app, &everybody, form, Translator::default()).await?;
    let copied = std::fs::File::create(&args.file).and_then(|mut file| std::io::copy(&mut written, &mut file));
    copied.with_context(|| format!("{} cannot be written", args.file.display()))?;
    Ok(ExitCode::SUCCESS)
}
