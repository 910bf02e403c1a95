//! Deletes registrations whose address was never verified.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    access::Scope,
    accounts::activation,
    app::App,
    error::{Error, Result},
    identity::{registrations, verification},
    ids::AccountId,
    jobs,
    schools::directory,
};

/// For how many days a registration waits for its address to be verified.
pub const KEPT_DAYS: i64 = 30;

/// How many are deleted between two queries for due ones.
const BATCH: i64 = 100;

/// Delete what is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetUnverified {}

impl jobs::Job for ForgetUnverified {
    const NAME: &'static str = "forget_unverified";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for ForgetUnverified {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let then = app.clock.now() - Duration::days(KEPT_DAYS);
        while forget_some(&app, then).await? {}
        // New companies that were never approved and have no representatives left.
        sqlx::query!(
            "DELETE FROM companies c WHERE c.approved_at IS NULL AND c.created_at <= $1
                 AND NOT EXISTS (SELECT FROM company_members m WHERE m.company_id = c.id)",
            then,
        )
        .execute(app.db.pool())
        .await?;
        sqlx::query!("DELETE FROM registration_forms WHERE sent_at <= $1", then).execute(app.db.pool()).await?;
        Ok(())
    }
}

/// Deletes some; false where none was left that could be deleted.
async fn forget_some(app: &App, then: DateTime<Utc>) -> Result<bool> {
    let mut any = false;
    for account_id in verification::waiting_before(&app.db, then, BATCH).await? {
        any |= forget(app, account_id, then).await?;
    }
    Ok(any)
}

async fn forget(app: &App, account_id: AccountId, then: DateTime<Utc>) -> Result<bool> {
    for waiting in registrations::of_account(&app.db, account_id).await? {
        let mut tx = app.db.begin_in(waiting.school_id).await?;
        // Verified at this very moment: it stays.
        if !verification::still_waits(&mut tx, account_id, then).await? {
            return Ok(false);
        }
        let scope = Scope::system(directory::by_id(&mut tx, waiting.school_id).await?);
        registrations::remove(&mut tx, account_id, waiting.school_id).await?;
        match activation::delete(&scope, &mut tx, waiting.member_id).await {
            // The school has removed them itself.
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        tx.commit().await?;
    }
    let mut tx = app.db.begin().await?;
    let is_deleted = verification::delete_account(&mut tx, account_id, then).await?;
    tx.commit().await?;
    Ok(is_deleted)
}
