//! `/oauth2/authorize`: an application sends a person here to sign in, and gets a code back.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use chrono::Duration;
use serde::Deserialize;
use url::Url;

use super::refuse;
use crate::{
    access::{Scope, SignedIn},
    app::App,
    crypto::seal::{SealPurpose, Sealed},
    error::{Error, Result},
    identity::user_agent::DeviceKind,
    ids::{AccountId, MemberId},
    oauth2::{
        clients::{self, Application, SchoolChoice},
        consents,
        grants::{self, NewGrant},
        keys,
        request::{self, AuthorizationRequest, AuthorizeError, Parameters, UntoldError},
        scopes::OpenIdScope,
        subjects, tokens,
    },
    paths,
    roster::membership,
    schools::directory,
    web::{PageResult, RequestContext, Shell, Translator, forms::Form, html, leaving, page},
};

/// A request whose application and way back are known: from here on it is told what is wrong.
struct KnownRequest {
    application: Application,
    redirect_uri: String,
    parameters: Parameters,
    /// As it stood in the address.
    query: String,
}

impl KnownRequest {
    async fn read(app: &App, query: &str) -> Result<Result<Self, UntoldError>> {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let parameters = match Parameters::read(pairs) {
            Ok(parameters) => parameters,
            Err(error) => return Ok(Err(error)),
        };
        let client_id = parameters.get("client_id").unwrap_or_default();
        let Some(application) = clients::find(app, client_id).await? else { return Ok(Err(UntoldError::Client)) };
        // The very address, letter by letter (RFC 9700, 2.1).
        let asked = parameters.get("redirect_uri").unwrap_or_default();
        let Some(redirect_uri) = application.redirect_uris.iter().find(|uri| *uri == asked).cloned() else {
            return Ok(Err(UntoldError::RedirectUri));
        };
        Ok(Ok(Self { application, redirect_uri, parameters, query: query.to_owned() }))
    }

    /// The address that brings the application an answer.
    fn back(&self, app: &App, answer: &[(&str, &str)]) -> Result<String> {
        let url = Url::parse(&self.redirect_uri).map_err(anyhow::Error::new)?;
        let issuer = tokens::issuer(app);
        let mut parameters = answer.to_vec();
        parameters.extend(self.parameters.get("state").map(|state| ("state", state)));
        parameters.push(("iss", &issuer));
        Ok(request::back(&url, &parameters))
    }

