//! One sign-in of a person to an application: the code that it begins with, the refresh tokens that it goes on with, and
//! its end. All of it hangs on the session that it came out of.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use super::{clients::Application, keys::SigningKeyIds, scopes::OpenIdScope};
use crate::{
    access::{Scope, SignedIn},
    app::App,
    crypto::token::Token,
    error::Result,
    ids::{AccountId, ClientId, GrantId, MemberId, OpenIdSubjectId, SchoolId},
};

/// How long a code may be exchanged, in seconds.
const CODE_SECONDS: i64 = 60;

/// A sign-in to an application that has not ended.
#[derive(Clone, Debug)]
pub struct OpenIdGrant {
    pub id: GrantId,
    pub account_id: AccountId,
    pub client_id: ClientId,
    pub school_id: SchoolId,
    pub member_id: MemberId,
    pub scopes: Vec<OpenIdScope>,
    /// When the person was last asked who they are.
    pub authenticated_at: DateTime<Utc>,
    /// The password was typed; else another service has signed the person in.
    pub by_password: bool,
    pub with_second_factor: bool,
}

/// A grant out of the row of a query: the rows of two queries have no type in common.
macro_rules! grant_of {
    ($row:ident) => {
        OpenIdGrant {
            id: $row.id,
            account_id: $row.account_id,
            client_id: $row.client_id,
            school_id: $row.school_id,
            member_id: $row.member_id,
            scopes: OpenIdScope::of_keys(&$row.scopes),
            authenticated_at: $row.authenticated_at,
            by_password: $row.by_password,
            with_second_factor: $row.with_second_factor,
        }
    };
}

impl OpenIdGrant {
    /// The same for a token of fewer scopes.
    #[must_use]
    pub fn narrowed_to(mut self, scopes: &[OpenIdScope]) -> Self {
        self.scopes.retain(|scope| scopes.contains(scope));
        self
    }
}

/// What a person has let an application do.
pub struct NewGrant<'a> {
    pub client_id: ClientId,
    pub member_id: MemberId,
    pub scopes: &'a [OpenIdScope],
    pub redirect_uri: &'a str,
    pub nonce: Option<&'a str>,
    pub challenge: &'a str,
}

/// Begins a grant and gives the code for it; `None` where the person may not enter the school any more.
///
/// The member and the membership stay locked until the grant is written. A suspension changes the member and then ends the
/// grants, a departure ends them with the membership: either waits for this transaction and finds the grant, or this one
/// waits and finds nobody who may enter. So no grant of theirs lives on, and an exchange need not look at the member again.
pub async fn begin(scope: &Scope, app: &App, signed_in: &SignedIn, new: &NewGrant<'_>) -> Result<Option<String>> {
    let now = app.clock.now();
    let (id, code) = (app.randomness.uuid_v7::<GrantId>(now), Token::generate(&app.randomness));
    let hash = code.hash();
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.key()).collect();
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    if !lock_member(scope, &mut tx, signed_in.account_id, new.member_id).await? {
        return Ok(None);
    }
    sqlx::query!(
        "INSERT INTO openid_grants
             (id, account_id, client_id, school_id, member_id, session_hash, idle_hours, scopes, authenticated_at,
              with_second_factor, by_password, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10, $11, $12)",
        id,
        signed_in.account_id,
        new.client_id,
        scope.school_id(),
        new.member_id,
        signed_in.session.as_slice(),
        signed_in.idle_limit.and_then(|limit| i32::try_from(limit.num_hours()).ok()),
        &scopes as &[&str],
        signed_in.authenticated_at(),
        signed_in.has_second_factor,
        signed_in.password_checked_at.is_some(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO openid_codes (hash, grant_id, redirect_uri, nonce, challenge, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        hash.as_slice(),
        id,
        new.redirect_uri,
        new.nonce,
        new.challenge,
        now + Duration::seconds(CODE_SECONDS),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(code.to_url()))
}

/// Locks an active member and the membership of its account; false where one of them is not there.
async fn lock_member(scope: &Scope, tx: &mut PgConnection, account_id: AccountId, member_id: MemberId) -> Result<bool> {
    let member = sqlx::query_scalar!(
        "SELECT id FROM members WHERE school_id = $1 AND id = $2 AND account_id = $3 AND status = 'active' FOR SHARE",
        scope.school_id(),
        member_id,
        account_id,
    );
    let membership = sqlx::query_scalar!(
        "SELECT account_id FROM memberships WHERE account_id = $1 AND school_id = $2 FOR KEY SHARE",
        account_id,
        scope.school_id(),
    );
    Ok(member.fetch_optional(&mut *tx).await?.is_some() && membership.fetch_optional(tx).await?.is_some())
}

/// What an application hands in with a code.
pub struct Exchange<'a> {
    pub code: &'a str,
    pub redirect_uri: &'a str,
    pub verifier: &'a str,
}

