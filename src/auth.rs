//! The auth middleware: session → school → member → scope. Identifies the visitor and holds every route to the access
//! that it declares, before its handler runs.

mod asks_first;
mod bearer;
mod client;
mod creates_once;
mod kept_forms;
mod request_shares;

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, RawPathParams, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use axum_extra::extract::CookieJar;
use chrono::Duration;

use crate::{
    access::{Action, Actor, Membership, Role, Scope, SignedIn},
    app::App,
    companies,
    crypto::token::Token,
    db::Tx,
    error::faults,
    error::{Error, Result},
    identity::{
        cookies, landing,
        pages::{self, reauthentication::HeldChange},
        reauthentication::is_fresh,
        sessions::{self, Device},
        sign_in_events::{self, SignInEventKind},
        throttle::{self, Secret},
        user_agent::DeviceKind,
    },
    roster::membership,
    routes::{Access, CreationAnswer, EntryTx, Question, Reauthentication, Route},
    schools, telemetry,
    web::{
        RequestContext, Translator, errors,
        i18n::Lang,
        visitor::{RequestFacts, Theme},
    },
};

pub use bearer::{find_api_context, guarded_api};
pub use client::guarded_for_clients;
pub use request_shares::{RequestPermit, RequestShares};

/// What a route declares.
#[derive(Clone, Copy, Debug)]
struct Declared {
    access: Access,
    fresh: Option<Reauthentication>,
    creates: Option<CreationAnswer>,
    asks: &'static [Question],
    goes_on: bool,
}

/// Puts a route behind its declared access.
pub fn guarded(app: &App, shares: &RequestShares, route: Route) -> MethodRouter<App> {
    let (access, fresh, creates, asks) = (route.access, route.fresh, route.creates, route.asks);
    let declared = Declared { access, fresh, creates, asks, goes_on: route.goes_on };
    let answers = route
        .answers
        .layer(axum::middleware::from_fn_with_state((app.clone(), shares.clone(), declared), require_access));
    if route.path.contains("{token}") {
        answers.layer(axum::middleware::from_fn_with_state(app.clone(), try_link))
    } else {
        answers
    }
}

/// A mailed link is a secret: opening an invalid one is counted, whatever it was for.
async fn try_link(State(app): State<App>, visitor: RequestContext, request: Request, next: Next) -> Response {
    let charged = match throttle::take_try(&app.db, Secret::Link, visitor.address, visitor.now).await {
        Ok(Ok(charged)) => charged,
        Ok(Err(wait)) => return Error::TooManyTries(wait).into_response(),
        Err(error) => return error.into_response(),
    };
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return response;
    }
    match app.db.pool().acquire().await.map_err(Error::from) {
        Ok(mut connection) => match charged.give_back(&mut connection).await {
            Ok(()) => response,
            Err(error) => error.into_response(),
        },
        Err(error) => error.into_response(),
    }
}

/// Grants access to visitors with the right; what is refused to an account is on record.
async fn require_access(
    State((app, shares, declared)): State<(App, RequestShares, Declared)>,
    visitor: RequestContext,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let response = hold(&app, &shares, declared, &visitor, &params, request, next).await;
    let Some(signed_in) = visitor.signed_in.as_ref().filter(|_| response.status() == StatusCode::FORBIDDEN) else {
        return response;
    };
    let code = params.iter().find(|(name, _)| *name == "code").map(|(_, value)| value);
    let (account_id, device) = (signed_in.account_id, Device::of(&visitor));
    match sign_in_events::note_in_school(&app.db, SignInEventKind::Refused, account_id, code, &device, visitor.now)
        .await
    {
        Ok(()) => response,
        Err(error) => error.into_response(),
    }
}

