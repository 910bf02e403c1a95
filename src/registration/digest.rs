//! Notifying those who answer for a school of who waits for them: one mail an hour at most, however many register.

use std::sync::Arc;

use chrono::Duration;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    accounts::activation,
    app::App,
    error::Result,
    identity::{registrations, verification::AddressProven},
    ids::{AccountId, SchoolId},
    jobs,
    letters::outbox::{self, Letter},
    schools::directory,
    web::i18n::Lang,
};

/// Notify those who answer for a school.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellSchool {
    school_id: SchoolId,
}

impl jobs::Job for TellSchool {
    const NAME: &'static str = "tell_school";
}

impl jobs::Handle<App> for TellSchool {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        tell(&app, self.school_id).await.map_err(anyhow::Error::from)
    }
}

impl jobs::Handle<App> for AddressProven {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let mut tx = app.db.begin().await?;
        for school_id in schools_of(&mut tx, self.account_id).await? {
            plan(&mut tx, &app, school_id).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

async fn schools_of(tx: &mut PgConnection, account_id: AccountId) -> Result<Vec<SchoolId>> {
    Ok(sqlx::query_scalar!(
        "SELECT school_id FROM registrations WHERE account_id = $1 AND notified_at IS NULL",
        account_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Schedules a mail to the school: at once, or an hour after the last one, for all who register until then.
pub async fn plan(tx: &mut PgConnection, app: &App, school_id: SchoolId) -> Result<()> {
    let last = sqlx::query_scalar!("SELECT sent_at FROM registration_digests WHERE school_id = $1", school_id)
        .fetch_optional(&mut *tx)
        .await?;
    let run_at = last.map(|last| last + Duration::hours(1)).filter(|next| *next > app.clock.now());
    let options = jobs::Options { key: Some(format!("tell_school:{school_id}")), run_at };
    jobs::enqueue_with(tx, &TellSchool { school_id }, options).await?;
    Ok(())
}

async fn tell(app: &App, school_id: SchoolId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(school_id).await?;
    let count = registrations::tell(&mut tx, school_id, now).await?;
    if count == 0 {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO registration_digests (school_id, sent_at) VALUES ($1, $2)
         ON CONFLICT (school_id) DO UPDATE SET sent_at = $2",
        school_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let scope = Scope::system(directory::by_id(&mut tx, school_id).await?);
    for (account_id, name) in activation::who_answers(&scope, &mut tx).await? {
        let letter = Letter::RegistrationsWaiting {
            name,
            school: scope.school.name.clone(),
            school_code: scope.school.code.clone(),
            count,
        };
        outbox::post(&mut tx, app, account_id, &letter, None, Lang::default()).await?;
    }
    tx.commit().await?;
    Ok(())
}
