//! `Idempotency-Key`: for a day, a request with the same key gets the same answer and does nothing again.

use axum::http::{HeaderMap, StatusCode};
use chrono::Duration;
use sqlx::PgConnection;

use super::answer::ApiAnswer;
use crate::{
    access::{Actor, Scope},
    app::App,
    error::{Error, Result},
    ids::{PlanId, TokenId},
};

/// For how long a key is remembered.
const KEPT: Duration = Duration::hours(24);

/// The longest key, in characters.
const KEY_LETTERS: usize = 255;

/// What a request is about: a submission, its own or that of an earlier request with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdempotencyClaim {
    Of(PlanId),
    /// The key was used for another file.
    OfSomethingElse,
}

/// The key of a request, where it has one.
///
/// # Errors
/// [`Error::Malformed`] where it is none.
pub fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let key = key.to_str().map_err(|_| Error::Malformed)?;
    let is_key = (1..=KEY_LETTERS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key && keys.next().is_none() { Ok(Some(key.to_owned())) } else { Err(Error::Malformed) }
}

/// Takes a key for a submission that is about to begin, in its transaction. A request with the same key at the same
/// moment waits for that.
pub async fn claim(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    (key, hash): (&str, [u8; 32]),
    plan_id: PlanId,
) -> Result<IdempotencyClaim> {
    let now = app.clock.now();
    // What is too old is forgotten when the school hands in again.
    sqlx::query!(
        "DELETE FROM idempotency_keys WHERE school_id = $1 AND created_at <= $2",
        scope.school_id(),
        now - KEPT,
    )
    .execute(&mut *tx)
    .await?;
    let taken = sqlx::query!(
        "INSERT INTO idempotency_keys (school_id, token_id, key, request_hash, plan_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        scope.school_id(),
        token(scope)?,
        key,
        hash.as_slice(),
        plan_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(IdempotencyClaim::Of(plan_id));
    }
    earlier_in(scope, app, tx, (key, hash)).await?.ok_or(Error::Overloaded)
}

/// What an earlier request with this key was about, where there was one.
pub async fn earlier(scope: &Scope, app: &App, claim: (&str, [u8; 32])) -> Result<Option<IdempotencyClaim>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    earlier_in(scope, app, &mut tx, claim).await
}

async fn earlier_in(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    (key, hash): (&str, [u8; 32]),
) -> Result<Option<IdempotencyClaim>> {
    let earlier = sqlx::query!(
        "SELECT plan_id, request_hash FROM idempotency_keys
         WHERE school_id = $1 AND token_id = $2 AND key = $3 AND created_at > $4",
        scope.school_id(),
        token(scope)?,
        key,
        app.clock.now() - KEPT,
    )
    .fetch_optional(tx)
    .await?;
    Ok(earlier.map(|earlier| match earlier.request_hash == hash {
        true => IdempotencyClaim::Of(earlier.plan_id),
        false => IdempotencyClaim::OfSomethingElse,
    }))
}

/// The answer that a request with this key got.
pub async fn remembered(scope: &Scope, app: &App, key: &str) -> Result<Option<ApiAnswer>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    read(scope, &mut tx, key).await
}

/// Remembers an answer. Where another request with the key was answered meanwhile, that answer is everybody's.
pub async fn remember(scope: &Scope, app: &App, key: &str, answer: ApiAnswer) -> Result<ApiAnswer> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    sqlx::query!(
        "UPDATE idempotency_keys SET status = $4, answer = $5, location = $6
         WHERE school_id = $1 AND token_id = $2 AND key = $3 AND status IS NULL",
        scope.school_id(),
        token(scope)?,
        key,
        i32::from(answer.status.as_u16()),
        answer.body,
        answer.location,
    )
    .execute(&mut *tx)
    .await?;
    let kept = read(scope, &mut tx, key).await?;
    tx.commit().await?;
    Ok(kept.unwrap_or(answer))
}

async fn read(scope: &Scope, tx: &mut PgConnection, key: &str) -> Result<Option<ApiAnswer>> {
    let row = sqlx::query!(
        "SELECT status, answer, location FROM idempotency_keys
         WHERE school_id = $1 AND token_id = $2 AND key = $3 AND status IS NOT NULL",
        scope.school_id(),
        token(scope)?,
        key,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.and_then(|row| {
        let status = StatusCode::from_u16(u16::try_from(row.status?).ok()?).ok()?;
        Some(ApiAnswer { status, body: row.answer?, location: row.location })
    }))
}

fn token(scope: &Scope) -> Result<TokenId> {
    match &scope.actor {
        Actor::Token(token) => Ok(token.id),
        Actor::Member(_) | Actor::Operator(_) | Actor::Client(_) | Actor::System => Err(Error::Forbidden),
    }
}
