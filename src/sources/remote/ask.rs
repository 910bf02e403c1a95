//! Asking a service: for an access token, and for page after page of its collections.

use std::time::Duration;

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{self, HeaderName},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{
    access::ClientScope,
    outside::{Outside, RemoteAnswer, RemoteRequest, Unanswered},
};

/// How long is waited for a service, and how much it may answer.
#[derive(Clone, Debug)]
pub struct ServiceLimits {
    /// For one answer, and for all of them.
    pub answer_within: Duration,
    pub all_within: Duration,
    /// How often one thing is asked for, and how long is waited before it is asked for again: twice as long each time,
    /// or as long as the service says.
    pub tries: u32,
    pub pause: Duration,
    pub longest_pause: Duration,
    /// How many things a page is asked to have.
    pub page: usize,
    pub pages: usize,
    pub page_bytes: usize,
    pub all_bytes: usize,
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self {
            answer_within: Duration::from_secs(30),
            all_within: Duration::from_secs(15 * 60),
            tries: 4,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
            page: 1_000,
            pages: 2_000,
            page_bytes: 16 * 1024 * 1024,
            all_bytes: 400 * 1024 * 1024,
        }
    }
}

/// Why a service was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum FetchWhy {
    NotHttps,
    NotPublic,
    NameUnknown,
    Unreachable,
    NotSecure,
    TimedOut,
    TooLarge,
    /// What came is none of the standard's answers.
    Unfit,
    /// It leads elsewhere, which is not followed.
    Redirected,
    TokenRefused,
    Denied,
    Status,
    /// Fewer things came than it says that there are.
    Incomplete,
    /// It has changed while it was read.
    Changed,
    TooMuch,
    TooLong,
}

impl FetchWhy {
    pub const ALL: [Self; 16] = [
        Self::NotHttps,
        Self::NotPublic,
        Self::NameUnknown,
        Self::Unreachable,
        Self::NotSecure,
        Self::TimedOut,
        Self::TooLarge,
        Self::Unfit,
        Self::Redirected,
        Self::TokenRefused,
        Self::Denied,
        Self::Status,
        Self::Incomplete,
        Self::Changed,
        Self::TooMuch,
        Self::TooLong,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

impl From<Unanswered> for FetchWhy {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::NoServer | Unanswered::NotHttps => Self::NotHttps,
            Unanswered::NotPublic => Self::NotPublic,
            Unanswered::NameUnknown => Self::NameUnknown,
            Unanswered::Unreachable | Unanswered::Broken => Self::Unreachable,
            Unanswered::NotSecure => Self::NotSecure,
            Unanswered::TimedOut => Self::TimedOut,
            Unanswered::TooLarge => Self::TooLarge,
        }
    }
}

/// Which request failed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchFailure {
    pub why: FetchWhy,
    /// What was asked for: a method and a path of our own making.
    pub request: String,
    /// A number that the sentence names.
    pub value: String,
}

impl FetchFailure {
    pub(super) fn new(why: FetchWhy, request: &str, value: impl ToString) -> Self {
        Self { why, request: request.to_owned(), value: value.to_string() }
    }
}

/// How a service is reached.
pub(super) struct ServiceAccess {
    pub address: Url,
    pub token_address: Url,
    pub client_id: String,
    pub secret: Zeroizing<String>,
    pub with_demographics: bool,
}

/// The client of a service, with what it has asked for so far.
pub(super) struct Asker {
    outside: Outside,
    access: ServiceAccess,
    limits: ServiceLimits,
    ends: Instant,
    token: Option<Zeroizing<String>>,
    pages_left: usize,
    bytes_left: usize,
}

/// A page: its bytes, how many things there are in all, and whether more follow, as far as the service says so.
pub(super) struct CollectionPage {
    /// By which it was asked for, as a failure names it.
    pub request: String,
    pub body: Bytes,
    pub total: Option<usize>,
    pub has_next: Option<bool>,
}

#[derive(Deserialize)]
struct ServiceToken {
    access_token: String,
}

