//! Closing the accounts of pupils who have finished school, once the time is over for which the school leaves them open.
//! They leave as everybody does; who is in a class again by then stays.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    audit::{self, AuditAction},
    db,
    error::Result,
    identity::accounts,
    ids::{AccountId, MemberId, SchoolId},
    jobs::{self, enqueue_with},
    roster::{departures, subject},
    schools::directory,
};

/// How many leave in one transaction, so that nobody waits long for the roster.
const BATCH: i64 = 200;

/// Close the accounts of this school that are due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloseFinished {
    pub school_id: SchoolId,
}

impl jobs::Job for CloseFinished {
    const NAME: &'static str = "close_finished";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for CloseFinished {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let scope = Scope::system(school);
        while close_due(&scope, &app).await? {}
        Ok(())
    }
}

/// Has the accounts of a school closed that are due, as soon as the transaction is committed.
pub async fn enqueue_due(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<()> {
    let is_due = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM closings WHERE school_id = $1 AND due_on <= $2) AS "is_due!""#,
        scope.school_id(),
        today,
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_due {
        let school_id = scope.school_id();
        let options = jobs::Options { key: Some(format!("close:{school_id}")), run_at: None };
        enqueue_with(tx, &CloseFinished { school_id }, options).await?;
    }
    Ok(())
}

/// Closes some of the accounts that are due; whether there may be more.
async fn close_due(scope: &Scope, app: &App) -> Result<bool> {
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    db::lock_roster(&mut tx, scope.school_id()).await?;
    let due = sqlx::query!(
        r#"SELECT c.member_id, m.version, m.role = 'student' AND m.status <> 'left'
               AND NOT EXISTS (SELECT FROM plans p WHERE p.school_id = $1 AND p.id = c.plan_id AND p.state <> 'applied')
               AND NOT EXISTS (
               SELECT FROM enrolments e
               JOIN school_years y ON y.school_id = $1 AND y.id = e.school_year_id
               JOIN plans p ON p.school_id = $1 AND p.id = c.plan_id
               JOIN school_years t ON t.school_id = $1 AND t.id = p.school_year_id
               WHERE e.school_id = $1 AND e.member_id = c.member_id AND e.ended_at IS NULL
                   AND y.starts_on >= t.starts_on) AS "closes!"
           FROM closings c JOIN members m ON m.school_id = $1 AND m.id = c.member_id
           WHERE c.school_id = $1 AND c.due_on <= $2 ORDER BY c.due_on, c.member_id LIMIT $3
           FOR UPDATE OF m"#,
        scope.school_id(),
        app.clock.today(),
        BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
    let all: Vec<MemberId> = due.iter().map(|row| row.member_id).collect();
    let closing: Vec<(MemberId, i64)> =
        due.iter().filter(|row| row.closes).map(|row| (row.member_id, row.version)).collect();
    subject::say_who_acts(scope, &mut tx).await?;
    let left = departures::leave(scope, &mut tx, &closing, app.clock.now()).await?;
    let (ids, held): (Vec<MemberId>, Vec<Option<AccountId>>) = left.into_iter().unzip();
    audit::record_each(scope, app, &mut tx, &ids, AuditAction::AccountClosed).await?;
    let held: Vec<AccountId> = held.into_iter().flatten().collect();
    accounts::remove_memberships(&mut tx, &held, scope.school_id()).await?;
    sqlx::query!("DELETE FROM closings WHERE school_id = $1 AND member_id = ANY($2)", scope.school_id(), &all)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(i64::try_from(all.len()).unwrap_or(i64::MAX) >= BATCH)
}

/// The day on which a member's account is closed because they have finished school.
pub async fn of_member(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Option<NaiveDate>> {
    Ok(sqlx::query_scalar!(
        "SELECT c.due_on FROM closings c WHERE c.school_id = $1 AND c.member_id = $2 AND NOT EXISTS (
             SELECT FROM enrolments e
             JOIN school_years y ON y.school_id = $1 AND y.id = e.school_year_id
             JOIN plans p ON p.school_id = $1 AND p.id = c.plan_id
             JOIN school_years t ON t.school_id = $1 AND t.id = p.school_year_id
             WHERE e.school_id = $1 AND e.member_id = $2 AND e.ended_at IS NULL AND y.starts_on >= t.starts_on)",
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?)
}
