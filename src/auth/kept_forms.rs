//! Forms that are sent when the session has ended: signing in leads back to the page, and the form stands there as it
//! was typed. It is kept on the server, sealed, for the account that typed it; the browser holds a token.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use url::{Position, Url};

use crate::{
    app::App,
    crypto::token::Token,
    error::Result,
    identity::{
        cookies,
        kept_forms::{self, KeptForm},
    },
    ids::AccountId,
    paths,
    web::{RequestContext, errors, fill, page, path},
};

use super::creates_once::is_upload;

/// As much of a page as can be filled in.
const MOST_OF_A_PAGE: usize = 8 * 1024 * 1024;

/// Keeps the form of a request that nobody is signed in for, and leads to signing in and back to its page.
pub async fn keep(app: &App, visitor: &RequestContext, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let jar = CookieJar::from_headers(&parts.headers);
    let page = page_of(&parts.headers);
    let Some(account_id) = typist(app, &jar).await? else { return Ok(sign_in(&page, None)) };
    if is_upload(&parts.headers) {
        return Ok(sign_in(&page, Some("file")));
    }
    let Ok(bytes) = to_bytes(body, kept_forms::MOST_BYTES).await else { return Ok(sign_in(&page, Some("large"))) };
    let fields = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let Some(form) = KeptForm::of(page, visitor.here.clone(), fields) else {
        return Ok(sign_in(&page_of(&parts.headers), None));
    };
    let token = kept_forms::keep(app, account_id, &form, visitor.now).await?;
    let back = if form.page.is_empty() { paths::KeptForm::PATH } else { &form.page };
    Ok((jar.add(cookies::kept_form(&app.config, &token)), sign_in(back, Some("on"))).into_response())
}

/// The account that was signed in here last.
async fn typist(app: &App, jar: &CookieJar) -> Result<Option<AccountId>> {
    let tokens = [cookies::session_token(jar, &app.config), cookies::ended_token(jar, &app.config)];
    for token in tokens.into_iter().flatten() {
        if let Some(account_id) = kept_forms::typist(&app.db, &token).await? {
            return Ok(Some(account_id));
        }
    }
    Ok(None)
}

/// The page that the form stands on, as the browser says; only its path counts.
fn page_of(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let url = referer.and_then(|referer| Url::parse(referer).ok());
    url.and_then(|url| path::of_ours(&url[Position::BeforePath..Position::AfterQuery])).unwrap_or_default()
}

fn sign_in(next: &str, kept: Option<&str>) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", if next.is_empty() { "/" } else { next });
    query.extend_pairs(kept.map(|kept| ("kept", kept)));
    page::redirect(paths::SignIn::of().with_query(&query.finish()))
}

/// A request of an account in whose browser a form may be kept.
pub struct Returning {
    token: Token,
    account_id: AccountId,
    is_read: bool,
}

/// Where the browser says that a form is kept.
pub fn of_request(app: &App, visitor: &RequestContext, request: &Request) -> Option<Returning> {
    let account_id = visitor.signed_in.as_ref()?.account_id;
    let token = cookies::kept_form_token(&CookieJar::from_headers(request.headers()), &app.config)?;
    Some(Returning { token, account_id, is_read: request.method().is_safe() })
}

impl Returning {
    /// The form's page with the form as typed; once it is sent, it is forgotten.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub async fn into_response(self, app: &App, visitor: &RequestContext, response: Response) -> Result<Response> {
        // A refused form stands at an address that only takes forms: asked for, that is no page.
        let is_page = self.is_read && (is_html(&response) || response.status().is_client_error());
        let is_done = !self.is_read && response.status() == StatusCode::SEE_OTHER && !errors::is_failure(&response);
        if !is_page && !is_done {
            return Ok(response);
        }
        let form = kept_forms::find(app, self.account_id, &self.token, visitor.now).await?;
        let Some(form) = form else { return Ok(response) };
        if is_done && form.action == visitor.here {
            kept_forms::forget(&app.db, self.account_id, &self.token).await?;
            let jar = CookieJar::new().add(cookies::no_kept_form(&app.config));
            return Ok((jar, response).into_response());
        }
        let is_its_page = is_page && path::of_ours(&visitor.here).is_some_and(|here| here == form.page);
        match is_its_page {
            true if response.status() == StatusCode::OK => filled(visitor, &form, response).await,
            true => Ok(page::redirect(paths::KeptForm::PATH)),
            false => Ok(response),
        }
    }
}

async fn filled(visitor: &RequestContext, form: &KeptForm, response: Response) -> Result<Response> {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MOST_OF_A_PAGE).await.map_err(anyhow::Error::new)?;
    let html = String::from_utf8(bytes.into()).map_err(anyhow::Error::new)?;
    let note = visitor.l.t("kept-form-note");
    let filled = fill::fill(&html, &visitor.here, &form.action, &form.fields, &note).map_err(anyhow::Error::new)?;
    let Some(filled) = filled else { return Ok(page::redirect(paths::KeptForm::PATH)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(filled)))
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}
