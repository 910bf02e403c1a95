//! Choosing an own password: with the current one, with a temporary one (which is spent by it), or by a link.

use sqlx::PgConnection;

use super::{
    accounts::{self, AccountEvent, Credentials},
    links::{self, LinkPurpose},
    mfa_challenge,
    password::{self, PasswordFault, PolicyContext, TemporaryPassword},
    password_try::{self, Matched},
    sessions::{self, Device, Proof},
    sign_in::SignInOutcome,
};
use crate::{
    app::App,
    crypto::token::Token,
    error::{Error, Result},
    ids::AccountId,
    letters::outbox::{self, Letter},
    web::{forms::FormErrors, i18n::Lang},
};

/// A password that the policy accepts, hashed. Made outside of any transaction, since hashing may wait in a queue.
#[derive(Debug)]
pub struct Chosen {
    hash: String,
}

impl Chosen {
    /// One that was chosen and hashed before, and has been typed again.
    #[must_use]
    pub fn again(hash: String) -> Self {
        Self { hash }
    }

    /// As it is stored.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRefusal {
    Policy(PasswordFault),
    /// The two fields differ.
    NotRepeated,
    /// The current password is not that.
    CurrentWrong,
    /// Too many attempts at the current one; the time after which the next is taken.
    TooManyTries(std::time::Duration),
    /// The password was changed meanwhile, from another device.
    Outdated,
}

impl PasswordRefusal {
    /// Adds the refusal to a form where a password is chosen for the first time.
    pub fn add_to(self, errors: &mut FormErrors) {
        match self {
            Self::Policy(fault) => errors.add("password", fault.key()),
            _ => errors.add("password_again", "fault-password-not-repeated"),
        }
    }
}

/// Judges and hashes a password.
///
/// # Errors
/// When too many are waiting; a password that is not good enough is the inner [`PasswordRefusal`].
pub async fn choose(
    app: &App,
    typed: &str,
    again: &str,
    context: &PolicyContext<'_>,
) -> Result<std::result::Result<Chosen, PasswordRefusal>> {
    if let Err(fault) = password::check(typed, context) {
        return Ok(Err(PasswordRefusal::Policy(fault)));
    }
    if crate::crypto::normalise(typed) != crate::crypto::normalise(again) {
        return Ok(Err(PasswordRefusal::NotRepeated));
    }
    let hash = app.hasher.hash(typed.to_owned(), app.randomness.bytes()).await?;
    Ok(Ok(Chosen { hash }))
}

/// Sets the password and ends all sessions and links, also those of a thief or on a shared device. Gives how many those were.
pub async fn set(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    chosen: &Chosen,
    device: &Device,
) -> Result<u64> {
    let now = app.clock.now();
    sqlx::query!(
        "UPDATE accounts SET password_hash = $2, password_set_at = $3,
             temporary_password = NULL, temporary_key_id = NULL, temporary_expires_at = NULL,
             temporary_school_id = NULL
         WHERE id = $1",
        account_id,
        chosen.hash,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let ended = sessions::end_all(tx, account_id).await?;
    links::spend_all(tx, account_id, LinkPurpose::PasswordReset, now).await?;
    let event = AccountEvent {
        id: app.randomness.uuid_v7(now),
        at: now,
        actor: Some(account_id),
        account_id,
        action: "password_chosen",
        address: device.address,
    };
    accounts::record(tx, &event).await?;
    Ok(ended)
}

/// Mails the account that its password was changed, and by which kind of actor. A login that is no address cannot be
/// notified that way.
pub async fn tell(
    tx: &mut PgConnection,
    app: &App,
    (account_id, login): (AccountId, &str),
    letter: &Letter,
    lang: Lang,
) -> Result<()> {
    if !accounts::is_email(login) {
        return Ok(());
    }
    outbox::post(tx, app, account_id, letter, None, lang).await
}

/// Signs an account in after its password was set by a link.
pub async fn sign_in_anew(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    device: &Device,
) -> Result<SignInOutcome> {
    mfa_challenge::enter(tx, app, account_id, device, Proof::Password).await
}

/// What the change of a password asks for.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    pub account_id: AccountId,
    pub login: &'a str,
    /// Signed in by a temporary password: no current one is asked for.
    pub by_temporary: bool,
    pub current: &'a str,
    pub typed: &'a str,
    pub again: &'a str,
    pub staff: bool,
    pub person_name: &'a str,
    pub school_name: &'a str,
    pub lang: Lang,
}

