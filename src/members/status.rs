//! Being in the school: suspended and let in again, gone and come back. Each with the reason that was given, if any: the
//! one of today stands with the person, every one beside the record.

use uuid::Uuid;

use super::{model::Status, restoration, roster, store, subject::Subject};
use crate::{
    access::{Act, Granted, may},
    app::App,
    audit::{self, Event},
    error::{Error, Result},
    identity::{accounts, sessions},
    schools::years,
};

/// Keeps somebody out until that is lifted; false where he was not active. Where his account is this school's alone, he
/// is signed out at once; elsewhere he goes on, for the school's door looks at the status with every request.
///
/// # Errors
/// As [`Subject::find`].
pub async fn suspend(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid, reason: &str) -> Result<bool> {
    change(granted, app, id, (Status::Active, Status::Suspended), reason, "suspended").await
}

/// Lets somebody in again; false where he was not suspended.
///
/// # Errors
/// As [`Subject::find`].
pub async fn lift_suspension(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<bool> {
    change(granted, app, id, (Status::Suspended, Status::Active), "", "suspension_lifted").await
}

async fn change(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: Uuid,
    (from, to): (Status, Status),
    reason: &str,
    action: &'static str,
) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::Suspend).await?;
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

/// Takes somebody out of the school; false where he was out already. He is remembered, but no longer in a class, with no grants, and
/// no longer let in. Nobody takes an owner out: that grant is taken from him first.
///
/// # Errors
/// As [`Subject::find`], and [`Error::Forbidden`] for somebody pending, who is given an answer (see `activation`).
pub async fn leave(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid, reason: &str) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::Leave).await?;
    if subject.status == Status::Pending {
        return Err(Error::Forbidden);
    }
    if subject.status == Status::Left {
        return Ok(false);
    }
    let left = roster::leave(granted, &mut tx, &[(id, subject.version)], app.clock.now()).await?;
    store::give_reason(granted, &mut tx, id, reason).await?;
    let accounts: Vec<Uuid> = left.into_iter().filter_map(|(_, account)| account).collect();
    accounts::part(&mut tx, &accounts, granted.school_id()).await?;
    audit::record(granted, app, &mut tx, Event::about("left", id).because(reason)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes somebody in again who had left; false where he had not. A pupil has his account again, whoever signs in with an
/// address of his own is asked first; classes and grants are given anew.
///
/// # Errors
/// As [`Subject::find`].
pub async fn come_back(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::Leave).await?;
    // Who went to another school with his account comes back with it: by a code of that school's.
    if subject.status != Status::Left || restoration::can_come_back(granted, &mut tx, &[&*subject]).await?.is_empty() {
        return Ok(false);
    }
    store::set_status(granted, &mut tx, id, Status::of_returned(subject.signs_in_by_email)).await?;
    store::give_reason(granted, &mut tx, id, "").await?;
    restoration::welcome_back(granted, app, &mut tx, &[&*subject]).await?;
    audit::record(granted, app, &mut tx, Event::about("came_back", id)).await?;
    tx.commit().await?;
    Ok(true)
}
