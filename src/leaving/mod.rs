//! Leaving the system: one person's data handed out, a pupil erased, a pupil gone to another school with his account.

pub mod data;
pub mod erasure;
mod pages;
pub mod release;
pub mod transfer;

pub use pages::routes;
