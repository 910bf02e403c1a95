//! `/schools/{code}/accounts/{id}/leaving`.

use axum::extract::{Path, State};

use super::{
    actions::{member_id, told},
    status_transition::{StatusTransition, StatusTransitionForm, ask, ask_again},
};
use crate::{
    access::{Granted, may},
    accounts::departure,
    app::App,
    web::{
        PageResult, RequestContext,
        forms::{self, Form},
    },
};

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    ask(&app, &visitor, &granted, member_id(&id)?, StatusTransition::Leaving).await
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<StatusTransitionForm>,
) -> PageResult {
    let id = member_id(&id)?;
    if !form.undo.is_empty() {
        return Ok(told(&granted, id, departure::come_back(&granted, &app, id).await?, "came-back"));
    }
    match forms::optional_reason(&form.reason) {
        Ok(reason) => Ok(told(&granted, id, departure::leave(&granted, &app, id, &reason).await?, "left")),
        Err(fault) => ask_again(&app, &visitor, &granted, id, StatusTransition::Leaving, form.reason, fault).await,
    }
}
