//! How somebody gets in, in a school's hands: a new temporary password, an end to all signing in, and another try for
//! whoever has guessed too often.
//!
//! A school does that only to an account that is its own alone. Whose account is in use elsewhere too is mailed a link
//! instead: the password is not this school's to change.

use chrono::Duration;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{invitations, model::Status, store, subject::Subject};
use crate::{
    access::{Act, Granted, Scope, may},
    app::App,
    audit::{self, Event},
    error::{Error, Result},
    identity::{
        accounts::{self, Temporary},
        own_password,
        password::TemporaryPassword,
        recovery, second_factor, sessions, throttle, verification,
    },
    mail::outbox::Letter,
    schools::years,
    web::i18n::Lang,
};

/// For how many days a temporary password is good.
pub const TEMPORARY_DAYS: i64 = 90;

/// How somebody comes by a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// By a slip, which can be printed now.
    Slip,
    /// By a mail to himself.
    Mailed,
    /// By an invitation, mailed once more.
    Invited,
}

/// Whether somebody whose password is to be reset is staff.
///
/// # Errors
/// As [`Subject::find`].
pub async fn is_of_staff(granted: &Granted<may::HelpPupils>, app: &App, id: Uuid) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    Ok(Subject::find(granted, &mut tx, year.id, id, Act::ResetPassword).await?.is_staff())
}

/// Gives somebody a way in: the old password ends, and with it all sessions.
///
/// # Errors
/// As [`Subject::find`], and [`Error::Forbidden`] for whoever is not let in anyway.
pub async fn reset(granted: &Granted<may::HelpPupils>, app: &App, id: Uuid, lang: Lang) -> Result<Reset> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::ResetPassword).await?;
    if matches!(subject.status, Status::Pending | Status::Left) {
        return Err(Error::Forbidden);
    }
    let reset = match subject.account_id {
        None => {
            if subject.status == Status::Invited {
                invitations::ask(granted, app, &mut tx, id, &subject.values).await?;
            }
            Reset::Invited
        }
        Some(account_id) if accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? => {
            give_temporary(granted, app, &mut tx, &[(id, account_id)], lang).await?;
            Reset::Slip
        }
        Some(account_id) => {
            let (school, person) = by(granted);
            let letter = Letter::PasswordResetBySchool { school, person };
            recovery::mail_link(&mut tx, app, account_id, &letter, lang).await?;
            Reset::Mailed
        }
    };
    audit::record(granted, app, &mut tx, Event::about("password_reset", id)).await?;
    tx.commit().await?;
    Ok(reset)
}

/// Gives these people, whose accounts are the school's alone, a temporary password each in place of what they had. What
/// they have guessed before is forgotten, and whoever has an address for a login is told.
pub async fn give_temporary(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    people: &[(Uuid, Uuid)],
    lang: Lang,
) -> Result<()> {
    let expires_at = app.clock.now() + Duration::days(TEMPORARY_DAYS);
    let (members, account_ids): (Vec<Uuid>, Vec<Uuid>) = people.iter().copied().unzip();
    let draw = |account: &Uuid| {
        let sealed = TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, *account);
        (*account, Temporary { sealed, expires_at })
    };
    let temporary: Vec<(Uuid, Temporary)> = account_ids.iter().map(draw).collect();
    accounts::set_temporary(tx, scope.school_id(), &temporary).await?;
    sessions::end_all_of(tx, &account_ids).await?;
    store::note_temporary(scope, tx, &members, expires_at).await?;
    let logins = accounts::logins(tx, &account_ids).await?;
    let (_, typed): (Vec<Uuid>, Vec<String>) = logins.iter().cloned().unzip();
    throttle::forgive(tx, &typed).await?;
    let names = store::names_of_accounts(scope, tx, &account_ids).await?;
    let (school, person) = by(scope);
    for (account_id, login) in &logins {
        let name = names.get(account_id).cloned().unwrap_or_default();
        let letter = Letter::PasswordRenewed { name, school: school.clone(), person: person.clone() };
        own_password::tell(tx, app, (*account_id, login), &letter, lang).await?;
    }
    Ok(())
}

/// Who acts, as mails say it: the school, and who of it.
fn by(scope: &Scope) -> (String, String) {
    let school = scope.school.name.clone();
    let person = scope.member().map_or_else(|| school.clone(), |member| member.full_name.clone());
    (school, person)
}

/// What became of a second factor that was to be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Removed,
    /// There was none.
    Nothing,
    /// The account is in use elsewhere too: that is the person's own to do.
    Elsewhere,
}

/// Takes the second factor away from somebody who has lost it, and signs him out everywhere.
///
/// # Errors
/// As [`Subject::find`].
pub async fn remove_second_factor(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<Removal> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::RemoveSecondFactor).await?;
    let Some(account_id) = subject.account_id else { return Ok(Removal::Nothing) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(Removal::Elsewhere);
    }
    if !second_factor::remove(&mut tx, account_id).await? {
        return Ok(Removal::Nothing);
    }
    sessions::end_all(&mut tx, account_id).await?;
    audit::record(granted, app, &mut tx, Event::about("second_factor_removed", id)).await?;
    tx.commit().await?;
    Ok(Removal::Removed)
}

/// Ends all sessions of somebody. False where the account is in use elsewhere too: that is the person's own to do.
///
/// # Errors
/// As [`Subject::find`].
pub async fn sign_out(granted: &Granted<may::HelpPupils>, app: &App, id: Uuid) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::SignOut).await?;
    let Some(account_id) = subject.account_id else { return Ok(true) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(false);
    }
    sessions::end_all(&mut tx, account_id).await?;
    audit::record(granted, app, &mut tx, Event::about("signed_out_everywhere", id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Lets somebody who has guessed too often try again at once. False where the account is in use elsewhere too: a school
/// does not open the door for guesses at somebody whom others trust.
///
/// # Errors
/// As [`Subject::find`].
pub async fn release(granted: &Granted<may::HelpPupils>, app: &App, id: Uuid) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::Release).await?;
    let Some(account_id) = subject.account_id else { return Ok(true) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(false);
    }
    let logins = accounts::logins(&mut tx, &[account_id]).await?;
    let logins: Vec<String> = logins.into_iter().map(|(_, login)| login).collect();
    throttle::forgive(&mut tx, &logins).await?;
    audit::record(granted, app, &mut tx, Event::about("lock_lifted", id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// What became of asking somebody once more to verify his address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Mailed,
    /// He has verified it, or does not wait any more.
    NotNeeded,
    /// He was mailed to often enough for now.
    Enough,
}

/// Mails somebody who registered himself the link to verify his address once more.
///
/// # Errors
/// As [`Subject::find`].
pub async fn mail_verification(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: Uuid,
    lang: Lang,
) -> Result<Asked> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::Answer).await?;
    let Some(account_id) = subject.account_id else { return Ok(Asked::NotNeeded) };
    if verification::waits_since(&mut tx, account_id).await?.is_none() {
        return Ok(Asked::NotNeeded);
    }
    let login = accounts::summary(&mut tx, account_id).await?.login;
    if !throttle::may_mail(&mut tx, &login, now).await? {
        return Ok(Asked::Enough);
    }
    verification::mail_link(&mut tx, app, account_id, Some(&granted.school.name), lang).await?;
    audit::record(granted, app, &mut tx, Event::about("verification_mailed", id)).await?;
    tx.commit().await?;
    Ok(Asked::Mailed)
}
