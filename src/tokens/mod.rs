//! `/schools/{code}/settings/tokens`: the tokens by which other programs act for a school.

mod pages;

pub use pages::routes;

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::{
    access::{Actor, Granted, Scope, TokenActor, TokenScope, may},
    app::App,
    audit::{self, AuditAction, Event},
    crypto::token::Token,
    db::Db,
    error::{Error, Result, stored},
    ids::{SchoolId, TokenId},
    schools::directory,
};

/// What a token begins with, so that one that lies in a file or a log is recognised for what it is.
const PREFIX: &str = "sgt_";

/// The most tokens that a school has at a time.
const MOST: i64 = 50;

/// The longest name, in characters.
const NAME_LETTERS: usize = 100;

/// The last use is kept to the minute.
const USE_IS_NOTED_EVERY: Duration = Duration::minutes(1);

/// A token, as the owners see it. What it says is stored nowhere.
#[derive(Clone, Debug)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<TokenScope>,
    pub created_at: DateTime<Utc>,
    /// The member who made it, where it is one who is still there.
    pub created_by: Option<String>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Why a token is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    NameMissing,
    NameTooLong,
    NoScope,
    TooMany,
}

impl TokenRefusal {
    pub const ALL: [Self; 4] = [Self::NameMissing, Self::NameTooLong, Self::NoScope, Self::TooMany];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NameMissing => "token-name-missing",
            Self::NameTooLong => "token-name-too-long",
            Self::NoScope => "token-no-scope",
            Self::TooMany => "token-too-many",
        }
    }

    /// The field of the form that it is about.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::NameMissing | Self::NameTooLong | Self::TooMany => "name",
            Self::NoScope => "scopes",
        }
    }
}

/// Makes a token. What is given back is the token itself, which is shown this once.
pub async fn make(
    granted: &Granted<may::ChangeSettings>,
    app: &App,
    name: &str,
    scopes: &[TokenScope],
) -> Result<std::result::Result<String, TokenRefusal>> {
    let refusal = match name.chars().count() {
        0 => Some(TokenRefusal::NameMissing),
        letters if letters > NAME_LETTERS => Some(TokenRefusal::NameTooLong),
        _ => scopes.is_empty().then_some(TokenRefusal::NoScope),
    };
    if let Some(refusal) = refusal {
        return Ok(Err(refusal));
    }
    let now = app.clock.now();
    let (id, token): (TokenId, _) = (app.randomness.uuid_v7(now), Token::generate(&app.randomness));
    let keys: Vec<&str> = scopes.iter().map(|scope| scope.key()).collect();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let made = sqlx::query!(
        "INSERT INTO api_tokens (school_id, id, name, scopes, created_by, created_at)
         SELECT $1, $2, $3, $4::text[], $5, $6
         WHERE (SELECT count(*) FROM api_tokens WHERE school_id = $1 AND revoked_at IS NULL) < $7
         RETURNING id",
        granted.school_id(),
        id,
        name,
        &keys as &[&str],
        granted.member().map(|member| member.id),
        now,
        MOST,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if made.is_none() {
        return Ok(Err(TokenRefusal::TooMany));
    }
    let hash = token.hash();
    sqlx::query!(
        "INSERT INTO token_hashes (hash, school_id, token_id) VALUES ($1, $2, $3)",
        hash.as_slice(),
        granted.school_id(),
        id,
    )
    .execute(&mut *tx)
    .await?;
    let event = Event::about(AuditAction::TokenMade { scopes: scopes.to_vec() }, id);
    audit::record(granted, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Ok(format!("{PREFIX}{}", token.to_url())))
}

/// Revokes a token: no later request is answered. Revoking it twice changes nothing.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such token.
pub async fn revoke(granted: &Granted<may::ChangeSettings>, app: &App, id: TokenId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let revoked = sqlx::query!(
        "UPDATE api_tokens SET revoked_at = $3, revoked_by = $4
         WHERE school_id = $1 AND id = $2 AND revoked_at IS NULL",
        granted.school_id(),
        id,
        app.clock.now(),
        granted.member().map(|member| member.id),
    )
    .execute(&mut *tx)
    .await?;
    if revoked.rows_affected() == 0 {
        let there = sqlx::query!("SELECT id FROM api_tokens WHERE school_id = $1 AND id = $2", granted.school_id(), id);
        there.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
        return Ok(());
    }
    sqlx::query!("DELETE FROM token_hashes WHERE school_id = $1 AND token_id = $2", granted.school_id(), id)
        .execute(&mut *tx)
        .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TokenRevoked, id)).await?;
    tx.commit().await?;
    Ok(())
}

