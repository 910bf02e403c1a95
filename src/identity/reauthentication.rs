//! The password, typed a moment ago: an unlocked device alone must not be enough for sensitive changes.

use chrono::{DateTime, Duration, Utc};

use super::{
    password_try::{self, Matched},
    sessions::Device,
};
use crate::{
    access::SignedIn,
    app::App,
    error::{Error, Result},
    web::RequestContext,
};

/// How long a check of the password holds.
pub const MINUTES: i64 = 10;

pub use crate::identity::password_try::PasswordTryRefusal;

/// Whether the password was typed a moment ago. Signing in with it counts.
#[must_use]
pub fn is_fresh(signed_in: &SignedIn, now: DateTime<Utc>) -> bool {
    signed_in.password_checked_at.is_some_and(|typed| now - typed < Duration::minutes(MINUTES))
}

/// For handlers that decide themselves whether to ask: goes on where the password was typed a moment ago.
///
/// # Errors
/// [`Error::PasswordNeeded`] where it was not.
pub fn expect(visitor: &RequestContext) -> Result<()> {
    if is_fresh(visitor.signed_in()?, visitor.now) { Ok(()) } else { Err(Error::PasswordNeeded) }
}

/// Checks the password of a signed-in account, throttled as signing in is, and remembers that.
///
/// # Errors
/// When too many are waiting; a wrong password is the inner [`PasswordTryRefusal`].
pub async fn check(
    app: &App,
    signed_in: &SignedIn,
    typed: &str,
    device: &Device,
) -> Result<std::result::Result<(), PasswordTryRefusal>> {
    let right = match password_try::check(app, &signed_in.login, typed, device).await? {
        Ok(right) if matches!(right.matched, Matched::Own { .. }) => right,
        Ok(_) => return Ok(Err(PasswordTryRefusal::Wrong)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut tx = app.db.begin().await?;
    sqlx::query!(
        "UPDATE sessions SET password_checked_at = $2 WHERE token_hash = $1",
        signed_in.session.as_slice(),
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    right.charged.reset(&mut tx).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
