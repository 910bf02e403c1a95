//! Files for download: templates to fill in, and lists.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::YearId,
    plan::{PlanAddress, model::Source},
    roster::list_query::ListQuery,
    schools::{classes, years},
    sources::{
        export::{self, ExportFormat},
        spreadsheet::write,
        year_export,
    },
    web::{
        PageResult, RequestContext,
        address_parts::Path,
        forms,
        page::{XLSX, attached_file, attachment},
    },
};

const CSV: &str = "text/csv; charset=utf-8";

pub async fn students_template(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
) -> PageResult {
    template(&app, &visitor, &granted, Source::Students).await
}

pub async fn teachers_template(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
) -> PageResult {
    template(&app, &visitor, &granted, Source::Teachers).await
}

pub async fn classes_template(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
) -> PageResult {
    template(&app, &visitor, &granted, Source::Classes).await
}

async fn template(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    source: Source,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = classes::of_year(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let names: Vec<String> = classes.into_iter().map(|class| class.name).collect();
    let kind = source.roster_kind(granted.school.kind);
    let l = visitor.l;
    let file = tokio::task::spawn_blocking(move || write::template(kind, &names, &|key: &str| l.t(key)))
        .await
        .map_err(anyhow::Error::new)?
        .map_err(|fault| Error::Internal(fault.into()))?;
    Ok(attachment(file, XLSX, &format!("{}.xlsx", source.key())))
}

pub async fn export_xlsx(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<ListQuery>,
) -> PageResult {
    export(&app, &visitor, &granted, &query, ExportFormat::Xlsx).await
}

pub async fn export_csv(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<ListQuery>,
) -> PageResult {
    export(&app, &visitor, &granted, &query, ExportFormat::Csv).await
}

/// The day as of which a year is downloaded; without one the file has all pupils who were in its classes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct YearFileQuery {
    on: String,
}

/// A year with its classes and pupils, whether or not it is over.
pub async fn year(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, YearId)>,
    Query(query): Query<YearFileQuery>,
) -> PageResult {
    let on = match forms::date(&query.on) {
        None if !query.on.trim().is_empty() => return Err(Error::Malformed),
        on => on,
    };
    let (file, year) = year_export::write(&granted, &app, id, on, visitor.l).await?;
    let day = on.map(|day| format!("-{day}")).unwrap_or_default();
    list_file(file, ExportFormat::Xlsx, &format!("{}-{}{day}", granted.school.code, year.name))
}

/// The rows that a plan leaves out, in the sheet's own columns and one more with the reason.
pub async fn failed_rows(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    let file = export::failed_rows(&granted, &app, at.id, visitor.l).await?;
    Ok(attachment(file, XLSX, &format!("{}-errors.xlsx", granted.school.code)))
}

async fn export(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    query: &ListQuery,
    form: ExportFormat,
) -> Result<Response> {
    let file = export::write(granted, app, query, form, visitor.l).await?;
    let name = format!("{}-{}-{}", granted.school.code, query.filter().role.key(), app.clock.today());
    list_file(file, form, &name)
}

/// A list that was written, to be saved under this name.
///
/// # Errors
/// When the file cannot be read.
pub fn list_file(file: std::fs::File, form: ExportFormat, name: &str) -> Result<Response> {
    let (content_type, extension) = match form {
        ExportFormat::Xlsx => (XLSX, "xlsx"),
        ExportFormat::Csv => (CSV, "csv"),
    };
    attached_file(file, content_type, &format!("{name}.{extension}"))
}
