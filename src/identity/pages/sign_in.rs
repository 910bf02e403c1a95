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
    config::ProviderKind,
    error::Result,
    identity::{
        accounts, cookies,
        linked::ProviderRefusal,
        sessions::{self, Device},
        sign_in::{self, SignInOutcome, SignInRefusal},
    },
    paths,
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, path,
    },
};

/// The school whose own sign-in page is shown: the page adds the part of the login behind the @.
#[derive(Clone, Debug)]
pub struct SignInSchool {
    pub name: String,
    pub code: String,
    /// The address of the school's logo, and its colour, where it has its own.
    pub logo: Option<String>,
    pub tone: Option<&'static str>,
    /// The school lets its staff sign in with work accounts at other services.
    pub allows_providers: bool,
}

impl SignInSchool {
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
    school: Option<&'a SignInSchool>,
    login: &'a str,
    next: &'a str,
    /// The sentence about a form that was sent after the session had ended, or about a sign-in at another service.
    note: Option<String>,
    /// The services with whose accounts one may sign in.
    providers: Vec<ProviderKind>,
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
    /// What became of a form that was sent after the session had ended.
    kept: String,
    /// Why the sign-in at another service failed.
    refused: String,
}

impl SignInQuery {
    fn note(&self, l: &Translator) -> Option<String> {
        if let Ok(refusal) = self.refused.parse::<ProviderRefusal>() {
            return Some(l.tk("provider-refused", refusal.key()));
        }
        let key = match self.kept.as_str() {
            "on" => "sign-in-form-kept",
            "file" => "sign-in-file-not-kept",
            "large" => "sign-in-form-too-large",
            _ => return None,
        };
        Some(l.t(key))
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Query(query): Query<SignInQuery>) -> PageResult {
    page_of(&app, &on_the_way(&app, &visitor, &query.next).await?, None, &query)
}

/// The visitor, spoken to in the words of the school that they are on the way to.
async fn on_the_way(app: &App, visitor: &RequestContext, next: &str) -> Result<RequestContext> {
    let Some(code) = paths::school_in(next).filter(|code| code.len() <= 20) else { return Ok(visitor.clone()) };
    let kind = accounts::kind_of_school(&app.db, code).await?;
    Ok(kind.map_or_else(|| visitor.clone(), |kind| visitor.in_words_of(kind.key())))
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> PageResult {
    attempt(&app, &on_the_way(&app, &visitor, &form.next).await?, jar, &form, None).await
}

/// The page to sign in on.
pub fn page_of(app: &App, visitor: &RequestContext, school: Option<&SignInSchool>, query: &SignInQuery) -> PageResult {
    html(&SignInPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        school,
        login: &query.login,
        next: &query.next,
        note: query.note(&visitor.l),
        providers: providers(app, school, &query.next),
        faults: FormErrors::new(),
    })
}

/// The services with whose accounts one may sign in here; none where an application demands that the person authenticates
/// again, for which the password is asked.
fn providers(app: &App, school: Option<&SignInSchool>, next: &str) -> Vec<ProviderKind> {
    if school.is_some_and(|school| !school.allows_providers) || next.contains("asked_at=") {
        return Vec::new();
    }
    app.config.providers.iter().map(|provider| provider.kind).collect()
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
    school: Option<&SignInSchool>,
) -> PageResult {
    let mut faults = FormErrors::new();
    if form.login.trim().is_empty() {
        faults.add("login", "fault-login-missing");
    }
    if form.password.is_empty() {
        faults.add("password", "fault-password-missing");
    }
    if !faults.is_empty() {
        return refuse(app, visitor, form, school, faults, None);
    }
    let login = match school {
        Some(school) => school.whole_login(app, &form.login).await?,
        None => form.login.trim().to_owned(),
    };
    let device = Device::of(visitor);
    match sign_in::sign_in(app, &login, &form.password, &device).await? {
        Ok(entered) => finish_sign_in(app, visitor, jar, &entered, &form.next).await,
        Err(SignInRefusal::Wrong) => {
            let mut faults = FormErrors::one("login", "fault-sign-in-wrong");
            faults.add_all(&hints(&form.login, school));
            refuse(app, visitor, form, school, faults, None)
        }
        Err(SignInRefusal::OtherDevice { idle_minutes }) => {
            let mut faults = FormErrors::new();
            faults.add_about("login", "fault-sign-in-elsewhere", idle_minutes.to_string());
            refuse(app, visitor, form, school, faults, None)
        }
        Err(SignInRefusal::TooManyTries(wait)) => {
            let mut faults = FormErrors::new();
            faults.add_about("login", "fault-sign-in-too-many", wait.as_secs().div_ceil(60).to_string());
            refuse(app, visitor, form, school, faults, Some(wait))
        }
    }
}

/// What may be wrong with the login by its look alone; no account is asked for it.
fn hints(typed: &str, school: Option<&SignInSchool>) -> FormErrors {
    let typed = typed.trim();
    let mut hints = FormErrors::new();
    if typed.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        hints.add_about("login", "fault-sign-in-marks", text::fold(typed).replace(' ', ""));
    }
    if school.is_none() && !typed.contains('@') {
        hints.add_about("login", "fault-sign-in-bare", text::fold(typed).replace(' ', ""));
    }
    hints
}

/// Redirects to the page that was requested, or first to the question for a code.
pub async fn finish_sign_in(
    app: &App,
    visitor: &RequestContext,
    jar: CookieJar,
    entered: &SignInOutcome,
    next: &str,
) -> PageResult {
    // An account that was signed in on this device before is signed out; one that is asked anew, when its new session is there.
    let asked_anew = match entered {
        SignInOutcome::CodeNeeded { account_id, .. } => Some(*account_id),
        SignInOutcome::In { .. } => None,
    };
    let previous = visitor.signed_in.as_ref().filter(|previous| asked_anew != Some(previous.account_id));
    if let Some(previous) = previous {
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
        SignInOutcome::CodeNeeded { token, .. } => {
            let was_in = previous.map(|_| cookies::no_session(&app.config));
            let jar = was_in.into_iter().fold(jar.add(cookies::pending(&app.config, token)), CookieJar::add);
            (jar, page::redirect(paths::SignInCode::of().with("next", &next))).into_response()
        }
    })
}

fn refuse(
    app: &App,
    visitor: &RequestContext,
    form: &SignInForm,
    school: Option<&SignInSchool>,
    faults: FormErrors,
    wait: Option<Duration>,
) -> PageResult {
    let sign_in = SignInPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        school,
        login: &form.login,
        next: &form.next,
        note: None,
        providers: providers(app, school, &form.next),
        faults,
    };
    let Some(wait) = wait else { return page::refused(&sign_in) };
    Ok(page::retry_after(page::with_status(StatusCode::TOO_MANY_REQUESTS, &sign_in)?, wait))
}

pub async fn sign_out(State(app): State<App>, visitor: RequestContext, jar: CookieJar) -> PageResult {
    sessions::end(&app.db, &visitor.signed_in()?.session).await?;
    let jar = cookies::signed_out(jar, &app.config);
    Ok((jar, page::redirect(paths::SignIn::of().with("done", "signed-out"))).into_response())
}
