//! Changing a school: its name, its province and unit, whether it is suspended, its old codes.

use std::borrow::Cow;

use sqlx::PgConnection;

use super::{
    administered::Administered,
    model::{SchoolFault, SchoolValues},
    store,
};
use crate::{
    access::Operator,
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    identity::applications,
};

/// Gives the school its new values. Its previous code keeps leading to it.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) where the school is no longer the operator's; what is wrong with
/// the values is the inner [`SchoolFault`].
pub async fn change(
    administered: &Administered,
    app: &App,
    new: &SchoolValues,
) -> Result<std::result::Result<(), SchoolFault>> {
    let mut tx = app.db.begin_in(administered.school_id()).await?;
    administered.lock(&mut tx).await?;
    let before = store::facts(administered, &mut tx).await?;
    let Some(unit) = store::managing_unit(&mut tx, &new.province, new.managing_unit).await? else {
        return Ok(Err(SchoolFault::UnitUnknown));
    };
    if let Some(fault) = claim(administered, &mut tx, &new.code).await? {
        return Ok(Err(fault));
    }
    let changed = [
        ("name", before.name != new.name),
        ("code", before.code != new.code),
        ("kind", before.kind != new.kind.key()),
        ("province", before.province_code != new.province),
        ("managing_unit", before.unit_id != unit),
    ];
    let changed: Vec<_> =
        changed.iter().filter(|(_, is_new)| *is_new).map(|(field, _)| Cow::Borrowed(*field)).collect();
    if changed.is_empty() {
        return Ok(Ok(()));
    }
    sqlx::query!(
        "UPDATE schools SET name = $2, code = $3, kind = $4, province_code = $5, managing_unit_id = $6 WHERE id = $1",
        administered.school_id(),
        new.name,
        new.code,
        new.kind.key(),
        new.province,
        unit,
    )
    .execute(&mut *tx)
    .await?;
    if before.province_code != new.province {
        // What the operators of provinces list goes along.
        sqlx::query!(
            "UPDATE submission_queue SET province_code = $2 WHERE school_id = $1",
            administered.school_id(),
            new.province,
        )
        .execute(&mut *tx)
        .await?;
    }
    store::write_words(administered, &mut tx).await?;
    let action = AuditAction::SchoolChanged {
        fields: changed,
        code: [before.code, new.code.clone()],
        province: [before.province_code, new.province.clone()],
    };
    audit::record(administered, app, &mut tx, Event::new(action)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Makes an old code of a school that was merged into this one lead here. It may be one that leads here already.
///
/// # Errors
/// As [`change`].
pub async fn add_code(
    administered: &Administered,
    app: &App,
    code: &str,
) -> Result<std::result::Result<(), SchoolFault>> {
    let mut tx = app.db.begin_in(administered.school_id()).await?;
    administered.lock(&mut tx).await?;
    if let Some(fault) = claim(administered, &mut tx, code).await? {
        return Ok(Err(fault));
    }
    store::write_words(administered, &mut tx).await?;
    let event = Event::new(AuditAction::SchoolCodeAdded { code: code.to_lowercase() });
    audit::record(administered, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Suspends the school, or lifts that: from the next request on none of its members has access, or all again. False
/// where it was so already.
///
/// # Errors
/// As [`change`].
pub async fn set_suspended(administered: &Administered, app: &App, is_suspended: bool) -> Result<bool> {
    let mut tx = app.db.begin_in(administered.school_id()).await?;
    administered.lock(&mut tx).await?;
    let changed = sqlx::query!(
        "UPDATE schools SET suspended_at = CASE WHEN $2 THEN $3::timestamptz END
         WHERE id = $1 AND (suspended_at IS NOT NULL) <> $2",
        administered.school_id(),
        is_suspended,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Ok(false);
    }
    if is_suspended {
        applications::end_in_suspended(&mut tx, administered.school_id(), app.clock.now()).await?;
    }
    let action = if is_suspended { AuditAction::SchoolSuspended } else { AuditAction::SchoolSuspensionLifted };
    audit::record(administered, app, &mut tx, Event::new(action)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Nothing where the code is the school's from now on, or was already.
async fn claim(administered: &Administered, tx: &mut PgConnection, code: &str) -> Result<Option<SchoolFault>> {
    if store::claim_code(administered, tx, code).await? {
        return Ok(None);
    }
    let holder = store::holder(tx, code).await?;
    if holder.as_ref().is_some_and(|holder| holder.school_id == administered.school_id()) {
        return Ok(None);
    }
    Ok(Some(taken(administered.operator(), holder, code)))
}

/// The fault for a code that a school has; for one outside of the operator's provinces, nothing about that school.
pub fn taken(operator: &Operator, holder: Option<store::CodeHolder>, code: &str) -> SchoolFault {
    let holder = holder.filter(|holder| operator.administers(&holder.province));
    SchoolFault::CodeTaken {
        is_old: holder.as_ref().is_some_and(|holder| !holder.code.eq_ignore_ascii_case(code)),
        by: holder.map(|holder| format!("{} ({})", holder.name, holder.code)),
    }
}
