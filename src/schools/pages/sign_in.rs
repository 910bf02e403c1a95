//! A school's own sign-in page.

use axum::extract::{Path, Query, State};
use axum_extra::extract::CookieJar;

use crate::{
    app::App,
    error::Result,
    identity::pages::sign_in::{self, SchoolDoor, SignInForm, SignInQuery},
    schools::directory,
    web::{Reply, Visitor, forms::Form},
};

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(code): Path<String>,
    Query(query): Query<SignInQuery>,
) -> Reply {
    sign_in::page_of(&visitor, Some(&door(&app, &code).await?), &query)
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Path(code): Path<String>,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> Reply {
    let door = door(&app, &code).await?;
    sign_in::attempt(&app, &visitor, jar, &form, Some(&door)).await
}

async fn door(app: &App, code: &str) -> Result<SchoolDoor> {
    let school = directory::find(&app.db, code).await?;
    Ok(SchoolDoor { name: school.name.clone(), code: school.code.clone() })
}
