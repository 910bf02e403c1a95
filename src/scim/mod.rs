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
    http::{HeaderMap, StatusCode},
    response::Response,
};

use self::{answer::ScimResult, groups::ScimGroup, listing::ResourcesOf, people::ScimPerson, request::PageRequest};
use crate::{
    access::{Scope, TokenScope},
    app::App,
    paths,
    routes::{Access, Routes},
    web::scim::ScimError,
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
            search(ResourcesOf::All, app, scope, headers, body).await
        })
        .get(paths::ScimUsers::PATH, programs, async |app, scope, query| {
            list(ResourcesOf::People, app, scope, query).await
        })
        .post(paths::ScimUsers::PATH, programs, kept::make::<ScimPerson>)
        .post(paths::ScimUsersSearch::PATH, programs, async |app, scope, headers, body| {
            search(ResourcesOf::People, app, scope, headers, body).await
        })
        .get(paths::ScimUser::PATH, programs, kept::show::<ScimPerson>)
        .put(paths::ScimUser::PATH, programs, kept::replace::<ScimPerson>)
        .patch(paths::ScimUser::PATH, programs, kept::change_in_parts::<ScimPerson>)
        .delete(paths::ScimUser::PATH, programs, kept::remove::<ScimPerson>)
        .get(paths::ScimGroups::PATH, programs, async |app, scope, query| {
            list(ResourcesOf::Groups, app, scope, query).await
        })
        .post(paths::ScimGroups::PATH, programs, kept::make::<ScimGroup>)
        .post(paths::ScimGroupsSearch::PATH, programs, async |app, scope, headers, body| {
            search(ResourcesOf::Groups, app, scope, headers, body).await
        })
        .get(paths::ScimGroup::PATH, programs, kept::show::<ScimGroup>)
        .put(paths::ScimGroup::PATH, programs, kept::replace::<ScimGroup>)
        .patch(paths::ScimGroup::PATH, programs, kept::change_in_parts::<ScimGroup>)
        .delete(paths::ScimGroup::PATH, programs, kept::remove::<ScimGroup>)
}

/// The answer at addresses that the standard knows and the service does not support (RFC 7644, 3.11 and 3.7).
pub async fn refuse_unsupported() -> ScimError {
    let detail = "the service does not support this".to_owned();
    ScimError { status: StatusCode::NOT_IMPLEMENTED, kind: None, detail }
}

async fn list(
    of: ResourcesOf,
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    RawQuery(query): RawQuery,
) -> ScimResult<Response> {
    listing::page(&scope, &app, of, &PageRequest::of_query(query.as_deref())?).await
}

async fn search(
    of: ResourcesOf,
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    headers: HeaderMap,
    body: Bytes,
) -> ScimResult<Response> {
    listing::page(&scope, &app, of, &PageRequest::of_search(&request::body(&headers, &body)?)?).await
}
