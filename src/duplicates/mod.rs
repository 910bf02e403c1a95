//! `/schools/{code}/duplicates`: people who are there twice. Probable pairs with what speaks for and against, told apart for
//! good or merged; a merge can be undone for thirty days.

pub mod merge;
mod pages;
pub mod pairs;
mod snapshot;
pub mod undo;

pub use pages::routes;
