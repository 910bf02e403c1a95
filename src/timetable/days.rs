//! Days that differ from the week: holidays, and days with other bell times.

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::{
    bells::{Bell, Bells},
    model::{Session, Slot},
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result, stored},
    ids::TimetableDayId,
};

/// The most days of one entry: enough for the summer holidays.
pub const MOST_DAYS: i64 = 120;

/// The most entries of a school.
const MOST: i64 = 300;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialDay {
    pub id: TimetableDayId,
    pub name: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// The bell times instead of the usual ones; none where there are no lessons.
    pub bells: Option<Bells>,
}

/// Those of a span of days, in their order.
#[derive(Clone, Debug, Default)]
pub struct SpecialDays(pub Vec<SpecialDay>);

impl SpecialDays {
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> Option<&SpecialDay> {
        self.0.iter().find(|day| (day.from..=day.to).contains(&date))
    }

    /// The bell times of a date.
    #[must_use]
    pub fn bells(&self, date: NaiveDate, usual: &Bells) -> Bells {
        match self.on(date) {
            Some(day) => day.bells.clone().unwrap_or_default(),
            None => usual.clone(),
        }
    }

    /// Whether a lesson of the week is held on a date.
    #[must_use]
    pub fn is_held(&self, date: NaiveDate, slot: Slot) -> bool {
        match self.on(date) {
            Some(day) => day.bells.as_ref().is_some_and(|bells| bells.at(slot).is_some()),
            None => true,
        }
    }
}

/// Those that touch a span of days.
pub async fn between(scope: &Scope, tx: &mut PgConnection, from: NaiveDate, until: NaiveDate) -> Result<SpecialDays> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.name, d.from_day, d.to_day, d.is_free, b.session AS "session?", b.period AS "period?",
             b.begins AS "begins?", b.ends AS "ends?"
           FROM timetable_days d LEFT JOIN timetable_day_bells b ON b.school_id = $1 AND b.day_id = d.id
           WHERE d.school_id = $1 AND d.from_day <= $3 AND d.to_day >= $2
           ORDER BY d.from_day, d.id, b.session DESC, b.period"#,
        scope.school_id(),
        from,
        until,
    );
    let mut days: Vec<SpecialDay> = Vec::new();
    for row in rows.fetch_all(tx).await? {
        if days.last().is_none_or(|last| last.id != row.id) {
            let bells = (!row.is_free).then(Bells::default);
            days.push(SpecialDay { id: row.id, name: row.name, from: row.from_day, to: row.to_day, bells });
        }
        let bells = days.last_mut().and_then(|day| day.bells.as_mut());
        if let (Some(bells), Some(session), Some(period), Some(begins), Some(ends)) =
            (bells, row.session, row.period, row.begins, row.ends)
        {
            let session = stored("session", Session::from_key(&session))?;
            bells.0.push(Bell { session, period, begins, ends });
        }
    }
    Ok(SpecialDays(days))
}

/// A day to be noted.
#[derive(Clone, Debug)]
pub struct NewDay {
    pub name: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub bells: Option<Bells>,
}

/// Why a day is not noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecialDayRefusal {
    /// One of its days is noted already, under this name.
    Taken(String),
    TooMany,
}

/// Notes a day, or several in a row.
pub async fn note(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    new: &NewDay,
) -> Result<std::result::Result<(), SpecialDayRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    // Concurrent requests for the same day wait for one another here.
    db::lock_roster(&mut tx, granted.school_id()).await?;
    if let Some(other) = between(granted, &mut tx, new.from, new.to).await?.0.into_iter().next() {
        return Ok(Err(SpecialDayRefusal::Taken(other.name)));
    }
    let id: TimetableDayId = app.randomness.uuid_v7(app.clock.now());
    let noted = sqlx::query!(
        "INSERT INTO timetable_days (school_id, id, name, from_day, to_day, is_free)
         SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM timetable_days WHERE school_id = $1) < $7
         RETURNING id",
        granted.school_id(),
        id,
        new.name,
        new.from,
        new.to,
        new.bells.is_none(),
        MOST,
    );
    if noted.fetch_all(&mut *tx).await?.is_empty() {
        return Ok(Err(SpecialDayRefusal::TooMany));
    }
    if let Some(bells) = &new.bells {
        insert_bells(granted, &mut tx, id, bells).await?;
    }
    audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableDayNoted { from: new.from })).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn insert_bells(scope: &Scope, tx: &mut PgConnection, id: TimetableDayId, bells: &Bells) -> Result<()> {
    let sessions: Vec<String> = bells.0.iter().map(|bell| bell.session.key().to_owned()).collect();
    let periods: Vec<i16> = bells.0.iter().map(|bell| bell.period).collect();
    let begins: Vec<chrono::NaiveTime> = bells.0.iter().map(|bell| bell.begins).collect();
    let ends: Vec<chrono::NaiveTime> = bells.0.iter().map(|bell| bell.ends).collect();
    sqlx::query!(
        "INSERT INTO timetable_day_bells (school_id, day_id, session, period, begins, ends)
         SELECT $1, $2, * FROM unnest($3::text[], $4::smallint[], $5::time[], $6::time[])
         RETURNING period",
        scope.school_id(),
        id,
        &sessions,
        &periods,
        &begins,
        &ends,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Takes a day back: it is one of the week again.
///
/// # Errors
/// [`Error::NotFound`] where the school has not noted it.
pub async fn remove(granted: &Granted<may::ManageTimetable>, app: &App, id: TimetableDayId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let from = sqlx::query_scalar!(
        "DELETE FROM timetable_days WHERE school_id = $1 AND id = $2 RETURNING from_day",
        granted.school_id(),
        id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableDayRemoved { from })).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::setup;

    #[test]
    fn a_lesson_is_held_where_the_day_has_its_period() {
        let date = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let slot = |period| Slot { day: 5, session: Session::Morning, period };
        let usual = setup::usual_bells();
        let short = Bells(usual.of(Session::Morning).into_iter().take(3).collect());
        let day = |from, to, bells| SpecialDay {
            id: TimetableDayId::from_u128(1),
            name: "20/11".to_owned(),
            from: date(from),
            to: date(to),
            bells,
        };
        let days = SpecialDays(vec![day(20, 20, Some(short.clone())), day(23, 25, None)]);
        assert!(days.is_held(date(19), slot(5)) && days.is_held(date(20), slot(3)));
        assert!(!days.is_held(date(20), slot(4)) && !days.is_held(date(24), slot(1)));
        assert_eq!(days.bells(date(20), &usual), short);
        assert_eq!(days.bells(date(23), &usual), Bells::default());
        assert_eq!(days.bells(date(26), &usual), usual);
    }
}
