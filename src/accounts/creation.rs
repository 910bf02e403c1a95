//! Creating members: a pupil gets a username and a temporary password; a person with their own e-mail address gets an
//! invitation.

use crate::identity::password::TEMPORARY_DAYS;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::forms::ParsedForm;
use crate::{
    access::{Granted, Role, SchoolKind, Scope, may},
    app::App,
    audit::{self, AuditAction, AuditActionKind, Event},
    db,
    error::{Error, Result},
    identity::{
        accounts::{self, NewAccounts},
        password::TemporaryPassword,
    },
    ids::MemberId,
    invitations::{self, Mailed},
    roster::{
        fields::Field,
        model::Status,
        records::{self, NewMember},
        usernames,
    },
    schools::years::Year,
    vietnam::text,
    web::forms::FormErrors,
};

/// Creates a pupil, in a class of the year; in higher education a student, who is invited.
///
/// # Errors
/// The inner error: what is wrong with the form.
pub async fn create_pupil(
    granted: &Granted<may::CreatePupils>,
    app: &App,
    year: &Year,
    typed: &ParsedForm,
) -> Result<Result<MemberId, FormErrors>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let created = create_pupil_in(granted, app, &mut tx, year, typed).await?;
    if created.is_ok() {
        tx.commit().await?;
    }
    Ok(created)
}

/// The same in the caller's transaction, which holds the roster lock. A username among the values is kept where it is
/// free.
pub async fn create_pupil_in(
    granted: &Granted<may::CreatePupils>,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    typed: &ParsedForm,
) -> Result<Result<MemberId, FormErrors>> {
    let has_username = granted.school.kind == SchoolKind::K12;
    create(granted, app, tx, Role::Student, has_username, year, typed).await
}

/// Invites a person with their own e-mail address to a role in the school. Whether they have an account elsewhere makes
/// no difference: neither to what is done nor to what the school sees.
///
/// # Errors
/// [`Error::Forbidden`] for a manager, which only an owner may create. The inner error: what is wrong with the form.
pub async fn invite(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    role: Role,
    year: &Year,
    typed: &ParsedForm,
) -> Result<Result<MemberId, FormErrors>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let invited = invite_in(granted, app, &mut tx, role, year, typed).await?;
    if invited.is_ok() {
        tx.commit().await?;
    }
    Ok(invited)
}

/// The same in the caller's transaction, which holds the roster lock.
pub async fn invite_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    role: Role,
    year: &Year,
    typed: &ParsedForm,
) -> Result<Result<MemberId, FormErrors>> {
    if role == Role::Manager && !granted.may::<may::HandOutGrants>() {
        return Err(Error::Forbidden);
    }
    create(granted, app, tx, role, false, year, typed).await
}

/// Under the roster lock: of concurrent requests that create the same person, only one succeeds.
async fn create(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    role: Role,
    has_username: bool,
    year: &Year,
    typed: &ParsedForm,
) -> Result<Result<MemberId, FormErrors>> {
    let admitted = if has_username {
        admit_pupil(scope, app, tx, year, typed).await.map(Some)
    } else if is_known(scope, tx, typed).await? {
        return Ok(Err(FormErrors::one("email", "fault-email-taken")));
    } else {
        ask_in(scope, app, tx, role, year, typed).await
    };
    match admitted {
        // Invited and withdrawn a moment ago: there is no member left who would not learn of it by mail.
        Ok(None) => Ok(Err(FormErrors::one("email", "fault-invited-enough"))),
        Ok(Some(id)) => {
            let event = Event::about(AuditAction::MemberCreated { role: Some(role) }, id);
            audit::record(scope, app, tx, event).await?;
            Ok(Ok(id))
        }
        Err(error) => taken(error).map(Err),
    }
}

