//! One's own second factor: set up, shown to be on, turned off on a page that asks first.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;

use crate::{
    access::SignedIn,
    app::App,
    error::Result,
    identity::{
        reauthentication::{self, PasswordTryRefusal},
        second_factor::{self, SecondFactorState as Progress},
        sessions::Device,
    },
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page,
        qr::{self, Qr},
        refused,
    },
};

#[derive(Template)]
#[template(path = "me/second_factor.html")]
struct SecondFactorPage<'a> {
    l: Translator,
    shell: Shell,
    login: &'a str,
    progress: Progress,
    /// Of a secret that is being set up in the app.
    qr: Qr,
    /// The visitor was redirected here, since nothing else is accessible to them.
    is_needed: bool,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "me/second_factor_removal.html")]
struct RemovalPage<'a> {
    l: Translator,
    shell: Shell,
    login: &'a str,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "me/recovery_codes.html")]
struct RecoveryCodesPage<'a> {
    l: Translator,
    shell: Shell,
    login: &'a str,
    codes: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SecondFactorQuery {
    needed: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SecondFactorForm {
    code: String,
    password: String,
}

/// Staff and operators, who sign in with an address of their own. Pupils are children with a slip.
fn may_have_one(visitor: &RequestContext) -> Result<Option<&SignedIn>> {
    let signed_in = visitor.signed_in()?;
    Ok(signed_in.has_address().then_some(signed_in))
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    Query(query): Query<SecondFactorQuery>,
) -> PageResult {
    let Some(signed_in) = may_have_one(&visitor)? else { return Ok(page::redirect(paths::Front::PATH)) };
    let is_needed = signed_in.owes_second_factor || !query.needed.is_empty();
    html(&second_factor_page(&app, &visitor, signed_in, is_needed, FormErrors::new()).await?)
}

pub async fn begin(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let Some(signed_in) = may_have_one(&visitor)? else { return Ok(page::redirect(paths::Front::PATH)) };
    second_factor::begin(&app, signed_in.account_id).await?;
    Ok(page::redirect(paths::SecondFactor::PATH))
}

pub async fn confirm(
    State(app): State<App>,
    visitor: RequestContext,
    Form(form): Form<SecondFactorForm>,
) -> PageResult {
    let Some(signed_in) = may_have_one(&visitor)? else { return Ok(page::redirect(paths::Front::PATH)) };
    // Nothing typed is no try.
    let fault = if form.code.trim().is_empty() {
        "fault-code-missing"
    } else {
        match second_factor::confirm(&app, signed_in, &form.code, &Device::of(&visitor)).await? {
            Some(codes) => return codes_page(&visitor, signed_in, codes),
            None => "fault-code-wrong",
        }
    };
    let (needed, faults) = (signed_in.owes_second_factor, FormErrors::one("code", fault));
    refused(&second_factor_page(&app, &visitor, signed_in, needed, faults).await?)
}

pub async fn renew_codes(
    State(app): State<App>,
    visitor: RequestContext,
    Form(form): Form<SecondFactorForm>,
) -> PageResult {
    let Some(signed_in) = may_have_one(&visitor)? else { return Ok(page::redirect(paths::Front::PATH)) };
    if let Some((faults, wait)) = password_faults(&app, &visitor, signed_in, &form.password).await? {
        return refused_until(&second_factor_page(&app, &visitor, signed_in, false, faults).await?, wait);
    }
    if !signed_in.has_second_factor {
        return Ok(page::redirect(paths::SecondFactor::PATH));
    }
    codes_page(
        &visitor,
        signed_in,
        second_factor::renew_codes(&app, signed_in.account_id, &Device::of(&visitor)).await?,
    )
}

/// Says what turning it off means, and asks for the password.
pub async fn ask_turning_off(visitor: RequestContext) -> PageResult {
    match may_have_one(&visitor)? {
        Some(signed_in) if signed_in.has_second_factor => html(&removal_page(&visitor, signed_in, FormErrors::new())),
        Some(_) => Ok(page::redirect(paths::SecondFactor::PATH)),
        None => Ok(page::redirect(paths::Front::PATH)),
    }
}

pub async fn turn_off(
    State(app): State<App>,
    visitor: RequestContext,
    Form(form): Form<SecondFactorForm>,
) -> PageResult {
    let Some(signed_in) = may_have_one(&visitor)? else { return Ok(page::redirect(paths::Front::PATH)) };
    if let Some((faults, wait)) = password_faults(&app, &visitor, signed_in, &form.password).await? {
        return refused_until(&removal_page(&visitor, signed_in, faults), wait);
    }
    second_factor::turn_off(&app, signed_in.account_id, &Device::of(&visitor)).await?;
    Ok(page::redirect(paths::SecondFactor::of().with("done", "second-factor-off")))
}

/// What is wrong with the password that was typed, and for how long no other is taken.
async fn password_faults(
    app: &App,
    visitor: &RequestContext,
    signed_in: &SignedIn,
    typed: &str,
) -> Result<Option<(FormErrors, Option<Duration>)>> {
    if typed.is_empty() {
        return Ok(Some((FormErrors::one("password", "fault-password-missing"), None)));
    }
    Ok(match reauthentication::check(app, signed_in, typed, &Device::of(visitor)).await? {
        Ok(()) => None,
        Err(PasswordTryRefusal::Wrong) => Some((FormErrors::one("password", "fault-password-current-wrong"), None)),
        Err(PasswordTryRefusal::TooManyTries(wait)) => {
            let mut faults = FormErrors::new();
            faults.add_about("password", "fault-sign-in-too-many", wait.as_secs().div_ceil(60).to_string());
            Some((faults, Some(wait)))
        }
    })
}

/// The page once more where the password is not right.
fn refused_until(page: &impl Template, wait: Option<Duration>) -> PageResult {
    match wait {
        Some(wait) => Ok(page::retry_after(page::with_status(StatusCode::TOO_MANY_REQUESTS, page)?, wait)),
        None => refused(page),
    }
}

fn removal_page<'a>(visitor: &RequestContext, signed_in: &'a SignedIn, faults: FormErrors) -> RemovalPage<'a> {
    RemovalPage { l: visitor.l, shell: Shell::plain(visitor), login: &signed_in.login, faults }
}

async fn second_factor_page<'a>(
    app: &App,
    visitor: &RequestContext,
    signed_in: &'a SignedIn,
    is_needed: bool,
    faults: FormErrors,
) -> Result<SecondFactorPage<'a>> {
    let progress = second_factor::state(app, signed_in.account_id).await?;
    let qr = match &progress {
        Progress::Begun(secret) => qr::code(&secret.address(&signed_in.login)?),
        Progress::Off | Progress::On { .. } => Qr::default(),
    };
    Ok(SecondFactorPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        login: &signed_in.login,
        is_needed: is_needed && !matches!(progress, Progress::On { .. }),
        progress,
        qr,
        faults,
    })
}

fn codes_page(visitor: &RequestContext, signed_in: &SignedIn, codes: Vec<String>) -> PageResult {
    html(&RecoveryCodesPage { l: visitor.l, shell: Shell::plain(visitor), login: &signed_in.login, codes })
}
