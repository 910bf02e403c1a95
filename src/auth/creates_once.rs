//! Forms that create something: sent twice by a double click, a second try after a break of the network or a script,
//! they create once, and each further one is led to what the first created, or shown the same page.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use tracing::Instrument as _;

use crate::{
    app::App,
    error::{Error, Result},
    identity::sent_forms::{self, FormClaim, SentForm},
    network,
    routes::CreationAnswer,
    web::{RequestContext, errors, limits, page},
};

/// As large as a form gets that creates something.
const MOST_BYTES: usize = 256 * 1024;

/// As large as a page gets that shows a secret.
const MOST_PAGE_BYTES: usize = 1024 * 1024;

/// How often a form that is being worked on is looked at again, and after which time it counts as lasting too long.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);
const MOST_PAUSES: u32 = 400;

/// Answers a form that creates something, or leads to what the same form has created.
pub async fn answer(
    app: &App,
    visitor: &RequestContext,
    kind: CreationAnswer,
    request: Request,
    next: Next,
) -> Response {
    match answer_or_error(app, visitor, kind, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn answer_or_error(
    app: &App,
    visitor: &RequestContext,
    kind: CreationAnswer,
    request: Request,
    next: Next,
) -> Result<Response> {
    let (form, request) = read(visitor, request).await?;
    let Some(form) = form else { return Ok(next.run(request).await) };
    let form = if kind == CreationAnswer::Secret { form.of_secret() } else { form };
    for _ in 0..MOST_PAUSES {
        match sent_forms::claim(app, &form, visitor.now).await? {
            FormClaim::First => return work(app.clone(), kind, form, request, next).await,
            FormClaim::LedTo(address) => return Ok(page::redirect(&address)),
            FormClaim::Shown(page) => return Ok(Html(page).into_response()),
            FormClaim::InProgress => tokio::time::sleep(PAUSE).await,
        }
    }
    Err(Error::Overloaded)
}

/// Goes on to the handler. A browser that sends a form a second time hangs up on the first: what has begun is done to
/// its end all the same, so that it is known what the second is to be led to.
async fn work(app: App, kind: CreationAnswer, form: SentForm, request: Request, next: Next) -> Result<Response> {
    let work = async move {
        let response = next.run(request).await;
        if kind == CreationAnswer::Secret && response.status() == StatusCode::OK {
            return shown(&app, &form, response).await;
        }
        match led_to(&response) {
            Some(address) => sent_forms::answered(&app.db, &form, &address, app.clock.now()).await?,
            None => sent_forms::failed(&app.db, &form).await?,
        }
        Ok(response)
    };
    tokio::spawn(work.in_current_span()).await.map_err(anyhow::Error::new)?
}

/// Remembers the page that answers a form, for its double.
async fn shown(app: &App, form: &SentForm, response: Response) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let page = to_bytes(body, MOST_PAGE_BYTES).await.map_err(anyhow::Error::new)?;
    sent_forms::answered_by_page(app, form, &page, app.clock.now()).await?;
    Ok(Response::from_parts(parts, Body::from(page)))
}

/// Where the answer leads, if it was a success: everything else is a refusal, after which the form may be sent again.
fn led_to(response: &Response) -> Option<String> {
    let is_redirect = response.status() == StatusCode::SEE_OTHER && !errors::is_failure(response);
    let location = response.headers().get(header::LOCATION).filter(|_| is_redirect)?;
    Some(location.to_str().ok()?.to_owned())
}

/// The form that the request holds. An uploaded file is not read: its form has its key in the address, and is told from
/// another file's by its size. Without a key it is not remembered.
async fn read(visitor: &RequestContext, request: Request) -> Result<(Option<SentForm>, Request)> {
    let account_id = visitor.signed_in.as_ref().map(|signed_in| signed_in.account_id);
    let from = match account_id {
        Some(_) => None,
        None => visitor.address.map(network::network_of),
    };
    let place = format!("{} {}", visitor.here, from.unwrap_or_default());
    let (parts, body) = request.into_parts();
    if is_upload(&parts.headers) {
        let query = parts.uri.query().unwrap_or_default();
        let mut fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let has_key = fields.iter().any(|(name, _)| name == sent_forms::FIELD);
        let size = parts.headers.get(header::CONTENT_LENGTH).and_then(|size| size.to_str().ok()).unwrap_or_default();
        fields.push((String::new(), size.to_owned()));
        let form = has_key.then(|| SentForm::new(account_id, &place, &fields));
        return Ok((form, Request::from_parts(parts, body)));
    }
    let bytes = to_bytes(body, MOST_BYTES).await.map_err(|_| Error::TooLarge)?;
    limits::check_form(&bytes)?;
    let fields: Vec<_> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let form = SentForm::new(account_id, &place, &fields);
    Ok((Some(form), Request::from_parts(parts, Body::from(bytes))))
}

/// Whether the form carries files.
pub fn is_upload(headers: &axum::http::HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("multipart/")
}
