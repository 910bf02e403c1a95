//! A forgotten password: asking for the mail.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    app::App,
    identity::recovery,
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        html, refused,
    },
};

#[derive(Template)]
#[template(path = "identity/forgot.html")]
struct ForgotPage {
    l: L,
    shell: Shell,
    login: String,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "identity/forgot_sent.html")]
struct SentPage {
    l: L,
    shell: Shell,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ForgotForm {
    login: String,
}

pub async fn show(visitor: Visitor) -> Reply {
    html(&ForgotPage { l: visitor.l, shell: Shell::plain(&visitor), login: String::new(), faults: Faults::new() })
}

/// The same page and the same work whether there is such an account or not.
pub async fn submit(State(app): State<App>, visitor: Visitor, Form(form): Form<ForgotForm>) -> Reply {
    if form.login.trim().is_empty() {
        let faults = Faults::one("login", "fault-email-missing");
        let shell = Shell::plain(&visitor);
        return refused(&ForgotPage { l: visitor.l, shell, login: form.login, faults });
    }
    recovery::ask(&app, &form.login, visitor.l.0, visitor.address).await?;
    html(&SentPage { l: visitor.l, shell: Shell::plain(&visitor) })
}
