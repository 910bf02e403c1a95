//! The gate: session → school → member → scope. Finds out who asks and holds every route to the access that it
//! declares, before its handler runs.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, RawPathParams, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use axum_extra::extract::CookieJar;

use crate::{
    access::{Action, Actor, Scope},
    app::App,
    companies,
    error::{Error, Result},
    identity::{accounts, cookies, sessions},
    members, schools,
    web::{
        Access, L, Visitor,
        i18n::Lang,
        visitor::{Facts, Theme},
    },
};

/// Puts a route behind its declared access.
pub fn guarded(app: &App, access: Access, answers: MethodRouter<App>) -> MethodRouter<App> {
    answers.layer(axum::middleware::from_fn_with_state((app.clone(), access), let_in))
}

async fn let_in(
    State((app, access)): State<(App, Access)>,
    visitor: Visitor,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    match check(&app, access, &visitor, &params).await {
        Ok(scope) => {
            if let Some(scope) = scope {
                request.extensions_mut().insert(scope);
            }
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// The scope where the route belongs to a school; an error where the visitor may not call it.
async fn check(app: &App, access: Access, visitor: &Visitor, params: &RawPathParams) -> Result<Option<Scope>> {
    match access {
        Access::Anyone => Ok(None),
        Access::SignedIn => visitor.signed_in().map(|_| None),
        Access::Operator => {
            let signed_in = visitor.signed_in()?;
            if signed_in.must_choose_password {
                return Err(Error::OwnPasswordNeeded);
            }
            signed_in.operator.as_ref().map(|_| None).ok_or(Error::Forbidden)
        }
        Access::NationalOperator => {
            let signed_in = visitor.signed_in()?;
            if signed_in.must_choose_password {
                return Err(Error::OwnPasswordNeeded);
            }
            let is_national = signed_in.operator.as_ref().is_some_and(|operator| operator.is_national);
            if is_national { Ok(None) } else { Err(Error::Forbidden) }
        }
        Access::Company => {
            let signed_in = visitor.signed_in()?;
            if signed_in.must_choose_password {
                return Err(Error::OwnPasswordNeeded);
            }
            let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, value)| value.parse().ok());
            let id = id.ok_or(Error::NotFound)?;
            let is_one = companies::store::represents(&app.db, id, signed_in.account_id).await?;
            if is_one { Ok(None) } else { Err(Error::NotFound) }
        }
        Access::School(action) => {
            let code = params.iter().find(|(name, _)| *name == "code").map(|(_, value)| value);
            enter(app, visitor, code.unwrap_or_default(), action).await.map(Some)
        }
    }
}

/// The visitor's scope in the school of this code. Somebody else's school is not found, as if there were none.
async fn enter(app: &App, visitor: &Visitor, code: &str, action: Action) -> Result<Scope> {
    let signed_in = visitor.signed_in()?;
    if signed_in.must_choose_password {
        return Err(Error::OwnPasswordNeeded);
    }
    let membership = schools::directory::membership(&app.db, code, signed_in.account_id).await?;
    let membership = membership.ok_or(Error::NotFound)?;
    if membership.is_suspended {
        return Err(Error::SchoolSuspended);
    }
    let school = membership.school;
    let member = members::standing::enter(&app.db, &school, membership.member_id, signed_in).await?;
    let mut member = member.ok_or(Error::Forbidden)?;
    member.elsewhere = membership.elsewhere;
    if !membership.is_last {
        accounts::set_last_school(&app.db, signed_in.account_id, school.id).await?;
    }
    if !member.may(action) {
        return Err(Error::Forbidden);
    }
    Ok(Scope { school, actor: Actor::Member(member), address: visitor.address })
}

/// Finds out who asks: session, language, colours, address.
pub async fn find_visitor(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match visitor(&app, &parts).await {
        Ok(visitor) => {
            let request_id = visitor.request_id.clone();
            parts.extensions.insert(visitor);
            let mut response = next.run(Request::from_parts(parts, body)).await;
            if let Ok(value) = request_id.parse() {
                response.headers_mut().insert("x-request-id", value);
            }
            response
        }
        Err(error) => {
            tracing::error!("who is asking cannot be found out: {error:#}");
            axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn visitor(app: &App, parts: &Parts) -> Result<Visitor> {
    let now = app.clock.now();
    let cookies = CookieJar::from_headers(&parts.headers);
    let signed_in = match cookies::session_token(&cookies, &app.config) {
        Some(token) => sessions::find(&app.db, &token, now).await?,
        None => None,
    };
    let cookie = |name: &str| cookies.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let account_language = signed_in.as_ref().and_then(|signed_in| signed_in.language.as_deref());
    let lang = Lang::from_key(&cookie(cookies::LANGUAGE)).or_else(|| Lang::from_key(account_language?));
    Ok(Visitor::new(Facts {
        request_id: hex::encode(app.randomness.bytes::<6>()),
        now,
        l: L(lang.unwrap_or_default()),
        theme: Theme::from_key(&cookie(cookies::THEME)).unwrap_or_default(),
        here: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        address: client_address(app, parts),
        user_agent: user_agent(&parts.headers),
        signed_in,
    }))
}

/// The connection's address or, where that is a trusted proxy's, the last one in `X-Forwarded-For` that is not.
fn client_address(app: &App, parts: &Parts) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| app.config.trusted_proxies.iter().any(|network| network.contains(address));
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
    if !is_trusted(&connection) {
        return Some(connection);
    }
    let forwarded = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut hops = forwarded.rsplit(',').map_while(|hop| hop.trim().parse::<IpAddr>().ok());
    hops.find(|hop| !is_trusted(hop)).or(Some(connection))
}

fn user_agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(300).collect()
}
