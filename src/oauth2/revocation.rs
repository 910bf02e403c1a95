//! `/oauth2/revoke`: an application gives tokens back (RFC 7009).

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;

use super::{clients::Application, grants, keys, tokens};
use crate::{app::App, error::Result, web::PageResult};

/// Ends what a token belongs to. A token that is not good, or is another application's, is nothing to revoke.
async fn end(app: &App, application: &Application, token: &str) -> Result<()> {
    grants::revoke(app, application.id, token).await?;
    let mut connection = app.db.pool().acquire().await?;
    let keys = keys::shown(&mut connection).await?;
    if let Some(access) = tokens::read_access(app, token, &keys)
        && access.client_id == application.id.to_string()
    {
        grants::end(&mut connection, access.grant_id).await?;
    }
    Ok(())
}
