//! Opening a school.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    access::{Actor, Grant, Operator, Role, School, SchoolKind, Scope},
    app::App,
    audit,
    error::{Error, Result},
    mail::outbox::Letter,
    members::{
        fields::{Field, Values},
        invitations,
        model::Status,
        roster::{self, NewMember},
    },
    schools::years,
    vietnam::text,
    web::i18n::Lang,
};

/// A school to be opened, and who is to own it.
#[derive(Clone, Debug)]
pub struct NewSchool {
    pub name: String,
    pub code: String,
    pub kind: SchoolKind,
    pub province: String,
    /// The department of the province, where none is named.
    pub managing_unit: Option<Uuid>,
    pub owner_name: String,
    pub owner_email: String,
}

/// Why a school cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFault {
    CodeTaken,
    /// No such unit in the province.
    UnitUnknown,
}

/// Opens a school in one of the operator's provinces: with its current year, and its first owner invited by mail.
///
/// # Errors
/// [`Error::Forbidden`] outside of the operator's provinces; a code that is taken is the inner [`OpenFault`].
pub async fn open(
    app: &App,
    operator: &Operator,
    by: &Scope,
    new: &NewSchool,
    lang: Lang,
) -> Result<std::result::Result<(), OpenFault>> {
    if !operator.administers(&new.province) {
        return Err(Error::Forbidden);
    }
    let mut tx = app.db.begin_in(by.school_id()).await?;
    let Some(unit) = managing_unit(&mut tx, &new.province, new.managing_unit).await? else {
        return Ok(Err(OpenFault::UnitUnknown));
    };
    if !insert_school(by, app, &mut tx, &new.province, unit).await? {
        return Ok(Err(OpenFault::CodeTaken));
    }
    let year = years::calendar_year(&by.school, app.clock.today());
    years::add(by, app, &mut tx, year).await?;
    audit::record(by, app, &mut tx, audit::Event::new("school_opened")).await?;
    invite_owner(by, app, &mut tx, new, lang).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// The scope in which an operator opens a school that is not there yet.
#[must_use]
pub fn scope_of_new(app: &App, new: &NewSchool, operator_account: Uuid, address: Option<std::net::IpAddr>) -> Scope {
    let school = School {
        id: app.randomness.uuid_v7(app.clock.now()),
        code: new.code.clone(),
        name: new.name.clone(),
        kind: new.kind,
        year_starts_month: 8,
    };
    Scope { school: Arc::new(school), actor: Actor::Operator(operator_account), address }
}

async fn managing_unit(tx: &mut PgConnection, province: &str, unit: Option<Uuid>) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM managing_units
         WHERE province_code = $1 AND ($2::uuid IS NULL AND kind = 'department' OR id = $2) LIMIT 1",
        province,
        unit,
    )
    .fetch_optional(tx)
    .await?)
}

/// False where the code, of today or an old one, is some school's.
async fn insert_school(scope: &Scope, app: &App, tx: &mut PgConnection, province: &str, unit: Uuid) -> Result<bool> {
    let new = &scope.school;
    let code = sqlx::query!(
        "INSERT INTO school_codes (folded, school_id) VALUES (lower($1), $2) ON CONFLICT DO NOTHING",
        new.code,
        scope.school_id(),
    )
    .execute(&mut *tx)
    .await?;
    if code.rows_affected() == 0 {
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
    let province_name =
        sqlx::query_scalar!("SELECT name FROM provinces WHERE code = $1", province).fetch_one(&mut *tx).await?;
    let words: std::collections::BTreeSet<String> =
        [&new.name, &new.code, &province_name].into_iter().flat_map(|text| text::words(text)).collect();
    let words: Vec<String> = words.into_iter().collect();
    sqlx::query!(
        "INSERT INTO school_words (word, school_id) SELECT word, $2 FROM unnest($1::text[]) AS new (word)",
        &words,
        scope.school_id(),
    )
    .execute(tx)
    .await?;
    Ok(true)
}

/// The first owner is a manager with the grant `owner`.
async fn invite_owner(scope: &Scope, app: &App, tx: &mut PgConnection, new: &NewSchool, lang: Lang) -> Result<()> {
    let now = app.clock.now();
    let owner = NewMember {
        id: app.randomness.uuid_v7(now),
        account_id: None,
        role: Role::Manager,
        status: Status::Invited,
        username: None,
        temporary_until: None,
        class_id: None,
        values: Values::from([(Field::FullName, new.owner_name.clone()), (Field::Email, new.owner_email.clone())]),
    };
    roster::insert(scope, tx, None, std::slice::from_ref(&owner), now).await?;
    invitations::give_grant(scope, app, tx, owner.id, Grant::Owner).await?;
    let letter = Letter::OwnerInvitation { name: new.owner_name.clone(), school: new.name.clone() };
    invitations::send(scope, app, tx, owner.id, &new.owner_email, &letter, lang).await?;
    audit::record(scope, app, tx, audit::Event::about("owner_invited", owner.id)).await
}

/// Puts a school of the demo into the directory, below the department of its province.
///
/// # Errors
/// When the database cannot be reached, or [`Error::NotFound`] where there is no such province.
pub async fn insert_demo_school(scope: &Scope, app: &App, tx: &mut PgConnection, province: &str) -> Result<()> {
    let unit = managing_unit(tx, province, None).await?.ok_or(Error::NotFound)?;
    insert_school(scope, app, tx, province, unit).await?;
    Ok(())
}
