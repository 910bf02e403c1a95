//! `/oauth2/token`: an access token for a client's id and secret (RFC 6749, 4.4). The client shows them by Basic
//! authentication or in the body, never both.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::{
    access::ClientScope,
    app::App,
    clients::{self, credentials::TOKEN_LASTS},
    error::Result,
    identity::throttle::{self, Secret},
    paths,
    routes::{Access, Routes},
    web::{RequestContext, page},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new().post(paths::OAuthToken::PATH, Access::Client(&[]), token)
}

/// Why no token is given (RFC 6749, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    InvalidRequest(&'static str),
    InvalidClient,
    UnsupportedGrantType,
    InvalidScope,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (error, description) = match self {
            Self::InvalidRequest(why) => ("invalid_request", why),
            Self::InvalidClient => ("invalid_client", "There is no such client, or its secret is another one."),
            Self::UnsupportedGrantType => ("unsupported_grant_type", "The grant type is client_credentials."),
            Self::InvalidScope => ("invalid_scope", "The client is allowed none of these scopes."),
        };
        let body = Json(json!({ "error": error, "error_description": description }));
        let status = if self == Self::InvalidClient { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let mut response = unstored((status, body).into_response());
        if self == Self::InvalidClient {
            let challenge = HeaderValue::from_static("Basic realm=\"schoolgate\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// What nobody on the way may keep.
fn unstored(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// The fields of the body, each at most once.
#[derive(Clone, Debug, Default)]
struct TokenRequest {
    grant_type: Option<String>,
    scope: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

impl TokenRequest {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::InvalidRequest("The body must be application/x-www-form-urlencoded."));
        }
        let mut request = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let field = match &*name {
                "grant_type" => &mut request.grant_type,
                "scope" => &mut request.scope,
                "client_id" => &mut request.client_id,
                "client_secret" => &mut request.client_secret,
                _ => continue,
            };
            // Without a value it counts as left out (RFC 6749, 3.2).
            if value.is_empty() {
                continue;
            }
            if field.replace(value.into_owned()).is_some() {
                return Err(Refusal::InvalidRequest("A field may be sent once."));
            }
        }
        Ok(request)
    }

    /// The id and the secret that the client shows.
    fn credentials(&self, headers: &HeaderMap) -> Result<(String, String), Refusal> {
        let shown = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        match (shown, &self.client_id, &self.client_secret) {
            (Some(_), _, Some(_)) => Err(Refusal::InvalidRequest("The client authenticates in one way at a time.")),
            (Some(shown), client_id, None) => {
                let (id, secret) = basic(shown).ok_or(Refusal::InvalidClient)?;
                if client_id.as_ref().is_some_and(|other| *other != id) {
                    return Err(Refusal::InvalidRequest("The body names another client than the header."));
                }
                Ok((id, secret))
            }
            (None, Some(id), Some(secret)) => Ok((id.clone(), secret.clone())),
            (None, _, _) => Err(Refusal::InvalidClient),
        }
    }

    /// What is asked for of what the client is allowed; all of that where nothing is asked for.
    fn scopes(&self, allowed: &[ClientScope]) -> Result<Vec<ClientScope>, Refusal> {
        let Some(asked) = &self.scope else { return Ok(allowed.to_vec()) };
        let is_well_formed = asked.bytes().all(|byte| matches!(byte, b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        let asked: Vec<ClientScope> = asked.split(' ').filter_map(ClientScope::from_name).collect();
        let granted: Vec<ClientScope> = allowed.iter().copied().filter(|scope| asked.contains(scope)).collect();
        if is_well_formed && !granted.is_empty() { Ok(granted) } else { Err(Refusal::InvalidScope) }
    }
}

/// The id and secret of Basic authentication, each form-encoded (RFC 6749, 2.3.1).
fn basic(shown: &str) -> Option<(String, String)> {
    let (scheme, encoded) = shown.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
    if scheme.eq_ignore_ascii_case("basic") { Some((plain(id)?, plain(secret)?)) } else { None }
}

async fn token(State(app): State<App>, visitor: RequestContext, headers: HeaderMap, body: Bytes) -> Result<Response> {
    let request = match TokenRequest::read(&headers, &body) {
        Ok(request) => request,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let (id, secret) = match request.credentials(&headers) {
        Ok(shown) => shown,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let charged = match throttle::take_try(&app.db, Secret::Client, visitor.address, visitor.now).await? {
        Ok(charged) => charged,
        Err(wait) => return Ok(too_many(wait)),
    };
    let Some((client_id, allowed)) = clients::by_secret(&app.db, &id, &secret).await? else {
        return Ok(Refusal::InvalidClient.into_response());
    };
    charged.give_back(&mut *app.db.pool().acquire().await?).await?;
    if let Err(wait) = throttle::may_use_client(&app.db, client_id, visitor.now).await? {
        return Ok(too_many(wait));
    }
    match request.grant_type.as_deref() {
        Some("client_credentials") => {}
        None => return Ok(Refusal::InvalidRequest("grant_type is missing.").into_response()),
        Some(_) => return Ok(Refusal::UnsupportedGrantType.into_response()),
    }
    let scopes = match request.scopes(&allowed) {
        Ok(scopes) => scopes,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let names: Vec<String> = scopes.iter().map(|scope| scope.name()).collect();
    let answer = json!({
        "access_token": clients::issue(&app, client_id, &scopes).await?,
        "token_type": "Bearer",
        "expires_in": TOKEN_LASTS.num_seconds(),
        "scope": names.join(" "),
    });
    Ok(unstored(Json(answer).into_response()))
}

fn too_many(wait: std::time::Duration) -> Response {
    let body =
        json!({ "error": "temporarily_unavailable", "error_description": "Too many requests: try again later." });
    page::retry_after(unstored((StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response()), wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_encoded_within() {
        let shown = |text: &str| format!("bAsIc {}", STANDARD.encode(text));
        assert_eq!(basic(&shown("a%3Ab:c%2Bd")), Some(("a:b".to_owned(), "c+d".to_owned())));
        for wrong in ["", "Basic", "Basic !!!", &shown("no-colon"), "Bearer YTpi"] {
            assert_eq!(basic(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn scopes_are_what_is_asked_for_and_allowed() {
        let asked = |scope: &str| TokenRequest { scope: Some(scope.to_owned()), ..TokenRequest::default() };
        let allowed = [ClientScope::Roster];
        let (granted, other) = (ClientScope::Roster.name(), ClientScope::RosterDemographics.name());
        assert_eq!(TokenRequest::default().scopes(&allowed), Ok(vec![ClientScope::Roster]));
        assert_eq!(asked(&format!("{granted} {other} what-is-this")).scopes(&allowed), Ok(vec![ClientScope::Roster]));
        for refused in [other.as_str(), "what-is-this", "\u{7f}", &format!("{granted} \"")] {
            assert_eq!(asked(refused).scopes(&allowed), Err(Refusal::InvalidScope), "{refused}");
        }
    }
}
