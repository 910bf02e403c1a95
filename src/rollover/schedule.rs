//! Applying a draft by itself on a day: saying on which, taking that back, and noting why it was not done.

use chrono::{Days, NaiveDate};
use sqlx::PgConnection;

use super::{model::Rollover, store};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
};

/// The furthest day, from today.
const MOST_DAYS: Days = Days::new(366);

/// Why a draft was not applied on its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ScheduleFailure {
    /// It takes a great many away who have not finished the last grade: a person must confirm that.
    Leaves,
    /// It says nothing that is not done.
    Nothing,
    /// Who chose the day may not do it any more.
    Rights,
    /// The plan of it could not be made or applied.
    Plan,
}

impl ScheduleFailure {
    pub const ALL: [Self; 4] = [Self::Leaves, Self::Nothing, Self::Rights, Self::Plan];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// Why a day is not taken: the key of the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleRefusal {
    /// Today or before.
    Over,
    /// More than a year away.
    Far,
}

impl ScheduleRefusal {
    pub const ALL: [Self; 2] = [Self::Over, Self::Far];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Over => "fault-rollover-day-over",
            Self::Far => "fault-rollover-day-far",
        }
    }
}

/// The day that is proposed: the first of the coming year, or tomorrow where that is over.
#[must_use]
pub fn proposed(draft: &Rollover, today: NaiveDate) -> NaiveDate {
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    draft.to_starts_on.max(tomorrow)
}

/// Has the open draft applied on this day, with the rights that the actor has then.
///
/// # Errors
/// [`Error::NotFound`] where no draft is open.
pub async fn schedule(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    on: NaiveDate,
) -> Result<std::result::Result<(), ScheduleRefusal>> {
    let today = app.clock.today();
    if on <= today {
        return Ok(Err(ScheduleRefusal::Over));
    }
    if today.checked_add_days(MOST_DAYS).is_none_or(|last| on > last) {
        return Ok(Err(ScheduleRefusal::Far));
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    store::lock(granted, &mut tx).await?;
    let draft = store::open(granted, &mut tx).await?.ok_or(Error::NotFound)?;
    sqlx::query!(
        "UPDATE rollovers SET apply_on = $3, scheduled_by = $4, schedule_failed = NULL WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        draft.id,
        on,
        granted.member().map(|member| member.id),
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RolloverScheduled { on }, draft.id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// The draft is not applied by itself. False where it was not to be.
pub async fn withdraw(granted: &Granted<may::ManageClasses>, app: &App) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    store::lock(granted, &mut tx).await?;
    let draft = store::open(granted, &mut tx).await?.filter(|draft| draft.apply_on.is_some());
    let Some(draft) = draft else { return Ok(false) };
    clear(granted, &mut tx, &draft, None).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RolloverScheduleWithdrawn, draft.id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// The day is over, or taken back; with a failure where it was not applied.
pub async fn clear(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    failure: Option<ScheduleFailure>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE rollovers SET apply_on = NULL, scheduled_by = NULL, schedule_failed = $3 WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        draft.id,
        failure.map(ScheduleFailure::key),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The open draft, where its day has come.
pub async fn due(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<Option<Rollover>> {
    Ok(store::open(scope, tx).await?.filter(|draft| draft.apply_on.is_some_and(|on| on <= today)))
}