async fn hold(
    app: &App,
    shares: &RequestShares,
    declared: Declared,
    visitor: &RequestContext,
    params: &RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let membership = request.extensions_mut().remove::<Membership>();
    // Held until there is an answer.
    let _permit = match check(app, shares, declared, request.method(), visitor, (params, membership)).await {
        Ok(Some(Entry { scope, permit, tx })) => {
            telemetry::note("school_id", scope.school_id());
            request.extensions_mut().insert(visitor.in_words_of(scope.school.kind.key()));
            request.extensions_mut().insert(scope);
            if let Some(tx) = tx {
                EntryTx::hand_over(tx, request.extensions_mut());
            }
            Some(permit)
        }
        Ok(None) => {
            let is_operators = matches!(declared.access, Access::Operator | Access::NationalOperator);
            if is_operators && request.method().is_safe() && is_national(visitor) {
                match companies::store::count_waiting(&app.db).await {
                    Ok(count) => request.extensions_mut().insert(visitor.with_waiting_companies(count)),
                    Err(error) => return error.into_response(),
                };
            }
            None
        }
        Err(Error::SignInNeeded) if !request.method().is_safe() => {
            return kept_forms::keep(app, visitor, request).await.unwrap_or_else(IntoResponse::into_response);
        }
        Err(error) => return error.into_response(),
    };
    if !declared.asks.is_empty() {
        match asks_first::check(visitor, declared.asks, request).await {
            Ok(Ok(confirmed)) => request = confirmed,
            Ok(Err(question)) => return question,
            Err(error) => return error.into_response(),
        }
    }
    let Some(fresh) = declared.fresh else { return answer(app, declared, visitor, request, next).await };
    if request.method().is_safe() {
        // There is no form to carry along: the password is asked for on a page of its own, which leads back here.
        return match visitor.signed_in().map(|signed_in| is_fresh(signed_in, visitor.now)) {
            Ok(true) => answer(app, declared, visitor, request, next).await,
            Ok(false) => Error::PasswordNeeded.into_response(),
            Err(error) => error.into_response(),
        };
    }
    match pages::reauthentication::hold(app, visitor, fresh, request).await {
        Ok(HeldChange::GoesOn(request)) => answer(app, declared, visitor, request, next).await,
        Ok(HeldChange::GoesOnUnlessTold(request, form)) => {
            let response = answer(app, declared, visitor, request, next).await;
            if errors::is_password_needed(&response) { form.ask(visitor).into_response() } else { response }
        }
        Ok(HeldChange::Asks(response)) => response,
        Err(error) => error.into_response(),
    }
}

/// What the handler answers, once it may.
async fn answer(app: &App, declared: Declared, visitor: &RequestContext, request: Request, next: Next) -> Response {
    let kept = kept_forms::of_request(app, visitor, &request);
    let response = match declared.creates {
        Some(kind) => creates_once::answer(app, visitor, kind, request, next).await,
        None => next.run(request).await,
    };
    match kept {
        Some(kept) => kept.into_response(app, visitor, response).await.unwrap_or_else(IntoResponse::into_response),
        None => response,
    }
}

/// How a visitor comes into a school.
struct Entry {
    scope: Scope,
    /// Of the school's share.
    permit: RequestPermit,
    /// The transaction in which the visitor was looked up, where the handler goes on in it.
    tx: Option<Tx>,
}

/// The entry where the route belongs to a school; an error where the visitor may not call it.
async fn check(
    app: &App,
    shares: &RequestShares,
    declared: Declared,
    method: &Method,
    visitor: &RequestContext,
    (params, membership): (&RawPathParams, Option<Membership>),
) -> Result<Option<Entry>> {
    match declared.access {
        // A change in such a session could be made by the person who gave the temporary password.
        Access::Anyone if !method.is_safe() && visitor.signed_in.is_some() => settled(visitor).map(|_| None),
        Access::Anyone | Access::Always => Ok(None),
        // Such routes are for programs and never get here.
        Access::Token(_) | Access::Client(_) => Err(Error::NotFound),
        Access::SignedIn => visitor.signed_in().map(|_| None),
        Access::PasswordSet => settled(visitor).map(|_| None),
        Access::Operator => {
            let signed_in = settled(visitor).and_then(complete)?;
            signed_in.operator.as_ref().map(|_| None).ok_or(Error::Forbidden)
        }
        Access::NationalOperator => {
            let signed_in = settled(visitor).and_then(complete)?;
            if signed_in.operator.as_ref().is_some_and(|operator| operator.is_national) {
                Ok(None)
            } else {
                Err(Error::Forbidden)
            }
        }
        Access::Company => {
            let signed_in = settled(visitor).and_then(complete)?;
            let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, value)| value.parse().ok());
            let id = id.ok_or(Error::NotFound)?;
            let is_one = companies::store::represents(&app.db, id, signed_in.account_id).await?;
            if is_one { Ok(None) } else { Err(Error::NotFound) }
        }
        Access::School(action) => {
            let goes_on = declared.goes_on && method.is_safe();
            enter(app, shares, visitor, membership, (action, goes_on)).await.map(Some)
        }
    }
}

