//! `/schools/{code}/registry/…`: the school's part of the registry as its owners see it; and where the school keeps it
//! here itself, adding, changing and removing classes and people with the same checks as a submission.

mod actions;
mod pages;
mod people;

pub use pages::routes;
