//! Between the password and the code: after a right password the visitor holds a token that gives access to nothing but
//! the question for the code, for ten minutes. There is no session before the code is right.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{
    accounts, second_factor,
    sessions::{self, Device, Proof},
    sign_in::SignInOutcome,
    sign_in_events::{self, SignInEventKind},
    throttle::{self, Secret},
};
use crate::{app::App, crypto::token::Token, error::Result, ids::AccountId};

/// How long the code may take.
pub const MINUTES: i64 = 10;

/// Authenticates an account after a right password, a link mailed to its address or a sign-in at another service: at once, or
/// where it has a second factor, once a code was typed.
pub async fn enter(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    device: &Device,
    proof: Proof,
) -> Result<SignInOutcome> {
    let now = app.clock.now();
    let token = Token::generate(&app.randomness);
    if !second_factor::is_on(tx, account_id).await? {
        return entered(tx, token, account_id, device, proof, now).await;
    }
    sqlx::query!("DELETE FROM pending_sign_ins WHERE account_id = $1 AND expires_at <= $2", account_id, now)
        .execute(&mut *tx)
        .await?;
    let hash = token.hash();
    sqlx::query!(
        "INSERT INTO pending_sign_ins (token_hash, account_id, must_choose_password, by_provider, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
        hash.as_slice(),
        account_id,
        proof == Proof::TemporaryPassword,
        proof == Proof::Provider,
        now + Duration::minutes(MINUTES),
    )
    .execute(tx)
    .await?;
    Ok(SignInOutcome::CodeNeeded { token, account_id })
}

async fn entered(
    tx: &mut PgConnection,
    token: Token,
    account_id: AccountId,
    device: &Device,
    proof: Proof,
    now: DateTime<Utc>,
) -> Result<SignInOutcome> {
    sessions::open(tx, &token, account_id, device, proof, now).await?;
    sign_in_events::note_entry(tx, account_id, device, proof, now).await?;
    Ok(SignInOutcome::In { token, must_choose_password: proof == Proof::TemporaryPassword })
}

/// Why a code does not authenticate.
#[derive(Debug)]
pub enum CodeRefusal {
    /// It took too long, or the password was changed meanwhile: sign in from the beginning.
    Gone,
    Wrong,
    TooManyTries(std::time::Duration),
}

struct Pending {
    account_id: AccountId,
    login: String,
    must_choose_password: bool,
    by_provider: bool,
}

impl Pending {
    fn proof(&self) -> Proof {
        match (self.by_provider, self.must_choose_password) {
            (true, _) => Proof::Provider,
            (false, true) => Proof::TemporaryPassword,
            (false, false) => Proof::Password,
        }
    }
}

/// Whether a code is waited for by this token.
pub async fn is_awaited(app: &App, token: &Token) -> Result<bool> {
    Ok(find(&mut *app.db.pool().acquire().await?, token, app.clock.now()).await?.is_some())
}

async fn find(tx: &mut PgConnection, token: &Token, now: DateTime<Utc>) -> Result<Option<Pending>> {
    let hash = token.hash();
    Ok(sqlx::query_as!(
        Pending,
        "SELECT p.account_id, a.login, p.must_choose_password, p.by_provider
         FROM pending_sign_ins p JOIN accounts a ON a.id = p.account_id
         WHERE p.token_hash = $1 AND p.expires_at > $2",
        hash.as_slice(),
        now,
    )
    .fetch_optional(tx)
    .await?)
}

/// Opens the session by a code.
///
/// # Errors
/// The inner [`CodeRefusal`]: why the code is not accepted.
pub async fn complete(
    app: &App,
    token: &Token,
    typed: &str,
    device: &Device,
) -> Result<Result<SignInOutcome, CodeRefusal>> {
    let now = app.clock.now();
    let pending = find(&mut *app.db.pool().acquire().await?, token, now).await?;
    let Some(pending) = pending else { return Ok(Err(CodeRefusal::Gone)) };
    let charged = match throttle::take_try(&app.db, Secret::Code(&pending.login), device.address, now).await? {
        Ok(charged) => charged,
        Err(wait) => {
            sign_in_events::note_failure(&app.db, SignInEventKind::CodeLocked, &pending.login, device, now).await?;
            return Ok(Err(CodeRefusal::TooManyTries(wait)));
        }
    };
    let mut tx = app.db.begin().await?;
    // First of all locks, as in everything that ends an account's sessions: no session is opened by the old password while
    // the password is being changed.
    accounts::lock(&mut tx, &[pending.account_id]).await?;
    if !second_factor::accept(&mut tx, app, pending.account_id, typed).await? {
        tx.rollback().await?;
        sign_in_events::note_failure(&app.db, SignInEventKind::WrongCode, &pending.login, device, now).await?;
        return Ok(Err(CodeRefusal::Wrong));
    }
    let hash = token.hash();
    let spent =
        sqlx::query!("DELETE FROM pending_sign_ins WHERE token_hash = $1", hash.as_slice()).execute(&mut *tx).await?;
    if spent.rows_affected() == 0 {
        return Ok(Err(CodeRefusal::Gone));
    }
    let token = Token::generate(&app.randomness);
    let entered = entered(&mut tx, token, pending.account_id, device, pending.proof(), now).await?;
    // A right password alone does not reset wrong codes; otherwise a thief of the password could guess for ever.
    charged.reset(&mut tx).await?;
    tx.commit().await?;
    Ok(Ok(entered))
}