/// A grant that its application may go on with, and the refresh token for the next time.
pub struct Continued {
    pub grant: OpenIdGrant,
    pub nonce: Option<String>,
    /// By which name the application knows the person, where that was found along the way and there was one.
    pub subject: Option<OpenIdSubjectId>,
    /// The keys that sign now, where that was found along the way.
    pub signing_keys: Option<SigningKeyIds>,
    pub refresh_token: String,
}

/// Exchanges a code. `None` where it is not good: unknown, another client's or for another address, expired, without its
/// verifier, out of a session that has ended, or of a suspended school. One that was used before ends the grant (RFC 6749,
/// 4.1.2).
pub async fn redeem(app: &App, application: &Application, with: &Exchange<'_>) -> Result<Option<Continued>> {
    let (Some(code), Some(challenge)) = (Token::parse(with.code), challenge_of(with.verifier)) else {
        return Ok(None);
    };
    let refresh_token = Token::generate(&app.randomness);
    let (hash, refresh_hash, now) = (code.hash(), refresh_token.hash(), app.clock.now());
    // Of two at the same moment the second waits for the first, and finds the code used. What ends the grant waits as well,
    // and then sees that the application has tokens: it is told of the end.
    let row = sqlx::query!(
        r#"WITH living AS (
               SELECT g.id, g.account_id, g.client_id, g.school_id, g.member_id, g.scopes, g.authenticated_at,
                   g.with_second_factor, g.by_password
               FROM openid_codes c JOIN openid_grants g ON g.id = c.grant_id
               JOIN sessions s ON s.token_hash = g.session_hash
               WHERE c.hash = $1 AND g.client_id = $3 AND NOT g.ended AND s.expires_at > $2
                   AND (g.idle_hours IS NULL OR $2 - s.last_seen_at < make_interval(hours => g.idle_hours))
                   AND EXISTS (SELECT FROM schools p WHERE p.id = g.school_id AND p.suspended_at IS NULL)
               FOR SHARE OF g
           ), used AS (
               UPDATE openid_codes c SET used_at = $2 FROM living g
               WHERE c.hash = $1 AND c.used_at IS NULL AND c.expires_at > $2 AND c.redirect_uri = $4 AND c.challenge = $5
               RETURNING c.nonce, g.id, g.account_id, g.client_id, g.school_id, g.member_id, g.scopes, g.authenticated_at,
                   g.with_second_factor, g.by_password
           ), issued AS (
               INSERT INTO openid_refresh_tokens (hash, grant_id, issued_at) SELECT $6, u.id, $2 FROM used u
           )
           SELECT u.nonce, u.id, u.account_id, u.client_id, u.school_id, u.member_id, u.scopes, u.authenticated_at,
               u.with_second_factor, u.by_password, n.subject AS "subject?",
               (SELECT k.id FROM signing_keys k WHERE k.algorithm = 'ES256' AND k.retired_at IS NULL) AS es256,
               (SELECT k.id FROM signing_keys k WHERE k.algorithm = 'RS256' AND k.retired_at IS NULL) AS rs256
           FROM used u LEFT JOIN openid_subjects n ON n.account_id = u.account_id AND n.sector = $7"#,
        hash.as_slice(),
        now,
        application.id,
        with.redirect_uri,
        challenge,
        refresh_hash.as_slice(),
        application.sector(),
    );
    let Some(row) = row.fetch_optional(app.db.pool()).await? else {
        end_of_used(app, application.id, &hash).await?;
        return Ok(None);
    };
    let grant = grant_of!(row);
    let signing_keys = Some(SigningKeyIds { es256: row.es256, rs256: row.rs256 });
    let refresh_token = refresh_token.to_url();
    Ok(Some(Continued { grant, nonce: row.nonce, subject: row.subject, signing_keys, refresh_token }))
}

/// Ends the grant of a code that its client has used before.
async fn end_of_used(app: &App, client_id: ClientId, hash: &[u8]) -> Result<()> {
    sqlx::query!(
        "UPDATE openid_grants SET ended = true
         WHERE client_id = $2 AND NOT ended
             AND id = (SELECT c.grant_id FROM openid_codes c WHERE c.hash = $1 AND c.used_at IS NOT NULL)",
        hash,
        client_id,
    )
    .execute(app.db.pool())
    .await?;
    Ok(())
}

/// The challenge to which a verifier belongs (RFC 7636, 4.6); none where it is no verifier.
fn challenge_of(verifier: &str) -> Option<String> {
    let is_verifier = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    is_verifier.then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())))
}

