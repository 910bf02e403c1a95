//! The pages for visitors who are not signed in yet: signing in and out, a forgotten password, language and colours.

mod code;
mod kept_form;
mod landing;
mod preferences;
pub mod reauthentication;
pub mod sign_in;

use crate::{
    paths,
    routes::{Access, Routes},
};

pub use landing::home_of;

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::Front::PATH, Access::Anyone, landing::show)
        .get(paths::SignIn::PATH, Access::Anyone, sign_in::show)
        .post(paths::SignIn::PATH, Access::Anyone, sign_in::submit)
        .get(paths::SignInCode::PATH, Access::Anyone, code::show)
        .post(paths::SignInCode::PATH, Access::Anyone, code::submit)
        .get(paths::Reauthentication::PATH, Access::PasswordSet, reauthentication::show)
        .post(paths::Reauthentication::PATH, Access::PasswordSet, reauthentication::submit)
        .get(paths::KeptForm::PATH, Access::PasswordSet, kept_form::show)
        .post(paths::SignOut::PATH, Access::SignedIn, sign_in::sign_out)
        .post(paths::Preferences::PATH, Access::Always, preferences::submit)
}
