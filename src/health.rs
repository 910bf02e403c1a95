//! Endpoints for monitoring: whether the process lives, whether it can serve, and its metrics.

use std::{
    net::{IpAddr, SocketAddr},
    sync::OnceLock,
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq;

use crate::{
    app::App,
    config::Config,
    db,
    error::Error,
    routes::{Access, Routes},
};

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts the metrics. A second call changes nothing.
pub fn install_metrics() {
    METRICS.get_or_init(|| PrometheusBuilder::new().install_recorder().ok());
}

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get("/healthz", Access::Anyone, alive).get("/readyz", Access::Anyone, ready).get(
        "/metrics",
        Access::Anyone,
        metrics_page,
    )
}

async fn alive() -> &'static str {
    "ok"
}

/// How long a probe may take: a process that needs longer for a small transaction is not ready.
const PROBE: Duration = Duration::from_millis(900);

async fn ready(State(app): State<App>) -> Response {
    match tokio::time::timeout(PROBE, db::probe(&app.db)).await {
        Ok(Ok(())) => return "ok".into_response(),
        Ok(Err(Error::Internal(fault) | Error::Unavailable(fault))) => {
            tracing::warn!("not ready: {}", crate::error::faults::told(&fault));
        }
        Ok(Err(refusal)) => tracing::warn!("not ready: {refusal}"),
        Err(_) => tracing::warn!("not ready: a transaction takes too long"),
    }
    (StatusCode::SERVICE_UNAVAILABLE, "transactions cannot be run").into_response()
}

/// For this machine, or with the token. A proxy on this machine makes every client look local, so a forwarded request
/// gets nothing, whatever else it has.
async fn metrics_page(State(app): State<App>, connection: ConnectInfo<SocketAddr>, request: Request) -> Response {
    let address = connection.0.ip().to_canonical();
    let is_passed_on =
        is_passed_on(&request) || app.config.trusted_proxies.iter().any(|proxy| proxy.contains(&address));
    let is_let_in = has_token(&app.config, request.headers()) || address.is_loopback() && names_this_machine(&request);
    if is_passed_on || !is_let_in {
        return StatusCode::NOT_FOUND.into_response();
    }
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default().into_response()
}

/// Headers that proxies add to a request that they pass on.
const TRACES_OF_PROXIES: [&str; 9] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
];

/// nginx speaks HTTP/1.0 to a program behind it unless configured otherwise, and then it adds no headers.
fn is_passed_on(request: &Request) -> bool {
    let is_trace = |name: &str| name.starts_with("x-forwarded") || TRACES_OF_PROXIES.contains(&name);
    request.version() < Version::HTTP_11 || request.headers().keys().any(|name| is_trace(name.as_str()))
}

fn names_this_machine(request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(Authority::as_str)).unwrap_or_default();
    match host.parse::<Authority>() {
        Ok(authority) => {
            let name = authority.host().trim_matches(['[', ']']);
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
        }
        Err(_) => false,
    }
}

fn has_token(config: &Config, headers: &HeaderMap) -> bool {
    let Some(token) = &config.metrics_token else { return false };
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    sent.as_bytes().ct_eq(token.as_bytes()).into()
}

/// Counts requests by route and status, and their duration. Each label has few values, so that a client cannot create
/// new series.
pub async fn measure(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let method = METHODS.into_iter().find(|known| request.method() == known).unwrap_or("other");
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let status = STATUSES.get(usize::from(response.status().as_u16() / 100)).copied().unwrap_or("other");
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_owned())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(began.elapsed().as_secs_f64());
    response
}

/// The methods that requests are counted by.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The classes of status that they are counted by.
const STATUSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];
