//! What an application hands in at the token endpoint to go on with a sign-in.

use serde_json::Value;

use super::{
    client_auth::{OAuthForm, OAuthRefusal},
    clients::Application,
    grants::{self, Exchange, Refreshed},
    scopes::OpenIdScope,
    tokens,
};
use crate::{app::App, error::Result};

/// Tokens for a code.
pub async fn code(app: &App, application: &Application, form: &OAuthForm) -> Result<Result<Value, OAuthRefusal>> {
    let (Some(code), Some(redirect_uri), Some(verifier)) =
        (form.get("code"), form.get("redirect_uri"), form.get("code_verifier"))
    else {
        return Ok(Err(OAuthRefusal::InvalidRequest("code, redirect_uri and code_verifier are needed.")));
    };
    let with = Exchange { code, redirect_uri, verifier };
    let Some(continued) = grants::redeem(app, application, &with).await? else {
        return Ok(Err(OAuthRefusal::InvalidGrant));
    };
    Ok(Ok(tokens::issue(app, application, continued, None).await?))
}

/// Tokens for a refresh token, which is replaced.
pub async fn refresh(app: &App, application: &Application, form: &OAuthForm) -> Result<Result<Value, OAuthRefusal>> {
    let Some(token) = form.get("refresh_token") else {
        return Ok(Err(OAuthRefusal::InvalidRequest("refresh_token is missing.")));
    };
    let asked = match form.get("scope") {
        Some(scope) => match OpenIdScope::read(scope) {
            Some(scopes) => Some(scopes),
            None => return Ok(Err(OAuthRefusal::InvalidScope)),
        },
        None => None,
    };
    match grants::refresh(app, application.id, token, asked.as_deref()).await? {
        Refreshed::Continued(continued) => Ok(Ok(tokens::issue(app, application, *continued, asked).await?)),
        Refreshed::NotGood => Ok(Err(OAuthRefusal::InvalidGrant)),
        Refreshed::TooMuch => Ok(Err(OAuthRefusal::InvalidScope)),
    }
}
