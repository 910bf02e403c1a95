//! Identifiers that a second school holds: told to operators with that school's name, and to schools only as a fact.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    error::Result,
    ids::{PlanId, SchoolId},
    plan::rows,
    registry::identifiers::{self, IdentifierHash, IdentifierKey},
    roster::fields::Field,
};

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
