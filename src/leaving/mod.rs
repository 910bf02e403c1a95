//! Leaving the system: exporting one person's data, erasing a pupil, moving a pupil to another school with their
//! account.

pub mod data;
pub mod erasure;
mod pages;
pub mod release;
pub mod transfer;

pub use pages::routes;
