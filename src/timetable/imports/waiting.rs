//! Files that were read and wait to be taken.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::ParsedFile;
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::TimetableImportId,
};

/// How many files of a school wait at most, and for how many days; older ones are deleted.
const MOST: i64 = 10;
const DAYS: i64 = 7;

#[derive(Clone, Debug)]
pub struct WaitingImport {
    pub id: TimetableImportId,
    pub file_name: String,
    pub created_at: DateTime<Utc>,
}

/// Those of a school, the latest first.
pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<WaitingImport>> {
    Ok(sqlx::query_as!(
        WaitingImport,
        "SELECT id, file_name, created_at FROM timetable_imports WHERE school_id = $1 ORDER BY created_at DESC, id DESC",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?)
}

/// A file, and what it says.
///
/// # Errors
/// [`Error::NotFound`] where it does not wait, or no longer.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: TimetableImportId) -> Result<(WaitingImport, ParsedFile)> {
    let row = sqlx::query!(
        "SELECT id, file_name, created_at, lessons FROM timetable_imports WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
    );
    let row = row.fetch_optional(tx).await?.ok_or(Error::NotFound)?;
    let waiting = WaitingImport { id: row.id, file_name: row.file_name, created_at: row.created_at };
    Ok((waiting, serde_json::from_value(row.lessons)?))
}

/// Stores the lessons of a file until it is taken, and deletes old files.
pub async fn put(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    file_name: &str,
    read: &ParsedFile,
) -> Result<TimetableImportId> {
    let now = app.clock.now();
    let id: TimetableImportId = app.randomness.uuid_v7(now);
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    sqlx::query!(
        "DELETE FROM timetable_imports WHERE school_id = $1 AND (created_at < $2 OR id IN (
             SELECT id FROM timetable_imports WHERE school_id = $1 ORDER BY created_at DESC, id DESC OFFSET $3))",
        granted.school_id(),
        now - Duration::days(DAYS),
        MOST - 1,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO timetable_imports (school_id, id, created_by, created_at, file_name, lessons)
         VALUES ($1, $2, $3, $4, $5, $6)",
        granted.school_id(),
        id,
        granted.member().map(|member| member.id),
        now,
        file_name,
        serde_json::to_value(read)?,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableImportRead)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Throws a file away.
///
/// # Errors
/// [`Error::NotFound`] where it does not wait.
pub async fn discard(granted: &Granted<may::ManageTimetable>, app: &App, id: TimetableImportId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    if !remove(granted, &mut tx, id).await? {
        return Err(Error::NotFound);
    }
    audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableImportDiscarded)).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the file was there: of concurrent requests only one removes it.
pub(super) async fn remove(scope: &Scope, tx: &mut PgConnection, id: TimetableImportId) -> Result<bool> {
    let removed = sqlx::query!("DELETE FROM timetable_imports WHERE school_id = $1 AND id = $2", scope.school_id(), id);
    Ok(removed.execute(tx).await?.rows_affected() > 0)
}
