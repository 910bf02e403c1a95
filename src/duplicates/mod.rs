//! `/schools/{code}/duplicates`: people who are there twice. Probable pairs with what speaks for and against, told apart for
//! good or merged; a merge can be undone for thirty days.

mod belongings;
mod likely;
pub mod merge;
mod moves;
mod pages;
pub mod pairs;
mod planned;
mod put_back;
mod snapshot;
mod statements;
pub mod undo;
mod ways_in;

pub use pages::routes;
pub use undo::lives_on_as;
