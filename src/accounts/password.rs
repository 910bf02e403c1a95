//! What a school can do about a member's sign-in: a new temporary password, ending all sessions, and lifting the lock
//! after too many wrong attempts.
//!
//! A school may do this only to an account that no other school uses. A member with an account that is in use elsewhere
//! is mailed a link instead: the password is not this school's to change.

use crate::identity::password::TEMPORARY_DAYS;
use chrono::Duration;
use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    identity::{
        accounts::{self, Temporary},
        own_password,
        password::TemporaryPassword,
        recovery, second_factor, sessions, throttle, verification,
    },
    ids::{AccountId, MemberId},
    invitations::{self, Mailed},
    letters::outbox::Letter,
    roster::{model::Status, store, subject::LockedMember},
    schools::years,
    web::i18n::Lang,
};

/// How the member gets a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// By a slip, which can be printed now.
    Slip,
    /// By a mail to the member.
    Mailed,
    /// By an invitation, mailed once more.
    Invited,
    /// By the invitation that was mailed a while ago: another one comes too soon.
    InvitedEnough,
}

/// Whether the member with this id is staff.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn is_of_staff(granted: &Granted<may::HelpPupils>, app: &App, id: MemberId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    Ok(LockedMember::find(granted, &mut tx, year.id, id, MemberAction::ResetPassword).await?.is_staff())
}

/// Gives a member a new way to sign in: the old password ends, and with it all sessions.
///
/// # Errors
/// As [`LockedMember::find`], and [`Error::Forbidden`] for a member who is pending or has left.
pub async fn reset(granted: &Granted<may::HelpPupils>, app: &App, id: MemberId, lang: Lang) -> Result<Reset> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::ResetPassword).await?;
    if matches!(subject.status, Status::Pending | Status::Left) {
        return Err(Error::Forbidden);
    }
    let reset = match subject.account_id {
        None => {
            if subject.status == Status::Invited
                && invitations::ask(granted, app, &mut tx, id, &subject.values).await? == Mailed::Enough
            {
                return Ok(Reset::InvitedEnough);
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
    audit::record(granted, app, &mut tx, Event::about(AuditAction::PasswordReset, id)).await?;
    tx.commit().await?;
    Ok(reset)
}

/// Gives these members, whose accounts only this school uses, a temporary password each in place of the old one.
/// Earlier failed attempts are forgotten, and an account with an e-mail login is notified.
pub async fn give_temporary(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    people: &[(MemberId, AccountId)],
    lang: Lang,
) -> Result<()> {
    let expires_at = app.clock.now() + Duration::days(TEMPORARY_DAYS);
    let (members, account_ids): (Vec<MemberId>, Vec<AccountId>) = people.iter().copied().unzip();
    let draw = |account: &AccountId| {
        let sealed = TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, *account);
        (*account, Temporary { sealed, expires_at })
    };
    let temporary: Vec<(AccountId, Temporary)> = account_ids.iter().map(draw).collect();
    accounts::set_temporary(tx, scope.school_id(), &temporary).await?;
    sessions::end_all_of(tx, &account_ids).await?;
    store::note_temporary(scope, tx, &members, expires_at).await?;
    let logins = accounts::logins(tx, &account_ids).await?;
    let (_, typed): (Vec<AccountId>, Vec<String>) = logins.iter().cloned().unzip();
    throttle::reset(tx, &typed).await?;
    let names = store::names_of_accounts(scope, tx, &account_ids).await?;
    let (school, person) = by(scope);
    for (account_id, login) in &logins {
        let name = names.get(account_id).cloned().unwrap_or_default();
        let letter = Letter::PasswordRenewed { name, school: school.clone(), person: person.clone() };
        own_password::tell(tx, app, (*account_id, login), &letter, lang).await?;
    }
    Ok(())
}

/// The actor as mails name them: the school, and the member.
fn by(scope: &Scope) -> (String, String) {
    let school = scope.school.name.clone();
    let person = scope.member().map_or_else(|| school.clone(), |member| member.full_name.clone());
    (school, person)
}

/// The outcome of removing a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Removed,
    /// There was none to remove.
    Nothing,
    /// The account is in use elsewhere too: only the person may remove it.
    Elsewhere,
}

/// Removes the second factor of a member who has lost it, and signs them out everywhere.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn remove_second_factor(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<Removal> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::RemoveSecondFactor).await?;
    let Some(account_id) = subject.account_id else { return Ok(Removal::Nothing) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(Removal::Elsewhere);
    }
    if !second_factor::remove(&mut tx, account_id).await? {
        return Ok(Removal::Nothing);
    }
    sessions::end_all(&mut tx, account_id).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::SecondFactorRemoved, id)).await?;
    tx.commit().await?;
    Ok(Removal::Removed)
}

/// Ends all sessions of a member. False where the account is in use elsewhere too: only the person may do that.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn sign_out(granted: &Granted<may::HelpPupils>, app: &App, id: MemberId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::SignOut).await?;
    let Some(account_id) = subject.account_id else { return Ok(true) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(false);
    }
    sessions::end_all(&mut tx, account_id).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::SignedOutEverywhere, id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Lets a member sign in again at once after too many wrong attempts. False where the account is in use elsewhere too:
/// a school must not allow more guesses at an account that other schools rely on.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn unlock(granted: &Granted<may::HelpPupils>, app: &App, id: MemberId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::Release).await?;
    let Some(account_id) = subject.account_id else { return Ok(true) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(false);
    }
    let logins = accounts::logins(&mut tx, &[account_id]).await?;
    let logins: Vec<String> = logins.into_iter().map(|(_, login)| login).collect();
    throttle::reset(&mut tx, &logins).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::LockLifted, id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// The outcome of sending the verification mail once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResendOutcome {
    Mailed,
    /// The address is verified, or the member is no longer pending.
    NotNeeded,
    /// The limit of mails for now is reached.
    Enough,
}

/// Mails the link to verify the address once more to a member who registered themselves.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn mail_verification(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: MemberId,
    lang: Lang,
) -> Result<ResendOutcome> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::Answer).await?;
    let Some(account_id) = subject.account_id else { return Ok(ResendOutcome::NotNeeded) };
    if verification::waits_since(&mut tx, account_id).await?.is_none() {
        return Ok(ResendOutcome::NotNeeded);
    }
    let login = accounts::summary(&mut tx, account_id).await?.login;
    if !throttle::may_mail(&mut tx, &login, now).await? {
        return Ok(ResendOutcome::Enough);
    }
    verification::mail_link(&mut tx, app, account_id, Some(&granted.school.name), lang).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::VerificationMailed, id)).await?;
    tx.commit().await?;
    Ok(ResendOutcome::Mailed)
}
