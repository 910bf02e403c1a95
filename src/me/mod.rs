//! `/me` and `/password`: the own account, its devices, second factor and password.

mod account;
mod devices;
mod forgotten_password;
pub mod password;
mod second_factor;

pub use account::shell;

use crate::{
    paths,
    routes::{Access, Reauthentication, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::Me::PATH, Access::PasswordSet, account::show)
        .post(paths::Me::PATH, Access::PasswordSet, account::submit)
        .get(paths::Devices::PATH, Access::PasswordSet, devices::show)
        .post(paths::Devices::PATH, Access::PasswordSet, devices::sign_out)
        .asking(&[("device", "all", "devices-all-ask")])
        .get(paths::SecondFactor::PATH, Access::PasswordSet, second_factor::show)
        .post_reauthenticated(
            paths::SecondFactor::PATH,
            Access::PasswordSet,
            Reauthentication::Always,
            second_factor::begin,
        )
        .post(paths::SecondFactorConfirmation::PATH, Access::PasswordSet, second_factor::confirm)
        .post(paths::SecondFactorCodes::PATH, Access::PasswordSet, second_factor::renew_codes)
        .get(paths::SecondFactorRemoval::PATH, Access::PasswordSet, second_factor::ask_turning_off)
        .post(paths::SecondFactorRemoval::PATH, Access::PasswordSet, second_factor::turn_off)
        .get(paths::PasswordForgotten::PATH, Access::Anyone, forgotten_password::show)
        .post(paths::PasswordForgotten::PATH, Access::Anyone, forgotten_password::submit)
        .get(paths::PasswordChange::PATH, Access::SignedIn, password::change)
        .post(paths::PasswordChange::PATH, Access::SignedIn, password::submit_change)
        .get(paths::PasswordReset::PATH, Access::Anyone, password::reset)
        .post(paths::PasswordReset::PATH, Access::Anyone, password::submit_reset)
}
