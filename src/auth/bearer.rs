//! The API's part of the auth middleware: a token says which school, and nothing else counts. Cookies are not looked at,
//! so no browser can be led to use what it holds; pages do not look at tokens.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};

use super::{RequestShares, client_address, context};
use crate::{
    access::{Scope, TokenScope},
    app::App,
    error::{Error, Result},
    identity::throttle,
    routes::{Access, Route},
    telemetry, tokens,
    web::{RequestContext, i18n::Lang, visitor::Theme},
};

/// Puts a route of the API behind its declared access.
pub fn guarded_api(app: &App, route: Route) -> MethodRouter<App> {
    match route.access {
        Access::Token(scope) => {
            route.answers.layer(axum::middleware::from_fn_with_state((app.clone(), scope), require_token))
        }
        Access::Anyone => route.answers,
        // The API has no other routes; one that is declared otherwise is not found.
        _ => route.answers.layer(axum::middleware::from_fn(not_found)),
    }
}

pub(super) async fn not_found(_: Request, _: Next) -> Error {
    Error::NotFound
}

async fn require_token(
    State((app, wanted)): State<(App, TokenScope)>,
    visitor: RequestContext,
    mut request: Request,
    next: Next,
) -> Response {
    match enter(&app, &visitor, request.headers(), wanted).await {
        Ok(scope) => {
            telemetry::note("school_id", scope.school_id());
            request.extensions_mut().insert(visitor.in_words_of(scope.school.kind.key()));
            request.extensions_mut().insert(scope);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// The scope of the token. Each request is charged before anything of the school is looked at.
async fn enter(app: &App, visitor: &RequestContext, headers: &HeaderMap, wanted: TokenScope) -> Result<Scope> {
    let bearer = tokens::find(&app.db, bearer(headers).ok_or(Error::SignInNeeded)?).await?;
    if let Err(wait) = throttle::may_use_token(&app.db, bearer.token_id, wanted, visitor.now).await? {
        return Err(Error::TooManyTries(wait));
    }
    tokens::enter(app, bearer, wanted, visitor.address).await
}

/// What stands behind `Bearer`, whose case does not matter.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What is known of a request to the API: where it comes from, and the language of its `Accept-Language`.
pub async fn find_api_context(
    State((app, shares)): State<(App, RequestShares)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = context(&app, &parts, language(&parts.headers), Theme::default(), None);
    let _permits = match shares.of_visitor(None, client_address(&app, &parts)).await {
        Ok(permits) => permits,
        Err(error) => return error.into_response(),
    };
    let request_id = visitor.request_id.clone();
    parts.extensions.insert(visitor);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Ok(value) = request_id.parse() {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// The first of our languages that the header names.
fn language(headers: &HeaderMap) -> Lang {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = accepted.split(',').map(|range| range.split([';', '-']).next().unwrap_or_default().trim());
    tags.find_map(|tag| Lang::from_key(&tag.to_ascii_lowercase())).unwrap_or_default()
}
