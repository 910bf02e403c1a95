//! Throttling of wrong tries, in the database, so that it holds for all processes.
//!
//! For each account and each address one row says when all its wrong tries are forgiven; a wrong try moves that
//! moment on by what it costs, and while it lies too far ahead, no further try is taken (the generic cell rate
//! algorithm). So nobody is locked out for long, and nothing has to be cleaned up in time.
//!
//! A whole school signs in from one address at seven in the morning. The address's limit is therefore generous, and
//! once it is used up it does not stop anybody: it only leaves each account fewer wrong tries. Whoever guesses
//! around, gets two guesses an account; whoever knows the own password still gets in.

use std::{collections::HashMap, net::IpAddr};

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{db::Db, error::Result};

/// What a wrong try costs an account.
const ACCOUNT_COST: Duration = Duration::seconds(30);
/// Wrong tries of an account at once.
const ACCOUNT_TRIES: i32 = 10;
/// The same, where the address has had its share.
const ACCOUNT_TRIES_FROM_BAD_ADDRESS: i32 = 2;
/// What a wrong try costs an address.
const ADDRESS_COST: Duration = Duration::milliseconds(500);
/// Wrong tries from an address at once.
const ADDRESS_TRIES: i32 = 600;
/// What asking for a mail costs an account: one in ten minutes, three at once.
const MAIL_COST: Duration = Duration::minutes(10);
const MAIL_TRIES: i32 = 3;
/// What registering costs an address to which mails go, and how often it may at once.
const REGISTRATION_COST: Duration = Duration::minutes(10);
const REGISTRATION_TRIES: i32 = 6;
/// The same of the network that it comes from: a whole staff registers from one room.
const REGISTRATION_NETWORK_COST: Duration = Duration::seconds(30);
const REGISTRATION_NETWORK_TRIES: i32 = 120;

/// Whether a try of signing in as `login` is taken. Asked before the password is looked at, and once more before it
/// opens anything: of a thousand guesses at once, those that come after the tenth wrong one open nothing.
///
/// # Errors
/// When the database cannot be reached. The inner error is the time after which the next try is taken.
pub async fn may_try(
    db: &Db,
    login: &str,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let tx = &mut *db.pool().acquire().await?;
    let is_bad_address = match address {
        Some(address) => debt(tx, &address_subject(address), now).await? > ADDRESS_COST * ADDRESS_TRIES,
        None => false,
    };
    let tries = if is_bad_address { ACCOUNT_TRIES_FROM_BAD_ADDRESS } else { ACCOUNT_TRIES };
    let over = debt(tx, &account_subject(login), now).await? + ACCOUNT_COST - ACCOUNT_COST * tries;
    Ok(if over > Duration::zero() { Err(as_wait(over)) } else { Ok(()) })
}

/// The password was wrong: account and address are charged.
///
/// # Errors
/// When the database cannot be reached.
pub async fn charge(db: &Db, login: &str, address: Option<IpAddr>, now: DateTime<Utc>) -> Result<()> {
    let tx = &mut *db.pool().acquire().await?;
    // Beyond their limits they owe no more: nobody waits longer than for all tries to be forgiven.
    take(tx, &account_subject(login), ACCOUNT_COST, ACCOUNT_TRIES, now).await?.ok();
    if let Some(address) = address {
        take(tx, &address_subject(address), ADDRESS_COST, ADDRESS_TRIES + 1, now).await?.ok();
    }
    Ok(())
}

/// The wrong tries of these accounts are forgotten: the password was right, or somebody vouches for the person.
///
/// # Errors
/// When the database cannot be reached.
pub async fn forgive(tx: &mut PgConnection, logins: &[String]) -> Result<()> {
    let subjects: Vec<String> = logins.iter().map(|login| account_subject(login)).collect();
    sqlx::query!("DELETE FROM attempts WHERE subject = ANY($1)", &subjects).execute(tx).await?;
    Ok(())
}