    /// Leads the person back to the application with an answer.
    fn leave(&self, app: &App, visitor: &RequestContext, headers: &HeaderMap, answer: &[(&str, &str)]) -> PageResult {
        leaving::leave(visitor, headers, &self.application.name, self.back(app, answer)?)
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> PageResult {
    let known = match KnownRequest::read(&app, query.as_deref().unwrap_or_default()).await? {
        Ok(known) => known,
        Err(error) => return refuse(&visitor, error),
    };
    match answer(&app, &visitor, &known).await? {
        AuthorizationAnswer::Page(response) => Ok(response),
        AuthorizationAnswer::Code(code) => known.leave(&app, &visitor, &headers, &[("code", &code)]),
        AuthorizationAnswer::Error(error) => known.leave(&app, &visitor, &headers, &[("error", error.key())]),
    }
}

/// The same request by a form (OpenID Connect Core 1.0, 3.1.2.1). A browser sends no cookie with a form of another
/// site: it asks again by an address.
pub async fn show_posted(Form(fields): Form<Vec<(String, String)>>) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    page::redirect(paths::Authorize::of().with_query(&query))
}

enum AuthorizationAnswer {
    Page(Response),
    Code(String),
    Error(AuthorizeError),
}

async fn answer(app: &App, visitor: &RequestContext, known: &KnownRequest) -> Result<AuthorizationAnswer> {
    let asked = match AuthorizationRequest::read(&known.parameters, &known.application.scopes) {
        Ok(asked) => asked,
        Err(error) => return Ok(AuthorizationAnswer::Error(error)),
    };
    let expected = match expected(app, known, &asked).await? {
        Ok(expected) => expected,
        Err(error) => return Ok(AuthorizationAnswer::Error(error)),
    };
    let typed_after = asked.asked_at.as_deref().and_then(|sealed| opened_time(app, sealed));
    let signed_in = match signed_in(visitor, &asked, typed_after) {
        Ok(signed_in) => signed_in,
        Err(_) if asked.prompt.none => return Ok(AuthorizationAnswer::Error(AuthorizeError::LoginRequired)),
        Err(Needed::SignIn) => return Ok(AuthorizationAnswer::Page(sign_in_first(app, visitor, known, &asked))),
        Err(Needed::Refusal(error)) => return Err(error),
    };
    if let Some(subject) = expected
        && !is_known_as(app, known, signed_in.account_id, &subject).await?
    {
        // A person who has signed in anew for this request is not asked a second time.
        let is_last = asked.prompt.none || typed_after.is_some();
        return Ok(if is_last {
            AuthorizationAnswer::Error(AuthorizeError::LoginRequired)
        } else {
            AuthorizationAnswer::Page(sign_in_first(app, visitor, known, &asked))
        });
    }
    let schools = clients::schools(app, &known.application, signed_in.account_id).await?;
    let Some(school) = chosen(&schools, &asked) else {
        return Ok(match (schools.is_empty(), asked.prompt.none) {
            (true, _) => AuthorizationAnswer::Error(AuthorizeError::AccessDenied),
            // As of a school of theirs without consent: an application does not learn which ones are theirs by asking.
            (false, true) if asked.school.is_some() && known.application.asks_consent => {
                AuthorizationAnswer::Error(AuthorizeError::ConsentRequired)
            }
            (false, true) => AuthorizationAnswer::Error(AuthorizeError::AccountSelectionRequired),
            (false, false) => AuthorizationAnswer::Page(choose_school(visitor, known, &schools)?),
        });
    };
    let entered = match enter(app, visitor, &school.code).await {
        // The application wants no page to be shown, and a second factor is set up on one.
        Err(Error::SecondFactorNeeded) if asked.prompt.none => {
            return Ok(AuthorizationAnswer::Error(AuthorizeError::InteractionRequired));
        }
        entered => entered?,
    };
    let Some((scope, member_id)) = entered else { return Ok(AuthorizationAnswer::Error(AuthorizeError::AccessDenied)) };
    let is_given = consents::is_given(app, &known.application, signed_in.account_id, school.school_id, &asked.scopes);
    let is_given = is_given.await?;
    if asked.prompt.consent || !is_given {
        if asked.prompt.none {
            return Ok(AuthorizationAnswer::Error(AuthorizeError::ConsentRequired));
        }
        return Ok(AuthorizationAnswer::Page(ask_consent(visitor, known, &asked, school)?));
    }
    let new = NewGrant {
        client_id: known.application.id,
        member_id,
        scopes: &asked.scopes,
        redirect_uri: &known.redirect_uri,
        nonce: asked.nonce.as_deref(),
        challenge: &asked.challenge,
    };
    Ok(match grants::begin(&scope, app, signed_in, &new).await? {
        Some(code) => AuthorizationAnswer::Code(code),
        None => AuthorizationAnswer::Error(AuthorizeError::AccessDenied),
    })
}

/// By which name the application knows the person that it expects, by an ID token that it got here (OpenID Connect Core
/// 1.0, 3.1.2.1). The token may have expired.
async fn expected(
    app: &App,
    known: &KnownRequest,
    asked: &AuthorizationRequest,
) -> Result<Result<Option<String>, AuthorizeError>> {
    let Some(hint) = &asked.id_token_hint else { return Ok(Ok(None)) };
    let mut connection = app.db.pool().acquire().await?;
    let keys = keys::shown(&mut connection).await?;
    let token = tokens::read_id(app, hint, &keys).filter(|token| token.client_id == known.application.id.to_string());
    Ok(token.map(|token| Some(token.subject)).ok_or(AuthorizeError::InvalidRequest))
}

/// Whether the application knows an account by this name.
async fn is_known_as(app: &App, known: &KnownRequest, account_id: AccountId, subject: &str) -> Result<bool> {
    let mut connection = app.db.pool().acquire().await?;
    let own = subjects::of(app, &mut connection, account_id, &known.application.sector()).await?;
    Ok(own.to_string() == subject)
}

/// What comes before a person is signed in well enough.
enum Needed {
    SignIn,
    /// A page of its own leads on: to an own password, to a second factor.
    Refusal(Error),
}

/// The person who is signed in, unless something comes before. `typed_after`: the password must have been typed then or later,
/// in seconds since 1970.
fn signed_in<'a>(
    visitor: &'a RequestContext,
    asked: &AuthorizationRequest,
    typed_after: Option<i64>,
) -> Result<&'a SignedIn, Needed> {
    let signed_in = visitor.signed_in.as_ref().ok_or(Needed::SignIn)?;
    if signed_in.must_choose_password {
        return Err(Needed::Refusal(Error::OwnPasswordNeeded));
    }
    if signed_in.owes_second_factor {
        return Err(Needed::Refusal(Error::SecondFactorNeeded));
    }
    // How long ago another service asked for a password is not known.
    let typed = signed_in.password_checked_at;
    // Once the password was asked for anew, that counts: a short `max_age` would have run out again on the way back.
    let is_too_old = match (typed_after, asked.max_age) {
        (Some(after), _) => typed.is_none_or(|at| at.timestamp() < after),
        (None, Some(age)) => typed.is_none_or(|at| at + Duration::seconds(age) < visitor.now),
        (None, None) => false,
    };
    if asked.prompt.login || asked.prompt.select_account || is_too_old { Err(Needed::SignIn) } else { Ok(signed_in) }
}

