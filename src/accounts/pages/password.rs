//! `…/accounts/{id}/password`: a new temporary password for one person.

use axum::extract::State;

use super::actions::done;
use crate::{
    access::{Granted, may},
    accounts::password::{self, Reset},
    app::App,
    identity::reauthentication,
    ids::MemberId,
    paths,
    web::{PageResult, RequestContext, address_parts::Path, page},
};

pub async fn reset(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    // Staff accounts could do harm, so the actor must have confirmed their password recently; a pupil who stands at the
    // desk is helped at once.
    if password::is_of_staff(&granted, &app, id).await? {
        reauthentication::expect(&visitor)?;
    }
    Ok(match password::reset(&granted, &app, id, visitor.l.0).await? {
        Reset::Slip => page::redirect(paths::AccountSlip::of(&granted.school.code, id)),
        Reset::Mailed => done(&granted, id, "reset-mailed"),
        Reset::Invited => done(&granted, id, "invited-again"),
        Reset::InvitedEnough => done(&granted, id, "invited-enough"),
    })
}
