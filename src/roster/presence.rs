//! Who is online in a school: who was seen there within the last minutes.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    error::Result,
    ids::MemberId,
};

/// For how many minutes a member who was seen counts as online.
const MINUTES: i64 = 10;
/// Up to how many are counted; beyond, the exact number does not matter.
pub const MOST: i64 = 1_000;

/// Records that a member is here. Called at most once a minute.
pub async fn note(scope: &Scope, tx: &mut PgConnection, member_id: MemberId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO presence (school_id, member_id, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (school_id, member_id) DO UPDATE SET seen_at = excluded.seen_at",
        scope.school_id(),
        member_id,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A member who is online.
#[derive(Clone, Debug)]
pub struct Online {
    pub id: MemberId,
    pub full_name: String,
    pub role: String,
    pub seen_at: DateTime<Utc>,
}

/// How many are online, up to [`MOST`], and those seen last.
pub async fn online(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    most: i64,
) -> Result<(i64, Vec<Online>)> {
    let since = now - Duration::minutes(MINUTES);
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT FROM presence WHERE school_id = $1 AND seen_at > $2 LIMIT $3) seen"#,
        granted.school_id(),
        since,
        MOST,
    )
    .fetch_one(&mut *tx)
    .await?;
    let people = sqlx::query_as!(
        Online,
        "SELECT m.id, m.full_name, m.role, p.seen_at
         FROM (SELECT member_id, seen_at FROM presence WHERE school_id = $1 AND seen_at > $2
               ORDER BY seen_at DESC LIMIT $3) p
         JOIN members m ON m.school_id = $1 AND m.id = p.member_id ORDER BY p.seen_at DESC, m.id",
        granted.school_id(),
        since,
        most,
    )
    .fetch_all(tx)
    .await?;
    Ok((count, people))
}
