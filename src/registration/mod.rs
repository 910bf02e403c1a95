//! Self-registration of teachers with a school. Companies' is in `companies`.
//!
//! - `search` finds schools while typing,
//! - `forms` parses a form, `teachers` handles it: accepted by the page (`intake`), processed
//!   by a job, so that the page does not reveal whether an address has an account,
//! - `digest` notifies a school of who waits for it, `cleanup` deletes registrations that were never verified.

pub mod cleanup;
pub mod digest;
pub mod forms;
mod pages;
pub mod search;
pub mod teachers;

pub use pages::routes;
