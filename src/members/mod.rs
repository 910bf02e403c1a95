//! The people of a school. This module is the model for the others:
//!
//! - `model` defines what a person, a filter and a page of a list are; `fields` what each value may be,
//! - `store` holds all the SQL; every function takes the scope first and filters by its school,
//! - `forms` parses what was typed into values, or says what is wrong with it,
//! - `admission`, `activation`, `changes`, `credentials`, `status`, `invitations` are the actions: they demand the
//!   permission as a [`crate::access::Granted`] and the member they act on as a [`subject::Subject`], do one thing in
//!   one transaction, and write its audit row there; `roster` is what they write people by,
//! - `pages` alone knows HTTP: it translates a request into a call of an action, and the result into a page.

pub mod activation;
pub mod admission;
pub mod bulk;
pub mod changes;
pub mod credentials;
pub mod ending;
pub mod fields;
pub mod forms;
pub mod grants;
pub mod history;
pub mod homeroom;
pub mod invitations;
pub mod list_query;
pub mod model;
mod pages;
pub mod restoration;
pub mod roles;
pub mod roster;
pub mod standing;
pub mod status;
pub mod store;
pub mod subject;
pub mod twins;
pub mod usernames;
pub mod why;

pub use pages::routes;