/// The account that is signed in by an own password: a temporary one is good for choosing that and nothing else.
fn settled(visitor: &RequestContext) -> Result<&SignedIn> {
    let signed_in = visitor.signed_in()?;
    if signed_in.must_choose_password { Err(Error::OwnPasswordNeeded) } else { Ok(signed_in) }
}

fn is_national(visitor: &RequestContext) -> bool {
    let operator = visitor.signed_in.as_ref().and_then(|signed_in| signed_in.operator.as_ref());
    operator.is_some_and(|operator| operator.is_national)
}

/// The account, unless it lacks a second factor that it must have.
fn complete(signed_in: &SignedIn) -> Result<&SignedIn> {
    if signed_in.owes_second_factor { Err(Error::SecondFactorNeeded) } else { Ok(signed_in) }
}

/// The visitor's entry into the school of the address. Another school is not found, as if there were none.
async fn enter(
    app: &App,
    shares: &RequestShares,
    visitor: &RequestContext,
    membership: Option<Membership>,
    (action, goes_on): (Action, bool),
) -> Result<Entry> {
    let signed_in = settled(visitor).and_then(complete)?;
    let mut membership = membership.ok_or(Error::NotFound)?;
    if membership.is_suspended {
        return Err(Error::SchoolSuspended);
    }
    let school = membership.school.clone();
    let permit = shares.of_school(school.id).await?;
    let (device, today) = (DeviceKind::of(&visitor.user_agent), app.clock.today());
    let entered =
        membership::enter(&app.db, &school, membership.member_id, signed_in, device, today, visitor.now).await?;
    let membership::Entered { mut member, tx, has_news } = entered.ok_or(Error::Forbidden)?;
    member.elsewhere = std::mem::take(&mut membership.elsewhere);
    let is_staff = member.authority.role != Role::Student;
    let is_known = membership.is_last && membership.is_staff == Some(is_staff);
    // What the school has learned is kept whatever becomes of the request, and what follows needs another connection.
    let tx = if goes_on && is_known && !has_news {
        Some(tx)
    } else {
        tx.commit().await?;
        None
    };
    if !membership.is_last {
        landing::set_last_school(&app.db, signed_in.account_id, school.id).await?;
    }
    if membership.is_staff != Some(is_staff) {
        landing::note_staff(&app.db, signed_in.account_id, school.id, is_staff).await?;
        // The member has become staff; a session that may have lain idle as long as a pupil's may, ends.
        let since_when = visitor.now - Duration::hours(i64::from(sessions::STAFF_IDLE_HOURS));
        if is_staff && membership.is_staff.is_some() && signed_in.since <= since_when {
            sessions::end(&app.db, &signed_in.session).await?;
            return Err(Error::SignInNeeded);
        }
    }
    if membership.wants_second_factor(&member.authority) && !signed_in.has_second_factor {
        return Err(Error::SecondFactorNeeded);
    }
    if !member.may(action) {
        return Err(Error::Forbidden);
    }
    Ok(Entry { scope: Scope { school, actor: Actor::Member(member), address: visitor.address }, permit, tx })
}

/// Identifies the visitor: session, language, colours, address.
pub async fn find_request_context(
    State((app, shares)): State<(App, RequestShares)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let code = school_code(&mut parts).await;
    match visitor(&app, &shares, &parts, code.as_deref()).await {
        Ok((visitor, membership, _permits)) => {
            let request_id = visitor.request_id.clone();
            parts.extensions.insert(visitor);
            if let Some(membership) = membership {
                parts.extensions.insert(membership);
            }
            let mut response = next.run(Request::from_parts(parts, body)).await;
            if let Ok(value) = request_id.parse() {
                response.headers_mut().insert("x-request-id", value);
            }
            response
        }
        Err(error) => answer_unknown(&app, &parts, error),
    }
}