/// The sign-in page, which leads back to the request; what it was to bring about has then been done.
fn sign_in_first(app: &App, visitor: &RequestContext, known: &KnownRequest, asked: &AuthorizationRequest) -> Response {
    let now = sealed_time(app, visitor.now.timestamp());
    // With `max_age` as well: it may have run out on the way back.
    let is_anew = visitor.signed_in.is_some() || asked.max_age.is_some();
    let more = if is_anew { vec![("asked_at", now.as_str())] } else { Vec::new() };
    let query = request::again(&known.query, &["login", "select_account"], &more);
    let next = format!("{}?{query}", paths::Authorize::PATH);
    let mut address = paths::SignIn::of().with("next", next);
    if let Some(login) = &asked.login_hint {
        address = address.with("login", login);
    }
    page::redirect(address.to_string())
}

/// A time in seconds since 1970 as it stands in the address on the way through the sign-in page: sealed, since it says that
/// the password is typed after it, whatever the application asked for.
fn sealed_time(app: &App, seconds: i64) -> String {
    app.keys.seal(&app.randomness, SealPurpose::AskedSignIn, AccountId::nil(), &seconds.to_be_bytes()).to_text()
}

fn opened_time(app: &App, text: &str) -> Option<i64> {
    let sealed = Sealed::of_text(text)?;
    let seconds = app.keys.open(SealPurpose::AskedSignIn, AccountId::nil(), &sealed).ok()?;
    Some(i64::from_be_bytes(seconds.as_slice().try_into().ok()?))
}

/// The school that the person has chosen, or the only one; without a question, the last one.
fn chosen<'a>(schools: &'a [SchoolChoice], asked: &AuthorizationRequest) -> Option<&'a SchoolChoice> {
    match (&asked.school, schools) {
        (Some(code), schools) => schools.iter().find(|school| school.code == *code),
        (None, [only]) => Some(only),
        (None, schools) => schools.iter().find(|school| asked.prompt.none && school.is_last),
    }
}