/// The result of a change.
#[derive(Debug)]
pub struct PasswordChanged {
    /// Of the new session.
    pub token: Token,
    /// Other devices were signed in, and are no longer.
    pub others_are_out: bool,
}

/// Changes the password of a signed-in account.
///
/// # Errors
/// When too many are waiting; a refused password is the inner [`PasswordRefusal`].
pub async fn change(
    app: &App,
    change: &PasswordChange<'_>,
    device: &Device,
) -> Result<std::result::Result<PasswordChanged, PasswordRefusal>> {
    let credentials = match current(app, change, device).await? {
        Ok(credentials) => credentials,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let temporary = credentials
        .temporary
        .as_ref()
        .and_then(|temporary| TemporaryPassword::open(&app.keys, credentials.account_id, &temporary.sealed).ok());
    let context = PolicyContext {
        staff: change.staff,
        person_name: change.person_name,
        school_name: change.school_name,
        login: change.login,
        temporary: temporary.as_ref(),
    };
    let chosen = match choose(app, change.typed, change.again, &context).await? {
        Ok(chosen) => chosen,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut tx = app.db.begin().await?;
    if !is_unchanged(&mut tx, &credentials).await? {
        return Ok(Err(PasswordRefusal::Outdated));
    }
    let ended = set(&mut tx, app, change.account_id, &chosen, device).await?;
    let account = (change.account_id, change.login);
    tell(&mut tx, app, account, &Letter::PasswordChanged { name: change.person_name.to_owned() }, change.lang).await?;
    // The account is signed in already, by a code too where it has a second factor.
    let token = Token::generate(&app.randomness);
    sessions::open(&mut tx, &token, change.account_id, device, Proof::Password, app.clock.now()).await?;
    tx.commit().await?;
    // The current session is one of them.
    Ok(Ok(PasswordChanged { token, others_are_out: ended > 1 }))
}

/// The stored credentials, for a person who has shown to know them.
async fn current(
    app: &App,
    change: &PasswordChange<'_>,
    device: &Device,
) -> Result<std::result::Result<Credentials, PasswordRefusal>> {
    let is_own = |found: &Credentials| found.account_id == change.account_id;
    if change.by_temporary {
        let credentials = accounts::credentials(&mut *app.db.pool().acquire().await?, change.login).await?;
        let credentials = credentials.filter(is_own).ok_or(Error::SignInNeeded)?;
        // If there is none, another request has spent it meanwhile.
        return Ok(if credentials.temporary.is_some() { Ok(credentials) } else { Err(PasswordRefusal::Outdated) });
    }
    match password_try::check(app, change.login, change.current, device).await? {
        Ok(right) if matches!(right.matched, Matched::Own { .. }) && is_own(&right.credentials) => {
            // At once, and not with the change: the new password may yet be refused.
            right.charged.reset(&mut *app.db.pool().acquire().await?).await?;
            Ok(Ok(right.credentials))
        }
        Ok(_) | Err(password_try::PasswordTryRefusal::Wrong) => Ok(Err(PasswordRefusal::CurrentWrong)),
        Err(password_try::PasswordTryRefusal::TooManyTries(wait)) => Ok(Err(PasswordRefusal::TooManyTries(wait))),
    }
}

/// Of two changes at the same instant one wins: the other finds other credentials than those it was checked against.
async fn is_unchanged(tx: &mut PgConnection, credentials: &Credentials) -> Result<bool> {
    let row = sqlx::query!(
        "SELECT password_hash, temporary_password FROM accounts WHERE id = $1 FOR UPDATE",
        credentials.account_id,
    )
    .fetch_optional(tx)
    .await?;
    let temporary = credentials.temporary.as_ref().map(|temporary| &temporary.sealed.bytes);
    Ok(row.is_some_and(|row| row.password_hash == credentials.own && row.temporary_password.as_ref() == temporary))
}
