//! Suspending a member and lifting that again, with an optional reason: the current one is stored with the member, every
//! one in the audit log.

use crate::{
    access::{Granted, MemberAction, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    identity::{accounts, sessions},
    ids::MemberId,
    roster::{model::Status, store, subject::Subject},
    schools::years,
};

/// Suspends a member until that is lifted; false where they were not active. If only this school uses the account, it
/// is signed out at once; otherwise its sessions go on, because the school checks the status with every request.
///
/// # Errors
/// As [`Subject::find`].
pub async fn suspend(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId, reason: &str) -> Result<bool> {
    change(granted, app, id, (Status::Active, Status::Suspended), reason, AuditAction::Suspended).await
}

/// Lifts a suspension; false where the member was not suspended.
///
/// # Errors
/// As [`Subject::find`].
pub async fn lift_suspension(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<bool> {
    change(granted, app, id, (Status::Suspended, Status::Active), "", AuditAction::SuspensionLifted).await
}

async fn change(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: MemberId,
    (from, to): (Status, Status),
    reason: &str,
    action: AuditAction,
) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, MemberAction::Suspend).await?;
    if subject.status != from {
        return Ok(false);
    }
    store::set_status(granted, &mut tx, id, to).await?;
    store::give_reason(granted, &mut tx, id, reason).await?;
    if let Some(account_id) = subject.account_id.filter(|_| to == Status::Suspended)
        && accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await?
    {
        sessions::end_all(&mut tx, account_id).await?;
    }
    audit::record(granted, app, &mut tx, Event::about(action, id).because(reason)).await?;
    tx.commit().await?;
    Ok(true)
}
