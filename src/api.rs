//! `/api/…`: what other programs do for a school by its token.

mod answer;
pub mod hand_in;
mod idempotency;
mod openapi;
mod submissions;

use crate::{
    access::TokenScope,
    paths,
    routes::{Access, Routes},
    sources::pages::UPLOAD_BYTES,
};

/// All routes of the API begin like this: they know tokens and no sessions, and their errors are problems in JSON.
pub const PREFIX: &str = "/api/";

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .upload(paths::ApiSubmissions::PATH, Access::Token(TokenScope::Submit), UPLOAD_BYTES, submissions::submit)
        .get(paths::ApiSubmission::PATH, Access::Token(TokenScope::Read), submissions::show)
        .get(paths::ApiDescription::PATH, Access::Anyone, openapi::serve)
}
