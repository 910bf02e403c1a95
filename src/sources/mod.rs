//! What plans are made of: each source reads its rows and hands them to `plan::draft`. And the way out again: exports
//! that, fed back in, change nothing.

pub mod export;
pub mod import;
mod pages;
pub mod spreadsheet;

pub use pages::routes;
