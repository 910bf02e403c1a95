//! Changes of role: a pupil becomes a teacher, a teacher a manager. What belongs to the person stays: the account, the
//! profile, the history. What belonged to the role ends: a pupil's class, a teacher's homeroom class and grants.

use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, Role, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    ids::MemberId,
    roster::{departures, model::Status, store, subject::LockedMember},
    schools::years,
};

/// Makes a member a pupil, a teacher or a manager; false where they are that already.
///
/// # Errors
/// As [`LockedMember::find`], and [`Error::Forbidden`] for a member who is pending or has left.
pub async fn change(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId, role: Role) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let is_changed = change_in(granted, app, &mut tx, id, role).await?;
    tx.commit().await?;
    Ok(is_changed)
}

/// The same in the caller's transaction, which holds the roster lock.
pub async fn change_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    id: MemberId,
    role: Role,
) -> Result<bool> {
    let year = years::current(granted, tx, app.clock.today()).await?;
    let mut subject = LockedMember::find(granted, tx, year.id, id, MemberAction::ChangeRole).await?;
    if subject.role == role {
        return Ok(false);
    }
    if role == Role::Manager || subject.role == Role::Manager {
        subject = LockedMember::find(granted, tx, year.id, id, MemberAction::ChangeManager).await?;
    }
    if matches!(subject.status, Status::Pending | Status::Left) {
        return Err(Error::Forbidden);
    }
    let now = app.clock.now();
    match role {
        Role::Student => departures::end_staff(granted, tx, &[id], now).await?,
        Role::Teacher | Role::Manager => departures::end_enrolments(granted, tx, &[id], now).await?,
    }
    store::set_role(granted, tx, id, role).await?;
    let action = AuditAction::RoleChanged { role: Some(role), was: Some(subject.role) };
    audit::record(granted, app, tx, Event::about(action, id)).await?;
    Ok(true)
}
