//! The plan: a stored list of changes to one school's roster. Whatever it is made from, a person reviews it, and
//! applying does exactly what was shown.
//!
//! A source hands rows to [`draft`], which finds each row's outcome; [`apply`] writes what is good, in the background.

pub mod apply;
pub mod draft;
mod matching;
pub mod model;
mod pages;
pub mod store;

pub use pages::routes;
