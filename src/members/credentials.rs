//! How somebody gets in, in a school's hands: a new temporary password, and an end to all signing in.
//!
//! A school hands out passwords and ends sessions only of an account that is its own alone. Whose account is in use
//! elsewhere too is mailed a link instead: the password is not this school's to change.

use chrono::Duration;
use uuid::Uuid;

use super::{invitations, model::Status, store, subject::Subject};
use crate::{
    access::{Act, Granted, may},
    app::App,
    audit::{self, Event},
    error::{Error, Result},
    identity::{
        accounts::{self, Temporary},
        password::TemporaryPassword,
        recovery, second_factor, sessions,
    },
    schools::years,
    web::i18n::Lang,
};

/// For how many days a temporary password is good.
pub const TEMPORARY_DAYS: i64 = 90;

/// How somebody comes by a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// By a slip, which can be printed now.
    Slip,
    /// By a mail to himself.
    Mailed,
    /// By an invitation, mailed once more.
    Invited,
}

/// Gives somebody a way in: the old password ends, and with it all sessions.
///
/// # Errors
/// As [`Subject::find`], and [`Error::Forbidden`] for somebody who waits for the school's word.
pub async fn reset(granted: &Granted<may::HelpPupils>, app: &App, id: Uuid, lang: Lang) -> Result<Reset> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::ResetPassword).await?;
    if subject.status == Status::Pending {
        return Err(Error::Forbidden);
    }
    let reset = match subject.account_id {
        None => {
            if subject.status == Status::Invited {
                invitations::ask(granted, app, &mut tx, id, &subject.values).await?;
            }
            Reset::Invited
        }
        Some(account_id) if accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? => {
            give_temporary(granted, app, &mut tx, id, account_id).await?;
            Reset::Slip
        }
        Some(account_id) => {
            recovery::mail_link(&mut tx, account_id, lang).await?;
            Reset::Mailed
        }
    };
    audit::record(granted, app, &mut tx, Event::about("password_reset", id)).await?;
    tx.commit().await?;
    Ok(reset)
}

async fn give_temporary(
    granted: &Granted<may::HelpPupils>,
    app: &App,
    tx: &mut sqlx::PgConnection,
    member_id: Uuid,
    account_id: Uuid,
) -> Result<()> {
    let expires_at = app.clock.now() + Duration::days(TEMPORARY_DAYS);
    let sealed = TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, account_id);
    accounts::set_temporary(tx, &[(account_id, Temporary { sealed, expires_at })]).await?;
    sessions::end_all(tx, account_id).await?;
    store::note_temporary(granted, tx, &[member_id], expires_at).await
}

/// What became of a second factor that was to be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Removed,
    /// There was none.
    Nothing,
    /// The account is in use elsewhere too: that is the person's own to do.
    Elsewhere,
}

/// Takes the second factor away from somebody who has lost it, and signs him out everywhere.
///
/// # Errors
/// As [`Subject::find_other`].
pub async fn remove_second_factor(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<Removal> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find_other(granted, &mut tx, year.id, id).await?;
    let Some(account_id) = subject.account_id else { return Ok(Removal::Nothing) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(Removal::Elsewhere);
    }
    if !second_factor::remove(&mut tx, account_id).await? {
        return Ok(Removal::Nothing);
    }
    sessions::end_all(&mut tx, account_id).await?;
    audit::record(granted, app, &mut tx, Event::about("second_factor_removed", id)).await?;
    tx.commit().await?;
    Ok(Removal::Removed)
}

/// Ends all sessions of somebody. False where the account is in use elsewhere too: that is the person's own to do.
///
/// # Errors
/// As [`Subject::find`].
pub async fn sign_out(granted: &Granted<may::HelpPupils>, app: &App, id: Uuid) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = Subject::find(granted, &mut tx, year.id, id, Act::SignOut).await?;
    let Some(account_id) = subject.account_id else { return Ok(true) };
    if !accounts::is_of_school_alone(&mut tx, account_id, granted.school_id()).await? {
        return Ok(false);
    }
    sessions::end_all(&mut tx, account_id).await?;
    audit::record(granted, app, &mut tx, Event::about("signed_out_everywhere", id)).await?;
    tx.commit().await?;
    Ok(true)
}
