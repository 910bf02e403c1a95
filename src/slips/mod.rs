//! Sign-in slips: temporary passwords on paper, eight to a sheet, as long as they are not used.

mod actions;
mod pages;
mod qr;

pub use pages::routes;