impl Asker {
    pub fn new(outside: Outside, access: ServiceAccess, limits: ServiceLimits) -> Self {
        let ends = Instant::now() + limits.all_within;
        let (pages_left, bytes_left) = (limits.pages, limits.all_bytes);
        Self { outside, access, limits, ends, token: None, pages_left, bytes_left }
    }

    /// How many things a page is asked to have.
    pub fn page_size(&self) -> usize {
        self.limits.page
    }

    /// A page of a collection. None where there is no such collection for this client.
    ///
    /// # Errors
    /// Why it was not got.
    pub async fn page(
        &mut self,
        collection: &str,
        offset: usize,
        optional: bool,
    ) -> Result<Option<CollectionPage>, FetchFailure> {
        let limit = self.limits.page;
        let told = format!("GET /{collection}?limit={limit}&offset={offset}");
        self.pages_left = self
            .pages_left
            .checked_sub(1)
            .ok_or_else(|| FetchFailure::new(FetchWhy::TooMuch, &told, self.limits.pages))?;
        let mut url = self.access.address.clone();
        url.set_path(&format!("{}/{collection}", url.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("limit", &limit.to_string()).append_pair("offset", &offset.to_string());
        let mut answer = self.with_token(&url, &told).await?;
        // A token may end on the way.
        if answer.status == StatusCode::UNAUTHORIZED {
            self.token = None;
            answer = self.with_token(&url, &told).await?;
        }
        let status = answer.status;
        if optional && matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            return Ok(None);
        }
        if !status.is_success() {
            let why = match status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FetchWhy::Denied,
                status if status.is_redirection() => FetchWhy::Redirected,
                _ => FetchWhy::Status,
            };
            return Err(FetchFailure::new(why, &told, status.as_u16()));
        }
        let mebibytes = self.limits.all_bytes / 1024 / 1024;
        self.bytes_left = self
            .bytes_left
            .checked_sub(answer.body.len())
            .ok_or_else(|| FetchFailure::new(FetchWhy::TooLarge, &told, mebibytes))?;
        Ok(Some(CollectionPage {
            total: number(&answer.headers, &HeaderName::from_static("x-total-count")),
            has_next: has_next(&answer.headers),
            request: told,
            body: answer.body,
        }))
    }

