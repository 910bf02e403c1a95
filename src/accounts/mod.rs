//! `/schools/{code}/accounts…`: the people of a school. This room is the model for the others:
//!
//! - `forms` turns what was typed into values, or says what is wrong with it,
//! - the other modules are the actions: they demand the permission as a [`crate::access::Granted`] and the member that
//!   they are about as a [`crate::roster::subject::Subject`], do one thing in one transaction, and write its audit row there,
//! - `pages` alone knows the web: it turns a request into a call of an action, and the result into a page.

pub mod activation;
pub mod alike;
pub mod bulk;
pub mod closing;
pub mod consequences;
pub mod creation;
pub mod departure;
pub mod diagnosis;
pub mod editing;
pub mod erasure;
pub mod forms;
pub mod pages;
pub mod password;
pub mod personal_data;
pub mod role;
pub mod suspension;
pub mod transfer;
pub mod transfer_code;

pub use pages::routes;
