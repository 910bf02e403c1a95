//! Errors as OneRoster has them: `imsx_StatusInfo` in JSON, in place of pages.

use axum::{
    Json,
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{RequestContext, errors};
use crate::error::Error;

/// The standard's reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMinor {
    InvalidFilterField,
    InvalidSelectionField,
    InvalidData,
    UnauthorisedRequest,
    Forbidden,
    ServerBusy,
    UnknownObject,
    InternalServerError,
}

impl CodeMinor {
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::InvalidFilterField => "invalid_filter_field",
            Self::InvalidSelectionField => "invalid_selection_field",
            Self::InvalidData => "invaliddata",
            Self::UnauthorisedRequest => "unauthorisedrequest",
            Self::Forbidden => "forbidden",
            Self::ServerBusy => "server_busy",
            Self::UnknownObject => "unknownobject",
            Self::InternalServerError => "internal_server_error",
        }
    }

    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::UnauthorisedRequest,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::UnknownObject,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Self::ServerBusy,
            status if status.is_server_error() => Self::InternalServerError,
            _ => Self::InvalidData,
        }
    }
}

/// A request that failed, and why.
#[derive(Clone, Debug)]
pub struct StatusInfo {
    pub status: StatusCode,
    pub code: CodeMinor,
    pub description: String,
}

impl IntoResponse for StatusInfo {
    fn into_response(self) -> Response {
        let is_undeclared = self.status == StatusCode::METHOD_NOT_ALLOWED;
        let body = json!({
            "imsx_codeMajor": if is_undeclared { "unsupported" } else { "failure" },
            "imsx_severity": "error",
            "imsx_description": self.description,
            "imsx_CodeMinor": { "imsx_codeMinorField": [
                { "imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": self.code.key() },
            ] },
        });
        (self.status, Json(body)).into_response()
    }
}

/// The layer that turns errors, ours and the framework's, into status infos.
pub async fn write_status_infos(visitor: RequestContext, request: Request, next: Next) -> Response {
    errors::write_for_programs(visitor, request, next, of_error).await
}

fn of_error(visitor: &RequestContext, status: StatusCode, error: Option<&Error>) -> Response {
    let status = if matches!(error, Some(Error::SignInNeeded)) { StatusCode::UNAUTHORIZED } else { status };
    let description = match (status, error) {
        (StatusCode::UNAUTHORIZED, _) => "an access token of a client in force is needed".to_owned(),
        (_, Some(Error::ScopeMissing(scope))) => format!("the access token lacks the scope {scope}"),
        (_, Some(Error::SchoolSuspended)) => "the school is suspended".to_owned(),
        (StatusCode::NOT_FOUND, _) => "there is no such thing".to_owned(),
        (StatusCode::METHOD_NOT_ALLOWED, _) => "this address is only read".to_owned(),
        (status, _) => {
            let reason = status.canonical_reason().unwrap_or_default().to_lowercase();
            format!("{reason} (request {})", visitor.request_id)
        }
    };
    errors::for_token_bearers(
        StatusInfo { status, code: CodeMinor::of(status), description }.into_response(),
        status,
        error,
    )
}
