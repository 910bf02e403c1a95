//! The question for a code, between the password and the session.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::sign_in::let_in;
use crate::{
    app::App,
    identity::{
        cookies,
        pending::{self, Refusal},
        sessions::Device,
    },
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        html, page,
    },
};

#[derive(Template)]
#[template(path = "identity/code.html")]
struct CodePage<'a> {
    l: L,
    shell: Shell,
    next: &'a str,
    faults: Faults,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    next: String,
}

pub async fn show(State(app): State<App>, visitor: Visitor, jar: CookieJar, Query(form): Query<CodeForm>) -> Reply {
    match cookies::pending_token(&jar, &app.config) {
        Some(token) if pending::is_awaited(&app, &token).await? => {
            html(&code_page(&visitor, &form.next, Faults::new()))
        }
        _ => Ok(page::redirect("/sign-in")),
    }
}

pub async fn submit(State(app): State<App>, visitor: Visitor, jar: CookieJar, Form(form): Form<CodeForm>) -> Reply {
    let Some(token) = cookies::pending_token(&jar, &app.config) else { return Ok(page::redirect("/sign-in")) };
    if form.code.trim().is_empty() {
        return page::refused(&code_page(&visitor, &form.next, Faults::one("code", "fault-code-missing")));
    }
    let device = Device { address: visitor.address, user_agent: visitor.user_agent.clone(), session: None };
    match pending::complete(&app, &token, &form.code, &device).await? {
        Ok(entered) => let_in(&app, &visitor, jar, &entered, &form.next).await,
        Err(Refusal::Gone) => Ok(page::redirect("/sign-in")),
        Err(Refusal::Wrong) => page::refused(&code_page(&visitor, &form.next, Faults::one("code", "fault-code-wrong"))),
        Err(Refusal::TooManyTries(wait)) => too_many_tries(&visitor, &form.next, wait),
    }
}

fn too_many_tries(visitor: &Visitor, next: &str, wait: Duration) -> Reply {
    let mut faults = Faults::new();
    faults.add_about("code", "fault-sign-in-too-many", wait.as_secs().div_ceil(60).to_string());
    let answer = page::with_status(StatusCode::TOO_MANY_REQUESTS, &code_page(visitor, next, faults))?;
    Ok(page::retry_after(answer, wait))
}

fn code_page<'a>(visitor: &Visitor, next: &'a str, faults: Faults) -> CodePage<'a> {
    CodePage { l: visitor.l, shell: Shell::plain(visitor), next, faults }
}
