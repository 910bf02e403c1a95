//! Choosing a password of one's own: after a temporary one, in place of the current one, and by a mailed link.

use askama::Template;
use axum::{extract::State, response::IntoResponse};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use crate::{
    access::SchoolKind,
    app::App,
    crypto::token::Token,
    error::Result,
    identity::{
        accounts, cookies,
        links::{self, Link},
        own_password::{self, PasswordChange, PasswordRefusal},
        pages::{home_of, sign_in::finish_sign_in},
        password::PolicyContext,
        recovery,
        sessions::Device,
        verification,
    },
    letters::outbox::Letter,
    paths,
    roster::membership,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "me/password.html")]
struct OwnPasswordPage {
    l: Translator,
    shell: Shell,
    title: String,
    lead: String,
    login: String,
    action: String,
    asks_current: bool,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "invitations/link_dead.html")]
struct ResetLinkDeadPage {
    l: Translator,
    shell: Shell,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OwnPasswordForm {
    pub current_password: String,
    pub password: String,
    pub password_again: String,
}

pub async fn change(visitor: RequestContext) -> PageResult {
    html(&change_page(&visitor, FormErrors::new())?)
}

pub async fn submit_change(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Form(form): Form<OwnPasswordForm>,
) -> PageResult {
    let signed_in = visitor.signed_in()?;
    let (person_name, school_name) = membership::names_around(&app.db, signed_in.account_id).await?;
    let wanted = PasswordChange {
        account_id: signed_in.account_id,
        login: &signed_in.login,
        by_temporary: signed_in.must_choose_password,
        current: &form.current_password,
        typed: &form.password,
        again: &form.password_again,
        staff: accounts::is_email(&signed_in.login),
        person_name: &person_name,
        school_name: &school_name,
        lang: visitor.l.0,
    };
    match own_password::change(&app, &wanted, &Device::of(&visitor)).await? {
        Ok(changed) => {
            let jar = jar.add(cookies::session(&app.config, &changed.token));
            let settled = crate::access::SignedIn { must_choose_password: false, ..signed_in.clone() };
            let home = home_of(&app, &settled).await?;
            let what = if changed.others_are_out { "password-changed-everywhere" } else { "password-changed" };
            Ok((jar, page::redirect(home.with("done", what))).into_response())
        }
        Err(PasswordRefusal::TooManyTries(wait)) => {
            let page = change_page(&visitor, faults(PasswordRefusal::TooManyTries(wait)))?;
            Ok(page::retry_after(page::with_status(axum::http::StatusCode::TOO_MANY_REQUESTS, &page)?, wait))
        }
        Err(refusal) => refused(&change_page(&visitor, faults(refusal))?),
    }
}

fn change_page(visitor: &RequestContext, faults: FormErrors) -> Result<OwnPasswordPage> {
    let signed_in = visitor.signed_in()?;
    let l = visitor.l;
    let by_temporary = signed_in.must_choose_password;
    Ok(OwnPasswordPage {
        l,
        shell: Shell::plain(visitor),
        title: if by_temporary { first_title(&l, &signed_in.login) } else { l.t("password-change-title") },
        lead: lead(&l, &signed_in.login),
        login: signed_in.login.clone(),
        action: paths::PasswordChange::PATH.to_owned(),
        asks_current: !by_temporary,
        faults,
    })
}

pub async fn reset(State(app): State<App>, visitor: RequestContext, Path(token): Path<String>) -> PageResult {
    match find(&app, &token).await? {
        Some((_, login, kind)) => html(&reset_page(&spoken_to(&visitor, kind), &login, &token, FormErrors::new())),
        None => dead_link(&visitor),
    }
}

pub async fn submit_reset(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Path(token): Path<String>,
    Form(form): Form<OwnPasswordForm>,
) -> PageResult {
    let Some((link, login, kind)) = find(&app, &token).await? else { return dead_link(&visitor) };
    let visitor = spoken_to(&visitor, kind);
    let (person_name, school_name) = membership::names_around(&app.db, link.account_id).await?;
    let context = PolicyContext {
        staff: accounts::is_email(&login),
        person_name: &person_name,
        school_name: &school_name,
        login: &login,
        temporary: None,
    };
    let chosen = match own_password::choose(&app, &form.password, &form.password_again, &context).await? {
        Ok(chosen) => chosen,
        Err(refusal) => return refused(&reset_page(&visitor, &login, &token, faults(refusal))),
    };
    let device = Device::of(&visitor);
    let mut tx = app.db.begin().await?;
    if !links::consume(&mut tx, &link, app.clock.now()).await? {
        return dead_link(&visitor);
    }
    verification::prove(&mut tx, &app, link.account_id).await?;
    own_password::set(&mut tx, &app, link.account_id, &chosen, &device).await?;
    let account = (link.account_id, login.as_str());
    let letter = Letter::PasswordChanged { name: person_name };
    own_password::tell(&mut tx, &app, account, &letter, visitor.l.0).await?;
    let session = own_password::sign_in_anew(&mut tx, &app, link.account_id, &device).await?;
    tx.commit().await?;
    finish_sign_in(&app, &visitor, jar, &session, "/").await
}

/// The visitor, spoken to in the words of their schools.
fn spoken_to(visitor: &RequestContext, kind: Option<SchoolKind>) -> RequestContext {
    kind.map_or_else(|| visitor.clone(), |kind| visitor.in_words_of(kind.key()))
}

/// The link, the login that it is for, and the kind of the account's schools.
async fn find(app: &App, token: &str) -> Result<Option<(Link, String, Option<SchoolKind>)>> {
    let Some(token) = Token::parse(token) else { return Ok(None) };
    let Some(link) = recovery::find(app, &token).await? else { return Ok(None) };
    let mut tx = app.db.begin().await?;
    let login = accounts::summary(&mut tx, link.account_id).await?.login;
    let kind = accounts::school_kind(&mut tx, link.account_id).await?;
    Ok(Some((link, login, kind)))
}

fn reset_page(visitor: &RequestContext, login: &str, token: &str, faults: FormErrors) -> OwnPasswordPage {
    OwnPasswordPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        title: visitor.l.t("password-reset-title"),
        lead: lead(&visitor.l, login),
        login: login.to_owned(),
        action: paths::PasswordReset::of(token).to_string(),
        asks_current: false,
        faults,
    }
}

