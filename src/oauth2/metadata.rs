//! What applications read of this server before they use it (OpenID Connect Discovery 1.0; RFC 8414).

use axum::{Json, extract::State, http::header, response::IntoResponse};
use serde_json::json;

use super::{keys, scopes::OpenIdScope, tokens};
use crate::{app::App, paths, web::PageResult};

/// For how long the answers may be kept, so that a new key is known in time.
const KEPT: &str = "public, max-age=300";

pub async fn configuration(State(app): State<App>) -> PageResult {
    let issuer = tokens::issuer(&app);
    let at = |path: &str| app.config.address_of(path);
    let scopes: Vec<&str> = OpenIdScope::all().into_iter().map(OpenIdScope::key).collect();
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": at(paths::Authorize::PATH),
        "token_endpoint": at(paths::OAuthToken::PATH),
        "userinfo_endpoint": at(paths::UserInfo::PATH),
        "jwks_uri": at(paths::KeySet::PATH),
        "revocation_endpoint": at(paths::ClientTokenRevocation::PATH),
        "end_session_endpoint": at(paths::OpenIdSignOut::PATH),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": [tokens::ACR_PROVIDER, tokens::ACR_PASSWORD, tokens::ACR_SECOND_FACTOR],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "name", "given_name",
            "middle_name", "family_name", "locale", "zoneinfo", "email", "email_verified", "school",
        ],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "ui_locales_supported": ["vi", "en"],
    });
    Ok(([(header::CACHE_CONTROL, KEPT), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(body)).into_response())
}

pub async fn key_set(State(app): State<App>) -> PageResult {
    keys::signing(&app).await?;
    let mut connection = app.db.pool().acquire().await?;
    let keys = keys::shown(&mut connection).await?;
    let body = Json(json!({ "keys": keys }));
    Ok(([(header::CACHE_CONTROL, KEPT), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], body).into_response())
}
