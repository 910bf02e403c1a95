//! The mail with a school's figures at the beginning of a month, for the owners of schools that want it.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

use super::figures;
use crate::{
    access::Scope,
    app::App,
    ids::SchoolId,
    jobs::{self, enqueue_all},
    letters::outbox::Letter,
    schools::{directory, settings},
    submissions::owners,
    web::i18n,
};

/// The hour of the first day of a month, in Vietnam, from which on the mails go out: after the night's counts.
const HOUR: u32 = 7;

/// Up to which day of a month its mails are made up for, where no worker ran on the first.
const LAST_DAY: u32 = 7;

/// Begin the mails of a month, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginMonth {}

impl jobs::Job for BeginMonth {
    const NAME: &'static str = "begin_month";
    const MAX_ATTEMPTS: i16 = 3;
}

impl jobs::Handle<App> for BeginMonth {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let local = app.clock.now().with_timezone(&i18n::vietnam());
        let is_early = local.day() == 1 && local.hour() < HOUR;
        if is_early || local.day() > LAST_DAY {
            return Ok(());
        }
        let Some(month) = local.date_naive().with_day(1) else { return Ok(()) };
        let mut tx = app.db.begin().await?;
        let first = sqlx::query!(
            "INSERT INTO report_months (month, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            month,
            app.clock.now(),
        );
        if first.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(());
        }
        let schools =
            sqlx::query_scalar!("SELECT id FROM schools WHERE monthly_report AND suspended_at IS NULL ORDER BY id")
                .fetch_all(&mut *tx)
                .await?;
        let jobs: Vec<MailMonth> = schools.into_iter().map(|school_id| MailMonth { school_id, month }).collect();
        enqueue_all(&mut tx, &jobs).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Mail the figures of this school to its owners, once for the month that begins on this day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailMonth {
    pub school_id: SchoolId,
    pub month: NaiveDate,
}

impl jobs::Job for MailMonth {
    const NAME: &'static str = "mail_month";
    const MAX_ATTEMPTS: i16 = 8;
    const LANE: jobs::Lane = jobs::Lane::Counts;
}

impl jobs::Handle<App> for MailMonth {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let scope = Scope::system(school);
        let mut tx = app.db.begin_work_in(self.school_id).await?;
        let is_wanted = settings::read(&scope, &mut tx).await?.monthly_report;
        let first = sqlx::query!(
            "INSERT INTO report_mails (school_id, month, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            self.school_id,
            self.month,
            app.clock.now(),
        );
        if !is_wanted || first.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(());
        }
        let (figures, _) = figures::current(&scope, &app, &mut tx).await?;
        let (pupils, quality) = (figures.usage.pupils, figures.quality);
        owners::tell(&scope, &app, &mut tx, |name| Letter::MonthlyReport {
            name,
            school: scope.school.name.clone(),
            school_code: scope.school.code.clone(),
            pupils: pupils.active,
            signed_in: pupils.signed_in,
            to_mend: quality.checked - quality.clean,
        })
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
