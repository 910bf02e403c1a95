//! What an account has let other applications do, as far as it concerns accounts and not the applications.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    error::Result,
    ids::{AccountId, SchoolId},
};

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

/// What a person has let an application learn.
#[derive(Clone, Debug)]
pub struct Consent {
    pub application: String,
    /// The keys of what it may learn.
    pub scopes: Vec<String>,
    pub given_at: DateTime<Utc>,
}

/// What a person has let applications learn that are for this school, in the order of their names: those of another school
/// are none of its business.
pub async fn consents(tx: &mut PgConnection, account_id: AccountId, school_id: SchoolId) -> Result<Vec<Consent>> {
    Ok(sqlx::query_as!(
        Consent,
        "SELECT c.name AS application, o.scopes, o.given_at FROM openid_consents o JOIN oauth_clients c ON c.id = o.client_id
         WHERE o.account_id = $1 AND (c.school_id IS NULL OR c.school_id = $2) ORDER BY c.name, c.id",
        account_id,
        school_id,
    )
    .fetch_all(tx)
    .await?)
}
