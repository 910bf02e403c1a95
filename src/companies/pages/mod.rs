//! The pages of companies: registering, the operators' queue, a representative's home.

mod home;
mod queue;
mod register;

use axum::extract::Path;

use crate::{
    error::{Error, Result},
    ids::CompanyId,
    routes::{Access, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/register/company", Access::Anyone, register::show)
        .post("/register/company", Access::Anyone, register::submit)
        .get("/register/companies", Access::Anyone, register::companies)
        .get("/operator/companies", Access::NationalOperator, queue::list)
        .get("/operator/companies/{id}", Access::NationalOperator, queue::show)
        .post("/operator/companies/{id}/approval", Access::NationalOperator, queue::approve)
        .post("/operator/companies/{id}/rejection", Access::NationalOperator, queue::reject)
        .get("/companies/{id}", Access::Company, home::show)
        .post("/companies/{id}/approval", Access::Company, home::approve)
        .post("/companies/{id}/rejection", Access::Company, home::reject)
}

fn company_id(Path(id): &Path<String>) -> Result<CompanyId> {
    id.parse().map_err(|_| Error::NotFound)
}
