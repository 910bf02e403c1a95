//! What waits to be synced: since when nothing was, and how many changes there are.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{PlanId, YearId},
    plan::links,
};

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingChanges {
    /// When the registry was last read for a sync that was applied.
    pub since: Option<DateTime<Utc>>,
    /// How many people, or classes, wait.
    pub changes: i64,
    /// A sync that is under way or waits for review.
    pub plan: Option<PlanId>,
}

/// What waits of the accounts.
pub async fn accounts(scope: &Scope, tx: &mut PgConnection) -> Result<WaitingChanges> {
    let since = last(scope, tx, "accounts").await?;
    let changes = links::count_due(scope, tx).await?;
    let plan = open_plan(scope, tx, "registry").await?;
    Ok(WaitingChanges { since, changes, plan })
}

/// What waits of the classes of the current year: those that the school does not have, and those of which the registry
/// says something else than when they were last compared.
pub async fn classes(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<WaitingChanges> {
    let since = last(scope, tx, "classes").await?;
    let changes = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM registry_classes r
           LEFT JOIN registry_class_links l ON l.school_id = $1 AND l.registry_class_id = r.id
           LEFT JOIN classes c
               ON c.school_id = $1 AND c.school_year_id = $2 AND lower(c.name) = lower(r.name)
           WHERE r.school_id = $1 AND r.school_year_id = $2 AND CASE
               WHEN c.id IS NULL THEN r.gone_at IS NULL
               WHEN l.synced_version IS NULL THEN r.gone_at IS NULL AND r.grade <> coalesce(c.grade, '')
               ELSE l.synced_version <> r.version END"#,
        scope.school_id(),
        year_id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let plan = open_plan(scope, tx, "registry_classes").await?;
    Ok(WaitingChanges { since, changes, plan })
}

async fn last(scope: &Scope, tx: &mut PgConnection, what: &str) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT max(read_at) AS "read_at" FROM registry_syncs WHERE school_id = $1 AND what = $2"#,
        scope.school_id(),
        what,
    )
    .fetch_one(tx)
    .await?)
}

async fn open_plan(scope: &Scope, tx: &mut PgConnection, source: &str) -> Result<Option<PlanId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM plans WHERE school_id = $1 AND source = $2 AND state IN ('reading', 'ready', 'applying')
             AND purged_at IS NULL ORDER BY created_at DESC LIMIT 1",
        scope.school_id(),
        source,
    )
    .fetch_optional(tx)
    .await?)
}
