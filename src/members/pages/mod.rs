//! The pages of people, and of the passwords that they choose.

mod invitation;
mod list;
mod own_password;
mod person;

use crate::{
    access::Action,
    web::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    Routes::new()
        .get("/schools/{code}/accounts", accounts, list::show)
        .get("/schools/{code}/accounts/{id}", accounts, person::show)
        .get("/password/change", Access::SignedIn, own_password::change)
        .post("/password/change", Access::SignedIn, own_password::submit_change)
        .get("/password/reset/{token}", Access::Anyone, own_password::reset)
        .post("/password/reset/{token}", Access::Anyone, own_password::submit_reset)
        .get("/invitations/{token}", Access::Anyone, invitation::show)
        .post("/invitations/{token}", Access::Anyone, invitation::submit)
}
