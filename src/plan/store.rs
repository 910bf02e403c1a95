//! The SQL of plans.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{Counts, Head, Outcome, Plan, PlanRow, Source, State};
use crate::{
    access::Scope,
    app::App,
    error::{Error, Result},
    identity::seal::Sealed,
};

/// How many rows of a plan a page shows.
pub const PAGE: i64 = 100;

/// A plan that begins: its file waits to be read.
pub struct NewPlan<'a> {
    pub id: Uuid,
    pub source: Source,
    pub school_year_id: Uuid,
    pub file_name: &'a str,
    /// The file, sealed for the plan's id.
    pub upload: &'a Sealed,
}

/// Writes a plan that begins.
///
/// # Errors
/// When the database cannot be reached.
pub async fn insert(scope: &Scope, app: &App, tx: &mut PgConnection, new: &NewPlan<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO plans (school_id, id, source, state, school_year_id, file_name, made_by, made_at)
         VALUES ($1, $2, $3, 'reading', $4, $5, $6, $7)",
        scope.school_id(),
        new.id,
        new.source.key(),
        new.school_year_id,
        new.file_name,
        scope.member().map(|member| member.id),
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO plan_uploads (school_id, plan_id, content, key_id) VALUES ($1, $2, $3, $4)",
        scope.school_id(),
        new.id,
        new.upload.bytes,
        new.upload.key_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The file that a plan is made from, sealed.
///
/// # Errors
/// [`Error::NotFound`] where it was purged.
pub async fn upload(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid) -> Result<Sealed> {
    let row = sqlx::query!(
        "SELECT content, key_id FROM plan_uploads WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
    )
    .fetch_one(tx)
    .await?;
    Ok(Sealed { key_id: row.key_id, bytes: row.content })
}

struct Stored {
    id: Uuid,
    source: String,
    state: String,
    school_year_id: Uuid,
    file_name: Option<String>,
    sheet_name: Option<String>,
    header_line: Option<i32>,
    columns: Value,
    refusal: Option<String>,
    counts: Value,
    made_by: Option<Uuid>,
    made_at: chrono::DateTime<chrono::Utc>,
    applied_by: Option<Uuid>,
    applied_at: Option<chrono::DateTime<chrono::Utc>>,
    stage: Option<String>,
    done_rows: i32,
}

impl TryFrom<Stored> for Plan {
    type Error = Error;

    fn try_from(row: Stored) -> Result<Self> {
        Ok(Self {
            id: row.id,
            source: Source::from_key(&row.source).ok_or(Error::NotFound)?,
            state: State::from_key(&row.state).ok_or(Error::NotFound)?,
            school_year_id: row.school_year_id,
            file_name: row.file_name,
            sheet_name: row.sheet_name,
            header_line: row.header_line,
            columns: serde_json::from_value(row.columns)?,
            refusal: row.refusal,
            counts: serde_json::from_value(row.counts)?,
            made_by: row.made_by,
            made_at: row.made_at,
            applied_by: row.applied_by,
            applied_at: row.applied_at,
            stage: row.stage,
            done_rows: row.done_rows,
        })
    }
}

/// One plan.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such plan.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: Uuid) -> Result<Plan> {
    sqlx::query_as!(
        Stored,
        "SELECT id, source, state, school_year_id, file_name, sheet_name, header_line, columns, refusal, counts,
             made_by, made_at, applied_by, applied_at, stage, done_rows
         FROM plans WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
    )
    .fetch_one(tx)
    .await?
    .try_into()
}

/// The latest plans, with the names of who made them.
///
/// # Errors
/// When the database cannot be reached.
pub async fn latest(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<(Plan, Option<String>)>> {
    let rows = sqlx::query!(
        r#"SELECT p.id, source, state, school_year_id, file_name, sheet_name, header_line, columns, refusal, counts,
             made_by, made_at, applied_by, applied_at, stage, done_rows, m.full_name AS "made_by_name?"
         FROM plans p LEFT JOIN members m ON m.school_id = p.school_id AND m.id = p.made_by
         WHERE p.school_id = $1 ORDER BY made_at DESC LIMIT 50"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let plan = Stored {
                id: row.id,
                source: row.source,
                state: row.state,
                school_year_id: row.school_year_id,
                file_name: row.file_name,
                sheet_name: row.sheet_name,
                header_line: row.header_line,
                columns: row.columns,
                refusal: row.refusal,
                counts: row.counts,
                made_by: row.made_by,
                made_at: row.made_at,
                applied_by: row.applied_by,
                applied_at: row.applied_at,
                stage: row.stage,
                done_rows: row.done_rows,
            };
            Ok((Plan::try_from(plan)?, row.made_by_name))
        })
        .collect()
}

