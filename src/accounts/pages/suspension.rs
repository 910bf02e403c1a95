//! `/schools/{code}/accounts/{id}/suspension`.

use axum::extract::State;

use super::{
    actions::told,
    status_transition::{StatusTransition, StatusTransitionForm, ask, ask_again},
};
use crate::{
    access::{Granted, may},
    accounts::suspension,
    app::App,
    ids::MemberId,
    web::{
        PageResult, RequestContext,
        address_parts::Path,
        forms::{self, Form, FormErrors},
    },
};

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    ask(&app, &visitor, &granted, id, StatusTransition::Suspension).await
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<StatusTransitionForm>,
) -> PageResult {
    if !form.undo.is_empty() {
        return lifted(&app, &granted, id).await;
    }
    match forms::optional_reason(&form.reason) {
        Ok(reason) => Ok(told(&granted, id, suspension::suspend(&granted, &app, id, &reason).await?, "suspended")),
        Err(fault) => {
            let faults = FormErrors::one("reason", fault);
            ask_again(&app, &visitor, &granted, id, StatusTransition::Suspension, form.reason, faults).await
        }
    }
}

pub async fn lift(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    lifted(&app, &granted, id).await
}

async fn lifted(app: &App, granted: &Granted<may::ManageAccounts>, id: MemberId) -> PageResult {
    Ok(told(granted, id, suspension::lift_suspension(granted, app, id).await?, "suspension-lifted"))
}
