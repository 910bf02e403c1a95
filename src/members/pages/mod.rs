//! The pages of people, and of the passwords that they choose.

mod activation;
mod acts;
mod bulk;
mod form;
mod grants;
mod invitation;
mod list;
mod my_classes;
mod own_password;
mod person;

use crate::{
    access::Action,
    web::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    let helpers = Access::School(Action::HelpPupils);
    let owners = Access::School(Action::HandOutGrants);
    Routes::new()
        .get("/schools/{code}/accounts", accounts, list::show)
        .get("/schools/{code}/accounts/new/student", accounts, form::new_student)
        .get("/schools/{code}/accounts/new/teacher", accounts, form::new_teacher)
        .post("/schools/{code}/accounts/bulk", accounts, bulk::submit)
        .post("/schools/{code}/accounts/students", accounts, form::create_student)
        .post("/schools/{code}/accounts/teachers", accounts, form::create_teacher)
        .get("/schools/{code}/accounts/{id}", accounts, person::show)
        .post("/schools/{code}/accounts/{id}", accounts, form::submit)
        .get("/schools/{code}/accounts/{id}/edit", accounts, form::edit)
        .post("/schools/{code}/accounts/{id}/password", helpers, acts::reset_password)
        .post("/schools/{code}/accounts/{id}/sign-out", helpers, acts::sign_out)
        .post("/schools/{code}/accounts/{id}/suspension", accounts, acts::suspend)
        .post("/schools/{code}/accounts/{id}/activation", accounts, activation::activate)
        .get("/schools/{code}/accounts/{id}/refusal", accounts, activation::ask_refusal)
        .post("/schools/{code}/accounts/{id}/refusal", accounts, activation::refuse)
        .post("/schools/{code}/accounts/{id}/leaving", accounts, acts::leave)
        .post("/schools/{code}/accounts/{id}/role", accounts, grants::change_role)
        .post("/schools/{code}/accounts/{id}/grants", owners, grants::submit_of_person)
        .get("/schools/{code}/my-classes", helpers, my_classes::list)
        .get("/schools/{code}/my-classes/{id}", helpers, my_classes::show)
        .get("/schools/{code}/grants", owners, grants::show)
        .post("/schools/{code}/grants", owners, grants::submit)
        .get("/password/change", Access::SignedIn, own_password::change)
        .post("/password/change", Access::SignedIn, own_password::submit_change)
        .get("/password/reset/{token}", Access::Anyone, own_password::reset)
        .post("/password/reset/{token}", Access::Anyone, own_password::submit_reset)
        .get("/invitations/{token}", Access::Anyone, invitation::show)
        .post("/invitations/{token}", Access::Anyone, invitation::submit)
}
