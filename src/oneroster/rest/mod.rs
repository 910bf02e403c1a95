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
    paths,
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

#[must_use]
pub fn routes() -> Routes {
    let whole: [(&'static str, &'static str, &'static Collection); 12] = [
        (paths::OneRosterAcademicSessions::PATH, paths::OneRosterAcademicSession::PATH, &SESSIONS),
        (paths::OneRosterClasses::PATH, paths::OneRosterClass::PATH, &CLASSES),
        (paths::OneRosterCourses::PATH, paths::OneRosterCourse::PATH, &COURSES),
        (paths::OneRosterAllDemographics::PATH, paths::OneRosterDemographics::PATH, &DEMOGRAPHICS),
        (paths::OneRosterEnrollments::PATH, paths::OneRosterEnrollment::PATH, &ENROLLMENTS),
        (paths::OneRosterGradingPeriods::PATH, paths::OneRosterGradingPeriod::PATH, &GRADING_PERIODS),
        (paths::OneRosterOrgs::PATH, paths::OneRosterOrg::PATH, &ORGS),
        (paths::OneRosterSchools::PATH, paths::OneRosterSchool::PATH, &ORGS),
        (paths::OneRosterStudents::PATH, paths::OneRosterStudent::PATH, &STUDENTS),
        (paths::OneRosterTeachers::PATH, paths::OneRosterTeacher::PATH, &TEACHERS),
        (paths::OneRosterTerms::PATH, paths::OneRosterTerm::PATH, &TERMS),
        (paths::OneRosterUsers::PATH, paths::OneRosterUser::PATH, &USERS),
    ];
    let parts: [(&'static str, &'static Collection, Within); 17] = [
        (paths::OneRosterStudentsOfClass::PATH, &STUDENTS, Within::Class),
        (paths::OneRosterTeachersOfClass::PATH, &TEACHERS, Within::Class),
        (paths::OneRosterClassesOfCourse::PATH, &CLASSES, Within::Course),
        (paths::OneRosterClassesOfSchool::PATH, &CLASSES, Within::School),
        (paths::OneRosterEnrollmentsOfClassInSchool::PATH, &ENROLLMENTS, Within::ClassInSchool),
        (paths::OneRosterStudentsOfClassInSchool::PATH, &STUDENTS, Within::ClassInSchool),
        (paths::OneRosterTeachersOfClassInSchool::PATH, &TEACHERS, Within::ClassInSchool),
        (paths::OneRosterCoursesOfSchool::PATH, &COURSES, Within::School),
        (paths::OneRosterEnrollmentsOfSchool::PATH, &ENROLLMENTS, Within::School),
        (paths::OneRosterStudentsOfSchool::PATH, &STUDENTS, Within::School),
        (paths::OneRosterTeachersOfSchool::PATH, &TEACHERS, Within::School),
        (paths::OneRosterTermsOfSchool::PATH, &TERMS, Within::School),
        (paths::OneRosterClassesOfStudent::PATH, &CLASSES, Within::Person(&STUDENTS)),
        (paths::OneRosterClassesOfTeacher::PATH, &CLASSES, Within::Person(&TEACHERS)),
        (paths::OneRosterClassesOfUser::PATH, &CLASSES, Within::Person(&USERS)),
        (paths::OneRosterClassesOfTerm::PATH, &CLASSES, Within::Term),
        (paths::OneRosterGradingPeriodsOfTerm::PATH, &GRADING_PERIODS, Within::Term),
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
