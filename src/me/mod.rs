//! `/me` and `/password`: the own account, its devices, second factor and password.

mod account;
mod forgotten_password;
pub mod password;
mod second_factor;

pub use account::shell;

use crate::routes::{Access, Reauthentication, Routes};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/me", Access::PasswordSet, account::show)
        .post("/me", Access::PasswordSet, account::submit)
        .get("/me/devices", Access::PasswordSet, account::devices)
        .post("/me/devices", Access::PasswordSet, account::sign_out)
        .asking(&[("device", "all", "devices-all-ask")])
        .get("/me/second-factor", Access::PasswordSet, second_factor::show)
        .post_reauthenticated("/me/second-factor", Access::PasswordSet, Reauthentication::Always, second_factor::begin)
        .post("/me/second-factor/confirmation", Access::PasswordSet, second_factor::confirm)
        .post("/me/second-factor/codes", Access::PasswordSet, second_factor::renew_codes)
        .post("/me/second-factor/removal", Access::PasswordSet, second_factor::turn_off)
        .get("/password/forgot", Access::Anyone, forgotten_password::show)
        .post("/password/forgot", Access::Anyone, forgotten_password::submit)
        .get("/password/change", Access::SignedIn, password::change)
        .post("/password/change", Access::SignedIn, password::submit_change)
        .get("/password/reset/{token}", Access::Anyone, password::reset)
        .post("/password/reset/{token}", Access::Anyone, password::submit_reset)
}
