//! Sign-in slips: temporary passwords on paper, eight to a sheet, as long as they are not used; and the hand-out
//! ledger.

mod actions;
mod file;
mod pages;

pub use pages::routes;

use crate::web::qr;
