//! The pages of slips: sheets to print, a file of them, and the ledger.

mod back;
mod download;
mod ledger;
mod printed;
mod sheets;

use crate::{
    access::Action,
    routes::{Access, Reauthentication, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let slips = Access::School(Action::PrintSlips);
    let helpers = Access::School(Action::HelpPupils);
    Routes::new()
        .get_fresh("/schools/{code}/slips", slips, sheets::of_list)
        .post("/schools/{code}/slips", slips, printed::of_list)
        .post_reauthenticated("/schools/{code}/slips.xlsx", slips, Reauthentication::Always, download::submit)
        .get("/schools/{code}/slips/ledger", slips, ledger::show)
        .get_fresh("/schools/{code}/plans/{id}/slips", slips, sheets::of_plan)
        .get("/schools/{code}/accounts/{id}/slip", helpers, sheets::of_member)
        .post("/schools/{code}/accounts/{id}/slip", helpers, printed::of_member)
        .get_fresh("/schools/{code}/my-classes/{id}/slips", helpers, sheets::of_own_class)
        .post("/schools/{code}/my-classes/{id}/slips", helpers, printed::of_own_class)
}
