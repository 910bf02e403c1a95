//! Deletes what applications held of accounts once nobody asks for it any more, and renews the keys that sign.

use std::sync::Arc;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::keys;
use crate::{app::App, jobs};

/// For how many days an ended sign-in to an application is shown to the person.
const SHOWN_DAYS: i64 = 90;

/// How many rows go at a time.
const BATCH: i64 = 1_000;

/// Delete old sign-ins to applications, with their codes and tokens, and renew keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetGrants {}

impl jobs::Job for ForgetGrants {
    const NAME: &'static str = "forget_openid_grants";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for ForgetGrants {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        keys::rotate(&app).await?;
        let before = app.clock.now() - Duration::days(SHOWN_DAYS);
        loop {
            // Codes and refresh tokens go with their grant. One that lives goes on, however old it is: it is handed from
            // session to session.
            let deleted = sqlx::query!(
                "DELETE FROM openid_grants WHERE id IN (
                     SELECT g.id FROM openid_grants g WHERE g.created_at < $1 AND (
                         g.ended OR NOT EXISTS (SELECT FROM sessions s WHERE s.token_hash = g.session_hash))
                     ORDER BY g.created_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
                before,
                BATCH,
            )
            .execute(app.db.pool())
            .await?;
            if deleted.rows_affected() < BATCH.unsigned_abs() {
                return Ok(());
            }
        }
    }
}
