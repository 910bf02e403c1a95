//! The question for a code, between the password and the session.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::sign_in::finish_sign_in;
use crate::{
    app::App,
    identity::{
        cookies,
        mfa_challenge::{self, CodeRefusal},
        sessions::Device,
    },
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page,
    },
};

#[derive(Template)]
#[template(path = "identity/code.html")]
struct CodePage<'a> {
    l: Translator,
    shell: Shell,
    next: &'a str,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    next: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Query(form): Query<CodeForm>,
) -> PageResult {
    match cookies::pending_token(&jar, &app.config) {
        Some(token) if mfa_challenge::is_awaited(&app, &token).await? => {
            html(&code_page(&visitor, &form.next, FormErrors::new()))
        }
        _ => Ok(page::redirect(paths::SignIn::PATH)),
    }
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Form(form): Form<CodeForm>,
) -> PageResult {
    let Some(token) = cookies::pending_token(&jar, &app.config) else { return Ok(page::redirect(paths::SignIn::PATH)) };
    if form.code.trim().is_empty() {
        return page::refused(&code_page(&visitor, &form.next, FormErrors::one("code", "fault-code-missing")));
    }
    let device = Device::of(&visitor);
    match mfa_challenge::complete(&app, &token, &form.code, &device).await? {
        Ok(entered) => finish_sign_in(&app, &visitor, jar, &entered, &form.next).await,
        Err(CodeRefusal::Gone) => Ok(page::redirect(paths::SignIn::PATH)),
        Err(CodeRefusal::Wrong) => {
            page::refused(&code_page(&visitor, &form.next, FormErrors::one("code", "fault-code-wrong")))
        }
        Err(CodeRefusal::TooManyTries(wait)) => too_many_tries(&visitor, &form.next, wait),
    }
}

fn too_many_tries(visitor: &RequestContext, next: &str, wait: Duration) -> PageResult {
    let mut faults = FormErrors::new();
    faults.add_about("code", "fault-sign-in-too-many", wait.as_secs().div_ceil(60).to_string());
    let answer = page::with_status(StatusCode::TOO_MANY_REQUESTS, &code_page(visitor, next, faults))?;
    Ok(page::retry_after(answer, wait))
}

fn code_page<'a>(visitor: &RequestContext, next: &'a str, faults: FormErrors) -> CodePage<'a> {
    CodePage { l: visitor.l, shell: Shell::plain(visitor), next, faults }
}
