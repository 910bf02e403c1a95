//! The shell around every page, and the two kinds of response: a page, or a redirect.

use std::any::Any;

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use tokio_util::io::ReaderStream;

use super::{PageResult, RequestContext, Translator};

/// What surrounds a page: the menu, the signed-in account, what was just done.
#[derive(Clone, Debug)]
pub struct Shell {
    pub l: Translator,
    pub theme: &'static str,
    /// The page's own address, to come back to after a change of language or colours.
    pub here: String,
    pub brand: Option<Brand>,
    pub me: Option<Me>,
    /// The account may have a second factor: pupils have none.
    pub has_address: bool,
    pub menu: Vec<MenuGroup>,
    pub search: Option<Search>,
    /// The key of the forms of this page that create something: sent twice, each creates once.
    pub form_key: String,
    /// What was done before the redirect that led here.
    pub notice: Option<Notice>,
}

/// What was done before a redirect, as a sentence.
#[derive(Clone, Debug)]
pub struct Notice {
    pub sentence: String,
    /// It was done: shown as a success.
    pub is_success: bool,
}

/// The sentences that say why nothing was done, or that something is left to do.
const NOT_DONE: [&str; 15] = [
    "account-elsewhere",
    "bulk-nobody",
    "bulk-no-class",
    "bulk-too-many",
    "grants-unchanged",
    "invited-enough",
    "mail-enough",
    "owner-suspended",
    "row-duplicate",
    "row-error",
    "slips-none",
    "timetable-decided",
    "timetable-is-published",
    "twin-gone",
    "unverified",
];

/// The head of the menu: the school or company of these pages.
#[derive(Clone, Debug)]
pub struct Brand {
    pub href: String,
    pub title: String,
    pub subtitle: String,
    /// The address of its logo, and its colour, where it has its own.
    pub logo: Option<String>,
    pub tone: Option<&'static str>,
    /// Other schools or companies of the account: addresses and names.
    pub elsewhere: Vec<(String, String)>,
}

/// The signed-in account, as the top bar shows it.
#[derive(Clone, Debug)]
pub struct Me {
    pub name: String,
    pub role: String,
}

impl Me {
    #[must_use]
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// The first letters of the first and of the last word of a name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// Which of the style sheet's eight tints (`sg-tint-…`) goes with a name.
#[must_use]
pub fn tint(name: &str) -> u32 {
    name.chars().fold(0_u32, |sum, letter| sum.wrapping_mul(31).wrapping_add(u32::from(letter))) % 8
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
    /// The number of items waiting there; zero is not shown.
    pub count: i64,
}

/// The field in the top bar that finds people.
#[derive(Clone, Debug)]
pub struct Search {
    pub action: String,
    pub value: String,
}

impl Shell {
    /// The colour of the school of these pages.
    #[must_use]
    pub fn tone(&self) -> Option<&'static str> {
        self.brand.as_ref().and_then(|brand| brand.tone)
    }

    /// The shell of pages that stand alone: signing in, errors.
    #[must_use]
    pub fn plain(visitor: &RequestContext) -> Self {
        Self {
            l: visitor.l,
            theme: visitor.theme.key(),
            here: visitor.here.clone(),
            brand: None,
            me: None,
            has_address: visitor.signed_in.as_ref().is_some_and(crate::access::SignedIn::has_address),
            menu: Vec::new(),
            search: None,
            form_key: visitor.request_id.clone(),
            notice: notice(visitor),
        }
    }
}

/// After a change, the redirect's address says what was done (`?done=classes&n=12`), and for how many it was not
/// (`&left_out=3`); only our own sentences can be shown that way.
fn notice(visitor: &RequestContext) -> Option<Notice> {
    let (_, query) = visitor.here.split_once('?')?;
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref());
    let done = value("done")?;
    let key = format!("done-{done}");
    let count = |name: &str| value(name).and_then(|n| n.parse::<i64>().ok()).unwrap_or_default();
    let sentence = visitor.l.knows(&key).then(|| visitor.l.t1(&key, "n", count("n")))?;
    let (is_done, left_out) = (!NOT_DONE.contains(&done), count("left_out"));
    Some(match left_out {
        ..=0 => Notice { sentence, is_success: is_done },
        left_out => {
            let rest = visitor.l.t1("done-left-out", "n", left_out);
            // Of a selection nobody changed.
            let is_success = is_done && (value("n").is_none() || count("n") > 0);
            Notice { sentence: format!("{sentence} {rest}"), is_success }
        }
    })
}

/// A page.
pub fn html(page: &impl Template) -> PageResult {
    Ok(Html(page.render()?).into_response())
}

/// The same for a page of a whole roster, which is rendered where nobody else waits for the thread.
///
/// # Errors
/// When the template cannot be rendered.
pub async fn html_of_many(page: impl Template + Send + 'static) -> PageResult {
    tokio::task::spawn_blocking(move || html(&page)).await.map_err(anyhow::Error::new)?
}

/// A form that was refused, as typed and with its faults.
pub fn refused(page: &impl Template) -> PageResult {
    with_status(StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// A page with a status of its own.
pub fn with_status(status: StatusCode, page: &impl Template) -> PageResult {
    // The title of a form that was refused says so first: a screen reader reads it before all else.
    let is_refused = matches!(status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::TOO_MANY_REQUESTS);
    let page = match is_refused {
        true => page.render_with_values(&("refused", &true as &dyn Any))?,
        false => page.render()?,
    };
    Ok((status, Html(page)).into_response())
}

/// A response to too many attempts, with the time after which it is worth trying again.
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

/// A written file to be saved, with its length: it is streamed, not held in memory.
///
/// # Errors
/// When the file cannot be read.
pub fn attached_file(file: std::fs::File, content_type: &'static str, name: &str) -> PageResult {
    let length = file.metadata().map_err(anyhow::Error::new)?.len();
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    let mut response = attachment(body, content_type, name);
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    Ok(response)
}

/// A picture whose address changes with it, so that browsers may keep it.
#[must_use]
pub fn lasting_png(png: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    (headers, png).into_response()
}

/// To the next page after a change: 303.
#[must_use]
pub fn redirect(to: impl std::fmt::Display) -> Response {
    axum::response::Redirect::to(&to.to_string()).into_response()
}
