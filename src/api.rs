//! `/api/…`: what other programs do for a school by its token.

mod openapi;

use crate::{
    paths,
    routes::{Access, Routes},
};

/// All routes of the API begin like this: they know tokens and no sessions, and their errors are problems in JSON.
pub const PREFIX: &str = "/api/";

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get(paths::ApiDescription::PATH, Access::Anyone, openapi::serve)
}
