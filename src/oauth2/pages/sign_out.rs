//! `/oauth2/logout`: an application asks that the person be signed out here as well (OpenID Connect RP-Initiated Logout 1.0).

use askama::Template;
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::{
    app::App,
    error::Result,
    identity::{cookies, sessions},
    oauth2::{
        clients::{self, Application},
        keys, request, tokens,
    },
    paths,
    web::{PageResult, RequestContext, Shell, Translator, forms::Form, html, leaving, middleware, page},
};

/// What an application asks with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignOutRequest {
    id_token_hint: String,
    client_id: String,
    post_logout_redirect_uri: String,
    state: String,
}

impl SignOutRequest {
    /// The application that asks, by its token or its id.
    async fn application(&self, app: &App) -> Result<Option<Application>> {
        if self.id_token_hint.is_empty() {
            return clients::find(app, &self.client_id).await;
        }
        let mut connection = app.db.pool().acquire().await?;
        let keys = keys::shown(&mut connection).await?;
        drop(connection);
        match tokens::read_id(app, &self.id_token_hint, &keys) {
            Some(token) if self.client_id.is_empty() || self.client_id == token.client_id => {
                clients::find(app, &token.client_id).await
            }
            _ => Ok(None),
        }
    }

    /// The same as a query.
    fn query(&self) -> String {
        let fields = [
            ("id_token_hint", &self.id_token_hint),
            ("client_id", &self.client_id),
            ("post_logout_redirect_uri", &self.post_logout_redirect_uri),
            ("state", &self.state),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }

    /// Where the person is led afterwards: an address that the application has registered, letter by letter, or the
    /// sign-in page.
    fn back(&self, application: Option<&Application>) -> Option<String> {
        let uri = application?.logout_uris.iter().find(|uri| **uri == self.post_logout_redirect_uri)?;
        let url = Url::parse(uri).ok()?;
        let state = [("state", self.state.as_str())];
        Some(if self.state.is_empty() { url.into() } else { request::back(&url, &state) })
    }
}

#[derive(Template)]
#[template(path = "oauth2/sign_out.html")]
struct SignOutPage {
    l: Translator,
    shell: Shell,
    application: Option<String>,
    asked: SignOutRequest,
}

/// Asks: a picture on a foreign page must not sign people out.
pub async fn ask(State(app): State<App>, visitor: RequestContext, Query(asked): Query<SignOutRequest>) -> PageResult {
    let application = asked.application(&app).await?;
    if visitor.signed_in.is_none() {
        return Ok(page::redirect(asked.back(application.as_ref()).unwrap_or_else(|| paths::SignIn::PATH.to_owned())));
    }
    html(&SignOutPage {
        l: visitor.l,
        shell: Shell::plain(&visitor),
        application: application.map(|application| application.name),
        asked,
    })
}

/// Signs out where our own page asks for it. An application may ask by a form as well (2); then the person is asked
/// first.
pub async fn sign_out(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    headers: axum::http::HeaderMap,
    Form(asked): Form<SignOutRequest>,
) -> PageResult {
    if !middleware::comes_from_here(&headers, &app.config.base_url) {
        return Ok(page::redirect(paths::OpenIdSignOut::of().with_query(&asked.query())));
    }
    let application = asked.application(&app).await?;
    if let Some(signed_in) = &visitor.signed_in {
        sessions::end(&app.db, &signed_in.session).await?;
    }
    let jar = cookies::signed_out(jar, &app.config);
    let response = match asked.back(application.as_ref()) {
        Some(to) => leaving::leave(
            &visitor,
            &headers,
            application.map(|application| application.name).as_deref().unwrap_or_default(),
            to,
        )?,
        None => page::redirect(paths::SignIn::of().with("done", "signed-out")),
    };
    Ok((jar, response).into_response())
}
