//! The SQL of a plan's rows: read and written set-wise, in batches.

use std::collections::BTreeMap;

use sqlx::{PgConnection, types::Json};

use super::{
    duplicate_rows::DuplicateRows,
    matching::{Key, RowKeys},
    model::{Decision, PlanRow, RowOutcome},
    three_way::RegistrySide,
};
use crate::{
    access::Scope,
    crypto::seal::Sealed,
    error::{Error, Result, stored},
    ids::{AccountId, MemberId, PlanId},
    roster::fields::{Fault, Field, Guess, Values},
    vietnam::text,
};

/// How many rows of a plan a page shows.
pub const PAGE: i64 = 100;

/// Rows after a line, of one outcome or all; at most `most`.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    outcome: Option<RowOutcome>,
    after: i32,
    most: i64,
) -> Result<Vec<PlanRow>> {
    let rows = sqlx::query_as!(
        StoredRow,
        r#"SELECT line, outcome, "values" AS "values: Json<Values>", cells AS "cells: Json<Vec<String>>",
             faults AS "faults: Json<Vec<Fault>>", warnings AS "warnings: Json<Vec<Fault>>",
             guesses AS "guesses: Json<Vec<Guess>>", blockers AS "blockers: Json<Vec<Fault>>", values_key,
             before AS "before: Json<Values>", decision, member_id, member_version, account_id, password,
             password_key_id, is_absent, is_staff, registry AS "registry: Json<RegistrySide>"
         FROM plan_rows
         WHERE school_id = $1 AND plan_id = $2 AND ($3::text IS NULL OR outcome = $3) AND line > $4
         ORDER BY line LIMIT $5"#,
        scope.school_id(),
        plan_id,
        outcome.map(RowOutcome::key),
        after,
        most,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(PlanRow::try_from).collect()
}

/// The rows at these lines.
pub async fn at(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, lines: &[i32]) -> Result<Vec<PlanRow>> {
    let rows = sqlx::query_as!(
        StoredRow,
        r#"SELECT line, outcome, "values" AS "values: Json<Values>", cells AS "cells: Json<Vec<String>>",
             faults AS "faults: Json<Vec<Fault>>", warnings AS "warnings: Json<Vec<Fault>>",
             guesses AS "guesses: Json<Vec<Guess>>", blockers AS "blockers: Json<Vec<Fault>>", values_key,
             before AS "before: Json<Values>", decision, member_id, member_version, account_id, password,
             password_key_id, is_absent, is_staff, registry AS "registry: Json<RegistrySide>"
         FROM (SELECT DISTINCT unnest($3::int[])) AS wanted (at)
         CROSS JOIN LATERAL (
             SELECT * FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND line = wanted.at OFFSET 0) r
         ORDER BY line"#,
        scope.school_id(),
        plan_id,
        lines,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(PlanRow::try_from).collect()
}

/// Rows of an outcome after a line, at most `most`, without what only a review shows.
pub async fn to_write(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    outcome: RowOutcome,
    after: i32,
    most: usize,
) -> Result<Vec<PlanRow>> {
    let rows = sqlx::query_as!(
        StoredRow,
        r#"SELECT line, outcome, "values" AS "values: Json<Values>", '[]'::jsonb AS "cells!: Json<Vec<String>>",
             '[]'::jsonb AS "faults!: Json<Vec<Fault>>", '[]'::jsonb AS "warnings!: Json<Vec<Fault>>",
             '[]'::jsonb AS "guesses!: Json<Vec<Guess>>", '[]'::jsonb AS "blockers!: Json<Vec<Fault>>", values_key,
             before AS "before: Json<Values>", decision, member_id, member_version, account_id, password,
             password_key_id, is_absent, is_staff, registry AS "registry: Json<RegistrySide>"
         FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND outcome = $3 AND line > $4 ORDER BY line LIMIT $5"#,
        scope.school_id(),
        plan_id,
        outcome.key(),
        after,
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(PlanRow::try_from).collect()
}

/// The accounts to be created for which the sheet has no password, after a line, at most `most`.
pub async fn accounts_without_password(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    after: i32,
    most: usize,
) -> Result<Vec<(i32, AccountId)>> {
    let rows = sqlx::query!(
        r#"SELECT line, account_id AS "account_id!" FROM plan_rows
           WHERE school_id = $1 AND plan_id = $2 AND outcome = 'create' AND line > $3 AND account_id IS NOT NULL
               AND password IS NULL
           ORDER BY line LIMIT $4"#,
        scope.school_id(),
        plan_id,
        after,
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.line, row.account_id)).collect())
}

struct StoredRow {
    line: i32,
    outcome: String,
    values: Json<Values>,
    cells: Json<Vec<String>>,
    faults: Json<Vec<Fault>>,
    warnings: Json<Vec<Fault>>,
    guesses: Json<Vec<Guess>>,
    blockers: Json<Vec<Fault>>,
    values_key: i64,
    before: Option<Json<Values>>,
    decision: Option<String>,
    member_id: Option<MemberId>,
    member_version: Option<i64>,
    account_id: Option<AccountId>,
    password: Option<Vec<u8>>,
    password_key_id: Option<String>,
    registry: Option<Json<RegistrySide>>,
    is_absent: bool,
    is_staff: Option<bool>,
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
            outcome: stored("outcome of a row", RowOutcome::from_key(&row.outcome))?,
            values: row.values.0,
            cells: row.cells.0,
            faults: row.faults.0,
            warnings: row.warnings.0,
            guesses: row.guesses.0,
            blockers: row.blockers.0,
            keys: RowKeys::default(),
            values_key: row.values_key,
            decision: row.decision.map(|key| stored("decision", Decision::from_key(&key))).transpose()?,
            before: row.before.unwrap_or_default().0,
            member_version: row.member_version,
            member_id: row.member_id,
            account_id: row.account_id,
            password,
            registry: row.registry.map(|side| side.0),
            is_absent: row.is_absent,
            is_staff: row.is_staff,
        })
    }
}

