//! The SQL of drafts: their head, classes and counts.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::model::{ClassMap, DraftClass, DraftState, Rollover, TargetClass};
use crate::{
    access::Scope,
    error::{Error, Result, stored},
    ids::{ClassId, MemberId, PlanId, RolloverId, YearId},
    schools::years,
};

struct Stored {
    id: RolloverId,
    state: String,
    from_year_id: YearId,
    from_year: String,
    to_year_id: YearId,
    to_year: String,
    to_starts_on: NaiveDate,
    plan_id: Option<PlanId>,
    created_at: DateTime<Utc>,
    applied_at: Option<DateTime<Utc>>,
    apply_on: Option<NaiveDate>,
    scheduled_by: Option<MemberId>,
    schedule_failed: Option<String>,
}

impl TryFrom<Stored> for Rollover {
    type Error = Error;

    fn try_from(row: Stored) -> Result<Self> {
        Ok(Self {
            id: row.id,
            state: stored("state of a draft", DraftState::from_key(&row.state))?,
            from_year_id: row.from_year_id,
            from_year: row.from_year,
            to_year_id: row.to_year_id,
            to_year: row.to_year,
            to_starts_on: row.to_starts_on,
            plan_id: row.plan_id,
            created_at: row.created_at,
            applied_at: row.applied_at,
            apply_on: row.apply_on,
            scheduled_by: row.scheduled_by,
            schedule_failed: row.schedule_failed,
        })
    }
}

/// The open draft; otherwise the last one that was applied.
pub async fn latest(scope: &Scope, tx: &mut PgConnection) -> Result<Option<Rollover>> {
    let row = sqlx::query_as!(
        Stored,
        "SELECT r.id, r.state, r.from_year_id, f.name AS from_year, r.to_year_id, t.name AS to_year,
             t.starts_on AS to_starts_on, r.plan_id, r.created_at, r.applied_at, r.apply_on, r.scheduled_by,
             r.schedule_failed
         FROM rollovers r
         JOIN school_years f ON f.school_id = r.school_id AND f.id = r.from_year_id
         JOIN school_years t ON t.school_id = r.school_id AND t.id = r.to_year_id
         WHERE r.school_id = $1 ORDER BY r.state = 'open' DESC, r.created_at DESC LIMIT 1",
        scope.school_id(),
    )
    .fetch_optional(tx)
    .await?;
    row.map(Rollover::try_from).transpose()
}

/// The open draft.
pub async fn open(scope: &Scope, tx: &mut PgConnection) -> Result<Option<Rollover>> {
    Ok(latest(scope, tx).await?.filter(Rollover::is_open))
}

/// The draft that a plan was made of, as far as it is there.
pub async fn of_plan(scope: &Scope, tx: &mut PgConnection, id: Option<RolloverId>) -> Result<Option<Rollover>> {
    let row = sqlx::query_as!(
        Stored,
        "SELECT r.id, r.state, r.from_year_id, f.name AS from_year, r.to_year_id, t.name AS to_year,
             t.starts_on AS to_starts_on, r.plan_id, r.created_at, r.applied_at, r.apply_on, r.scheduled_by,
             r.schedule_failed
         FROM rollovers r
         JOIN school_years f ON f.school_id = r.school_id AND f.id = r.from_year_id
         JOIN school_years t ON t.school_id = r.school_id AND t.id = r.to_year_id
         WHERE r.school_id = $1 AND r.id = $2",
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?;
    row.map(Rollover::try_from).transpose()
}

/// Whether pupils were taken into a year already, and not taken back.
pub async fn is_applied(scope: &Scope, tx: &mut PgConnection, to_year_id: YearId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rollovers WHERE school_id = $1 AND to_year_id = $2 AND state = 'applied')
           AS "is!""#,
        scope.school_id(),
        to_year_id,
    )
    .fetch_one(tx)
    .await?)
}

/// Whether a draft was not dropped.
pub async fn is_there(scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<bool> {
    let draft = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rollovers WHERE school_id = $1 AND id = $2) AS "is!""#,
        scope.school_id(),
        id,
    );
    Ok(draft.fetch_one(tx).await?)
}

