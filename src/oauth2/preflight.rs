//! What a browser asks before a program in it sends a request with headers of its own (the Fetch standard's CORS
//! protocol).

use axum::{
    extract::Request,
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::paths;

/// What programs may ask from whatever page they run in: no cookie counts there.
const FROM_BROWSERS: [&str; 5] = [
    paths::OpenIdConfiguration::PATH,
    paths::KeySet::PATH,
    paths::OAuthToken::PATH,
    paths::UserInfo::PATH,
    paths::ClientTokenRevocation::PATH,
];

/// The layer that answers it.
pub async fn answer_preflight(request: Request, next: Next) -> Response {
    if request.method() != Method::OPTIONS || !FROM_BROWSERS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