/// Adds rows, set-wise.
pub async fn insert(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, rows: &[PlanRow]) -> Result<()> {
    let columns = RowColumns::of(rows);
    sqlx::query!(
        r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", cells, faults, warnings, guesses, blockers,
             keys, values_key, before, member_id, member_version, account_id, password, password_key_id, search, registry,
             is_staff)
         SELECT $1, $2, * FROM unnest($3::int[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::jsonb[],
             $9::jsonb[], $10::jsonb[], $11::jsonb[], $12::bigint[], $13::jsonb[], $14::uuid[], $15::bigint[],
             $16::uuid[], $17::bytea[], $18::text[], $19::text[], $20::jsonb[], $21::bool[])
         RETURNING line"#,
        scope.school_id(),
        plan_id,
        &columns.lines,
        &columns.outcomes as &[&str],
        &columns.values as &[Json<_>],
        &columns.cells as &[Json<_>],
        &columns.faults as &[Json<_>],
        &columns.warnings as &[Json<_>],
        &columns.guesses as &[Json<_>],
        &columns.blockers as &[Json<_>],
        &columns.keys as &[Json<_>],
        &columns.values_keys,
        &columns.befores as &[Json<_>],
        &columns.members as &[Option<MemberId>],
        &columns.versions as &[Option<i64>],
        &columns.accounts as &[Option<AccountId>],
        &columns.passwords as &[Option<&[u8]>],
        &columns.password_keys as &[Option<&str>],
        &columns.searches,
        &columns.registries as &[Option<Json<&RegistrySide>>],
        &columns.are_staff as &[Option<bool>],
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Writes rows anew, set-wise: what they say, what was decided and what they come to.
pub async fn update(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, rows: &[PlanRow]) -> Result<()> {
    let columns = RowColumns::of(rows);
    sqlx::query!(
        r#"UPDATE plan_rows r SET outcome = new.outcome, "values" = new.row_values, faults = new.faults,
             warnings = new.warnings, guesses = new.guesses, blockers = new.blockers, keys = new.keys,
             values_key = new.values_key, before = new.before, decision = new.decision, member_id = new.member_id,
             member_version = new.member_version, account_id = new.account_id, search = new.search
         FROM unnest($3::int[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::jsonb[], $9::jsonb[],
             $10::jsonb[], $11::bigint[], $12::jsonb[], $13::text[], $14::uuid[], $15::bigint[], $16::uuid[],
             $17::text[])
             AS new (line, outcome, row_values, faults, warnings, guesses, blockers, keys, values_key, before, decision,
                     member_id, member_version, account_id, search)
         WHERE r.school_id = $1 AND r.plan_id = $2 AND r.line = new.line"#,
        scope.school_id(),
        plan_id,
        &columns.lines,
        &columns.outcomes as &[&str],
        &columns.values as &[Json<_>],
        &columns.faults as &[Json<_>],
        &columns.warnings as &[Json<_>],
        &columns.guesses as &[Json<_>],
        &columns.blockers as &[Json<_>],
        &columns.keys as &[Json<_>],
        &columns.values_keys,
        &columns.befores as &[Json<_>],
        &columns.decisions as &[Option<&str>],
        &columns.members as &[Option<MemberId>],
        &columns.versions as &[Option<i64>],
        &columns.accounts as &[Option<AccountId>],
        &columns.searches,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The columns of rows, as arrays for `unnest`.
struct RowColumns<'a> {
    lines: Vec<i32>,
    outcomes: Vec<&'a str>,
    values: Vec<Json<&'a Values>>,
    cells: Vec<Json<&'a [String]>>,
    faults: Vec<Json<&'a [Fault]>>,
    warnings: Vec<Json<&'a [Fault]>>,
    guesses: Vec<Json<&'a [Guess]>>,
    blockers: Vec<Json<&'a [Fault]>>,
    keys: Vec<Json<Vec<Key>>>,
    values_keys: Vec<i64>,
    befores: Vec<Json<&'a Values>>,
    decisions: Vec<Option<&'a str>>,
    members: Vec<Option<MemberId>>,
    versions: Vec<Option<i64>>,
    accounts: Vec<Option<AccountId>>,
    passwords: Vec<Option<&'a [u8]>>,
    password_keys: Vec<Option<&'a str>>,
    searches: Vec<String>,
    registries: Vec<Option<Json<&'a RegistrySide>>>,
    are_staff: Vec<Option<bool>>,
}

impl<'a> RowColumns<'a> {
    fn of(rows: &'a [PlanRow]) -> Self {
        let sealed = |row: &'a PlanRow| row.password.as_ref();
        Self {
            lines: rows.iter().map(|row| row.line).collect(),
            outcomes: rows.iter().map(|row| row.outcome.key()).collect(),
            values: rows.iter().map(|row| Json(&row.values)).collect(),
            cells: rows.iter().map(|row| Json(row.cells.as_slice())).collect(),
            faults: rows.iter().map(|row| Json(row.faults.as_slice())).collect(),
            warnings: rows.iter().map(|row| Json(row.warnings.as_slice())).collect(),
            guesses: rows.iter().map(|row| Json(row.guesses.as_slice())).collect(),
            blockers: rows.iter().map(|row| Json(row.blockers.as_slice())).collect(),
            keys: rows.iter().map(|row| Json(row.keys.all())).collect(),
            values_keys: rows.iter().map(|row| row.values_key).collect(),
            befores: rows.iter().map(|row| Json(&row.before)).collect(),
            decisions: rows.iter().map(|row| row.decision.map(Decision::key)).collect(),
            members: rows.iter().map(|row| row.member_id).collect(),
            versions: rows.iter().map(|row| row.member_version).collect(),
            accounts: rows.iter().map(|row| row.account_id).collect(),
            passwords: rows.iter().map(|row| Some(sealed(row)?.bytes.as_slice())).collect(),
            password_keys: rows.iter().map(|row| Some(sealed(row)?.key_id.as_str())).collect(),
            searches: rows.iter().map(found_by).collect(),
            registries: rows.iter().map(|row| row.registry.as_ref().map(Json)).collect(),
            are_staff: rows.iter().map(|row| row.is_staff).collect(),
        }
    }
}

/// What a row is found by: the words of the name that it shows. A class has no other one.
fn found_by(row: &PlanRow) -> String {
    let wrong = row.faults.iter().find(|fault| fault.field == Field::FullName).map(|fault| fault.value.as_str());
    let name = match row.value(Field::FullName) {
        "" => row.value(Field::Class),
        name => name,
    };
    let words = text::words(wrong.unwrap_or(name));
    words.iter().map(|word| format!(" {word}")).collect()
}

/// The rows that share a key with another one, or, where keys are given, share one of those. Rows that are left out or
/// cannot be read do not count.
pub async fn duplicates(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    of_keys: Option<&[Key]>,
) -> Result<DuplicateRows> {
    let rows = sqlx::query!(
        r#"WITH told AS (
               SELECT key::bigint AS key, line, values_key, "values" ->> 'full_name' AS full_name FROM plan_rows, jsonb_array_elements_text(keys) AS key
               WHERE school_id = $1 AND plan_id = $2 AND decision IS DISTINCT FROM 'drop' AND faults = '[]'
                 AND ($3::bigint[] IS NULL OR key::bigint IN (SELECT unnest($3)))
           )
           SELECT key AS "key!", line, values_key, full_name FROM told
           WHERE key IN (SELECT key FROM told GROUP BY key HAVING count(*) > 1)"#,
        scope.school_id(),
        plan_id,
        of_keys,
    )
    .fetch_all(tx)
    .await?;
    let duplicates = DuplicateRows::new(rows.iter().map(|row| (row.key, row.line, row.values_key)));
    Ok(duplicates.with_names(rows.into_iter().filter_map(|row| Some((row.line, row.full_name?)))))
}

/// How many rows have a warning of these keys.
pub async fn count_warnings(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    keys: &[&str],
) -> Result<BTreeMap<String, i64>> {
    let rows = sqlx::query!(
        r#"SELECT warning ->> 'key' AS "key!", count(*) AS "count!"
           FROM plan_rows, jsonb_array_elements(warnings) AS warning
           WHERE school_id = $1 AND plan_id = $2 AND warnings <> '[]' AND warning ->> 'key' = ANY($3)
           GROUP BY warning ->> 'key'"#,
        scope.school_id(),
        plan_id,
        keys as &[&str],
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.count)).collect())
}

/// The lines of the rows that have one of these keys.
pub async fn lines_with_keys(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId, keys: &[Key]) -> Result<Vec<i32>> {
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

/// The people that a plan has created, as far as they are still there, in the order of the sheet.
pub async fn created_members(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<Vec<MemberId>> {
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
