//! The source "spreadsheet": an uploaded file is read in a child process, row by row, into a plan.

use std::{io::Cursor, sync::Arc};

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

use super::oneroster::OfSchool;
use super::spreadsheet::{
    self, FileRefusal, Findings, PersonRow, ReadOptions,
    child::{self, GuardedRows},
};
use crate::{
    access::{Granted, Permission, SchoolKind, Scope, may},
    app::App,
    error::{Error, Result},
    ids::{PlanId, SchoolId},
    jobs,
    plan::{
        book::Book,
        draft::{self, CHUNK, Draft, SealedUpload, Upload},
        job_claim::{GivenUp, JobClaim},
        model::{Notes, Plan, PlanColumn, PlanState, ReadProgress, Source, SourceHead, SourceRow},
        said, store,
        upload::{self, Sealing},
    },
};

const READING: JobClaim =
    JobClaim { during: PlanState::Reading, given_up: GivenUp::FileRefused, started_by: |plan| plan.created_by };

/// Read the file of the plan of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadUpload {
    school_id: SchoolId,
    plan_id: PlanId,
}

impl ReadUpload {
    #[must_use]
    pub fn of(school_id: SchoolId, plan_id: PlanId) -> Self {
        Self { school_id, plan_id }
    }
}

impl jobs::Job for ReadUpload {
    const NAME: &'static str = "read_upload";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Files;

    fn queue(&self) -> Option<String> {
        Some(format!("files:{}", self.school_id))
    }
}

impl jobs::Handle<App> for ReadUpload {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let Some((granted, plan)) = READING.take_up_job(&app, self.school_id, self.plan_id, attempt).await? else {
            return Ok(());
        };
        Ok(read_claimed(&granted, &app, &plan).await?)
    }
}

/// Accepts a file: a plan that waits for a worker to read it.
///
/// # Errors
/// As of [`begin_sealed`].
pub async fn begin(granted: &Granted<may::ManageAccounts>, app: &App, upload: Upload<'_>) -> Result<PlanId> {
    begin_reading(granted, app, upload, &ReadProgress::default()).await
}

/// [`begin`], where it is known how the file is to be read.
///
/// # Errors
/// As of [`begin_sealed`].
pub async fn begin_reading(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    upload: Upload<'_>,
    reading: &ReadProgress,
) -> Result<PlanId> {
    let Upload { source, file_name, file, year_id } = upload;
    let mut sealing = Sealing::begin(app)?;
    sealing.push(file).await?;
    let file = sealing.finish().await?;
    begin_sealed(granted, app, SealedUpload { source, file_name, file, year_id }, reading).await
}

/// Whether one more file of the school may be accepted: asked before it is read, since otherwise it need not be sealed.
pub async fn has_room(granted: &Granted<impl Permission>, app: &App, book: Book) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    match upload::make_room(granted, &mut tx, book, 1).await {
        Ok(()) => Ok(true),
        Err(Error::FilesWaiting) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The same for a file that was sealed while it came.
///
/// # Errors
/// [`Error::FilesWaiting`] where the school's limit on waiting files is reached.
pub async fn begin_sealed(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    upload: SealedUpload<'_>,
    reading: &ReadProgress,
) -> Result<PlanId> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan_id = draft::begin(granted, app, &mut tx, Book::Roster, upload).await?;
    if *reading != ReadProgress::default() {
        store::read_as(granted, &mut tx, plan_id, reading).await?;
    }
    jobs::enqueue(&mut tx, &ReadUpload { school_id: granted.school_id(), plan_id }).await?;
    tx.commit().await?;
    Ok(plan_id)
}

/// Reads a plan's file, with the rights of the person who uploaded it: the list may change no member they may not
/// change. Does nothing where it was done already. A file that cannot be read is no error: the plan says so, as where
/// that person may import no longer.
pub async fn read(system: &Scope, app: &App, plan_id: PlanId) -> Result<()> {
    match READING.take_up(system, app, plan_id).await? {
        Some((granted, plan)) => read_claimed(&granted, app, &plan).await,
        None => Ok(()),
    }
}

async fn read_claimed(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan) -> Result<()> {
    let file = upload::opened(granted, app, plan.id).await?;
    let refusal = match open(granted, app, plan, file.into()).await? {
        Ok((head, rows)) => match fill(granted, app, plan.id, rows).await? {
            Ok((_, findings)) if !findings.broken.is_empty() => {
                let broken = serde_json::to_string(&findings.broken)?;
                return upload::refuse(granted, app, plan.id, &format!("{}{broken}", said::BROKEN)).await;
            }
            Ok((draft, findings)) => return draft.finish(plan_head(head, findings)).await.map(|_| ()),
            Err(refusal) => refusal,
        },
        Err(refusal) => refusal,
    };
    upload::refuse(granted, app, plan.id, &format!("refusal-{}", refusal.key())).await
}

