//! School years.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::{
    access::{School, Scope},
    app::App,
    error::{Error, Result},
    ids::YearId,
    vietnam::school_year::{FirstDay, SchoolYear},
};

/// A year of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    pub id: YearId,
    /// "2026-2027".
    pub name: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

impl Year {
    /// As one writes it: 2026–2027.
    #[must_use]
    pub fn label(&self) -> String {
        self.name.replace('-', "–")
    }
}

/// The school year that a date lies in, by the school's calendar.
#[must_use]
pub fn calendar_year(school: &School, date: NaiveDate) -> SchoolYear {
    SchoolYear::of(date, first_day(school))
}

/// The first day of a year, by the school's calendar.
#[must_use]
pub fn first_day_of(school: &School, year: SchoolYear) -> NaiveDate {
    year.first_day(first_day(school))
}

fn first_day(school: &School) -> FirstDay {
    FirstDay::new(school.year_starts_month, 1).unwrap_or_default()
}

/// Adds a year, unless the school has it.
pub async fn add(scope: &Scope, app: &App, tx: &mut PgConnection, year: SchoolYear) -> Result<()> {
    sqlx::query!(
        "INSERT INTO school_years (school_id, id, name, starts_on, ends_on) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        scope.school_id(),
        app.randomness.uuid_v7::<YearId>(app.clock.now()),
        year.to_string(),
        year.first_day(first_day(&scope.school)),
        year.last_day(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The year of today: the latest that has begun, or the first of all.
///
/// # Errors
/// [`Error::NotFound`] where the school has no year, which opening it prevents.
pub async fn current(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<Year> {
    sqlx::query_as!(
        Year,
        "SELECT id, name, starts_on, ends_on FROM school_years WHERE school_id = $1
         ORDER BY starts_on <= $2 DESC, CASE WHEN starts_on <= $2 THEN $2 - starts_on ELSE starts_on - $2 END LIMIT 1",
        scope.school_id(),
        today,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)
}

/// The years that people can be added to: today's, and those to come, in their order.
///
/// # Errors
/// [`Error::NotFound`] where the school has no year.
pub async fn all_open(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<Vec<Year>> {
    let current = current(scope, tx, today).await?;
    let mut years = all(scope, tx).await?;
    years.retain(|year| year.starts_on >= current.starts_on);
    years.reverse();
    Ok(years)
}

/// The open year of this id; without one, today's.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such year, or it is over.
pub async fn open(scope: &Scope, tx: &mut PgConnection, today: NaiveDate, id: Option<YearId>) -> Result<Year> {
    let years = all_open(scope, tx, today).await?;
    years.into_iter().find(|year| id.is_none_or(|id| year.id == id)).ok_or(Error::NotFound)
}

/// All years, the latest first.
pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<Year>> {
    Ok(sqlx::query_as!(
        Year,
        "SELECT id, name, starts_on, ends_on FROM school_years WHERE school_id = $1 ORDER BY starts_on DESC",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?)
}
