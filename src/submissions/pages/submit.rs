//! Handing in and withdrawing, from the page of a submission.

use axum::{extract::State, response::Response};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    plan::{
        PlanAddress,
        pages::{query::ReviewQuery, review},
    },
    submissions::actions,
    web::{
        PageResult, RequestContext,
        forms::{Form, FormErrors},
        page, refused,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SubmitForm {
    confirm_leaves: String,
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    at: PlanAddress,
    Form(form): Form<SubmitForm>,
) -> PageResult {
    match actions::submit(&granted, &app, at.id, !form.confirm_leaves.is_empty()).await? {
        Ok(()) => Ok(done(&at, "submission-submitted")),
        Err(refusal) => {
            let field = if refusal == actions::SubmitRefusal::ConfirmLeaves { "confirm_leaves" } else { "submit" };
            let mut faults = FormErrors::new();
            faults.add_about(field, refusal.key(), refusal.value());
            with_faults(&app, &visitor, &granted, at, faults).await
        }
    }
}

pub async fn withdraw(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    at: PlanAddress,
) -> PageResult {
    if actions::withdraw(&granted, &app, at.id).await? {
        return Ok(done(&at, "submission-withdrawn"));
    }
    let faults = FormErrors::one("withdraw", "fault-submission-not-waiting");
    with_faults(&app, &visitor, &granted, at, faults).await
}

fn done(at: &PlanAddress, what: &str) -> Response {
    page::redirect(at.page().with("done", what))
}

async fn with_faults(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    at: PlanAddress,
    faults: FormErrors,
) -> Result<Response> {
    let page = review::of_school(app, visitor, granted, at, &ReviewQuery::default()).await?;
    refused(&page.with_faults(faults))
}
