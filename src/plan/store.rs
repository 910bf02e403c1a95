//! The SQL of plans: their head, file, mapping and classes.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::PgConnection;

use super::{
    book::Book,
    eta::Progress,
    model::{OutcomeCounts, Plan, PlanState, ReadProgress, Source, SourceHead},
};
use crate::{
    access::Scope,
    app::App,
    error::{Error, Result, stored},
    ids::{MemberId, PlanId, YearId},
    roster::fields::{Fault, Field},
};

/// For how many days a rollover can be taken back: a year goes on.
pub const ROLLOVER_UNDO_DAYS: i64 = 30;

/// A plan that begins: its file waits to be read.
pub struct NewPlan<'a> {
    pub id: PlanId,
    pub book: Book,
    pub source: Source,
    pub school_year_id: YearId,
    /// None where it is made of no file.
    pub file_name: Option<&'a str>,
}

/// Writes a plan that begins.
pub async fn insert(scope: &Scope, app: &App, tx: &mut PgConnection, new: &NewPlan<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO plans (school_id, id, source, state, school_year_id, file_name, created_by, created_at, book)
         VALUES ($1, $2, $3, 'reading', $4, $5, $6, $7, $8)",
        scope.school_id(),
        new.id,
        new.source.key(),
        new.school_year_id,
        new.file_name,
        scope.member().map(|member| member.id),
        app.clock.now(),
        new.book.key(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

struct StoredPlan {
    id: PlanId,
    book: String,
    source: String,
    state: String,
    school_year_id: YearId,
    file_name: Option<String>,
    sheet_name: Option<String>,
    header_line: Option<i32>,
    columns: Value,
    notes: Value,
    reading: Value,
    refusal: Option<String>,
    counts: Value,
    created_by: Option<MemberId>,
    created_at: chrono::DateTime<chrono::Utc>,
    applied_by: Option<MemberId>,
    applied_at: Option<chrono::DateTime<chrono::Utc>>,
    undone_by: Option<MemberId>,
    undone_at: Option<chrono::DateTime<chrono::Utc>>,
    purged_at: Option<chrono::DateTime<chrono::Utc>>,
    results: Value,
    stage: Option<String>,
    done_rows: i32,
    begun_at: Option<chrono::DateTime<chrono::Utc>>,
    ends_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl TryFrom<StoredPlan> for Plan {
    type Error = Error;

    fn try_from(row: StoredPlan) -> Result<Self> {
        Ok(Self {
            id: row.id,
            book: stored("book of a plan", Book::from_key(&row.book))?,
            source: stored("source", Source::from_key(&row.source))?,
            state: stored("state of a plan", PlanState::from_key(&row.state))?,
            school_year_id: row.school_year_id,
            file_name: row.file_name,
            sheet_name: row.sheet_name,
            header_line: row.header_line,
            columns: serde_json::from_value(row.columns)?,
            notes: serde_json::from_value(row.notes)?,
            reading: serde_json::from_value(row.reading)?,
            refusal: row.refusal,
            counts: serde_json::from_value(row.counts)?,
            created_by: row.created_by,
            created_at: row.created_at,
            applied_by: row.applied_by,
            applied_at: row.applied_at,
            undone_by: row.undone_by,
            undone_at: row.undone_at,
            purged_at: row.purged_at,
            results: serde_json::from_value(row.results)?,
            stage: row.stage,
            done_rows: row.done_rows,
            begun_at: row.begun_at,
            ends_at: row.ends_at,
        })
    }
}

/// One plan, over whatever book.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such plan.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: PlanId) -> Result<Plan> {
    sqlx::query_as!(
        StoredPlan,
        "SELECT id, book, source, state, school_year_id, file_name, sheet_name, header_line, columns, notes, reading, refusal, counts,
             created_by, created_at, applied_by, applied_at, undone_by, undone_at, purged_at, results, stage, done_rows, begun_at, ends_at
         FROM plans WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)?
    .try_into()
}

/// One plan over this book.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such plan.
pub async fn find_in(scope: &Scope, tx: &mut PgConnection, book: Book, id: PlanId) -> Result<Plan> {
    let plan = find(scope, tx, id).await?;
    if plan.book == book { Ok(plan) } else { Err(Error::NotFound) }
}

/// How many plans wait for review; beyond a hundred the exact number does not matter.
pub async fn count_waiting(scope: &Scope, tx: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT FROM plans WHERE school_id = $1 AND book = 'roster' AND state = 'ready' AND purged_at IS NULL
               LIMIT 100) waiting"#,
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?)
}

