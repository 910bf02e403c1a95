//! Bringing somebody new into the school: a pupil with a username and a temporary password, anyone with an address of
//! his own by an invitation.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    credentials::TEMPORARY_DAYS,
    fields::{Field, RosterKind},
    forms::Typed,
    invitations,
    model::Status,
    roster::{self, NewMember},
    usernames,
};
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    audit::{self, Event},
    db,
    error::Result,
    identity::{
        accounts::{self, NewAccounts},
        password::TemporaryPassword,
    },
    schools::years::Year,
    web::forms::Faults,
};

/// Creates one person of a kind, in a class of the year.
///
/// # Errors
/// When the database cannot be reached; the inner ones are what is wrong with the form.
pub async fn create(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    kind: RosterKind,
    year: &Year,
    typed: &Typed,
) -> Result<Result<Uuid, Faults>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let admitted = match kind {
        RosterKind::Students => admit_pupil(granted, app, &mut tx, year, typed).await,
        _ => invite(granted, app, &mut tx, kind, year, typed).await,
    };
    match admitted {
        Ok(id) => {
            audit::record(granted, app, &mut tx, Event::about("member_created", id)).await?;
            tx.commit().await?;
            Ok(Ok(id))
        }
        Err(error) => taken(error).map(Err),
    }
}

/// A named constraint is what is wrong with a field.
///
/// # Errors
/// Any other error, as it was.
pub fn taken(error: crate::error::Error) -> Result<Faults> {
    match error.violated_constraint() {
        Some("moet_id_taken") => Ok(Faults::one("moet_id", "fault-moet-id-taken")),
        Some("staff_email_taken") => Ok(Faults::one("email", "fault-email-taken")),
        _ => Err(error),
    }
}

async fn admit_pupil(scope: &Scope, app: &App, tx: &mut PgConnection, year: &Year, typed: &Typed) -> Result<Uuid> {
    let now = app.clock.now();
    let until = now + Duration::days(TEMPORARY_DAYS);
    let full_name = typed.values.get(&Field::FullName).map_or("", String::as_str);
    let username = usernames::choose(scope, tx, &[(full_name, None)]).await?.pop().unwrap_or_default();
    let account_id = app.randomness.uuid_v7(now);
    let sealed = TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, account_id);
    let account = NewAccounts {
        ids: vec![account_id],
        logins: vec![usernames::login(&username, &scope.school.code)],
        sealed: vec![sealed.bytes],
        key_id: sealed.key_id,
        expires_at: until,
    };
    accounts::insert(tx, &account, now).await?;
    let member = NewMember {
        account_id: Some(account_id),
        status: Status::Active,
        username: Some(username),
        temporary_until: Some(until),
        ..new_member(app, Role::Student, typed, now)
    };
    roster::insert(scope, tx, Some(year.id), std::slice::from_ref(&member), now).await?;
    accounts::join(tx, &[account_id], scope.school_id(), &[member.id]).await?;
    Ok(member.id)
}

async fn invite(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    kind: RosterKind,
    year: &Year,
    typed: &Typed,
) -> Result<Uuid> {
    let now = app.clock.now();
    let role = if kind == RosterKind::HigherStudents { Role::Student } else { Role::Teacher };
    let member = new_member(app, role, typed, now);
    roster::insert(scope, tx, Some(year.id), std::slice::from_ref(&member), now).await?;
    invitations::ask(scope, app, tx, member.id, &member.values).await?;
    Ok(member.id)
}

fn new_member(app: &App, role: Role, typed: &Typed, now: DateTime<Utc>) -> NewMember {
    NewMember {
        id: app.randomness.uuid_v7(now),
        account_id: None,
        role,
        status: Status::Invited,
        username: None,
        temporary_until: None,
        class_id: typed.class_id,
        values: typed.values.clone(),
    }
}
