//! `/oauth2/revoke`: an application gives tokens back (RFC 7009).

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::{
    client_auth::{self, OAuthRefusal, unstored},
    grants, keys, tokens,
};
use crate::{app::App, clients, error::Result, ids::ClientId, web::RequestContext};

pub async fn revoke(
    State(app): State<App>,
    visitor: RequestContext,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let (client, form) = match client_auth::client(&app, &visitor, &headers, &body).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    if let Err(refusal) = client_auth::charge(&app, &visitor, &client).await? {
        return Ok(refusal.into_response());
    }
    let Some(token) = form.get("token") else {
        return Ok(OAuthRefusal::InvalidRequest("token is missing.").into_response());
    };
    end(&app, client.id, token).await?;
    Ok(unstored(StatusCode::OK.into_response()))
}

/// Ends what a token belongs to. A token that is not good, or is another client's, is nothing to revoke.
async fn end(app: &App, client_id: ClientId, token: &str) -> Result<()> {
    clients::end_access_token(&app.db, client_id, token).await?;
    grants::revoke(app, client_id, token).await?;
    let mut connection = app.db.pool().acquire().await?;
    let keys = keys::shown(&mut connection).await?;
    if let Some(access) = tokens::read_access(app, token, &keys)
        && access.client_id == client_id.to_string()
    {
        grants::end(&mut connection, access.grant_id).await?;
    }
    Ok(())
}
