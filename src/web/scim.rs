//! Errors as SCIM has them (RFC 7644, 3.12), in place of pages.

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{RequestContext, errors};
use crate::error::Error;

/// The content type of everything that is told.
pub const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The standard's reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum ScimType {
    InvalidFilter,
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    Uniqueness,
}

/// A request that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    pub status: StatusCode,
    pub kind: Option<ScimType>,
    pub detail: String,
}

impl ScimError {
    /// A request that cannot be answered as it is sent.
    pub fn wrong(kind: ScimType, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: Some(kind), detail: detail.into() }
    }

    /// Something else stands in the way.
    pub fn conflict(kind: Option<ScimType>, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, kind, detail: detail.into() }
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": [ERROR], "status": self.status.as_u16().to_string(), "detail": self.detail,
        });
        if let (Some(kind), Some(body)) = (self.kind, body.as_object_mut()) {
            body.insert("scimType".to_owned(), Value::from(<&str>::from(kind)));
        }
        (self.status, [(header::CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
    }
}

/// The layer that turns errors, ours and the framework's, into those of SCIM.
pub async fn write_scim_errors(visitor: RequestContext, request: Request, next: Next) -> Response {
    errors::write_for_programs(visitor, request, next, of_error).await
}

fn of_error(visitor: &RequestContext, status: StatusCode, error: Option<&Error>) -> Response {
    let status = if matches!(error, Some(Error::SignInNeeded)) { StatusCode::UNAUTHORIZED } else { status };
    let detail = match (status, error) {
        (StatusCode::UNAUTHORIZED, _) => "a token of a school is needed that is in force".to_owned(),
        (_, Some(Error::ScopeMissing(scope))) => format!("the token lacks the scope {scope}"),
        (_, Some(Error::SchoolSuspended)) => "the school is suspended".to_owned(),
        (StatusCode::FORBIDDEN, _) => {
            "a token acts on pupils and teachers, not on those who manage the school".to_owned()
        }
        (StatusCode::NOT_FOUND, _) => "there is no such resource".to_owned(),
        (StatusCode::METHOD_NOT_ALLOWED, _) => "the address does not know this method".to_owned(),
        (StatusCode::PAYLOAD_TOO_LARGE, _) => "the body is too large".to_owned(),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, _) => "the body is application/scim+json or application/json".to_owned(),
        (status, _) => {
            let reason = status.canonical_reason().unwrap_or_default().to_lowercase();
            format!("{reason} (request {})", visitor.request_id)
        }
    };
    errors::for_token_bearers(ScimError { status, kind: None, detail }.into_response(), status, error)
}
