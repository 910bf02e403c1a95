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
mod search;
mod status_transition;
mod suspension;

pub use actions::{DoneTo, name_in_notice};

use crate::{
    access::Action,
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
        .get("/schools/{code}/search", accounts, search::show)
        .get("/schools/{code}/accounts", accounts, list::show)
        .get("/schools/{code}/accounts/new/student", creators, create::new_student)
        .get("/schools/{code}/accounts/new/teacher", accounts, create::new_teacher)
        .get("/schools/{code}/accounts/twins", creators, create::twins)
        .get("/schools/{code}/accounts/join", accounts, join::show)
        .post_reauthenticated("/schools/{code}/accounts/join", accounts, MANAGER, join::submit)
        .creating()
        .post_reauthenticated("/schools/{code}/accounts/bulk", accounts, BULK_RESET, bulk::submit)
        .asking(&[
            ("action", "password", "ask-bulk-password"),
            ("action", "sign-out", "ask-bulk-sign-out"),
            ("action", "suspension", "ask-bulk-suspension"),
        ])
        .post("/schools/{code}/accounts/students", creators, create::create_student)
        .creating()
        .post("/schools/{code}/accounts/teachers", accounts, create::create_teacher)
        .creating()
        .get("/schools/{code}/accounts/{id}", accounts, person::show)
        .post("/schools/{code}/accounts/{id}", accounts, edit::submit)
        .post("/schools/{code}/accounts/{id}/national-id", accounts, person::show_national_id)
        .get("/schools/{code}/accounts/{id}/edit", accounts, edit::edit)
        .post("/schools/{code}/accounts/{id}/invitation", accounts, join::invitation)
        .asking(&[("undo", "on", "person-withdraw-ask")])
        .post_reauthenticated(
            "/schools/{code}/accounts/{id}/password",
            helpers,
            Reauthentication::WhereTold,
            actions::reset_password,
        )
        .asking(&[("", "", "ask-password")])
        .post("/schools/{code}/accounts/{id}/sign-out", helpers, actions::sign_out)
        .asking(&[("", "", "ask-sign-out")])
        .post_reauthenticated(
            "/schools/{code}/accounts/{id}/second-factor",
            accounts,
            Reauthentication::Always,
            actions::remove_second_factor,
        )
        .asking(&[("", "", "person-second-factor-remove-ask")])
        .post("/schools/{code}/accounts/{id}/unlocking", helpers, actions::unlock)
        .post("/schools/{code}/accounts/{id}/verification", accounts, actions::mail_verification)
        .get("/schools/{code}/accounts/{id}/suspension", accounts, suspension::show)
        .post("/schools/{code}/accounts/{id}/suspension", accounts, suspension::submit)
        .post("/schools/{code}/accounts/{id}/activation", accounts, activation::activate)
        .get("/schools/{code}/accounts/{id}/refusal", accounts, activation::ask_refusal)
        .post("/schools/{code}/accounts/{id}/refusal", accounts, activation::refuse)
        .get("/schools/{code}/accounts/{id}/leaving", accounts, departure::show)
        .post("/schools/{code}/accounts/{id}/leaving", accounts, departure::submit)
        .get("/schools/{code}/accounts/{id}/role", accounts, role::show)
        .post_reauthenticated("/schools/{code}/accounts/{id}/role", accounts, MANAGER, role::submit)
}
