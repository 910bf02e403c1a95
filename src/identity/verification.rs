//! Whether an address was verified: for accounts that people opened themselves. They are not trusted until the link in
//! a mail was used.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    accounts,
    links::{self, Link, LinkPurpose},
    own_password::{self, Chosen},
    sessions::{self, Device},
};
use crate::{
    app::App,
    crypto::token::Token,
    db::Db,
    error::Result,
    ids::AccountId,
    jobs,
    letters::outbox::{self, Letter},
    web::i18n::Lang,
};

/// The address of an account was verified: handlers that wait for that continue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddressProven {
    pub account_id: AccountId,
}

impl jobs::Job for AddressProven {
    const NAME: &'static str = "address_proven";
}

/// What was chosen when an unverified address was registered.
#[derive(Clone, Copy, Debug)]
pub struct PasswordChoice<'a> {
    pub password_hash: &'a str,
    /// The hash of all that was registered: the same once more is a second press of the button.
    pub form_hash: [u8; 32],
    pub lang: Lang,
}

/// Opens an account for an unverified address. Nobody can sign in to it: the chosen password waits until the address is
/// verified. `None` where the address has an account already: of two at the same instant, one opens it.
pub async fn open_account(
    tx: &mut PgConnection,
    id: AccountId,
    email: &str,
    choice: PasswordChoice<'_>,
    now: DateTime<Utc>,
) -> Result<Option<AccountId>> {
    let opened = sqlx::query!(
        "INSERT INTO accounts (id, login, language, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        id,
        email,
        choice.lang.key(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    if opened.rows_affected() == 0 {
        return Ok(None);
    }
    sqlx::query!(
        "INSERT INTO unverified_addresses (account_id, since, password_hash, form_hash) VALUES ($1, $2, $3, $4)",
        id,
        now,
        choice.password_hash,
        choice.form_hash.as_slice(),
    )
    .execute(tx)
    .await?;
    Ok(Some(id))
}

/// Those of these accounts whose address nobody has verified yet.
pub async fn waiting_among(tx: &mut PgConnection, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let waiting =
        sqlx::query_scalar!("SELECT account_id FROM unverified_addresses WHERE account_id = ANY($1)", accounts);
    Ok(waiting.fetch_all(tx).await?)
}

/// Of an address that waits: since when, and the hash of what was registered with it. It cannot be verified until the
/// transaction ends.
pub async fn hold(tx: &mut PgConnection, account_id: AccountId) -> Result<Option<(DateTime<Utc>, Option<Vec<u8>>)>> {
    let row =
        sqlx::query!("SELECT since, form_hash FROM unverified_addresses WHERE account_id = $1 FOR UPDATE", account_id,)
            .fetch_optional(tx)
            .await?;
    Ok(row.map(|row| (row.since, row.form_hash)))
}

/// What is chosen now replaces what was chosen with the address before, by the same person or not: links that were
/// mailed for it verify nothing any more.
pub async fn choose_anew(
    tx: &mut PgConnection,
    account_id: AccountId,
    choice: PasswordChoice<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE unverified_addresses SET since = $2, password_hash = $3, form_hash = $4 WHERE account_id = $1",
        account_id,
        now,
        choice.password_hash,
        choice.form_hash.as_slice(),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("UPDATE accounts SET language = $2 WHERE id = $1", account_id, choice.lang.key())
        .execute(&mut *tx)
        .await?;
    links::spend_all(tx, account_id, LinkPurpose::EmailVerification, now).await
}

/// The password that was chosen with the registration of an address that still waits, hashed.
pub async fn chosen_with(tx: &mut PgConnection, account_id: AccountId) -> Result<Option<String>> {
    let chosen =
        sqlx::query_scalar!("SELECT password_hash FROM unverified_addresses WHERE account_id = $1", account_id)
            .fetch_optional(tx)
            .await?;
    Ok(chosen.flatten())
}

/// Since when an address waits to be verified; `None` where it was, or where a school vouches for it.
pub async fn waits_since(tx: &mut PgConnection, account_id: AccountId) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!("SELECT since FROM unverified_addresses WHERE account_id = $1", account_id)
        .fetch_optional(tx)
        .await?)
}

