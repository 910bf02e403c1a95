//! Companies and those who represent them. They belong to no school: global, like accounts.
//!
//! - `names` decides when two names may mean one company,
//! - `store` holds the SQL, `answers` the answers of operators and colleagues to a registration,
//! - `reminding` tells operators of answers that are due,
//! - `registering` accepts the form of a representative, as `registration::teachers` does a teacher's.

pub mod answers;
pub mod names;
mod pages;
pub mod registering;
pub mod reminding;
pub mod store;

pub use pages::routes;
