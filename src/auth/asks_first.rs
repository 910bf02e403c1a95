//! Asks before an act that cannot be taken back, on a page of its own: for browsers without scripts, whose forms say so. With
//! scripts the page itself has asked.

use askama::Template;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::header,
    response::Response,
};
use url::{Position, Url};

use crate::{
    error::{Error, Result},
    routes::Question,
    web::{RequestContext, Shell, Translator, html, limits, path},
};

/// The field by which a form says that nobody was asked yet.
const FIELD: &str = "ask";

/// As large as our forms get: twenty thousand people selected.
const MOST_BYTES: usize = 2 * 1024 * 1024;

#[derive(Template)]
#[template(path = "asked_first.html")]
struct QuestionPage {
    l: Translator,
    shell: Shell,
    question: String,
    action: String,
    fields: Vec<(String, String)>,
    /// The page that the form stands on.
    back: String,
}

/// The request as it goes on, or the page that asks.
///
/// # Errors
/// When the form is too large, or the page cannot be rendered.
pub async fn check(
    visitor: &RequestContext,
    questions: &[Question],
    request: Request,
) -> Result<std::result::Result<Request, Response>> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MOST_BYTES).await.map_err(|_| Error::TooLarge)?;
    limits::check_form(&bytes)?;
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let has =
        |name: &str, value: &str| fields.iter().any(|(held, is)| held == name && (value.is_empty() || is == value));
    let asked = questions.iter().find(|(name, value, _)| name.is_empty() || has(name, value));
    let Some((_, _, question)) = asked.filter(|_| has(FIELD, "on")) else {
        return Ok(Ok(Request::from_parts(parts, Body::from(bytes))));
    };
    fields.retain(|(name, _)| name != FIELD);
    let referer = parts.headers.get(header::REFERER).and_then(|referer| Url::parse(referer.to_str().ok()?).ok());
    let back = referer.and_then(|url| path::of_ours(&url[Position::BeforePath..Position::AfterQuery]));
    html(&QuestionPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        question: visitor.l.t(question),
        action: visitor.here.clone(),
        fields,
        back: back.unwrap_or_else(|| "/".to_owned()),
    })
    .map(Err)
}
