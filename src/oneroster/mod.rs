//! OneRoster, the open standard of learning platforms: a school's roster as a zip of CSV files and by REST (version 1.2).
//!
//! Both are made of the same [`tables`], so that they say the same. Of the people those are in it who teach or learn:
//! managers only where they have a homeroom class.

pub mod export;
mod pages;
pub mod rest;
pub mod tables;

use crate::{paths, routes::Routes};

/// Whether a route is of the service: then it knows no sessions.
#[must_use]
pub fn is_below(path: &str) -> bool {
    path.starts_with(paths::ONEROSTER)
}

#[must_use]
pub fn routes() -> Routes {
    pages::routes().and(rest::routes())
}