/// What becomes of a refresh token.
pub enum Refreshed {
    Continued(Box<Continued>),
    /// It is not good; one that was used before ends the grant.
    NotGood,
    /// More is asked for than was granted: the token stays good.
    TooMuch,
}

/// Replaces a refresh token. `asked` are the scopes that are wanted, where they are fewer.
pub async fn refresh(app: &App, client_id: ClientId, token: &str, asked: Option<&[OpenIdScope]>) -> Result<Refreshed> {
    let Some(token) = Token::parse(token) else { return Ok(Refreshed::NotGood) };
    let (hash, now) = (token.hash(), app.clock.now());
    let mut tx = app.db.begin().await?;
    let row = sqlx::query!(
        "SELECT t.grant_id, t.used_at, g.client_id FROM openid_refresh_tokens t JOIN openid_grants g ON g.id = t.grant_id
         WHERE t.hash = $1 FOR UPDATE OF t",
        hash.as_slice(),
    );
    let Some(row) = row.fetch_optional(&mut *tx).await?.filter(|row| row.client_id == client_id) else {
        return Ok(Refreshed::NotGood);
    };
    if row.used_at.is_some() {
        end(&mut tx, row.grant_id).await?;
        tx.commit().await?;
        return Ok(Refreshed::NotGood);
    }
    let Some(grant) = living(&mut tx, row.grant_id, now).await? else { return Ok(Refreshed::NotGood) };
    if asked.is_some_and(|asked| asked.iter().any(|scope| !grant.scopes.contains(scope))) {
        return Ok(Refreshed::TooMuch);
    }
    sqlx::query!("UPDATE openid_refresh_tokens SET used_at = $2 WHERE hash = $1", hash.as_slice(), now)
        .execute(&mut *tx)
        .await?;
    let refresh_token = new_refresh_token(app, &mut tx, grant.id).await?;
    tx.commit().await?;
    let continued = Continued { grant, nonce: None, subject: None, signing_keys: None, refresh_token };
    Ok(Refreshed::Continued(Box::new(continued)))
}

async fn new_refresh_token(app: &App, tx: &mut PgConnection, grant_id: GrantId) -> Result<String> {
    let token = Token::generate(&app.randomness);
    let hash = token.hash();
    sqlx::query!(
        "INSERT INTO openid_refresh_tokens (hash, grant_id, issued_at) VALUES ($1, $2, $3)",
        hash.as_slice(),
        grant_id,
        app.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(token.to_url())
}

/// The grant, unless it or its session has ended, the session has lain idle for too long, or the school is suspended.
pub async fn living(tx: &mut PgConnection, id: GrantId, now: DateTime<Utc>) -> Result<Option<OpenIdGrant>> {
    let row = sqlx::query!(
        r#"SELECT g.id, g.account_id, g.client_id, g.school_id, g.member_id, g.scopes, g.authenticated_at,
                  g.with_second_factor, g.by_password
           FROM openid_grants g JOIN sessions s ON s.token_hash = g.session_hash
           WHERE g.id = $1 AND NOT g.ended AND s.expires_at > $2
               AND (g.idle_hours IS NULL OR $2 - s.last_seen_at < make_interval(hours => g.idle_hours))
               AND EXISTS (SELECT FROM schools p WHERE p.id = g.school_id AND p.suspended_at IS NULL)"#,
        id,
        now,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| grant_of!(row)))
}

/// Ends a grant: nothing of it is good any more.
pub async fn end(tx: &mut PgConnection, id: GrantId) -> Result<()> {
    sqlx::query!("UPDATE openid_grants SET ended = true WHERE id = $1 AND NOT ended", id).execute(tx).await?;
    Ok(())
}

/// Ends the grant of this refresh token, where it is the client's.
pub async fn revoke(app: &App, client_id: ClientId, token: &str) -> Result<()> {
    let Some(token) = Token::parse(token) else { return Ok(()) };
    let hash = token.hash();
    sqlx::query!(
        "UPDATE openid_grants SET ended = true
         WHERE client_id = $2 AND NOT ended
             AND id = (SELECT t.grant_id FROM openid_refresh_tokens t WHERE t.hash = $1)",
        hash.as_slice(),
        client_id,
    )
    .execute(app.db.pool())
    .await?;
    Ok(())
}

/// Ends all that an application holds of an account.
pub async fn end_of_application(tx: &mut PgConnection, account_id: AccountId, client_id: ClientId) -> Result<()> {
    sqlx::query!(
        "UPDATE openid_grants SET ended = true WHERE account_id = $1 AND client_id = $2 AND NOT ended",
        account_id,
        client_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}
