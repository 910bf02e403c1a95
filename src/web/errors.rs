//! Errors as pages: handlers return an [`Error`], and the outermost layer renders the page in the visitor's language.

use askama::Template;
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use std::{sync::Arc, time::Duration};

use super::{RequestContext, Shell, Translator, page};
use crate::{
    error::{Error, faults},
    paths::{self, Address},
};

/// The longest address that signing in redirects back to, in bytes.
const MOST_TO_COME_BACK_TO: usize = 4_000;

/// The retry time where a long write is in progress.
const SOON: Duration = Duration::from_secs(5);

/// The retry time where the server is overloaded.
const LATER: Duration = Duration::from_secs(10);

/// What handlers return.
pub type PageResult = Result<Response, Error>;

/// On a response that tells of a database that is away, before anything was sent: it is worth asking again.
#[derive(Clone, Copy)]
struct DatabaseAway;

/// Whether a response tells of a database that is away.
pub(super) fn tells_of_absence(response: &Response) -> bool {
    response.extensions().get::<DatabaseAway>().is_some()
}

/// Marks a response that tells of a database that is away.
fn marked(mut response: Response, error: Option<&Error>) -> Response {
    if let Some(Error::Unavailable(fault)) = error
        && faults::tells_of_absence(fault)
    {
        response.extensions_mut().insert(DatabaseAway);
    }
    response
}

/// Passes the error from the handler to the layer that knows the visitor.
#[derive(Clone)]
struct FailureKind(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response.extensions_mut().insert(FailureKind(Arc::new(self)));
        response
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Forbidden | Error::ForeignOrigin | Error::SchoolSuspended | Error::ScopeMissing(_) => {
            StatusCode::FORBIDDEN
        }
        Error::SignInNeeded | Error::OwnPasswordNeeded | Error::SecondFactorNeeded | Error::PasswordNeeded => {
            StatusCode::SEE_OTHER
        }
        Error::Malformed => StatusCode::BAD_REQUEST,
        Error::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::TooLarge | Error::FormTooLong => StatusCode::PAYLOAD_TOO_LARGE,
        Error::AddressTooLong => StatusCode::URI_TOO_LONG,
        Error::SearchTooLong | Error::FilesWaiting | Error::YearOver => StatusCode::UNPROCESSABLE_ENTITY,
        Error::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Overloaded | Error::Locked | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The message keys of an error's page are `error-{key}-title` and `error-{key}-text`.
pub(super) fn key(status: StatusCode, error: Option<&Error>) -> &'static str {
    match error {
        Some(Error::ForeignOrigin) => return "foreign-origin",
        Some(Error::SchoolSuspended) => return "school-suspended",
        Some(Error::Locked) => return "locked",
        Some(Error::Unavailable(_)) => return "unavailable",
        Some(Error::FilesWaiting) => return "files-waiting",
        Some(Error::YearOver) => return "year-over",
        Some(Error::SearchTooLong) => return "search-too-long",
        Some(Error::AddressTooLong) => return "address-too-long",
        Some(Error::FormTooLong) => return "form-too-long",
        Some(Error::ScopeMissing(_)) => return "scope-missing",
        _ => {}
    }
    match status {
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "media-type",
        StatusCode::TOO_MANY_REQUESTS => "too-many-tries",
        StatusCode::SERVICE_UNAVAILABLE => "overloaded",
        status if status.is_client_error() => "malformed",
        _ => "internal",
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    l: Translator,
    shell: Shell,
    title: String,
    text: String,
    request_id: &'a str,
    shows_sign_in: bool,
    /// The link home would only lead back here.
    shows_sign_out: bool,
}

/// The layer that turns errors, ours and the framework's, into pages.
pub async fn write_pages(visitor: RequestContext, request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    // Addresses hold tokens and search texts: the log gets the route.
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let is_read = request.method().is_safe();
    let response = next.run(request).await;
    let failure = response.extensions().get::<FailureKind>().cloned();
    let status = response.status();
    let Some(failure) = failure else {
        // The framework's own refusals are plain text; our pages and files have a content type of their own.
        let bare = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind == "text/plain; charset=utf-8");
        let is_error = status.is_client_error() || status.is_server_error();
        return if is_error && bare { error_page(&visitor, status, None) } else { response };
    };
    match &*failure.0 {
        Error::SignInNeeded => go_by(paths::SignIn::of(), &to_come_back_to(is_read, target)),
        Error::PasswordNeeded => go_by(paths::Reauthentication::of(), &to_come_back_to(is_read, target)),
        Error::OwnPasswordNeeded => Redirect::to(paths::PasswordChange::PATH).into_response(),
        Error::SecondFactorNeeded => {
            Redirect::to(&paths::SecondFactor::of().with("needed", "on").to_string()).into_response()
        }
        error => {
            if let Error::Internal(fault) | Error::Unavailable(fault) = error {
                tracing::error!(request_id = %visitor.request_id, %route, "{}", faults::told(fault));
            }
            error_page(&visitor, status, Some(error))
        }
    }
}

