//! The pages of registration.

mod state;
mod teacher;
mod verify;

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use crate::{
    paths,
    routes::{Access, Routes},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::Register::PATH, Access::Anyone, choose)
        .get(paths::RegisterTeacher::PATH, Access::Anyone, teacher::show)
        .post(paths::RegisterTeacher::PATH, Access::Anyone, teacher::submit)
        .creating()
        .get(paths::RegisterSchools::PATH, Access::Anyone, teacher::schools)
        .get(paths::RegisterSent::PATH, Access::Anyone, sent)
        .get(paths::VerifyEmail::PATH, Access::Anyone, verify::show)
        .post(paths::VerifyEmail::PATH, Access::Anyone, verify::submit)
        .get(paths::Registration::PATH, Access::PasswordSet, state::show)
}

#[derive(Template)]
#[template(path = "registration/choose.html")]
struct ChoosePage {
    l: Translator,
    shell: Shell,
}

async fn choose(visitor: RequestContext) -> PageResult {
    html(&ChoosePage { l: visitor.l, shell: Shell::plain(&visitor) })
}

#[derive(Template)]
#[template(path = "registration/sent.html")]
struct SentPage {
    l: Translator,
    shell: Shell,
    is_company: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentQuery {
    to: String,
}

async fn sent(visitor: RequestContext, Query(query): Query<SentQuery>) -> PageResult {
    html(&SentPage { l: visitor.l, shell: Shell::plain(&visitor), is_company: query.to == "company" })
}
