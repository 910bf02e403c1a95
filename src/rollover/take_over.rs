//! Bringing a draft up to date with the roster: pupils who came, changed class or left since. Set-based, and only where
//! something has changed: whatever changes classes of pupils leaves a mark.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{changes, model::Rollover, store};
use crate::{access::Scope, error::Result, ids::ClassId, schools::classes};

/// Brings a draft up to date, where the roster has changed. False where the draft was dropped meanwhile.
pub async fn take_over(scope: &Scope, tx: &mut PgConnection, draft: &Rollover, now: DateTime<Utc>) -> Result<bool> {
    if !draft.is_open() {
        settle(scope, tx, draft).await?;
        return Ok(true);
    }
    if !has_marks(scope, tx).await? {
        return Ok(true);
    }
    // Dropping a draft holds the same lock: behind it the draft is there until this transaction ends, or gone.
    store::lock(scope, tx).await?;
    if !store::is_there(scope, tx, draft.id).await? {
        return Ok(false);
    }
    // Marks first: what is committed before a mark is seen by the statements below.
    let marks = sqlx::query!("DELETE FROM rollover_marks WHERE school_id = $1", scope.school_id());
    if marks.execute(&mut *tx).await?.rows_affected() > 0 {
        refresh(scope, tx, draft, Some(now)).await?;
    }
    Ok(true)
}

async fn has_marks(scope: &Scope, tx: &mut PgConnection) -> Result<bool> {
    let marks = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rollover_marks WHERE school_id = $1) AS "has!""#,
        scope.school_id(),
    );
    Ok(marks.fetch_one(tx).await?)
}

/// Settles the pupils of an applied draft that no plan has written yet: those who have left since are dropped, and for
/// those who wait to be assessed again a class of the coming year that they were given by hand decides.
async fn settle(scope: &Scope, tx: &mut PgConnection, draft: &Rollover) -> Result<()> {
    if !needs_settling(scope, tx, draft).await? {
        return Ok(());
    }
    store::lock(scope, tx).await?;
    drop_leavers(scope, tx, draft, None).await?;
    move_pupils(scope, tx, draft, None).await?;
    sqlx::query!(
        "INSERT INTO rollover_targets (school_id, rollover_id, name, sort_key, grade)
         SELECT DISTINCT $1::uuid, $2::uuid, c.name, c.sort_key, c.grade FROM rollover_pupils p
         JOIN enrolments e ON e.school_id = $1 AND e.member_id = p.member_id AND e.school_year_id = $3
             AND e.ended_at IS NULL
         JOIN classes c ON c.school_id = $1 AND c.id = e.class_id
         WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.outcome = 'awaiting' AND p.plan_id IS NULL
         ON CONFLICT DO NOTHING",
        scope.school_id(),
        draft.id,
        draft.to_year_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE rollover_pupils p SET target = c.name, is_chosen = true,
             outcome = CASE WHEN c.grade = f.grade THEN 'kept_back' ELSE 'promoted' END
         FROM enrolments e, classes c, classes f
         WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.outcome = 'awaiting' AND p.plan_id IS NULL
             AND e.school_id = $1 AND e.member_id = p.member_id AND e.school_year_id = $3 AND e.ended_at IS NULL
             AND c.school_id = $1 AND c.id = e.class_id AND f.school_id = $1 AND f.id = p.class_id",
        scope.school_id(),
        draft.id,
        draft.to_year_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether there are such pupils.
async fn needs_settling(scope: &Scope, tx: &mut PgConnection, draft: &Rollover) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM rollover_pupils p
               JOIN members m ON m.school_id = $1 AND m.id = p.member_id
               LEFT JOIN enrolments f ON f.school_id = $1 AND f.member_id = p.member_id AND f.school_year_id = $3
               LEFT JOIN enrolments t ON t.school_id = $1 AND t.member_id = p.member_id AND t.school_year_id = $4
                   AND t.ended_at IS NULL
               WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.outcome IS NOT NULL AND p.plan_id IS NULL
                   AND (m.status = 'left' OR m.role <> 'student' OR f.class_id IS NULL OR f.ended_at IS NOT NULL
                       OR p.outcome = 'awaiting' AND t.class_id IS NOT NULL
                       OR f.class_id <> p.class_id AND EXISTS (SELECT FROM rollover_classes r
                           WHERE r.school_id = $1 AND r.rollover_id = $2 AND r.class_id = f.class_id))) AS "has!""#,
        scope.school_id(),
        draft.id,
        draft.from_year_id,
        draft.to_year_id,
    )
    .fetch_one(tx)
    .await?)
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

