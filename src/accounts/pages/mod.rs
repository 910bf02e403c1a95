//! The pages of people, and of the passwords that they choose.

mod actions;
mod activation;
mod bulk;
mod create;
mod departure;
mod edit;
mod join;
mod leaving;
pub mod list;
mod person;
mod role;
mod status_transition;
mod suspension;

use crate::{
    access::Action,
    paths,
    routes::{Access, Reauthentication, Routes},
};

const BULK_RESET: Reauthentication = Reauthentication::When { field: "action", is: "password" };
const MANAGER: Reauthentication = Reauthentication::When { field: "role", is: "manager" };

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    let creators = Access::School(Action::CreatePupils);
    let helpers = Access::School(Action::HelpPupils);
    Routes::new()
        .and(leaving::routes())
        .get(paths::Accounts::PATH, accounts, list::show)
        .get(paths::NewStudent::PATH, creators, create::new_student)
        .get(paths::NewTeacher::PATH, accounts, create::new_teacher)
        .get(paths::Duplicates::PATH, creators, create::twins)
        .get(paths::AccountsJoin::PATH, accounts, join::show)
        .post_reauthenticated(paths::AccountsJoin::PATH, accounts, MANAGER, join::submit)
        .post_reauthenticated(paths::AccountsBulk::PATH, accounts, BULK_RESET, bulk::submit)
        .post(paths::Students::PATH, creators, create::create_student)
        .post(paths::Teachers::PATH, accounts, create::create_teacher)
        .get(paths::Account::PATH, accounts, person::show)
        .post(paths::Account::PATH, accounts, edit::submit)
        .post(paths::AccountNationalId::PATH, accounts, person::show_national_id)
        .get(paths::AccountEdit::PATH, accounts, edit::edit)
        .post(paths::AccountInvitation::PATH, accounts, join::invitation)
        .post_reauthenticated(
            paths::AccountPassword::PATH,
            helpers,
            Reauthentication::WhereTold,
            actions::reset_password,
        )
        .post(paths::AccountSignOut::PATH, helpers, actions::sign_out)
        .post_reauthenticated(
            paths::AccountSecondFactor::PATH,
            accounts,
            Reauthentication::Always,
            actions::remove_second_factor,
        )
        .post(paths::AccountUnlocking::PATH, helpers, actions::unlock)
        .post(paths::AccountVerification::PATH, accounts, actions::mail_verification)
        .get(paths::AccountSuspension::PATH, accounts, suspension::show)
        .post(paths::AccountSuspension::PATH, accounts, suspension::submit)
        .post(paths::AccountActivation::PATH, accounts, activation::activate)
        .get(paths::AccountRefusal::PATH, accounts, activation::ask_refusal)
        .post(paths::AccountRefusal::PATH, accounts, activation::refuse)
        .get(paths::AccountLeaving::PATH, accounts, departure::show)
        .post(paths::AccountLeaving::PATH, accounts, departure::submit)
        .get(paths::AccountRole::PATH, accounts, role::show)
        .post_reauthenticated(paths::AccountRole::PATH, accounts, MANAGER, role::submit)
}
