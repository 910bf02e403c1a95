//! Sessions are rows, one per signed-in device. The browser holds a token, the row its hash; ending one deletes the
//! row, so that it takes effect with the next request.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::{
    access::{Operator, SchoolKind, SignedIn, is_address},
    crypto::token::Token,
    db::Db,
    error::Result,
    ids::AccountId,
    web::RequestContext,
};

/// How long a session lasts, in days.
pub const DAYS: i64 = 14;
/// How long a session lasts that is only for choosing a password.
const MINUTES_TO_CHOOSE_A_PASSWORD: i64 = 60;
/// The last-seen time is updated at most this often.
const SECONDS_BETWEEN_NOTES: i64 = 60;
/// How many hours a session of staff may lie idle, unless their schools all allow more; one of an operator, always.
pub const STAFF_IDLE_HOURS: i32 = 12;

/// The device from which an account signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    pub address: Option<IpAddr>,
    pub user_agent: String,
    /// The session that is open on it already: the hash of its token.
    pub session: Option<[u8; 32]>,
}

impl Device {
    /// The visitor's.
    #[must_use]
    pub fn of(visitor: &RequestContext) -> Self {
        Self {
            address: visitor.address,
            user_agent: visitor.user_agent.clone(),
            session: visitor.signed_in.as_ref().map(|signed_in| signed_in.session),
        }
    }
}

/// By what an account was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Password,
    /// It is good for choosing an own one.
    TemporaryPassword,
    /// An account at another service, which is linked with this one.
    Provider,
}

