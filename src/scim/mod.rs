//! `/scim/v2/…`: another system keeps the people and classes of a school in step with its own (SCIM 2.0, RFC 7643 and
//! 7644), by a token of the school. What it does is what the pages do, within what a member who manages accounts may.

mod answer;
mod discovery;
mod filter;
mod groups;
mod keep_groups;
mod keep_people;
mod kept;
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
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use self::{answer::Answer, groups::Group, listing::Of, people::Person, request::Listing};
use crate::{
    access::{Scope, TokenScope},
    app::App,
    paths,
    routes::{Access, Routes},
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
        .post(paths::ScimUsers::PATH, programs, kept::make::<Person>)
        .post(paths::ScimUsersSearch::PATH, programs, async |app, scope, headers, body| {
            search(Of::People, app, scope, headers, body).await
        })
        .get(paths::ScimUser::PATH, programs, kept::show::<Person>)
        .put(paths::ScimUser::PATH, programs, kept::replace::<Person>)
        .patch(paths::ScimUser::PATH, programs, kept::change_in_parts::<Person>)
        .delete(paths::ScimUser::PATH, programs, kept::remove::<Person>)
        .get(paths::ScimGroups::PATH, programs, async |app, scope, query| list(Of::Groups, app, scope, query).await)
        .post(paths::ScimGroups::PATH, programs, kept::make::<Group>)
        .post(paths::ScimGroupsSearch::PATH, programs, async |app, scope, headers, body| {
            search(Of::Groups, app, scope, headers, body).await
        })
        .get(paths::ScimGroup::PATH, programs, kept::show::<Group>)
        .put(paths::ScimGroup::PATH, programs, kept::replace::<Group>)
        .patch(paths::ScimGroup::PATH, programs, kept::change_in_parts::<Group>)
        .delete(paths::ScimGroup::PATH, programs, kept::remove::<Group>)
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
