//! Which accounts wait for which school's answer. Like a membership it leads from an account to a member; unlike one it
//! grants no access.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    db::Db,
    error::Result,
    ids::{AccountId, MemberId, SchoolId},
};

/// A school that an account waits for.
#[derive(Clone, Debug)]
pub struct PendingRegistration {
    pub school_id: SchoolId,
    pub member_id: MemberId,
    pub school: String,
    pub registered_at: DateTime<Utc>,
}

/// Notes that an account waits as this member.
pub async fn add(
    tx: &mut PgConnection,
    account_id: AccountId,
    school_id: SchoolId,
    member_id: MemberId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO registrations (account_id, school_id, member_id, registered_at) VALUES ($1, $2, $3, $4)",
        account_id,
        school_id,
        member_id,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The school has answered, or the registration was withdrawn.
pub async fn remove(tx: &mut PgConnection, account_id: AccountId, school_id: SchoolId) -> Result<()> {
    sqlx::query!("DELETE FROM registrations WHERE account_id = $1 AND school_id = $2", account_id, school_id)
        .execute(tx)
        .await?;
    Ok(())
}

/// As which members of which schools an account waits.
pub async fn members_of(tx: &mut PgConnection, account_id: AccountId) -> Result<Vec<(SchoolId, MemberId)>> {
    let rows = sqlx::query!(
        "SELECT school_id, member_id FROM registrations WHERE account_id = $1 ORDER BY school_id",
        account_id,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.school_id, row.member_id)).collect())
}

/// What an account waits for.
pub async fn of_account(db: &Db, account_id: AccountId) -> Result<Vec<PendingRegistration>> {
    Ok(sqlx::query_as!(
        PendingRegistration,
        "SELECT r.school_id, r.member_id, s.name AS school, r.registered_at
         FROM registrations r JOIN schools s ON s.id = r.school_id
         WHERE r.account_id = $1 ORDER BY r.registered_at",
        account_id,
    )
    .fetch_all(db.pool())
    .await?)
}

/// How many verified registrations wait for a school about which it was not notified yet. They count as notified from
/// now on.
pub async fn tell(tx: &mut PgConnection, school_id: SchoolId, now: DateTime<Utc>) -> Result<i64> {
    let told = sqlx::query!(
        "UPDATE registrations r SET notified_at = $2
         WHERE r.school_id = $1 AND r.notified_at IS NULL
             AND NOT EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = r.account_id)",
        school_id,
        now,
    )
    .execute(tx)
    .await?;
    Ok(i64::try_from(told.rows_affected()).unwrap_or(i64::MAX))
}
