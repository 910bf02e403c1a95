//! What operators do: opening and keeping schools, inviting their owners, the units that they answer to. They administer
//! schools, not people.
//!
//! `model` says what is listed and what a fault is, `store` holds the SQL of the directory, `administered` the school
//! that an operator may act on; `opening`, `changes`, `owners` and `units` are the actions, `forms` turns what was typed
//! into values, and `pages` alone knows the web.

mod administered;
mod changes;
mod forms;
mod model;
mod opening;
mod owners;
mod pages;
mod store;
mod units;

pub use opening::insert_demo_school;
pub use pages::routes;
