//! The days before a school of the demo was made, as if it had been counted on each: who had signed in by then follows
//! from the first sign-ins, and all else was as it is. Nothing but the demo writes days that are over.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;

use super::days::{DayTotals, RECENT_DAYS, SchoolDay};
use crate::{
    access::{Role, Scope},
    app::App,
    clock::date_in_vietnam,
    error::Result,
};

/// Writes the totals of the last weeks, and adds them to those of the school's areas. The school has been counted
/// today.
pub async fn write(scope: &Scope, app: &App, now: DateTime<Utc>) -> Result<()> {
    let today = date_in_vietnam(now);
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    let standing = sqlx::query_scalar!(
        r#"SELECT standing AS "standing!" FROM report_days WHERE school_id = $1 AND day = $2 AND standing IS NOT NULL"#,
        scope.school_id(),
        today,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(standing) = standing else { return Ok(()) };
    let days = before(scope, &mut tx, serde_json::from_value(standing)?, today).await?;
    keep(scope, &mut tx, &days).await?;
    add_to_areas(scope, &mut tx, &days).await?;
    tx.commit().await?;
    Ok(())
}

/// The totals of each day before today.
async fn before(scope: &Scope, tx: &mut PgConnection, totals: DayTotals, today: NaiveDate) -> Result<Vec<SchoolDay>> {
    let rows = sqlx::query!(
        r#"SELECT (first_signed_in_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS "day!", role, count(*) AS "count!"
           FROM members WHERE school_id = $1 AND status = 'active' AND first_signed_in_at IS NOT NULL GROUP BY 1, 2"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    let mut since: BTreeMap<NaiveDate, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let (pupils, staff) = since.entry(row.day).or_default();
        *(if row.role == Role::Student.key() { pupils } else { staff }) += row.count;
    }
    let first = today - Days::new(RECENT_DAYS - 1);
    let days = first.iter_days().take_while(|day| *day < today).map(|day| {
        let came_later = since.iter().filter(|(first, _)| **first > day).map(|(_, counts)| *counts);
        let (pupils, staff) = came_later.fold((0, 0), |(pupils, staff), (p, s)| (pupils + p, staff + s));
        let then = DayTotals {
            signed_in: totals.signed_in - pupils,
            staff_in: totals.staff_in.map(|staff_in| staff_in - staff),
            overdue: Some(0),
            ..totals
        };
        (day, then)
    });
    Ok(days.collect())
}

async fn keep(scope: &Scope, tx: &mut PgConnection, days: &[SchoolDay]) -> Result<()> {
    let dates: Vec<NaiveDate> = days.iter().map(|(day, _)| *day).collect();
    let totals = days.iter().map(|(_, totals)| serde_json::to_value(totals)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "UPDATE report_days r SET standing = d.standing FROM unnest($2::date[], $3::jsonb[]) AS d (day, standing)
         WHERE r.school_id = $1 AND r.day = d.day AND r.standing IS NULL",
        scope.school_id(),
        &dates,
        &totals,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A day on which an area did not move is one as the day before it; then the school is added.
async fn add_to_areas(scope: &Scope, tx: &mut PgConnection, days: &[SchoolDay]) -> Result<()> {
    let dates: Vec<NaiveDate> = days.iter().map(|(day, _)| *day).collect();
    sqlx::query!(
        "INSERT INTO area_figures (area, day, schools, suspended, active, pupils, pupils_in, slips, staff, staff_in, checked,
             clean, overdue)
         SELECT a.area, d.day, coalesce(l.schools, 0), coalesce(l.suspended, 0), coalesce(l.active, 0),
             coalesce(l.pupils, 0), coalesce(l.pupils_in, 0), coalesce(l.slips, 0), coalesce(l.staff, 0),
             coalesce(l.staff_in, 0), coalesce(l.checked, 0), coalesce(l.clean, 0), coalesce(l.overdue, 0)
         FROM school_figures f CROSS JOIN unnest($2::date[]) AS d (day)
         CROSS JOIN LATERAL (
             VALUES ('country'), ('province:' || f.province_code), ('unit:' || f.managing_unit_id)) AS a (area)
         LEFT JOIN LATERAL (
             SELECT * FROM area_figures WHERE area = a.area AND day < d.day ORDER BY day DESC LIMIT 1) l ON true
         WHERE f.school_id = $1 ON CONFLICT DO NOTHING",
        scope.school_id(),
        &dates,
    )
    .execute(&mut *tx)
    .await?;
    let signed_in: Vec<i64> = days.iter().map(|(_, totals)| totals.signed_in).collect();
    let staff_in: Vec<i64> = days.iter().map(|(_, totals)| totals.staff_in.unwrap_or_default()).collect();
    sqlx::query!(
        "UPDATE area_figures g SET schools = g.schools + 1, active = g.active + f.is_active::int,
             pupils = g.pupils + f.pupils, pupils_in = g.pupils_in + d.pupils_in, slips = g.slips + f.slips,
             staff = g.staff + f.staff, staff_in = g.staff_in + d.staff_in, checked = g.checked + f.checked,
             clean = g.clean + f.clean
         FROM school_figures f
         CROSS JOIN unnest($2::date[], $3::bigint[], $4::bigint[]) AS d (day, pupils_in, staff_in)
         WHERE f.school_id = $1 AND g.day = d.day
             AND g.area IN ('country', 'province:' || f.province_code, 'unit:' || f.managing_unit_id)",
        scope.school_id(),
        &dates,
        &signed_in,
        &staff_in,
    )
    .execute(tx)
    .await?;
    Ok(())
}
