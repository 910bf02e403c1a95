//! The quality of what is handed in: how many rows lack what they should have.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use sqlx::PgConnection;

use crate::{
    access::{SchoolKind, Scope},
    error::Result,
    plan::model::Plan,
    registry::submissions::SubmissionKind,
};

/// How many rows, by the key of a word; what is in order is not mentioned.
pub type SubmissionQuality = BTreeMap<String, i64>;

/// Everything that is counted.
pub const KEYS: [&str; 8] = [
    "twins",
    "twin-identifiers",
    "birth-dates",
    "impossible-births",
    "no-guardian",
    "no-email",
    "elsewhere",
    "empty-classes",
];

/// The ages, in years, that pupils and staff are expected to have. A birth date outside of them is counted, not refused.
const AGES_OF_PUPILS: [u32; 2] = [1, 30];
const AGES_OF_STAFF: [u32; 2] = [16, 80];

/// Counts over the rows of a plan.
pub async fn of(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    kind: SubmissionKind,
    today: NaiveDate,
) -> Result<SubmissionQuality> {
    let [youngest, oldest] = if kind == SubmissionKind::Staff { AGES_OF_STAFF } else { AGES_OF_PUPILS };
    let born = |age: u32| today.checked_sub_months(Months::new(12 * age)).unwrap_or(today).to_string();
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE outcome = 'duplicate') AS "twins!",
               count(*) FILTER (WHERE NOT "values" ? 'birth_date' AND NOT faults @> '[{"field": "birth_date"}]')
                   AS "birth_dates!",
               count(*) FILTER (WHERE faults @> '[{"field": "birth_date"}]'
                   OR ("values" ->> 'birth_date') COLLATE "C" > $3
                   OR ("values" ->> 'birth_date') COLLATE "C" < $4) AS "impossible!",
               count(*) FILTER (WHERE NOT "values" ?| ARRAY['mother_name', 'guardian_name']) AS "no_guardian!",
               count(*) FILTER (WHERE NOT "values" ? 'email') AS "no_email!",
               count(*) FILTER (WHERE warnings @> '[{"key": "identifier-elsewhere"}]') AS "elsewhere!"
           FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND NOT is_absent AND outcome <> 'skip'"#,
        scope.school_id(),
        plan.id,
        born(youngest),
        born(oldest),
    )
    .fetch_one(&mut *tx)
    .await?;
    let twin_identifiers = twin_identifiers(scope, tx, plan).await?;
    let (is_pupils, is_staff) = (kind == SubmissionKind::Pupils, kind == SubmissionKind::Staff);
    let is_k12 = scope.school.kind == SchoolKind::K12;
    let empty = if is_pupils { empty_classes(scope, tx, plan).await? } else { 0 };
    let counts = [
        ("twins", row.twins, true),
        ("twin-identifiers", twin_identifiers, is_pupils || is_staff),
        ("impossible-births", row.impossible, (is_pupils || is_staff) && is_k12),
        ("birth-dates", row.birth_dates, (is_pupils || is_staff) && is_k12),
        ("no-guardian", row.no_guardian, is_pupils && is_k12),
        ("no-email", row.no_email, is_staff),
        ("elsewhere", row.elsewhere, true),
        ("empty-classes", empty, is_pupils),
    ];
    let counted = counts.into_iter().filter(|(_, count, is_of_kind)| *is_of_kind && *count > 0);
    Ok(counted.map(|(key, count, _)| (key.to_owned(), count)).collect())
}

/// Rows with an identifier of the ministry that another row has as well.
async fn twin_identifiers(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(sum(rows), 0)::bigint AS "count!" FROM (
               SELECT count(*) AS rows FROM plan_rows
               WHERE school_id = $1 AND plan_id = $2 AND NOT is_absent AND outcome <> 'skip' AND "values" ? 'moet_id'
               GROUP BY lower("values" ->> 'moet_id') HAVING count(*) > 1) shared"#,
        scope.school_id(),
        plan.id,
    )
    .fetch_one(tx)
    .await?)
}

/// Classes of the year that would have no pupils.
async fn empty_classes(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM registry_classes c
           WHERE c.school_id = $1 AND c.school_year_id = $3 AND c.gone_at IS NULL AND NOT EXISTS (
               SELECT FROM plan_rows r WHERE r.school_id = $1 AND r.plan_id = $2
                   AND r.outcome IN ('create', 'update', 'unchanged') AND lower(r."values" ->> 'class') = lower(c.name))"#,
        scope.school_id(),
        plan.id,
        plan.school_year_id,
    )
    .fetch_one(tx)
    .await?)
}
