//! The classes that rows of a plan name and that the year does not have: made with the plan where they are wanted.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, PlanId},
    schools::classes::ClassName,
    vietnam::class_name,
};

/// The classes that a plan would make: names in their natural order, and whether they are wanted.
pub async fn all(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<Vec<(String, bool)>> {
    let rows = sqlx::query!(
        "SELECT name, wanted FROM plan_classes WHERE school_id = $1 AND plan_id = $2 ORDER BY name",
        scope.school_id(),
        plan_id,
    )
    .fetch_all(tx)
    .await?;
    let mut classes: Vec<(String, bool)> = rows.into_iter().map(|row| (row.name, row.wanted)).collect();
    classes.sort_by_cached_key(|(name, _)| class_name::natural_key(name));
    Ok(classes)
}

/// Says which of the plan's new classes are wanted.
pub async fn want(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, wanted: &[String]) -> Result<()> {
    sqlx::query!(
        "UPDATE plan_classes SET wanted = name = ANY($3) WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
        wanted,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds classes that rows name and the year does not have.
pub async fn add(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, names: &[String]) -> Result<()> {
    sqlx::query!(
        "INSERT INTO plan_classes (school_id, plan_id, name) SELECT $1, $2, name FROM unnest($3::text[]) AS new (name)
         ON CONFLICT DO NOTHING",
        scope.school_id(),
        plan_id,
        names,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The classes that applying has made.
pub async fn made(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<Vec<ClassId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT class_id AS "class_id!" FROM plan_classes
           WHERE school_id = $1 AND plan_id = $2 AND class_id IS NOT NULL"#,
        scope.school_id(),
        plan_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Remembers which classes applying has made.
pub async fn note_made(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, made: &[ClassName]) -> Result<()> {
    let (ids, names): (Vec<ClassId>, Vec<String>) = made.iter().map(|class| (class.id, class.name.clone())).unzip();
    sqlx::query!(
        "UPDATE plan_classes p SET class_id = made.id FROM unnest($3::uuid[], $4::text[]) AS made (id, name)
         WHERE p.school_id = $1 AND p.plan_id = $2 AND p.name = made.name",
        scope.school_id(),
        plan_id,
        &ids,
        &names,
    )
    .execute(tx)
    .await?;
    Ok(())
}
