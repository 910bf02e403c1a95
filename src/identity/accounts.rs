//! What is stored of accounts.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    access::SchoolKind,
    crypto::seal::Sealed,
    error::Result,
    ids::{AccountId, EventId, MemberId, SchoolId},
};

/// What an account can sign in with.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub account_id: AccountId,
    pub login: String,
    /// The own password's hash; with one, there is no temporary password.
    pub own: Option<String>,
    pub temporary: Option<Temporary>,
}

#[derive(Clone, Debug)]
pub struct Temporary {
    pub sealed: Sealed,
    pub expires_at: DateTime<Utc>,
}

/// Logins are compared regardless of case, and kept in lower case. A zero byte, which the database accepts in no text,
/// is removed.
#[must_use]
pub fn fold_login(login: &str) -> String {
    login.trim().replace('\0', "").to_lowercase()
}

/// What the account of this login signs in with.
pub async fn credentials(tx: &mut PgConnection, login: &str) -> Result<Option<Credentials>> {
    let row = sqlx::query!(
        "SELECT id, login, password_hash, temporary_password, temporary_key_id, temporary_expires_at
         FROM accounts WHERE login = $1",
        fold_login(login),
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Credentials {
        account_id: row.id,
        login: row.login,
        own: row.password_hash,
        temporary: temporary(row.temporary_password, row.temporary_key_id, row.temporary_expires_at),
    }))
}

fn temporary(bytes: Option<Vec<u8>>, key_id: Option<String>, expires_at: Option<DateTime<Utc>>) -> Option<Temporary> {
    Some(Temporary { sealed: Sealed { key_id: key_id?, bytes: bytes? }, expires_at: expires_at? })
}

/// The account of this e-mail address: the existing one, or a new one that nobody can sign in to yet. The caller does
/// not learn which.
pub async fn find_or_create(
    tx: &mut PgConnection,
    id: AccountId,
    email: &str,
    now: DateTime<Utc>,
) -> Result<AccountId> {
    let login = fold_login(email);
    sqlx::query!(
        "INSERT INTO accounts (id, login, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        id,
        login,
        now
    )
    .execute(&mut *tx)
    .await?;
    Ok(sqlx::query_scalar!("SELECT id FROM accounts WHERE login = $1", login).fetch_one(tx).await?)
}

/// New accounts with temporary passwords, many at once.
pub struct NewAccounts {
    /// The school that hands the passwords out.
    pub school_id: SchoolId,
    pub ids: Vec<AccountId>,
    pub logins: Vec<String>,
    pub sealed: Vec<Vec<u8>>,
    pub key_id: String,
    pub expires_at: DateTime<Utc>,
}

/// Makes the accounts.
///
/// # Errors
/// `login_taken` where a login is taken.
pub async fn insert(tx: &mut PgConnection, new: &NewAccounts, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO accounts (id, login, temporary_password, temporary_key_id, temporary_expires_at, temporary_school_id,
             created_at)
         SELECT id, login, sealed, $4, $5, $7, $6
         FROM unnest($1::uuid[], $2::text[], $3::bytea[]) AS new (id, login, sealed)",
        &new.ids,
        &new.logins,
        &new.sealed,
        new.key_id,
        new.expires_at,
        now,
        new.school_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Which of these logins are taken.
pub async fn taken_logins(tx: &mut PgConnection, logins: &[String]) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("SELECT login FROM accounts WHERE login = ANY($1)", logins).fetch_all(tx).await?)
}

/// The temporary passwords that this school gave to these accounts and that are still good, sealed, with the accounts'
/// logins. A school sees neither another school's, nor that of an account that is in use elsewhere too.
pub async fn temporary_passwords(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    school_id: SchoolId,
    now: DateTime<Utc>,
) -> Result<Vec<(AccountId, String, Temporary)>> {
    let rows = sqlx::query!(
        "SELECT id, login, temporary_password, temporary_key_id, temporary_expires_at
         FROM accounts a WHERE a.id = ANY($1) AND a.temporary_expires_at > $2 AND a.temporary_school_id = $3
             AND EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id AND m.school_id = $3)
             AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id AND m.school_id <> $3)
             AND NOT EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id AND r.school_id <> $3)
             AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id)
             AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = a.id)",
        accounts,
        now,
        school_id,
    )
    .fetch_all(tx)
    .await?;
    let usable = rows.into_iter().filter_map(|row| {
        let temporary = temporary(row.temporary_password, row.temporary_key_id, row.temporary_expires_at)?;
        Some((row.id, row.login, temporary))
    });
    Ok(usable.collect())
}

