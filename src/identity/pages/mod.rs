//! The pages for visitors who are not signed in yet: signing in and out, a forgotten password, language and colours.

mod code;
mod kept_form;
mod landing;
mod preferences;
pub mod reauthentication;
pub mod sign_in;

use crate::routes::{Access, Routes};

pub use landing::home_of;

/// The page of a form that was kept and has no page of its own to come back to.
pub const KEPT_FORM: &str = "/kept-form";

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Anyone, landing::show)
        .get("/sign-in", Access::Anyone, sign_in::show)
        .post("/sign-in", Access::Anyone, sign_in::submit)
        .get("/sign-in/code", Access::Anyone, code::show)
        .post("/sign-in/code", Access::Anyone, code::submit)
        .get("/me/reauthentication", Access::PasswordSet, reauthentication::show)
        .post("/me/reauthentication", Access::PasswordSet, reauthentication::submit)
        .get(KEPT_FORM, Access::PasswordSet, kept_form::show)
        .post("/sign-out", Access::SignedIn, sign_in::sign_out)
        .post("/preferences", Access::Always, preferences::submit)
}
