//! `/schools/{code}/rollover…`: the draft for the coming year, which a school's owners fill in until it is applied.

mod columns;
mod marks;
mod pages;
mod results;
mod sheet;

pub use pages::routes;

/// Why rows of a sheet of results are not taken, for the test of the sentences.
pub const SHEET_FAULTS: [&str; 8] = sheet::ResultRejection::KEYS;
