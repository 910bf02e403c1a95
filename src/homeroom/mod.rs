//! `/schools/{code}/my-classes`: the homeroom teacher's view of the own class of this year.

pub mod own_class;
mod pages;

pub use pages::routes;
