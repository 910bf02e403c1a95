//! The pages between an application and its tokens: signing in, choosing a school, consent, signing out, and what a person
//! uses.

mod applications;
mod authorize;
mod sign_out;

use askama::Template;
use axum::http::StatusCode;

pub use applications::{list, take_back};
pub use authorize::{consent, show, show_posted};
pub use sign_out::{ask, sign_out};

use super::request::UntoldError;
use crate::web::{PageResult, RequestContext, Shell, Translator, page};

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