/// Makes others who would change the draft wait until this transaction ends.
pub async fn lock(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('rollover:' || $1::text, 0))",
        scope.school_id().to_string()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The classes of this year and of the coming one.
pub async fn class_map(scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<ClassMap> {
    let classes = sqlx::query_as!(
        DraftClass,
        "SELECT c.id, c.name, c.grade, r.target FROM rollover_classes r
         JOIN classes c ON c.school_id = r.school_id AND c.id = r.class_id
         WHERE r.school_id = $1 AND r.rollover_id = $2 ORDER BY c.sort_key, c.id",
        scope.school_id(),
        id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let targets = sqlx::query_as!(
        TargetClass,
        "SELECT name, grade, homeroom_member_id FROM rollover_targets
         WHERE school_id = $1 AND rollover_id = $2 ORDER BY sort_key, name",
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    Ok(ClassMap { classes, targets })
}

/// A class of this year, by its id or name.
pub async fn class(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    class_id: Option<ClassId>,
    name: Option<&str>,
) -> Result<Option<DraftClass>> {
    Ok(sqlx::query_as!(
        DraftClass,
        "SELECT c.id, c.name, c.grade, r.target FROM rollover_classes r
         JOIN classes c ON c.school_id = r.school_id AND c.id = r.class_id
         WHERE r.school_id = $1 AND r.rollover_id = $2 AND (c.id = $3 OR c.name = $4)
         ORDER BY c.id = $3 DESC NULLS LAST LIMIT 1",
        scope.school_id(),
        id,
        class_id as Option<ClassId>,
        name,
    )
    .fetch_optional(tx)
    .await?)
}

/// Of a draft that was applied: how many pupils have dropped out of the plans of it, and are not where it says.
pub async fn left_over(scope: &Scope, tx: &mut PgConnection, draft: &Rollover) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM rollover_pupils p
           WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.outcome <> 'awaiting' AND p.plan_id IS NULL AND NOT EXISTS (
               SELECT FROM enrolments e JOIN classes c ON c.school_id = $1 AND c.id = e.class_id
               WHERE e.school_id = $1 AND e.member_id = p.member_id AND e.school_year_id = $3 AND e.ended_at IS NULL
                   AND c.name = p.target)"#,
        scope.school_id(),
        draft.id,
        draft.to_year_id,
    )
    .fetch_one(tx)
    .await?)
}

/// Some of the pupils of the school who are in no class of this year, and so not in the draft: with their names.
pub async fn missing(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    most: i64,
) -> Result<Vec<(MemberId, String)>> {
    let rows = sqlx::query!(
        "SELECT m.id, m.full_name FROM members m
         WHERE m.school_id = $1 AND m.role = 'student' AND m.status IN ('active', 'suspended', 'invited')
             AND NOT EXISTS (SELECT FROM rollover_pupils p
                 WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.member_id = m.id)
         ORDER BY m.given_name, m.family_name, m.middle_name, m.id LIMIT $3",
        scope.school_id(),
        id,
        most,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.full_name)).collect())
}

/// Nobody came, changed class or left.
pub const NO_NEWS: [(&str, i64); 3] = [("came", 0), ("moved", 0), ("left", 0)];

/// How many pupils came, changed class and left since a time.
pub async fn news(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    since: DateTime<Utc>,
) -> Result<[(&'static str, i64); 3]> {
    let rows = sqlx::query!(
        r#"SELECT what, count(*) AS "count!" FROM rollover_news
           WHERE school_id = $1 AND rollover_id = $2 AND at >= $3 GROUP BY what"#,
        scope.school_id(),
        id,
        since,
    )
    .fetch_all(tx)
    .await?;
    let of = |what| rows.iter().find(|row| row.what == what).map_or(0, |row| row.count);
    Ok(["came", "moved", "left"].map(|what| (what, of(what))))
}

/// The year of this name.
pub async fn year_named(scope: &Scope, tx: &mut PgConnection, name: &str) -> Result<Option<years::Year>> {
    Ok(years::all(scope, tx).await?.into_iter().find(|year| year.name == name))
}
