//! Errors as other programs read them: problem details in JSON (RFC 9457), in place of pages.

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{RequestContext, errors, page};
use crate::error::Error;

/// The content type of a problem.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// One problem: what is wrong as a key that programs know, and as sentences for people.
#[derive(Clone, Debug)]
pub struct ApiProblem {
    pub status: StatusCode,
    pub key: String,
    pub title: String,
    pub detail: String,
    /// What this kind of problem has beside.
    pub more: Map<String, Value>,
}

impl ApiProblem {
    /// As it is sent.
    #[must_use]
    pub fn body(&self) -> String {
        let mut body = self.more.clone();
        body.insert("type".to_owned(), json!(format!("urn:schoolgate:problem:{}", self.key)));
        body.insert("title".to_owned(), json!(self.title));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("detail".to_owned(), json!(self.detail));
        Value::Object(body).to_string()
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        (self.status, [(header::CONTENT_TYPE, PROBLEM_JSON)], self.body()).into_response()
    }
}

/// The layer that turns errors, ours and the framework's, into problems.
pub async fn write_problems(visitor: RequestContext, request: Request, next: Next) -> Response {
    errors::write_for_programs(visitor, request, next, of_error).await
}

fn of_error(visitor: &RequestContext, status: StatusCode, error: Option<&Error>) -> Response {
    // Nobody signs in here: what is missing is the token.
    let (status, key) = match error {
        Some(Error::SignInNeeded) => (StatusCode::UNAUTHORIZED, "token"),
        error => (status, errors::key(status, error)),
    };
    let problem = ApiProblem {
        status,
        key: key.to_owned(),
        title: visitor.l.t(&format!("error-{key}-title")),
        detail: errors::text(visitor, key, error),
        more: Map::from_iter([("request_id".to_owned(), json!(visitor.request_id))]),
    };
    let mut response = problem.into_response();
    let challenge = match error {
        Some(Error::SignInNeeded) => Some("Bearer realm=\"schoolgate\"".to_owned()),
        Some(Error::ScopeMissing(scope)) => Some(insufficient(scope)),
        _ => None,
    };
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::try_from(challenge).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    match errors::wait(status, error) {
        Some(wait) => page::retry_after(response, wait),
        None => response,
    }
}

fn insufficient(scope: &str) -> String {
    format!("Bearer realm=\"schoolgate\", error=\"insufficient_scope\", scope=\"{scope}\"")
}
