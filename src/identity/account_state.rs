//! What keeps a person from signing in: for the school that is asked for help.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{accounts, one_device, throttle};
use crate::{
    error::Result,
    ids::{AccountId, SchoolId},
};

/// What an account can be opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    Own,
    /// A temporary password, good until then.
    Temporary(DateTime<Utc>),
    Nothing,
}

/// The state of signing in to an account.
#[derive(Clone, Copy, Debug)]
pub struct AccountState {
    pub opens: Opens,
    /// The address is not verified yet; since when that is waited for.
    pub unverified_since: Option<DateTime<Utc>>,
    /// Too many wrong attempts: until when no further one is taken.
    pub locked_until: Option<DateTime<Utc>>,
    /// Where one device is the rule: since when it is in use.
    pub held_since: Option<DateTime<Utc>>,
    /// The account is this school's alone, so the school may release it and sign it out.
    pub is_of_school_alone: bool,
}

/// Looks at one account of a school.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where there is no such account.
pub async fn of(
    tx: &mut PgConnection,
    account_id: AccountId,
    school_id: SchoolId,
    now: DateTime<Utc>,
) -> Result<AccountState> {
    let row = sqlx::query!(
        r#"SELECT a.login, a.password_hash IS NOT NULL AS "has_own!", a.temporary_expires_at, u.since AS "since?"
           FROM accounts a LEFT JOIN unverified_addresses u ON u.account_id = a.id WHERE a.id = $1"#,
        account_id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let held = one_device::held(tx, account_id, &row.login, None, now).await?;
    let mut locked = throttle::locked(tx, std::slice::from_ref(&row.login), now).await?;
    Ok(AccountState {
        opens: match row.temporary_expires_at {
            _ if row.has_own => Opens::Own,
            Some(until) => Opens::Temporary(until),
            None => Opens::Nothing,
        },
        unverified_since: row.since,
        locked_until: locked.remove(&row.login),
        held_since: held.map(|held| held.since),
        is_of_school_alone: accounts::not_elsewhere(tx, &[account_id], school_id).await?.contains(&account_id),
    })
}

/// Those of these accounts that are throttled because of too many wrong attempts, and until when.
pub async fn locked(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    now: DateTime<Utc>,
) -> Result<HashMap<AccountId, DateTime<Utc>>> {
    let logins = accounts::logins(tx, accounts).await?;
    let typed: Vec<String> = logins.iter().map(|(_, login)| login.clone()).collect();
    let locked = throttle::locked(tx, &typed, now).await?;
    Ok(logins.into_iter().filter_map(|(account, login)| Some((account, *locked.get(&login)?))).collect())
}
