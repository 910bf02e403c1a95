//! The devices on which an account is signed in, for its owner to see and to sign out.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{
    accounts::{self, AccountEvent},
    sessions,
};
use crate::{access::SignedIn, app::App, db::Db, error::Result};

/// A device on which an account is signed in.
#[derive(Clone, Debug)]
pub struct SignedInDevice {
    /// The session's: the hash of its token, which opens nothing.
    pub session: Vec<u8>,
    pub user_agent: String,
    pub address: Option<String>,
    pub since: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

impl SignedInDevice {
    /// As forms name it.
    #[must_use]
    pub fn key(&self) -> String {
        hex::encode(&self.session)
    }
}

/// The devices of an account, the latest seen first. A session that lay idle for too long counts as signed out.
pub async fn of_account(db: &Db, who: &SignedIn, now: DateTime<Utc>) -> Result<Vec<SignedInDevice>> {
    Ok(sqlx::query_as!(
        SignedInDevice,
        "SELECT token_hash AS session, user_agent, host(address) AS address, created_at AS since, last_seen_at
         FROM sessions
         WHERE account_id = $1 AND expires_at > $2 AND ($3::timestamptz IS NULL OR last_seen_at > $3)
         ORDER BY last_seen_at DESC, created_at DESC",
        who.account_id,
        now,
        who.idle_limit.map(|limit| now - limit),
    )
    .fetch_all(db.pool())
    .await?)
}

/// Signs an account out of one of its devices. False where the session is not the account's, or has ended.
pub async fn sign_out(app: &App, who: &SignedIn, key: &str, address: Option<IpAddr>) -> Result<bool> {
    let Ok(session) = hex::decode(key) else { return Ok(false) };
    let mut tx = app.db.begin().await?;
    let ended = sqlx::query!("DELETE FROM sessions WHERE account_id = $1 AND token_hash = $2", who.account_id, session)
        .execute(&mut *tx)
        .await?;
    if ended.rows_affected() == 0 {
        return Ok(false);
    }
    record(&mut tx, app, who, "device_signed_out", address).await?;
    tx.commit().await?;
    Ok(true)
}

/// Signs an account out of all of its devices, including the one that asks.
pub async fn sign_out_of_all(app: &App, who: &SignedIn, address: Option<IpAddr>) -> Result<()> {
    let mut tx = app.db.begin().await?;
    sessions::end_all(&mut tx, who.account_id).await?;
    record(&mut tx, app, who, "signed_out_everywhere", address).await?;
    tx.commit().await?;
    Ok(())
}

async fn record(
    tx: &mut sqlx::PgConnection,
    app: &App,
    who: &SignedIn,
    action: &str,
    address: Option<IpAddr>,
) -> Result<()> {
    let now = app.clock.now();
    let id = app.randomness.uuid_v7(now);
    let event = AccountEvent { id, at: now, actor: Some(who.account_id), account_id: who.account_id, action, address };
    accounts::record(tx, &event).await
}
