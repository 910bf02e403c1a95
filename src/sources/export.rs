//! The list of people as a file, in the columns of the template.

use std::{fs::File, io::Seek};

use rust_xlsxwriter::Workbook;
use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::spreadsheet::{
    HeaderColumnInfo, PersonRow,
    write::{CsvExport, FailedRows, WriteError, XlsxExport},
};
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    audit::{self, AuditAction},
    error::{Error, Result},
    ids::PlanId,
    plan::{
        fault_sentence,
        model::{Plan, PlanRow, RowOutcome, Source},
        rows, store as plans,
    },
    roster::{
        fields::{RosterKind, Values},
        list_query::ListQuery,
        store,
    },
    schools::years,
    web::Translator,
};

/// How many people may be buffered at most: the database reader waits for the file writer.
const WAITING: usize = 200;

/// What an export is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    Xlsx,
    Csv,
}

/// Writes the people that a filter finds, in the order asked for, into an unnamed file that is deleted when it is
/// closed. Memory does not grow with the number of people, and no transaction stays open for a slow reader of the file.
/// Personal numbers are whole in it, and the audit says who took them.
///
/// # Errors
/// When the file cannot be written.
pub async fn write(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    query: &ListQuery,
    form: ExportFormat,
    l: Translator,
) -> Result<File> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let list = ListFile { query, form, l, shown: |values| values, more: None };
    let (file, people) = write_list(granted, app, &mut tx, list).await?;
    let action = AuditAction::AccountsExported { people, role: Some(query.filter().role) };
    audit::record(granted, app, &mut tx, audit::Event::new(action)).await?;
    tx.commit().await?;
    Ok(file)
}

/// A list as a file: which people it holds, and how their values are shown.
pub struct ListFile<'a> {
    pub query: &'a ListQuery,
    pub form: ExportFormat,
    pub l: Translator,
    pub shown: fn(Values) -> Values,
    /// Of a workbook.
    pub more: Option<MoreSheets>,
}

/// Adds sheets behind the list.
pub type MoreSheets = Box<dyn FnOnce(&mut Workbook) -> Result<(), WriteError> + Send>;

/// Writes a list, and gives how many people are in it. The caller holds the permission, and records it.
///
/// # Errors
/// When the file cannot be written.
pub async fn write_list(scope: &Scope, app: &App, tx: &mut PgConnection, list: ListFile<'_>) -> Result<(File, u64)> {
    let ListFile { query, form, l, shown, more } = list;
    let (people, waiting) = mpsc::channel(WAITING);
    let year = years::current(scope, tx, app.clock.today()).await?;
    let query = query.clone().settle(scope, tx, year.id).await?;
    let filter = query.filter();
    let source = if filter.role == Role::Student { Source::Students } else { Source::Teachers };
    let kind = source.roster_kind(scope.school.kind);
    let written = tokio::task::spawn_blocking(move || match form {
        ExportFormat::Xlsx => xlsx(kind, waiting, l, shown, more),
        ExportFormat::Csv => csv(kind, waiting, l, shown),
    });
    let count = store::send_records(scope, tx, year.id, &filter, query.order(), &people).await?;
    drop(people);
    let file = written.await.map_err(anyhow::Error::new)?.map_err(|fault| Error::Internal(fault.into()))?;
    Ok((file, count))
}

/// The rows that a plan leaves out (errors and undecided ones), each with the reason.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such plan; when the file cannot be written.
pub async fn failed_rows(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan_id: PlanId,
    l: Translator,
) -> Result<Vec<u8>> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let plan = plans::find(granted, &mut tx, plan_id).await?;
    let mut rows = Vec::new();
    for outcome in [RowOutcome::Error, RowOutcome::Duplicate] {
        rows.extend(rows::page(granted, &mut tx, plan_id, Some(outcome), 0, i64::MAX).await?);
    }
    tx.commit().await?;
    rows.sort_by_key(|row| row.line);
    let kind = plan.source.roster_kind(granted.school.kind);
    let written = tokio::task::spawn_blocking(move || failed_sheet(kind, &plan, &rows, l)).await;
    written.map_err(anyhow::Error::new)?.map_err(|fault| Error::Internal(fault.into()))
}

fn failed_sheet(kind: RosterKind, plan: &Plan, rows: &[PlanRow], l: Translator) -> Result<Vec<u8>, WriteError> {
    let texts = |key: &str| l.t(key);
    let columns: Vec<HeaderColumnInfo> = plan
        .columns
        .iter()
        .map(|column| HeaderColumnInfo {
            index: column.index,
            header: column.header.clone(),
            field: column.field,
            known: column.known,
        })
        .collect();
    let mut sheet = FailedRows::new(kind, &columns, &texts)?;
    for row in rows {
        let reasons: Vec<String> = row.problems().map(|fault| fault_sentence(&l, fault)).collect();
        let reason = match (reasons.is_empty(), row.member_id) {
            (false, _) => reasons.join(" "),
            (true, Some(_)) => l.t("plan-duplicate"),
            (true, None) => l.t("plan-duplicate-in-sheet"),
        };
        let source = PersonRow {
            line: row.line.unsigned_abs(),
            values: row.values.clone(),
            cells: row.cells.clone(),
            ..PersonRow::default()
        };
        sheet.push(&source, &reason)?;
    }
    let mut file = std::io::Cursor::new(Vec::new());
    sheet.finish(&mut file)?;
    Ok(file.into_inner())
}

fn xlsx(
    kind: RosterKind,
    mut people: mpsc::Receiver<Values>,
    l: Translator,
    shown: fn(Values) -> Values,
    more: Option<MoreSheets>,
) -> Result<File, WriteError> {
    let texts = |key: &str| l.t(key);
    let mut export = XlsxExport::new(kind, &texts)?;
    while let Some(person) = people.blocking_recv() {
        export.push(&shown(person))?;
    }
    if let Some(more) = more {
        export.add_sheets(more)?;
    }
    let mut file = tempfile::tempfile()?;
    export.finish(&mut file)?;
    from_start(file)
}

fn csv(
    kind: RosterKind,
    mut people: mpsc::Receiver<Values>,
    l: Translator,
    shown: fn(Values) -> Values,
) -> Result<File, WriteError> {
    let texts = |key: &str| l.t(key);
    let mut file = tempfile::tempfile()?;
    let mut export = CsvExport::new(kind, &texts, &mut file)?;
    while let Some(person) = people.blocking_recv() {
        export.push(&shown(person))?;
    }
    export.finish()?;
    from_start(file)
}

/// Rewound to its first byte, to be read.
fn from_start(mut file: File) -> Result<File, WriteError> {
    file.rewind()?;
    Ok(file)
}
