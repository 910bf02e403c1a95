//! A person with a browser: cookies are kept, and what is sent says where it comes from.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header, request};
use tower::ServiceExt;

use super::html;

/// Where requests come from unless something else is said.
pub const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

pub struct Client {
    router: Router,
    origin: String,
    address: IpAddr,
    user_agent: Mutex<String>,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Client {
    pub fn new(router: Router, origin: String) -> Self {
        Self { router, origin, address: ADDRESS, user_agent: Mutex::default(), cookies: Mutex::default() }
    }

    /// The same person at another machine.
    pub fn at(self, address: [u8; 4]) -> Self {
        Self { address: address.into(), ..self }
    }

    /// Led to another process.
    pub fn to(self, router: Router) -> Self {
        Self { router, ..self }
    }

    /// With this browser.
    pub fn says_it_is(&self, user_agent: &str) {
        user_agent.clone_into(&mut self.user_agent.lock().unwrap());
    }

    /// Reads English.
    pub fn in_english(self) -> Self {
        self.set_cookie("lang", "en");
        self
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path), Body::empty()).await
    }

    /// Sends a form of ours.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(Method::POST, path).header(header::ORIGIN, &self.origin);
        self.send(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), Body::from(form)).await
    }

    /// Sends a form as a browser does, which says on which page it stands.
    pub async fn post_from(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, &self.origin)
            .header(header::REFERER, format!("{}{page}", self.origin))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form)).await
    }

    /// Hands in a file, in the field `file`.
    pub async fn upload(&self, path: &str, file_name: &str, file: &[u8]) -> Page {
        self.upload_with(path, file_name, file, &[]).await
    }

    /// With other fields behind the file.
    pub async fn upload_with(&self, path: &str, file_name: &str, file: &[u8], fields: &[(&str, &str)]) -> Page {
        let field = |(name, value): &(&str, &str)| {
            format!("\r\n--b0und\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}")
        };
        let fields: String = fields.iter().map(field).collect();
        let head = format!(
            "--b0und\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), file, fields.as_bytes(), b"\r\n--b0und--\r\n"].concat();
        let request = self.request(Method::POST, path).header(header::ORIGIN, &self.origin);
        self.send(request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b0und"), Body::from(body)).await
    }

    /// A request to be completed and [sent](Self::send); it does not say where it comes from.
    pub fn request(&self, method: Method, path: &str) -> request::Builder {
        Request::builder().method(method).uri(path)
    }

    pub async fn send(&self, request: request::Builder, body: Body) -> Page {
        let cookies = self.cookies.lock().unwrap().clone();
        let cookies = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies) };
        let user_agent = self.user_agent.lock().unwrap().clone();
        let request = if user_agent.is_empty() { request } else { request.header(header::USER_AGENT, user_agent) };
        let connection = ConnectInfo(SocketAddr::from((self.address, 50_000)));
        let request = request.extension(connection).body(body).unwrap();
        let what = format!("{} {}", request.method(), request.uri());
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        self.keep_cookies(&parts.headers);
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Page { what, status: parts.status, headers: parts.headers, body }
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Page {
    /// What was asked for.
    pub what: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Page {
    /// The page as it came.
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The words that a person sees.
    pub fn words(&self) -> String {
        // A workbook has no words to read.
        let kind = self.header("content-type");
        let is_page = kind.is_empty() || kind.starts_with("text/");
        if is_page { html::words(&self.html()) } else { String::new() }
    }

    /// The file that is handed out.
    pub fn file(&self) -> &[u8] {
        assert!(self.header("content-disposition").starts_with("attachment"), "{} is no file", self.what);
        &self.body
    }

    /// What came, whatever it is.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails unless the status is this.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        let (is, words) = (self.status, self.words());
        assert!(is == status, "{} is {is}, not {status}; {} {words}", self.what, self.header("location"));
        self
    }

    /// Where a 303 leads.
    #[track_caller]
    pub fn location(self) -> String {
        self.expect(303).header("location").to_owned()
    }

    /// Fails unless a person sees all of these words.
    #[track_caller]
    pub fn shows(self, expected: &[&str]) -> Self {
        let words = self.words();
        for each in expected {
            let each = each.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(&each), "{} does not show {each:?} but: {words}", self.what);
        }
        self
    }

    /// Fails if any of this stands anywhere in the answer, seen or not.
    #[track_caller]
    pub fn hides<T: AsRef<str>>(self, forbidden: &[T]) -> Self {
        let (html, words) = (self.html(), self.words());
        for each in forbidden.iter().map(AsRef::as_ref) {
            assert!(!html.contains(each) && !words.contains(each), "{} holds {each:?}", self.what);
        }
        self
    }

    /// The value of the input with this name, as it would be sent again.
    #[track_caller]
    pub fn input(&self, name: &str) -> String {
        let page = self.html();
        let inputs = html::tags(&page, "input");
        let input = inputs.iter().find(|tag| html::attribute(tag, "name").as_deref() == Some(name));
        let input = input.unwrap_or_else(|| panic!("{} has no input {name}", self.what));
        html::attribute(input, "value").unwrap_or_default()
    }

    /// Where the links of the page lead, in their order.
    pub fn links(&self) -> Vec<String> {
        html::tags(&self.html(), "a").iter().filter_map(|tag| html::attribute(tag, "href")).collect()
    }

    /// Where the first link leads whose address holds `part`.
    #[track_caller]
    pub fn link(&self, part: &str) -> String {
        let link = self.links().into_iter().find(|link| link.contains(part));
        link.unwrap_or_else(|| panic!("{} has no link to {part}", self.what))
    }

    /// The rows of the page's tables, each as its words.
    pub fn rows(&self) -> Vec<String> {
        let page = self.html();
        let bodies = html::elements(&page, "tbody");
        bodies.iter().flat_map(|body| html::elements(body, "tr")).map(html::words).collect()
    }
}
