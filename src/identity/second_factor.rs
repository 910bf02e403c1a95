//! The second factor: set up with an app and confirmed by a first code, asked for after the password, removed by its
//! owner, by a member of the school who outranks them, or on the command line.

pub mod recovery;
pub mod totp;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use zeroize::Zeroizing;

use super::{
    accounts::{self, AccountEvent},
    sessions::{self, Device},
    sign_in_events::{self, SignInEventKind},
    throttle,
};
use crate::{
    access::SignedIn,
    app::App,
    crypto::seal::{SealPurpose, Sealed},
    error::{Error, Result},
    ids::AccountId,
};

/// The state of setting it up.
#[derive(Debug)]
pub enum SecondFactorState {
    Off,
    /// The secret is being set up in the app.
    Begun(TotpSecret),
    On {
        since: DateTime<Utc>,
        /// Recovery codes that are not used.
        codes_left: i64,
    },
}

/// The secret shared with the app.
#[derive(Debug)]
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl TotpSecret {
    /// In groups of four, to be typed where there is no camera.
    #[must_use]
    pub fn text(&self) -> String {
        let letters: Vec<char> = totp::base32(&self.0).chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The `otpauth` address for a QR code.
    ///
    /// # Errors
    /// As [`totp::address`].
    pub fn address(&self, login: &str) -> Result<String> {
        totp::address(&self.0, login)
            .map_err(|fault| Error::Internal(anyhow::Error::new(fault).context("the address of a second factor")))
    }
}

/// The second factor's state of an account.
///
/// # Errors
/// When the secret cannot be opened.
pub async fn state(app: &App, account_id: AccountId) -> Result<SecondFactorState> {
    let row = sqlx::query!(
        r#"SELECT secret, key_id, confirmed_at,
                  (SELECT count(*) FROM recovery_codes c WHERE c.account_id = $1) AS "codes_left!"
           FROM second_factors WHERE account_id = $1"#,
        account_id,
    )
    .fetch_optional(app.db.pool())
    .await?;
    let Some(row) = row else { return Ok(SecondFactorState::Off) };
    match row.confirmed_at {
        Some(since) => Ok(SecondFactorState::On { since, codes_left: row.codes_left }),
        None => Ok(SecondFactorState::Begun(open(app, account_id, row.secret, row.key_id)?)),
    }
}

fn open(app: &App, account_id: AccountId, bytes: Vec<u8>, key_id: String) -> Result<TotpSecret> {
    let opened = app.keys.open(SealPurpose::SecondFactor, account_id, &Sealed { key_id, bytes });
    opened
        .map(TotpSecret)
        .map_err(|fault| Error::Internal(anyhow::Error::new(fault).context("a second factor's secret")))
}

/// Whether an account signs in with a code.
pub async fn is_on(tx: &mut PgConnection, account_id: AccountId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM second_factors WHERE account_id = $1 AND confirmed_at IS NOT NULL
           ) AS "is_on!""#,
        account_id,
    )
    .fetch_one(tx)
    .await?)
}

/// Draws a secret, in place of one that was never confirmed.
pub async fn begin(app: &App, account_id: AccountId) -> Result<()> {
    let secret = Zeroizing::new(app.randomness.bytes::<{ totp::SECRET_BYTES }>());
    let sealed = app.keys.seal(&app.randomness, SealPurpose::SecondFactor, account_id, secret.as_slice());
    sqlx::query!(
        "INSERT INTO second_factors AS f (account_id, secret, key_id, begun_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id) DO UPDATE
             SET secret = excluded.secret, key_id = excluded.key_id, begun_at = excluded.begun_at
             WHERE f.confirmed_at IS NULL",
        account_id,
        sealed.bytes,
        sealed.key_id,
        app.clock.now(),
    )
    .execute(app.db.pool())
    .await?;
    Ok(())
}

