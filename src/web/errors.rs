//! Errors as pages: handlers return an [`Error`], and the outermost layer writes the page in the visitor's language.

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

use super::{L, Shell, Visitor};
use crate::error::Error;

/// What handlers return.
pub type Reply = Result<Response, Error>;

/// After which time it is worth trying again where too much was going on.
const SECONDS_TO_CALM_DOWN: u64 = 5;

/// Travels from the handler to the layer that knows the visitor.
#[derive(Clone)]
struct Failure(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Forbidden | Error::ForeignOrigin | Error::SchoolSuspended => StatusCode::FORBIDDEN,
        Error::SignInNeeded | Error::OwnPasswordNeeded | Error::SecondFactorNeeded | Error::PasswordNeeded => {
            StatusCode::SEE_OTHER
        }
        Error::Malformed => StatusCode::BAD_REQUEST,
        Error::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Error::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The message keys of an error's page are `error-{key}-title` and `error-{key}-text`.
fn key(status: StatusCode, error: Option<&Error>) -> &'static str {
    match error {
        Some(Error::ForeignOrigin) => return "foreign-origin",
        Some(Error::SchoolSuspended) => return "school-suspended",
        _ => {}
    }
    match status {
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::TOO_MANY_REQUESTS => "too-many-tries",
        StatusCode::SERVICE_UNAVAILABLE => "overloaded",
        status if status.is_client_error() => "malformed",
        _ => "internal",
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    l: L,
    shell: Shell,
    title: String,
    text: String,
    request_id: &'a str,
    shows_sign_in: bool,
    /// The way home would only lead back here.
    shows_sign_out: bool,
}

/// The layer that turns errors, ours and the framework's, into pages.
pub async fn write_pages(visitor: Visitor, request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let is_read = request.method().is_safe();
    let response = next.run(request).await;
    let failure = response.extensions().get::<Failure>().cloned();
    let status = response.status();
    let Some(failure) = failure else {
        // The framework's own refusals come as bare text; our pages and files have a content type of their own.
        let bare = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind == "text/plain; charset=utf-8");
        let is_error = status.is_client_error() || status.is_server_error();
        return if is_error && bare { error_page(&visitor, status, None) } else { response };
    };
    match &*failure.0 {
        Error::SignInNeeded => {
            let next = if is_read { target } else { "/".to_owned() };
            go_by("/sign-in", &next)
        }
        Error::PasswordNeeded => {
            let next = if is_read { target } else { "/".to_owned() };
            go_by("/me/reauthentication", &next)
        }
        Error::OwnPasswordNeeded => Redirect::to("/password/change").into_response(),
        Error::SecondFactorNeeded => Redirect::to("/me/second-factor?needed=on").into_response(),
        error => {
            if let Error::Internal(fault) = error {
                tracing::error!(request_id = %visitor.request_id, %target, "{fault:#}");
            }
            error_page(&visitor, status, Some(error))
        }
    }
}

/// Whether a handler wants the password first.
#[must_use]
pub fn is_password_needed(response: &Response) -> bool {
    let failure = response.extensions().get::<Failure>();
    failure.is_some_and(|failure| matches!(*failure.0, Error::PasswordNeeded))
}

/// To a page that comes first and leads on from there.
fn go_by(page: &str, next: &str) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    Redirect::to(&format!("{page}?{query}")).into_response()
}

fn error_page(visitor: &Visitor, status: StatusCode, error: Option<&Error>) -> Response {
    let key = key(status, error);
    let page = ErrorPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        title: visitor.l.t(&format!("error-{key}-title")),
        text: match error {
            Some(Error::TooManyTries(wait)) => {
                visitor.l.t1("error-too-many-tries-text", "minutes", wait.as_secs().div_ceil(60))
            }
            _ => visitor.l.t1(&format!("error-{key}-text"), "minutes", 1),
        },
        request_id: &visitor.request_id,
        shows_sign_in: !visitor.is_signed_in() && status != StatusCode::INTERNAL_SERVER_ERROR,
        shows_sign_out: matches!(error, Some(Error::SchoolSuspended)),
    };
    let body = page.render().unwrap_or_else(|fault| {
        tracing::error!("the page for errors cannot be rendered: {fault}");
        String::new()
    });
    let mut response = (status, axum::response::Html(body)).into_response();
    let wait = match error {
        Some(Error::TooManyTries(wait)) => Some(wait.as_secs().max(1)),
        Some(Error::Overloaded) => Some(SECONDS_TO_CALM_DOWN),
        _ => None,
    };
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
