//! Throttling of guesses, in the database, so that it holds for all processes.
//!
//! For each account and each address one row says when all its attempts are forgiven; an attempt moves that moment on
//! by its cost, and while it lies too far ahead, no further attempt is taken (the generic cell rate algorithm). So no
//! account is locked for long, and nothing has to be cleaned up in time.
//!
//! An attempt is charged before the secret is checked, in the statement that says whether it is taken: of a thousand
//! concurrent guesses the first ten are checked, and the response to the others does not depend on what they guessed. A
//! right one gets back what it was charged. Secrets of clients alone are charged afterwards: see [`may_try`].
//!
//! A whole school signs in from one address at seven in the morning. The address's limit is therefore generous, and
//! once it is used up it does not block anybody: it only leaves each account fewer attempts at once. Guessing over many
//! accounts gets two guesses an account; a person who knows the password can still sign in.

use std::{collections::HashMap, net::IpAddr};

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::accounts::fold_login;
use crate::{
    access::TokenScope,
    db::Db,
    error::Result,
    ids::{AccountId, ClientId, TokenId},
};

/// What an attempt costs an account.
const ACCOUNT_COST: Duration = Duration::seconds(30);
/// Attempts for an account at once.
const ACCOUNT_TRIES: i32 = 10;
/// The same, where the address has used up its limit.
const ACCOUNT_TRIES_FROM_BAD_ADDRESS: i32 = 2;
/// What an attempt costs an address.
const ADDRESS_COST: Duration = Duration::milliseconds(500);
/// Attempts from an address at once.
const ADDRESS_TRIES: i32 = 600;
/// What an invalid or expired link costs an address, as does an answer of another service that cannot be verified; and how
/// many of them at once: the staff of a school open their old mails from one address.
const LINK_COST: Duration = Duration::seconds(5);
const LINK_TRIES: i32 = 60;
/// What asking for a mail costs an account: one in ten minutes, three at once.
const MAIL_COST: Duration = Duration::minutes(10);
const MAIL_TRIES: i32 = 3;
/// The same for the network that it is asked from.
const MAIL_NETWORK_COST: Duration = Duration::seconds(30);
const MAIL_NETWORK_TRIES: i32 = 60;
/// What registering costs an e-mail address, and how often it may at once.
const REGISTRATION_COST: Duration = Duration::minutes(10);
const REGISTRATION_TRIES: i32 = 6;
/// The same for the network that it comes from: a whole staff may register from one network.
const REGISTRATION_NETWORK_COST: Duration = Duration::seconds(30);
const REGISTRATION_NETWORK_TRIES: i32 = 120;

/// What handing in data costs a token, and how often it may at once: a school hands in a few files a day.
const SUBMISSION_COST: Duration = Duration::seconds(10);
const SUBMISSION_TRIES: i32 = 10;
/// The same for reading what became of it.
const READ_COST: Duration = Duration::seconds(1);
const READ_TRIES: i32 = 60;

/// What a wrong secret of a client costs the network that it comes from.
const CLIENT_SECRET_COST: Duration = Duration::seconds(2);
const CLIENT_SECRET_TRIES: i32 = 120;
/// What a request costs a client: it reads thousands of pages at a time, at ten a second in the long run.
const CLIENT_COST: Duration = Duration::milliseconds(100);
const CLIENT_TRIES: i32 = 6_000;

