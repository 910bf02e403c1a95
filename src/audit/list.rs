//! Reading the record of a school, the newest first.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    access::{Granted, may},
    error::Result,
};

/// How many events a page shows.
pub const PAGE: usize = 50;

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// `member`, `operator` or `system`.
    pub actor_kind: String,
    pub actor_name: Option<String>,
    pub action: String,
    pub subject_id: Option<Uuid>,
    /// Of a member: the name.
    pub subject_name: Option<String>,
    pub address: Option<String>,
}

/// Which events are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of one kind, by its key.
    pub action: Option<String>,
    /// By or about this member.
    pub person: Option<Uuid>,
    /// Those before this one.
    pub before: Option<Uuid>,
}

/// A page of events, and whether there are older ones.
///
/// # Errors
/// When the database cannot be reached.
pub async fn page(
    granted: &Granted<may::SeeAudit>,
    tx: &mut PgConnection,
    wanted: &Wanted,
) -> Result<(Vec<Recorded>, bool)> {
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut events = sqlx::query_as!(
        Recorded,
        r#"SELECT e.id, e.at, e.actor_kind, a.full_name AS "actor_name?", e.action, e.subject_id,
               s.full_name AS "subject_name?", host(e.address) AS address
           FROM audit_events e
           LEFT JOIN members a ON a.school_id = e.school_id AND a.id = e.actor_id AND e.actor_kind = 'member'
           LEFT JOIN members s ON s.school_id = e.school_id AND s.id = e.subject_id
           WHERE e.school_id = $1 AND ($2::text IS NULL OR e.action = $2)
               AND ($3::uuid IS NULL OR e.actor_id = $3 OR e.subject_id = $3)
               AND ($4::uuid IS NULL OR (e.at, e.id) < (SELECT b.at, b.id FROM audit_events b
                   WHERE b.school_id = $1 AND b.id = $4))
           ORDER BY e.at DESC, e.id DESC LIMIT $5"#,
        granted.school_id(),
        wanted.action,
        wanted.person,
        wanted.before,
        most,
    )
    .fetch_all(tx)
    .await?;
    let has_more = events.len() > PAGE;
    events.truncate(PAGE);
    Ok((events, has_more))
}
