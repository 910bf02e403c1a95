//! One attempt at a password: charged, checked, and reported. Everything that asks for a password uses this, so that no
//! place allows more guesses than the sign-in page does.
//!
//! Neither the response nor its time shows whether an account exists: every attempt costs one argon2 and one look at a
//! sealed password, whatever is on record; a throttled attempt costs neither.

use super::{
    accounts::Credentials,
    login_aliases,
    password::TemporaryPassword,
    sessions::Device,
    sign_in_events::{self, SignInEventKind},
    throttle::{self, Secret, Try},
};
use crate::{
    app::App,
    crypto::hasher::HasherError,
    error::{Error, Result},
};

/// The password was right.
#[derive(Debug)]
pub struct Right {
    pub credentials: Credentials,
    pub matched: Matched,
    /// What the attempt was charged, to be given back in the transaction that acts on it.
    pub charged: Try,
}

/// Which credential was right.
#[derive(Debug)]
pub enum Matched {
    Own {
        /// A new hash, where the old one was made with other parameters than today's.
        rehashed: Option<String>,
    },
    Temporary,
}

/// Why it is not.
#[derive(Clone, Copy, Debug)]
pub enum PasswordTryRefusal {
    /// No such login, or not its password.
    Wrong,
    /// Too many attempts, right or wrong; the time after which the next one is taken.
    TooManyTries(std::time::Duration),
}

/// Checks a password.
///
/// # Errors
/// When too many are waiting; a password that is not right is the inner [`PasswordTryRefusal`].
pub async fn check(
    app: &App,
    login: &str,
    typed: &str,
    device: &Device,
) -> Result<std::result::Result<Right, PasswordTryRefusal>> {
    let (now, address) = (app.clock.now(), device.address);
    let charged = match throttle::take_try(&app.db, Secret::Password(login), address, now).await? {
        Ok(charged) => charged,
        Err(wait) => {
            sign_in_events::note_failure(&app.db, SignInEventKind::PasswordLocked, login, device, now).await?;
            return Ok(Err(PasswordTryRefusal::TooManyTries(wait)));
        }
    };
    let credentials = login_aliases::credentials(&mut *app.db.pool().acquire().await?, login, now).await?;
    let matched = match verify(app, credentials.as_ref(), typed, address).await {
        Ok(matched) => matched,
        Err(error) => {
            // Nothing was checked, so nothing was guessed.
            charged.give_back(&mut *app.db.pool().acquire().await?).await?;
            return Err(error);
        }
    };
    Ok(match (credentials, matched) {
        (Some(credentials), Some(matched)) => Ok(Right { credentials, matched, charged }),
        _ => {
            sign_in_events::note_failure(&app.db, SignInEventKind::WrongPassword, login, device, now).await?;
            Err(PasswordTryRefusal::Wrong)
        }
    })
}

/// Compares the password with what is on record. Never inside a transaction: hashing may have to wait in a queue.
async fn verify(
    app: &App,
    credentials: Option<&Credentials>,
    typed: &str,
    address: Option<std::net::IpAddr>,
) -> Result<Option<Matched>> {
    let hasher = app.hasher.asked_from(address);
    let own = credentials.and_then(|credentials| credentials.own.clone());
    let temporary = opens_temporary(app, credentials, typed);
    let Some(hash) = own else {
        hasher.verify_nothing(typed.to_owned()).await?;
        return Ok(temporary.then_some(Matched::Temporary));
    };
    let verdict = hasher.verify(typed.to_owned(), hash).await?;
    if !verdict.matches {
        return Ok(None);
    }
    let rehashed =
        if verdict.needs_upgrade { Some(hasher.hash(typed.to_owned(), app.randomness.bytes()).await?) } else { None };
    Ok(Some(Matched::Own { rehashed }))
}

fn opens_temporary(app: &App, credentials: Option<&Credentials>, typed: &str) -> bool {
    let now = app.clock.now();
    let on_record = credentials.and_then(|credentials| Some((credentials.account_id, credentials.temporary.as_ref()?)));
    let Some((account_id, temporary)) = on_record else { return false };
    match TemporaryPassword::open(&app.keys, account_id, &temporary.sealed) {
        Ok(password) => password.accepts(typed) && temporary.expires_at > now,
        Err(fault) => {
            tracing::error!(%account_id, "a temporary password cannot be opened: {fault}");
            false
        }
    }
}

impl From<HasherError> for Error {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Overloaded => Self::Overloaded,
            other => Self::Internal(anyhow::Error::new(other).context("a password could not be hashed")),
        }
    }
}
