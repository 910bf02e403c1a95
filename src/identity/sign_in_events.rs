//! The record of signing in: successes, wrong attempts, locks, refusals. A person sees their own, a school those of its
//! members whose accounts are the school's alone. Wrong attempts are counted by the hour: however many are made, one
//! row an hour is written. Ids only; what was typed is stored nowhere.

use chrono::{DateTime, Duration, DurationRound as _, Utc};
use sqlx::PgConnection;

use super::{
    accounts::fold_login,
    sessions::{Device, Proof},
};
use crate::{db::Db, error::Result, ids::AccountId};

/// For how many days they are kept. A month is dropped when none of its events is that young; until then those that are
/// older are not shown.
pub const KEPT_DAYS: i64 = 90;

/// How many a page shows.
pub const SHOWN: i64 = 50;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SignInEventKind {
    SignedIn,
    /// By an account at another service.
    SignedInByProvider,
    WrongPassword,
    /// Too many wrong ones: no further one was checked.
    PasswordLocked,
    WrongCode,
    CodeLocked,
    /// A code by which a pupil would have been taken in.
    WrongRelease,
    ReleaseLocked,
    /// Something was asked for that is not this person's to do.
    Refused,
}

impl SignInEventKind {
    pub const ALL: [Self; 9] = [
        Self::SignedIn,
        Self::SignedInByProvider,
        Self::WrongPassword,
        Self::PasswordLocked,
        Self::WrongCode,
        Self::CodeLocked,
        Self::WrongRelease,
        Self::ReleaseLocked,
        Self::Refused,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

fn hour_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(Duration::hours(1)).unwrap_or(now)
}

/// Notes that an account has signed in, in the same transaction.
pub async fn note_entry(
    tx: &mut PgConnection,
    account_id: AccountId,
    device: &Device,
    proof: Proof,
    now: DateTime<Utc>,
) -> Result<()> {
    let kind = if proof == Proof::Provider { SignInEventKind::SignedInByProvider } else { SignInEventKind::SignedIn };
    sqlx::query!(
        "INSERT INTO sign_in_events AS e (account_id, kind, hour, place, last_at, address, user_agent)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (account_id, kind, hour, place) DO UPDATE SET times = e.times + 1, last_at = excluded.last_at,
             address = excluded.address, user_agent = excluded.user_agent",
        account_id,
        kind.key(),
        hour_of(now),
        device.address.map(crate::network::network_of).unwrap_or_default(),
        now,
        device.address.map(ipnet::IpNet::from) as _,
        device.user_agent,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes a failed attempt at this login. One statement of the same cost, whether or not there is such an account.
pub async fn note_failure(
    db: &Db,
    kind: SignInEventKind,
    login: &str,
    device: &Device,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO sign_in_events AS e (account_id, kind, hour, last_at, address, user_agent)
         SELECT coalesce(a.id, $2), $3, $4, $5, $6, $7 FROM (SELECT) AS one LEFT JOIN accounts a ON a.login = $1
         ON CONFLICT (account_id, kind, hour, place) DO UPDATE SET times = e.times + 1, last_at = excluded.last_at,
             address = excluded.address, user_agent = excluded.user_agent",
        fold_login(login),
        AccountId::nil(),
        kind.key(),
        hour_of(now),
        now,
        device.address.map(ipnet::IpNet::from) as _,
        device.user_agent,
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Notes what an account was refused or typed wrong; in a school, where it belongs to that one.
pub async fn note_in_school(
    db: &Db,
    kind: SignInEventKind,
    account_id: AccountId,
    school_code: Option<&str>,
    device: &Device,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO sign_in_events AS e (account_id, kind, hour, place, school_id, last_at, address, user_agent)
         SELECT $1, $2, $3, coalesce(s.id::text, ''), s.id, $4, $5, $6
         FROM (SELECT) AS one LEFT JOIN LATERAL (
             SELECT m.school_id AS id FROM school_codes c JOIN memberships m ON m.school_id = c.school_id
             WHERE c.folded = lower($7) AND m.account_id = $1
         ) AS s ON true
         ON CONFLICT (account_id, kind, hour, place) DO UPDATE SET times = e.times + 1, last_at = excluded.last_at,
             address = excluded.address, user_agent = excluded.user_agent",
        account_id,
        kind.key(),
        hour_of(now),
        now,
        device.address.map(ipnet::IpNet::from) as _,
        device.user_agent,
        school_code,
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// An event, as it is shown.
#[derive(Clone, Debug)]
pub struct ShownEvent {
    pub kind: String,
    pub times: i32,
    pub last_at: DateTime<Utc>,
    pub address: Option<String>,
    pub user_agent: String,
}

/// The latest events of an account, for its owner.
pub async fn of_account(db: &Db, account_id: AccountId, now: DateTime<Utc>) -> Result<Vec<ShownEvent>> {
    Ok(sqlx::query_as!(
        ShownEvent,
        "SELECT kind, times, last_at, host(address) AS address, user_agent FROM sign_in_events
         WHERE account_id = $1 AND hour >= $2 ORDER BY last_at DESC, kind LIMIT $3",
        account_id,
        now - Duration::days(KEPT_DAYS),
        SHOWN,
    )
    .fetch_all(db.pool())
    .await?)
}