    async fn with_token(&mut self, url: &Url, told: &str) -> Result<RemoteAnswer, FetchFailure> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => {
                let token = self.ask_for_token().await?;
                self.token.insert(token).clone()
            }
        };
        let headers = vec![
            (header::AUTHORIZATION, format!("Bearer {}", *token)),
            (header::ACCEPT, "application/json".to_owned()),
        ];
        self.patiently(&RemoteRequest { method: Method::GET, url, headers, body: String::new() }, told).await
    }

    /// Asks for an access token with the client's secret (RFC 6749, 4.4). A service that knows no demographics, or
    /// gives none to this client, may refuse a request that names them: then they are not asked for.
    async fn ask_for_token(&mut self) -> Result<Zeroizing<String>, FetchFailure> {
        const TOLD: &str = "POST token";
        let mut answer = self.token_answer(self.access.with_demographics, TOLD).await?;
        if self.access.with_demographics && answer.status == StatusCode::BAD_REQUEST {
            self.access.with_demographics = false;
            answer = self.token_answer(false, TOLD).await?;
        }
        if answer.status.is_redirection() {
            return Err(FetchFailure::new(FetchWhy::Redirected, TOLD, answer.status.as_u16()));
        }
        if !answer.status.is_success() {
            return Err(FetchFailure::new(FetchWhy::TokenRefused, TOLD, answer.status.as_u16()));
        }
        let token: Option<ServiceToken> = serde_json::from_slice(&answer.body).ok();
        let token = token.filter(|token| !token.access_token.is_empty());
        let token = token.ok_or_else(|| FetchFailure::new(FetchWhy::Unfit, TOLD, ""))?;
        Ok(Zeroizing::new(token.access_token))
    }

    async fn token_answer(&self, with_demographics: bool, told: &str) -> Result<RemoteAnswer, FetchFailure> {
        let scopes = [ClientScope::RosterCore, ClientScope::Roster];
        let personal = with_demographics.then_some(ClientScope::RosterDemographics);
        let scopes: Vec<String> = scopes.into_iter().chain(personal).map(ClientScope::name).collect();
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", &scopes.join(" "))
            .finish();
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let credentials =
            Zeroizing::new(format!("{}:{}", encoded(&self.access.client_id), encoded(&self.access.secret)));
        let headers = vec![
            (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(credentials.as_bytes()))),
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned()),
            (header::ACCEPT, "application/json".to_owned()),
        ];
        let url = &self.access.token_address;
        self.patiently(&RemoteRequest { method: Method::POST, url, headers, body: form }, told).await
    }

    /// Asks again, some times, where a service does not answer, is busy or has a fault of its own. It says how long to
    /// wait.
    async fn patiently(&self, question: &RemoteRequest<'_>, told: &str) -> Result<RemoteAnswer, FetchFailure> {
        let mut pause = self.limits.pause;
        let mut tried = 0;
        loop {
            tried += 1;
            let left = self.ends.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.too_long(told));
            }
            let within = left.min(self.limits.answer_within);
            let answer = self.outside.ask(question.clone(), within, self.limits.page_bytes).await;
            let asked_to_wait = match &answer {
                Ok(answer) if !is_busy(answer.status) => return Ok(answer.clone()),
                Ok(answer) => number(&answer.headers, &header::RETRY_AFTER),
                Err(Unanswered::TimedOut | Unanswered::Unreachable | Unanswered::Broken) => None,
                Err(Unanswered::TooLarge) => {
                    let mebibytes = self.limits.page_bytes / 1024 / 1024;
                    return Err(FetchFailure::new(FetchWhy::TooLarge, told, mebibytes));
                }
                Err(why) => return Err(FetchFailure::new((*why).into(), told, "")),
            };
            if tried >= self.limits.tries {
                return match answer {
                    Ok(answer) => Err(FetchFailure::new(FetchWhy::Status, told, answer.status.as_u16())),
                    Err(why) => Err(FetchFailure::new(why.into(), told, "")),
                };
            }
            let asked_to_wait = asked_to_wait.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
            let wait = asked_to_wait.unwrap_or_default().max(pause).min(self.limits.longest_pause);
            if Instant::now() + wait >= self.ends {
                return Err(self.too_long(told));
            }
            sleep(wait).await;
            pause *= 2;
        }
    }

    fn too_long(&self, told: &str) -> FetchFailure {
        FetchFailure::new(FetchWhy::TooLong, told, self.limits.all_within.as_secs() / 60)
    }
}

fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<usize> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Whether the links lead on (RFC 8288). They are not followed: where the next page is, is known.
fn has_next(headers: &HeaderMap) -> Option<bool> {
    let links: Vec<&str> = headers.get_all(header::LINK).iter().filter_map(|link| link.to_str().ok()).collect();
    let leads_on = |link: &&str| link.contains("rel=\"next\"") || link.contains("rel=next");
    (!links.is_empty()).then(|| links.iter().any(leads_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_what_follows() {
        let headers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())])
        };
        assert_eq!(
            has_next(&headers("link", "<https://x/users?offset=10>; rel=\"next\", <x>; rel=\"first\"")),
            Some(true)
        );
        assert_eq!(has_next(&headers("link", "<https://x/users?offset=0>; rel=\"first\"")), Some(false));
        assert_eq!(has_next(&HeaderMap::new()), None);
        let total = HeaderName::from_static("x-total-count");
        assert_eq!(number(&headers("x-total-count", " 12"), &total), Some(12));
        assert_eq!(number(&headers("x-total-count", "-1"), &total), None);
        // A date, as Retry-After may have one: then the own pause counts.
        assert_eq!(number(&headers("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), &header::RETRY_AFTER), None);
    }
}
