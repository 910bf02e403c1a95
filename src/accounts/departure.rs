//! Leaving the school and coming back, with an optional reason: the current one is stored with the member, every one in
//! the audit log.

use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    identity::accounts,
    ids::{AccountId, MemberId},
    plan::snapshot,
    roster::{departures, model::Status, store, subject::LockedMember},
    schools::years,
};

/// Marks a member as left; false where they had left already. The record is kept, but they have no class, no grants and
/// no access any more. An owner cannot be marked as left: that grant is taken away first.
///
/// # Errors
/// As [`LockedMember::find`], and [`Error::Forbidden`] for a pending member, who is given an answer (see `activation`).
pub async fn leave(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId, reason: &str) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let has_left = leave_in(granted, app, &mut tx, id, reason).await?;
    tx.commit().await?;
    Ok(has_left)
}

/// The same in the caller's transaction.
pub async fn leave_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    id: MemberId,
    reason: &str,
) -> Result<bool> {
    // A plan that is being applied at this moment may be enrolling them: then they leave its classes as well.
    db::lock_roster(tx, granted.school_id()).await?;
    let year = years::current(granted, tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, tx, year.id, id, MemberAction::Leave).await?;
    if subject.status == Status::Pending {
        return Err(Error::Forbidden);
    }
    if subject.status == Status::Left {
        return Ok(false);
    }
    let left = departures::leave(granted, tx, &[(id, subject.version)], app.clock.now()).await?;
    store::give_reason(granted, tx, id, reason).await?;
    let accounts: Vec<AccountId> = left.into_iter().filter_map(|(_, account)| account).collect();
    accounts::remove_memberships(tx, &accounts, granted.school_id()).await?;
    audit::record(granted, app, tx, Event::about(AuditAction::Left, id).because(reason)).await?;
    Ok(true)
}

/// Takes back a member who had left; false where they had not. A pupil gets their account again, a member who signs in
/// with their own e-mail address is invited first; classes and grants are given anew.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn come_back(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let is_back = come_back_in(granted, app, &mut tx, id).await?;
    tx.commit().await?;
    Ok(is_back)
}

/// The same in the caller's transaction.
pub async fn come_back_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    id: MemberId,
) -> Result<bool> {
    let year = years::current(granted, tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, tx, year.id, id, MemberAction::Leave).await?;
    // A pupil who moved to another school with their account returns with it: by a release code of that school.
    if subject.status != Status::Left || snapshot::can_come_back(granted, tx, &[&*subject]).await?.is_empty() {
        return Ok(false);
    }
    store::set_status(granted, tx, id, Status::of_returned(subject.signs_in_by_email)).await?;
    store::give_reason(granted, tx, id, "").await?;
    snapshot::welcome_back(granted, app, tx, &[&*subject]).await?;
    audit::record(granted, app, tx, Event::about(AuditAction::CameBack, id)).await?;
    Ok(true)
}
