//! The pages of plans: the history, and one plan from reading to result.

mod compare;
mod events;
mod guardians;
mod history;
mod progress;
mod query;
mod review;
mod row;
mod undo;

pub use review::fault_sentence;

use crate::{
    access::Action,
    error::{Error, Result},
    ids::PlanId,
    paths,
    routes::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    Routes::new()
        .get(paths::Plans::PATH, accounts, history::show)
        .get(paths::Plan::PATH, accounts, review::show)
        .get(paths::PlanProgress::PATH, accounts, progress::show)
        .post(paths::PlanApply::PATH, accounts, review::apply)
        .post(paths::PlanDiscard::PATH, accounts, review::discard)
        .get(paths::PlanGuardians::PATH, accounts, guardians::show)
        .post(paths::PlanGuardians::PATH, accounts, guardians::submit)
        .post(paths::PlanRow::PATH, accounts, row::submit)
        .get(paths::PlanUndo::PATH, accounts, undo::show)
        .post(paths::PlanUndo::PATH, accounts, undo::submit)
}

fn plan_id(id: &str) -> Result<PlanId> {
    id.parse().map_err(|_| Error::NotFound)
}
