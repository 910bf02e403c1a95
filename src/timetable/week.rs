//! One week of one class, teacher or room, as published.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use sqlx::PgConnection;

use super::{
    covers::Covers,
    days::{self, SpecialDay},
    lessons::{self, Lesson, LessonsOf},
};
use crate::{access::Scope, error::Result, ids::TimetableId};

/// A week from Monday to Saturday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    pub monday: NaiveDate,
}

impl Week {
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        Self { monday: date.week(Weekday::Mon).first_day() }
    }

    /// As an address names it: a day of it, or `2026-W49`; none where it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let week = || {
            let (year, week) = text.split_once("-W")?;
            NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, Weekday::Mon)
        };
        let date = text.parse::<NaiveDate>().ok().or_else(week)?;
        (1900..=2999).contains(&date.year()).then(|| Self::of(date))
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self { monday: self.monday + Days::new(7) }
    }

    #[must_use]
    pub fn previous(self) -> Self {
        Self { monday: self.monday - Days::new(7) }
    }

    /// The date of a day, 1 to 6.
    #[must_use]
    pub fn date(self, day: i16) -> NaiveDate {
        self.monday + Days::new(u64::try_from(day - 1).unwrap_or_default())
    }
}

/// The number of a date's day: 1 to 6, and 7 for a Sunday, on which there are no lessons.
#[must_use]
pub fn number_of(date: NaiveDate) -> i16 {
    i16::try_from(date.weekday().number_from_monday()).unwrap_or(7)
}

/// A day of a week with its lessons.
#[derive(Clone, Debug)]
pub struct DayLessons {
    pub number: i16,
    pub date: NaiveDate,
    pub lessons: Vec<Lesson>,
    /// Why it differs from the others, if it does.
    pub special: Option<SpecialDay>,
}

/// A published version, and until when it holds.
#[derive(Clone, Debug)]
pub struct Holding {
    pub id: TimetableId,
    pub name: String,
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// The published versions that hold on some day of this span, in their order.
pub async fn holding(scope: &Scope, tx: &mut PgConnection, from: NaiveDate, until: NaiveDate) -> Result<Vec<Holding>> {
    let rows = sqlx::query!(
        "SELECT v.id, v.name, v.holds_from, y.ends_on FROM timetable_versions v
         JOIN school_years y ON y.school_id = $1 AND y.id = v.school_year_id
         WHERE v.school_id = $1 AND v.published_at IS NOT NULL AND v.holds_from <= $2
         ORDER BY v.holds_from, v.published_at, v.id",
        scope.school_id(),
        until,
    )
    .fetch_all(tx)
    .await?;
    let mut holding: Vec<Holding> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let next = rows[at + 1..].first().map(|next| next.holds_from - Days::new(1));
        let until = next.map_or(row.ends_on, |next| next.min(row.ends_on));
        if until >= row.holds_from && until >= from {
            holding.push(Holding { id: row.id, name: row.name.clone(), from: row.holds_from, until });
        }
    }
    Ok(holding)
}

/// The days of a week, each by the version that holds then and by who takes whose lessons.
pub async fn days(
    scope: &Scope,
    tx: &mut PgConnection,
    week: Week,
    of: LessonsOf,
) -> Result<(Vec<DayLessons>, Vec<Holding>)> {
    let holding = holding(scope, tx, week.monday, week.date(6)).await?;
    let covers = Covers::between(scope, tx, (week.monday, week.date(6)), &holding).await?;
    let special = days::between(scope, tx, week.monday, week.date(6)).await?;
    let day = |number| {
        let date = week.date(number);
        DayLessons { number, date, lessons: Vec::new(), special: special.on(date).cloned() }
    };
    let mut days: Vec<DayLessons> = (1..=6).map(day).collect();
    for version in &holding {
        let lessons = lessons::of(scope, tx, version.id, of).await?;
        for day in days.iter_mut().filter(|day| (version.from..=version.until).contains(&day.date)) {
            let planned = lessons.iter().filter(|lesson| lesson.slot.day == day.number).cloned().collect();
            day.lessons = covers.applied(day.date, planned, of);
            day.lessons.retain(|lesson| special.is_held(day.date, lesson.slot));
        }
    }
    Ok((days, holding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_named_by_any_of_its_days() {
        let monday = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
        for text in ["2026-11-30", "2026-12-03", "2026-12-06", "2026-W49"] {
            assert_eq!(Week::parse(text), Some(Week { monday }), "{text}");
        }
        for text in ["", "x", "2026-W99", "+99999-01-01"] {
            assert_eq!(Week::parse(text), None, "{text}");
        }
        assert_eq!(Week { monday }.next().previous().date(6), NaiveDate::from_ymd_opt(2026, 12, 5).unwrap());
    }
}
