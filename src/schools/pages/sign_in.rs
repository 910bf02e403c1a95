//! A school's own sign-in page.

use axum::extract::{Query, State};
use axum_extra::extract::CookieJar;

use crate::{
    app::App,
    error::Result,
    identity::pages::sign_in::{self, SignInForm, SignInQuery, SignInSchool},
    schools::{directory, settings},
    web::{PageResult, RequestContext, address_parts::Path, forms::Form},
};

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    Path(code): Path<String>,
    Query(query): Query<SignInQuery>,
) -> PageResult {
    let (visitor, school) = sign_in_school(&app, &visitor, &code).await?;
    sign_in::page_of(&app, &visitor, Some(&school), &query)
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    Path(code): Path<String>,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> PageResult {
    let (visitor, school) = sign_in_school(&app, &visitor, &code).await?;
    sign_in::attempt(&app, &visitor, jar, &form, Some(&school)).await
}

/// The school as its sign-in page shows it, and the visitor spoken to in the school's words.
async fn sign_in_school(app: &App, visitor: &RequestContext, code: &str) -> Result<(RequestContext, SignInSchool)> {
    let school = directory::find(&app.db, code).await?;
    let shown = SignInSchool {
        name: school.name.clone(),
        code: school.code.clone(),
        logo: school.logo_address(),
        tone: school.tone(),
        allows_providers: !app.config.providers.is_empty() && settings::allows_providers(&app.db, school.id).await?,
    };
    Ok((visitor.in_words_of(school.kind.key()), shown))
}
