//! Bringing a draft up to date with the roster: pupils who came, changed class or left since. Set-based, and only where
//! something has changed: whatever changes classes of pupils leaves a mark.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::Rollover;
use crate::{access::Scope, error::Result};

/// Brings an open draft up to date, where the roster has changed.
pub async fn take_over(scope: &Scope, tx: &mut PgConnection, draft: &Rollover, now: DateTime<Utc>) -> Result<()> {
    if !draft.is_open() {
        return Ok(());
    }
    // Marks first: what is committed before a mark is seen by the statements below.
    let marks = sqlx::query!("DELETE FROM rollover_marks WHERE school_id = $1", scope.school_id());
    if marks.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(());
    }
    refresh(scope, tx, draft, Some(now)).await
}

/// The same whether or not something has changed; what is new is noted where a time is given.
pub async fn refresh(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    noted_at: Option<DateTime<Utc>>,
) -> Result<()> {
    add_classes(scope, tx, draft).await?;
    drop_leavers(scope, tx, draft, noted_at).await?;
    move_pupils(scope, tx, draft, noted_at).await?;
    add_pupils(scope, tx, draft, noted_at).await
}

/// Classes that were made meanwhile: their pupils keep their class until a person says where they go.
async fn add_classes(scope: &Scope, tx: &mut PgConnection, draft: &Rollover) -> Result<()> {
    sqlx::query!(
        "INSERT INTO rollover_targets (school_id, rollover_id, name, sort_key, grade)
         SELECT $1, $2, c.name, c.sort_key, c.grade FROM classes c
         WHERE c.school_id = $1 AND c.school_year_id = $3 AND NOT EXISTS (
             SELECT FROM rollover_classes r WHERE r.school_id = $1 AND r.rollover_id = $2 AND r.class_id = c.id)
         ON CONFLICT DO NOTHING",
        scope.school_id(),
        draft.id,
        draft.from_year_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO rollover_classes (school_id, rollover_id, class_id, target)
         SELECT $1, $2, c.id, c.name FROM classes c WHERE c.school_id = $1 AND c.school_year_id = $3
         ON CONFLICT DO NOTHING",
        scope.school_id(),
        draft.id,
        draft.from_year_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn drop_leavers(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    noted_at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "WITH gone AS (
             DELETE FROM rollover_pupils p WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.plan_id IS NULL
                 AND NOT EXISTS (
                     SELECT FROM enrolments e JOIN members m ON m.school_id = $1 AND m.id = e.member_id
                     WHERE e.school_id = $1 AND e.member_id = p.member_id AND e.school_year_id = $3
                         AND e.ended_at IS NULL AND m.role = 'student' AND m.status <> 'left')
             RETURNING p.member_id)
         INSERT INTO rollover_news (school_id, rollover_id, at, member_id, what)
         SELECT $1, $2, $4, gone.member_id, 'left' FROM gone
         JOIN members m ON m.school_id = $1 AND m.id = gone.member_id
         WHERE $4::timestamptz IS NOT NULL ON CONFLICT DO NOTHING",
        scope.school_id(),
        draft.id,
        draft.from_year_id,
        noted_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A pupil in another class goes where that class goes, unless a person has said otherwise.
async fn move_pupils(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    noted_at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "WITH moved AS (
             UPDATE rollover_pupils p SET class_id = e.class_id, class_sort = c.sort_key,
                 outcome = CASE WHEN p.is_chosen THEN p.outcome WHEN r.target IS NULL THEN 'finished' ELSE 'promoted' END,
                 target = CASE WHEN p.is_chosen THEN p.target ELSE r.target END
             FROM enrolments e
             JOIN classes c ON c.school_id = $1 AND c.id = e.class_id
             JOIN rollover_classes r ON r.school_id = $1 AND r.rollover_id = $2 AND r.class_id = e.class_id
             WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.plan_id IS NULL
                 AND e.school_id = $1 AND e.member_id = p.member_id AND e.school_year_id = $3
                 AND e.class_id <> p.class_id
             RETURNING p.member_id)
         INSERT INTO rollover_news (school_id, rollover_id, at, member_id, what)
         SELECT $1, $2, $4, member_id, 'moved' FROM moved WHERE $4::timestamptz IS NOT NULL ON CONFLICT DO NOTHING",
        scope.school_id(),
        draft.id,
        draft.from_year_id,
        noted_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn add_pupils(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    noted_at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "WITH came AS (
             INSERT INTO rollover_pupils (school_id, rollover_id, member_id, class_id, outcome, target, class_sort,
                 given_name, family_name, middle_name)
             SELECT $1, $2, m.id, e.class_id, CASE WHEN r.target IS NULL THEN 'finished' ELSE 'promoted' END, r.target,
                 c.sort_key, m.given_name, m.family_name, m.middle_name
             FROM rollover_classes r
             JOIN classes c ON c.school_id = $1 AND c.id = r.class_id
             JOIN enrolments e ON e.school_id = $1 AND e.class_id = r.class_id AND e.ended_at IS NULL
             JOIN members m ON m.school_id = $1 AND m.id = e.member_id
             WHERE r.school_id = $1 AND r.rollover_id = $2 AND e.school_year_id = $3
                 AND m.role = 'student' AND m.status <> 'left'
             ON CONFLICT DO NOTHING RETURNING member_id)
         INSERT INTO rollover_news (school_id, rollover_id, at, member_id, what)
         SELECT $1, $2, $4, member_id, 'came' FROM came WHERE $4::timestamptz IS NOT NULL ON CONFLICT DO NOTHING",
        scope.school_id(),
        draft.id,
        draft.from_year_id,
        noted_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}
