//! The auth middleware of programs that ask by OAuth 2: an access token says which client, and nothing else counts.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};

use super::bearer::bearer;
use crate::{
    access::ClientScope,
    app::App,
    clients::{self, ClientToken},
    error::{Error, Result},
    identity::throttle,
    routes::{Access, Route},
    web::RequestContext,
};

/// Puts a route for clients behind its declared access. Without a scope, the route asks for the client's secret itself.
pub fn guarded_for_clients(app: &App, route: Route) -> MethodRouter<App> {
    match route.access {
        Access::Client([]) | Access::Anyone => route.answers,
        Access::Client(scopes) => {
            route.answers.layer(axum::middleware::from_fn_with_state((app.clone(), scopes), require_access_token))
        }
        // There are no other routes below these addresses; one that is declared otherwise is not found.
        _ => route.answers.layer(axum::middleware::from_fn(super::bearer::not_found)),
    }
}

async fn require_access_token(
    State((app, wanted)): State<(App, &'static [ClientScope])>,
    visitor: RequestContext,
    mut request: Request,
    next: Next,
) -> Response {
    match enter(&app, &visitor, request.headers(), wanted).await {
        Ok(token) => {
            request.extensions_mut().insert(token);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// The client. Each request is charged before anything of a school is looked at.
async fn enter(
    app: &App,
    visitor: &RequestContext,
    headers: &HeaderMap,
    wanted: &[ClientScope],
) -> Result<ClientToken> {
    let text = bearer(headers).ok_or(Error::SignInNeeded)?;
    let token = clients::by_access_token(&app.db, text, visitor.now).await?;
    if let Err(wait) = throttle::may_use_client(&app.db, token.client_id, visitor.now).await? {
        return Err(Error::TooManyTries(wait));
    }
    if !token.has_any(wanted) {
        return Err(Error::ScopeMissing(wanted.first().map_or("", |scope| scope.key())));
    }
    clients::note_use(&app.db, token.client_id, token.last_used_at, visitor.now).await?;
    Ok(token)
}
