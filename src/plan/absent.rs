//! Who is absent from a whole list: a submission names everybody, so records of the registry that no row is about are
//! proposed as leaving. Their rows stand behind those of the sheet, and go when a row is found to be about them.

use sqlx::PgConnection;

use super::{
    book::Book,
    model::{Plan, Source},
};
use crate::{access::Scope, error::Result};

/// Brings the rows of the absent up to date, set-wise.
pub async fn refresh(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<()> {
    if plan.book != Book::Registry {
        return Ok(());
    }
    forget_present(scope, tx, plan).await?;
    match plan.source {
        Source::Students => add_people(scope, tx, plan, "student").await,
        Source::Teachers => add_people(scope, tx, plan, "staff").await,
        Source::Classes => add_classes(scope, tx, plan).await,
        Source::Registry | Source::RegistryClasses | Source::OneRoster | Source::Rollover => Ok(()),
    }
}

async fn forget_present(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<()> {
    sqlx::query!(
        "DELETE FROM plan_rows r WHERE r.school_id = $1 AND r.plan_id = $2 AND r.is_absent AND EXISTS (
             SELECT FROM plan_rows s WHERE s.school_id = $1 AND s.plan_id = $2 AND s.member_id = r.member_id
                 AND NOT s.is_absent)",
        scope.school_id(),
        plan.id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// People of the kind who are there and that no row is about. A row that cannot be read may be about any of its name.
async fn add_people(scope: &Scope, tx: &mut PgConnection, plan: &Plan, kind: &str) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", member_id, member_version, is_absent,
             search)
           SELECT $1, $2, (
                   SELECT coalesce(max(line), 0) FROM plan_rows WHERE school_id = $1 AND plan_id = $2
               ) + row_number() OVER (ORDER BY p.given_name, p.family_name, p.middle_name, p.id), 'leave',
               p.fields || CASE WHEN c.name IS NULL THEN '{}' ELSE jsonb_build_object('class', c.name) END,
               p.id, p.version, true, p.words
           FROM registry_people p
           LEFT JOIN registry_classes c ON c.school_id = p.school_id AND c.id = p.class_id
           WHERE p.school_id = $1 AND p.kind = $3 AND p.left_at IS NULL
               AND NOT EXISTS (
                   SELECT FROM plan_rows r WHERE r.school_id = $1 AND r.plan_id = $2 AND r.member_id = p.id)
               AND lower(p.full_name) NOT IN (
                   SELECT lower(r."values" ->> 'full_name') FROM plan_rows r
                   WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome = 'error' AND r.member_id IS NULL
                       AND r."values" ? 'full_name')
         RETURNING line"#,
        scope.school_id(),
        plan.id,
        kind,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Classes of the year that no row is about and in which nobody is.
async fn add_classes(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", member_id, member_version, is_absent,
             search)
           SELECT $1, $2, (
                   SELECT coalesce(max(line), 0) FROM plan_rows WHERE school_id = $1 AND plan_id = $2
               ) + row_number() OVER (ORDER BY c.sort_key, c.id), 'leave', jsonb_build_object('class', c.name), c.id,
               c.version, true, ' ' || lower(c.name)
           FROM registry_classes c
           WHERE c.school_id = $1 AND c.school_year_id = $3 AND c.gone_at IS NULL
               AND NOT EXISTS (
                   SELECT FROM plan_rows r WHERE r.school_id = $1 AND r.plan_id = $2 AND r.member_id = c.id)
               AND NOT EXISTS (
                   SELECT FROM registry_people p WHERE p.school_id = $1 AND p.class_id = c.id AND p.left_at IS NULL)
         RETURNING line"#,
        scope.school_id(),
        plan.id,
        plan.school_year_id,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}
