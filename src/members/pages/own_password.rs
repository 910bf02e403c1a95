//! Choosing a password of one's own: after a temporary one, in place of the current one, and by a mailed link.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use crate::{
    app::App,
    error::Result,
    identity::{
        accounts, cookies,
        links::{self, Link},
        own_password::{self, Change, Refusal},
        pages::{home_of, sign_in::let_in},
        password::PolicyContext,
        recovery,
        sessions::Device,
        token::Token,
        verification,
    },
    mail::outbox::Letter,
    members::standing,
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "members/own_password.html")]
struct OwnPasswordPage {
    l: L,
    shell: Shell,
    title: String,
    lead: String,
    login: String,
    action: String,
    asks_current: bool,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "members/link_dead.html")]
struct LinkDeadPage {
    l: L,
    shell: Shell,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    pub current_password: String,
    pub password: String,
    pub password_again: String,
}

pub async fn change(visitor: Visitor) -> Reply {
    html(&change_page(&visitor, Faults::new())?)
}

pub async fn submit_change(
    State(app): State<App>,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<PasswordForm>,
) -> Reply {
    let signed_in = visitor.signed_in()?;
    let (person_name, school_name) = standing::names_around(&app.db, signed_in.account_id).await?;
    let wanted = Change {
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
    match own_password::change(&app, &wanted, &device(&visitor)).await? {
        Ok(changed) => {
            let jar = jar.add(cookies::session(&app.config, &changed.token));
            let settled = crate::access::SignedIn { must_choose_password: false, ..signed_in.clone() };
            let home = home_of(&app, &settled).await?;
            let what = if changed.others_are_out { "password-changed-everywhere" } else { "password-changed" };
            Ok((jar, page::redirect(&format!("{home}?done={what}"))).into_response())
        }
        Err(Refusal::TooManyTries(wait)) => {
            let page = change_page(&visitor, faults(Refusal::TooManyTries(wait)))?;
            Ok(page::retry_after(page::with_status(axum::http::StatusCode::TOO_MANY_REQUESTS, &page)?, wait))
        }
        Err(refusal) => refused(&change_page(&visitor, faults(refusal))?),
    }
}

fn change_page(visitor: &Visitor, faults: Faults) -> Result<OwnPasswordPage> {
    let signed_in = visitor.signed_in()?;
    let l = visitor.l;
    let by_temporary = signed_in.must_choose_password;
    Ok(OwnPasswordPage {
        l,
        shell: Shell::plain(visitor),
        title: if by_temporary { first_title(&l, &signed_in.login) } else { l.t("password-change-title") },
        lead: lead(&l, &signed_in.login),
        login: signed_in.login.clone(),
        action: "/password/change".to_owned(),
        asks_current: !by_temporary,
        faults,
    })
}

pub async fn reset(State(app): State<App>, visitor: Visitor, Path(token): Path<String>) -> Reply {
    match find(&app, &token).await? {
        Some((_, login)) => html(&reset_page(&visitor, &login, &token, Faults::new())),
        None => dead_link(&visitor),
    }
}

pub async fn submit_reset(
    State(app): State<App>,
    visitor: Visitor,
    jar: CookieJar,
    Path(token): Path<String>,
    Form(form): Form<PasswordForm>,
) -> Reply {
    let Some((link, login)) = find(&app, &token).await? else { return dead_link(&visitor) };
    let (person_name, school_name) = standing::names_around(&app.db, link.account_id).await?;
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
    let device = device(&visitor);
    let mut tx = app.db.begin().await?;
    if !links::spend(&mut tx, &link, app.clock.now()).await? {
        return dead_link(&visitor);
    }
    verification::prove(&mut tx, &app, link.account_id).await?;
    own_password::set(&mut tx, &app, link.account_id, &chosen, &device).await?;
    let account = (link.account_id, login.as_str());
    let letter = Letter::PasswordChanged { name: person_name };
    own_password::tell(&mut tx, &app, account, &letter, visitor.l.0).await?;
    let session = own_password::sign_in_anew(&mut tx, &app, link.account_id, &device).await?;
    tx.commit().await?;
    let_in(&app, &visitor, jar, &session, "/").await
}

async fn find(app: &App, token: &str) -> Result<Option<(Link, String)>> {
    let Some(token) = Token::parse(token) else { return Ok(None) };
    let Some(link) = recovery::find(app, &token).await? else { return Ok(None) };
    let mut tx = app.db.begin().await?;
    let login = accounts::summary(&mut tx, link.account_id).await?.login;
    Ok(Some((link, login)))
}

fn reset_page(visitor: &Visitor, login: &str, token: &str, faults: Faults) -> OwnPasswordPage {
    OwnPasswordPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        title: visitor.l.t("password-reset-title"),
        lead: lead(&visitor.l, login),
        login: login.to_owned(),
        action: format!("/password/reset/{token}"),
        asks_current: false,
        faults,
    }
}

/// Pupils are spoken to as pupils are.
fn first_title(l: &L, login: &str) -> String {
    l.t(if accounts::is_email(login) { "password-first-title" } else { "password-first-title-pupil" })
}

fn lead(l: &L, login: &str) -> String {
    l.t(if accounts::is_email(login) { "password-first-lead-staff" } else { "password-first-lead-pupil" })
}

/// The page for links that were used, have expired, or never existed.
pub fn dead_link(visitor: &Visitor) -> Reply {
    let page = LinkDeadPage { l: visitor.l, shell: Shell::plain(visitor) };
    page::with_status(axum::http::StatusCode::NOT_FOUND, &page)
}

/// The visitor's device, for the session that is created.
#[must_use]
pub fn device(visitor: &Visitor) -> Device {
    Device {
        address: visitor.address,
        user_agent: visitor.user_agent.clone(),
        session: visitor.signed_in.as_ref().map(|signed_in| signed_in.session),
    }
}

/// A refused password as a form's fault.
#[must_use]
pub fn faults(refusal: Refusal) -> Faults {
    match refusal {
        Refusal::Policy(fault) => Faults::one("password", fault.key()),
        Refusal::NotRepeated => Faults::one("password_again", "fault-password-not-repeated"),
        Refusal::CurrentWrong => Faults::one("current_password", "fault-password-current-wrong"),
        Refusal::TooManyTries(wait) => {
            let mut faults = Faults::new();
            let minutes = wait.as_secs().div_ceil(60).to_string();
            faults.add_about("current_password", "fault-sign-in-too-many", minutes);
            faults
        }
        Refusal::Outdated => Faults::one("password", "fault-password-outdated"),
    }
}