/// Mails a link to verify the address; `place` is what it registered with, where that is no stranger's wording.
pub async fn mail_link(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    place: Option<&str>,
    lang: Lang,
) -> Result<()> {
    let now = app.clock.now();
    let token = Token::generate(&app.randomness);
    let id = app.randomness.uuid_v7(now);
    links::create(tx, id, &token, LinkPurpose::EmailVerification, account_id, None, now).await?;
    let letter = Letter::EmailVerification { place: place.map(str::to_owned) };
    outbox::post(tx, app, account_id, &letter, Some(&token), lang).await
}

/// The link of this token, if it is still good.
pub async fn find(db: &Db, token: &Token, now: DateTime<Utc>) -> Result<Option<Link>> {
    links::find(&mut *db.pool().acquire().await?, token, LinkPurpose::EmailVerification, now).await
}

/// The result of verifying an address.
#[derive(Debug)]
pub enum Verified {
    /// With the password that was chosen; or there was one already.
    WithPassword,
    /// With none: it is chosen by the link of this token.
    ChoosesBy(Token),
}

/// Verifies the address by a link, and gives the account the password. `None` where another request was first.
pub async fn verify(app: &App, link: &Link, chosen: Option<&Chosen>, device: &Device) -> Result<Option<Verified>> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    // The address is locked before the link, as when it is registered once more.
    hold(&mut tx, link.account_id).await?;
    if !links::consume(&mut tx, link, now).await? {
        return Ok(None);
    }
    prove(&mut tx, app, link.account_id).await?;
    let verified = match chosen {
        Some(chosen) => {
            own_password::set(&mut tx, app, link.account_id, chosen, device).await?;
            Verified::WithPassword
        }
        None if accounts::summary(&mut tx, link.account_id).await?.has_password => Verified::WithPassword,
        None => {
            let token = Token::generate(&app.randomness);
            let id = app.randomness.uuid_v7(now);
            links::create(&mut tx, id, &token, LinkPurpose::PasswordReset, link.account_id, None, now).await?;
            Verified::ChoosesBy(token)
        }
    };
    tx.commit().await?;
    Ok(Some(verified))
}

/// The address is verified by any link that was mailed there. Whatever gave access to the account before, or would,
/// ends: it may have been another person's. (Invitations stay: they lie in the same mailbox.)
pub async fn prove(tx: &mut PgConnection, app: &App, account_id: AccountId) -> Result<()> {
    let proven =
        sqlx::query!("DELETE FROM unverified_addresses WHERE account_id = $1", account_id).execute(&mut *tx).await?;
    if proven.rows_affected() > 0 {
        sessions::end_all(tx, account_id).await?;
        for purpose in [LinkPurpose::EmailVerification, LinkPurpose::PasswordReset] {
            links::spend_all(tx, account_id, purpose, app.clock.now()).await?;
        }
        jobs::enqueue(tx, &AddressProven { account_id }).await?;
    }
    Ok(())
}

/// Some of the accounts that have waited since before then, the oldest first.
pub async fn waiting_before(db: &Db, then: DateTime<Utc>, most: i64) -> Result<Vec<AccountId>> {
    Ok(sqlx::query_scalar!(
        "SELECT account_id FROM unverified_addresses WHERE since <= $1 ORDER BY since LIMIT $2",
        then,
        most,
    )
    .fetch_all(db.pool())
    .await?)
}

/// Whether an address has waited since before then, still; it cannot be verified until the transaction ends.
pub async fn still_waits(tx: &mut PgConnection, account_id: AccountId, then: DateTime<Utc>) -> Result<bool> {
    let waits = sqlx::query_scalar!(
        "SELECT account_id FROM unverified_addresses WHERE account_id = $1 AND since <= $2 FOR UPDATE",
        account_id,
        then,
    )
    .fetch_optional(tx)
    .await?;
    Ok(waits.is_some())
}

/// Deletes an account that has waited since before then and belongs to nothing. False where it has been verified, or is
/// in use all the same.
pub async fn delete_account(tx: &mut PgConnection, account_id: AccountId, then: DateTime<Utc>) -> Result<bool> {
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