/// Pupils are spoken to as pupils are.
fn first_title(l: &Translator, login: &str) -> String {
    l.t(if accounts::is_email(login) { "password-first-title" } else { "password-first-title-pupil" })
}

fn lead(l: &Translator, login: &str) -> String {
    l.t(if accounts::is_email(login) { "password-first-lead-staff" } else { "password-first-lead-pupil" })
}

/// The page for links that were used, have expired, or never existed.
pub fn dead_link(visitor: &RequestContext) -> PageResult {
    let page = ResetLinkDeadPage { l: visitor.l, shell: Shell::plain(visitor) };
    page::with_status(axum::http::StatusCode::NOT_FOUND, &page)
}

/// A refused password as a form's fault.
#[must_use]
pub fn faults(refusal: PasswordRefusal) -> FormErrors {
    match refusal {
        PasswordRefusal::Policy(fault) => FormErrors::one("password", fault.key()),
        PasswordRefusal::NotRepeated => FormErrors::one("password_again", "fault-password-not-repeated"),
        PasswordRefusal::CurrentWrong => FormErrors::one("current_password", "fault-password-current-wrong"),
        PasswordRefusal::TooManyTries(wait) => {
            let mut faults = FormErrors::new();
            let minutes = wait.as_secs().div_ceil(60).to_string();
            faults.add_about("current_password", "fault-sign-in-too-many", minutes);
            faults
        }
        PasswordRefusal::Outdated => FormErrors::one("password", "fault-password-outdated"),
    }
}
