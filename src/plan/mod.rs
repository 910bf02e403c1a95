//! The plan: a stored list of changes to one book of a school, its roster or its part of the registry. Whatever it is made from, a person reviews it, and
//! applying does exactly what was shown.
//!
//! A source hands rows to [`draft`]; `matching` finds the person each is about and `resolve` its outcome; a person
//! mends and decides in [`review`]; [`apply`] writes what is good, in the background, and [`undo`] takes it back.

mod absent;
pub mod apply;
pub mod book;
mod claims;
pub mod class_links;
mod create_members;
pub mod draft;
mod duplicate_rows;
mod eta;
pub mod headerless;
pub mod job_claim;
pub mod links;
mod list_rules;
pub mod matching;
pub mod missing;
pub mod model;
pub mod new_classes;
pub mod pages;
mod plan_row;
mod prepare;
pub mod purge;
pub mod registry_apply;
mod registry_identifiers;
mod related_rows;
mod resolve;
pub mod review;
pub mod rollover_apply;
pub mod rows;
pub mod said;
pub mod search;
mod shuffled;
pub mod snapshot;
pub mod store;
pub mod three_way;
pub mod undo;
pub mod upload;

pub use pages::{PlanAddress, fault_sentence, routes, shown};