/// The tokens of the school: those in use first, the newest first.
pub async fn all(granted: &Granted<may::ChangeSettings>, tx: &mut PgConnection) -> Result<Vec<ApiToken>> {
    let rows = sqlx::query!(
        r#"SELECT t.id, t.name, t.scopes, t.created_at, m.full_name AS "created_by?", t.last_used_at, t.revoked_at
           FROM api_tokens t LEFT JOIN members m ON m.school_id = $1 AND m.id = t.created_by
           WHERE t.school_id = $1 ORDER BY t.revoked_at IS NOT NULL, t.created_at DESC, t.id DESC LIMIT 200"#,
        granted.school_id(),
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ApiToken {
                id: row.id,
                name: row.name,
                scopes: known(&row.scopes)?,
                created_at: row.created_at,
                created_by: row.created_by,
                last_used_at: row.last_used_at,
                revoked_at: row.revoked_at,
            })
        })
        .collect()
}

fn known(keys: &[String]) -> Result<Vec<TokenScope>> {
    keys.iter().map(|key| stored("scope of a token", TokenScope::from_key(key))).collect()
}

/// A token that a school has given.
#[derive(Clone, Copy, Debug)]
pub struct Bearer {
    pub token_id: TokenId,
    school_id: SchoolId,
}

/// Whose token this is.
///
/// # Errors
/// [`Error::SignInNeeded`] where no school has given such a token, or has revoked it.
pub async fn find(db: &Db, text: &str) -> Result<Bearer> {
    let hash = text.strip_prefix(PREFIX).and_then(Token::parse).ok_or(Error::SignInNeeded)?.hash();
    let found =
        sqlx::query_as!(Bearer, "SELECT token_id, school_id FROM token_hashes WHERE hash = $1", hash.as_slice(),);
    found.fetch_optional(db.pool()).await?.ok_or(Error::SignInNeeded)
}

/// Whether a token of the school is in force, for this use.
pub async fn is_good(scope: &Scope, app: &App, token_id: TokenId, wanted: TokenScope) -> Result<bool> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let scopes = sqlx::query_scalar!(
        "SELECT scopes FROM api_tokens WHERE school_id = $1 AND id = $2 AND revoked_at IS NULL",
        scope.school_id(),
        token_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    Ok(match scopes {
        Some(scopes) => known(&scopes)?.contains(&wanted),
        None => false,
    })
}

/// The scope in which a token acts, for one use of it.
///
/// # Errors
/// [`Error::SignInNeeded`] where the token is revoked; [`Error::ScopeMissing`]; [`Error::SchoolSuspended`].
pub async fn enter(app: &App, bearer: Bearer, wanted: TokenScope, address: Option<IpAddr>) -> Result<Scope> {
    let Bearer { token_id, school_id } = bearer;
    let mut tx = app.db.begin_in(school_id).await?;
    let school = directory::by_id(&mut tx, school_id).await?;
    let row = sqlx::query!(
        "SELECT scopes, last_used_at FROM api_tokens WHERE school_id = $1 AND id = $2 AND revoked_at IS NULL",
        school_id,
        token_id,
    );
    let row = row.fetch_optional(&mut *tx).await?.ok_or(Error::SignInNeeded)?;
    let scopes = known(&row.scopes)?;
    if !scopes.contains(&wanted) {
        return Err(Error::ScopeMissing(wanted.key()));
    }
    let now = app.clock.now();
    if row.last_used_at.is_none_or(|used| now - used >= USE_IS_NOTED_EVERY) {
        sqlx::query!(
            "UPDATE api_tokens SET last_used_at = $3 WHERE school_id = $1 AND id = $2",
            school_id,
            token_id,
            now,
        )
        .execute(&mut *tx)
        .await?;
    }
    let scope = Scope { school, actor: Actor::Token(TokenActor { id: token_id, scopes }), address };
    let is_suspended = directory::is_suspended(&scope, &mut tx).await?;
    tx.commit().await?;
    if is_suspended { Err(Error::SchoolSuspended) } else { Ok(scope) }
}