/// The secret that is guessed at.
#[derive(Clone, Copy, Debug)]
pub enum Secret<'a> {
    /// The password of this login, whether or not there is such an account.
    Password(&'a str),
    /// A code of the second factor of this login, or one for recovery.
    Code(&'a str),
    /// A code by which a pupil is transferred, typed by this account.
    Release(AccountId),
    /// The secret of a client, whose id is no secret and may be guessed at as well: the network address alone is charged.
    Client,
    /// What another service says of a person, carried here by the browser: the network address alone is charged.
    Provider,
    /// The token of a mailed link. Its account is known only when it is right: the network address alone is charged.
    Link,
}

impl Secret<'_> {
    /// Under which key of `attempts` its guesses are charged.
    #[must_use]
    pub fn subject(self, address: Option<IpAddr>) -> String {
        match self {
            Self::Password(login) => account_subject(login),
            Self::Code(login) => hashed("code", &fold_login(login)),
            Self::Release(account_id) => hashed("release", &account_id.to_string()),
            Self::Client => hashed("client secret", &address.map(crate::network::network_of).unwrap_or_default()),
            Self::Provider => hashed("provider", &address.map(crate::network::network_of).unwrap_or_default()),
            Self::Link => hashed("link", &address.map(crate::network::network_of).unwrap_or_default()),
        }
    }

    /// The cost of an attempt, how many are taken at once, and how many where the address has used up its limit.
    fn limit(self) -> (Duration, i32, i32) {
        match self {
            Self::Password(_) | Self::Code(_) | Self::Release(_) => {
                (ACCOUNT_COST, ACCOUNT_TRIES, ACCOUNT_TRIES_FROM_BAD_ADDRESS)
            }
            Self::Client => (CLIENT_SECRET_COST, CLIENT_SECRET_TRIES, CLIENT_SECRET_TRIES),
            Self::Provider | Self::Link => (LINK_COST, LINK_TRIES, LINK_TRIES),
        }
    }
}

/// An attempt that was taken, and what it was charged.
#[derive(Debug)]
#[must_use = "what is right is given back, what is wrong is dropped by name"]
pub struct Try {
    subject: String,
    cost: Duration,
    /// The address that was charged; none where its limit is used up, so that it is charged no more.
    address: Option<String>,
}

/// Takes one attempt at a secret, or says after which time the next one is taken. Called before the secret is checked,
/// by everything that checks one.
pub async fn take_try(
    db: &Db,
    secret: Secret<'_>,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<std::result::Result<Try, std::time::Duration>> {
    let (cost, tries, tries_from_bad_address) = secret.limit();
    let (subject, from) = (secret.subject(address), address.map(address_subject));
    let limit = times(cost, tries);
    // The account's row is locked before the address's, here and where attempts are given back: no transaction waits
    // for an account while it holds the lock that a whole school waits for. A charge that is lost in a power failure
    // does no harm, so none waits for the disk while it holds the address's lock.
    let row = sqlx::query!(
        r#"WITH address AS (
               SELECT coalesce(max(resets_at), $3) AS resets_at FROM attempts WHERE subject = $2
           ), account AS (
               INSERT INTO attempts AS a (subject, resets_at) VALUES ($1, $3::timestamptz + $4::interval)
               ON CONFLICT (subject) DO UPDATE SET resets_at = greatest(a.resets_at, $3) + $4
                   WHERE greatest(a.resets_at, $3) + $4 <= $3 + CASE
                       WHEN (SELECT resets_at FROM address) > $3 + $7::interval THEN $6::interval ELSE $5::interval END
               RETURNING resets_at
           ), charged AS (
               INSERT INTO attempts AS a (subject, resets_at)
               SELECT $2, $3 + $8::interval FROM account WHERE $2::text IS NOT NULL
               ON CONFLICT (subject) DO UPDATE SET resets_at = greatest(a.resets_at, $3) + $8
                   WHERE greatest(a.resets_at, $3) + $8 <= $3 + $7 + $8
               RETURNING resets_at
           )
           SELECT EXISTS (SELECT FROM account) AS "is_taken!", EXISTS (SELECT FROM charged) AS "is_charged!",
               (SELECT resets_at FROM address) AS "address_until!",
               set_config('synchronous_commit', 'off', true) AS without_waiting"#,
        subject,
        from,
        now,
        cost as _,
        limit as _,
        times(cost, tries_from_bad_address) as _,
        times(ADDRESS_COST, ADDRESS_TRIES) as _,
        ADDRESS_COST as _,
    )
    .fetch_one(db.pool())
    .await?;
    let address_limit = times(ADDRESS_COST, ADDRESS_TRIES);
    if let Some(from) = from.as_deref().filter(|_| row.address_until > now + address_limit + ADDRESS_COST) {
        bound(db, from, now + address_limit + ADDRESS_COST).await?;
    }
    if row.is_taken {
        return Ok(Ok(Try { subject, cost, address: from.filter(|_| row.is_charged) }));
    }
    // Read again, since the statement saw what was owed before others were charged at the same moment.
    let owed_until = bound(db, &subject, now + limit).await?;
    let limit_here = if row.address_until > now + address_limit { times(cost, tries_from_bad_address) } else { limit };
    Ok(Err(as_wait(owed(owed_until, now, limit) + cost - limit_here)))
}

