//! `/ims/oneroster/rostering/v1p2/…`: the roster for other programs, as OneRoster 1.2 has it. Read only.

mod answer;
pub mod collection;
mod filter;
mod query;
mod reach;
mod read;

use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    http::Uri,
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

use self::{
    collection::{
        CLASSES, COURSES, Collection, DEMOGRAPHICS, ENROLLMENTS, GRADING_PERIODS, ORGS, SESSIONS, STUDENTS, TEACHERS,
        TERMS, USERS,
    },
    query::Asked,
    read::Part,
};
use crate::{
    access::ClientScope,
    app::App,
    clients::ClientToken,
    error::{Error, Result},
    routes::{Access, Routes},
};

/// Which things of a collection are asked for.
#[derive(Clone, Copy, Debug)]
enum Within {
    All,
    Course,
    Class,
    School,
    ClassInSchool,
    /// The classes of a person, who is in this collection.
    Person(&'static Collection),
    Term,
}

/// For whole collections, and for one thing of each.
const CORE: &[ClientScope] = &[ClientScope::Roster, ClientScope::RosterCore];
/// For what belongs to one thing.
const FULL: &[ClientScope] = &[ClientScope::Roster];
const PERSONAL: &[ClientScope] = &[ClientScope::RosterDemographics];

/// The address of the service, before what is asked for.
macro_rules! at {
    ($path:literal) => {
        concat!("/ims/oneroster/rostering/v1p2", $path)
    };
}

#[must_use]
pub fn routes() -> Routes {
    let whole: [(&'static str, &'static str, &'static Collection); 12] = [
        (at!("/academicSessions"), at!("/academicSessions/{id}"), &SESSIONS),
        (at!("/classes"), at!("/classes/{id}"), &CLASSES),
        (at!("/courses"), at!("/courses/{id}"), &COURSES),
        (at!("/demographics"), at!("/demographics/{id}"), &DEMOGRAPHICS),
        (at!("/enrollments"), at!("/enrollments/{id}"), &ENROLLMENTS),
        (at!("/gradingPeriods"), at!("/gradingPeriods/{id}"), &GRADING_PERIODS),
        (at!("/orgs"), at!("/orgs/{id}"), &ORGS),
        (at!("/schools"), at!("/schools/{id}"), &ORGS),
        (at!("/students"), at!("/students/{id}"), &STUDENTS),
        (at!("/teachers"), at!("/teachers/{id}"), &TEACHERS),
        (at!("/terms"), at!("/terms/{id}"), &TERMS),
        (at!("/users"), at!("/users/{id}"), &USERS),
    ];
    let parts: [(&'static str, &'static Collection, Within); 17] = [
        (at!("/classes/{id}/students"), &STUDENTS, Within::Class),
        (at!("/classes/{id}/teachers"), &TEACHERS, Within::Class),
        (at!("/courses/{id}/classes"), &CLASSES, Within::Course),
        (at!("/schools/{id}/classes"), &CLASSES, Within::School),
        (at!("/schools/{id}/classes/{class}/enrollments"), &ENROLLMENTS, Within::ClassInSchool),
        (at!("/schools/{id}/classes/{class}/students"), &STUDENTS, Within::ClassInSchool),
        (at!("/schools/{id}/classes/{class}/teachers"), &TEACHERS, Within::ClassInSchool),
        (at!("/schools/{id}/courses"), &COURSES, Within::School),
        (at!("/schools/{id}/enrollments"), &ENROLLMENTS, Within::School),
        (at!("/schools/{id}/students"), &STUDENTS, Within::School),
        (at!("/schools/{id}/teachers"), &TEACHERS, Within::School),
        (at!("/schools/{id}/terms"), &TERMS, Within::School),
        (at!("/students/{id}/classes"), &CLASSES, Within::Person(&STUDENTS)),
        (at!("/teachers/{id}/classes"), &CLASSES, Within::Person(&TEACHERS)),
        (at!("/users/{id}/classes"), &CLASSES, Within::Person(&USERS)),
        (at!("/terms/{id}/classes"), &CLASSES, Within::Term),
        (at!("/terms/{id}/gradingPeriods"), &GRADING_PERIODS, Within::Term),
    ];
    let mut routes = Routes::new();
    for (all, one, of) in whole {
        let access = Access::Client(if of.key == DEMOGRAPHICS.key { PERSONAL } else { CORE });
        routes = routes
            .get(all, access, async move |app, token, ids, uri, query| {
                list(of, Within::All, app, token, ids, uri, query).await
            })
            .get(one, access, async move |app, token, ids, query| single(of, app, token, ids, query).await);
    }
    for (path, of, within) in parts {
        routes = routes.get(path, Access::Client(FULL), async move |app, token, ids, uri, query| {
            list(of, within, app, token, ids, uri, query).await
        });
    }
    routes
}

/// The parts of an address, by their names.
type Ids = Path<Vec<(String, String)>>;

async fn list(
    of: &'static Collection,
    within: Within,
    State(app): State<App>,
    Extension(token): Extension<ClientToken>,
    Path(ids): Ids,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let asked = match Asked::read(of, &query.unwrap_or_default()) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let id = |name: &str| ids.iter().find(|(key, _)| key == name).map(|(_, id)| id.as_str()).unwrap_or_default();
    let part = Part::new(within, id("id"), id("class"));
    let (rows, total) = read::page(&app, &token, of, &part, &asked).await?;
    let here = format!("{}{}", app.config.base_url, uri.path());
    Ok(answer::collection(of.key, &rows, total, &here, &asked.paging))
}

async fn single(
    of: &'static Collection,
    State(app): State<App>,
    Extension(token): Extension<ClientToken>,
    Path(ids): Ids,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let fields = match query::fields(of, &pairs) {
        Ok(fields) => fields,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let (_, id) = ids.first().ok_or(Error::NotFound)?;
    let thing = read::one(&app, &token, of, id, fields.as_deref()).await?;
    Ok(answer::json(format!("{{\"{}\":{thing}}}", of.single)))
}
