//! OneRoster, the open standard of learning platforms: a school's roster as a zip of CSV files and by REST (version 1.2).
//!
//! Both are made of the same [`tables`], so that they say the same. Of the people those are in it who teach or learn:
//! managers only where they have a homeroom class.

pub mod export;
mod pages;
pub mod rest;
pub mod tables;

use crate::routes::Routes;

#[must_use]
pub fn routes() -> Routes {
    pages::routes().and(rest::routes())
}
