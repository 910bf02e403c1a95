//! The daily rows of a school: when people came in, by what, and which passwords were given anew.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    count::Counted,
    figures::{Numbers, Recent},
};
use crate::{
    access::{Role, Scope},
    error::Result,
    web::i18n,
};

/// How far back sign-ins are kept one by one, and with that how many days can be counted late.
pub const KEPT_DAYS: u64 = 40;

/// Over how many days the reports sum up.
pub const RECENT_DAYS: u64 = 28;

/// Totals at the end of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTotals {
    pub pupils: i64,
    pub signed_in: i64,
    /// In hundredths; none where there was nobody.
    pub score: Option<i64>,
    /// This and what follows: none for a day that an older version counted, which did not count these.
    #[serde(default)]
    pub slips: Option<i64>,
    #[serde(default)]
    pub staff: Option<i64>,
    #[serde(default)]
    pub staff_in: Option<i64>,
    #[serde(default)]
    pub overdue: Option<i64>,
}

impl DayTotals {
    pub fn of(counted: &Counted, overdue: i64) -> Self {
        let usage = &counted.figures.usage;
        let staff = usage.staff();
        Self {
            pupils: usage.pupils.active,
            signed_in: usage.pupils.signed_in,
            score: counted.figures.quality.score(),
            slips: Some(counted.with_slip),
            staff: Some(staff.active),
            staff_in: Some(staff.signed_in),
            overdue: Some(overdue),
        }
    }
}

/// The moment at which a day begins in Vietnam.
pub fn beginning(day: NaiveDate) -> DateTime<Utc> {
    let begins = i18n::vietnam().from_local_datetime(&day.and_time(NaiveTime::MIN)).single();
    begins.map(|begins| begins.with_timezone(&Utc)).unwrap_or_default()
}

struct ReportDay {
    day: NaiveDate,
    hours: [i32; 24],
    devices: Numbers,
    resets: Numbers,
}

