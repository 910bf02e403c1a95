//! Suspending a member and lifting that again, with an optional reason: the current one is stored with the member, every
//! one in the audit log.

use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    identity::{accounts, applications, sessions},
    ids::MemberId,
    invitations,
    roster::{
        model::Status,
        store::{self, MemberRecord},
        subject::LockedMember,
    },
    schools::years,
};

/// Suspends a member until that is lifted; false where they were not active. If only this school uses the account, it
/// is signed out at once; otherwise its sessions go on, because the school checks the status with every request.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn suspend(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId, reason: &str) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let is_changed = suspend_in(granted, app, &mut tx, id, &[Status::Active], reason).await?;
    tx.commit().await?;
    Ok(is_changed)
}

/// The same in the caller's transaction, for members with one of these statuses: the invitation of a person who has not
/// accepted it is withheld.
pub async fn suspend_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    id: MemberId,
    from: &[Status],
    reason: &str,
) -> Result<bool> {
    let subject = find(granted, app, tx, id).await?;
    if !from.contains(&subject.status) {
        return Ok(false);
    }
    store::set_status(granted, tx, id, Status::Suspended).await?;
    store::give_reason(granted, tx, id, reason).await?;
    if let Some(account_id) = subject.account_id {
        applications::end_in_school(tx, &[account_id], granted.school_id()).await?;
        if accounts::is_of_school_alone(tx, account_id, granted.school_id()).await? {
            sessions::end_all(tx, account_id).await?;
        }
    }
    audit::record(granted, app, tx, Event::about(AuditAction::Suspended, id).because(reason)).await?;
    Ok(true)
}

/// Lifts a suspension; false where the member was not suspended.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn lift_suspension(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let is_changed = lift_in(granted, app, &mut tx, id).await?;
    tx.commit().await?;
    Ok(is_changed)
}

/// The same in the caller's transaction. A person whose invitation was withheld is invited again.
pub async fn lift_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    id: MemberId,
) -> Result<bool> {
    let subject = find(granted, app, tx, id).await?;
    if subject.status != Status::Suspended {
        return Ok(false);
    }
    let to = if is_withheld(&subject) { Status::Invited } else { Status::Active };
    store::set_status(granted, tx, id, to).await?;
    store::give_reason(granted, tx, id, "").await?;
    if to == Status::Invited {
        // Where the address was invited often enough for now, the link that was mailed last is good again.
        invitations::ask(granted, app, tx, id, &subject.values).await?;
    }
    audit::record(granted, app, tx, Event::about(AuditAction::SuspensionLifted, id)).await?;
    Ok(true)
}

/// Whether a member is suspended who has not accepted an invitation.
#[must_use]
pub fn is_withheld(known: &MemberRecord) -> bool {
    known.status == Status::Suspended && known.signs_in_by_email && known.account_id.is_none()
}

async fn find(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    id: MemberId,
) -> Result<LockedMember> {
    let year = years::current(granted, tx, app.clock.today()).await?;
    LockedMember::find(granted, tx, year.id, id, MemberAction::Suspend).await
}
