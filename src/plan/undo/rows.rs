//! The SQL of taking a plan back: what applying found, what it wrote, and what became of each row.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;

use crate::plan::snapshot::MemberSnapshot;
use crate::{
    access::Scope,
    error::{Result, stored},
    ids::{MemberId, PlanId},
    plan::model::{Plan, RowOutcome},
    roster::fields::{Fault, Values},
};

/// How many rows are read and written at a time.
const ROWS_AT_ONCE: i64 = 2_000;

/// Keeps, with each row that changes a member, the state beside their values that is about to change. Called before the
/// change, in its transaction. It is read first and then written: a cluster takes no function whose outcome depends on
/// settings into an UPDATE.
pub async fn note_what_is(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<()> {
    let mut after = i32::MIN;
    loop {
        let found = what_is(scope, tx, plan, after).await?;
        let Some((last, _)) = found.last() else { return Ok(()) };
        after = *last;
        let (lines, was): (Vec<i32>, Vec<Value>) = found.into_iter().unzip();
        sqlx::query!(
            "UPDATE plan_rows r SET was = new.was FROM unnest($3::int[], $4::jsonb[]) AS new (line, was)
             WHERE r.school_id = $1 AND r.plan_id = $2 AND r.line = new.line",
            scope.school_id(),
            plan.id,
            &lines,
            &was,
        )
        .execute(&mut *tx)
        .await?;
    }
}

/// The next rows behind a line that change a member, each with the state beside the member's values.
async fn what_is(scope: &Scope, tx: &mut PgConnection, plan: &Plan, after: i32) -> Result<Vec<(i32, Value)>> {
    let rows = sqlx::query!(
        r#"SELECT r.line, jsonb_build_object(
               'status', m.status, 'temporary_until', m.temporary_until, 'account', m.account_id,
               'enrolments', coalesce((
                   SELECT jsonb_agg(jsonb_build_object(
                       'year', e.school_year_id, 'class', e.class_id, 'ended_at', e.ended_at,
                       'from_day', e.from_day))
                   FROM enrolments e WHERE e.school_id = $1 AND e.member_id = m.id
                       AND (e.school_year_id = $3 OR e.ended_at IS NULL)), '[]'),
               'grants', coalesce((
                   SELECT jsonb_agg(jsonb_build_object('grant', g."grant", 'at', g.granted_at))
                   FROM grants g WHERE g.school_id = $1 AND g.member_id = m.id), '[]'),
               'homeroom', coalesce((
                   SELECT jsonb_agg(c.id) FROM classes c WHERE c.school_id = $1 AND c.homeroom_member_id = m.id), '[]'))
               AS "was!"
           FROM plan_rows r JOIN members m ON m.school_id = $1 AND m.id = r.member_id
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome IN ('update', 'leave') AND r.line > $4
           ORDER BY r.line LIMIT $5"#,
        scope.school_id(),
        plan.id,
        plan.school_year_id,
        after,
        ROWS_AT_ONCE,
    );
    Ok(rows.fetch_all(tx).await?.into_iter().map(|row| (row.line, row.was)).collect())
}

/// A row as applying has written it.
#[derive(Clone, Debug)]
pub struct AppliedRow {
    pub line: i32,
    pub outcome: RowOutcome,
    pub values: Values,
    pub before: Values,
    pub member_id: MemberId,
    pub was: MemberSnapshot,
}

/// The rows after a line that applying has written, and that were not taken back yet.
pub async fn written(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    after: i32,
    most: i64,
) -> Result<Vec<AppliedRow>> {
    let rows = sqlx::query!(
        r#"SELECT line, outcome, CASE WHEN outcome = 'update' OR "values" ->> 'status' = 'finished' THEN "values" ELSE '{}' END AS "values!", before,
               member_id AS "member_id!", was
           FROM plan_rows
           WHERE school_id = $1 AND plan_id = $2 AND result = 'done' AND member_id IS NOT NULL AND line > $3
           ORDER BY line LIMIT $4"#,
        scope.school_id(),
        plan_id,
        after,
        most,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(AppliedRow {
                line: row.line,
                outcome: stored("outcome of a row", RowOutcome::from_key(&row.outcome))?,
                values: serde_json::from_value(row.values)?,
                before: row.before.map(serde_json::from_value).transpose()?.unwrap_or_default(),
                member_id: row.member_id,
                was: row.was.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Those of these members that another plan has marked as left since a time, unless that plan was undone.
pub async fn left_by_others(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    people: &[MemberId],
    since: DateTime<Utc>,
) -> Result<Vec<MemberId>> {
    Ok(sqlx::query_scalar!(
        "SELECT l.member_id FROM imported_members l
         WHERE l.school_id = $1 AND l.member_id = ANY($2) AND l.plan_id <> $3 AND l.what = 'left' AND l.at >= $4
             AND NOT EXISTS (
                 SELECT FROM imported_members u
                 WHERE u.school_id = $1 AND u.member_id = l.member_id AND u.plan_id = l.plan_id AND u.what = 'undone')",
        scope.school_id(),
        people,
        plan_id,
        since,
    )
    .fetch_all(tx)
    .await?)
}

/// What stays as the plan made it, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptChange {
    pub line: i32,
    pub faults: Vec<Fault>,
}

/// The plan was taken back: its state, and what became of each of its rows. False where it was given up meanwhile.
pub async fn finish(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    stays: &[KeptChange],
    now: DateTime<Utc>,
) -> Result<bool> {
    let lines: Vec<i32> = stays.iter().map(|stay| stay.line).collect();
    let faults: Vec<Value> = stays.iter().map(|stay| Ok(serde_json::to_value(&stay.faults)?)).collect::<Result<_>>()?;
    sqlx::query!(
        "UPDATE plan_rows SET result = 'undone' WHERE school_id = $1 AND plan_id = $2 AND result = 'done'",
        scope.school_id(),
        plan_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE plan_rows r SET result = 'stayed', stays = new.stays
         FROM unnest($3::int[], $4::jsonb[]) AS new (line, stays)
         WHERE r.school_id = $1 AND r.plan_id = $2 AND r.line = new.line",
        scope.school_id(),
        plan_id,
        &lines,
        &faults,
    )
    .execute(&mut *tx)
    .await?;
    let finished = sqlx::query!(
        "UPDATE plans SET state = 'undone', undone_at = $3, stage = NULL
         WHERE school_id = $1 AND id = $2 AND state = 'undoing'",
        scope.school_id(),
        plan_id,
        now,
    )
    .execute(tx)
    .await?;
    Ok(finished.rows_affected() == 1)
}

/// The rows after a line that stayed when the plan was taken back.
pub async fn stayed(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    after: i32,
    most: i64,
) -> Result<Vec<KeptChange>> {
    let rows = sqlx::query!(
        "SELECT line, stays FROM plan_rows
         WHERE school_id = $1 AND plan_id = $2 AND result = 'stayed' AND line > $3 ORDER BY line LIMIT $4",
        scope.school_id(),
        plan_id,
        after,
        most,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| Ok(KeptChange { line: row.line, faults: serde_json::from_value(row.stays)? })).collect()
}
