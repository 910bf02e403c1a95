//! What an application hands in at the token endpoint to go on with a sign-in.

use serde_json::Value;

use super::{
    claims,
    client_auth::{OAuthForm, OAuthRefusal},
    clients::Application,
    grants::{self, Continued, Exchange, Refreshed},
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
    answer(app, application, continued, None).await
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
        Refreshed::Continued(continued) => answer(app, application, continued, asked).await,
        Refreshed::NotGood => Ok(Err(OAuthRefusal::InvalidGrant)),
        Refreshed::TooMuch => Ok(Err(OAuthRefusal::InvalidScope)),
    }
}

/// The tokens, unless the person may not enter the school any more: then the grant ends.
async fn answer(
    app: &App,
    application: &Application,
    continued: Continued,
    narrowed: Option<Vec<OpenIdScope>>,
) -> Result<Result<Value, OAuthRefusal>> {
    if !claims::may_enter(app, &continued.grant).await? {
        let mut tx = app.db.begin().await?;
        grants::end(&mut tx, continued.grant.id).await?;
        tx.commit().await?;
        return Ok(Err(OAuthRefusal::InvalidGrant));
    }
    Ok(Ok(tokens::issue(app, application, continued, narrowed).await?))
}