/// The layer of addresses that programs ask: errors, ours and the framework's, are written by `written`, not as pages.
pub(super) async fn write_for_programs(
    visitor: RequestContext,
    request: Request,
    next: Next,
    written: fn(&RequestContext, StatusCode, Option<&Error>) -> Response,
) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let failure = response.extensions().get::<FailureKind>().map(|failure| Arc::clone(&failure.0));
    if let Some(Error::Internal(fault) | Error::Unavailable(fault)) = failure.as_deref() {
        tracing::error!(request_id = %visitor.request_id, %route, "{}", faults::told(fault));
    }
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_bare = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let is_error = status.is_client_error() || status.is_server_error();
    if failure.is_none() && !(is_error && is_bare) {
        return response;
    }
    // Allow, of a method that an address does not know.
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut answer = marked(written(&visitor, status, failure.as_deref()), failure.as_deref());
    if let Some(allow) = allow {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// Whether a response stands for an error, whatever its status.
#[must_use]
pub fn is_failure(response: &Response) -> bool {
    response.extensions().get::<FailureKind>().is_some()
}

/// Whether a handler asks for the password first.
#[must_use]
pub fn is_password_needed(response: &Response) -> bool {
    let failure = response.extensions().get::<FailureKind>();
    failure.is_some_and(|failure| matches!(*failure.0, Error::PasswordNeeded))
}

/// The address to go on to afterwards: that of a page that was read, and short enough to carry along.
fn to_come_back_to(is_read: bool, target: String) -> String {
    if is_read && target.len() <= MOST_TO_COME_BACK_TO { target } else { "/".to_owned() }
}

/// Redirects to a page that comes first and leads on from there.
fn go_by(page: impl Into<Address>, next: &str) -> Response {
    Redirect::to(&page.into().with("next", next).to_string()).into_response()
}

/// The page that asks to come back in a moment.
#[must_use]
pub fn come_later(visitor: &RequestContext, error: &Error) -> Response {
    let why = if matches!(error, Error::Unavailable(_)) { error } else { &Error::Overloaded };
    error_page(visitor, StatusCode::SERVICE_UNAVAILABLE, Some(why))
}

fn error_page(visitor: &RequestContext, status: StatusCode, error: Option<&Error>) -> Response {
    let key = key(status, error);
    let page = ErrorPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        title: visitor.l.t(&format!("error-{key}-title")),
        text: text(visitor, key, error),
        request_id: &visitor.request_id,
        shows_sign_in: !visitor.is_signed_in() && status != StatusCode::INTERNAL_SERVER_ERROR,
        shows_sign_out: matches!(error, Some(Error::SchoolSuspended)),
    };
    let body = page.render().unwrap_or_else(|fault| {
        tracing::error!("the page for errors cannot be rendered: {fault}");
        String::new()
    });
    let response = marked((status, axum::response::Html(body)).into_response(), error);
    match wait(status, error) {
        Some(wait) => page::retry_after(response, wait),
        None => response,
    }
}

/// What happened and what to do now, as a sentence.
pub(super) fn text(visitor: &RequestContext, key: &str, error: Option<&Error>) -> String {
    let minutes = match error {
        Some(Error::TooManyTries(wait)) => wait.as_secs().div_ceil(60),
        _ => 1,
    };
    visitor.l.t1(&format!("error-{key}-text"), "minutes", minutes)
}

/// After which time it is worth trying again, where that is known.
pub(super) fn wait(status: StatusCode, error: Option<&Error>) -> Option<Duration> {
    match error {
        Some(Error::TooManyTries(wait)) => Some(*wait),
        Some(Error::Locked) => Some(SOON),
        _ => (status == StatusCode::SERVICE_UNAVAILABLE).then_some(LATER),
    }
}

/// Adds what a program that asks with a token needs to go on: which token or scope is wanted (RFC 6750), and after which
/// time it is worth trying again.
pub(super) fn for_token_bearers(mut response: Response, status: StatusCode, error: Option<&Error>) -> Response {
    let challenge = match (status, error) {
        (StatusCode::UNAUTHORIZED, _) => Some("Bearer realm=\"schoolgate\"".to_owned()),
        (_, Some(Error::ScopeMissing(scope))) => {
            Some(format!("Bearer realm=\"schoolgate\", error=\"insufficient_scope\", scope=\"{scope}\""))
        }
        _ => None,
    };
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::try_from(challenge).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    match wait(status, error) {
        Some(wait) => page::retry_after(response, wait),
        None => response,
    }
}