/// Until when the temporary passwords that this school gave to these accounts are good; of those that have one.
pub async fn temporary_until(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    school_id: SchoolId,
) -> Result<HashMap<AccountId, DateTime<Utc>>> {
    let rows = sqlx::query!(
        r#"SELECT id, temporary_expires_at AS "until!" FROM accounts
           WHERE id = ANY($1) AND temporary_school_id = $2"#,
        accounts,
        school_id,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.until)).collect())
}

/// Gives accounts temporary passwords of this school in place of whatever they had. The database refuses it for an
/// account that is not [the school's alone](of_school_alone).
pub async fn set_temporary(
    tx: &mut PgConnection,
    school_id: SchoolId,
    temporary: &[(AccountId, Temporary)],
) -> Result<()> {
    let ids: Vec<AccountId> = temporary.iter().map(|(id, _)| *id).collect();
    let sealed: Vec<Vec<u8>> = temporary.iter().map(|(_, given)| given.sealed.bytes.clone()).collect();
    let keys: Vec<String> = temporary.iter().map(|(_, given)| given.sealed.key_id.clone()).collect();
    let expires: Vec<DateTime<Utc>> = temporary.iter().map(|(_, given)| given.expires_at).collect();
    sqlx::query!(
        "UPDATE accounts a SET password_hash = NULL, password_set_at = NULL, temporary_password = new.sealed,
             temporary_key_id = new.key_id, temporary_expires_at = new.expires_at, temporary_school_id = $5
         FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::timestamptz[]) AS new (id, sealed, key_id, expires_at)
         WHERE a.id = new.id",
        &ids,
        &sealed,
        &keys,
        &expires,
        school_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps others from joining these accounts to something, and from giving them passwords, until the transaction ends. A
/// transaction that also locks members locks the accounts first, as the triggers of a join do.
///
/// Not FOR UPDATE: a mail or an invitation refers to an account, and need not wait.
pub async fn lock(tx: &mut PgConnection, accounts: &[AccountId]) -> Result<()> {
    sqlx::query!("SELECT id FROM accounts WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", accounts)
        .fetch_all(tx)
        .await?;
    Ok(())
}

/// Those of these accounts that are used in this school and nowhere else, and stay so until the transaction ends. A
/// school may neither hand out the password of any other account nor end its sessions.
pub async fn of_school_alone(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    school_id: SchoolId,
) -> Result<HashSet<AccountId>> {
    lock(tx, accounts).await?;
    let used_here: Vec<AccountId> = sqlx::query_scalar!(
        "SELECT account_id FROM memberships WHERE account_id = ANY($1) AND school_id = $2",
        accounts,
        school_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    not_elsewhere(tx, &used_here, school_id).await
}

/// Those of these accounts that nothing but this school uses, if even the school does: also of people who have left it.
/// They stay so until the transaction ends.
pub async fn lock_not_elsewhere(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    school_id: SchoolId,
) -> Result<HashSet<AccountId>> {
    lock(tx, accounts).await?;
    not_elsewhere(tx, accounts, school_id).await
}

/// [`lock_not_elsewhere`] without a lock, for display: it may be different a moment later.
pub async fn not_elsewhere(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    school_id: SchoolId,
) -> Result<HashSet<AccountId>> {
    let alone = sqlx::query_scalar!(
        "SELECT a.id FROM accounts a WHERE a.id = ANY($1)
             AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id AND m.school_id <> $2)
             AND NOT EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id AND r.school_id <> $2)
             AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id)
             AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = a.id)",
        accounts,
        school_id,
    )
    .fetch_all(tx)
    .await?;
    Ok(alone.into_iter().collect())
}

