//! Making a plan: a source's rows become plan rows, each with its outcome.

use std::collections::BTreeSet;

use super::{
    absent,
    book::Book,
    claims,
    duplicate_rows::DuplicateRows,
    model::{KEPT, OutcomeCounts, Plan, PlanRow, PlanState, Source, SourceHead, SourceRow},
    new_classes, purge,
    resolve::{COLUMN_SHUFFLED, Resolver},
    rows,
    shuffled::Changes,
    store::{self, NewPlan},
    upload::{self, SealedFile},
};
use crate::{
    access::{Granted, Permission, Scope},
    app::App,
    audit::{self, AuditAction},
    error::{Error, Result},
    identity::password::TemporaryPassword,
    ids::{PlanId, YearId},
    roster::fields::{Fault, Field},
    schools::years,
};

/// How many rows are read or written at a time.
pub const CHUNK: usize = 2_000;

/// A file to make a plan from.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    pub source: Source,
    pub file_name: &'a str,
    pub file: &'a [u8],
    /// The year whose classes it is about; without one, today's.
    pub year_id: Option<YearId>,
}

/// The same, sealed while it came.
pub struct SealedUpload<'a> {
    pub source: Source,
    pub file_name: &'a str,
    pub file: SealedFile,
    pub year_id: Option<YearId>,
}

/// Begins a plan: keeps the file, sealed, until it has been read and reviewed. The caller enqueues the job that reads
/// it, in the same transaction.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such current or future year, [`Error::FilesWaiting`] where the school's
/// limit on waiting files is reached.
pub async fn begin(
    granted: &Granted<impl Permission>,
    app: &App,
    tx: &mut sqlx::PgConnection,
    book: Book,
    upload: SealedUpload<'_>,
) -> Result<PlanId> {
    let now = app.clock.now();
    let id = upload.file.plan_id;
    upload::make_room(granted, tx, book, upload.file.bytes()).await?;
    let year = years::open(granted, tx, app.clock.today(), upload.year_id).await?;
    let new = NewPlan { id, book, source: upload.source, school_year_id: year.id, file_name: Some(upload.file_name) };
    store::insert(granted, app, tx, &new).await?;
    upload.file.keep(granted, tx).await?;
    purge::plan_for(granted, tx, id, now).await?;
    let action = match book {
        Book::Roster => AuditAction::PlanMade,
        Book::Registry => AuditAction::SubmissionMade,
    };
    audit::record(granted, app, tx, audit::Event::about(action, id)).await?;
    Ok(id)
}

/// A plan whose rows are coming in.
///
/// Rows are written as they come, each with the outcome that it has by itself. Only at the end is it known which rows
/// of the sheet are about one person; those are resolved again then.
pub struct Draft<'a> {
    scope: &'a Scope,
    app: &'a App,
    plan: Plan,
    resolver: Resolver<'a>,
    changes: Changes,
    read: i32,
}

impl<'a> Draft<'a> {
    /// Starts over with no rows: an earlier attempt may have died on the way.
    ///
    /// # Errors
    /// [`Error::NotFound`] where another worker has read the file meanwhile: what was decided since must not be lost.
    pub async fn start(scope: &'a Scope, app: &'a App, plan_id: PlanId) -> Result<Self> {
        let mut tx = app.db.begin_work_in(scope.school_id()).await?;
        store::lock(scope, &mut tx, plan_id).await?;
        let plan = store::find(scope, &mut tx, plan_id).await?;
        if plan.state != PlanState::Reading {
            return Err(Error::NotFound);
        }
        store::delete_rows(scope, &mut tx, plan_id).await?;
        let resolver = Resolver::read(scope, app, &mut tx, &plan).await?;
        tx.commit().await?;
        Ok(Self { scope, app, plan, resolver, changes: Changes::default(), read: 0 })
    }

