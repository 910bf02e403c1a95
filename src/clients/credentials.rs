//! What clients show: their secret, by which they get an access token, and the token, with which they ask.

use chrono::{DateTime, Duration, Utc};

use super::{known_scopes, making::SECRET_PREFIX};
use crate::{
    access::ClientScope,
    app::App,
    crypto::token::Token,
    db::Db,
    error::{Error, Result},
    ids::{ClientId, SchoolId},
};

/// What an access token begins with.
const TOKEN_PREFIX: &str = "sgo_";

/// How long an access token is good for.
pub const TOKEN_LASTS: Duration = Duration::hours(1);

/// The last use is kept to the minute.
const USE_IS_NOTED_EVERY: Duration = Duration::minutes(1);

/// What a client asks with: whose it is and for what it is good.
#[derive(Clone, Debug)]
pub struct ClientToken {
    pub client_id: ClientId,
    /// None for a client of the operators.
    pub school_id: Option<SchoolId>,
    /// Of a client of the operators: its province; none for the whole country.
    pub province: Option<String>,
    pub scopes: Vec<ClientScope>,
    pub last_used_at: Option<DateTime<Utc>>,
}

impl ClientToken {
    /// Whether it is good for one of these.
    #[must_use]
    pub fn has_any(&self, wanted: &[ClientScope]) -> bool {
        wanted.iter().any(|scope| self.scopes.contains(scope))
    }
}

/// The hash of a secret as it is kept; none where the text is no secret of a client.
#[must_use]
pub fn secret_hash(text: &str) -> Option<[u8; 32]> {
    Some(text.strip_prefix(SECRET_PREFIX).and_then(Token::parse)?.hash())
}

/// Gives the client a token for these scopes.
pub async fn issue(app: &App, id: ClientId, scopes: &[ClientScope]) -> Result<String> {
    let token = Token::generate(&app.randomness);
    let hash = token.hash();
    let names: Vec<String> = scopes.iter().map(|scope| scope.name()).collect();
    sqlx::query!(
        "INSERT INTO oauth_access_tokens (hash, client_id, scopes, expires_at) VALUES ($1, $2, $3, $4)",
        hash.as_slice(),
        id,
        &names,
        app.clock.now() + TOKEN_LASTS,
    )
    .execute(app.db.pool())
    .await?;
    Ok(format!("{TOKEN_PREFIX}{}", token.to_url()))
}

/// Ends an access token. One that is another client's, or none at all, is nothing to end (RFC 7009, 2.2).
pub async fn end_access_token(db: &Db, id: ClientId, text: &str) -> Result<()> {
    let Some(token) = text.strip_prefix(TOKEN_PREFIX).and_then(Token::parse) else { return Ok(()) };
    let hash = token.hash();
    sqlx::query!("DELETE FROM oauth_access_tokens WHERE hash = $1 AND client_id = $2", hash.as_slice(), id)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Whose token this is.
///
/// # Errors
/// [`Error::SignInNeeded`] where it is nobody's, has expired, or the client is revoked.
pub async fn by_access_token(db: &Db, text: &str, now: DateTime<Utc>) -> Result<ClientToken> {
    let hash = text.strip_prefix(TOKEN_PREFIX).and_then(Token::parse).ok_or(Error::SignInNeeded)?.hash();
    let row = sqlx::query!(
        "SELECT c.id, c.school_id, c.province_code, t.scopes, c.scopes AS allowed, c.last_used_at
         FROM oauth_access_tokens t JOIN oauth_clients c ON c.id = t.client_id
         WHERE t.hash = $1 AND t.expires_at > $2 AND c.revoked_at IS NULL",
        hash.as_slice(),
        now,
    );
    let row = row.fetch_optional(db.pool()).await?.ok_or(Error::SignInNeeded)?;
    let allowed = known_scopes(&row.allowed);
    Ok(ClientToken {
        client_id: row.id,
        school_id: row.school_id,
        province: row.province_code,
        scopes: known_scopes(&row.scopes).into_iter().filter(|scope| allowed.contains(scope)).collect(),
        last_used_at: row.last_used_at,
    })
}

/// Notes that the client has asked, after a last time that is known.
pub async fn note_use(db: &Db, id: ClientId, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
    if last.is_some_and(|used| now - used < USE_IS_NOTED_EVERY) {
        return Ok(());
    }
    sqlx::query!("UPDATE oauth_clients SET last_used_at = $2 WHERE id = $1", id, now).execute(db.pool()).await?;
    Ok(())
}
