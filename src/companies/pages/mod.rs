//! The pages of companies: registering, the operators' queue, a representative's home.

mod home;
mod queue;
mod register;

use crate::{
    paths,
    routes::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::RegisterCompany::PATH, Access::Anyone, register::show)
        .post(paths::RegisterCompany::PATH, Access::Anyone, register::submit)
        .creating()
        .get(paths::RegisterCompanies::PATH, Access::Anyone, register::companies)
        .get(paths::OperatorCompanies::PATH, Access::NationalOperator, queue::list)
        .get(paths::OperatorCompany::PATH, Access::NationalOperator, queue::show)
        .post(paths::OperatorCompanyApproval::PATH, Access::NationalOperator, queue::approve)
        .post(paths::OperatorCompanyRejection::PATH, Access::NationalOperator, queue::reject)
        .get(paths::Company::PATH, Access::Company, home::show)
        .post(paths::CompanyApproval::PATH, Access::Company, home::approve)
        .post(paths::CompanyRejection::PATH, Access::Company, home::reject)
}
