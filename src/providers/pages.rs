//! Signing in by another service, and the page on which people link their accounts with those there.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::IntoResponse,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use super::{
    begun::{self, Begun},
    id_token::{self, Expected, ProviderPerson},
    known, provider, redirect_uri,
};
use crate::{
    app::App,
    config::{ProviderKind, SignInProvider},
    error::Result,
    identity::{
        accounts, cookies,
        linked::{self, Linked, OutsideAccount, ProviderRefusal},
        pages::sign_in::finish_sign_in,
        sessions::Device,
        throttle::{self, Secret},
    },
    ids::AccountId,
    me, outside, paths,
    roster::membership,
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html, leaving, page},
};

/// Where it leads, once signed in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NextQuery {
    next: String,
}

pub async fn begin_sign_in(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Path(key): Path<String>,
    Query(query): Query<NextQuery>,
) -> PageResult {
    let Some(provider) = provider(&app, &key) else { return Ok(page::redirect(paths::SignIn::PATH)) };
    // A link leads here and no form: nothing keeps the browser from being sent on.
    begin(&app, &visitor, jar, &HeaderMap::new(), provider, Begun::new(&app, provider.kind, &query.next, None)).await
}

/// The person has typed the password, and goes to the provider to show that the account there is theirs.
pub async fn begin_link(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> PageResult {
    let account_id = visitor.signed_in()?.account_id;
    let Some(provider) = provider(&app, &key) else { return Ok(page::redirect(paths::MyProviders::PATH)) };
    if !linked::may_use(&mut *app.db.pool().acquire().await?, account_id).await? {
        return Ok(refused(Some(account_id), "", ProviderRefusal::NotAllowed));
    }
    let begun = Begun::new(&app, provider.kind, paths::MyProviders::PATH, Some(account_id));
    begin(&app, &visitor, jar, &headers, provider, begun).await
}

async fn begin(
    app: &App,
    visitor: &RequestContext,
    jar: CookieJar,
    headers: &HeaderMap,
    provider: &SignInProvider,
    begun: Begun,
) -> PageResult {
    let known = match known::of(app, provider).await {
        Ok(known) => known,
        Err(error) => {
            tracing::warn!(provider = provider.kind.key(), "cannot be asked who people are: {error:#}");
            return Ok(refused(begun.links, &begun.next, ProviderRefusal::Unreachable));
        }
    };
    let to = begun.address(app, provider, &known.metadata);
    let jar = jar.add(cookies::begun(&app.config, begun.sealed(app)?, begun::MINUTES));
    Ok((jar, leaving::leave(visitor, headers, provider.kind.name(), to.into())?).into_response())
}

/// Back to the page where it was begun, which says why it failed.
fn refused(links: Option<AccountId>, next: &str, refusal: ProviderRefusal) -> axum::response::Response {
    match links {
        Some(_) => page::redirect(paths::MyProviders::of().with("refused", refusal.key())),
        None => page::redirect(paths::SignIn::of().with("refused", refusal.key()).with("next", next)),
    }
}

/// What a provider sends the browser back with (RFC 6749, 4.1.2; RFC 9207).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AnswerQuery {
    state: String,
    code: String,
    error: String,
    iss: String,
}

pub async fn answer(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Path(key): Path<String>,
    Query(told): Query<AnswerQuery>,
) -> PageResult {
    let Some(provider) = provider(&app, &key) else { return Ok(page::redirect(paths::SignIn::PATH)) };
    let begun = cookies::begun_value(&jar, &app.config).and_then(|kept| Begun::open(&app, kept));
    // It is good for one answer.
    let jar = jar.add(cookies::begun(&app.config, String::new(), 0));
    let Some(begun) = begun.filter(|begun| begun.is_answered(provider.kind, &told.state, visitor.now)) else {
        let links = visitor.signed_in.as_ref().map(|signed_in| signed_in.account_id);
        return Ok((jar, refused(links, "/", ProviderRefusal::Expired)).into_response());
    };
    let (links, next) = (begun.links, begun.next.clone());
    let outcome = match prove(&app, &visitor, provider, &begun, &told).await? {
        Ok(person) if links.is_some() => link(&app, &visitor, provider.kind, &begun, person).await?,
        Ok(person) => {
            let outside = OutsideAccount::new(provider.kind, &person.issuer, &person.subject);
            match linked::sign_in(&app, &outside, &Device::of(&visitor)).await? {
                Ok(entered) => return finish_sign_in(&app, &visitor, jar, &entered, &next).await,
                Err(refusal) => Err(refusal),
            }
        }
        Err(refusal) => Err(refusal),
    };
    let response = match outcome {
        Ok(()) => page::redirect(paths::MyProviders::of().with("done", "provider-linked")),
        Err(refusal) => refused(links, &next, refusal),
    };
    Ok((jar, response).into_response())
}

/// Who has signed in at the provider. An answer that cannot be verified is charged to the network.
async fn prove(
    app: &App,
    visitor: &RequestContext,
    provider: &SignInProvider,
    begun: &Begun,
    told: &AnswerQuery,
) -> Result<Result<ProviderPerson, ProviderRefusal>> {
    if told.error == "access_denied" {
        return Ok(Err(ProviderRefusal::Cancelled));
    }
    let Ok(charged) = throttle::take_try(&app.db, Secret::Provider, visitor.address, visitor.now).await? else {
        return Ok(Err(ProviderRefusal::TooManyTries));
    };
    let proven = exchange(app, provider, begun, told).await;
    if !matches!(proven, Err((ProviderRefusal::NotProven, _))) {
        charged.give_back(&mut *app.db.pool().acquire().await?).await?;
    }
    Ok(proven.map_err(|(refusal, why)| {
        tracing::warn!(provider = provider.kind.key(), "has not shown who a person is: {why:#}");
        refusal
    }))
}

