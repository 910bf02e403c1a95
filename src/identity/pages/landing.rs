//! The front page: for a signed-in visitor, a redirect to their home.

use axum::extract::State;

use crate::{
    access::SignedIn,
    app::App,
    error::Result,
    identity::accounts,
    web::{PageResult, RequestContext, page},
};

pub async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let Some(signed_in) = &visitor.signed_in else {
        return Ok(page::redirect("/sign-in"));
    };
    Ok(page::redirect(&home_of(&app, signed_in).await?))
}

/// The home of a signed-in account.
pub async fn home_of(app: &App, signed_in: &SignedIn) -> Result<String> {
    if signed_in.must_choose_password {
        return Ok("/password/change".to_owned());
    }
    if signed_in.owes_second_factor {
        return Ok("/me/second-factor?needed=on".to_owned());
    }
    if signed_in.operator.is_some() {
        return Ok("/operator/schools".to_owned());
    }
    Ok(match accounts::home_school(&app.db, signed_in.account_id).await? {
        Some(code) => format!("/schools/{code}"),
        None if let Some(company) = accounts::company(&app.db, signed_in.account_id).await? => {
            format!("/companies/{company}")
        }
        // A person who registered and waits for a school's answer, or who has left the school.
        None if accounts::is_email(&signed_in.login) => "/registration".to_owned(),
        None => "/password/change".to_owned(),
    })
}
