//! The pages of plans: the history, and one plan from reading to result.

mod address;
mod compare;
mod events;
mod history;
mod missing;
pub mod progress;
pub mod query;
pub mod review;
mod row;
mod undo;

pub use address::PlanAddress;
pub use review::fault_sentence;

use crate::{
    access::Action,
    routes::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    let owners = Access::School(Action::ManageRegistry);
    Routes::new()
        .get("/schools/{code}/plans", accounts, history::show)
        .get("/schools/{code}/plans/{id}", accounts, review::show)
        .get("/schools/{code}/plans/{id}/progress", accounts, progress::show)
        .post("/schools/{code}/plans/{id}/apply", accounts, review::apply)
        .post("/schools/{code}/plans/{id}/discard", accounts, review::discard)
        .asking(&[("", "", "plan-discard-ask")])
        .get("/schools/{code}/plans/{id}/missing", accounts, missing::show)
        .post("/schools/{code}/plans/{id}/missing", accounts, missing::submit)
        .post("/schools/{code}/plans/{id}/decisions", accounts, row::decide_all)
        .post("/schools/{code}/plans/{id}/rows/{line}", accounts, row::submit)
        .get("/schools/{code}/plans/{id}/undo", accounts, undo::show)
        .post("/schools/{code}/plans/{id}/undo", accounts, undo::submit)
        .get("/schools/{code}/submissions/{id}", owners, review::show)
        .get("/schools/{code}/submissions/{id}/progress", owners, progress::show)
        .post("/schools/{code}/submissions/{id}/discard", owners, review::discard)
        .asking(&[("", "", "plan-discard-ask")])
        .get("/schools/{code}/submissions/{id}/missing", owners, missing::show)
        .post("/schools/{code}/submissions/{id}/missing", owners, missing::submit)
        .post("/schools/{code}/submissions/{id}/decisions", owners, row::decide_all)
        .post("/schools/{code}/submissions/{id}/rows/{line}", owners, row::submit)
}