type Unproven = (ProviderRefusal, anyhow::Error);

/// Exchanges the code, and reads who it is from.
async fn exchange(
    app: &App,
    provider: &SignInProvider,
    begun: &Begun,
    told: &AnswerQuery,
) -> Result<ProviderPerson, Unproven> {
    let unreachable = |error| (ProviderRefusal::Unreachable, error);
    let unproven = |why: &str| (ProviderRefusal::NotProven, anyhow::anyhow!("{why}"));
    let known = known::of(app, provider).await.map_err(unreachable)?;
    let metadata = &known.metadata;
    // Another provider may have sent the browser here (RFC 9207).
    if metadata.names_itself && told.iss != metadata.issuer {
        return Err(unproven("the answer is another's"));
    }
    if told.code.is_empty() {
        return Err(unproven("no code"));
    }
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &told.code)
        .append_pair("redirect_uri", &redirect_uri(app, provider.kind))
        .append_pair("code_verifier", &begun.verifier)
        .append_pair("client_id", &provider.client_id)
        .append_pair("client_secret", &provider.client_secret)
        .finish();
    let is_at_home = outside::is_at_home(&app.config.base_url);
    let answer = outside::ask_by_form(&metadata.token_endpoint, form, is_at_home).await;
    let answer = answer.map_err(|error| unreachable(error.into()))?;
    if !answer.status.is_success() {
        return Err(unproven(&format!("the code was answered with {}", answer.status.as_u16())));
    }
    let answer: Value = serde_json::from_slice(&answer.body).map_err(|_| unproven("the answer is no JSON"))?;
    let token = answer.get("id_token").and_then(Value::as_str).ok_or_else(|| unproven("no ID token"))?;
    let key_id = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
    let known = known::with_key(app, provider, key_id.as_deref()).await.map_err(unreachable)?;
    let expected = Expected {
        kind: provider.kind,
        issuer: &known.metadata.issuer,
        client_id: &provider.client_id,
        nonce: &begun.nonce,
        now: app.clock.now().timestamp(),
    };
    id_token::read(token, &known.keys, expected).map_err(|fault| unproven(fault.into()))
}

/// Links the account with that of the person at the provider, if both have the same address.
async fn link(
    app: &App,
    visitor: &RequestContext,
    kind: ProviderKind,
    begun: &Begun,
    person: ProviderPerson,
) -> Result<Result<(), ProviderRefusal>> {
    // Another account may have signed in meanwhile.
    let Some(signed_in) = visitor.signed_in.as_ref().filter(|signed_in| Some(signed_in.account_id) == begun.links)
    else {
        return Ok(Err(ProviderRefusal::Expired));
    };
    let Some(address) = person.address else { return Ok(Err(ProviderRefusal::AddressUnverified)) };
    if accounts::fold_login(&address) != signed_in.login {
        return Ok(Err(ProviderRefusal::OtherAddress));
    }
    let (name, _) = membership::names_around(&app.db, signed_in.account_id).await?;
    let outside = OutsideAccount::new(kind, &person.issuer, &person.subject);
    linked::link(app, signed_in, &outside, &Device::of(visitor), (name, visitor.l.0)).await
}

#[derive(Template)]
#[template(path = "providers/list.html")]
struct ProvidersPage {
    l: Translator,
    shell: Shell,
    now: DateTime<Utc>,
    rows: Vec<ProviderRow>,
    /// The schools allow it.
    may_use: bool,
    /// Why two accounts were not linked.
    refused: Option<String>,
}

/// A provider, and since when the account is linked with one there.
struct ProviderRow {
    kind: ProviderKind,
    linked: Option<Linked>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProvidersQuery {
    refused: String,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Query(query): Query<ProvidersQuery>) -> PageResult {
    let signed_in = visitor.signed_in()?;
    if !signed_in.has_address() {
        return Ok(page::redirect(paths::Me::PATH));
    }
    let mut connection = app.db.pool().acquire().await?;
    let may_use = linked::may_use(&mut connection, signed_in.account_id).await?;
    let mut linked = linked::of_account(&mut connection, signed_in.account_id).await?;
    drop(connection);
    let mut rows = Vec::new();
    for provider in &app.config.providers {
        let place = linked.iter().position(|each| each.provider == provider.kind);
        rows.push(ProviderRow { kind: provider.kind, linked: place.map(|place| linked.swap_remove(place)) });
    }
    let refusal = query.refused.parse::<ProviderRefusal>().ok();
    html(&ProvidersPage {
        l: visitor.l,
        shell: me::shell(&app, &visitor, paths::MyProviders::PATH).await?,
        now: visitor.now,
        rows,
        may_use,
        refused: refusal.map(|refusal| visitor.l.tk("provider-refused", refusal.key())),
    })
}

pub async fn unlink(State(app): State<App>, visitor: RequestContext, Path(key): Path<String>) -> PageResult {
    let account_id = visitor.signed_in()?.account_id;
    if let Ok(kind) = key.parse::<ProviderKind>() {
        linked::unlink(&app, account_id, kind, &Device::of(&visitor)).await?;
    }
    Ok(page::redirect(paths::MyProviders::of().with("done", "provider-unlinked")))
}
