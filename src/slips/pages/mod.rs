//! The pages of slips: sheets to print, a file of them, and the ledger.

mod back;
mod download;
mod ledger;
mod printed;
mod sheets;

use crate::{
    access::Action,
    paths,
    routes::{Access, Reauthentication, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let slips = Access::School(Action::PrintSlips);
    let helpers = Access::School(Action::HelpPupils);
    Routes::new()
        .get_fresh(paths::Slips::PATH, slips, sheets::of_list)
        .post(paths::Slips::PATH, slips, printed::of_list)
        .post_reauthenticated(paths::SlipsXlsx::PATH, slips, Reauthentication::Always, download::submit)
        .get(paths::SlipsLedger::PATH, slips, ledger::show)
        .get_fresh(paths::PlanSlips::PATH, slips, sheets::of_plan)
        .get(paths::AccountSlip::PATH, helpers, sheets::of_member)
        .post(paths::AccountSlip::PATH, helpers, printed::of_member)
        .get_fresh(paths::OwnClassSlips::PATH, helpers, sheets::of_own_class)
        .post(paths::OwnClassSlips::PATH, helpers, printed::of_own_class)
}
