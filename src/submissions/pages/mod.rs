//! The pages of submissions: the school's list, handing in and withdrawing; the operators' queue and decisions.

mod decide;
mod list;
mod queue;
mod submit;

use crate::{
    access::Action,
    routes::{Access, Routes},
    sources::pages::UPLOAD_BYTES,
};

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::ManageRegistry);
    Routes::new()
        .get("/schools/{code}/submissions", owners, list::show)
        .upload("/schools/{code}/submissions", owners, UPLOAD_BYTES, list::submit)
        .post("/schools/{code}/submissions/{id}/submit", owners, submit::submit)
        .post("/schools/{code}/submissions/{id}/withdraw", owners, submit::withdraw)
        .get("/operator/submissions", Access::Operator, queue::show)
        .post("/operator/submissions/approvals", Access::Operator, queue::approve_many)
        .get("/operator/submissions/{id}", Access::Operator, decide::show)
        .get("/operator/submissions/{id}/progress", Access::Operator, decide::progress)
        .post("/operator/submissions/{id}/approval", Access::Operator, decide::approve)
        .post("/operator/submissions/{id}/return", Access::Operator, decide::give_back)
}