/// Turns it on by a first code, and gives the recovery codes, which cannot be shown again. Sessions elsewhere were
/// opened without a code, and end. `None` where the code is not right.
///
/// # Errors
/// [`Error::TooManyTries`] where too many codes were typed.
pub async fn confirm(app: &App, signed_in: &SignedIn, typed: &str, device: &Device) -> Result<Option<Vec<String>>> {
    let account_id = signed_in.account_id;
    let code = throttle::Secret::Code(&signed_in.login);
    let now = app.clock.now();
    let charged = match throttle::take_try(&app.db, code, device.address, now).await? {
        Ok(charged) => charged,
        Err(wait) => {
            sign_in_events::note_failure(&app.db, SignInEventKind::CodeLocked, &signed_in.login, device, now).await?;
            return Err(Error::TooManyTries(wait));
        }
    };
    let mut tx = app.db.begin().await?;
    let row = sqlx::query!(
        "SELECT secret, key_id FROM second_factors WHERE account_id = $1 AND confirmed_at IS NULL FOR UPDATE",
        account_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let secret = row.map(|row| open(app, account_id, row.secret, row.key_id)).transpose()?;
    let Some(step) = secret.and_then(|secret| totp::step_of(&secret.0, typed, now)) else {
        tx.rollback().await?;
        sign_in_events::note_failure(&app.db, SignInEventKind::WrongCode, &signed_in.login, device, now).await?;
        return Ok(None);
    };
    sqlx::query!(
        "UPDATE second_factors SET confirmed_at = $2, last_step = $3 WHERE account_id = $1",
        account_id,
        now,
        step,
    )
    .execute(&mut *tx)
    .await?;
    sessions::end_others(&mut tx, account_id, &signed_in.session).await?;
    let codes = give_codes(&mut tx, app, account_id).await?;
    record(&mut tx, app, account_id, Some(account_id), "second_factor_on", device).await?;
    charged.reset(&mut tx).await?;
    tx.commit().await?;
    Ok(Some(codes))
}

/// New recovery codes in place of the old ones.
///
/// # Errors
/// [`Error::NotFound`] where the second factor is off.
pub async fn renew_codes(app: &App, account_id: AccountId, device: &Device) -> Result<Vec<String>> {
    let mut tx = app.db.begin().await?;
    sqlx::query!(
        "SELECT account_id FROM second_factors WHERE account_id = $1 AND confirmed_at IS NOT NULL FOR UPDATE",
        account_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let codes = give_codes(&mut tx, app, account_id).await?;
    record(&mut tx, app, account_id, Some(account_id), "recovery_codes_renewed", device).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn give_codes(tx: &mut PgConnection, app: &App, account_id: AccountId) -> Result<Vec<String>> {
    let codes = recovery::draw(&app.randomness);
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| recovery::hash(account_id, code).to_vec()).collect();
    sqlx::query!("DELETE FROM recovery_codes WHERE account_id = $1", account_id).execute(&mut *tx).await?;
    sqlx::query!(
        "INSERT INTO recovery_codes (account_id, code_hash) SELECT $1, unnest($2::bytea[])",
        account_id,
        &hashes,
    )
    .execute(tx)
    .await?;
    Ok(codes)
}

/// Whether a code is right: the current 30-second step or one beside it, later than any that was accepted, or a
/// recovery code. It is spent by that. The caller commits.
///
/// # Errors
/// When the secret cannot be opened and the code is no recovery code.
pub async fn accept(tx: &mut PgConnection, app: &App, account_id: AccountId, typed: &str) -> Result<bool> {
    let row = sqlx::query!(
        "SELECT secret, key_id, last_step FROM second_factors
         WHERE account_id = $1 AND confirmed_at IS NOT NULL FOR UPDATE",
        account_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let hash = recovery::hash(account_id, typed);
    let recovered = sqlx::query!(
        "DELETE FROM recovery_codes WHERE account_id = $1 AND code_hash = $2",
        account_id,
        hash.as_slice(),
    )
    .execute(&mut *tx)
    .await?;
    if recovered.rows_affected() == 1 {
        return Ok(true);
    }
    let secret = open(app, account_id, row.secret, row.key_id)?;
    let step = totp::step_of(&secret.0, typed, app.clock.now()).filter(|step| *step > row.last_step);
    let Some(step) = step else { return Ok(false) };
    sqlx::query!("UPDATE second_factors SET last_step = $2 WHERE account_id = $1", account_id, step)
        .execute(tx)
        .await?;
    Ok(true)
}

/// Turns it off for its owner.
pub async fn turn_off(app: &App, account_id: AccountId, device: &Device) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if remove(&mut tx, account_id).await? {
        record(&mut tx, app, account_id, Some(account_id), "second_factor_off", device).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Removes it from an account whose owner has lost device and codes, on the command line. Sessions opened with it end.
/// False where it was not on.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account.
pub async fn reset(app: &App, login: &str) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let account_id = accounts::credentials(&mut tx, login).await?.ok_or(Error::NotFound)?.account_id;
    let was_on = remove(&mut tx, account_id).await?;
    if was_on {
        sessions::end_all(&mut tx, account_id).await?;
        record(&mut tx, app, account_id, None, "second_factor_removed", &Device::default()).await?;
    }
    tx.commit().await?;
    Ok(was_on)
}

/// Removes it; false where there was none. The caller checks the right and records it.
pub async fn remove(tx: &mut PgConnection, account_id: AccountId) -> Result<bool> {
    let removed = sqlx::query!("DELETE FROM second_factors WHERE account_id = $1", account_id).execute(tx).await?;
    Ok(removed.rows_affected() == 1)
}

async fn record(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    actor: Option<AccountId>,
    action: &str,
    device: &Device,
) -> Result<()> {
    let at = app.clock.now();
    let event = AccountEvent { id: app.randomness.uuid_v7(at), at, actor, account_id, action, address: device.address };
    accounts::record(tx, &event).await
}
