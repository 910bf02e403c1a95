//! The sources of plans: each reads its rows and hands them to `plan::draft`. And exports that, imported again, change
//! nothing.

pub mod export;
pub mod import;
pub mod oneroster;
pub mod pages;
pub mod registry;
pub mod remote;
pub mod rollover;
pub mod spreadsheet;
pub mod year_export;

use crate::routes::Routes;

#[must_use]
pub fn routes() -> Routes {
    pages::routes().and(remote::routes())
}
