//! The units that schools answer to, beside the departments that every province has: communes, which operators add.

use super::model::Unit;
use crate::{
    access::{Operator, SignedIn},
    app::App,
    db,
    error::{Error, Result},
    identity::accounts::{self, AccountEvent},
    ids::UnitId,
    vietnam::text,
};

/// Why a change of a unit is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitFault {
    /// The province has a unit of this name.
    NameTaken,
    /// Schools answer to it, or it is the province's department.
    InUse,
}

/// The operator who acts on units, and from where.
#[derive(Clone, Copy, Debug)]
pub struct ActingOperator<'a> {
    pub signed_in: &'a SignedIn,
    pub address: Option<std::net::IpAddr>,
}

impl ActingOperator<'_> {
    fn operator(&self) -> Result<&Operator> {
        self.signed_in.operator.as_ref().ok_or(Error::Forbidden)
    }
}

/// The unit of this id.
///
/// # Errors
/// [`Error::NotFound`] where there is none in the operator's provinces.
pub async fn find(app: &App, by: ActingOperator<'_>, id: UnitId) -> Result<Unit> {
    sqlx::query_as!(
        Unit,
        "SELECT u.id, u.province_code, p.name AS province, u.name, u.kind
         FROM managing_units u JOIN provinces p ON p.code = u.province_code
         WHERE u.id = $1 AND ($2::text[] IS NULL OR u.province_code = ANY($2))",
        id,
        by.operator()?.bounds(),
    )
    .fetch_optional(app.db.pool())
    .await?
    .ok_or(Error::NotFound)
}

/// Adds a commune.
///
/// # Errors
/// [`Error::Forbidden`] outside of the operator's provinces; a name that is taken is the inner [`UnitFault`].
pub async fn add(
    app: &App,
    by: ActingOperator<'_>,
    province: &str,
    name: &str,
) -> Result<std::result::Result<(), UnitFault>> {
    if !by.operator()?.administers(province) {
        return Err(Error::Forbidden);
    }
    if is_taken(app, province, name, None).await? {
        return Ok(Err(UnitFault::NameTaken));
    }
    let mut tx = app.db.begin().await?;
    let added = sqlx::query!(
        "INSERT INTO managing_units (id, province_code, name, kind) VALUES ($1, $2, $3, 'commune')
         ON CONFLICT DO NOTHING",
        app.randomness.uuid_v7::<UnitId>(app.clock.now()),
        province,
        name,
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(Err(UnitFault::NameTaken));
    }
    record(app, &mut tx, by, "unit_added").await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Renames a unit; its schools stay with it.
///
/// # Errors
/// The inner [`UnitFault`]: the name is taken.
pub async fn rename(
    app: &App,
    by: ActingOperator<'_>,
    unit: &Unit,
    name: &str,
) -> Result<std::result::Result<(), UnitFault>> {
    if is_taken(app, &unit.province_code, name, Some(unit.id)).await? {
        return Ok(Err(UnitFault::NameTaken));
    }
    let mut tx = app.db.begin().await?;
    let renamed =
        sqlx::query!("UPDATE managing_units SET name = $2 WHERE id = $1", unit.id, name).execute(&mut *tx).await;
    match renamed {
        Ok(_) => {}
        Err(error) if db::violated_constraint(&error) == Some("managing_units_province_code_name_key") => {
            return Ok(Err(UnitFault::NameTaken));
        }
        Err(error) => return Err(error.into()),
    }
    record(app, &mut tx, by, "unit_renamed").await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Deletes a unit that no school answers to.
///
/// # Errors
/// The inner [`UnitFault`]: the unit is in use.
pub async fn remove(app: &App, by: ActingOperator<'_>, unit: &Unit) -> Result<std::result::Result<(), UnitFault>> {
    let mut tx = app.db.begin().await?;
    let removed =
        sqlx::query!("DELETE FROM managing_units WHERE id = $1 AND kind = 'commune'", unit.id).execute(&mut *tx).await;
    match removed {
        Ok(removed) if removed.rows_affected() == 1 => {}
        Ok(_) => return Ok(Err(UnitFault::InUse)),
        // A school's foreign key; the only one that there is.
        Err(error) if db::violated_constraint(&error).is_some() => return Ok(Err(UnitFault::InUse)),
        Err(error) => return Err(error.into()),
    }
    record(app, &mut tx, by, "unit_removed").await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Whether the province has another unit whose name differs in case at most: marks tell communes apart.
async fn is_taken(app: &App, province: &str, name: &str, but: Option<UnitId>) -> Result<bool> {
    let names = sqlx::query_scalar!(
        "SELECT name FROM managing_units WHERE province_code = $1 AND id IS DISTINCT FROM $2",
        province,
        but,
    )
    .fetch_all(app.db.pool())
    .await?;
    Ok(names.iter().any(|other| text::clean(other).to_lowercase() == name.to_lowercase()))
}

/// Units belong to no school: acts on them are recorded in the operator's own history.
async fn record(app: &App, tx: &mut sqlx::PgConnection, by: ActingOperator<'_>, action: &str) -> Result<()> {
    let now = app.clock.now();
    let account_id = by.signed_in.account_id;
    let event = AccountEvent {
        id: app.randomness.uuid_v7(now),
        at: now,
        actor: Some(account_id),
        account_id,
        action,
        address: by.address,
    };
    accounts::record(tx, &event).await
}