/// Begins to read the file with the settings chosen for it or, where there are none, with those chosen for an earlier
/// one of its shape.
async fn open(
    scope: &Scope,
    app: &App,
    plan: &Plan,
    file: Bytes,
) -> Result<std::result::Result<(spreadsheet::TableHead, GuardedRows), FileRefusal>> {
    let mut options = ReadOptions::new(plan.source.roster_kind(scope.school.kind), app.clock.today());
    options.encoding.clone_from(&plan.reading.encoding);
    options.sheet.clone_from(&plan.reading.sheet);
    options.mapping.clone_from(&plan.reading.mapping);
    options.without_hidden = plan.reading.without_hidden;
    options.all_sheets = plan.reading.all_sheets;
    options.date_order = plan.reading.date_order;
    options.oneroster = (plan.source == Source::OneRoster).then(|| OfSchool {
        id: scope.school_id().to_string(),
        code: scope.school.code.clone(),
        is_higher: scope.school.kind == SchoolKind::Higher,
    });
    let begin = |options: ReadOptions| {
        let file = Cursor::new(file.clone());
        async move { child::read_guarded(&app.program, file, &options).await }
    };
    let first = begin(options.clone()).await;
    let (true, Ok((head, _))) = (options.mapping.is_empty(), &first) else { return Ok(first) };
    // A mapping for a table without a header applies to no other one.
    if head.shape.is_empty() {
        return Ok(first);
    }
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let remembered = store::remembered_mapping(scope, &mut tx, plan.source, &head.shape).await?;
    tx.commit().await?;
    match remembered {
        Some(mapping) => Ok(begin(ReadOptions { mapping, ..options }).await),
        None => Ok(first),
    }
}

/// Has the file read again with these settings; they also apply to the next file of its shape. False where the plan is
/// not under review, or its file is no longer kept.
pub async fn read_otherwise(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan: &Plan,
    reading: &ReadProgress,
) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let is_kept = upload::is_kept(granted, &mut tx, plan.id).await?;
    if !is_kept || !store::read_again(granted, &mut tx, plan.id, reading).await? {
        return Ok(false);
    }
    if !reading.mapping.is_empty() && !plan.notes.shape.is_empty() {
        store::remember_mapping(granted, &mut tx, plan, reading).await?;
    }
    jobs::enqueue(&mut tx, &ReadUpload { school_id: granted.school_id(), plan_id: plan.id }).await?;
    tx.commit().await?;
    Ok(true)
}

async fn fill<'a>(
    scope: &'a Scope,
    app: &'a App,
    plan_id: PlanId,
    mut rows: GuardedRows,
) -> Result<std::result::Result<(Draft<'a>, Findings), FileRefusal>> {
    let mut draft = Draft::start(scope, app, plan_id).await?;
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        match rows.next().await {
            Ok(Some(row)) => {
                if rows.begins_anew() {
                    chunk.clear();
                    draft.start_over().await?;
                }
                chunk.push(source_row(row));
            }
            Ok(None) => break,
            Err(refusal) => return Ok(Err(refusal)),
        }
        if chunk.len() == CHUNK {
            draft.add(std::mem::take(&mut chunk)).await?;
        }
    }
    draft.add(chunk).await?;
    Ok(Ok((draft, std::mem::take(&mut rows.findings))))
}

fn plan_head(head: spreadsheet::TableHead, findings: Findings) -> SourceHead {
    let column = |column: spreadsheet::HeaderColumnInfo| PlanColumn {
        index: column.index,
        header: column.header,
        field: column.field,
        known: column.known,
    };
    SourceHead {
        sheet_name: head.sheet,
        header_line: i32::try_from(head.header_line).ok().filter(|line| *line > 0),
        columns: head.columns.into_iter().map(column).collect(),
        notes: Notes {
            encoding: head.encoding.map(|guess| (guess.name, guess.sample)),
            other_sheets: head.other_sheets,
            sheets: head.sheets,
            has_like_sheets: head.has_like_sheets,
            shape: head.shape,
            hidden: findings.hidden,
            hidden_lines: findings.hidden_lines,
            unsure_dates: findings.unsure_dates,
            ..Notes::default()
        },
    }
}

fn source_row(row: PersonRow) -> SourceRow {
    SourceRow {
        line: i32::try_from(row.line).unwrap_or(i32::MAX),
        values: row.values,
        cells: row.cells,
        faults: row.faults,
        warnings: row.warnings,
        guesses: row.guesses,
        is_staff: row.is_staff,
        registry: None,
    }
}
