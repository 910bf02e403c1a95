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
    routes::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    Routes::new()
        .get("/schools/{code}/plans", accounts, history::show)
        .get("/schools/{code}/plans/{id}", accounts, review::show)
        .get("/schools/{code}/plans/{id}/progress", accounts, progress::show)
        .post("/schools/{code}/plans/{id}/apply", accounts, review::apply)
        .post("/schools/{code}/plans/{id}/discard", accounts, review::discard)
        .get("/schools/{code}/plans/{id}/guardians", accounts, guardians::show)
        .post("/schools/{code}/plans/{id}/guardians", accounts, guardians::submit)
        .post("/schools/{code}/plans/{id}/rows/{line}", accounts, row::submit)
        .get("/schools/{code}/plans/{id}/undo", accounts, undo::show)
        .post("/schools/{code}/plans/{id}/undo", accounts, undo::submit)
}

fn plan_id(id: &str) -> Result<PlanId> {
    id.parse().map_err(|_| Error::NotFound)
}