/// The school that the person enters, and the member as which they do, if they may.
///
/// # Errors
/// [`Error::SecondFactorNeeded`] where the school wants one and the account has none.
async fn enter(app: &App, visitor: &RequestContext, code: &str) -> Result<Option<(Scope, MemberId)>> {
    let signed_in = visitor.signed_in()?;
    let membership = directory::membership(&app.db, code, signed_in.account_id).await?;
    let Some(membership) = membership.filter(|membership| !membership.is_suspended) else { return Ok(None) };
    let (device, today) = (DeviceKind::of(&visitor.user_agent), app.clock.today());
    let (school, member_id) = (&membership.school, membership.member_id);
    let entered = membership::enter(&app.db, school, member_id, signed_in, device, today, visitor.now).await?;
    let Some(membership::Entered { member, tx, .. }) = entered else { return Ok(None) };
    tx.commit().await?;
    if membership.wants_second_factor(&member.authority) && !signed_in.has_second_factor {
        return Err(Error::SecondFactorNeeded);
    }
    Ok(Some((Scope::system(Arc::clone(school)), member.id)))
}

#[derive(Template)]
#[template(path = "oauth2/school.html")]
struct SchoolPage<'a> {
    l: Translator,
    shell: Shell,
    application: &'a str,
    /// Addresses and names.
    schools: Vec<(String, &'a str)>,
}

fn choose_school(visitor: &RequestContext, known: &KnownRequest, schools: &[SchoolChoice]) -> PageResult {
    let address = |school: &SchoolChoice| {
        let query = request::again(&known.query, &["select_account"], &[("school", &school.code)]);
        format!("{}?{query}", paths::Authorize::PATH)
    };
    html(&SchoolPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        application: &known.application.name,
        schools: schools.iter().map(|school| (address(school), school.name.as_str())).collect(),
    })
}

#[derive(Template)]
#[template(path = "oauth2/consent.html")]
struct ConsentPage<'a> {
    l: Translator,
    shell: Shell,
    application: &'a str,
    logo: Option<&'a str>,
    /// The host that the person is led to.
    host: String,
    school: &'a SchoolChoice,
    login: &'a str,
    request: &'a str,
    scopes: Vec<OpenIdScope>,
}

fn ask_consent(
    visitor: &RequestContext,
    known: &KnownRequest,
    asked: &AuthorizationRequest,
    school: &SchoolChoice,
) -> PageResult {
    let host = Url::parse(&known.redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    html(&ConsentPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        application: &known.application.name,
        logo: known.application.logo.as_deref(),
        host: host.unwrap_or_default(),
        school,
        login: &visitor.signed_in()?.login,
        request: &known.query,
        scopes: asked.scopes.clone(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConsentForm {
    /// The authorization request, as it stood in the address.
    request: String,
    /// The school's code.
    school: String,
    /// `allow`; everything else is no.
    decision: String,
}

pub async fn consent(
    State(app): State<App>,
    visitor: RequestContext,
    headers: HeaderMap,
    Form(form): Form<ConsentForm>,
) -> PageResult {
    let known = match KnownRequest::read(&app, &form.request).await? {
        Ok(known) => known,
        Err(error) => return refuse(&visitor, error),
    };
    let asked = match AuthorizationRequest::read(&known.parameters, &known.application.scopes) {
        Ok(asked) => asked,
        Err(error) => return known.leave(&app, &visitor, &headers, &[("error", error.key())]),
    };
    if form.decision != "allow" {
        return known.leave(&app, &visitor, &headers, &[("error", AuthorizeError::AccessDenied.key())]);
    }
    let account_id = visitor.signed_in()?.account_id;
    let schools = clients::schools(&app, &known.application, account_id).await?;
    let Some(school) = schools.iter().find(|school| school.code == form.school) else {
        return known.leave(&app, &visitor, &headers, &[("error", AuthorizeError::AccessDenied.key())]);
    };
    consents::give(&app, &known.application, account_id, school.school_id, &asked.scopes).await?;
    let query = request::again(&known.query, &["consent"], &[("school", &form.school)]);
    Ok(page::redirect(format!("{}?{query}", paths::Authorize::PATH)))
}
