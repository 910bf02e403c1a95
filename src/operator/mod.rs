//! The work of operators: opening and keeping schools, inviting their owners, the units that schools answer to. They
//! administer schools, not people.
//!
//! `model` defines lists and faults, `store` holds the SQL of the directory, `administered` the school that an operator
//! may act on; `opening`, `changes`, `owners` and `units` are the actions, `forms` parses input into values, and
//! `pages` alone knows the web.

pub mod administered;
mod changes;
mod forms;
pub mod model;
mod opening;
mod owners;
mod pages;
pub mod store;
mod units;

pub use opening::insert_demo_school;
pub use pages::routes;
