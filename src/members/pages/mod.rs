//! The pages of people, and of the passwords that they choose.

mod activation;
mod acts;
mod bulk;
mod create;
mod form;
mod grants;
mod invitation;
mod join;
mod list;
mod me;
mod my_classes;
mod own_password;
mod person;
mod turns;

use crate::{
    access::Action,
    web::{Access, Routes, routes::Fresh},
};

const BULK_RESET: Fresh = Fresh::When { field: "action", is: "password" };
const MANAGER: Fresh = Fresh::When { field: "role", is: "manager" };

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    let creators = Access::School(Action::CreatePupils);
    let helpers = Access::School(Action::HelpPupils);
    let owners = Access::School(Action::HandOutGrants);
    Routes::new()
        .get("/schools/{code}/accounts", accounts, list::show)
        .get("/schools/{code}/accounts/new/student", creators, create::new_student)
        .get("/schools/{code}/accounts/new/teacher", accounts, create::new_teacher)
        .get("/schools/{code}/accounts/twins", creators, create::twins)
        .get("/schools/{code}/accounts/join", accounts, join::show)
        .post_fresh("/schools/{code}/accounts/join", accounts, MANAGER, join::submit)
        .post_fresh("/schools/{code}/accounts/bulk", accounts, BULK_RESET, bulk::submit)
        .post("/schools/{code}/accounts/students", creators, create::create_student)
        .post("/schools/{code}/accounts/teachers", accounts, create::create_teacher)
        .get("/schools/{code}/accounts/{id}", accounts, person::show)
        .post("/schools/{code}/accounts/{id}", accounts, form::submit)
        .post("/schools/{code}/accounts/{id}/national-id", accounts, person::show_national_id)
        .get("/schools/{code}/accounts/{id}/edit", accounts, form::edit)
        .post("/schools/{code}/accounts/{id}/invitation", accounts, join::invitation)
        .post_fresh("/schools/{code}/accounts/{id}/password", helpers, Fresh::WhereTold, acts::reset_password)
        .post("/schools/{code}/accounts/{id}/sign-out", helpers, acts::sign_out)
        .post_fresh("/schools/{code}/accounts/{id}/second-factor", accounts, Fresh::Always, acts::remove_second_factor)
        .post("/schools/{code}/accounts/{id}/unlocking", helpers, acts::release)
        .post("/schools/{code}/accounts/{id}/verification", accounts, acts::mail_verification)
        .get("/schools/{code}/accounts/{id}/suspension", accounts, turns::ask_suspension)
        .post("/schools/{code}/accounts/{id}/suspension", accounts, turns::suspend)
        .post("/schools/{code}/accounts/{id}/activation", accounts, activation::activate)
        .get("/schools/{code}/accounts/{id}/refusal", accounts, activation::ask_refusal)
        .post("/schools/{code}/accounts/{id}/refusal", accounts, activation::refuse)
        .get("/schools/{code}/accounts/{id}/leaving", accounts, turns::ask_leaving)
        .post("/schools/{code}/accounts/{id}/leaving", accounts, turns::leave)
        .get("/schools/{code}/accounts/{id}/role", accounts, turns::ask_role)
        .post_fresh("/schools/{code}/accounts/{id}/role", accounts, MANAGER, turns::change_role)
        .post_fresh("/schools/{code}/accounts/{id}/grants", owners, Fresh::Always, grants::submit_of_person)
        .get("/schools/{code}/my-classes", helpers, my_classes::list)
        .get("/schools/{code}/my-classes/{id}", helpers, my_classes::show)
        .get("/schools/{code}/grants", owners, grants::show)
        .post_fresh("/schools/{code}/grants", owners, Fresh::Always, grants::submit)
        .get("/me", Access::Settled, me::show)
        .post("/me", Access::Settled, me::submit)
        .get("/me/devices", Access::Settled, me::devices)
        .post("/me/devices", Access::Settled, me::sign_out)
        .get("/password/change", Access::SignedIn, own_password::change)
        .post("/password/change", Access::SignedIn, own_password::submit_change)
        .get("/password/reset/{token}", Access::Anyone, own_password::reset)
        .post("/password/reset/{token}", Access::Anyone, own_password::submit_reset)
        .get("/invitations/{token}", Access::Anyone, invitation::show)
        .post("/invitations/{token}", Access::Anyone, invitation::submit)
        .post("/invitations/{token}/refusal", Access::Anyone, invitation::decline)
}