/// Whether one attempt at a secret would be taken now; else after which time. `resets_at` is what [`Secret::subject`] owes,
/// which the statement that finds the secret reads along. For secrets of so many random bits that nobody guesses one: those
/// that are right cost no write, and only wrong ones are charged, by [`take_try`] after they were checked. Once these have
/// used up the limit, a right one is refused as well.
pub fn may_try(
    secret: Secret<'_>,
    resets_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> std::result::Result<(), std::time::Duration> {
    let (cost, tries, _) = secret.limit();
    let limit = times(cost, tries);
    let wait = owed(resets_at, now, limit) + cost - limit;
    if wait > Duration::zero() { Err(as_wait(wait)) } else { Ok(()) }
}

impl Try {
    /// The secret was right: the account's attempts are forgiven, the address gets back what this one cost. Call it
    /// last in the transaction that acts on the secret, since a whole school shares the address.
    pub async fn reset(self, tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "WITH account AS (DELETE FROM attempts WHERE subject = $1 RETURNING subject)
             UPDATE attempts SET resets_at = resets_at - $3::interval
             WHERE subject = $2 AND (SELECT count(*) FROM account) >= 0",
            self.subject,
            self.address,
            ADDRESS_COST as _,
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    /// The secret was not checked after all: the attempt does not count.
    pub async fn give_back(self, tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "WITH account AS (
                 UPDATE attempts SET resets_at = resets_at - $4::interval WHERE subject = $1 RETURNING subject)
             UPDATE attempts SET resets_at = resets_at - $3::interval
             WHERE subject = $2 AND (SELECT count(*) FROM account) >= 0",
            self.subject,
            self.address,
            ADDRESS_COST as _,
            self.cost as _,
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// The attempts of these accounts are forgiven: a member of the school vouches for the person.
pub async fn reset(tx: &mut PgConnection, logins: &[String]) -> Result<()> {
    let subjects: Vec<String> = logins.iter().map(|login| account_subject(login)).collect();
    sqlx::query!("DELETE FROM attempts WHERE subject = ANY($1)", &subjects).execute(tx).await?;
    Ok(())
}

/// Those of these accounts for which no attempt is taken now, and until when.
pub async fn locked(
    tx: &mut PgConnection,
    logins: &[String],
    now: DateTime<Utc>,
) -> Result<HashMap<String, DateTime<Utc>>> {
    let mut login_of: HashMap<String, &String> = logins.iter().map(|login| (account_subject(login), login)).collect();
    let subjects: Vec<String> = login_of.keys().cloned().collect();
    let rows = sqlx::query!("SELECT subject, resets_at FROM attempts WHERE subject = ANY($1)", &subjects)
        .fetch_all(tx)
        .await?;
    let locked = rows.into_iter().filter_map(|row| {
        // The reverse of the check in `take_try`: from then on, one more attempt stays within the limit.
        let until = now + owed(Some(row.resets_at), now, times(ACCOUNT_COST, ACCOUNT_TRIES))
            - times(ACCOUNT_COST, ACCOUNT_TRIES - 1);
        (until > now).then_some((login_of.remove(&row.subject)?.clone(), until))
    });
    Ok(locked.collect())
}

/// Takes one mail that was requested for this login. False where that was requested too often.
pub async fn may_mail(tx: &mut PgConnection, login: &str, now: DateTime<Utc>) -> Result<bool> {
    Ok(take(tx, &hashed("mail", login), MAIL_COST, MAIL_TRIES, now).await?.is_ok())
}

/// Takes one mail that is requested from this network, for whatever login.
///
/// # Errors
/// The inner error: the time after which the next one is taken.
pub async fn may_ask_for_mail(
    tx: &mut PgConnection,
    network: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let Some(network) = network else { return Ok(Ok(())) };
    let subject = hashed("mail from", &crate::network::network_of(network));
    take(tx, &subject, MAIL_NETWORK_COST, MAIL_NETWORK_TRIES, now).await
}

/// Takes one registration of this e-mail address from this network, whether or not there is such an account.
///
/// # Errors
/// The inner error: the time after which the next one is taken.
pub async fn may_register(
    db: &Db,
    email: &str,
    network: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let tx = &mut *db.pool().acquire().await?;
    if let Some(network) = network {
        let subject = hashed("registration from", &address_subject(network));
        let taken = take(tx, &subject, REGISTRATION_NETWORK_COST, REGISTRATION_NETWORK_TRIES, now).await?;
        if taken.is_err() {
            return Ok(taken);
        }
    }
    take(tx, &hashed("registration", email), REGISTRATION_COST, REGISTRATION_TRIES, now).await
}

/// Takes one request by a token that uses this scope of it.
///
/// # Errors
/// The inner error: the time after which the next one is taken.
pub async fn may_use_token(
    db: &Db,
    token_id: TokenId,
    scope: TokenScope,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let (cost, tries) = match scope {
        TokenScope::Submit => (SUBMISSION_COST, SUBMISSION_TRIES),
        TokenScope::Read => (READ_COST, READ_TRIES),
        // As a client that reads the roster.
        TokenScope::Scim => (CLIENT_COST, CLIENT_TRIES),
    };
    let subject = hashed("token", &format!("{}:{token_id}", scope.key()));
    take(&mut *db.pool().acquire().await?, &subject, cost, tries, now).await
}

/// Takes one request by a client.
///
/// # Errors
/// The inner error: the time after which the next one is taken.
pub async fn may_use_client(
    db: &Db,
    client_id: ClientId,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let subject = hashed("client", &client_id.to_string());
    take(&mut *db.pool().acquire().await?, &subject, CLIENT_COST, CLIENT_TRIES, now).await
}

/// Charges `cost` unless that would owe more than `tries` of it. One statement: fifty at once count as fifty.
async fn take(
    tx: &mut PgConnection,
    subject: &str,
    cost: Duration,
    tries: i32,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let limit = times(cost, tries);
    let taken = sqlx::query!(
        "INSERT INTO attempts AS a (subject, resets_at) VALUES ($1, $2::timestamptz + $3::interval)
         ON CONFLICT (subject) DO UPDATE SET resets_at = greatest(a.resets_at, $2) + $3
             WHERE greatest(a.resets_at, $2) + $3 <= $2 + $4::interval
         RETURNING resets_at",
        subject,
        now,
        cost as _,
        limit as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if taken.is_some() {
        return Ok(Ok(()));
    }
    // Never further ahead than all attempts cost, whatever the clock said when it was written.
    let resets_at = sqlx::query_scalar!(
        "UPDATE attempts SET resets_at = least(resets_at, $2) WHERE subject = $1 RETURNING resets_at",
        subject,
        now + limit,
    )
    .fetch_optional(&mut *tx)
    .await?;
    Ok(Err(as_wait(owed(resets_at, now, limit) + cost - limit)))
}

/// Repairs what a wrong clock wrote: nobody waits longer than the whole limit costs. Gives what is owed then.
async fn bound(db: &Db, subject: &str, until: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let resets_at = sqlx::query_scalar!("SELECT resets_at FROM attempts WHERE subject = $1", subject);
    let resets_at = resets_at.fetch_optional(db.pool()).await?;
    if resets_at.is_some_and(|resets_at| resets_at > until) {
        sqlx::query!("UPDATE attempts SET resets_at = least(resets_at, $2) WHERE subject = $1", subject, until)
            .execute(db.pool())
            .await?;
    }
    Ok(resets_at)
}

/// What is owed at `now`, and never more than `limit`.
fn owed(resets_at: Option<DateTime<Utc>>, now: DateTime<Utc>, limit: Duration) -> Duration {
    resets_at.map_or(Duration::zero(), |resets_at| (resets_at - now).clamp(Duration::zero(), limit))
}

fn times(cost: Duration, tries: i32) -> Duration {
    cost.checked_mul(tries).unwrap_or(Duration::days(365))
}

/// At least a second, so that the wait is never zero.
fn as_wait(wait: Duration) -> std::time::Duration {
    wait.to_std().unwrap_or_default().max(std::time::Duration::from_secs(1))
}

fn account_subject(login: &str) -> String {
    hashed("account", &fold_login(login))
}

fn address_subject(address: IpAddr) -> String {
    hashed("address", &crate::network::network_of(address))
}

/// Whatever is typed as a login becomes a key of fixed length, and no table lists what was typed.
fn hashed(kind: &str, subject: &str) -> String {
    hex::encode(Sha256::digest(format!("{kind}:{subject}")))
}
