//! Those who come on their own: teachers who register with a school. Those of companies stand in `companies`.
//!
//! - `search` finds the school that somebody types,
//! - `forms` says what a form comes to, `teachers` what becomes of it: taken in by the page (`intake`), looked
//!   at by a job, so that the page tells nobody whether an address has an account,
//! - `digest` tells a school who waits for it, `cleanup` forgets whoever never verified his address.

pub mod cleanup;
pub mod digest;
pub mod forms;
pub mod intake;
mod pages;
pub mod search;
pub mod teachers;

pub use pages::routes;
