//! The guards around every response: the request's id, the headers, and the origin of a change.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

use crate::{error::Error, paths};

/// What a page may load: our own files only. `data:` is for the small pictures inside Tabler's style sheet.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Sets the security headers on every response. Pages must not be cached; a response that sets its own header keeps it.
pub async fn set_headers(State(base_url): State<Url>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if base_url.scheme() == "https" {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    response
}

/// Addresses to which applications elsewhere may send a browser by a form (OpenID Connect Core 1.0, 3.1.2.1;
/// RP-Initiated Logout 1.0, 2). What comes from elsewhere changes nothing there: it leads to the same page as a link.
const FROM_ELSEWHERE: [&str; 2] = [paths::Authorize::PATH, paths::OpenIdSignOut::PATH];

/// Refuses a change that does not show that it comes from one of our pages. Instead of a hidden token: browsers say
/// where a request comes from, and only a browser can be tricked into sending another person's cookie.
pub async fn guard_origin(State(base_url): State<Url>, request: Request, next: Next) -> Response {
    if request.method().is_safe()
        || request.method() == Method::OPTIONS
        || FROM_ELSEWHERE.contains(&request.uri().path())
        || comes_from_here(request.headers(), &base_url)
    {
        next.run(request).await
    } else {
        Error::ForeignOrigin.into_response()
    }
}

/// Whether a request comes from one of our own pages.
#[must_use]
pub fn comes_from_here(headers: &HeaderMap, base_url: &Url) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    if origin == base_url.origin().ascii_serialization() {
        return true;
    }
    // Reached under another name of this machine: the browser then sends the same one as host.
    let host = text(header::HOST).unwrap_or_default();
    !host.is_empty() && origin.split_once("://").is_some_and(|(_, authority)| authority == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        comes_from_here(&headers, &"http://127.0.0.1:8080".parse().unwrap())
    }

    #[test]
    fn only_our_own_pages_may_change_things() {
        assert!(comes(&[("sec-fetch-site", "same-origin")]));
        assert!(comes(&[("origin", "http://127.0.0.1:8080")]));
        assert!(comes(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(!comes(&[]));
        assert!(!comes(&[("sec-fetch-site", "cross-site")]));
        assert!(!comes(&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")]));
        assert!(!comes(&[("sec-fetch-site", "none")]));
        assert!(!comes(&[("origin", "http://evil.example"), ("host", "127.0.0.1:8080")]));
        assert!(!comes(&[("origin", "null"), ("host", "127.0.0.1:8080")]));
    }
}
