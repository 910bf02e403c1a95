//! The password, typed a moment ago: what weighs much is not done by whoever has found a device unlocked.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};

use super::{accounts, throttle};
use crate::{access::SignedIn, app::App, error::Result};

/// How long a check of the password holds.
pub const MINUTES: i64 = 10;

/// Why the password is asked for once more.
#[derive(Debug)]
pub enum Refusal {
    Wrong,
    TooManyTries(std::time::Duration),
}

/// Whether the password was typed a moment ago. Signing in counts.
#[must_use]
pub fn is_fresh(signed_in: &SignedIn, now: DateTime<Utc>) -> bool {
    now - signed_in.password_checked_at < Duration::minutes(MINUTES)
}

/// Checks the password of somebody who is signed in, throttled as signing in is, and remembers that.
///
/// # Errors
/// When the database cannot be reached or too many are waiting; a wrong password is the inner [`Refusal`].
pub async fn check(
    app: &App,
    signed_in: &SignedIn,
    typed: &str,
    address: Option<IpAddr>,
) -> Result<std::result::Result<(), Refusal>> {
    let (now, login) = (app.clock.now(), signed_in.login.as_str());
    if let Err(wait) = throttle::may_try(&app.db, login, address, now).await? {
        return Ok(Err(Refusal::TooManyTries(wait)));
    }
    let credentials = accounts::credentials(&mut *app.db.pool().acquire().await?, login).await?;
    let own = credentials.and_then(|credentials| credentials.own);
    let is_right = match own {
        Some(hash) => app.hasher.verify(typed.to_owned(), hash).await?.matches,
        None => false,
    };
    if !is_right {
        throttle::charge(&app.db, login, address, now).await?;
        return Ok(Err(Refusal::Wrong));
    }
    sqlx::query!(
        "UPDATE sessions SET password_checked_at = $2 WHERE token_hash = $1",
        signed_in.session.as_slice(),
        now,
    )
    .execute(app.db.pool())
    .await?;
    Ok(Ok(()))
}