/// Those of these accounts of which no try is taken now, and until when.
///
/// # Errors
/// When the database cannot be reached.
pub async fn locked(
    tx: &mut PgConnection,
    logins: &[String],
    now: DateTime<Utc>,
) -> Result<HashMap<String, DateTime<Utc>>> {
    let mut login_of: HashMap<String, &String> = logins.iter().map(|login| (account_subject(login), login)).collect();
    let subjects: Vec<String> = login_of.keys().cloned().collect();
    let rows =
        sqlx::query!("SELECT subject, free_at FROM attempts WHERE subject = ANY($1)", &subjects).fetch_all(tx).await?;
    let locked = rows.into_iter().filter_map(|row| {
        // The reverse of what `may_try` asks: from then on, one more try stays within the limit.
        let until = row.free_at - ACCOUNT_COST * (ACCOUNT_TRIES - 1);
        (until > now).then_some((login_of.remove(&row.subject)?.clone(), until))
    });
    Ok(locked.collect())
}

/// Takes one try of a second factor's code, whether it will be right or wrong.
///
/// # Errors
/// When the database cannot be reached. The inner error is the time after which the next one is taken.
pub async fn take_code(
    db: &Db,
    login: &str,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let tx = &mut *db.pool().acquire().await?;
    take(tx, &code_subject(login), ACCOUNT_COST, ACCOUNT_TRIES, now).await
}

/// The code was right: the wrong ones are forgotten. A right password alone does not do that, or else whoever knows it
/// would guess for ever.
///
/// # Errors
/// When the database cannot be reached.
pub async fn forgive_codes(db: &Db, login: &str) -> Result<()> {
    sqlx::query!("DELETE FROM attempts WHERE subject = $1", code_subject(login)).execute(db.pool()).await?;
    Ok(())
}

/// Takes one mail that somebody asked to be sent to this login. False where he has had enough.
///
/// # Errors
/// When the database cannot be reached.
pub async fn may_mail(tx: &mut PgConnection, login: &str, now: DateTime<Utc>) -> Result<bool> {
    Ok(take(tx, &hashed("mail", login), MAIL_COST, MAIL_TRIES, now).await?.is_ok())
}

/// Takes one registration of this e-mail address from this network, whether or not there is such an account.
///
/// # Errors
/// When the database cannot be reached. The inner error is the time after which the next one is taken.
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

/// Charges `cost` unless that would owe more than `tries` of it. One statement: fifty at once count as fifty.
async fn take(
    tx: &mut PgConnection,
    subject: &str,
    cost: Duration,
    tries: i32,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), std::time::Duration>> {
    let limit = cost.checked_mul(tries).unwrap_or(Duration::days(365));
    let taken = sqlx::query!(
        "INSERT INTO attempts AS a (subject, free_at) VALUES ($1, $2::timestamptz + $3::interval)
         ON CONFLICT (subject) DO UPDATE SET free_at = greatest(a.free_at, $2) + $3
             WHERE greatest(a.free_at, $2) + $3 <= $2 + $4::interval
         RETURNING free_at",
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
    Ok(Err(as_wait(debt(tx, subject, now).await? + cost - limit)))
}

/// At least a second: whoever is told to wait is not told to wait for nothing.
fn as_wait(wait: Duration) -> std::time::Duration {
    wait.to_std().unwrap_or_default().max(std::time::Duration::from_secs(1))
}

async fn debt(tx: &mut PgConnection, subject: &str, now: DateTime<Utc>) -> Result<Duration> {
    let free_at =
        sqlx::query_scalar!("SELECT free_at FROM attempts WHERE subject = $1", subject).fetch_optional(tx).await?;
    Ok(free_at.map_or(Duration::zero(), |free_at| (free_at - now).max(Duration::zero())))
}

fn account_subject(login: &str) -> String {
    hashed("account", &super::accounts::fold_login(login))
}

fn code_subject(login: &str) -> String {
    hashed("code", &super::accounts::fold_login(login))
}

/// An IPv6 customer has a whole /64.
fn address_subject(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => hashed("address", &address.to_string()),
        IpAddr::V6(address) => hashed("address", &format!("{:?}", &address.segments()[..4])),
    }
}

/// Whatever is typed as a login becomes a key of one length, and no table lists what was typed.
fn hashed(kind: &str, subject: &str) -> String {
    hex::encode(Sha256::digest(format!("{kind}:{subject}")))
}
