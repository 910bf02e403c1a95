//! Errors as OAuth 2 has them (RFC 6749, 5.2; RFC 6750, 3.1), in place of pages.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{RequestContext, errors};
use crate::error::Error;

/// The layer that turns errors, ours and the framework's, into answers that an OAuth library reads.
pub async fn write_oauth_errors(visitor: RequestContext, request: Request, next: Next) -> Response {
    errors::write_for_programs(visitor, request, next, of_error).await
}

fn of_error(visitor: &RequestContext, status: StatusCode, error: Option<&Error>) -> Response {
    let code = match status {
        StatusCode::UNAUTHORIZED => "invalid_token",
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    };
    let reason = status.canonical_reason().unwrap_or_default();
    let description = format!("{reason} (request {}).", visitor.request_id);
    let body = Json(json!({ "error": code, "error_description": description }));
    let mut response = errors::for_token_bearers((status, body).into_response(), status, error);
    // Programs in a browser read errors as well.
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
