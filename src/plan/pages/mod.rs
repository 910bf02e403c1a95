//! The pages of plans: the history, and one plan from reading to result.

mod address;
mod compare;
mod events;
mod history;
mod missing;
mod page;
pub mod progress;
pub mod query;
pub mod review;
mod row;
mod undo;

pub use address::PlanAddress;
pub use page::{OperatorPart, PlanPage, fault_sentence, shown};

use crate::{
    access::Action,
    paths,
    routes::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    let owners = Access::School(Action::ManageRegistry);
    Routes::new()
        .get(paths::Plans::PATH, accounts, history::show)
        .get(paths::Plan::PATH, accounts, review::show)
        .get(paths::PlanProgress::PATH, accounts, progress::show)
        .post(paths::PlanApply::PATH, accounts, review::apply)
        .post(paths::PlanDiscard::PATH, accounts, review::discard)
        .asking(&[("", "", "plan-discard-ask")])
        .get(paths::PlanMissing::PATH, accounts, missing::show)
        .post(paths::PlanMissing::PATH, accounts, missing::submit)
        .post(paths::PlanDecisions::PATH, accounts, row::decide_all)
        .post(paths::PlanRow::PATH, accounts, row::submit)
        .get(paths::PlanUndo::PATH, accounts, undo::show)
        .post(paths::PlanUndo::PATH, accounts, undo::submit)
        .get(paths::Submission::PATH, owners, review::show)
        .get(paths::SubmissionProgress::PATH, owners, progress::show)
        .post(paths::SubmissionDiscard::PATH, owners, review::discard)
        .asking(&[("", "", "plan-discard-ask")])
        .get(paths::SubmissionMissing::PATH, owners, missing::show)
        .post(paths::SubmissionMissing::PATH, owners, missing::submit)
        .post(paths::SubmissionDecisions::PATH, owners, row::decide_all)
        .post(paths::SubmissionRow::PATH, owners, row::submit)
}
