//! Identifiers that a second school holds: told to operators with that school's name, and to schools only as a fact.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    error::Result,
    ids::{PlanId, SchoolId},
    plan::{model::IDENTIFIER_ELSEWHERE, rows},
    registry::{
        conflicts::{self, ClaimOrigin, ConflictState, IdentifierClaim},
        identifiers::{self, IdentifierHash, IdentifierKey},
    },
    roster::fields::Field,
};

/// How many rows an operator is told of, beside those that the page shows.
pub const MOST_TOLD: i64 = 50;

/// The first rows whose identifier another school held when they were checked.
pub async fn lines(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        "SELECT line FROM plan_rows
         WHERE school_id = $1 AND plan_id = $2 AND warnings @> jsonb_build_array(jsonb_build_object('key', $3::text))
         ORDER BY line LIMIT $4",
        scope.school_id(),
        plan_id,
        IDENTIFIER_ELSEWHERE,
        MOST_TOLD,
    )
    .fetch_all(tx)
    .await?)
}

/// Tells the operators of both provinces of the identifiers that a list names and other schools hold.
pub async fn note(scope: &Scope, app: &App, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    let named = sqlx::query_scalar!(
        r#"SELECT DISTINCT "values" ->> 'moet_id' AS "moet_id!" FROM plan_rows
           WHERE school_id = $1 AND plan_id = $2 AND "values" ? 'moet_id'
               AND warnings @> jsonb_build_array(jsonb_build_object('key', $3::text))"#,
        scope.school_id(),
        plan_id,
        IDENTIFIER_ELSEWHERE,
    )
    .fetch_all(&mut *tx)
    .await?;
    if named.is_empty() {
        return Ok(());
    }
    let key = IdentifierKey::load(app, tx).await?;
    let hashes: Vec<IdentifierHash> = named.iter().map(|moet_id| key.hash(moet_id)).collect();
    let holders = identifiers::holders(tx, &hashes).await?;
    let elsewhere = holders.into_iter().filter(|(_, holder)| holder.school_id != scope.school_id());
    let claims: Vec<IdentifierClaim> = elsewhere
        .map(|(hash, holder)| IdentifierClaim {
            hash,
            holder: holder.school_id,
            origin: ClaimOrigin::Submission(plan_id),
        })
        .collect();
    conflicts::note(scope, app, tx, &claims, ConflictState::Open).await
}

/// Of these rows, those whose identifier another school holds: the line, and that school with its code and province.
pub async fn of_lines(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan_id: PlanId,
    lines: &[i32],
) -> Result<Vec<(i32, String)>> {
    let rows = rows::at(scope, tx, plan_id, lines).await?;
    let key = IdentifierKey::load(app, tx).await?;
    let hashes: Vec<(i32, IdentifierHash)> =
        rows.iter().filter_map(|row| Some((row.line, key.hash(row.values.get(&Field::MoetId)?)))).collect();
    let all: Vec<IdentifierHash> = hashes.iter().map(|(_, hash)| *hash).collect();
    let holders = identifiers::holders(tx, &all).await?;
    let schools: Vec<SchoolId> = holders.values().map(|holder| holder.school_id).collect();
    let named = sqlx::query!(
        "SELECT s.id, s.name, s.code, p.name AS province
         FROM schools s JOIN provinces p ON p.code = s.province_code WHERE s.id = ANY($1) AND s.id <> $2",
        &schools,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    let school = |(line, hash): (i32, IdentifierHash)| {
        let holder = holders.get(&hash)?;
        let school = named.iter().find(|school| school.id == holder.school_id)?;
        Some((line, format!("{} ({}, {})", school.name, school.code, school.province)))
    };
    Ok(hashes.into_iter().filter_map(school).collect())
}