/// Classes that were made meanwhile go where they would have gone had they been there when the draft was begun.
async fn add_classes(scope: &Scope, tx: &mut PgConnection, draft: &Rollover) -> Result<()> {
    let new: Vec<ClassId> = sqlx::query_scalar!(
        "SELECT c.id FROM classes c
         WHERE c.school_id = $1 AND c.school_year_id = $3 AND NOT EXISTS (
             SELECT FROM rollover_classes r WHERE r.school_id = $1 AND r.rollover_id = $2 AND r.class_id = c.id)",
        scope.school_id(),
        draft.id,
        draft.from_year_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    if new.is_empty() {
        return Ok(());
    }
    let classes = classes::of_year(scope, tx, draft.from_year_id).await?;
    changes::propose_classes(scope, tx, draft.id, &classes, |class| new.contains(&class.id)).await
}

// What follows finds each row by its key, whatever the statistics say: a draft is begun, and looked at, right after an import.

async fn drop_leavers(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    noted_at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "WITH gone AS (
             DELETE FROM rollover_pupils p WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.plan_id IS NULL
                 AND NOT coalesce((
                     SELECT e.ended_at IS NULL AND m.role = 'student' AND m.status <> 'left'
                     FROM (SELECT x.ended_at FROM enrolments x
                           WHERE x.school_id = $1 AND x.member_id = p.member_id AND x.school_year_id = $3 OFFSET 0) e,
                         (SELECT x.role, x.status FROM members x
                          WHERE x.school_id = $1 AND x.id = p.member_id OFFSET 0) m), false)
             RETURNING p.member_id)
         INSERT INTO rollover_news (school_id, rollover_id, at, member_id, what)
         SELECT $1, $2, $4, gone.member_id, 'left' FROM gone
         JOIN LATERAL (SELECT x.id FROM members x WHERE x.school_id = $1 AND x.id = gone.member_id OFFSET 0) m ON true
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
             UPDATE rollover_pupils p SET class_id = new.class_id, class_sort = new.sort_key,
                 outcome = CASE WHEN p.is_chosen THEN p.outcome WHEN new.target IS NULL THEN 'finished'
                     ELSE 'promoted' END,
                 target = CASE WHEN p.is_chosen THEN p.target ELSE new.target END
             FROM (
                 SELECT o.member_id, e.class_id, c.sort_key, r.target FROM rollover_pupils o
                 JOIN LATERAL (SELECT x.class_id FROM enrolments x
                     WHERE x.school_id = $1 AND x.member_id = o.member_id AND x.school_year_id = $3 OFFSET 0) e
                     ON e.class_id <> o.class_id
                 JOIN LATERAL (SELECT x.sort_key FROM classes x
                     WHERE x.school_id = $1 AND x.id = e.class_id OFFSET 0) c ON true
                 JOIN LATERAL (SELECT x.target FROM rollover_classes x
                     WHERE x.school_id = $1 AND x.rollover_id = $2 AND x.class_id = e.class_id OFFSET 0) r ON true
                 WHERE o.school_id = $1 AND o.rollover_id = $2 AND o.plan_id IS NULL) new
             WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.member_id = new.member_id
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

/// The pupils of the draft's classes who are not in it yet; each class is one of the year that it was begun from.
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
             SELECT $1, $2, e.member_id, r.class_id,
                 CASE WHEN r.target IS NULL THEN 'finished' ELSE 'promoted' END, r.target,
                 c.sort_key, m.given_name, m.family_name, m.middle_name
             FROM rollover_classes r
             JOIN LATERAL (SELECT x.sort_key FROM classes x
                 WHERE x.school_id = $1 AND x.id = r.class_id OFFSET 0) c ON true
             JOIN LATERAL (SELECT x.member_id FROM enrolments x
                 WHERE x.school_id = $1 AND x.class_id = r.class_id AND x.ended_at IS NULL OFFSET 0) e ON true
             JOIN LATERAL (SELECT x.role, x.status, x.given_name, x.family_name, x.middle_name FROM members x
                 WHERE x.school_id = $1 AND x.id = e.member_id OFFSET 0) m
                 ON m.role = 'student' AND m.status <> 'left'
             WHERE r.school_id = $1 AND r.rollover_id = $2
             ON CONFLICT DO NOTHING RETURNING member_id)
         INSERT INTO rollover_news (school_id, rollover_id, at, member_id, what)
         SELECT $1, $2, $3, member_id, 'came' FROM came WHERE $3::timestamptz IS NOT NULL ON CONFLICT DO NOTHING",
        scope.school_id(),
        draft.id,
        noted_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}
