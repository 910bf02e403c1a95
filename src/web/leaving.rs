//! Leading a person on to a page of another server.

use askama::Template;
use axum::http::HeaderMap;

use super::{PageResult, RequestContext, Shell, Translator, html, page};

#[derive(Template)]
#[template(path = "layouts/leaving.html")]
struct LeavingPage {
    l: Translator,
    shell: Shell,
    name: String,
    to: String,
}

/// Leads on. Chromium holds a form's redirects to the page's `form-action`, all the way: after one of our own forms (signing
/// in, consent) a page leads on instead, without a script.
pub fn leave(visitor: &RequestContext, headers: &HeaderMap, name: &str, to: String) -> PageResult {
    let after_own_form = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    if after_own_form {
        return html(&LeavingPage { l: visitor.l, shell: Shell::plain(visitor), name: name.to_owned(), to });
    }
    Ok(page::redirect(&to))
}
