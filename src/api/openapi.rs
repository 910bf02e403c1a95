//! The description of the API, for programs that make clients and tests from it.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{app::App, error::Result};

/// OpenAPI 3.1, without the address of this server.
const DESCRIPTION: &str = include_str!("openapi.json");

pub async fn serve(State(app): State<App>) -> Result<Response> {
    let mut description: Value = serde_json::from_str(DESCRIPTION)?;
    let server = app.config.base_url.as_str().trim_end_matches('/');
    description["servers"] = serde_json::json!([{ "url": server }]);
    Ok(([(header::CONTENT_TYPE, "application/json")], description.to_string()).into_response())
}
