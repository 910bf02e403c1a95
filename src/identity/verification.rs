//! Whether an address is its owner's: of accounts that somebody opened for himself. Nobody vouches for those until the
//! link in a mail was used.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    links::{self, Link, Purpose},
    token::Token,
};
use crate::{
    app::App,
    db::Db,
    error::Result,
    jobs,
    mail::outbox::{self, Letter},
    web::i18n::Lang,
};

/// The address of an account was shown to be its owner's: whoever waits for that goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddressProven {
    pub account_id: Uuid,
}

impl jobs::Job for AddressProven {
    const NAME: &'static str = "address_proven";
}

/// Opens an account with an own password for whoever says that this address is his. `None` where the address has an
/// account already: of two at the same instant, one opens it.
///
/// # Errors
/// When the database cannot be reached.
pub async fn open_account(
    tx: &mut PgConnection,
    id: Uuid,
    email: &str,
    password_hash: &str,
    lang: Lang,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>> {
    let opened = sqlx::query!(
        "INSERT INTO accounts (id, login, language, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        id,
        email,
        lang.key(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    if opened.rows_affected() == 0 {
        return Ok(None);
    }
    sqlx::query!("UPDATE accounts SET password_hash = $2, password_set_at = $3 WHERE id = $1", id, password_hash, now,)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("INSERT INTO unverified_addresses (account_id, since) VALUES ($1, $2)", id, now).execute(tx).await?;
    Ok(Some(id))
}

/// Since when an address waits to be verified; `None` where it was, or where somebody else vouches for it.
///
/// # Errors
/// When the database cannot be reached.
pub async fn waits_since(tx: &mut PgConnection, account_id: Uuid) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!("SELECT since FROM unverified_addresses WHERE account_id = $1", account_id)
        .fetch_optional(tx)
        .await?)
}

/// Mails a link to verify the address; `place` is what its owner registered with.
///
/// # Errors
/// When the database cannot be reached.
pub async fn mail_link(
    tx: &mut PgConnection,
    app: &App,
    account_id: Uuid,
    name: &str,
    place: &str,
    lang: Lang,
) -> Result<()> {
    let now = app.clock.now();
    let token = Token::generate(&app.randomness);
    let id = app.randomness.uuid_v7(now);
    links::create(tx, id, &token, Purpose::EmailVerification, account_id, None, now).await?;
    let letter = Letter::EmailVerification { name: name.to_owned(), place: place.to_owned() };
    outbox::post(tx, app, account_id, &letter, Some(&token), lang).await
}

/// The link of this token, if it is still good.
///
/// # Errors
/// When the database cannot be reached.
pub async fn find(db: &Db, token: &Token, now: DateTime<Utc>) -> Result<Option<Link>> {
    links::find(&mut *db.pool().acquire().await?, token, Purpose::EmailVerification, now).await
}

/// Verifies the address by a link. False where somebody was quicker.
///
/// # Errors
/// When the database cannot be reached.
pub async fn verify(app: &App, link: &Link) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    if !links::spend(&mut tx, link, app.clock.now()).await? {
        return Ok(false);
    }
    prove(&mut tx, app, link.account_id).await?;
    tx.commit().await?;
    Ok(true)
}

/// The address is its owner's: he came by a link that was mailed there, whatever for.
///
/// # Errors
/// When the database cannot be reached.
pub async fn prove(tx: &mut PgConnection, app: &App, account_id: Uuid) -> Result<()> {
    let proven =
        sqlx::query!("DELETE FROM unverified_addresses WHERE account_id = $1", account_id).execute(&mut *tx).await?;
    if proven.rows_affected() > 0 {
        links::spend_all(tx, account_id, Purpose::EmailVerification, app.clock.now()).await?;
        jobs::enqueue(tx, &AddressProven { account_id }).await?;
    }
    Ok(())
}

/// Some of the accounts that have waited since before then, the oldest first.
///
/// # Errors
/// When the database cannot be reached.
pub async fn waiting_before(db: &Db, then: DateTime<Utc>, most: i64) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT account_id FROM unverified_addresses WHERE since <= $1 ORDER BY since LIMIT $2",
        then,
        most,
    )
    .fetch_all(db.pool())
    .await?)
}

/// Whether an address has waited since before then, still; nobody verifies it until the transaction ends.
///
/// # Errors
/// When the database cannot be reached.
pub async fn still_waits(tx: &mut PgConnection, account_id: Uuid, then: DateTime<Utc>) -> Result<bool> {
    let waits = sqlx::query_scalar!(
        "SELECT account_id FROM unverified_addresses WHERE account_id = $1 AND since <= $2 FOR UPDATE",
        account_id,
        then,
    )
    .fetch_optional(tx)
    .await?;
    Ok(waits.is_some())
}

/// Deletes an account that has waited since before then and belongs to nothing. False where it has been verified, or
/// is somebody's all the same.
///
/// # Errors
/// When the database cannot be reached.
pub async fn delete_account(tx: &mut PgConnection, account_id: Uuid, then: DateTime<Utc>) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM accounts a USING unverified_addresses u
         WHERE a.id = $1 AND u.account_id = a.id AND u.since <= $2
             AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id)
             AND NOT EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id)
             AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id AND c.accepted_at IS NOT NULL)
             AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = a.id)",
        account_id,
        then,
    )
    .execute(tx)
    .await?;
    Ok(deleted.rows_affected() == 1)
}
