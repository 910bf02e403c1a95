//! Companies and those who represent them. They belong to no school: global, like accounts.
//!
//! - `names` says when two names may mean one company,
//! - `store` holds the SQL, `answers` what operators and colleagues say to somebody who registered,
//! - `registering` takes the form of a representative in, as `registration::teachers` does a teacher's.

pub mod answers;
pub mod names;
mod pages;
pub mod registering;
pub mod store;

pub use pages::routes;
