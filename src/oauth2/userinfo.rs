//! What an access token lets an application read (OpenID Connect Core 1.0, 5.3).

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    claims,
    client_auth::{OAuthForm, OAuthRefusal},
    clients, grants, keys, tokens,
};
use crate::{app::App, error::Result, web::PageResult};

pub async fn show(State(app): State<App>, headers: HeaderMap) -> PageResult {
    answer(&app, bearer(&headers)).await
}

/// The same by a form, which may carry the token itself (RFC 6750, 2.2).
pub async fn show_posted(State(app): State<App>, headers: HeaderMap, body: Bytes) -> PageResult {
    let form = OAuthForm::read(&headers, &body).unwrap_or_default();
    match (bearer(&headers), form.get("access_token")) {
        (Some(_), Some(_)) => {
            Ok(OAuthRefusal::InvalidRequest("The access token comes in one way at a time.").into_response())
        }
        (shown, sent) => answer(&app, shown.or(sent)).await,
    }
}

async fn answer(app: &App, token: Option<&str>) -> PageResult {
    let Some(token) = token else { return Ok(refusal("Bearer realm=\"schoolgate\"")) };
    match told(app, token).await? {
        Some(claims) => Ok(([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(claims)).into_response()),
        None => Ok(refusal("Bearer realm=\"schoolgate\", error=\"invalid_token\"")),
    }
}

/// The claims; `None` where the token is not good, or what it came out of has ended.
async fn told(app: &App, token: &str) -> Result<Option<serde_json::Value>> {
    let mut connection = app.db.pool().acquire().await?;
    let keys = keys::shown(&mut connection).await?;
    let Some(token) = tokens::read_access(app, token, &keys) else { return Ok(None) };
    let living = grants::living(&mut connection, token.grant_id, app.clock.now()).await?;
    drop(connection);
    let Some(grant) = living.filter(|grant| grant.client_id.to_string() == token.client_id) else { return Ok(None) };
    if clients::by_id(app, grant.client_id).await?.is_none() {
        return Ok(None);
    }
    let Some(mut claims) = claims::of(app, &grant.narrowed_to(&token.scopes)).await? else { return Ok(None) };
    claims.insert("sub".to_owned(), json!(token.subject));
    Ok(Some(claims.into()))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refusal(challenge: &'static str) -> Response {
    let headers = [(header::WWW_AUTHENTICATE, challenge), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (StatusCode::UNAUTHORIZED, headers, Json(json!({ "error": "invalid_token" }))).into_response()
}
