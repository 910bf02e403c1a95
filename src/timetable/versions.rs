//! Versions of the timetable: drafts and published ones, each with the day from which it holds.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::announcements::AnnounceTimetable;
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{TimetableId, YearId},
    jobs,
    schools::year_changes,
};

/// The most versions of a year.
const MOST: i64 = 100;

/// The most characters of a version's name.
pub const LONGEST_NAME: usize = 100;

#[derive(Clone, Debug)]
pub struct Version {
    pub id: TimetableId,
    pub year_id: YearId,
    pub name: String,
    pub holds_from: NaiveDate,
    pub created_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub lessons: i64,
    /// The program made it, and nobody has taken it yet.
    pub is_proposed: bool,
}

/// Those of a year, the latest first.
pub async fn of_year(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<Version>> {
    Ok(sqlx::query_as!(
        Version,
        r#"SELECT v.id, v.school_year_id AS year_id, v.name, v.holds_from, v.created_at, v.published_at,
               (SELECT count(*) FROM timetable_lessons l WHERE l.school_id = $1 AND l.version_id = v.id) AS "lessons!",
               EXISTS (SELECT FROM timetable_generations g WHERE g.school_id = $1 AND g.result_id = v.id
                   AND g.state = 'done') AS "is_proposed!"
           FROM timetable_versions v WHERE v.school_id = $1 AND v.school_year_id = $2
           ORDER BY v.holds_from DESC, v.created_at DESC, v.id DESC"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
}

/// # Errors
/// [`Error::NotFound`] where the school has no such version.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: TimetableId) -> Result<Version> {
    of_id(scope, tx, id).await?.ok_or(Error::NotFound)
}

pub async fn of_id(scope: &Scope, tx: &mut PgConnection, id: TimetableId) -> Result<Option<Version>> {
    Ok(sqlx::query_as!(
        Version,
        r#"SELECT v.id, v.school_year_id AS year_id, v.name, v.holds_from, v.created_at, v.published_at,
               (SELECT count(*) FROM timetable_lessons l WHERE l.school_id = $1 AND l.version_id = v.id) AS "lessons!",
               EXISTS (SELECT FROM timetable_generations g WHERE g.school_id = $1 AND g.result_id = v.id
                   AND g.state = 'done') AS "is_proposed!"
           FROM timetable_versions v WHERE v.school_id = $1 AND v.id = $2"#,
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?)
}

/// The version, to be changed.
///
/// # Errors
/// As [`find`]; [`Error::YearOver`] where its year must not be changed any more.
pub async fn find_to_change(scope: &Scope, app: &App, tx: &mut PgConnection, id: TimetableId) -> Result<Version> {
    let version = find(scope, tx, id).await?;
    year_changes::expect_open(scope, app, tx, version.year_id).await?;
    Ok(version)
}

/// A version to be made.
#[derive(Clone, Debug)]
pub struct NewVersion {
    pub year_id: YearId,
    pub name: String,
    pub holds_from: NaiveDate,
    /// The version whose lessons it begins with.
    pub copy_of: Option<TimetableId>,
}

/// Makes a draft. None where the year has as many versions as it may have.
///
/// # Errors
/// [`Error::NotFound`] where the school has no version that is to be copied.
pub async fn make(granted: &Granted<may::ManageTimetable>, app: &App, new: &NewVersion) -> Result<Option<TimetableId>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    year_changes::expect_open(granted, app, &mut tx, new.year_id).await?;
    let copied = match new.copy_of {
        Some(copy_of) => Some(find(granted, &mut tx, copy_of).await?),
        None => None,
    };
    let Some(id) = insert(granted, app, &mut tx, new).await? else { return Ok(None) };
    // Classes are of one year: from another one there is nothing to copy.
    if let Some(copied) = copied.filter(|copied| copied.year_id == new.year_id) {
        sqlx::query!(
            "INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id,
                 teacher_id, room_id, room_place, is_locked)
             SELECT school_id, $3, class_id, day, session, period, subject_id, teacher_id, room_id, room_place, is_locked
             FROM timetable_lessons WHERE school_id = $1 AND version_id = $2
         RETURNING class_id",
            granted.school_id(),
            copied.id,
            id,
        )
        .fetch_all(&mut *tx)
        .await?;
    }
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableMade, id)).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// Writes an empty draft. None where the year has as many versions as it may have.
pub(super) async fn insert(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    tx: &mut PgConnection,
    new: &NewVersion,
) -> Result<Option<TimetableId>> {
    let now = app.clock.now();
    let id: TimetableId = app.randomness.uuid_v7(now);
    let made = sqlx::query!(
        "INSERT INTO timetable_versions (school_id, id, school_year_id, name, holds_from, created_by, created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7
         WHERE (SELECT count(*) FROM timetable_versions WHERE school_id = $1 AND school_year_id = $3) < $8
         RETURNING id",
        granted.school_id(),
        id,
        new.year_id,
        new.name,
        new.holds_from,
        granted.member().map(|member| member.id),
        now,
        MOST,
    )
    .fetch_all(&mut *tx)
    .await?;
    Ok((!made.is_empty()).then_some(id))
}

/// Publishes a version: from its day on it is what everybody sees. Publishing it twice changes nothing. `is_announced`:
/// the teachers and pupils whose lessons change get a mail.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such version.
pub async fn publish(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    id: TimetableId,
    is_announced: bool,
) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    find_to_change(granted, app, &mut tx, id).await?;
    let published_at = app.clock.now();
    let published = sqlx::query!(
        "UPDATE timetable_versions SET published_at = $3 WHERE school_id = $1 AND id = $2 AND published_at IS NULL",
        granted.school_id(),
        id,
        published_at,
    )
    .execute(&mut *tx)
    .await?;
    if published.rows_affected() > 0 {
        if is_announced {
            let job = AnnounceTimetable { school_id: granted.school_id(), version_id: id, published_at };
            jobs::enqueue(&mut tx, &job).await?;
        }
        audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetablePublished, id)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes a published version back: it is a draft again, and the one before it holds.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such version.
pub async fn withdraw(granted: &Granted<may::ManageTimetable>, app: &App, id: TimetableId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    find_to_change(granted, app, &mut tx, id).await?;
    let withdrawn = sqlx::query!(
        "UPDATE timetable_versions SET published_at = NULL
         WHERE school_id = $1 AND id = $2 AND published_at IS NOT NULL",
        granted.school_id(),
        id,
    )
    .execute(&mut *tx)
    .await?;
    if withdrawn.rows_affected() > 0 {
        audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableWithdrawn, id)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Deletes a draft with its lessons. False where it is published: it is taken back first.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such version.
pub async fn delete(granted: &Granted<may::ManageTimetable>, app: &App, id: TimetableId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = find_to_change(granted, app, &mut tx, id).await?;
    let deleted = sqlx::query!(
        "DELETE FROM timetable_versions WHERE school_id = $1 AND id = $2 AND published_at IS NULL",
        granted.school_id(),
        id,
    )
    .execute(&mut *tx)
    .await?;
    if deleted.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::about(AuditAction::TimetableDeleted { name: version.name }, id);
    audit::record(granted, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(true)
}
