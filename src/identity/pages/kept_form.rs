//! A form that was kept while its sender signed in, where its own page is not to be had: what it holds, and a button that
//! sends it as it was typed.

use askama::Template;
use axum::extract::State;
use axum_extra::extract::CookieJar;

use crate::{
    app::App,
    identity::{cookies, kept_forms},
    web::{PageResult, RequestContext, Shell, Translator, html, page},
};

#[derive(Template)]
#[template(path = "identity/kept_form.html")]
struct KeptFormPage {
    l: Translator,
    shell: Shell,
    action: String,
    fields: Vec<(String, String)>,
}

impl KeptFormPage {
    /// What a person typed, as far as the field has a name that people know.
    fn shown(&self) -> Vec<(String, &str)> {
        let label = |name: &str| {
            let key = format!("field-{}", name.replace('_', "-"));
            self.l.knows(&key).then(|| self.l.t(&key))
        };
        let fields = self.fields.iter().filter(|(_, value)| !value.is_empty() && value.parse::<uuid::Uuid>().is_err());
        fields.filter_map(|(name, value)| Some((label(name)?, value.as_str()))).collect()
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext, jar: CookieJar) -> PageResult {
    let account_id = visitor.signed_in()?.account_id;
    let form = match cookies::kept_form_token(&jar, &app.config) {
        Some(token) => kept_forms::find(&app, account_id, &token, visitor.now).await?,
        None => None,
    };
    let Some(form) = form else { return Ok(page::redirect("/")) };
    let shell = Shell::plain(&visitor);
    html(&KeptFormPage { l: visitor.l, shell, action: form.action, fields: form.fields })
}
