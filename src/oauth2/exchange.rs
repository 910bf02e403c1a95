//! What an application hands in at the token endpoint to go on with a sign-in.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    claims,
    clients::Application,
    grants::{self, Continued, Exchange},
    scopes::OpenIdScope,
    tokens,
};
use crate::{app::App, error::Result};

/// Why there are no tokens (RFC 6749, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeRefusal {
    /// A parameter is missing.
    InvalidRequest,
    /// The code or refresh token is not good, or the person may not go in any more.
    InvalidGrant,
    /// More is asked for than was granted.
    InvalidScope,
}

/// Tokens for a code.
pub async fn code(
    app: &App,
    application: &Application,
    form: &HashMap<String, String>,
) -> Result<Result<Value, ExchangeRefusal>> {
    let get = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let (Some(code), Some(redirect_uri), Some(verifier)) = (get("code"), get("redirect_uri"), get("code_verifier"))
    else {
        return Ok(Err(ExchangeRefusal::InvalidRequest));
    };
    let with = Exchange { code, redirect_uri, verifier };
    let Some(continued) = grants::redeem(app, application.id, &with).await? else {
        return Ok(Err(ExchangeRefusal::InvalidGrant));
    };
    answer(app, application, continued, None).await
}

/// Tokens for a refresh token, which is replaced.
pub async fn refresh(
    app: &App,
    application: &Application,
    form: &HashMap<String, String>,
) -> Result<Result<Value, ExchangeRefusal>> {
    let Some(token) = form.get("refresh_token").filter(|token| !token.is_empty()) else {
        return Ok(Err(ExchangeRefusal::InvalidRequest));
    };
    let asked = match form.get("scope").filter(|scope| !scope.is_empty()) {
        Some(scope) => match OpenIdScope::read(scope) {
            Some(scopes) => Some(scopes),
            None => return Ok(Err(ExchangeRefusal::InvalidScope)),
        },
        None => None,
    };
    let Some(continued) = grants::refresh(app, application.id, token).await? else {
        return Ok(Err(ExchangeRefusal::InvalidGrant));
    };
    let exceeds = |asked: &Vec<OpenIdScope>| asked.iter().any(|scope| !continued.grant.scopes.contains(scope));
    if asked.as_ref().is_some_and(exceeds) {
        return Ok(Err(ExchangeRefusal::InvalidScope));
    }
    answer(app, application, continued, asked).await
}

/// The tokens, unless the person may not enter the school any more: then the grant ends.
async fn answer(
    app: &App,
    application: &Application,
    continued: Continued,
    narrowed: Option<Vec<OpenIdScope>>,
) -> Result<Result<Value, ExchangeRefusal>> {
    if claims::of(app, &continued.grant).await?.is_none() {
        let mut tx = app.db.begin().await?;
        grants::end(&mut tx, continued.grant.id).await?;
        tx.commit().await?;
        return Ok(Err(ExchangeRefusal::InvalidGrant));
    }
    Ok(Ok(tokens::issue(app, application, continued, narrowed).await?))
}
