//! The front page: for a signed-in visitor, a redirect to their home.

use axum::extract::State;

use crate::{
    access::SignedIn,
    app::App,
    error::Result,
    identity::{accounts, landing},
    paths::{self, Address},
    web::{PageResult, RequestContext, page},
};

pub async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let Some(signed_in) = &visitor.signed_in else {
        return Ok(page::redirect(paths::SignIn::PATH));
    };
    Ok(page::redirect(home_of(&app, signed_in).await?))
}

/// The home of a signed-in account.
pub async fn home_of(app: &App, signed_in: &SignedIn) -> Result<Address> {
    if signed_in.must_choose_password {
        return Ok(paths::PasswordChange::of().into());
    }
    if signed_in.owes_second_factor {
        return Ok(paths::SecondFactor::of().with("needed", "on"));
    }
    if signed_in.operator.is_some() {
        return Ok(paths::OperatorSchools::of().into());
    }
    Ok(match landing::home_school(&app.db, signed_in.account_id).await? {
        Some(code) => paths::School::of(&code).into(),
        None if let Some(company) = landing::company(&app.db, signed_in.account_id).await? => {
            paths::Company::of(company).into()
        }
        // A person who registered and waits for a school's answer, or who has left the school.
        None if accounts::is_email(&signed_in.login) => paths::Registration::of().into(),
        None => paths::PasswordChange::of().into(),
    })
}
