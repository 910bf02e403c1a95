//! Opening a school.

use std::sync::Arc;

use sqlx::PgConnection;

use super::{
    changes,
    model::{SchoolFault, SchoolValues},
    owners::{self, NewOwner},
    store,
};
use crate::{
    access::{Actor, Operator, School, SchoolKind, Scope},
    app::App,
    audit::{self, AuditAction},
    error::{Error, Result},
    ids::{AccountId, UnitId},
    schools::years,
    web::i18n::Lang,
};

/// A school to be opened, and its first owner.
#[derive(Clone, Debug)]
pub struct NewSchool {
    pub school: SchoolValues,
    pub owner: NewOwner,
}

/// Opens a school in one of the operator's provinces: with its current year, and its first owner invited by mail.
///
/// # Errors
/// [`Error::Forbidden`] outside of the operator's provinces; a code that is taken is the inner [`SchoolFault`].
pub async fn open(
    app: &App,
    operator: &Operator,
    by: &Scope,
    new: &NewSchool,
    lang: Lang,
) -> Result<std::result::Result<(), SchoolFault>> {
    let province = &new.school.province;
    if !operator.administers(province) {
        return Err(Error::Forbidden);
    }
    let mut tx = app.db.begin_in(by.school_id()).await?;
    let Some(unit) = store::managing_unit(&mut tx, province, new.school.managing_unit).await? else {
        return Ok(Err(SchoolFault::UnitUnknown));
    };
    if !insert_school(by, app, &mut tx, province, unit).await? {
        let holder = store::holder(&mut tx, &by.school.code).await?;
        return Ok(Err(changes::taken(operator, holder, &by.school.code)));
    }
    let year = years::calendar_year(&by.school, app.clock.today());
    years::add(by, app, &mut tx, year).await?;
    audit::record(by, app, &mut tx, audit::Event::new(AuditAction::SchoolOpened)).await?;
    owners::invite_first(by, app, &mut tx, &new.owner, lang).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// The school that has the code already, today or of old: checked before anything else is done.
pub async fn twin(app: &App, operator: &Operator, code: &str) -> Result<Option<SchoolFault>> {
    let mut connection = app.db.pool().acquire().await?;
    let holder = store::holder(&mut connection, code).await?;
    Ok(holder.map(|holder| changes::taken(operator, Some(holder), code)))
}

/// The scope in which an operator opens a school that does not exist yet.
#[must_use]
pub fn scope_of_new(
    app: &App,
    new: &NewSchool,
    operator_account: AccountId,
    address: Option<std::net::IpAddr>,
) -> Scope {
    let school = School {
        id: app.randomness.uuid_v7(app.clock.now()),
        code: new.school.code.clone(),
        name: new.school.name.clone(),
        kind: new.school.kind,
        year_starts_month: 8,
        look: crate::access::Look::default(),
    };
    Scope { school: Arc::new(school), actor: Actor::Operator(operator_account), address }
}

/// False where the code, of today or an old one, is some school's.
async fn insert_school(scope: &Scope, app: &App, tx: &mut PgConnection, province: &str, unit: UnitId) -> Result<bool> {
    let new = &scope.school;
    if !store::claim_code(scope, tx, &new.code).await? {
        return Ok(false);
    }
    sqlx::query!(
        "INSERT INTO schools (id, code, kind, name, province_code, managing_unit_id, teachers_may_create_students,
             created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.school_id(),
        new.code,
        new.kind.key(),
        new.name,
        province,
        unit,
        new.kind == SchoolKind::Higher,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    store::write_words(scope, tx).await?;
    Ok(true)
}

/// Inserts a school of the demo into the directory, below the department of its province.
///
/// # Errors
/// [`Error::NotFound`] where there is no such province.
pub async fn insert_demo_school(scope: &Scope, app: &App, tx: &mut PgConnection, province: &str) -> Result<()> {
    let unit = store::managing_unit(tx, province, None).await?.ok_or(Error::NotFound)?;
    insert_school(scope, app, tx, province, unit).await?;
    Ok(())
}
