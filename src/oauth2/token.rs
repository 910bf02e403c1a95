//! `/oauth2/token`: an access token for a client's own id and secret (RFC 6749, 4.4), and the tokens of a person who has
//! signed in to an application, for a code or a refresh token.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    client_auth::{self, OAuthForm, OAuthRefusal, unstored},
    clients::Application,
    exchange,
};
use crate::{
    access::ClientScope,
    app::App,
    clients::{self, TOKEN_LASTS},
    error::Result,
    web::RequestContext,
};

pub async fn token(
    State(app): State<App>,
    visitor: RequestContext,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let (client, form) = match client_auth::client(&app, &visitor, &headers, &body).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let grant_type = form.get("grant_type");
    let is_own = grant_type == Some("client_credentials");
    if is_own && let Err(refusal) = client_auth::charge(&app, &visitor, &client).await? {
        return Ok(refusal.into_response());
    }
    let answer = match grant_type {
        Some("client_credentials") => own(&app, &client, &form).await?,
        Some("authorization_code" | "refresh_token") => of_person(&app, &client, &form).await?,
        None => Err(OAuthRefusal::InvalidRequest("grant_type is missing.")),
        Some(_) => Err(OAuthRefusal::UnsupportedGrantType),
    };
    // A request for itself is charged already.
    if answer.is_err()
        && !is_own
        && let Err(refusal) = client_auth::charge(&app, &visitor, &client).await?
    {
        return Ok(refusal.into_response());
    }
    Ok(match answer {
        Ok(answer) => unstored(Json(answer).into_response()),
        Err(refusal) => refusal.into_response(),
    })
}

/// A token with which the client asks for itself.
async fn own(app: &App, client: &Application, form: &OAuthForm) -> Result<Result<serde_json::Value, OAuthRefusal>> {
    let allowed: Vec<ClientScope> =
        client.allowed.iter().copied().filter(|scope| ClientScope::ONEROSTER.contains(scope)).collect();
    if client.is_public || allowed.is_empty() {
        return Ok(Err(OAuthRefusal::UnauthorizedClient));
    }
    let scopes = match asked(form.get("scope"), &allowed) {
        Ok(scopes) => scopes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let names: Vec<String> = scopes.iter().map(|scope| scope.name()).collect();
    Ok(Ok(json!({
        "access_token": clients::issue(app, client.id, &scopes).await?,
        "token_type": "Bearer",
        "expires_in": TOKEN_LASTS.num_seconds(),
        "scope": names.join(" "),
    })))
}

/// What is asked for of what the client is allowed; all of that where nothing is asked for.
fn asked(scope: Option<&str>, allowed: &[ClientScope]) -> Result<Vec<ClientScope>, OAuthRefusal> {
    let Some(asked) = scope else { return Ok(allowed.to_vec()) };
    let is_well_formed = asked.bytes().all(|byte| matches!(byte, b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    let asked: Vec<ClientScope> = asked.split(' ').filter_map(ClientScope::from_name).collect();
    let granted: Vec<ClientScope> = allowed.iter().copied().filter(|scope| asked.contains(scope)).collect();
    if is_well_formed && !granted.is_empty() { Ok(granted) } else { Err(OAuthRefusal::InvalidScope) }
}

/// The tokens of a person who has signed in to the application.
async fn of_person(
    app: &App,
    client: &Application,
    form: &OAuthForm,
) -> Result<Result<serde_json::Value, OAuthRefusal>> {
    let answer = match form.get("grant_type") {
        Some("refresh_token") => exchange::refresh(app, client, form).await?,
        _ => exchange::code(app, client, form).await?,
    };
    if answer.is_ok() {
        clients::note_use(&app.db, client.id, client.last_used_at, app.clock.now()).await?;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_what_is_asked_for_and_allowed() {
        let allowed = [ClientScope::Roster];
        let (granted, other) = (ClientScope::Roster.name(), ClientScope::RosterDemographics.name());
        assert_eq!(asked(None, &allowed), Ok(vec![ClientScope::Roster]));
        assert_eq!(asked(Some(&format!("{granted} {other} what-is-this")), &allowed), Ok(vec![ClientScope::Roster]));
        for refused in [other.as_str(), "what-is-this", "\u{7f}", &format!("{granted} \"")] {
            assert_eq!(asked(Some(refused), &allowed), Err(OAuthRefusal::InvalidScope), "{refused}");
        }
    }
}
