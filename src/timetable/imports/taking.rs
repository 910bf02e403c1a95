//! Turns an imported file into a draft, in one transaction.

use sqlx::PgConnection;

use super::{
    meaning::{ImportContext, understand},
    spellings, waiting,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    ids::{TimetableId, TimetableImportId, YearId},
    schools::{classes, homeroom, year_changes},
    timetable::{
        assignments, bells, rooms, subjects,
        versions::{self, NewVersion},
    },
};

/// What a school's files are read against.
pub async fn ground(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<ImportContext> {
    Ok(ImportContext {
        classes: classes::of_year(scope, tx, year_id).await?,
        subjects: subjects::all(scope, tx).await?,
        teachers: homeroom::candidates(scope, tx).await?,
        rooms: rooms::all(scope, tx).await?,
        assignments: assignments::of_year(scope, tx, year_id).await?,
        bells: bells::all(scope, tx).await?,
        shifts: bells::shifts(scope, tx).await?,
        spellings: spellings::all(scope, tx).await?,
    })
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeRefusal {
    /// Names are still to be chosen.
    Unknown,
    /// No lesson of it can be placed.
    Nothing,
    /// A class, subject, teacher or room that it names was removed by another request.
    Changed,
    /// The year has as many versions as it may have.
    TooMany,
}

/// Makes a draft of a file; `wants_assignments`: its teaching assignments are taken as well.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the file is not waiting; [`crate::error::Error::YearOver`] where the year must not
/// be changed any more.
pub async fn take(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    id: TimetableImportId,
    new: &NewVersion,
    wants_assignments: bool,
) -> Result<std::result::Result<TimetableId, TakeRefusal>> {
    let mut tx = app.db.begin_work_in(granted.school_id()).await?;
    year_changes::expect_open(granted, app, &mut tx, new.year_id).await?;
    let (_, read) = waiting::find(granted, &mut tx, id).await?;
    if !waiting::remove(granted, &mut tx, id).await? {
        return Err(crate::error::Error::NotFound);
    }
    let understood = understand(&read, &ground(granted, &mut tx, new.year_id).await?);
    let assigned = if wants_assignments { understood.assignments.as_slice() } else { &[] };
    if understood.unknown() > 0 {
        return Ok(Err(TakeRefusal::Unknown));
    }
    if understood.rows.count() == 0 && assigned.is_empty() {
        return Ok(Err(TakeRefusal::Nothing));
    }
    let Some(version) = versions::insert(granted, app, &mut tx, new).await? else {
        return Ok(Err(TakeRefusal::TooMany));
    };
    if let Err(error) = understood.rows.insert(&mut tx, granted.school_id(), version).await {
        return if error.violated_constraint().is_some() { Ok(Err(TakeRefusal::Changed)) } else { Err(error) };
    }
    if assignments::assign_in(granted, app, &mut tx, assigned).await?.is_err() {
        return Ok(Err(TakeRefusal::Changed));
    }
    let action = AuditAction::TimetableImportTaken { lessons: understood.rows.count() };
    audit::record(granted, app, &mut tx, Event::about(action, version)).await?;
    tx.commit().await?;
    Ok(Ok(version))
}
