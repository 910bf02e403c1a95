//! `/schools/{code}/rollover…`: the draft for the coming year, which a school's owners fill in until it is applied.

mod pages;

pub use pages::routes;
