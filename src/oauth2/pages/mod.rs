//! The pages between an application and its tokens: signing in, choosing a school, consent, signing out, and what a person
//! uses.

mod applications;
mod authorize;
mod sign_out;

use askama::Template;
use axum::http::{HeaderMap, StatusCode};

pub use applications::{list, take_back};
pub use authorize::{consent, show};
pub use sign_out::{ask, sign_out};

use super::request::UntoldError;
use crate::web::{PageResult, RequestContext, Shell, Translator, html, page};

#[derive(Template)]
#[template(path = "oauth2/leaving.html")]
struct LeavingPage {
    l: Translator,
    shell: Shell,
    name: String,
    to: String,
}

/// Leads back to the application. Chromium holds a form's redirects to the page's `form-action`, all the way: after one
/// of our own forms (signing in, consent) a page leads on instead, without a script.
fn leave(visitor: &RequestContext, headers: &HeaderMap, name: &str, to: String) -> PageResult {
    let after_own_form = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    if after_own_form {
        return html(&LeavingPage { l: visitor.l, shell: Shell::plain(visitor), name: name.to_owned(), to });
    }
    Ok(page::redirect(&to))
}

#[derive(Template)]
#[template(path = "oauth2/refused.html")]
struct RefusedPage {
    l: Translator,
    shell: Shell,
    reason: &'static str,
}

/// A request that is not answered to the application, since it may be a forged one.
fn refuse(visitor: &RequestContext, error: UntoldError) -> PageResult {
    let refused = RefusedPage { l: visitor.l, shell: Shell::plain(visitor), reason: error.key() };
    page::with_status(StatusCode::BAD_REQUEST, &refused)
}
