//! Deletes what has expired: attempts that no longer count, sessions and pending sign-ins that have ended, forms that
//! were sent or kept, used or expired links, old mails. Without it these tables would only grow. Events of signing in go by
//! whole months, as partitions.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{sent_forms, sign_in_events};
use crate::{app::App, db::Db, error::Result, jobs};

/// For how many days a used or expired link is kept, to say why a person cannot sign in.
const LINKS_KEPT_DAYS: i64 = 30;

/// For how many days a sent or refused mail is kept, to say whether it went out.
const MAILS_KEPT_DAYS: i64 = 90;

/// How many rows go at a time, so that no sign-in waits for more.
const BATCH: i64 = 1_000;

/// Delete what has expired.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetSpent {}

impl jobs::Job for ForgetSpent {
    const NAME: &'static str = "forget_spent";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for ForgetSpent {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let (db, now) = (&app.db, app.clock.now());
        while tries(db, now).await? {}
        while sessions(db, now).await? {}
        while ended_sessions(db, now).await? {}
        while kept_forms(db, now).await? {}
        sent_forms::forget_pages(db, now - Duration::minutes(1)).await?;
        while sent_forms(db, now - Duration::hours(sent_forms::KEPT_HOURS)).await? {}
        while pending_sign_ins(db, now).await? {}
        while releases(db, now).await? {}
        while access_tokens(db, now).await? {}
        while links(db, now - Duration::days(LINKS_KEPT_DAYS)).await? {}
        while sign_in_months(db, now).await? {}
        while login_aliases(db, now).await? {}
        while mails(db, now - Duration::days(MAILS_KEPT_DAYS)).await? {}
        Ok(())
    }
}

/// Whether a whole batch went: then there may be more.
fn is_full(deleted: &sqlx::postgres::PgQueryResult) -> bool {
    deleted.rows_affected() >= BATCH.unsigned_abs()
}

async fn tries(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    // A row that a sign-in holds at this moment is left to the next hour.
    let deleted = sqlx::query!(
        "DELETE FROM attempts WHERE subject IN (
             SELECT subject FROM attempts WHERE resets_at <= $1 ORDER BY resets_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn access_tokens(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM oauth_access_tokens WHERE hash IN (
             SELECT hash FROM oauth_access_tokens WHERE expires_at <= $1 LIMIT $2)",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

/// Logins of accounts that were merged into others, once they lead nowhere any more; and those accounts, which nobody could
/// sign in to since, so that they are no way in now.
async fn login_aliases(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "WITH over AS (SELECT login FROM login_aliases WHERE until <= $1 ORDER BY until LIMIT $2),
         ended AS (
             DELETE FROM accounts a USING over WHERE a.login = over.login
                 AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id)
                 AND NOT EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id)
                 AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id)
                 AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = a.id))
         DELETE FROM login_aliases l USING over WHERE l.login = over.login",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn sessions(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM sessions WHERE token_hash IN (
             SELECT token_hash FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
             FOR UPDATE SKIP LOCKED)",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn ended_sessions(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM ended_sessions WHERE token_hash IN (
             SELECT token_hash FROM ended_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn kept_forms(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM kept_forms WHERE token_hash IN (
             SELECT token_hash FROM kept_forms WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn sent_forms(db: &Db, then: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM sent_forms WHERE ctid IN (SELECT ctid FROM sent_forms WHERE at <= $1 ORDER BY at LIMIT $2)",
        then,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn pending_sign_ins(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM pending_sign_ins WHERE token_hash IN (
             SELECT token_hash FROM pending_sign_ins WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn releases(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM releases WHERE code_hash IN (
             SELECT code_hash FROM releases WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        now,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

/// The last invitation of a member stays: it says when they were invited.
async fn links(db: &Db, then: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM links WHERE id IN (
             SELECT l.id FROM links l WHERE l.expires_at <= $1 AND (l.member_id IS NULL OR EXISTS (
                 SELECT FROM links n WHERE n.school_id = l.school_id AND n.member_id = l.member_id
                     AND (n.created_at, n.id) > (l.created_at, l.id)))
             ORDER BY l.expires_at LIMIT $2)",
        then,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

async fn mails(db: &Db, then: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM mails WHERE id IN (
             SELECT id FROM mails WHERE created_at <= $1 AND coalesce(sent_at, refused_at) <= $1
             ORDER BY created_at LIMIT $2)",
        then,
        BATCH,
    );
    Ok(is_full(&deleted.execute(db.pool()).await?))
}

/// Makes the coming months of `sign_in_events`, and drops those of which no row is kept: one step at a time, each in a
/// transaction of its own. What another process does, or a lock prevents, is left to the next hour.
async fn sign_in_months(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    let kept_from = now - Duration::days(sign_in_events::KEPT_DAYS);
    let is_done = sqlx::query_scalar!(r#"SELECT keep_sign_in_months($1, $2) AS "is_done!""#, now, kept_from);
    Ok(is_done.fetch_one(db.pool()).await?)
}