/// Whether an account is used in this school and nowhere else: [`of_school_alone`] of one.
pub async fn is_of_school_alone(tx: &mut PgConnection, account_id: AccountId, school_id: SchoolId) -> Result<bool> {
    Ok(of_school_alone(tx, &[account_id], school_id).await?.contains(&account_id))
}

/// The kind of the schools that an account is in, is invited to or has registered with, where they are all of one.
pub async fn school_kind(tx: &mut PgConnection, account_id: AccountId) -> Result<Option<SchoolKind>> {
    let kind = sqlx::query_scalar!(
        "SELECT min(s.kind) FROM (
             SELECT school_id FROM memberships WHERE account_id = $1
             UNION SELECT school_id FROM registrations WHERE account_id = $1
             UNION SELECT school_id FROM links WHERE account_id = $1 AND used_at IS NULL AND school_id IS NOT NULL
         ) AS of JOIN schools s ON s.id = of.school_id HAVING min(s.kind) = max(s.kind)",
        account_id,
    )
    .fetch_optional(tx)
    .await?;
    Ok(kind.flatten().as_deref().and_then(SchoolKind::from_key))
}

/// The kind of the school of this code.
pub async fn kind_of_school(db: &crate::db::Db, code: &str) -> Result<Option<SchoolKind>> {
    let kind = sqlx::query_scalar!(
        "SELECT s.kind FROM school_codes c JOIN schools s ON s.id = c.school_id WHERE c.folded = lower($1)",
        code,
    )
    .fetch_optional(db.pool())
    .await?;
    Ok(kind.as_deref().and_then(SchoolKind::from_key))
}

/// The logins of these accounts.
pub async fn logins(tx: &mut PgConnection, accounts: &[AccountId]) -> Result<Vec<(AccountId, String)>> {
    let rows = sqlx::query!("SELECT id, login FROM accounts WHERE id = ANY($1)", accounts).fetch_all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.login)).collect())
}

/// The login of this username in a school: behind the @ stands the code that the school had when the account was made.
/// Where nobody of the school has it, the one with today's code.
pub async fn login_at(db: &crate::db::Db, code: &str, username: &str) -> Result<String> {
    let fallback = fold_login(&format!("{username}@{code}"));
    let found = sqlx::query_scalar!(
        "SELECT a.login FROM school_codes today
         JOIN school_codes c ON c.school_id = today.school_id
         JOIN accounts a ON a.login = lower($2) || '@' || c.folded
         JOIN memberships m ON m.account_id = a.id AND m.school_id = c.school_id
         WHERE today.folded = lower($1)
         ORDER BY c.folded = today.folded DESC, c.folded LIMIT 1",
        code,
        fold_login(username),
    )
    .fetch_optional(db.pool())
    .await?;
    Ok(found.unwrap_or(fallback))
}