/// The code of the school that the address names.
async fn school_code(parts: &mut Parts) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let code = params.iter().find(|(name, _)| *name == "code").map(|(_, value)| value.to_owned());
    code.filter(|code| schools::directory::is_code(code))
}

/// The visitor, and how they come into the school of this code.
async fn visitor(
    app: &App,
    shares: &RequestShares,
    parts: &Parts,
    code: Option<&str>,
) -> Result<(RequestContext, Option<Membership>, [Option<RequestPermit>; 2])> {
    let cookies = CookieJar::from_headers(&parts.headers);
    let token = cookies::session_token(&cookies, &app.config);
    let shares = shares.of_visitor(token.as_ref().map(Token::hash), client_address(app, parts)).await?;
    let now = app.clock.now();
    let found = match token {
        Some(token) => sessions::find(&app.db, &token, code, now).await?,
        None => None,
    };
    let (signed_in, membership) = found.map_or((None, None), |found| (Some(found.signed_in), found.membership));
    Ok((facts(app, parts, &cookies, signed_in), membership, shares))
}

/// The response where the visitor cannot be identified, because the database cannot be reached or is overloaded.
fn answer_unknown(app: &App, parts: &Parts, error: Error) -> Response {
    let visitor = facts(app, parts, &CookieJar::from_headers(&parts.headers), None);
    if let Error::Internal(fault) | Error::Unavailable(fault) = &error {
        tracing::error!(request_id = %visitor.request_id, "who is asking cannot be found out: {}", faults::told(fault));
    }
    errors::come_later(&visitor, &error)
}

fn facts(app: &App, parts: &Parts, cookies: &CookieJar, signed_in: Option<SignedIn>) -> RequestContext {
    let cookie = |name: &str| cookies.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let account_language = signed_in.as_ref().and_then(|signed_in| signed_in.language.as_deref());
    let chosen = Lang::from_key(&cookie(cookies::LANGUAGE)).or_else(|| Lang::from_key(account_language?));
    let wished = || Lang::preferred(parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?);
    let lang = chosen.or_else(wished);
    let theme = Theme::from_key(&cookie(cookies::THEME)).unwrap_or_default();
    context(app, parts, lang.unwrap_or_default(), theme, signed_in)
}

fn context(app: &App, parts: &Parts, lang: Lang, theme: Theme, signed_in: Option<SignedIn>) -> RequestContext {
    let kind = signed_in.as_ref().and_then(|signed_in| signed_in.school_kind);
    let l = Translator::new(lang);
    let request_id = hex::encode(app.randomness.bytes::<6>());
    telemetry::note("request_id", &request_id);
    if let Some(signed_in) = &signed_in {
        telemetry::note("account_id", signed_in.account_id);
    }
    RequestContext::new(RequestFacts {
        request_id,
        now: app.clock.now(),
        l: kind.map_or(l, |kind| l.in_words_of(kind.key())),
        theme,
        here: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        address: client_address(app, parts),
        user_agent: user_agent(&parts.headers),
        signed_in,
        waiting_companies: 0,
    })
}

/// The connection's address in canonical form or, where that is a trusted proxy's, the last address in
/// `X-Forwarded-For` that is not.
fn client_address(app: &App, parts: &Parts) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| app.config.trusted_proxies.iter().any(|network| network.contains(address));
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    if !is_trusted(&connection) {
        return Some(connection);
    }
    // Several lines are one list, in their order: each proxy may add a line of its own.
    let lines = parts.headers.get_all("x-forwarded-for").iter().rev();
    let hops = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
    let mut addresses = hops.map_while(|hop| hop.trim().parse::<IpAddr>().ok()).map(|hop| hop.to_canonical());
    addresses.find(|hop| !is_trusted(hop)).or(Some(connection))
}

fn user_agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(300).collect()
}
