//! The plan: a stored list of changes to one school's roster. Whatever it is made from, a person reviews it, and
//! applying does exactly what was shown.
//!
//! A source hands rows to [`draft`]; `matching` finds the person each is about and `resolve` its outcome; a person
//! mends and decides in [`review`]; [`apply`] writes what is good, in the background, and [`undo`] takes it back.

pub mod apply;
pub mod draft;
mod eta;
pub mod guardians;
pub mod job_claim;
mod matching;
pub mod model;
pub mod new_classes;
mod pages;
mod prepare;
pub mod purge;
mod resolve;
pub mod review;
pub mod rows;
pub mod said;
pub mod search;
mod shuffled;
pub mod snapshot;
pub mod store;
pub mod undo;
pub mod upload;

pub use pages::{fault_sentence, routes};
