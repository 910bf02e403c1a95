//! Signing in: a right password opens a session, or the question for a code.

use super::{
    accounts::Credentials,
    mfa_challenge, one_device,
    password_try::{self, Matched, Right},
    sessions::{Device, Proof},
};
use crate::{app::App, crypto::token::Token, error::Result, ids::AccountId};

/// The password was right.
#[derive(Debug)]
pub enum SignInOutcome {
    /// A session was opened.
    In {
        token: Token,
        /// The password was a temporary one: an own one must be chosen first.
        must_choose_password: bool,
    },
    /// No session yet: the code of the second factor of this account is still to come, with this token.
    CodeNeeded { token: Token, account_id: AccountId },
}

/// Why a sign-in is refused.
#[derive(Debug)]
pub enum SignInRefusal {
    /// No such login, or not its password.
    Wrong,
    /// Too many wrong attempts; the time after which the next one is taken.
    TooManyTries(std::time::Duration),
    /// A pupil of a school with the one-device rule is signed in on another device, which counts as left after so many
    /// idle minutes.
    OtherDevice { idle_minutes: i32 },
}

/// Signs an account in.
///
/// # Errors
/// When too many are waiting; a wrong password is the inner [`SignInRefusal`].
pub async fn sign_in(
    app: &App,
    login: &str,
    password: &str,
    device: &Device,
) -> Result<Result<SignInOutcome, SignInRefusal>> {
    match password_try::check(app, login, password, device).await? {
        Ok(right) => open(app, right, device).await,
        Err(password_try::PasswordTryRefusal::Wrong) => Ok(Err(SignInRefusal::Wrong)),
        Err(password_try::PasswordTryRefusal::TooManyTries(wait)) => Ok(Err(SignInRefusal::TooManyTries(wait))),
    }
}

/// Opens the session, if the credential is still the one that was checked: it may have been changed meanwhile.
async fn open(app: &App, right: Right, device: &Device) -> Result<Result<SignInOutcome, SignInRefusal>> {
    let Right { credentials, matched, charged } = right;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let current = lock_credentials(&mut tx, credentials.account_id).await?;
    if current != Some(fingerprint(&credentials)) {
        return Ok(Err(SignInRefusal::Wrong));
    }
    // In the transaction that holds the account's row: of two sign-ins at the same instant, the second sees the first.
    let (account_id, login) = (credentials.account_id, &credentials.login);
    if let Some(held) = one_device::held(&mut tx, account_id, login, device.session.as_ref(), now).await? {
        charged.reset(&mut tx).await?;
        tx.commit().await?;
        return Ok(Err(SignInRefusal::OtherDevice { idle_minutes: held.idle_minutes }));
    }
    one_device::leave_others(&mut tx, account_id, login, device.session.as_ref()).await?;
    let proof = match matched {
        Matched::Temporary => Proof::TemporaryPassword,
        Matched::Own { rehashed } => {
            if let Some(hash) = rehashed {
                sqlx::query!("UPDATE accounts SET password_hash = $2 WHERE id = $1", credentials.account_id, hash)
                    .execute(&mut *tx)
                    .await?;
            }
            Proof::Password
        }
    };
    let entered = mfa_challenge::enter(&mut tx, app, account_id, device, proof).await?;
    charged.reset(&mut tx).await?;
    tx.commit().await?;
    Ok(Ok(entered))
}

type Fingerprint = (Option<String>, Option<Vec<u8>>);

fn fingerprint(credentials: &Credentials) -> Fingerprint {
    (credentials.own.clone(), credentials.temporary.as_ref().map(|temporary| temporary.sealed.bytes.clone()))
}

async fn lock_credentials(tx: &mut sqlx::PgConnection, account_id: AccountId) -> Result<Option<Fingerprint>> {
    let row =
        sqlx::query!("SELECT password_hash, temporary_password FROM accounts WHERE id = $1 FOR UPDATE", account_id,)
            .fetch_optional(tx)
            .await?;
    Ok(row.map(|row| (row.password_hash, row.temporary_password)))
}
