//! The operators' pages: the schools of their provinces, opening one, keeping one, its owners, the units.

mod new;
mod owner;
mod places;
mod school;
mod schools;
mod units;

use axum::extract::FromRequestParts;

use super::administered::Administered;
use crate::{
    access::Operator,
    app::App,
    error::{Error, Result},
    routes::{Access, Reauthentication, Routes},
    web::RequestContext,
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/operator/schools", Access::Operator, schools::list)
        .post("/operator/schools", Access::Operator, new::submit)
        .creating()
        .get("/operator/schools/new", Access::Operator, new::show)
        .post("/operator/schools/new", Access::Operator, new::submit)
        .creating()
        .get("/operator/schools/{code}", Access::Operator, school::show)
        .post("/operator/schools/{code}", Access::Operator, school::change)
        .post("/operator/schools/{code}/suspension", Access::Operator, school::suspend)
        .asking(&[("", "", "school-suspend-ask")])
        .post("/operator/schools/{code}/codes", Access::Operator, school::add_code)
        .creating()
        .get("/operator/schools/{code}/owner", Access::Operator, owner::show)
        .post_reauthenticated(
            "/operator/schools/{code}/owner",
            Access::Operator,
            Reauthentication::Always,
            owner::submit,
        )
        .creating()
        .post("/operator/schools/{code}/owners/{id}/invitation", Access::Operator, school::invite_again)
        .get("/operator/units", Access::Operator, units::list)
        .post("/operator/units", Access::Operator, units::add)
        .creating()
        .get("/operator/units/{id}", Access::Operator, units::show)
        .post("/operator/units/{id}", Access::Operator, units::rename)
        .post("/operator/units/{id}/removal", Access::Operator, units::remove)
        .asking(&[("", "", "unit-remove-ask")])
}

fn operator(visitor: &RequestContext) -> Result<&Operator> {
    visitor.signed_in()?.operator.as_ref().ok_or(Error::Forbidden)
}

/// The school in the address, if it is in the operator's provinces; otherwise it is not found.
impl FromRequestParts<App> for Administered {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, app: &App) -> Result<Self> {
        let visitor = RequestContext::from_request_parts(parts, app).await?;
        let params = axum::extract::RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NotFound)?;
        let code = params.iter().find(|(name, _)| *name == "code").map(|(_, value)| value.to_owned());
        Self::find(app, visitor.signed_in()?, visitor.address, &code.unwrap_or_default()).await
    }
}
