//! The pages of submissions: the school's list, handing in and withdrawing; the operators' queue and decisions, and
//! the identifiers that two schools name.

mod decide;
mod identifiers;
mod list;
mod many;
mod queue;
mod submit;

use crate::{
    access::Action,
    paths,
    routes::{Access, Routes},
    sources::pages::UPLOAD_BYTES,
};

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::ManageRegistry);
    Routes::new()
        .get(paths::Submissions::PATH, owners, list::show)
        .upload(paths::Submissions::PATH, owners, UPLOAD_BYTES, list::submit)
        .creating()
        .post(paths::SubmissionSubmit::PATH, owners, submit::submit)
        .post(paths::SubmissionWithdrawal::PATH, owners, submit::withdraw)
        .get(paths::OperatorSubmissions::PATH, Access::Operator, queue::show)
        .upload(paths::OperatorSubmissions::PATH, Access::Operator, UPLOAD_BYTES, many::submit)
        .creating()
        .post(paths::OperatorApprovals::PATH, Access::Operator, queue::approve_many)
        .get(paths::OperatorSubmission::PATH, Access::Operator, decide::show)
        .get(paths::OperatorSubmissionProgress::PATH, Access::Operator, decide::progress)
        .post(paths::OperatorSubmissionApproval::PATH, Access::Operator, decide::approve)
        .post(paths::OperatorSubmissionReturn::PATH, Access::Operator, decide::give_back)
        .get(paths::OperatorIdentifiers::PATH, Access::Operator, identifiers::list)
        .get(paths::OperatorIdentifier::PATH, Access::Operator, identifiers::show)
        .post(paths::OperatorIdentifierApproval::PATH, Access::Operator, identifiers::allow)
        .asking(&[("", "", "identifier-move-ask")])
        .post(paths::OperatorIdentifierRefusal::PATH, Access::Operator, identifiers::refuse)
        .asking(&[("", "", "identifier-keep-ask")])
}
