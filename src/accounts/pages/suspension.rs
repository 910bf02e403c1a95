//! `/schools/{code}/accounts/{id}/suspension`.

use axum::extract::{Path, State};

use super::{
    actions::{member_id, told},
    status_transition::{StatusTransition, StatusTransitionForm, ask, ask_again},
};
use crate::{
    access::{Granted, may},
    accounts::suspension,
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
    ask(&app, &visitor, &granted, member_id(&id)?, StatusTransition::Suspension).await
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
        return Ok(told(&granted, id, suspension::lift_suspension(&granted, &app, id).await?, "suspension-lifted"));
    }
    match forms::optional_reason(&form.reason) {
        Ok(reason) => Ok(told(&granted, id, suspension::suspend(&granted, &app, id, &reason).await?, "suspended")),
        Err(fault) => ask_again(&app, &visitor, &granted, id, StatusTransition::Suspension, form.reason, fault).await,
    }
}
