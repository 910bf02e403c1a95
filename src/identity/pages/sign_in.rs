//! Signing in, on the general sign-in page or a school's own, and out.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use crate::{
    app::App,
    error::Result,
    identity::{
        accounts, cookies,
        sessions::{self, Device},
        sign_in::{self, SignInOutcome, SignInRefusal},
    },
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, path,
    },
};

/// A school's own sign-in page: it adds the part of the login behind the @.
#[derive(Clone, Debug)]
pub struct SchoolDoor {
    pub name: String,
    pub code: String,
}

impl SchoolDoor {
    /// The whole login of what was typed: pupils type the username alone. It never changes, so behind the @ may stand a
    /// code that the school had before.
    async fn whole_login(&self, app: &App, typed: &str) -> Result<String> {
        let typed = typed.trim();
        if typed.contains('@') || typed.is_empty() {
            Ok(typed.to_owned())
        } else {
            accounts::login_at(&app.db, &self.code, typed).await
        }
    }
}

#[derive(Template)]
#[template(path = "identity/sign_in.html")]
struct SignInPage<'a> {
    l: Translator,
    shell: Shell,
    door: Option<&'a SchoolDoor>,
    login: &'a str,
    next: &'a str,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    login: String,
    password: String,
    next: String,
}

/// The query of a link to the page: a QR code fills in the login.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignInQuery {
    login: String,
    next: String,
}

pub async fn show(visitor: RequestContext, Query(query): Query<SignInQuery>) -> PageResult {
    page_of(&visitor, None, &query)
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> PageResult {
    attempt(&app, &visitor, jar, &form, None).await
}

/// The page to sign in on.
pub fn page_of(visitor: &RequestContext, door: Option<&SchoolDoor>, query: &SignInQuery) -> PageResult {
    let shell = Shell::plain(visitor);
    html(&SignInPage { l: visitor.l, shell, door, login: &query.login, next: &query.next, faults: FormErrors::new() })
}

/// Signs in with what was typed, if it is right.
///
/// # Errors
/// When too many are waiting.
pub async fn attempt(
    app: &App,
    visitor: &RequestContext,
    jar: CookieJar,
    form: &SignInForm,
    door: Option<&SchoolDoor>,
) -> PageResult {
    let mut faults = FormErrors::new();
    if form.login.trim().is_empty() {
        faults.add("login", "fault-login-missing");
    }
    if form.password.is_empty() {
        faults.add("password", "fault-password-missing");
    }
    if !faults.is_empty() {
        return refuse(visitor, form, door, faults, None);
    }
    let login = match door {
        Some(door) => door.whole_login(app, &form.login).await?,
        None => form.login.trim().to_owned(),
    };
    let device = Device {
        address: visitor.address,
        user_agent: visitor.user_agent.clone(),
        session: visitor.signed_in.as_ref().map(|signed_in| signed_in.session),
    };
    match sign_in::sign_in(app, &login, &form.password, &device).await? {
        Ok(entered) => finish_sign_in(app, visitor, jar, &entered, &form.next).await,
        Err(SignInRefusal::Wrong) => refuse(visitor, form, door, FormErrors::one("login", "fault-sign-in-wrong"), None),
        Err(SignInRefusal::OtherDevice { idle_minutes }) => {
            let mut faults = FormErrors::new();
            faults.add_about("login", "fault-sign-in-elsewhere", idle_minutes.to_string());
            refuse(visitor, form, door, faults, None)
        }
        Err(SignInRefusal::TooManyTries(wait)) => {
            let mut faults = FormErrors::new();
            faults.add_about("login", "fault-sign-in-too-many", wait.as_secs().div_ceil(60).to_string());
            refuse(visitor, form, door, faults, Some(wait))
        }
    }
}

/// Redirects to the page that was requested, or first to the question for a code.
pub async fn finish_sign_in(
    app: &App,
    visitor: &RequestContext,
    jar: CookieJar,
    entered: &SignInOutcome,
    next: &str,
) -> PageResult {
    // An account that was signed in on this device before is signed out.
    if let Some(previous) = &visitor.signed_in {
        sessions::end(&app.db, &previous.session).await?;
    }
    let next = path::of_ours_or_home(next);
    Ok(match entered {
        SignInOutcome::In { token, must_choose_password } => {
            let waited = cookies::pending_token(&jar, &app.config).map(|_| cookies::no_pending(&app.config));
            let jar = waited.into_iter().fold(jar.add(cookies::session(&app.config, token)), CookieJar::add);
            let to = if *must_choose_password { paths::PasswordChange::PATH } else { next.as_str() };
            (jar, page::redirect(to)).into_response()
        }
        SignInOutcome::CodeNeeded(token) => {
            let was_in = visitor.signed_in.as_ref().map(|_| cookies::no_session(&app.config));
            let jar = was_in.into_iter().fold(jar.add(cookies::pending(&app.config, token)), CookieJar::add);
            (jar, page::redirect(paths::SignInCode::of().with("next", &next))).into_response()
        }
    })
}

fn refuse(
    visitor: &RequestContext,
    form: &SignInForm,
    door: Option<&SchoolDoor>,
    faults: FormErrors,
    wait: Option<Duration>,
) -> PageResult {
    let shell = Shell::plain(visitor);
    let sign_in = SignInPage { l: visitor.l, shell, door, login: &form.login, next: &form.next, faults };
    let Some(wait) = wait else { return page::refused(&sign_in) };
    Ok(page::retry_after(page::with_status(StatusCode::TOO_MANY_REQUESTS, &sign_in)?, wait))
}

pub async fn sign_out(State(app): State<App>, visitor: RequestContext, jar: CookieJar) -> PageResult {
    sessions::end(&app.db, &visitor.signed_in()?.session).await?;
    let jar = jar.add(cookies::no_session(&app.config));
    Ok((jar, page::redirect(paths::SignIn::of().with("done", "signed-out"))).into_response())
}
