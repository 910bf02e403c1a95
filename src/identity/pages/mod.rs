//! The pages for visitors who are not signed in yet: signing in and out, a forgotten password, language and colours.

mod code;
pub mod fresh;
mod landing;
mod preferences;
mod recovery;
mod second_factor;
pub mod sign_in;

use crate::web::{Access, Routes, routes::Fresh};

pub use landing::home_of;

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Anyone, landing::show)
        .get("/sign-in", Access::Anyone, sign_in::show)
        .post("/sign-in", Access::Anyone, sign_in::submit)
        .get("/sign-in/code", Access::Anyone, code::show)
        .post("/sign-in/code", Access::Anyone, code::submit)
        .get("/me/second-factor", Access::Settled, second_factor::show)
        .post_fresh("/me/second-factor", Access::Settled, Fresh::Always, second_factor::begin)
        .post("/me/second-factor/confirmation", Access::Settled, second_factor::confirm)
        .post("/me/second-factor/codes", Access::Settled, second_factor::renew_codes)
        .post("/me/second-factor/removal", Access::Settled, second_factor::turn_off)
        .get("/me/reauthentication", Access::Settled, fresh::show)
        .post("/me/reauthentication", Access::Settled, fresh::submit)
        .post("/sign-out", Access::SignedIn, sign_in::sign_out)
        .get("/password/forgot", Access::Anyone, recovery::show)
        .post("/password/forgot", Access::Anyone, recovery::submit)
        .post("/preferences", Access::Always, preferences::submit)
}
