//! A submission as programs read it.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{
    access::Scope,
    app::App,
    error::Result,
    ids::PlanId,
    plan::{
        book::Book,
        model::{Plan, PlanRow, PlanState, RowOutcome},
        rows, store,
    },
    registry::submissions::{self, Submission, SubmissionState},
    web::{RequestContext, Translator, problems::ApiProblem},
};

/// How many rows that are wrong are told: who has more sees the pattern, and has the file with all of them.
const MOST_ERRORS: i64 = 100;

/// A submission, its plan, and the first of its rows that are wrong.
pub struct FoundSubmission {
    pub submission: Submission,
    pub plan: Plan,
    wrong: Vec<PlanRow>,
}

/// An answer that can be given again.
#[derive(Clone, Debug)]
pub struct ApiAnswer {
    pub status: StatusCode,
    pub body: String,
    /// Where the submission is to be had.
    pub location: Option<String>,
}

impl IntoResponse for ApiAnswer {
    fn into_response(self) -> Response {
        let is_problem = self.status.is_client_error();
        let kind = if is_problem { "application/problem+json" } else { "application/json" };
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], self.body).into_response();
        if let Some(location) = self.location.and_then(|location| HeaderValue::try_from(location).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such submission.
pub async fn find(scope: &Scope, app: &App, plan_id: PlanId) -> Result<FoundSubmission> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    // The plan first: a submission moves on in one transaction with its plan, and each statement sees what was committed
    // by then. A submission that is older than its plan would be told as a draft that has been handed in.
    let plan = store::find_in(scope, &mut tx, Book::Registry, plan_id).await?;
    let submission = submissions::find(scope, &mut tx, plan_id).await?;
    let wrong = rows::page(scope, &mut tx, plan_id, Some(RowOutcome::Error), 0, MOST_ERRORS).await?;
    tx.commit().await?;
    Ok(FoundSubmission { submission, plan, wrong })
}

/// The state of a submission; its plan says what comes before the first.
fn state(found: &FoundSubmission) -> &'static str {
    match (found.plan.state, found.plan.refusal.as_deref()) {
        (PlanState::Reading, _) => "checking",
        (PlanState::Refused, Some("refusal-discarded" | "refusal-expired")) => "discarded",
        (PlanState::Refused, _) => "refused",
        _ => found.submission.state.key(),
    }
}

/// The answer that tells of a submission. `held_back` says why it could not be handed in.
#[must_use]
pub fn of(
    app: &App,
    visitor: &RequestContext,
    scope: &Scope,
    found: &FoundSubmission,
    held_back: Option<String>,
) -> ApiAnswer {
    let l = &visitor.l;
    let address = |path: &str| app.config.base_url.join(path).map(String::from).unwrap_or_default();
    let (plan, submission) = (&found.plan, &found.submission);
    let url = address(&format!("api/submissions/{}", plan.id));
    let counts = &plan.counts;
    let body = json!({
        "id": plan.id, "kind": submission.kind.key(), "state": state(found), "url": url,
        "page": address(&format!("schools/{}/submissions/{}", scope.school.code, plan.id)),
        "rows": counts.all(), "create": counts.create, "update": counts.update, "unchanged": counts.unchanged,
        "leave": counts.leave, "skip": counts.skip, "duplicate": counts.duplicate, "error": counts.error,
        "errors": errors(l, &found.wrong),
        "detail": held_back.or_else(|| plan.refusal.as_deref().map(|key| l.t(key))).or_else(|| undecided(l, found)),
        "remark": submission.remark, "submitted_at": submission.submitted_at,
    });
    ApiAnswer { status: StatusCode::OK, body: body.to_string(), location: Some(url) }
}

/// Of a draft: how many rows a person of the school has to decide on before it can be handed in.
fn undecided(l: &Translator, found: &FoundSubmission) -> Option<String> {
    let is_draft = found.plan.state == PlanState::Ready && found.submission.state == SubmissionState::Draft;
    let count = Some(found.plan.counts.duplicate).filter(|count| is_draft && *count > 0)?;
    Some(l.t1("problem-rows-undecided-detail", "count", count))
}

/// The answer to a file: taken, or a problem where rows are wrong or it could not be handed in. A file that cannot be read
/// is taken as well: what is in it is no part of the API's description, and the submission says why it is refused.
#[must_use]
pub fn to_file(
    app: &App,
    visitor: &RequestContext,
    scope: &Scope,
    found: &FoundSubmission,
    held_back: Option<String>,
) -> ApiAnswer {
    let told = of(app, visitor, scope, found, held_back.clone());
    let key = match (found.plan.counts.error, &held_back) {
        (0, None) => return ApiAnswer { status: StatusCode::ACCEPTED, ..told },
        (0, Some(_)) => "submission-held-back",
        _ => "rows-wrong",
    };
    let detail =
        held_back.unwrap_or_else(|| visitor.l.t1("problem-rows-wrong-detail", "count", found.plan.counts.error));
    let more = match serde_json::from_str(&told.body) {
        Ok(Value::Object(more)) => more,
        _ => Map::new(),
    };
    let problem = problem(visitor, key, detail, more);
    ApiAnswer { status: problem.status, body: problem.body(), location: told.location }
}

/// A request that is refused before there is a submission.
#[must_use]
pub fn refused(visitor: &RequestContext, key: &str) -> ApiProblem {
    let detail = visitor.l.t(&format!("problem-{key}-detail"));
    problem(visitor, key, detail, Map::new())
}

fn problem(visitor: &RequestContext, key: &str, detail: String, more: Map<String, Value>) -> ApiProblem {
    ApiProblem {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        key: key.to_owned(),
        title: visitor.l.t(&format!("problem-{key}")),
        detail,
        more,
    }
}

fn errors(l: &Translator, rows: &[PlanRow]) -> Vec<Value> {
    let wrong = rows.iter().flat_map(|row| row.problems().map(move |fault| (row.line, fault)));
    wrong
        .map(|(line, fault)| {
            let message = l.t1(&fault.sentence_key(), "value", fault.value.as_str());
            json!({ "row": line, "column": l.t(fault.field.label_key()), "message": message })
        })
        .collect()
}
