//! Sessions are rows, one per signed-in device. The browser holds a token, the row its hash; ending one deletes the
//! row, so that it takes effect with the next request.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::applications;
use crate::{
    access::{Elsewhere, Look, Membership, Operator, School, SchoolKind, SignedIn, Tone, is_address},
    crypto::token::Token,
    db::Db,
    error::{Result, stored},
    ids::{AccountId, MemberId, SchoolId},
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
    .execute(&mut *tx)
    .await?;
    match &device.session {
        Some(previous) => applications::move_to_session(tx, account_id, previous, &hash).await,
        None => Ok(()),
    }
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

/// A session that is open.
#[derive(Clone, Debug)]
pub struct OpenSession {
    pub signed_in: SignedIn,
    /// How the account comes into the school that was asked for. `None` both where there is no such school and where
    /// the account does not belong to it: outsiders cannot tell these apart.
    pub membership: Option<Membership>,
}

/// A session with its account; beside it what is known of the account's schools, and of the one that was asked for.
struct SessionRow {
    account_id: AccountId,
    must_choose_password: bool,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    password_checked_at: Option<DateTime<Utc>>,
    login: String,
    language: Option<String>,
    has_second_factor: bool,
    operator_name: Option<String>,
    is_national: Option<bool>,
    needs_second_factor: Option<bool>,
    provinces: Vec<String>,
    staff_idle_hours: Option<i32>,
    school_kind: Option<String>,
    codes: Vec<String>,
    names: Vec<String>,
    id: Option<SchoolId>,
    code: Option<String>,
    name: Option<String>,
    kind: Option<String>,
    year_starts_month: Option<i32>,
    tone: Option<String>,
    logo_version: Option<String>,
    member_id: Option<MemberId>,
    is_staff: Option<bool>,
    is_suspended: bool,
    is_last: bool,
    second_factor_for_managers: Option<bool>,
    second_factor_for_staff: Option<bool>,
}

impl SessionRow {
    /// How long the session may lie idle.
    fn idle_limit(&self) -> Option<Duration> {
        idle_limit(self.operator_name.is_some(), self.staff_idle_hours, !self.codes.is_empty(), &self.login)
    }

    /// How the account comes into the school that was asked for.
    fn take_membership(&mut self) -> Result<Option<Membership>> {
        let (Some(id), Some(code), Some(name)) = (self.id, self.code.take(), self.name.take()) else { return Ok(None) };
        let Some(member_id) = self.member_id else { return Ok(None) };
        let elsewhere = std::mem::take(&mut self.codes).into_iter().zip(std::mem::take(&mut self.names));
        let elsewhere = elsewhere.filter(|(other, _)| *other != code).map(|(code, name)| Elsewhere { code, name });
        Ok(Some(Membership {
            member_id,
            is_suspended: self.is_suspended,
            elsewhere: elsewhere.collect(),
            is_last: self.is_last,
            second_factor_for_managers: self.second_factor_for_managers.unwrap_or_default(),
            second_factor_for_staff: self.second_factor_for_staff.unwrap_or_default(),
            is_staff: self.is_staff,
            school: Arc::new(School {
                id,
                code,
                name,
                kind: stored("kind of school", self.kind.as_deref().and_then(SchoolKind::from_key))?,
                year_starts_month: self.year_starts_month.unwrap_or_default().unsigned_abs(),
                look: Look { tone: self.tone.as_deref().and_then(Tone::from_key), logo: self.logo_version.take() },
            }),
        }))
    }

    fn signed_in(self, session: [u8; 32], is_seen_anew: bool, idle_limit: Option<Duration>) -> SignedIn {
        let operator = self.operator_name.map(|name| Operator {
            name,
            is_national: self.is_national.unwrap_or_default(),
            provinces: self.provinces,
        });
        SignedIn {
            session,
            since: self.created_at,
            is_seen_anew,
            account_id: self.account_id,
            login: self.login,
            language: self.language,
            password_checked_at: self.password_checked_at,
            must_choose_password: self.must_choose_password,
            has_second_factor: self.has_second_factor,
            owes_second_factor: self.needs_second_factor.unwrap_or_default() && !self.has_second_factor,
            school_kind: self.school_kind.as_deref().and_then(SchoolKind::from_key),
            idle_limit,
            operator,
        }
    }
}

/// Who is signed in by this token, and how they come into the school of this code, today's or an old one. Notes that
/// the session was used, at most once a minute; one that lay idle for too long is ended instead.
///
/// One statement, since every page begins with it.
pub async fn find(db: &Db, token: &Token, code: Option<&str>, now: DateTime<Utc>) -> Result<Option<OpenSession>> {
    let hash = token.hash();
    let Some(mut row) = look_up(db, &hash, code, now).await? else { return Ok(None) };
    let idle_limit = row.idle_limit();
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
    let membership = row.take_membership()?;
    Ok(Some(OpenSession { membership, signed_in: row.signed_in(hash, is_seen_anew, idle_limit) }))
}

async fn look_up(db: &Db, hash: &[u8; 32], code: Option<&str>, now: DateTime<Utc>) -> Result<Option<SessionRow>> {
    Ok(sqlx::query_as!(
        SessionRow,
        r#"SELECT s.account_id, s.must_choose_password, s.created_at, s.last_seen_at, s.password_checked_at, a.login,
                  a.language, o.name AS "operator_name?", o.is_national AS "is_national?",
                  o.needs_second_factor AS "needs_second_factor?",
                  EXISTS (SELECT FROM second_factors f WHERE f.account_id = s.account_id AND f.confirmed_at IS NOT NULL)
                      AS "has_second_factor!",
                  ARRAY(SELECT p.province_code FROM operator_provinces p WHERE p.account_id = s.account_id)
                      AS "provinces!",
                  its.staff_idle_hours AS "staff_idle_hours?", its.kind AS "school_kind?", its.codes AS "codes!",
                  its.names AS "names!", h.id AS "id?", h.code AS "code?", h.name AS "name?", h.kind AS "kind?",
                  h.year_starts_month AS "year_starts_month?", h.tone AS "tone?", h.logo_version AS "logo_version?",
                  m.member_id AS "member_id?", m.is_staff AS "is_staff?", h.suspended_at IS NOT NULL AS "is_suspended!",
                  a.last_school_id IS NOT DISTINCT FROM h.id AS "is_last!",
                  h.second_factor_for_managers AS "second_factor_for_managers?",
                  h.second_factor_for_staff AS "second_factor_for_staff?"
           FROM sessions s
           JOIN accounts a ON a.id = s.account_id
           LEFT JOIN operators o ON o.account_id = s.account_id
           CROSS JOIN LATERAL (
               SELECT min(p.staff_idle_hours) FILTER (WHERE coalesce(n.is_staff, a.login LIKE '%@%.%'))
                          AS staff_idle_hours,
                      CASE WHEN min(p.kind) = max(p.kind) THEN min(p.kind) END AS kind,
                      coalesce(array_agg(p.code ORDER BY p.name, p.id), '{}') AS codes,
                      coalesce(array_agg(p.name ORDER BY p.name, p.id), '{}') AS names
               FROM memberships n JOIN schools p ON p.id = n.school_id WHERE n.account_id = s.account_id) its
           LEFT JOIN school_codes k ON k.folded = lower($3)
           LEFT JOIN memberships m ON m.account_id = s.account_id AND m.school_id = k.school_id
           LEFT JOIN schools h ON h.id = m.school_id
           WHERE s.token_hash = $1 AND s.expires_at > $2"#,
        hash.as_slice(),
        now,
        code,
    )
    .fetch_optional(db.pool())
    .await?)
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

/// What a list shows of an account.
#[derive(Clone, Debug)]
pub struct ListedAccount {
    pub login: String,
    /// On how many devices it was seen lately.
    pub devices: i64,
}

/// What lists show of these accounts; devices are those seen since then.
pub async fn listed(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    since: DateTime<Utc>,
) -> Result<HashMap<AccountId, ListedAccount>> {
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT a.id, a.login, coalesce(s.devices, 0) AS "devices!"
           FROM accounts a LEFT JOIN (
               SELECT account_id, count(*) AS devices FROM sessions
               WHERE account_id = ANY($1) AND last_seen_at >= $2 AND NOT must_choose_password GROUP BY account_id
           ) s ON s.account_id = a.id
           WHERE a.id = ANY($1)"#,
        accounts,
        since,
    )
    .fetch_all(tx)
    .await?;
    let listed = rows.into_iter().map(|row| (row.id, ListedAccount { login: row.login, devices: row.devices }));
    Ok(listed.collect())
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