/// Name and username of a member, only where the actor created that member.
pub async fn made_by_actor(
    scope: &Scope,
    tx: &mut PgConnection,
    id: MemberId,
) -> Result<Option<(String, Option<String>)>> {
    let made = sqlx::query!(
        "SELECT m.full_name, m.username, m.account_id FROM members m
         WHERE m.school_id = $1 AND m.id = $2 AND EXISTS (
             SELECT FROM audit_events e
             WHERE e.school_id = $1 AND e.subject_id = $2 AND e.actor_id = $3 AND e.action = $4)",
        scope.school_id(),
        id,
        scope.member().map(|member| member.id),
        AuditActionKind::MemberCreated.key(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(made) = made else { return Ok(None) };
    // A pupil is told the whole login: the bare username is good on the school's own sign-in page only.
    let login = match made.account_id.filter(|_| made.username.is_some()) {
        Some(account_id) => accounts::logins(tx, &[account_id]).await?.pop().map(|(_, login)| login),
        None => None,
    };
    Ok(Some((made.full_name, login)))
}

/// Whether a member of the school signs in with this address, or will after accepting the invitation. Under row-level
/// security an index over lower(email) is not used, so the query finds members by a search word from the part before
/// the @.
pub async fn is_known(scope: &Scope, tx: &mut PgConnection, typed: &ParsedForm) -> Result<bool> {
    let email = typed.values.get(&Field::Email).map_or("", String::as_str);
    let local = email.split('@').next().unwrap_or_default();
    let word = text::words(local).into_iter().max_by_key(String::len).unwrap_or_default();
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM member_words w JOIN members m ON m.school_id = w.school_id AND m.id = w.member_id
               WHERE w.school_id = $1 AND w.word = $2 AND m.username IS NULL AND lower(m.email) = lower($3)
           ) OR EXISTS (
               SELECT FROM member_aliases a JOIN members m ON m.school_id = $1 AND m.id = a.member_id
               WHERE a.school_id = $1 AND m.username IS NULL
                   AND lower($3) IN (lower(a."values" ->> 'email'), lower(a.kept_values ->> 'email'))
           ) AS "known!""#,
        scope.school_id(),
        word,
        email,
    )
    .fetch_one(tx)
    .await?)
}

/// Turns the violation of a named constraint into the fault of its field.
///
/// # Errors
/// Any other error, unchanged.
pub fn taken(error: crate::error::Error) -> Result<FormErrors> {
    match error.violated_constraint() {
        Some("moet_id_taken") => Ok(FormErrors::one("moet_id", "fault-moet-id-in-use")),
        Some("staff_email_taken") => Ok(FormErrors::one("email", "fault-email-taken")),
        _ => Err(error),
    }
}

async fn admit_pupil(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    typed: &ParsedForm,
) -> Result<MemberId> {
    let now = app.clock.now();
    let until = now + Duration::days(TEMPORARY_DAYS);
    let full_name = typed.values.get(&Field::FullName).map_or("", String::as_str);
    let wanted = typed.values.get(&Field::Username).map(String::as_str);
    let username = usernames::choose(scope, tx, &[(full_name, wanted)]).await?.pop().unwrap_or_default();
    let account_id = app.randomness.uuid_v7(now);
    let sealed = TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, account_id);
    let account = NewAccounts {
        school_id: scope.school_id(),
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
    records::insert(scope, tx, Some(year.id), std::slice::from_ref(&member), now).await?;
    accounts::add_memberships(tx, &[account_id], scope.school_id(), &[member.id]).await?;
    Ok(member.id)
}

async fn ask_in(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    role: Role,
    year: &Year,
    typed: &ParsedForm,
) -> Result<Option<MemberId>> {
    let now = app.clock.now();
    let member = new_member(app, role, typed, now);
    records::insert(scope, tx, Some(year.id), std::slice::from_ref(&member), now).await?;
    let mailed = invitations::ask(scope, app, tx, member.id, &member.values).await?;
    Ok((mailed != Mailed::Enough).then_some(member.id))
}

fn new_member(app: &App, role: Role, typed: &ParsedForm, now: DateTime<Utc>) -> NewMember {
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
