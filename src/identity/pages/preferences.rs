//! Language and colours: cookies, and for a signed-in account the language of its mails.

use axum::{extract::State, response::IntoResponse};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use crate::{
    app::App,
    identity::{cookies, landing},
    web::{PageResult, RequestContext, forms::Form, i18n::Lang, page, path, visitor::Theme},
};

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct PreferencesForm {
    language: String,
    theme: String,
    next: String,
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    mut jar: CookieJar,
    Form(form): Form<PreferencesForm>,
) -> PageResult {
    if let Some(lang) = Lang::from_key(&form.language) {
        jar = jar.add(cookies::preference(&app.config, cookies::LANGUAGE, lang.key()));
        if let Some(signed_in) = &visitor.signed_in {
            landing::set_language(&app.db, signed_in.account_id, lang.key()).await?;
        }
    }
    if let Some(theme) = Theme::from_key(&form.theme) {
        jar = jar.add(cookies::preference(&app.config, cookies::THEME, theme.key()));
    }
    Ok((jar, page::redirect(path::of_ours_or_home(&form.next))).into_response())
}
