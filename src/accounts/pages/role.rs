//! `/schools/{code}/accounts/{id}/role`.

use axum::extract::{Query, State};
use serde::Deserialize;

use super::{
    actions::{address, told},
    status_transition::{StatusTransition, ask, ask_again, page_of},
};
use crate::{
    access::{Granted, MemberAction, Role, may},
    accounts::role,
    app::App,
    ids::MemberId,
    roster::subject::LockedMember,
    schools::years,
    web::{
        PageResult, RequestContext,
        address_parts::Path,
        forms::{Form, FormErrors},
        page,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    role: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Query(form): Query<RoleForm>,
) -> PageResult {
    match Role::from_key(&form.role) {
        Some(role) => ask(&app, &visitor, &granted, id, StatusTransition::Role(role)).await,
        // No role was named; a visitor who may not change this member is still refused.
        None => {
            page_of(&app, &visitor, &granted, id, StatusTransition::Role(Role::Teacher)).await?;
            Ok(page::redirect(address(&granted, id)))
        }
    }
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<RoleForm>,
) -> PageResult {
    let was_done = match Role::from_key(&form.role) {
        Some(role) => match role::change(&granted, &app, id, role).await {
            // A pupil may have the address of one of the staff; the staff may not.
            Err(error) if error.violated_constraint() == Some("staff_email_taken") => {
                let faults = FormErrors::one("role", "fault-email-taken");
                return ask_again(&app, &visitor, &granted, id, StatusTransition::Role(role), String::new(), faults)
                    .await;
            }
            changed => changed?,
        },
        // Without a role nothing is changed, but the permission is checked.
        None => {
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let year = years::current(&granted, &mut tx, app.clock.today()).await?;
            LockedMember::find(&granted, &mut tx, year.id, id, MemberAction::ChangeRole).await?;
            false
        }
    };
    Ok(told(&granted, id, was_done, "new-role"))
}
