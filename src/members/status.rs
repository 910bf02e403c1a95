//! Being in the school: suspended and let in again, gone.

use uuid::Uuid;

use super::{model::Status, roster, store, subject::Subject};
use crate::{
    access::{Granted, Rank, may},
    app::App,
    audit::{self, Event},
    error::{Error, Result},
    identity::{accounts, sessions},
    schools::years,
};

/// Keeps somebody out until that is lifted; false where he was not active. Where his account is this school's alone, he is signed out at once;
/// elsewhere he goes on, for the school's door looks at the status with every request.
///
/// # Errors
/// As [`Subject::find_other`].
pub async fn suspend(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<bool> {
    change(granted, app, id, (Status::Active, Status::Suspended), "suspended").await
}

/// Lets somebody in again; false where he was not suspended.
///
/// # Errors
/// As [`Subject::find_other`].
pub async fn lift_suspension(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<bool> {
    change(granted, app, id, (Status::Suspended, Status::Active), "suspension_lifted").await
}

async fn change(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: Uuid,
    (from, to): (Status, Status),
    action: &'static str,
) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find_other(granted, &mut tx, year.id, id).await?;
    if subject.status != from {
        return Ok(false);
    }
    store::set_status(granted, &mut tx, id, to).await?;
    if let Some(account_id) = subject.account_id.filter(|_| to == Status::Suspended)
        && accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await?
    {
        sessions::end_all(&mut tx, account_id).await?;
    }
    audit::record(granted, app, &mut tx, Event::about(action, id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes somebody out of the school, if he was not out already: remembered, but no longer in a class, with no grants, and no longer let in. An
/// owner is not taken out, for he may be the last: that grant is taken from him first.
///
/// # Errors
/// As [`Subject::find_other`], and [`Error::Forbidden`] for an owner and for somebody pending.
pub async fn leave(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find_other(granted, &mut tx, year.id, id).await?;
    // Who waits for an answer is given one: see `activation`.
    if subject.rank == Rank::Owner || subject.status == Status::Pending {
        return Err(Error::Forbidden);
    }
    if subject.status == Status::Left {
        return Ok(());
    }
    let left = roster::leave(granted, &mut tx, &[(id, subject.version)], app.clock.now()).await?;
    let accounts: Vec<Uuid> = left.into_iter().filter_map(|(_, account)| account).collect();
    accounts::part(&mut tx, &accounts, granted.school_id()).await?;
    audit::record(granted, app, &mut tx, Event::about("left", id)).await?;
    tx.commit().await?;
    Ok(())
}
