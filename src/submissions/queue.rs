//! What operators list of the schools of their provinces: which submissions there are, how old, how good. Outside of
//! the schools' scopes, written in the transaction that changes the submission.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};

use super::quality::SubmissionQuality;
use crate::{
    access::Scope,
    error::{Error, Result, stored},
    ids::PlanId,
    plan::model::{OutcomeCounts, Plan},
    registry::submissions::{SubmissionKind, SubmissionState},
};

/// How many submissions a page shows.
pub const PAGE: usize = 50;

/// A submission is handed in, for the first time or again.
pub async fn enter(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    kind: SubmissionKind,
    quality: &SubmissionQuality,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO submission_queue (plan_id, school_id, province_code, kind, state, submitted_at, counts, quality)
         SELECT $1, id, province_code, $3, 'submitted', $4, $5, $6 FROM schools WHERE id = $2
         ON CONFLICT (plan_id) DO UPDATE SET state = 'submitted', submitted_at = excluded.submitted_at,
             decided_at = NULL, counts = excluded.counts, quality = excluded.quality",
        plan.id,
        scope.school_id(),
        kind.key(),
        now,
        serde_json::to_value(&plan.counts)?,
        serde_json::to_value(quality)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A list that an operator has uploaded stays with its school, and the operator sees that it does. False where that was
/// known before.
pub async fn leave_with_school(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    kind: SubmissionKind,
    now: DateTime<Utc>,
) -> Result<bool> {
    let left = sqlx::query!(
        "INSERT INTO submission_queue (plan_id, school_id, province_code, kind, state, submitted_at, counts, quality)
         SELECT $1, id, province_code, $3, 'draft', $4, $5, '{}' FROM schools WHERE id = $2
         ON CONFLICT (plan_id) DO NOTHING",
        plan.id,
        scope.school_id(),
        kind.key(),
        now,
        serde_json::to_value(&plan.counts)?,
    )
    .execute(tx)
    .await?;
    Ok(left.rows_affected() == 1)
}

/// Submissions that have waited for an operator for so many days are overdue.
const OVERDUE_DAYS: i32 = 7;

/// How many submissions of a school are overdue at a moment.
pub async fn overdue(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM submission_queue
           WHERE school_id = $1 AND state = 'submitted' AND submitted_at < $2"#,
        scope.school_id(),
        now - Duration::days(OVERDUE_DAYS.into()),
    )
    .fetch_one(tx)
    .await?)
}

