//! Changing years: their names and days, deleting one that is empty, and opening one that is over.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use sqlx::PgConnection;

use super::years::{self, Year};
use crate::{
    access::{Actor, Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    ids::YearId,
    vietnam::school_year::SchoolYear,
};

/// For how many hours an owner has a year opened.
const OPEN_HOURS: i64 = 24;

/// What a year is to be.
#[derive(Clone, Copy, Debug)]
pub struct YearChange {
    pub name: SchoolYear,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// Why a year stays as it is: the key of the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearRefusal {
    /// Another year has the name.
    Taken,
    /// It ends before it begins.
    Order,
    /// Its days are not of the calendar years that it is named after.
    Outside,
    /// It would share days with another year.
    Overlap,
    /// It has classes, plans, a draft, a timetable or exams.
    Used,
    /// The school has no other.
    Last,
    /// It is over, and was not opened.
    Over,
    /// The year before would be the current one again, and was not opened.
    Reopens,
}

impl YearRefusal {
    pub const ALL: [Self; 8] =
        [Self::Taken, Self::Order, Self::Outside, Self::Overlap, Self::Used, Self::Last, Self::Over, Self::Reopens];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Taken => "fault-year-taken",
            Self::Order => "fault-year-order",
            Self::Outside => "fault-year-outside",
            Self::Overlap => "fault-year-overlap",
            Self::Used => "fault-year-used",
            Self::Last => "fault-year-last",
            Self::Over => "fault-year-over",
            Self::Reopens => "fault-year-reopens",
        }
    }
}

/// The year of this id.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such year.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: YearId) -> Result<Year> {
    years::all(scope, tx).await?.into_iter().find(|year| year.id == id).ok_or(Error::NotFound)
}

/// Whether a year is over: a later one has begun.
pub async fn is_over(scope: &Scope, tx: &mut PgConnection, today: NaiveDate, id: YearId) -> Result<bool> {
    let all: Vec<(YearId, NaiveDate)> =
        years::all(scope, tx).await?.into_iter().map(|year| (year.id, year.starts_on)).collect();
    if all.iter().any(|(each, _)| *each == id) { Ok(over(&all, today).contains(&id)) } else { Err(Error::NotFound) }
}

/// Until when the actor has a year opened, where it is over.
pub async fn opened_until(
    scope: &Scope,
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    id: YearId,
) -> Result<Option<DateTime<Utc>>> {
    let Some(member) = scope.member() else { return Ok(None) };
    Ok(sqlx::query_scalar!(
        "SELECT until FROM year_openings
         WHERE school_id = $1 AND school_year_id = $2 AND member_id = $3 AND until > $4",
        scope.school_id(),
        id,
        member.id,
        now,
    )
    .fetch_optional(tx)
    .await?)
}

/// Whether a year must not be changed: it is over, and the actor has not opened it.
pub async fn is_closed(scope: &Scope, app: &App, tx: &mut PgConnection, id: YearId) -> Result<bool> {
    if matches!(scope.actor, Actor::System) || !is_over(scope, tx, app.clock.today(), id).await? {
        return Ok(false);
    }
    Ok(opened_until(scope, tx, app.clock.now(), id).await?.is_none())
}

/// Refuses to go on where a year must not be changed.
///
/// # Errors
/// [`Error::YearOver`]
pub async fn expect_open(scope: &Scope, app: &App, tx: &mut PgConnection, id: YearId) -> Result<()> {
    if is_closed(scope, app, tx, id).await? { Err(Error::YearOver) } else { Ok(()) }
}

