//! What machines ask: whether the process lives, whether it can serve, how it is doing.

use std::{net::SocketAddr, sync::OnceLock, time::Instant};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{
    app::App,
    db,
    error::Error,
    web::{Access, Routes},
};

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count. A second call changes nothing.
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

async fn ready(State(app): State<App>) -> Response {
    match db::ping(&app.db).await {
        Ok(()) => "ok".into_response(),
        Err(error) => {
            if let Error::Internal(fault) = &error {
                tracing::warn!("not ready: {}", db::faults::told(fault));
            }
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be reached").into_response()
        }
    }
}

/// For this machine only: whoever collects from elsewhere does it through something that he runs here.
async fn metrics_page(connection: ConnectInfo<SocketAddr>) -> Response {
    if !connection.0.ip().is_loopback() {
        return StatusCode::NOT_FOUND.into_response();
    }
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default().into_response()
}

/// Counts requests by route and status, and how long they take.
pub async fn measure(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let labels = [("method", method), ("route", route), ("status", response.status().as_str().to_owned())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(began.elapsed().as_secs_f64());
    response
}
