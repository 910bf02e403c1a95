//! What the registry said of classes when they were last compared with those of the school, and what a sync does about
//! their grades. Written when a sync of classes is applied, in its transaction, and put back when it is undone.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{Plan, PlanRow};
use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, Id, PlanId},
    roster::fields::Field,
};

/// The warning of a class that the school has, and the registry no longer.
pub const CLASS_GONE: &str = "registry-class-gone";

/// Gives classes the grades that rows say, where they still have those of before. Returns those that were written.
pub async fn set_grades(scope: &Scope, tx: &mut PgConnection, rows: &[PlanRow]) -> Result<Vec<ClassId>> {
    let ids: Vec<ClassId> = rows.iter().filter_map(|row| row.member_id.map(Id::of_other_kind)).collect();
    let grades: Vec<&str> = rows.iter().map(|row| row.value(Field::Grade)).collect();
    let before: Vec<&str> = rows.iter().map(|row| row.before.get(&Field::Grade).map_or("", String::as_str)).collect();
    Ok(sqlx::query_scalar!(
        "UPDATE classes c SET grade = new.grade
         FROM unnest($2::uuid[], $3::text[], $4::text[]) AS new (id, grade, before)
         WHERE c.school_id = $1 AND c.id = new.id AND c.grade IS NOT DISTINCT FROM nullif(new.before, '')
         RETURNING c.id",
        scope.school_id(),
        &ids,
        &grades as &[&str],
        &before as &[&str],
    )
    .fetch_all(tx)
    .await?)
}

/// Remembers what the registry says of all classes that were compared.
pub async fn note(scope: &Scope, tx: &mut PgConnection, plan: &Plan, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO registry_class_links (school_id, registry_class_id, grade, synced_version, synced_at)
         SELECT $1, k.id, r.registry -> 'said' ->> 'grade', (r.registry ->> 'version')::bigint, $3
         FROM plan_rows r
         JOIN registry_classes k ON k.school_id = $1 AND k.id = (r.registry ->> 'person')::uuid
         WHERE r.school_id = $1 AND r.plan_id = $2 AND r.registry IS NOT NULL
             AND (r.result = 'done' OR r.outcome IN ('unchanged', 'duplicate')
                 OR r.outcome = 'skip' AND r.decision = 'drop')
         ON CONFLICT (school_id, registry_class_id) DO UPDATE SET grade = excluded.grade,
             synced_version = excluded.synced_version, synced_at = excluded.synced_at",
        scope.school_id(),
        plan.id,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts back the grades that a sync has changed and that are still the same, and what was remembered before it.
pub async fn put_back(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    sqlx::query!(
        r#"UPDATE classes c SET grade = nullif(r.before ->> 'grade', '') FROM plan_rows r
           WHERE c.school_id = $1 AND r.school_id = $1 AND r.plan_id = $2 AND r.outcome = 'update'
               AND r.result = 'undone' AND c.id = r.member_id AND c.grade = r."values" ->> 'grade'"#,
        scope.school_id(),
        plan_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM registry_class_links l USING plan_rows r
         WHERE l.school_id = $1 AND r.school_id = $1 AND r.plan_id = $2
             AND l.registry_class_id = (r.registry ->> 'person')::uuid AND r.registry ->> 'base_version' IS NULL
             AND l.synced_version = (r.registry ->> 'version')::bigint",
        scope.school_id(),
        plan_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE registry_class_links l SET grade = r.registry -> 'base' ->> 'grade',
             synced_version = (r.registry ->> 'base_version')::bigint
         FROM plan_rows r
         WHERE l.school_id = $1 AND r.school_id = $1 AND r.plan_id = $2
             AND l.registry_class_id = (r.registry ->> 'person')::uuid AND r.registry ->> 'base_version' IS NOT NULL
             AND l.synced_version = (r.registry ->> 'version')::bigint",
        scope.school_id(),
        plan_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}
