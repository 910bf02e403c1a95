//! Endpoints for monitoring: whether the process lives, whether it can serve, and its metrics.

mod figures;
mod readiness;

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq;
use tracing::Instrument;

use crate::{
    app::App,
    config::Config,
    routes::{Access, Routes},
    telemetry,
};

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts the metrics. A second call changes nothing.
pub fn install_metrics() {
    METRICS.get_or_init(|| recorder().ok());
}

/// The bounds of what is measured in seconds: a page, a statement, a hash.
const SHORT: [f64; 11] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Those of jobs, which may go over a whole roster.
const LONG: [f64; 10] = [0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0];

fn recorder() -> Result<PrometheusHandle, BuildError> {
    let jobs = Matcher::Full("job_duration_seconds".to_owned());
    PrometheusBuilder::new().set_buckets(&SHORT)?.set_buckets_for_metric(jobs, &LONG)?.install_recorder()
}

/// Sums up what was measured, again and again: otherwise it would be kept value by value until it is asked for.
pub async fn keep_metrics() {
    let mut ticks = tokio::time::interval(Duration::from_secs(15));
    loop {
        ticks.tick().await;
        if let Some(handle) = METRICS.get().and_then(Option::as_ref) {
            handle.run_upkeep();
        }
    }
}

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get("/healthz", Access::Anyone, alive).get("/readyz", Access::Anyone, readiness::ready).get(
        "/metrics",
        Access::Anyone,
        metrics_page,
    )
}

async fn alive() -> &'static str {
    "ok"
}

/// For this machine, or with the token. A proxy on this machine makes every client look local, so a forwarded request
/// gets nothing, whatever else it has.
async fn metrics_page(State(app): State<App>, connection: ConnectInfo<SocketAddr>, request: Request) -> Response {
    let address = connection.0.ip().to_canonical();
    let is_passed_on =
        is_passed_on(&request) || app.config.trusted_proxies.iter().any(|proxy| proxy.contains(&address));
    let is_local = address.is_loopback() && names_this_machine(&request);
    if is_passed_on || !is_local && !has_token(&app.config, request.headers()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    figures::look_up(&app).await;
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
    let method = telemetry::method_of(request.method().as_str());
    let route: Arc<str> = path.as_ref().map_or("none", MatchedPath::as_str).into();
    let began = Instant::now();
    let answer = async {
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), "a request is answered");
        response
    };
    let span = telemetry::request_span(method, &route);
    let response = telemetry::on_behalf_of(Arc::clone(&route), answer).instrument(span).await;
    let status = STATUSES.get(usize::from(response.status().as_u16() / 100)).copied().unwrap_or("other");
    let labels: [(&str, Arc<str>); 3] =
        [("method", Arc::from(method)), ("route", route), ("status", Arc::from(status))];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(began.elapsed().as_secs_f64());
    response
}

/// The classes of status that requests are counted by.
const STATUSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];
