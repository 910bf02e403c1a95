//! The registry: what a school has handed in of its people and classes, or keeps here itself. Plans over it are
//! submissions; the roster is synced from it.
//!
//! `store` reads and `records` writes; one identifier of the ministry is one person in the whole country
//! (`identifiers`): a second school that names one is a conflict (`conflicts`), and may become a move (`moves`). Every
//! change is in the `history`.

pub mod conflicts;
pub mod history;
pub mod identifiers;
pub mod model;
pub mod moves;
pub mod records;
pub mod store;
pub mod submissions;
