//! The rule that a pupil is signed in on one device at a time, in schools that have enabled it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::accounts;
use crate::{error::Result, ids::AccountId};

/// A device on which a pupil is signed in, where there may be one.
#[derive(Clone, Copy, Debug)]
pub struct DeviceInUse {
    pub since: DateTime<Utc>,
    /// After how many idle minutes it no longer counts.
    pub idle_minutes: i32,
}

/// The device that keeps this account from signing in on another one; `here` is the session that this device has
/// already. Staff, and students in higher education, sign in with an address of their own and use many devices.
pub async fn held(
    tx: &mut PgConnection,
    account_id: AccountId,
    login: &str,
    here: Option<&[u8; 32]>,
    now: DateTime<Utc>,
) -> Result<Option<DeviceInUse>> {
    if accounts::is_email(login) {
        return Ok(None);
    }
    Ok(sqlx::query_as!(
        DeviceInUse,
        "SELECT o.created_at AS since, s.idle_minutes
         FROM memberships m JOIN schools s ON s.id = m.school_id JOIN sessions o ON o.account_id = m.account_id
         WHERE m.account_id = $1 AND s.one_device_per_student AND o.expires_at > $2
             AND o.token_hash IS DISTINCT FROM $3 AND o.last_seen_at > $2 - make_interval(mins => s.idle_minutes)
         ORDER BY o.last_seen_at DESC LIMIT 1",
        account_id,
        now,
        here.map(<[u8; 32]>::as_slice),
    )
    .fetch_optional(tx)
    .await?)
}

/// Ends idle sessions elsewhere: an account under the rule has one device, also when an idle one is used again. `here` as
/// of [`held`].
pub async fn leave_others(
    tx: &mut PgConnection,
    account_id: AccountId,
    login: &str,
    here: Option<&[u8; 32]>,
) -> Result<()> {
    if accounts::is_email(login) {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM sessions WHERE account_id = $1 AND token_hash IS DISTINCT FROM $2 AND EXISTS (
             SELECT FROM memberships m JOIN schools s ON s.id = m.school_id
             WHERE m.account_id = $1 AND s.one_device_per_student)",
        account_id,
        here.map(<[u8; 32]>::as_slice),
    )
    .execute(tx)
    .await?;
    Ok(())
}
