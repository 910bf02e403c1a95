//! What an account has let other applications do, as far as it concerns accounts and not the applications.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    app::App,
    error::Result,
    ids::{AccountId, SchoolId},
    jobs,
};

/// How many sign-ins are ended at a time: each may have an application told.
const BATCH: i64 = 500;

/// End the sign-ins to applications of all people of a school that was suspended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndInSuspended {
    school_id: SchoolId,
    /// Those that were begun until then: the suspension may be lifted before the job is done.
    until: DateTime<Utc>,
}

impl jobs::Job for EndInSuspended {
    const NAME: &'static str = "end_in_suspended_school";
    const MAX_ATTEMPTS: i16 = 12;
}

impl jobs::Handle<App> for EndInSuspended {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        loop {
            let ended = sqlx::query!(
                "UPDATE openid_grants SET ended = true WHERE id IN (
                     SELECT id FROM openid_grants WHERE school_id = $1 AND created_at <= $2 AND NOT ended LIMIT $3)
                     AND NOT ended",
                self.school_id,
                self.until,
                BATCH,
            )
            .execute(app.db.pool())
            .await?;
            // Fewer than a batch may also mean that some were ended meanwhile: there may be more.
            if ended.rows_affected() == 0 {
                return Ok(());
            }
        }
    }
}

/// Enqueues the end of all sign-ins to applications as members of a suspended school. The suspension itself already stops
/// tokens; the job notifies the applications, and keeps old sign-ins from going on once the suspension is lifted.
pub async fn end_in_suspended(tx: &mut PgConnection, school_id: SchoolId, now: DateTime<Utc>) -> Result<()> {
    let living = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM openid_grants WHERE school_id = $1 AND NOT ended) AS "living!""#,
        school_id,
    );
    if living.fetch_one(&mut *tx).await? {
        jobs::enqueue(tx, &EndInSuspended { school_id, until: now }).await?;
    }
    Ok(())
}

/// Ends the sign-ins of accounts to applications as members of a school. Those of other schools go on.
pub async fn end_in_school(tx: &mut PgConnection, accounts: &[AccountId], school_id: SchoolId) -> Result<()> {
    sqlx::query!(
        "UPDATE openid_grants SET ended = true WHERE account_id = ANY($1) AND school_id = $2 AND NOT ended",
        accounts,
        school_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets the sign-ins to applications that came out of one session of an account go on with another one, which takes its
/// place: a person who is asked for the password anew is not signed out elsewhere.
pub async fn move_to_session(
    tx: &mut PgConnection,
    account_id: AccountId,
    from: &[u8; 32],
    to: &[u8; 32],
) -> Result<()> {
    sqlx::query!(
        "UPDATE openid_grants SET session_hash = $3 WHERE session_hash = $2 AND account_id = $1 AND NOT ended",
        account_id,
        from.as_slice(),
        to.as_slice(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What a person has let an application learn.
#[derive(Clone, Debug)]
pub struct Consent {
    pub application: String,
    /// The keys of what it may learn.
    pub scopes: Vec<String>,
    pub given_at: DateTime<Utc>,
}

/// What a person has let applications learn as a member of this school, in the order of their names: what they are in another
/// school is none of its business.
pub async fn consents(tx: &mut PgConnection, account_id: AccountId, school_id: SchoolId) -> Result<Vec<Consent>> {
    Ok(sqlx::query_as!(
        Consent,
        "SELECT c.name AS application, o.scopes, o.given_at FROM openid_school_consents o JOIN oauth_clients c ON c.id = o.client_id
         WHERE o.account_id = $1 AND o.school_id = $2 ORDER BY c.name, c.id",
        account_id,
        school_id,
    )
    .fetch_all(tx)
    .await?)
}