/// Opens a year that is over for the actor, for a day.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such year, [`Error::Forbidden`] for who is no member of it.
pub async fn open(granted: &Granted<may::ManageClasses>, app: &App, id: YearId, reason: &str) -> Result<()> {
    let member = granted.member().ok_or(Error::Forbidden)?.id;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = find(granted, &mut tx, id).await?;
    sqlx::query!(
        "INSERT INTO year_openings (school_id, school_year_id, member_id, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (school_id, school_year_id, member_id) DO UPDATE SET until = excluded.until",
        granted.school_id(),
        year.id,
        member,
        app.clock.now() + Duration::hours(OPEN_HOURS),
    )
    .execute(&mut *tx)
    .await?;
    let event = Event::about(AuditAction::SchoolYearOpened, year.id).because(reason);
    audit::record(granted, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds a year, with the days that years of the school have.
pub async fn add(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    name: SchoolYear,
) -> Result<std::result::Result<(), YearRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let all = years::all(granted, &mut tx).await?;
    let starts_on = years::first_day_of(&granted.school, name);
    let refusal = refusal(&all, YearId::nil(), YearChange { name, starts_on, ends_on: name.last_day() });
    if let Some(refusal) = refusal {
        return Ok(Err(refusal));
    }
    years::add(granted, app, &mut tx, name).await?;
    audit::record(granted, app, &mut tx, Event::new(AuditAction::SchoolYearAdded)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Changes a year.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such year.
pub async fn change(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    id: YearId,
    change: YearChange,
) -> Result<std::result::Result<(), YearRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let all = years::all(granted, &mut tx).await?;
    if !all.iter().any(|year| year.id == id) {
        return Err(Error::NotFound);
    }
    if is_closed(granted, app, &mut tx, id).await? {
        return Ok(Err(YearRefusal::Over));
    }
    if let Some(refusal) = refusal(&all, id, change) {
        return Ok(Err(refusal));
    }
    let moved = |year: &Year| if year.id == id { change.starts_on } else { year.starts_on };
    let then: Vec<(YearId, NaiveDate)> = all.iter().map(|year| (year.id, moved(year))).collect();
    if reopens(granted, app, &mut tx, &all, &then).await? {
        return Ok(Err(YearRefusal::Reopens));
    }
    sqlx::query!(
        "UPDATE school_years SET name = $3, starts_on = $4, ends_on = $5 WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        id,
        change.name.to_string(),
        change.starts_on,
        change.ends_on,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::SchoolYearChanged, id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// What is wrong with a year as it is to be, beside the others.
fn refusal(all: &[Year], id: YearId, change: YearChange) -> Option<YearRefusal> {
    let others = || all.iter().filter(|year| year.id != id);
    let is_outside = change.starts_on.year() != change.name.start() || change.ends_on.year() != change.name.end();
    if others().any(|year| year.name == change.name.to_string()) {
        Some(YearRefusal::Taken)
    } else if change.ends_on <= change.starts_on {
        Some(YearRefusal::Order)
    } else if is_outside {
        Some(YearRefusal::Outside)
    } else if others().any(|year| year.starts_on <= change.ends_on && change.starts_on <= year.ends_on) {
        Some(YearRefusal::Overlap)
    } else {
        None
    }
}

/// Whether a year that is over would not be over any more, with these first days: the lock on what it holds is not lifted
/// by moving another year away from today.
async fn reopens(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    all: &[Year],
    then: &[(YearId, NaiveDate)],
) -> Result<bool> {
    let now: Vec<(YearId, NaiveDate)> = all.iter().map(|year| (year.id, year.starts_on)).collect();
    let today = app.clock.today();
    let over_then = over(then, today);
    for id in over(&now, today).into_iter().filter(|id| !over_then.contains(id)) {
        if is_closed(scope, app, tx, id).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The years that are over on a day, of years with their first days.
fn over(years: &[(YearId, NaiveDate)], today: NaiveDate) -> Vec<YearId> {
    let Some(current) = years.iter().map(|(_, first)| *first).filter(|first| *first <= today).max() else {
        return Vec::new();
    };
    years.iter().filter(|(_, first)| *first < current).map(|(id, _)| *id).collect()
}

/// Deletes a year of which there is nothing.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such year.
pub async fn delete(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    id: YearId,
) -> Result<std::result::Result<(), YearRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let all = years::all(granted, &mut tx).await?;
    let year = all.iter().find(|year| year.id == id).ok_or(Error::NotFound)?;
    if all.len() == 1 {
        return Ok(Err(YearRefusal::Last));
    }
    if is_closed(granted, app, &mut tx, id).await? {
        return Ok(Err(YearRefusal::Over));
    }
    let others = all.iter().filter(|year| year.id != id);
    let then: Vec<(YearId, NaiveDate)> = others.map(|year| (year.id, year.starts_on)).collect();
    if reopens(granted, app, &mut tx, &all, &then).await? {
        return Ok(Err(YearRefusal::Reopens));
    }
    let deleted = sqlx::query!("DELETE FROM school_years WHERE school_id = $1 AND id = $2", granted.school_id(), id)
        .execute(&mut *tx)
        .await;
    match deleted {
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => return Ok(Err(YearRefusal::Used)),
        deleted => deleted?,
    };
    let action = AuditAction::SchoolYearDeleted { name: year.name.clone() };
    audit::record(granted, app, &mut tx, Event::about(action, id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_has_days_of_its_own() {
        let year = |id: u128, name: &str, from: &str, to: &str| Year {
            id: YearId::from_u128(id),
            name: name.to_owned(),
            starts_on: day(from),
            ends_on: day(to),
        };
        let all = [year(2, "2027-2028", "2027-08-01", "2028-05-31"), year(1, "2026-2027", "2026-08-01", "2027-05-31")];
        let asked = |name: &str, from: &str, to: &str| {
            let change = YearChange { name: name.parse().unwrap(), starts_on: day(from), ends_on: day(to) };
            refusal(&all, YearId::from_u128(2), change)
        };
        assert_eq!(asked("2027-2028", "2027-09-05", "2028-06-15"), None);
        assert_eq!(asked("2028-2029", "2028-08-01", "2029-05-31"), None);
        assert_eq!(asked("2026-2027", "2026-08-01", "2027-05-31"), Some(YearRefusal::Taken));
        assert_eq!(asked("2027-2028", "2028-06-01", "2028-05-31"), Some(YearRefusal::Order));
        assert_eq!(asked("2027-2028", "2026-08-01", "2028-05-31"), Some(YearRefusal::Outside));
        assert_eq!(asked("2027-2028", "2027-05-31", "2028-05-31"), Some(YearRefusal::Overlap));
    }
}
