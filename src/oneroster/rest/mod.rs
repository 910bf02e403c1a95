//! `/ims/oneroster/rostering/v1p2/…`: the roster for other programs, as OneRoster 1.2 has it. Read only.

mod answer;
pub mod collection;
mod description;
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
    query::CollectionRequest,
    read::CollectionPart,
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

/// A whole collection and one thing of it: what the standard calls the calls, and their addresses.
type WholeOf = ([&'static str; 2], [&'static str; 2], &'static Collection);

static WHOLE: [WholeOf; 12] = [
    (
        ["getAllAcademicSessions", "getAcademicSession"],
        [paths::OneRosterAcademicSessions::PATH, paths::OneRosterAcademicSession::PATH],
        &SESSIONS,
    ),
    (["getAllClasses", "getClass"], [paths::OneRosterClasses::PATH, paths::OneRosterClass::PATH], &CLASSES),
    (["getAllCourses", "getCourse"], [paths::OneRosterCourses::PATH, paths::OneRosterCourse::PATH], &COURSES),
    (
        ["getAllDemographics", "getDemographics"],
        [paths::OneRosterAllDemographics::PATH, paths::OneRosterDemographics::PATH],
        &DEMOGRAPHICS,
    ),
    (
        ["getAllEnrollments", "getEnrollment"],
        [paths::OneRosterEnrollments::PATH, paths::OneRosterEnrollment::PATH],
        &ENROLLMENTS,
    ),
    (
        ["getAllGradingPeriods", "getGradingPeriod"],
        [paths::OneRosterGradingPeriods::PATH, paths::OneRosterGradingPeriod::PATH],
        &GRADING_PERIODS,
    ),
    (["getAllOrgs", "getOrg"], [paths::OneRosterOrgs::PATH, paths::OneRosterOrg::PATH], &ORGS),
    (["getAllSchools", "getSchool"], [paths::OneRosterSchools::PATH, paths::OneRosterSchool::PATH], &ORGS),
    (["getAllStudents", "getStudent"], [paths::OneRosterStudents::PATH, paths::OneRosterStudent::PATH], &STUDENTS),
    (["getAllTeachers", "getTeacher"], [paths::OneRosterTeachers::PATH, paths::OneRosterTeacher::PATH], &TEACHERS),
    (["getAllTerms", "getTerm"], [paths::OneRosterTerms::PATH, paths::OneRosterTerm::PATH], &TERMS),
    (["getAllUsers", "getUser"], [paths::OneRosterUsers::PATH, paths::OneRosterUser::PATH], &USERS),
];

/// What belongs to one thing.
type PartOf = (&'static str, &'static str, &'static Collection, Within);

static PARTS: [PartOf; 17] = [
    ("getStudentsForClass", paths::OneRosterStudentsOfClass::PATH, &STUDENTS, Within::Class),
    ("getTeachersForClass", paths::OneRosterTeachersOfClass::PATH, &TEACHERS, Within::Class),
    ("getClassesForCourse", paths::OneRosterClassesOfCourse::PATH, &CLASSES, Within::Course),
    ("getClassesForSchool", paths::OneRosterClassesOfSchool::PATH, &CLASSES, Within::School),
    (
        "getEnrollmentsForClassInSchool",
        paths::OneRosterEnrollmentsOfClassInSchool::PATH,
        &ENROLLMENTS,
        Within::ClassInSchool,
    ),
    ("getStudentsForClassInSchool", paths::OneRosterStudentsOfClassInSchool::PATH, &STUDENTS, Within::ClassInSchool),
    ("getTeachersForClassInSchool", paths::OneRosterTeachersOfClassInSchool::PATH, &TEACHERS, Within::ClassInSchool),
    ("getCoursesForSchool", paths::OneRosterCoursesOfSchool::PATH, &COURSES, Within::School),
    ("getEnrollmentsForSchool", paths::OneRosterEnrollmentsOfSchool::PATH, &ENROLLMENTS, Within::School),
    ("getStudentsForSchool", paths::OneRosterStudentsOfSchool::PATH, &STUDENTS, Within::School),
    ("getTeachersForSchool", paths::OneRosterTeachersOfSchool::PATH, &TEACHERS, Within::School),
    ("getTermsForSchool", paths::OneRosterTermsOfSchool::PATH, &TERMS, Within::School),
    ("getClassesForStudent", paths::OneRosterClassesOfStudent::PATH, &CLASSES, Within::Person(&STUDENTS)),
    ("getClassesForTeacher", paths::OneRosterClassesOfTeacher::PATH, &CLASSES, Within::Person(&TEACHERS)),
    ("getClassesForUser", paths::OneRosterClassesOfUser::PATH, &CLASSES, Within::Person(&USERS)),
    ("getClassesForTerm", paths::OneRosterClassesOfTerm::PATH, &CLASSES, Within::Term),
    ("getGradingPeriodsForTerm", paths::OneRosterGradingPeriodsOfTerm::PATH, &GRADING_PERIODS, Within::Term),
];

#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new().get(paths::OneRosterDescription::PATH, Access::Anyone, description::serve).get(
        paths::OneRosterDiscovery::PATH,
        Access::Anyone,
        description::serve,
    );
    for (_, [all, one], of) in WHOLE {
        let access = Access::Client(if of.key == DEMOGRAPHICS.key { PERSONAL } else { CORE });
        routes = routes
            .get(all, access, async move |app, token, ids, uri, query| {
                list(of, Within::All, app, token, ids, uri, query).await
            })
            .get(one, access, async move |app, token, ids, query| single(of, app, token, ids, query).await);
    }
    for (_, path, of, within) in PARTS {
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
    let asked = match CollectionRequest::read(of, &query.unwrap_or_default()) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let id = |name: &str| ids.iter().find(|(key, _)| key == name).map(|(_, id)| id.as_str()).unwrap_or_default();
    let part = CollectionPart::new(within, id("id"), id("class"));
    let (rows, total) = read::page(&app, &token, of, &part, &asked).await?;
    let here = app.config.address_of(uri.path());
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
