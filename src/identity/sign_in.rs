//! Signing in. Whether an account exists shows neither in the answer nor in its time: every try costs one argon2 and
//! one look at a sealed password, whatever is on record.

use uuid::Uuid;

use super::{
    accounts::{self, Credentials},
    hasher::HasherError,
    one_device,
    password::TemporaryPassword,
    pending,
    sessions::Device,
    throttle,
    token::Token,
};
use crate::{
    app::App,
    error::{Error, Result},
};

/// The password was right.
#[derive(Debug)]
pub enum Entered {
    /// Somebody is in.
    In {
        token: Token,
        /// He came by a temporary password, and must choose an own one first.
        must_choose_password: bool,
    },
    /// Nobody is in: the code of the second factor is still to come, from whoever has this token.
    CodeNeeded(Token),
}

/// Why somebody is not let in.
#[derive(Debug)]
pub enum Refusal {
    /// No such login, or not its password.
    Wrong,
    /// Too many wrong tries; the time after which the next one is taken.
    TooManyTries(std::time::Duration),
    /// A pupil of a school where one device is the rule is signed in on another one, which counts as left after so many
    /// minutes.
    OtherDevice { idle_minutes: i32 },
}

/// Which credential was right.
enum Matched {
    Own { rehashed: Option<String> },
    Temporary,
}

/// Signs somebody in.
///
/// # Errors
/// When the database cannot be reached or too many are waiting; a wrong password is the inner [`Refusal`].
pub async fn sign_in(app: &App, login: &str, password: &str, device: &Device) -> Result<Result<Entered, Refusal>> {
    let now = app.clock.now();
    if let Err(wait) = throttle::may_try(&app.db, login, device.address, now).await? {
        return Ok(Err(Refusal::TooManyTries(wait)));
    }
    let credentials = accounts::credentials(&mut *app.db.pool().acquire().await?, login).await?;
    let matched = verify(app, credentials.as_ref(), password).await?;
    let (Some(credentials), Some(matched)) = (credentials, matched) else {
        throttle::charge(&app.db, login, device.address, now).await?;
        return Ok(Err(Refusal::Wrong));
    };
    if let Err(wait) = throttle::may_try(&app.db, login, device.address, now).await? {
        return Ok(Err(Refusal::TooManyTries(wait)));
    }
    open(app, &credentials, matched, device).await
}

/// Holds the password against what is on record. Never inside a transaction: hashing may have to wait its turn.
async fn verify(app: &App, credentials: Option<&Credentials>, typed: &str) -> Result<Option<Matched>> {
    let own = credentials.and_then(|credentials| credentials.own.clone());
    let temporary = opens_temporary(app, credentials, typed);
    let Some(hash) = own else {
        app.hasher.verify_nothing(typed.to_owned()).await?;
        return Ok(temporary.then_some(Matched::Temporary));
    };
    let verdict = app.hasher.verify(typed.to_owned(), hash).await?;
    if !verdict.matches {
        return Ok(None);
    }
    let rehashed = if verdict.needs_upgrade {
        Some(app.hasher.hash(typed.to_owned(), app.randomness.bytes()).await?)
    } else {
        None
    };
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

/// Opens the session, if the credential is still the one that was checked: it may have been changed meanwhile.
async fn open(
    app: &App,
    credentials: &Credentials,
    matched: Matched,
    device: &Device,
) -> Result<Result<Entered, Refusal>> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let current = lock_credentials(&mut tx, credentials.account_id).await?;
    if current != Some(fingerprint(credentials)) {
        return Ok(Err(Refusal::Wrong));
    }
    // In the transaction that holds the account's row: of two sign-ins at the same instant, the second sees the first.
    let (account_id, login) = (credentials.account_id, &credentials.login);
    if let Some(held) = one_device::held(&mut tx, account_id, login, device.session.as_ref(), now).await? {
        return Ok(Err(Refusal::OtherDevice { idle_minutes: held.idle_minutes }));
    }
    one_device::leave_others(&mut tx, account_id, login).await?;
    let must_choose_password = match matched {
        Matched::Temporary => true,
        Matched::Own { rehashed } => {
            if let Some(hash) = rehashed {
                sqlx::query!("UPDATE accounts SET password_hash = $2 WHERE id = $1", credentials.account_id, hash)
                    .execute(&mut *tx)
                    .await?;
            }
            false
        }
    };
    let entered = pending::enter(&mut tx, app, account_id, device, must_choose_password).await?;
    throttle::forgive(&mut tx, std::slice::from_ref(login)).await?;
    tx.commit().await?;
    Ok(Ok(entered))
}

type Fingerprint = (Option<String>, Option<Vec<u8>>);

fn fingerprint(credentials: &Credentials) -> Fingerprint {
    (credentials.own.clone(), credentials.temporary.as_ref().map(|temporary| temporary.sealed.bytes.clone()))
}

async fn lock_credentials(tx: &mut sqlx::PgConnection, account_id: Uuid) -> Result<Option<Fingerprint>> {
    let row =
        sqlx::query!("SELECT password_hash, temporary_password FROM accounts WHERE id = $1 FOR UPDATE", account_id,)
            .fetch_optional(tx)
            .await?;
    Ok(row.map(|row| (row.password_hash, row.temporary_password)))
}

impl From<HasherError> for Error {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Overloaded => Self::Overloaded,
            other => Self::Internal(anyhow::Error::new(other).context("a password could not be hashed")),
        }
    }
}
