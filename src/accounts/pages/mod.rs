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
mod password;
mod person;
mod role;
mod search;
mod status_transition;
mod suspension;

pub use actions::{DoneTo, name_in_notice};

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
        .get(paths::Search::PATH, accounts, search::show)
        .get(paths::Accounts::PATH, accounts, list::show)
        .going_on()
        .get(paths::NewStudent::PATH, creators, create::new_student)
        .get(paths::NewTeacher::PATH, accounts, create::new_teacher)
        .get(paths::Duplicates::PATH, creators, create::twins)
        .get(paths::AccountsJoin::PATH, accounts, join::show)
        .post_reauthenticated(paths::AccountsJoin::PATH, accounts, MANAGER, join::submit)
        .creating()
        .post_reauthenticated(paths::AccountsBulk::PATH, accounts, BULK_RESET, bulk::submit)
        .asking(&[
            ("action", "password", "ask-bulk-password"),
            ("action", "sign-out", "ask-bulk-sign-out"),
            ("action", "suspension", "ask-bulk-suspension"),
        ])
        .post(paths::Students::PATH, creators, create::create_student)
        .creating()
        .post(paths::Teachers::PATH, accounts, create::create_teacher)
        .creating()
        .get(paths::Account::PATH, accounts, person::show)
        .post(paths::Account::PATH, accounts, edit::submit)
        .post(paths::AccountNationalId::PATH, accounts, person::show_national_id)
        .get(paths::AccountEdit::PATH, accounts, edit::edit)
        .post(paths::AccountInvitation::PATH, accounts, join::invitation)
        .asking(&[("undo", "on", "person-withdraw-ask")])
        .post(paths::AccountInvitationWithdrawal::PATH, accounts, join::withdraw)
        .asking(&[("", "", "person-withdraw-ask")])
        .post_reauthenticated(paths::AccountPassword::PATH, helpers, Reauthentication::WhereTold, password::reset)
        .asking(&[("", "", "ask-password")])
        .post(paths::AccountSignOut::PATH, helpers, actions::sign_out)
        .asking(&[("", "", "ask-sign-out")])
        .post_reauthenticated(
            paths::AccountSecondFactor::PATH,
            accounts,
            Reauthentication::Always,
            actions::remove_second_factor,
        )
        .asking(&[("", "", "person-second-factor-remove-ask")])
        .post(paths::AccountUnlocking::PATH, helpers, actions::unlock)
        .post(paths::AccountVerification::PATH, accounts, actions::mail_verification)
        .get(paths::AccountSuspension::PATH, accounts, suspension::show)
        .post(paths::AccountSuspension::PATH, accounts, suspension::submit)
        .post(paths::AccountSuspensionLifting::PATH, accounts, suspension::lift)
        .post(paths::AccountActivation::PATH, accounts, activation::activate)
        .get(paths::AccountRefusal::PATH, accounts, activation::ask_refusal)
        .post(paths::AccountRefusal::PATH, accounts, activation::refuse)
        .get(paths::AccountLeaving::PATH, accounts, departure::show)
        .post(paths::AccountLeaving::PATH, accounts, departure::submit)
        .post(paths::AccountReturn::PATH, accounts, departure::come_back)
        .get(paths::AccountRole::PATH, accounts, role::show)
        .post_reauthenticated(paths::AccountRole::PATH, accounts, MANAGER, role::submit)
}
