//! The SQL of a plan's rows: read and written set-wise, a part at a time.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    matching::{Key, Keys},
    model::{Decision, Outcome, PlanRow},
    resolve::Twins,
};
use crate::{
    access::Scope,
    error::{Error, Result},
    identity::seal::Sealed,
    members::fields::Field,
    vietnam::text,
};

/// How many rows of a plan a page shows.
pub const PAGE: i64 = 100;

/// Rows after a line, of one outcome or all; at most `most`.
///
/// # Errors
/// When the database cannot be reached.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: Uuid,
    outcome: Option<Outcome>,
    after: i32,
    most: i64,
) -> Result<Vec<PlanRow>> {
    let rows = sqlx::query_as!(
        StoredRow,
        r#"SELECT line, outcome, "values", cells, faults, warnings, guesses, lacks, values_key, before, decision,
             member_id, member_version, account_id, password, password_key_id
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

/// The rows at these lines.
///
/// # Errors
/// When the database cannot be reached.
pub async fn at(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid, lines: &[i32]) -> Result<Vec<PlanRow>> {
    let rows = sqlx::query_as!(
        StoredRow,
        r#"SELECT line, outcome, "values", cells, faults, warnings, guesses, lacks, values_key, before, decision,
             member_id, member_version, account_id, password, password_key_id
         FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND line = ANY($3) ORDER BY line"#,
        scope.school_id(),
        plan_id,
        lines,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(PlanRow::try_from).collect()
}

struct StoredRow {
    line: i32,
    outcome: String,
    values: Value,
    cells: Value,
    faults: Value,
    warnings: Value,
    guesses: Value,
    lacks: Value,
    values_key: i64,
    before: Option<Value>,
    decision: Option<String>,
    member_id: Option<Uuid>,
    member_version: Option<i64>,
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
            lacks: serde_json::from_value(row.lacks)?,
            keys: Keys::default(),
            values_key: row.values_key,
            decision: row.decision.as_deref().and_then(Decision::from_key),
            before: row.before.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            member_version: row.member_version,
            member_id: row.member_id,
            account_id: row.account_id,
            password,
        })
    }
}

