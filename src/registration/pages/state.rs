//! What a registered person who is in no school yet waits for.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};

use crate::{
    app::App,
    companies::store::{self as companies, OwnCompany},
    identity::{
        landing,
        registrations::{self, PendingRegistration},
    },
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[derive(Template)]
#[template(path = "registration/state.html")]
struct StatePage {
    l: Translator,
    shell: Shell,
    login: String,
    waiting: Vec<PendingRegistration>,
    companies: Vec<OwnCompany>,
    /// The code of a school that they are in.
    school: Option<String>,
    now: DateTime<Utc>,
}

pub async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let signed_in = visitor.signed_in()?;
    let account = signed_in.account_id;
    html(&StatePage {
        l: visitor.l,
        shell: Shell::plain(&visitor),
        login: signed_in.login.clone(),
        waiting: registrations::of_account(&app.db, account).await?,
        companies: companies::of_account(&app.db, account).await?,
        school: landing::home_school(&app.db, account).await?,
        now: visitor.now,
    })
}
