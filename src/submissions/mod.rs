//! Submissions: a school hands in lists of its classes, staff and pupils; an operator approves them into the registry.
//!
//! A submission is a plan over the registry: its rows are checked, shown and mended by the pages of plans. What is
//! here is its way: `actions` of the school, or of an operator for `many_schools`, `deciding` and `approval` of
//! operators, the `queue` that they list, and `identifiers` that two schools name.

pub mod actions;
pub mod approval;
pub mod deciding;
mod elsewhere;
mod identifiers;
mod listed;
pub mod many_schools;
pub mod owners;
mod pages;
pub mod quality;
pub mod queue;

pub use pages::routes;
