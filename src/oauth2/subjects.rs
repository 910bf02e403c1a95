//! By which name an application knows a person (`sub`): a random one for each sector, so that two applications cannot
//! compare which people they know (OpenID Connect Core 1.0, 8.1).

use sqlx::PgConnection;
use uuid::Builder;

use crate::{
    app::App,
    error::{Error, Result},
    ids::{AccountId, OpenIdSubjectId},
};

/// The name of the account in a sector, made the first time.
pub async fn of(app: &App, tx: &mut PgConnection, account_id: AccountId, sector: &str) -> Result<OpenIdSubjectId> {
    if let Some(subject) = named(tx, account_id, sector).await? {
        return Ok(subject);
    }
    // Random throughout: two names with one time in them would show that they are of one person.
    let subject: OpenIdSubjectId = Builder::from_random_bytes(app.randomness.bytes()).into_uuid().into();
    sqlx::query!(
        "INSERT INTO openid_subjects (account_id, sector, subject) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, sector) DO NOTHING",
        account_id,
        sector,
        subject,
    )
    .execute(&mut *tx)
    .await?;
    // Another request may have been quicker: its name counts.
    named(tx, account_id, sector).await?.ok_or_else(|| Error::Internal(anyhow::anyhow!("an account has no name")))
}

async fn named(tx: &mut PgConnection, account_id: AccountId, sector: &str) -> Result<Option<OpenIdSubjectId>> {
    let subject = sqlx::query_scalar!(
        "SELECT subject FROM openid_subjects WHERE account_id = $1 AND sector = $2",
        account_id,
        sector,
    );
    Ok(subject.fetch_optional(tx).await?)
}
