//! How a program shows at `/oauth2/token` and `/oauth2/revoke` which client it is: by Basic authentication or in the body,
//! never both (RFC 6749, 2.3.1). A client that keeps no secret only names itself.

use std::collections::HashMap;

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::clients::{self as applications, Application, ShownClient};
use crate::{
    app::App,
    clients,
    error::Result,
    identity::throttle::{self, Secret},
    web::{RequestContext, page},
};

/// Why a program gets nothing (RFC 6749, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthRefusal {
    InvalidRequest(&'static str),
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    UnauthorizedClient,
    InvalidScope,
    TooMany(std::time::Duration),
}

impl IntoResponse for OAuthRefusal {
    fn into_response(self) -> Response {
        let (error, description) = match self {
            Self::InvalidRequest(why) => ("invalid_request", why),
            Self::InvalidClient => ("invalid_client", "There is no such client, or its secret is another one."),
            Self::InvalidGrant => ("invalid_grant", "The code or token is not good, or what it belongs to has ended."),
            Self::UnsupportedGrantType => {
                ("unsupported_grant_type", "The grant type is client_credentials, authorization_code or refresh_token.")
            }
            Self::UnauthorizedClient => ("unauthorized_client", "The client has none of the scopes for this."),
            Self::InvalidScope => ("invalid_scope", "The client is allowed none of these scopes."),
            Self::TooMany(_) => ("temporarily_unavailable", "Too many requests: try again later."),
        };
        let body = Json(json!({ "error": error, "error_description": description }));
        let status = match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut response = unstored((status, body).into_response());
        if self == Self::InvalidClient {
            let challenge = HeaderValue::from_static("Basic realm=\"schoolgate\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        match self {
            Self::TooMany(wait) => page::retry_after(response, wait),
            _ => response,
        }
    }
}

/// What nobody on the way may keep. Programs in a browser may read it: no cookie counts here.
pub fn unstored(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The fields of the body, each at most once; one without a value counts as left out (RFC 6749, 3.2).
#[derive(Clone, Debug, Default)]
pub struct OAuthForm(HashMap<String, String>);

impl OAuthForm {
    /// # Errors
    /// A body of another kind, or a field that is sent twice.
    pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthRefusal> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthRefusal::InvalidRequest("The body must be application/x-www-form-urlencoded."));
        }
        let mut fields = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            // It cannot be stored, so nothing that is compared with a value holds one.
            if value.contains('\0') {
                return Err(OAuthRefusal::InvalidRequest("A field may hold no NUL."));
            }
            if !value.is_empty() && fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(OAuthRefusal::InvalidRequest("A field may be sent once."));
            }
        }
        Ok(Self(fields))
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The id and, unless the client keeps none, the secret that the client shows.
    fn credentials(&self, headers: &HeaderMap) -> Result<(String, Option<String>), OAuthRefusal> {
        let shown = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        match (shown, self.get("client_id"), self.get("client_secret")) {
            (Some(_), _, Some(_)) => {
                Err(OAuthRefusal::InvalidRequest("The client authenticates in one way at a time."))
            }
            (Some(shown), client_id, None) => {
                let (id, secret) = basic(shown).ok_or(OAuthRefusal::InvalidClient)?;
                if client_id.is_some_and(|other| other != id) {
                    return Err(OAuthRefusal::InvalidRequest("The body names another client than the header."));
                }
                Ok((id, Some(secret)))
            }
            (None, Some(id), secret) => Ok((id.to_owned(), secret.map(str::to_owned))),
            (None, None, _) => Err(OAuthRefusal::InvalidClient),
        }
    }
}

/// The id and secret of Basic authentication, each form-encoded (RFC 6749, 2.3.1).
fn basic(shown: &str) -> Option<(String, String)> {
    let (scheme, encoded) = shown.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // A plus is a space there.
    let plain = |text: &str| Some(percent_decode_str(&text.replace('+', " ")).decode_utf8().ok()?.into_owned());
    if scheme.eq_ignore_ascii_case("basic") { Some((plain(id)?, plain(secret)?)) } else { None }
}

/// Charges a request to its client: each one for itself, and of those for people the refused ones. Valid codes and refresh
/// tokens are not charged: all of a school may sign in within a few minutes.
pub async fn charge(app: &App, visitor: &RequestContext, client: &Application) -> Result<Result<(), OAuthRefusal>> {
    let taken = throttle::may_use_client(&app.db, client.id, visitor.now).await?;
    Ok(taken.map_err(OAuthRefusal::TooMany))
}

/// Which client asks, and its form. Wrong secrets are charged.
pub async fn client(
    app: &App,
    visitor: &RequestContext,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Result<(Application, OAuthForm), OAuthRefusal>> {
    let read = OAuthForm::read(headers, body).and_then(|form| Ok((form.credentials(headers)?, form)));
    let ((id, secret), form) = match read {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let guesses = Secret::Client.subject(visitor.address);
    let found = match (id.parse(), secret.as_deref().map(clients::secret_hash)) {
        (Ok(id), None) => applications::shown(app, id, None, &guesses).await?,
        (Ok(id), Some(Some(hash))) => applications::shown(app, id, Some(&hash), &guesses).await?,
        _ => None,
    };
    let Some(ShownClient { application, resets_at }) = found else {
        let taken = throttle::take_try(&app.db, Secret::Client, visitor.address, visitor.now).await?;
        return Ok(Err(taken.map_or_else(OAuthRefusal::TooMany, |_wrong| OAuthRefusal::InvalidClient)));
    };
    let may_try = throttle::may_try(Secret::Client, resets_at, visitor.now);
    Ok(may_try.map(|()| (application, form)).map_err(OAuthRefusal::TooMany))
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
}