/// How many plans a page of the history shows.
const PAGE: usize = 50;

/// A page of the plans, the latest first, behind one, with the names of who made them; and whether there are more. On
/// request only those that wait for a person: they keep their files.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    only_waiting: bool,
    after: Option<PlanId>,
) -> Result<(Vec<(Plan, Option<String>)>, bool)> {
    let rows = sqlx::query!(
        r#"SELECT p.id, book, source, state, school_year_id, file_name, sheet_name, header_line, columns, notes, reading, refusal, counts,
             created_by, p.created_at, applied_by, applied_at, undone_by, undone_at, purged_at, results, stage, done_rows, begun_at, ends_at, m.full_name AS "created_by_name?"
         FROM plans p LEFT JOIN members m ON m.school_id = p.school_id AND m.id = p.created_by
         WHERE p.school_id = $1 AND p.book = 'roster' AND p.created_at IS NOT NULL
             AND (NOT $2::bool OR p.state IN ('ready', 'failed') AND p.purged_at IS NULL)
             AND ($3::uuid IS NULL OR (p.created_at, p.id) < (
                 SELECT a.created_at, a.id FROM plans a WHERE a.school_id = $1 AND a.id = $3))
         ORDER BY p.created_at DESC, p.id DESC LIMIT $4"#,
        scope.school_id(),
        only_waiting,
        after,
        i64::try_from(PAGE + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(tx)
    .await?;
    let has_more = rows.len() > PAGE;
    let plans = rows
        .into_iter()
        .take(PAGE)
        .map(|row| {
            let plan = StoredPlan {
                id: row.id,
                book: row.book,
                source: row.source,
                state: row.state,
                school_year_id: row.school_year_id,
                file_name: row.file_name,
                sheet_name: row.sheet_name,
                header_line: row.header_line,
                columns: row.columns,
                notes: row.notes,
                reading: row.reading,
                refusal: row.refusal,
                counts: row.counts,
                created_by: row.created_by,
                created_at: row.created_at,
                applied_by: row.applied_by,
                applied_at: row.applied_at,
                undone_by: row.undone_by,
                undone_at: row.undone_at,
                purged_at: row.purged_at,
                results: row.results,
                stage: row.stage,
                done_rows: row.done_rows,
                begun_at: row.begun_at,
                ends_at: row.ends_at,
            };
            Ok((Plan::try_from(plan)?, row.created_by_name))
        })
        .collect::<Result<Vec<(Plan, Option<String>)>>>()?;
    Ok((plans, has_more))
}

/// Makes other transactions that would change the plan wait until this one ends.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such plan.
pub async fn lock(scope: &Scope, tx: &mut PgConnection, id: PlanId) -> Result<()> {
    sqlx::query!("SELECT id FROM plans WHERE school_id = $1 AND id = $2 FOR UPDATE", scope.school_id(), id)
        .fetch_optional(tx)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(())
}

/// Moves a plan from one state to another. False where it is in another state: another request was first.
pub async fn advance(scope: &Scope, tx: &mut PgConnection, id: PlanId, from: PlanState, to: PlanState) -> Result<bool> {
    let moved = sqlx::query!(
        "UPDATE plans SET state = $4 WHERE school_id = $1 AND id = $2 AND state = $3",
        scope.school_id(),
        id,
        from.key(),
        to.key(),
    )
    .execute(tx)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Moves an applied plan to being taken back, by the actor. False where it is not applied, or not any more, or its rows
/// were purged.
pub async fn begin_undoing(
    scope: &Scope,
    tx: &mut PgConnection,
    id: PlanId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<bool> {
    let moved = sqlx::query!(
        "UPDATE plans SET state = 'undoing', undone_by = $3, stage = 'waiting', done_rows = 0
         WHERE school_id = $1 AND id = $2 AND state = 'applied' AND purged_at IS NULL
             AND (source <> 'rollover' OR applied_at > $4)",
        scope.school_id(),
        id,
        scope.member().map(|member| member.id),
        now - chrono::Duration::days(ROLLOVER_UNDO_DAYS),
    )
    .execute(tx)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// The file could not be read; `refusal` is the key of the sentence that says why. False where it has been read.
pub async fn refuse(scope: &Scope, tx: &mut PgConnection, id: PlanId, refusal: &str) -> Result<bool> {
    let refused = sqlx::query!(
        "UPDATE plans SET state = 'refused', refusal = $3, stage = NULL
         WHERE school_id = $1 AND id = $2 AND state = 'reading'",
        scope.school_id(),
        id,
        refusal,
    )
    .execute(tx)
    .await?;
    Ok(refused.rows_affected() == 1)
}

/// Has a plan's file read again, with other settings. False where the plan is not under review.
pub async fn read_again(scope: &Scope, tx: &mut PgConnection, id: PlanId, reading: &ReadProgress) -> Result<bool> {
    let begun = sqlx::query!(
        "UPDATE plans SET state = 'reading', reading = $3, counts = '{}', stage = NULL, done_rows = 0
         WHERE school_id = $1 AND id = $2 AND state = 'ready'",
        scope.school_id(),
        id,
        serde_json::to_value(reading)?,
    )
    .execute(tx)
    .await?;
    Ok(begun.rows_affected() == 1)
}

/// How a file that waits to be read is to be read.
pub async fn read_as(scope: &Scope, tx: &mut PgConnection, id: PlanId, reading: &ReadProgress) -> Result<()> {
    sqlx::query!(
        "UPDATE plans SET reading = $3 WHERE school_id = $1 AND id = $2 AND state = 'reading'",
        scope.school_id(),
        id,
        serde_json::to_value(reading)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Remembers the column mapping for files of this shape.
pub async fn remember_mapping(scope: &Scope, tx: &mut PgConnection, plan: &Plan, reading: &ReadProgress) -> Result<()> {
    sqlx::query!(
        "INSERT INTO column_mappings (school_id, source, shape, mapping) VALUES ($1, $2, $3, $4)
         ON CONFLICT (school_id, source, shape) DO UPDATE SET mapping = excluded.mapping",
        scope.school_id(),
        plan.source.key(),
        plan.notes.shape,
        serde_json::to_value(&reading.mapping)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The column mapping of an earlier file of this shape.
pub async fn remembered_mapping(
    scope: &Scope,
    tx: &mut PgConnection,
    source: Source,
    shape: &str,
) -> Result<Option<BTreeMap<usize, Option<Field>>>> {
    let mapping = sqlx::query_scalar!(
        "SELECT mapping FROM column_mappings WHERE school_id = $1 AND source = $2 AND shape = $3",
        scope.school_id(),
        source.key(),
        shape,
    )
    .fetch_optional(tx)
    .await?;
    Ok(mapping.map(serde_json::from_value).transpose()?)
}

/// Reports how far a worker is.
pub async fn tell_progress(
    scope: &Scope,
    tx: &mut PgConnection,
    id: PlanId,
    stage: &str,
    done_rows: i32,
) -> Result<()> {
    sqlx::query!(
        "UPDATE plans SET stage = $3, done_rows = $4 WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
        stage,
        done_rows,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Reports how far a worker is, and when it is expected to finish.
pub async fn report_progress(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    id: PlanId,
    stage: &str,
    done_rows: i32,
    progress: &Progress,
) -> Result<()> {
    sqlx::query!(
        "UPDATE plans SET stage = $3, done_rows = $4, begun_at = $5, ends_at = $6 WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
        stage,
        done_rows,
        progress.begun_at,
        progress.ends_at(i64::from(done_rows), app.clock.now()),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes what an earlier attempt at reading left.
pub async fn delete_rows(scope: &Scope, tx: &mut PgConnection, id: PlanId) -> Result<()> {
    sqlx::query!("DELETE FROM plan_rows WHERE school_id = $1 AND plan_id = $2", scope.school_id(), id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM plan_classes WHERE school_id = $1 AND plan_id = $2", scope.school_id(), id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Counts the rows by outcome and keeps the counts with the plan; with those that are not listed, which are unchanged.
pub async fn recount(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<OutcomeCounts> {
    let counts = sqlx::query_scalar!(
        r#"SELECT listed.counts || CASE WHEN p.notes ? 'unlisted' THEN jsonb_build_object(
               'unchanged', coalesce((listed.counts ->> 'unchanged')::bigint, 0) + (p.notes ->> 'unlisted')::bigint)
               ELSE '{}' END AS "counts!"
           FROM plans p CROSS JOIN (SELECT coalesce(jsonb_object_agg(outcome, n), '{}') AS counts FROM (
               SELECT outcome, count(*) AS n FROM plan_rows WHERE school_id = $1 AND plan_id = $2 GROUP BY outcome
           ) counted) listed
           WHERE p.school_id = $1 AND p.id = $2"#,
        scope.school_id(),
        plan_id,
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query!("UPDATE plans SET counts = $3 WHERE school_id = $1 AND id = $2", scope.school_id(), plan_id, counts)
        .execute(tx)
        .await?;
    Ok(serde_json::from_value(counts)?)
}

/// Counts the rows by what became of them and keeps that with the plan.
pub async fn recount_results(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    sqlx::query!(
        "UPDATE plans SET results = coalesce((
             SELECT jsonb_object_agg(result, n) FROM (
                 SELECT result, count(*) AS n FROM plan_rows
                 WHERE school_id = $1 AND plan_id = $2 AND result IS NOT NULL GROUP BY result
             ) counted), '{}')
         WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        plan_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The rows are complete: the plan can be reviewed.
pub async fn finish_reading(scope: &Scope, tx: &mut PgConnection, id: PlanId, head: &SourceHead) -> Result<()> {
    sqlx::query!(
        "UPDATE plans SET state = 'ready', sheet_name = $3, header_line = $4, columns = $5, notes = $6, stage = NULL,
             done_rows = 0
         WHERE school_id = $1 AND id = $2 AND state = 'reading'",
        scope.school_id(),
        id,
        head.sheet_name,
        head.header_line,
        serde_json::to_value(&head.columns)?,
        serde_json::to_value(&head.notes)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The plan was applied: its state, who did it, and what became of each row that was to be written. False where it was
/// given up meanwhile.
pub async fn finish_applying(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    id: PlanId,
    stale: &[i32],
    unwanted: &[i32],
) -> Result<bool> {
    sqlx::query!(
        "UPDATE plan_rows SET result = 'done', password = NULL, password_key_id = NULL
         WHERE school_id = $1 AND plan_id = $2 AND outcome IN ('create', 'update', 'leave')
             AND line NOT IN (SELECT unnest($3::int[])) AND line NOT IN (SELECT unnest($4::int[]))",
        scope.school_id(),
        id,
        stale,
        unwanted,
    )
    .execute(&mut *tx)
    .await?;
    // Dropped rows are listed among the faulty ones, with the reason.
    for (lines, fault) in
        [(stale, Fault::new(Field::FullName, "stale", "")), (unwanted, Fault::new(Field::Class, "class-unwanted", ""))]
    {
        sqlx::query!(
            "UPDATE plan_rows SET result = 'stale', outcome = 'error', blockers = $4, password = NULL,
                 password_key_id = NULL
             WHERE school_id = $1 AND plan_id = $2 AND line = ANY($3)",
            scope.school_id(),
            id,
            lines,
            serde_json::to_value([fault])?,
        )
        .execute(&mut *tx)
        .await?;
    }
    let finished = sqlx::query!(
        "UPDATE plans SET state = 'applied', applied_at = $3, stage = NULL
         WHERE school_id = $1 AND id = $2 AND state = 'applying'",
        scope.school_id(),
        id,
        app.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(finished.rows_affected() == 1)
}
