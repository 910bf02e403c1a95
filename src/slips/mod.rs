//! Sign-in slips: temporary passwords on paper, eight to a sheet, as long as they are not used.

mod actions;
mod pages;

pub use pages::routes;

use crate::web::qr;
