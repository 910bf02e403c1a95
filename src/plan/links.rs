//! Which member a person of the registry is, and what the registry said when the two were last compared. Written when
//! a sync is applied, in its transaction, and put back when it is undone.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::Plan;
use crate::{
    access::Scope,
    error::Result,
    ids::{MemberId, PlanId},
    registry::records,
};

/// The doubt of a row whose values both the registry and the school have changed.
pub const CONFLICT: &str = "doubt-registry";

/// The doubt of a row about a member that is already linked to another person of the registry.
pub const TWIN: &str = "doubt-registry-twin";

/// The warnings of a row: what the school keeps although the registry says something else.
pub const DIFFERS: &str = "registry-differs";
pub const CONFLICTS: &str = "registry-conflict";

/// Why a person is proposed as a leaver.
pub const REASONS: [&str; 2] = ["registry-gone", "registry-moved"];

/// Links the people of all rows that were compared. What a person left undecided is the school's, until the registry
/// changes again.
pub async fn note(scope: &Scope, tx: &mut PgConnection, plan: &Plan, now: DateTime<Utc>) -> Result<()> {
    // Who waits follows from both the registry and the links: one of them is written at a time.
    records::lock(tx, &BTreeSet::from([scope.school_id()])).await?;
    // A member decided to be another person of the registry is that person now.
    sqlx::query!(
        "DELETE FROM registry_links l USING plan_rows r
         WHERE l.school_id = $1 AND r.school_id = $1 AND r.plan_id = $2 AND r.registry IS NOT NULL
             AND r.result = 'done' AND l.member_id = r.member_id
             AND l.registry_person_id <> (r.registry ->> 'person')::uuid",
        scope.school_id(),
        plan.id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"INSERT INTO registry_links AS l (school_id, registry_person_id, member_id, base, synced_version, synced_at,
               member_version, school_year_id, differs)
           SELECT $1, p.id, m.id, r.registry -> 'said', (r.registry ->> 'version')::bigint, $4, m.version, $3,
               r.outcome IN ('skip', 'duplicate') OR r.warnings @> '[{"key": "registry-differs"}]'
                   OR r.warnings @> '[{"key": "registry-conflict"}]'
           FROM plan_rows r
           JOIN registry_people p ON p.school_id = $1 AND p.id = (r.registry ->> 'person')::uuid
           JOIN members m ON m.school_id = $1 AND m.id = coalesce(r.member_id, (r.registry ->> 'member')::uuid)
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.registry IS NOT NULL
               AND (r.result = 'done' OR r.outcome = 'unchanged' OR r.outcome = 'skip' AND r.decision = 'drop'
                   OR r.outcome = 'duplicate' AND r.blockers @> '[{"key": "doubt-registry"}]')
               AND NOT EXISTS (SELECT FROM registry_links o WHERE o.school_id = $1 AND o.member_id = m.id
                   AND o.registry_person_id <> p.id)
           ON CONFLICT (school_id, registry_person_id) DO UPDATE SET member_id = excluded.member_id,
               base = excluded.base, synced_version = excluded.synced_version, synced_at = excluded.synced_at,
               member_version = excluded.member_version, school_year_id = excluded.school_year_id,
               differs = excluded.differs"#,
        scope.school_id(),
        plan.id,
        plan.school_year_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    note_sync(scope, tx, plan, "accounts").await
}

/// How many people wait for a sync: people of the registry without a link, and people whose values there have changed
/// since they were last compared. Triggers keep them in `registry_due`, and count them.
pub async fn count_due(scope: &Scope, tx: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        "SELECT value FROM counters WHERE school_id = $1 AND counter = 'registry_due'",
        scope.school_id(),
    )
    .fetch_optional(tx)
    .await?
    .unwrap_or_default())
}

/// The same people in their versions, as one mark: another one tells that something else waits.
pub async fn mark_of_due(scope: &Scope, tx: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) || ':' || coalesce(sum(hashtextextended(registry_person_id::text, version)), 0) AS "mark!"
           FROM registry_due WHERE school_id = $1"#,
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?)
}

/// What waited when the last sync of the accounts had been applied.
pub async fn still_due(scope: &Scope, tx: &mut PgConnection) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT still_due FROM registry_syncs WHERE school_id = $1 AND what = 'accounts' ORDER BY read_at DESC LIMIT 1",
        scope.school_id(),
    )
    .fetch_optional(tx)
    .await?
    .flatten())
}

/// Notes that a sync of the accounts or the classes was applied, and what waits still.
pub async fn note_sync(scope: &Scope, tx: &mut PgConnection, plan: &Plan, what: &str) -> Result<()> {
    let still_due = if what == "accounts" { Some(mark_of_due(scope, tx).await?) } else { None };
    sqlx::query!(
        "INSERT INTO registry_syncs (school_id, what, plan_id, read_at, still_due) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        scope.school_id(),
        what,
        plan.id,
        plan.created_at,
        still_due,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The members who are people of the registry.
pub async fn members(scope: &Scope, tx: &mut PgConnection) -> Result<HashSet<MemberId>> {
    let members = sqlx::query_scalar!("SELECT member_id FROM registry_links WHERE school_id = $1", scope.school_id());
    Ok(members.fetch_all(tx).await?.into_iter().collect())
}

/// Puts back what was there before a sync, but where a later one has compared again.
pub async fn put_back(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    records::lock(tx, &BTreeSet::from([scope.school_id()])).await?;
    sqlx::query!(
        "DELETE FROM registry_links l USING plan_rows r
         WHERE l.school_id = $1 AND r.school_id = $1 AND r.plan_id = $2
             AND l.registry_person_id = (r.registry ->> 'person')::uuid AND r.registry ->> 'member' IS NULL
             AND l.synced_version = (r.registry ->> 'version')::bigint AND r.result IS DISTINCT FROM 'stayed'",
        scope.school_id(),
        plan_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE registry_links l SET base = r.registry -> 'base', member_version = 0,
             synced_version = (r.registry ->> 'base_version')::bigint
         FROM plan_rows r
         WHERE l.school_id = $1 AND r.school_id = $1 AND r.plan_id = $2
             AND l.registry_person_id = (r.registry ->> 'person')::uuid AND r.registry ->> 'member' IS NOT NULL
             AND l.synced_version = (r.registry ->> 'version')::bigint AND r.result IS DISTINCT FROM 'stayed'",
        scope.school_id(),
        plan_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM registry_syncs WHERE school_id = $1 AND plan_id = $2", scope.school_id(), plan_id)
        .execute(tx)
        .await?;
    Ok(())
}
