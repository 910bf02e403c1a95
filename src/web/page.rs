//! The shell around every page, and the two ways in which a page is answered.

use std::any::Any;

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{L, Reply, Visitor};

/// What surrounds a page: the menu, who is signed in, what was just done.
#[derive(Clone, Debug)]
pub struct Shell {
    pub l: L,
    pub theme: &'static str,
    /// Where the page is, to come back to after a change of language or colours.
    pub here: String,
    pub brand: Option<Brand>,
    pub me: Option<Me>,
    /// Who is signed in may have a second factor: pupils have none.
    pub has_address: bool,
    pub menu: Vec<MenuGroup>,
    pub search: Option<Search>,
    /// What the redirect that led here had done, as a sentence.
    pub notice: Option<String>,
}

/// The head of the menu: whose pages these are.
#[derive(Clone, Debug)]
pub struct Brand {
    pub href: String,
    pub title: String,
    pub subtitle: String,
    /// Other places of whoever is signed in: addresses and names.
    pub elsewhere: Vec<(String, String)>,
}

/// Who is signed in, as the top bar says it.
#[derive(Clone, Debug)]
pub struct Me {
    pub name: String,
    pub role: String,
}

impl Me {
    /// The first letters of the first and of the last word of the name.
    #[must_use]
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
    }
}

#[derive(Clone, Debug)]
pub struct MenuGroup {
    /// Without one, the entries stand on their own.
    pub label: Option<String>,
    pub entries: Vec<MenuEntry>,
}

#[derive(Clone, Debug)]
pub struct MenuEntry {
    pub href: String,
    pub label: String,
    pub icon: &'static str,
    pub is_active: bool,
    /// What waits there; nothing is said of none.
    pub count: i64,
}

/// The field in the top bar that finds people.
#[derive(Clone, Debug)]
pub struct Search {
    pub action: String,
    pub value: String,
}

impl Shell {
    /// The shell of pages that stand alone: signing in, errors.
    #[must_use]
    pub fn plain(visitor: &Visitor) -> Self {
        Self {
            l: visitor.l,
            theme: visitor.theme.key(),
            here: visitor.here.clone(),
            brand: None,
            me: None,
            has_address: visitor.signed_in.as_ref().is_some_and(crate::access::SignedIn::has_address),
            menu: Vec::new(),
            search: None,
            notice: notice(visitor),
        }
    }
}

/// After a change, the redirect's address says what was done (`?done=classes&n=12`), and of how many it was not
/// (`&left_out=3`); only sentences that we have can be shown that way.
fn notice(visitor: &Visitor) -> Option<String> {
    let (_, query) = visitor.here.split_once('?')?;
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref());
    let key = format!("done-{}", value("done")?);
    let count = |name: &str| value(name).and_then(|n| n.parse::<i64>().ok()).unwrap_or_default();
    let sentence = visitor.l.knows(&key).then(|| visitor.l.t1(&key, "n", count("n")))?;
    Some(match count("left_out") {
        ..=0 => sentence,
        left_out => format!("{sentence} {}", visitor.l.t1("done-left-out", "n", left_out)),
    })
}

/// A page.
///
/// # Errors
/// When the template cannot be rendered.
pub fn html(page: &impl Template) -> Reply {
    Ok(Html(page.render()?).into_response())
}

/// The same for a page of a whole roster, which is rendered where nobody else waits for the thread.
///
/// # Errors
/// When the template cannot be rendered.
pub async fn html_of_many(page: impl Template + Send + 'static) -> Reply {
    tokio::task::spawn_blocking(move || html(&page)).await.map_err(anyhow::Error::new)?
}

/// A form that was refused, as typed and with its faults.
///
/// # Errors
/// When the template cannot be rendered.
pub fn refused(page: &impl Template) -> Reply {
    with_status(StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// A page with a status of its own.
///
/// # Errors
/// When the template cannot be rendered.
pub fn with_status(status: StatusCode, page: &impl Template) -> Reply {
    // The title of a form that was refused says so first: it is what a screen reader reads before all else.
    let is_refused = matches!(status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::TOO_MANY_REQUESTS);
    let page = match is_refused {
        true => page.render_with_values(&("refused", &true as &dyn Any))?,
        false => page.render()?,
    };
    Ok((status, Html(page)).into_response())
}

/// An answer to somebody who tries too often, with the time after which it is worth trying again.
#[must_use]
pub fn retry_after(mut answer: Response, wait: std::time::Duration) -> Response {
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    answer
}

/// The type of workbooks.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file to be saved. Its name is made of codes and dates and needs no quoting.
#[must_use]
pub fn attachment(file: impl Into<Body>, content_type: &'static str, name: &str) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static(content_type);
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], file.into()).into_response()
}

/// To the next page after a change: 303.
#[must_use]
pub fn redirect(to: &str) -> Response {
    axum::response::Redirect::to(to).into_response()
}
