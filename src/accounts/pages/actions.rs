//! Actions on one person by a button: a new password, signing out.

use axum::{
    extract::{Path, State},
    response::Response,
};

use crate::{
    access::{Granted, Permission, may},
    accounts::password::{self, Asked, Removal, Reset},
    app::App,
    error::{Error, Result},
    identity::reauthentication,
    ids::MemberId,
    web::{PageResult, RequestContext, page},
};

pub async fn reset_password(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    // Staff accounts could do harm, so the actor must have confirmed their password recently; a pupil who stands at the
    // desk is helped at once.
    if password::is_of_staff(&granted, &app, id).await? {
        reauthentication::expect(&visitor)?;
    }
    Ok(match password::reset(&granted, &app, id, visitor.l.0).await? {
        Reset::Slip => page::redirect(&format!("{}/slip", address(&granted, id))),
        Reset::Mailed => done(&granted, id, "reset-mailed"),
        Reset::Invited => done(&granted, id, "invited-again"),
        Reset::InvitedEnough => done(&granted, id, "invited-enough"),
    })
}

pub async fn sign_out(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    let was_done = password::sign_out(&granted, &app, id).await?;
    Ok(done(&granted, id, if was_done { "signed-out-everywhere" } else { "account-elsewhere" }))
}

pub async fn remove_second_factor(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    Ok(match password::remove_second_factor(&granted, &app, id).await? {
        Removal::Removed => done(&granted, id, "second-factor-removed"),
        Removal::Elsewhere => done(&granted, id, "account-elsewhere"),
        Removal::Nothing => page::redirect(&address(&granted, id)),
    })
}

pub async fn unlock(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    let was_done = password::unlock(&granted, &app, id).await?;
    Ok(done(&granted, id, if was_done { "released" } else { "account-elsewhere" }))
}

pub async fn mail_verification(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    let what = match password::mail_verification(&granted, &app, id, visitor.l.0).await? {
        Asked::Mailed => "mail-sent",
        Asked::Enough => "mail-enough",
        Asked::NotNeeded => return Ok(page::redirect(&address(&granted, id))),
    };
    Ok(done(&granted, id, what))
}

pub fn member_id(id: &str) -> Result<MemberId> {
    id.parse().map_err(|_| Error::NotFound)
}

pub fn address<P: Permission>(granted: &Granted<P>, id: MemberId) -> String {
    format!("/schools/{}/accounts/{id}", granted.school.code)
}

/// Redirects to the person's page, with a notice of what was done, if it was.
pub fn told<P: Permission>(granted: &Granted<P>, id: MemberId, was_done: bool, what: &str) -> Response {
    if was_done { done(granted, id, what) } else { page::redirect(&address(granted, id)) }
}

/// Redirects to where the notice is shown: the person's page, or for a homeroom teacher their classes.
pub fn done<P: Permission>(granted: &Granted<P>, id: MemberId, what: &str) -> Response {
    let back = match granted.may::<may::ManageAccounts>() {
        true => address(granted, id),
        false => format!("/schools/{}/my-classes", granted.school.code),
    };
    page::redirect(&format!("{back}?done={what}"))
}