    /// Deletes the rows so far: the source will read them differently.
    pub async fn start_over(&mut self) -> Result<()> {
        let mut tx = self.app.db.begin_in(self.scope.school_id()).await?;
        store::delete_rows(self.scope, &mut tx, self.plan.id).await?;
        tx.commit().await?;
        self.resolver.new_classes.clear();
        (self.changes, self.read) = (Changes::default(), 0);
        Ok(())
    }

    /// Adds rows, in the order of the source.
    pub async fn add(&mut self, rows: Vec<SourceRow>) -> Result<()> {
        let mut rows: Vec<PlanRow> = rows.into_iter().map(|row| self.take_in(row)).collect();
        self.read = self.read.saturating_add(i32::try_from(rows.len()).unwrap_or(i32::MAX));
        let mut tx = self.app.db.begin_work_in(self.scope.school_id()).await?;
        self.resolver.resolve(&mut tx, &self.plan, &mut rows, &DuplicateRows::default()).await?;
        // No column of the registry was sorted by itself.
        rows.iter().filter(|row| row.registry.is_none()).for_each(|row| self.changes.see(row));
        rows::insert(self.scope, &mut tx, self.plan.id, &rows).await?;
        store::tell_progress(self.scope, &mut tx, self.plan.id, "matching", self.read).await?;
        tx.commit().await?;
        Ok(())
    }

    /// All rows are there: the plan can be reviewed.
    pub async fn finish(mut self, mut head: SourceHead) -> Result<OutcomeCounts> {
        let mut tx = self.app.db.begin_work_in(self.scope.school_id()).await?;
        let duplicates = rows::duplicates(self.scope, &mut tx, self.plan.id, None).await?;
        let astray = self.changes.astray();
        head.notes.contradicted = self.changes.contradicted + astray.len();
        let lines: BTreeSet<i32> = duplicates.lines().iter().chain(astray.keys()).copied().collect();
        let lines: Vec<i32> = lines.into_iter().collect();
        for lines in lines.chunks(CHUNK) {
            let mut rows = rows::at(self.scope, &mut tx, self.plan.id, lines).await?;
            for row in &mut rows {
                let field = astray.get(&row.line);
                row.warnings.extend(field.map(|field| Fault::new(*field, COLUMN_SHUFFLED, "")));
            }
            self.resolver.resolve(&mut tx, &self.plan, &mut rows, &duplicates).await?;
            rows::update(self.scope, &mut tx, self.plan.id, &rows).await?;
        }
        claims::hold(self.scope, &mut tx, &self.plan, &head.notes, None, &[]).await?;
        absent::refresh(self.scope, &mut tx, &self.plan).await?;
        head.notes.left_out = rows::count_warnings(self.scope, &mut tx, self.plan.id, &KEPT).await?;
        let new_classes: BTreeSet<String> = std::mem::take(&mut self.resolver.new_classes);
        let new_classes: Vec<String> = new_classes.into_iter().collect();
        new_classes::add(self.scope, &mut tx, self.plan.id, &new_classes).await?;
        store::finish_reading(self.scope, &mut tx, self.plan.id, &head).await?;
        let counts = store::recount(self.scope, &mut tx, self.plan.id).await?;
        tx.commit().await?;
        Ok(counts)
    }

    /// A password is kept neither among the values nor among the cells: it is sealed for the account that the row would
    /// make, or dropped.
    fn take_in(&self, row: SourceRow) -> PlanRow {
        let mut row = PlanRow::of(row);
        let Some(typed) = row.values.remove(&Field::Password) else { return row };
        for cell in row.cells.iter_mut().filter(|cell| cell.trim() == typed) {
            cell.clear();
        }
        if self.plan.book == Book::Registry {
            return row;
        }
        match TemporaryPassword::from_sheet(&typed) {
            Ok(password) => {
                let account_id = self.app.randomness.uuid_v7(self.app.clock.now());
                row.password = Some(password.seal(&self.app.keys, &self.app.randomness, account_id));
                row.account_id = Some(account_id);
            }
            Err(fault) => row.warnings.push(Fault::new(Field::Password, fault.key(), "")),
        }
        row
    }
}
