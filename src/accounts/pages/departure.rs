//! `/schools/{code}/accounts/{id}/leaving`.

use axum::extract::State;

use super::{
    actions::told,
    status_transition::{StatusTransition, StatusTransitionForm, ask, ask_again},
};
use crate::{
    access::{Granted, may},
    accounts::departure,
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
    ask(&app, &visitor, &granted, id, StatusTransition::Leaving).await
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<StatusTransitionForm>,
) -> PageResult {
    if !form.undo.is_empty() {
        return is_back(&app, &granted, id).await;
    }
    match forms::optional_reason(&form.reason) {
        Ok(reason) => Ok(told(&granted, id, departure::leave(&granted, &app, id, &reason).await?, "left")),
        Err(fault) => {
            let faults = FormErrors::one("reason", fault);
            ask_again(&app, &visitor, &granted, id, StatusTransition::Leaving, form.reason, faults).await
        }
    }
}

pub async fn come_back(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    is_back(&app, &granted, id).await
}

async fn is_back(app: &App, granted: &Granted<may::ManageAccounts>, id: MemberId) -> PageResult {
    Ok(told(granted, id, departure::come_back(granted, app, id).await?, "came-back"))
}