/// Adds rows, set-wise.
///
/// # Errors
/// When the database cannot be reached.
pub async fn insert(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid, rows: &[PlanRow]) -> Result<()> {
    let columns = RowColumns::of(rows)?;
    sqlx::query!(
        r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", cells, faults, warnings, guesses, lacks,
             keys, values_key, before, member_id, member_version, account_id, password, password_key_id, search)
         SELECT $1, $2, * FROM unnest($3::int[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::jsonb[],
             $9::jsonb[], $10::jsonb[], $11::jsonb[], $12::bigint[], $13::jsonb[], $14::uuid[], $15::bigint[],
             $16::uuid[], $17::bytea[], $18::text[], $19::text[])"#,
        scope.school_id(),
        plan_id,
        &columns.lines,
        &columns.outcomes,
        &columns.values,
        &columns.cells,
        &columns.faults,
        &columns.warnings,
        &columns.guesses,
        &columns.lacks,
        &columns.keys,
        &columns.values_keys,
        &columns.befores,
        &columns.members as &[Option<Uuid>],
        &columns.versions as &[Option<i64>],
        &columns.accounts as &[Option<Uuid>],
        &columns.passwords as &[Option<Vec<u8>>],
        &columns.password_keys as &[Option<String>],
        &columns.searches,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes rows anew, set-wise: what they say, what was decided and what they come to.
///
/// # Errors
/// When the database cannot be reached.
pub async fn update(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid, rows: &[PlanRow]) -> Result<()> {
    let columns = RowColumns::of(rows)?;
    sqlx::query!(
        r#"UPDATE plan_rows r SET outcome = new.outcome, "values" = new.row_values, faults = new.faults,
             warnings = new.warnings, guesses = new.guesses, lacks = new.lacks, keys = new.keys,
             values_key = new.values_key, before = new.before, decision = new.decision, member_id = new.member_id,
             member_version = new.member_version, account_id = new.account_id, search = new.search
         FROM unnest($3::int[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::jsonb[], $9::jsonb[],
             $10::jsonb[], $11::bigint[], $12::jsonb[], $13::text[], $14::uuid[], $15::bigint[], $16::uuid[],
             $17::text[])
             AS new (line, outcome, row_values, faults, warnings, guesses, lacks, keys, values_key, before, decision,
                     member_id, member_version, account_id, search)
         WHERE r.school_id = $1 AND r.plan_id = $2 AND r.line = new.line"#,
        scope.school_id(),
        plan_id,
        &columns.lines,
        &columns.outcomes,
        &columns.values,
        &columns.faults,
        &columns.warnings,
        &columns.guesses,
        &columns.lacks,
        &columns.keys,
        &columns.values_keys,
        &columns.befores,
        &columns.decisions as &[Option<String>],
        &columns.members as &[Option<Uuid>],
        &columns.versions as &[Option<i64>],
        &columns.accounts as &[Option<Uuid>],
        &columns.searches,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The columns of rows, as arrays for `unnest`.
struct RowColumns {
    lines: Vec<i32>,
    outcomes: Vec<String>,
    values: Vec<Value>,
    cells: Vec<Value>,
    faults: Vec<Value>,
    warnings: Vec<Value>,
    guesses: Vec<Value>,
    lacks: Vec<Value>,
    keys: Vec<Value>,
    values_keys: Vec<i64>,
    befores: Vec<Value>,
    decisions: Vec<Option<String>>,
    members: Vec<Option<Uuid>>,
    versions: Vec<Option<i64>>,
    accounts: Vec<Option<Uuid>>,
    passwords: Vec<Option<Vec<u8>>>,
    password_keys: Vec<Option<String>>,
    searches: Vec<String>,
}

impl RowColumns {
    fn of(rows: &[PlanRow]) -> Result<Self> {
        fn json<T: serde::Serialize>(rows: &[PlanRow], part: fn(&PlanRow) -> T) -> Result<Vec<Value>> {
            rows.iter().map(|row| Ok(serde_json::to_value(part(row))?)).collect()
        }
        let sealed = |row: &PlanRow| row.password.clone().map(|sealed| (sealed.bytes, sealed.key_id)).unzip();
        let (passwords, password_keys) = rows.iter().map(sealed).unzip();
        Ok(Self {
            lines: rows.iter().map(|row| row.line).collect(),
            outcomes: rows.iter().map(|row| row.outcome.key().to_owned()).collect(),
            values: json(rows, |row| row.values.clone())?,
            cells: json(rows, |row| row.cells.clone())?,
            faults: json(rows, |row| row.faults.clone())?,
            warnings: json(rows, |row| row.warnings.clone())?,
            guesses: json(rows, |row| row.guesses.clone())?,
            lacks: json(rows, |row| row.lacks.clone())?,
            keys: json(rows, |row| row.keys.all())?,
            values_keys: rows.iter().map(|row| row.values_key).collect(),
            befores: json(rows, |row| row.before.clone())?,
            decisions: rows.iter().map(|row| row.decision.map(|decision| decision.key().to_owned())).collect(),
            members: rows.iter().map(|row| row.member_id).collect(),
            versions: rows.iter().map(|row| row.member_version).collect(),
            accounts: rows.iter().map(|row| row.account_id).collect(),
            passwords,
            password_keys,
            searches: rows.iter().map(found_by).collect(),
        })
    }
}

/// What a row is found by: the words of the name that it shows.
fn found_by(row: &PlanRow) -> String {
    let wrong = row.faults.iter().find(|fault| fault.field == Field::FullName).map(|fault| fault.value.as_str());
    let words = text::words(wrong.unwrap_or_else(|| row.value(Field::FullName)));
    words.iter().map(|word| format!(" {word}")).collect()
}

/// The rows that share a key with another one, or, where keys are given, share one of those. Rows that are left out or
/// cannot be read are nobody's twins.
///
/// # Errors
/// When the database cannot be reached.
pub async fn twins(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid, of_keys: Option<&[Key]>) -> Result<Twins> {
    let rows = sqlx::query!(
        r#"WITH told AS (
               SELECT key::bigint AS key, line, values_key FROM plan_rows, jsonb_array_elements_text(keys) AS key
               WHERE school_id = $1 AND plan_id = $2 AND decision IS DISTINCT FROM 'drop' AND faults = '[]'
                 AND ($3::bigint[] IS NULL OR key::bigint IN (SELECT unnest($3)))
           )
           SELECT key AS "key!", line, values_key FROM told
           WHERE key IN (SELECT key FROM told GROUP BY key HAVING count(*) > 1)"#,
        scope.school_id(),
        plan_id,
        of_keys,
    )
    .fetch_all(tx)
    .await?;
    Ok(Twins::new(rows.into_iter().map(|row| (row.key, row.line, row.values_key))))
}

/// The lines of the rows that have one of these keys.
///
/// # Errors
/// When the database cannot be reached.
pub async fn lines_with_keys(scope: &Scope, tx: &mut PgConnection, plan_id: Uuid, keys: &[Key]) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        "SELECT DISTINCT line FROM plan_rows, jsonb_array_elements_text(keys) AS told (key)
         JOIN unnest($3::bigint[]) AS wanted (key) ON wanted.key = told.key::bigint
         WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
        keys,
    )
    .fetch_all(tx)
    .await?)
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
