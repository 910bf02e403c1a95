//! The people of a school. This room is the model for the others:
//!
//! - `model` says what a person, a filter and a page of a list are; `fields` what each value may be,
//! - `store` holds all the SQL; every function takes the scope first and filters by its school,
//! - `forms` turns what was typed into values, or says what is wrong with it,
//! - `admission`, `activation`, `changes`, `credentials`, `status`, `invitations` are the actions: they demand the
//!   permission as a [`crate::access::Granted`] and whom it is about as a [`subject::Subject`], do one thing in one
//!   transaction, and write its audit row there; `roster` is what they write people by,
//! - `pages` alone knows the web: it turns a request into a call of an action, and what comes back into a page.

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
