//! `/scim/v2/…`: another system keeps the people and classes of a school in step with its own (SCIM 2.0, RFC 7643 and
//! 7644), by a token of the school. What it does is what the pages do, within what a member who manages accounts may.

mod answer;
mod discovery;
mod filter;
mod groups;
mod keep_groups;
mod keep_people;
mod listing;
mod patch;
mod people;
mod request;
mod schema;
mod selection;
mod sql;
mod wanted;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use self::{
    answer::Answer,
    listing::Of,
    request::Listing,
    wanted::{WantedGroup, WantedPerson},
};
use crate::{
    access::{Scope, TokenScope},
    app::App,
    paths,
    routes::{Access, Routes},
    schools::years,
};

#[must_use]
pub fn routes() -> Routes {
    let programs = Access::Token(TokenScope::Scim);
    Routes::new()
        .get(paths::ScimService::PATH, programs, discovery::service)
        .get(paths::ScimResourceTypes::PATH, programs, discovery::list_resource_types)
        .get(paths::ScimResourceType::PATH, programs, discovery::resource_type)
        .get(paths::ScimSchemas::PATH, programs, discovery::list_schemas)
        .get(paths::ScimSchema::PATH, programs, discovery::schema)
        .post(paths::ScimSearch::PATH, programs, async |app, scope, headers, body| {
            search(Of::All, app, scope, headers, body).await
        })
        .get(paths::ScimUsers::PATH, programs, async |app, scope, query| list(Of::People, app, scope, query).await)
        .post(paths::ScimUsers::PATH, programs, make_person)
        .post(paths::ScimUsersSearch::PATH, programs, async |app, scope, headers, body| {
            search(Of::People, app, scope, headers, body).await
        })
        .get(paths::ScimUser::PATH, programs, show_person)
        .put(paths::ScimUser::PATH, programs, replace_person)
        .patch(paths::ScimUser::PATH, programs, patch_person)
        .delete(paths::ScimUser::PATH, programs, leave)
        .get(paths::ScimGroups::PATH, programs, async |app, scope, query| list(Of::Groups, app, scope, query).await)
        .post(paths::ScimGroups::PATH, programs, make_group)
        .post(paths::ScimGroupsSearch::PATH, programs, async |app, scope, headers, body| {
            search(Of::Groups, app, scope, headers, body).await
        })
        .get(paths::ScimGroup::PATH, programs, show_group)
        .put(paths::ScimGroup::PATH, programs, replace_group)
        .patch(paths::ScimGroup::PATH, programs, patch_group)
        .delete(paths::ScimGroup::PATH, programs, delete_group)
}

async fn list(
    of: Of,
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    RawQuery(query): RawQuery,
) -> Answer<Response> {
    listing::page(&scope, &app, of, &Listing::of_query(query.as_deref())?).await
}

async fn search(
    of: Of,
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    listing::page(&scope, &app, of, &Listing::of_search(&request::body(&headers, &body)?)?).await
}

async fn make_person(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let wanted = WantedPerson::read(&request::body(&headers, &body)?, app.clock.today())?;
    let made = keep_people::make(&scope, &app, &wanted).await?;
    Ok(made.made(&request::selection(query.as_deref())))
}

async fn show_person(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer<Response> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let year = years::current(&scope, &mut tx, app.clock.today()).await?;
    let person = people::find(&scope, &mut tx, year.id, &id).await?;
    tx.commit().await?;
    Ok(person.resource(&app).answer(&request::selection(query.as_deref()), &headers))
}

async fn replace_person(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let person = keep_people::replace(&scope, &app, &headers, &id, &request::body(&headers, &body)?).await?;
    Ok(person.answer(&request::selection(query.as_deref()), &HeaderMap::new()))
}

async fn patch_person(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let person = keep_people::patch(&scope, &app, &headers, &id, &request::body(&headers, &body)?).await?;
    Ok(person.answer(&request::selection(query.as_deref()), &HeaderMap::new()))
}

async fn leave(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    keep_people::leave(&scope, &app, &headers, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn make_group(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let wanted = WantedGroup::read(&request::body(&headers, &body)?)?;
    let made = keep_groups::make(&scope, &app, &wanted).await?;
    Ok(made.made(&request::selection(query.as_deref())))
}

async fn show_group(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer<Response> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let year = years::current(&scope, &mut tx, app.clock.today()).await?;
    let group = groups::find(&scope, &mut tx, year.id, &id).await?;
    tx.commit().await?;
    Ok(group.resource(&app).answer(&request::selection(query.as_deref()), &headers))
}

async fn replace_group(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let group = keep_groups::replace(&scope, &app, &headers, &id, &request::body(&headers, &body)?).await?;
    Ok(group.answer(&request::selection(query.as_deref()), &HeaderMap::new()))
}

async fn patch_group(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let group = keep_groups::patch(&scope, &app, &headers, &id, &request::body(&headers, &body)?).await?;
    Ok(group.answer(&request::selection(query.as_deref()), &HeaderMap::new()))
}

async fn delete_group(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    keep_groups::delete(&scope, &app, &headers, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
