//! The roster: the members of a school as data, for everything that reads or writes people.
//!
//! - `fields` is the table of a person's fields, `model` says what a member, a filter and a page of a list are,
//! - `store` holds the SQL of reading, `records` and `departures` that of writing; every function takes the scope first
//!   and filters by its school,
//! - `subject` is the member that an action is about, locked and checked against the table of rights,
//! - `membership` is who an account is in a school at the moment of the request.

pub mod departures;
pub mod duplicates;
pub mod entries;
pub mod fields;
pub mod history;
pub mod list_query;
pub mod membership;
pub mod model;
pub mod presence;
pub mod records;
pub mod store;
pub mod subject;
pub mod usernames;
