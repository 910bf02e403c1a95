//! A forgotten password: asking for the mail.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    app::App,
    identity::recovery,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, refused,
    },
};

#[derive(Template)]
#[template(path = "me/forgot.html")]
struct ForgotPage {
    l: Translator,
    shell: Shell,
    login: String,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "me/forgot_sent.html")]
struct SentPage {
    l: Translator,
    shell: Shell,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ForgotForm {
    login: String,
}

pub async fn show(visitor: RequestContext) -> PageResult {
    html(&ForgotPage { l: visitor.l, shell: Shell::plain(&visitor), login: String::new(), faults: FormErrors::new() })
}

/// The same page and the same work whether there is such an account or not.
pub async fn submit(State(app): State<App>, visitor: RequestContext, Form(form): Form<ForgotForm>) -> PageResult {
    if form.login.trim().is_empty() {
        let faults = FormErrors::one("login", "fault-email-missing");
        let shell = Shell::plain(&visitor);
        return refused(&ForgotPage { l: visitor.l, shell, login: form.login, faults });
    }
    recovery::ask(&app, &form.login, visitor.l.0, visitor.address).await?;
    html(&SentPage { l: visitor.l, shell: Shell::plain(&visitor) })
}