/// A submission is in another state. What operators see as overdue of its school, as of when that was counted last, is put
/// right: the sums of the areas are then locked until the transaction ends.
pub async fn set_state(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    state: SubmissionState,
    decided_at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE submission_queue SET state = $3, decided_at = $4 WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
        state.key(),
        decided_at,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE school_figures f SET overdue = waiting.count
         FROM (
             SELECT count(*)::int AS count
             FROM school_figures g
                 JOIN submission_queue q ON q.school_id = g.school_id AND q.state = 'submitted'
                     AND q.submitted_at < g.counted_at - make_interval(days => $2)
             WHERE g.school_id = $1
         ) waiting
         WHERE f.school_id = $1 AND f.overdue <> waiting.count",
        scope.school_id(),
        OVERDUE_DAYS,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The school that a submission is of, by its code of today, where it is in one of these provinces.
///
/// # Errors
/// [`Error::NotFound`] where there is no such submission there.
pub async fn school_of(pool: &PgPool, provinces: Option<&[String]>, plan_id: PlanId) -> Result<String> {
    sqlx::query_scalar!(
        "SELECT s.code FROM submission_queue q JOIN schools s ON s.id = q.school_id
         WHERE q.plan_id = $1 AND ($2::text[] IS NULL OR s.province_code = ANY($2))",
        plan_id,
        provinces,
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::NotFound)
}

/// Which submissions a list contains.
#[derive(Clone, Debug)]
pub struct QueueFilter {
    pub state: SubmissionState,
    pub province: Option<String>,
    /// Each must begin a word of the school's name or of one of its codes.
    pub words: Vec<String>,
}

/// A submission as lists show it.
#[derive(Clone, Debug)]
pub struct Queued {
    pub plan_id: PlanId,
    pub school: String,
    pub code: String,
    pub province: String,
    pub kind: SubmissionKind,
    pub state: SubmissionState,
    pub submitted_at: DateTime<Utc>,
    pub counts: OutcomeCounts,
    pub quality: SubmissionQuality,
}

#[derive(sqlx::FromRow)]
struct StoredInQueue {
    plan_id: PlanId,
    school: String,
    code: String,
    province: String,
    kind: String,
    state: String,
    submitted_at: DateTime<Utc>,
    counts: Value,
    quality: Value,
}

impl TryFrom<StoredInQueue> for Queued {
    type Error = Error;

    fn try_from(row: StoredInQueue) -> Result<Self> {
        Ok(Self {
            plan_id: row.plan_id,
            school: row.school,
            code: row.code,
            province: row.province,
            kind: stored("kind of submission", SubmissionKind::from_key(&row.kind))?,
            state: stored("state of a submission", SubmissionState::from_key(&row.state))?,
            submitted_at: row.submitted_at,
            counts: serde_json::from_value(row.counts)?,
            quality: serde_json::from_value(row.quality)?,
        })
    }
}

/// A page of the queue behind a submission: what waits from the oldest on, what is decided from the newest on; and
/// whether there are more.
pub async fn list(
    pool: &PgPool,
    provinces: Option<&[String]>,
    filter: &QueueFilter,
    after: Option<PlanId>,
) -> Result<(Vec<Queued>, bool)> {
    let is_oldest_first = filter.state == SubmissionState::Submitted;
    // The page first, by its index: whatever a filter passes by is not joined with its school.
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT q.plan_id, s.name AS school, s.code, p.name AS province, q.kind, q.state, q.submitted_at, q.counts,
             q.quality
         FROM (SELECT * FROM submission_queue q WHERE q.state = ",
    );
    query.push_bind(filter.state.key());
    if let Some(provinces) = provinces {
        query.push(" AND q.province_code = ANY(").push_bind(provinces.to_vec()).push(")");
    }
    if let Some(province) = &filter.province {
        query.push(" AND q.province_code = ").push_bind(province.clone());
    }
    for word in &filter.words {
        query.push(" AND EXISTS (SELECT FROM school_words w WHERE w.school_id = q.school_id AND w.word >= ");
        query.push_bind(word.clone()).push(" AND w.word < ").push_bind(format!("{word}\u{10FFFF}")).push(")");
    }
    if let Some(after) = after {
        query.push(" AND (q.submitted_at, q.plan_id) ").push(if is_oldest_first { ">" } else { "<" });
        query.push(" (SELECT a.submitted_at, a.plan_id FROM submission_queue a WHERE a.plan_id = ");
        query.push_bind(after).push(")");
    }
    let direction = if is_oldest_first { "" } else { " DESC" };
    let order = format!(" ORDER BY q.submitted_at{direction}, q.plan_id{direction}");
    query.push(&order).push(" LIMIT ").push_bind(i64::try_from(PAGE + 1).unwrap_or(i64::MAX));
    query.push(") q JOIN schools s ON s.id = q.school_id JOIN provinces p ON p.code = q.province_code").push(order);
    let mut rows: Vec<StoredInQueue> = query.build_query_as().persistent(false).fetch_all(pool).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok((rows.into_iter().map(Queued::try_from).collect::<Result<_>>()?, has_more))
}

/// How many submissions there are in each state.
pub async fn counts(
    pool: &PgPool,
    provinces: Option<&[String]>,
    province: Option<&str>,
) -> Result<Vec<(SubmissionState, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT state, sum(submissions)::bigint AS "count!" FROM submission_counts
           WHERE ($1::text[] IS NULL OR province_code = ANY($1)) AND ($2::text IS NULL OR province_code = $2)
           GROUP BY state"#,
        provinces,
        province,
    )
    .fetch_all(pool)
    .await?;
    let count = |state: SubmissionState| {
        rows.iter().find(|row| row.state == state.key()).map_or((state, 0), |row| (state, row.count))
    };
    Ok(SubmissionState::ALL.into_iter().map(count).collect())
}

/// The submissions that wait in a province: for approving all of them.
pub async fn waiting(pool: &PgPool, provinces: Option<&[String]>) -> Result<Vec<PlanId>> {
    let rows = sqlx::query!(
        "SELECT plan_id, kind FROM submission_queue
         WHERE state = 'submitted' AND ($1::text[] IS NULL OR province_code = ANY($1)) ORDER BY submitted_at, plan_id",
        provinces,
    )
    .fetch_all(pool)
    .await?;
    let mut rows: Vec<(Option<SubmissionKind>, PlanId)> =
        rows.into_iter().map(|row| (SubmissionKind::from_key(&row.kind), row.plan_id)).collect();
    // Pupils need their classes.
    rows.sort_by_key(|(kind, _)| *kind);
    Ok(rows.into_iter().map(|(_, plan_id)| plan_id).collect())
}

/// The kinds of these submissions, in the order in which they have to be approved.
pub async fn in_order(pool: &PgPool, ids: &[PlanId]) -> Result<Vec<PlanId>> {
    let rows =
        sqlx::query!("SELECT plan_id, kind FROM submission_queue WHERE plan_id = ANY($1)", ids).fetch_all(pool).await?;
    let mut rows: Vec<(Option<SubmissionKind>, PlanId)> =
        rows.into_iter().map(|row| (SubmissionKind::from_key(&row.kind), row.plan_id)).collect();
    rows.sort_unstable();
    Ok(rows.into_iter().map(|(_, plan_id)| plan_id).collect())
}