/// Opens a session.
pub async fn open(
    tx: &mut PgConnection,
    token: &Token,
    account_id: AccountId,
    device: &Device,
    proof: Proof,
    now: DateTime<Utc>,
) -> Result<()> {
    let must_choose_password = proof == Proof::TemporaryPassword;
    let lasts =
        if must_choose_password { Duration::minutes(MINUTES_TO_CHOOSE_A_PASSWORD) } else { Duration::days(DAYS) };
    let hash = token.hash();
    sqlx::query!(
        "INSERT INTO sessions
             (token_hash, account_id, must_choose_password, created_at, last_seen_at, password_checked_at, expires_at,
              address, user_agent)
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)",
        hash.as_slice(),
        account_id,
        must_choose_password,
        now,
        (proof != Proof::Provider).then_some(now),
        now + lasts,
        device.address.map(ipnet::IpNet::from) as _,
        device.user_agent,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How long a session may lie idle. Who signs in with an address and is in no school counts as staff: nobody knows better.
fn idle_limit(is_operator: bool, of_schools: Option<i32>, has_school: bool, login: &str) -> Option<Duration> {
    let hours = match of_schools {
        _ if is_operator => STAFF_IDLE_HOURS,
        Some(hours) => hours,
        None if has_school || !is_address(login) => return None,
        None => STAFF_IDLE_HOURS,
    };
    Some(Duration::hours(i64::from(hours)))
}

/// Who is signed in by this token. Notes that the session was used, at most once a minute; one that lay idle for too long is
/// ended instead.
pub async fn find(db: &Db, token: &Token, now: DateTime<Utc>) -> Result<Option<SignedIn>> {
    let hash = token.hash();
    let row = sqlx::query!(
        r#"SELECT s.account_id, s.must_choose_password, s.created_at, s.last_seen_at, s.password_checked_at, a.login,
                  a.language, o.name AS "operator_name?", o.is_national AS "is_national?",
                  o.needs_second_factor AS "needs_second_factor?",
                  EXISTS (SELECT FROM second_factors f WHERE f.account_id = s.account_id AND f.confirmed_at IS NOT NULL)
                      AS "has_second_factor!",
                  ARRAY(SELECT p.province_code FROM operator_provinces p WHERE p.account_id = s.account_id)
                      AS "provinces!",
                  (SELECT min(h.staff_idle_hours) FROM memberships m JOIN schools h ON h.id = m.school_id
                   WHERE m.account_id = s.account_id AND coalesce(m.is_staff, a.login LIKE '%@%.%'))
                      AS staff_idle_hours,
                  (SELECT min(h.kind) FROM memberships m JOIN schools h ON h.id = m.school_id
                   WHERE m.account_id = s.account_id HAVING min(h.kind) = max(h.kind)) AS school_kind,
                  EXISTS (SELECT FROM memberships m WHERE m.account_id = s.account_id) AS "has_school!"
           FROM sessions s
           JOIN accounts a ON a.id = s.account_id
           LEFT JOIN operators o ON o.account_id = s.account_id
           WHERE s.token_hash = $1 AND s.expires_at > $2"#,
        hash.as_slice(),
        now,
    )
    .fetch_optional(db.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let idle_limit = idle_limit(row.operator_name.is_some(), row.staff_idle_hours, row.has_school, &row.login);
    if idle_limit.is_some_and(|limit| now - row.last_seen_at >= limit) {
        end(db, &hash).await?;
        return Ok(None);
    }
    let is_seen_anew = now - row.last_seen_at >= Duration::seconds(SECONDS_BETWEEN_NOTES);
    if is_seen_anew {
        sqlx::query!("UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1", hash.as_slice(), now)
            .execute(db.pool())
            .await?;
    }
    let operator = row.operator_name.map(|name| Operator {
        name,
        is_national: row.is_national.unwrap_or_default(),
        provinces: row.provinces,
    });
    Ok(Some(SignedIn {
        session: hash,
        since: row.created_at,
        is_seen_anew,
        account_id: row.account_id,
        login: row.login,
        language: row.language,
        password_checked_at: row.password_checked_at,
        must_choose_password: row.must_choose_password,
        has_second_factor: row.has_second_factor,
        owes_second_factor: row.needs_second_factor.unwrap_or_default() && !row.has_second_factor,
        school_kind: row.school_kind.as_deref().and_then(SchoolKind::from_key),
        idle_limit,
        operator,
    }))
}

/// A device on which an account is signed in.
#[derive(Clone, Debug)]
pub struct Open {
    pub user_agent: String,
    pub address: Option<String>,
    pub since: DateTime<Utc>,
    pub last_seen: DateTime<Utc>,
}

/// The devices on which an account is signed in.
pub async fn of_account(tx: &mut PgConnection, account_id: AccountId) -> Result<Vec<Open>> {
    Ok(sqlx::query_as!(
        Open,
        "SELECT user_agent, host(address) AS address, created_at AS since, last_seen_at AS last_seen FROM sessions
         WHERE account_id = $1 ORDER BY created_at",
        account_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Ends one session.
pub async fn end(db: &Db, session: &[u8; 32]) -> Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", session.as_slice()).execute(db.pool()).await?;
    Ok(())
}

/// Ends all sessions of an account but one.
pub async fn end_others(tx: &mut PgConnection, account_id: AccountId, session: &[u8; 32]) -> Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE account_id = $1 AND token_hash <> $2", account_id, session.as_slice(),)
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends all sessions of an account, and gives how many those were.
pub async fn end_all(tx: &mut PgConnection, account_id: AccountId) -> Result<u64> {
    end_all_of(tx, &[account_id]).await
}

/// How many sessions these accounts have.
pub async fn count_of(tx: &mut PgConnection, accounts: &[AccountId]) -> Result<i64> {
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM sessions WHERE account_id = ANY($1)"#, accounts);
    Ok(count.fetch_one(tx).await?)
}

/// Ends all sessions of these accounts, pending sign-ins, links with accounts at other services, and the addresses under which
/// calendars read them: another person who was signed in may have made one. Gives how many sessions those were.
pub async fn end_all_of(tx: &mut PgConnection, accounts: &[AccountId]) -> Result<u64> {
    let ended = sqlx::query!("DELETE FROM sessions WHERE account_id = ANY($1)", accounts).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM pending_sign_ins WHERE account_id = ANY($1)", accounts).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM linked_sign_ins WHERE account_id = ANY($1)", accounts).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM calendar_feeds WHERE account_id = ANY($1)", accounts).execute(tx).await?;
    Ok(ended.rows_affected())
}

/// On how many devices each of these accounts was seen since then.
pub async fn devices_in_use(db: &Db, accounts: &[AccountId], since: DateTime<Utc>) -> Result<Vec<(AccountId, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT account_id, count(*) AS "devices!" FROM sessions
           WHERE account_id = ANY($1) AND last_seen_at >= $2 AND NOT must_choose_password GROUP BY account_id"#,
        accounts,
        since,
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.devices)).collect())
}
