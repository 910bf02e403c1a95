//! Reminding national operators by mail of companies whose answer is due within a day: once for each wait.

use std::sync::Arc;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::store::HOURS_TO_ANSWER;
use crate::{
    app::App,
    error::Result,
    identity::operators,
    jobs,
    letters::outbox::{self, Letter},
    web::i18n::Lang,
};

/// How many hours before an answer is due operators are reminded.
const HOURS_BEFORE: i64 = 24;

/// Remind operators, if something is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOperators {}

impl jobs::Job for RemindOperators {
    const NAME: &'static str = "remind_operators";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for RemindOperators {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        remind(&app).await.map_err(anyhow::Error::from)
    }
}

async fn remind(app: &App) -> Result<()> {
    let now = app.clock.now();
    let since = now - Duration::hours(HOURS_TO_ANSWER - HOURS_BEFORE);
    let mut tx = app.db.begin().await?;
    // Noted in the transaction that posts the mails: of two workers at the same instant, one finds nothing left.
    let due = sqlx::query_scalar!(
        "UPDATE companies c SET reminded_at = $1
         WHERE EXISTS (
             SELECT FROM company_members m
             WHERE m.company_id = c.id AND m.accepted_at IS NULL AND m.registered_at <= $2
                 AND (c.reminded_at IS NULL OR c.reminded_at < m.registered_at)
                 AND NOT EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = m.account_id))
         RETURNING c.name",
        now,
        since,
    )
    .fetch_all(&mut *tx)
    .await?;
    if due.is_empty() {
        return Ok(());
    }
    let letter = Letter::CompaniesDue {
        count: i64::try_from(due.len()).unwrap_or(i64::MAX),
        first: due[..due.len().min(10)].join(", "),
    };
    for account_id in operators::national(&mut tx).await? {
        outbox::post(&mut tx, app, account_id, &letter, None, Lang::default()).await?;
    }
    tx.commit().await?;
    Ok(())
}
