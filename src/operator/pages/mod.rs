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
    paths,
    routes::{Access, Reauthentication, Routes},
    web::RequestContext,
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::OperatorSchools::PATH, Access::Operator, schools::list)
        .post(paths::OperatorSchools::PATH, Access::Operator, new::submit)
        .creating()
        .get(paths::OperatorNewSchool::PATH, Access::Operator, new::show)
        .post(paths::OperatorNewSchool::PATH, Access::Operator, new::submit)
        .creating()
        .get(paths::OperatorSchool::PATH, Access::Operator, school::show)
        .post(paths::OperatorSchool::PATH, Access::Operator, school::change)
        .post(paths::OperatorSchoolSuspension::PATH, Access::Operator, school::suspend)
        .asking(&[("", "", "school-suspend-ask")])
        .post(paths::OperatorSchoolSuspensionLifting::PATH, Access::Operator, school::lift_suspension)
        .post(paths::OperatorSchoolCodes::PATH, Access::Operator, school::add_code)
        .creating()
        .get(paths::OperatorSchoolOwner::PATH, Access::Operator, owner::show)
        .post_reauthenticated(
            paths::OperatorSchoolOwner::PATH,
            Access::Operator,
            Reauthentication::Always,
            owner::submit,
        )
        .creating()
        .post(paths::OperatorOwnerInvitation::PATH, Access::Operator, school::invite_again)
        .get(paths::OperatorUnits::PATH, Access::Operator, units::list)
        .post(paths::OperatorUnits::PATH, Access::Operator, units::add)
        .creating()
        .get(paths::OperatorUnit::PATH, Access::Operator, units::show)
        .post(paths::OperatorUnit::PATH, Access::Operator, units::rename)
        .post(paths::OperatorUnitRemoval::PATH, Access::Operator, units::remove)
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