/// Makes an account a member of a school: from now on its sessions lead there. The database then removes a temporary
/// password that another school gave it.
pub async fn add_memberships(
    tx: &mut PgConnection,
    accounts: &[AccountId],
    school_id: SchoolId,
    members: &[MemberId],
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO memberships (account_id, school_id, member_id)
         SELECT account_id, $2, member_id FROM unnest($1::uuid[], $3::uuid[]) AS new (account_id, member_id)
         ON CONFLICT (account_id, school_id) DO NOTHING",
        accounts,
        school_id,
        members,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes an account that of one member of a school, whichever it was before. Its sessions go on.
pub async fn set_membership(
    tx: &mut PgConnection,
    account: AccountId,
    school_id: SchoolId,
    member: MemberId,
) -> Result<()> {
    let former = sqlx::query_scalar!(
        "DELETE FROM memberships WHERE account_id = $1 AND school_id = $2 AND member_id <> $3 RETURNING is_staff",
        account,
        school_id,
        member,
    )
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO memberships (account_id, school_id, member_id, is_staff) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, school_id) DO NOTHING",
        account,
        school_id,
        member,
        former.flatten(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// These accounts belong to the school no longer. Those without another school are signed out at once.
pub async fn remove_memberships(tx: &mut PgConnection, accounts: &[AccountId], school_id: SchoolId) -> Result<()> {
    sqlx::query!("DELETE FROM memberships WHERE account_id = ANY($1) AND school_id = $2", accounts, school_id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM registrations WHERE account_id = ANY($1) AND school_id = $2", accounts, school_id)
        .execute(&mut *tx)
        .await?;
    // There is nothing left to be known of; a school that they join later asks anew.
    sqlx::query!(
        "DELETE FROM busy_time_consents c WHERE c.account_id = ANY($1)
             AND (SELECT count(*) FROM memberships m WHERE m.account_id = c.account_id) < 2",
        accounts,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM sessions s WHERE s.account_id = ANY($1)
             AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = s.account_id)
             AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = s.account_id)
             AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = s.account_id)",
        accounts,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of these accounts that were used: an own password was chosen, or there is a session. Sign-ins to them wait
/// until the transaction ends.
pub async fn used(tx: &mut PgConnection, accounts: &[AccountId]) -> Result<HashSet<AccountId>> {
    let rows = sqlx::query!(
        r#"SELECT a.id, a.password_hash IS NOT NULL
               OR EXISTS (SELECT FROM sessions s WHERE s.account_id = a.id) AS "used!"
           FROM accounts a WHERE a.id = ANY($1) ORDER BY a.id FOR UPDATE OF a"#,
        accounts,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter(|row| row.used).map(|row| row.id).collect())
}

/// Deletes those of these accounts that nobody has ever chosen a password for and that belong to no school any more.
pub async fn delete_unused(tx: &mut PgConnection, accounts: &[AccountId]) -> Result<()> {
    sqlx::query!(
        "DELETE FROM accounts a WHERE a.id = ANY($1) AND a.password_hash IS NULL
             AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id)
             AND NOT EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id)
             AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id)
             AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = a.id)",
        accounts,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes an account, used or not: with its sessions, links and mails.
pub async fn delete(tx: &mut PgConnection, account_id: AccountId) -> Result<()> {
    sqlx::query!("DELETE FROM accounts WHERE id = $1", account_id).execute(tx).await?;
    Ok(())
}

/// Adds a line to the account's own history.
pub async fn record(tx: &mut PgConnection, event: &AccountEvent<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO account_events (id, at, actor_account_id, account_id, action, address)
         VALUES ($1, $2, $3, $4, $5, $6)",
        event.id,
        event.at,
        event.actor,
        event.account_id,
        event.action,
        event.address.map(ipnet::IpNet::from) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What happened to an account.
pub struct AccountEvent<'a> {
    pub id: EventId,
    pub at: DateTime<Utc>,
    pub actor: Option<AccountId>,
    pub account_id: AccountId,
    pub action: &'a str,
    pub address: Option<std::net::IpAddr>,
}

/// Of one account, what pages about its links show.
#[derive(Clone, Debug)]
pub struct AccountSummary {
    pub login: String,
    pub has_password: bool,
}

/// # Errors
/// [`crate::error::Error::NotFound`] where there is no such account.
pub async fn summary(tx: &mut PgConnection, id: AccountId) -> Result<AccountSummary> {
    let row =
        sqlx::query!(r#"SELECT login, password_hash IS NOT NULL AS "has_password!" FROM accounts WHERE id = $1"#, id,)
            .fetch_one(tx)
            .await?;
    Ok(AccountSummary { login: row.login, has_password: row.has_password })
}

/// Whether an account signs in with an e-mail address, as staff do; a pupil's login ends with a school's code, which
/// has no dot.
#[must_use]
pub fn is_email(login: &str) -> bool {
    crate::access::is_address(login)
}

/// Gives these accounts a password without asking anybody: for demo data, whose sign-ins are printed.
pub async fn give_demo_password(
    tx: &mut PgConnection,
    logins: &[String],
    hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let logins: Vec<String> = logins.iter().map(|login| fold_login(login)).collect();
    sqlx::query!(
        "UPDATE accounts SET password_hash = $2, password_set_at = $3, temporary_password = NULL,
             temporary_key_id = NULL, temporary_expires_at = NULL, temporary_school_id = NULL
         WHERE login = ANY($1)",
        &logins,
        hash,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}