/// Writes the rows of today and of the days that have not been counted since they ended.
pub async fn write(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let today = now.with_timezone(&i18n::vietnam()).date_naive();
    let last = sqlx::query_scalar!("SELECT max(day) FROM report_days WHERE school_id = $1", scope.school_id())
        .fetch_one(&mut *tx)
        .await?;
    let earliest = today - Days::new(KEPT_DAYS);
    let from = last.unwrap_or(earliest).max(earliest);
    for day in days(scope, tx, from, today).await? {
        let hours: Vec<i32> = day.hours.into();
        sqlx::query!(
            "INSERT INTO report_days (school_id, day, counted_at, hours, devices, resets)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (school_id, day) DO UPDATE SET counted_at = excluded.counted_at, hours = excluded.hours,
                 devices = excluded.devices, resets = excluded.resets",
            scope.school_id(),
            day.day,
            now,
            &hours,
            serde_json::to_value(day.devices)?,
            serde_json::to_value(day.resets)?,
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Adds to the row of today what there is at its end.
pub async fn note_totals(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>, totals: DayTotals) -> Result<()> {
    sqlx::query!(
        "UPDATE report_days SET standing = $3 WHERE school_id = $1 AND day = $2",
        scope.school_id(),
        now.with_timezone(&i18n::vietnam()).date_naive(),
        serde_json::to_value(totals)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets who came in when that was counted long ago.
pub async fn forget(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let then = now - Duration::days(i64::try_from(KEPT_DAYS).unwrap_or(i64::MAX) + 1);
    sqlx::query!("DELETE FROM entries WHERE school_id = $1 AND hour < $2", scope.school_id(), then).execute(tx).await?;
    Ok(())
}

/// What happened on these days, counted.
async fn days(scope: &Scope, tx: &mut PgConnection, from: NaiveDate, to: NaiveDate) -> Result<Vec<ReportDay>> {
    let mut days: BTreeMap<NaiveDate, ReportDay> = from
        .iter_days()
        .take_while(|day| *day <= to)
        .map(|day| (day, ReportDay { day, hours: [0; 24], devices: Numbers::new(), resets: Numbers::new() }))
        .collect();
    let (since, until) = (beginning(from), beginning(to + Days::new(1)));
    let entries = sqlx::query!(
        r#"SELECT hour, device, count(*) AS "count!" FROM entries
           WHERE school_id = $1 AND hour >= $2 AND hour < $3 GROUP BY hour, device"#,
        scope.school_id(),
        since,
        until,
    )
    .fetch_all(&mut *tx)
    .await?;
    for entry in entries {
        let at = entry.hour.with_timezone(&i18n::vietnam());
        let Some(day) = days.get_mut(&at.date_naive()) else { continue };
        if let Some(hour) = usize::try_from(at.hour()).ok().and_then(|hour| day.hours.get_mut(hour)) {
            *hour += i32::try_from(entry.count).unwrap_or(i32::MAX);
        }
        *day.devices.entry(entry.device).or_default() += entry.count;
    }
    // The person who has never signed in has lost the slip; one who has done so has forgotten the password. Of a person who
    // was erased, or merged into another, it is not known any more.
    let resets = sqlx::query!(
        r#"SELECT a.at, m.role AS "role?", coalesce(m.first_signed_in_at < a.at, false) AS "had_come!"
           FROM audit_events a
           LEFT JOIN LATERAL (
               SELECT role, first_signed_in_at FROM members WHERE school_id = $1 AND id = a.subject_id OFFSET 0
           ) m ON true
           WHERE a.school_id = $1 AND a.action = 'password_reset' AND a.at >= $2 AND a.at < $3"#,
        scope.school_id(),
        since,
        until,
    )
    .fetch_all(tx)
    .await?;
    for reset in resets {
        let Some(day) = days.get_mut(&reset.at.with_timezone(&i18n::vietnam()).date_naive()) else { continue };
        *day.resets.entry(reset_cause(reset.role.as_deref(), reset.had_come).to_owned()).or_default() += 1;
    }
    Ok(days.into_values().collect())
}

/// Why a password was given anew.
pub const RESETS: [&str; 4] = ["forgotten", "first", "staff", "gone"];

/// By the role of the person, who may be gone.
pub fn reset_cause(role: Option<&str>, had_come: bool) -> &'static str {
    match (role, had_come) {
        (None, _) => "gone",
        (Some(role), _) if role != Role::Student.key() => "staff",
        (Some(_), true) => "forgotten",
        (Some(_), false) => "first",
    }
}

/// The sums of the last weeks: of the days that were counted, and of those since.
pub async fn recent(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Recent> {
    let today = now.with_timezone(&i18n::vietnam()).date_naive();
    let from = today - Days::new(RECENT_DAYS - 1);
    let kept = sqlx::query!(
        r#"SELECT day, hours, devices, resets FROM report_days
           WHERE school_id = $1 AND day >= $2 AND day <= $3 ORDER BY day"#,
        scope.school_id(),
        from,
        today,
    )
    .fetch_all(&mut *tx)
    .await?;
    // The last row was written before its day ended.
    let live_from = kept.last().map_or(from, |last| last.day);
    let mut all: Vec<ReportDay> = Vec::new();
    for row in kept.into_iter().filter(|row| row.day < live_from) {
        all.push(ReportDay {
            day: row.day,
            hours: row.hours.try_into().unwrap_or([0; 24]),
            devices: serde_json::from_value(row.devices)?,
            resets: serde_json::from_value(row.resets)?,
        });
    }
    all.extend(days(scope, tx, live_from, today).await?);
    let mut sums = Recent { hours: vec![0; 24], weekdays: vec![0; 7], ..Recent::default() };
    for day in all {
        let weekday = usize::try_from(day.day.weekday().num_days_from_monday()).unwrap_or_default();
        for (sum, count) in sums.hours.iter_mut().zip(day.hours) {
            *sum += i64::from(count);
        }
        if let Some(sum) = sums.weekdays.get_mut(weekday) {
            *sum += day.hours.iter().map(|count| i64::from(*count)).sum::<i64>();
        }
        for (key, count) in day.devices {
            *sums.devices.entry(key).or_default() += count;
        }
        for (key, count) in day.resets {
            *sums.resets.entry(key).or_default() += count;
        }
    }
    Ok(sums)
}

/// A day, and the totals at its end.
pub type SchoolDay = (NaiveDate, DayTotals);

/// The totals day by day, since a day.
pub async fn totals_since(scope: &Scope, tx: &mut PgConnection, since: NaiveDate) -> Result<Vec<SchoolDay>> {
    let rows = sqlx::query!(
        r#"SELECT day, standing AS "standing!" FROM report_days
           WHERE school_id = $1 AND day >= $2 AND standing IS NOT NULL ORDER BY day"#,
        scope.school_id(),
        since,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| Ok((row.day, serde_json::from_value(row.standing)?))).collect()
}

/// The score day by day, since the school was counted first; at most so many days, the oldest first.
pub async fn scores(scope: &Scope, tx: &mut PgConnection, most: i64) -> Result<Vec<(NaiveDate, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT day, standing AS "standing!" FROM report_days WHERE school_id = $1 AND standing IS NOT NULL
           ORDER BY day DESC LIMIT $2"#,
        scope.school_id(),
        most,
    )
    .fetch_all(tx)
    .await?;
    let score = |standing| serde_json::from_value::<DayTotals>(standing).ok()?.score;
    Ok(rows.into_iter().rev().filter_map(|row| Some((row.day, score(row.standing)?))).collect())
}