/// Moves a plan from one state to another. False where it is in another state: somebody was quicker.
///
/// # Errors
/// When the database cannot be reached.
pub async fn advance(scope: &Scope, tx: &mut PgConnection, id: Uuid, from: State, to: State) -> Result<bool> {
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

/// The file could not be read; `refusal` is the key of the sentence that says why.
///
/// # Errors
/// When the database cannot be reached.
pub async fn refuse(scope: &Scope, tx: &mut PgConnection, id: Uuid, refusal: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE plans SET state = 'refused', refusal = $3, stage = NULL
         WHERE school_id = $1 AND id = $2 AND state = 'reading'",
        scope.school_id(),
        id,
        refusal,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Tells how far a worker is.
///
/// # Errors
/// When the database cannot be reached.
pub async fn tell_progress(scope: &Scope, tx: &mut PgConnection, id: Uuid, stage: &str, done_rows: i32) -> Result<()> {
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

/// Takes back what an earlier try of reading left.
///
/// # Errors
/// When the database cannot be reached.
pub async fn delete_rows(scope: &Scope, tx: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM plan_rows WHERE school_id = $1 AND plan_id = $2", scope.school_id(), id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM plan_classes WHERE school_id = $1 AND plan_id = $2", scope.school_id(), id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Adds rows, set-wise.
///
/// # Errors
/// When the database cannot be reached.
pub async fn insert_rows(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid, rows: &[PlanRow]) -> Result<()> {
    let lines: Vec<i32> = rows.iter().map(|row| row.line).collect();
    let outcomes: Vec<String> = rows.iter().map(|row| row.outcome.key().to_owned()).collect();
    let json = |part: fn(&PlanRow) -> serde_json::Result<Value>| rows.iter().map(part).collect::<Result<Vec<_>, _>>();
    let values = json(|row| serde_json::to_value(&row.values))?;
    let cells = json(|row| serde_json::to_value(&row.cells))?;
    let faults = json(|row| serde_json::to_value(&row.faults))?;
    let warnings = json(|row| serde_json::to_value(&row.warnings))?;
    let guesses = json(|row| serde_json::to_value(&row.guesses))?;
    let members: Vec<Option<Uuid>> = rows.iter().map(|row| row.member_id).collect();
    let accounts: Vec<Option<Uuid>> = rows.iter().map(|row| row.account_id).collect();
    let (passwords, keys): (Vec<Option<Vec<u8>>>, Vec<Option<String>>) =
        rows.iter().map(|row| row.password.clone().map(|sealed| (sealed.bytes, sealed.key_id)).unzip()).unzip();
    sqlx::query!(
        r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", cells, faults, warnings, guesses,
             member_id, account_id, password, password_key_id)
         SELECT $1, $2, line, outcome, row_values, row_cells, faults, warnings, guesses,
             member_id, account_id, password, key_id
         FROM unnest($3::int[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::jsonb[], $9::jsonb[],
             $10::uuid[], $11::uuid[], $12::bytea[], $13::text[])
             AS new (line, outcome, row_values, row_cells, faults, warnings, guesses, member_id, account_id, password,
                     key_id)"#,
        scope.school_id(),
        plan_id,
        &lines,
        &outcomes,
        &values,
        &cells,
        &faults,
        &warnings,
        &guesses,
        &members as &[Option<Uuid>],
        &accounts as &[Option<Uuid>],
        &passwords as &[Option<Vec<u8>>],
        &keys as &[Option<String>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The rows are complete: the plan can be reviewed.
///
/// # Errors
/// When the database cannot be reached.
pub async fn finish_reading(
    scope: &Scope,
    tx: &mut PgConnection,
    id: Uuid,
    head: &Head,
    counts: &Counts,
    new_classes: &[String],
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO plan_classes (school_id, plan_id, name) SELECT $1, $2, name FROM unnest($3::text[]) AS new (name)",
        scope.school_id(),
        id,
        new_classes,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE plans SET state = 'ready', sheet_name = $3, header_line = $4, columns = $5, counts = $6, stage = NULL,
             done_rows = 0
         WHERE school_id = $1 AND id = $2 AND state = 'reading'",
        scope.school_id(),
        id,
        head.sheet_name,
        head.header_line,
        serde_json::to_value(&head.columns)?,
        serde_json::to_value(counts)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

struct StoredRow {
    line: i32,
    outcome: String,
    values: Value,
    cells: Value,
    faults: Value,
    warnings: Value,
    guesses: Value,
    member_id: Option<Uuid>,
    account_id: Option<Uuid>,
    password: Option<Vec<u8>>,
    password_key_id: Option<String>,
}

impl TryFrom<StoredRow> for PlanRow {
    type Error = Error;

    fn try_from(row: StoredRow) -> Result<Self> {
        let password = match (row.password_key_id, row.password) {
            (Some(key_id), Some(bytes)) => Some(Sealed { key_id, bytes }),
            _ => None,
        };
        Ok(Self {
            line: row.line,
            outcome: Outcome::from_key(&row.outcome).ok_or(Error::NotFound)?,
            values: serde_json::from_value(row.values)?,
            cells: serde_json::from_value(row.cells)?,
            faults: serde_json::from_value(row.faults)?,
            warnings: serde_json::from_value(row.warnings)?,
            guesses: serde_json::from_value(row.guesses)?,
            member_id: row.member_id,
            account_id: row.account_id,
            password,
        })
    }
}

/// Rows after a line, of one outcome or all; at most `most`.
///
/// # Errors
/// When the database cannot be reached.
pub async fn rows(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: Uuid,
    outcome: Option<Outcome>,
    after: i32,
    most: i64,
) -> Result<Vec<PlanRow>> {
    let rows = sqlx::query_as!(
        StoredRow,
        r#"SELECT line, outcome, "values", cells, faults, warnings, guesses, member_id, account_id, password,
             password_key_id
         FROM plan_rows
         WHERE school_id = $1 AND plan_id = $2 AND ($3::text IS NULL OR outcome = $3) AND line > $4
         ORDER BY line LIMIT $5"#,
        scope.school_id(),
        plan_id,
        outcome.map(Outcome::key),
        after,
        most,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(PlanRow::try_from).collect()
}

/// The classes that a plan would make: names, and whether they are wanted.
///
/// # Errors
/// When the database cannot be reached.
pub async fn new_classes(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid) -> Result<Vec<(String, bool)>> {
    let rows = sqlx::query!(
        "SELECT name, wanted FROM plan_classes WHERE school_id = $1 AND plan_id = $2 ORDER BY name",
        scope.school_id(),
        plan_id,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.wanted)).collect())
}

/// Says which of the plan's new classes are wanted.
///
/// # Errors
/// When the database cannot be reached.
pub async fn want_classes(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid, wanted: &[String]) -> Result<()> {
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

/// The plan was applied: its state, who did it, and what became of each row that was to be written.
///
/// # Errors
/// When the database cannot be reached.
pub async fn finish_applying(scope: &Scope, app: &App, tx: &mut PgConnection, id: Uuid, stale: &[i32]) -> Result<()> {
    sqlx::query!(
        "UPDATE plan_rows SET result = CASE WHEN line = ANY($3) THEN 'stale' ELSE 'done' END, password = NULL,
             password_key_id = NULL
         WHERE school_id = $1 AND plan_id = $2 AND outcome IN ('create', 'update', 'leave')",
        scope.school_id(),
        id,
        stale,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE plans SET state = 'applied', applied_at = $3, stage = NULL
         WHERE school_id = $1 AND id = $2 AND state = 'applying'",
        scope.school_id(),
        id,
        app.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The people whom a plan has created, as far as they are still there, in the order of the sheet.
///
/// # Errors
/// When the database cannot be reached.
pub async fn created_members(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT r.member_id AS "id!" FROM plan_rows r
           JOIN members m ON m.school_id = r.school_id AND m.id = r.member_id
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome = 'create' AND r.result = 'done' ORDER BY r.line"#,
        scope.school_id(),
        plan_id,
    )
    .fetch_all(tx)
    .await?)
}
