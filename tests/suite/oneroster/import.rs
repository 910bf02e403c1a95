//! Zips that come in: the rules of the standard one by one, and what comes of a right one.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use chrono::NaiveDate;
use schoolgate::ids::PlanId;
use schoolgate::{
    access::Grant,
    plan::{
        apply,
        draft::Upload,
        model::{Outcome, PlanState, Source},
        said, store,
    },
    roster::fields::Field,
    sources::{
        import,
        oneroster::{self, OfSchool, Rule},
        spreadsheet::FileRefusal,
    },
    web::{Translator, i18n::Lang},
};
use uuid::Uuid;
use zip::write::SimpleFileOptions;

use super::{export::HEADERS, unzipped};
use crate::support::people::School;
use crate::support::say::vi;
use crate::support::{Someone, TestApp};

type Files = BTreeMap<String, Vec<u8>>;

fn zipped(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const FILES_1P1: [&str; 13] = [
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItems",
    "orgs",
    "resources",
    "results",
    "users",
];

fn manifest(version: &str, all: &[&str], there: &[&str], mode: &str) -> String {
    let mut text = format!("propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,{version}\r\n");
    for name in all {
        text += &format!("file.{name},{}\r\n", if there.contains(name) { mode } else { "absent" });
    }
    text
}

/// A small right zip of version 1.2: a class with a teacher and two pupils.
fn right() -> Files {
    let header = |name: &str| HEADERS.iter().find(|(file, _)| *file == name).unwrap().1;
    let there = ["academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "roles", "users"];
    let mut files = Files::new();
    let mut put = |name: &str, text: String| files.insert(name.to_owned(), text.into_bytes());
    put("manifest.csv", manifest("1.2", &schoolgate::oneroster::export::FILES, &there, "bulk"));
    let mut table = |name: &str, rows: &[&str]| put(name, format!("{}\r\n{}\r\n", header(name), rows.join("\r\n")));
    table("orgs.csv", &["org1,,,Trường A,school,79000001,"]);
    table("academicSessions.csv", &["year,,,2026-2027,schoolYear,2026-08-01,2027-06-01,,2027"]);
    table("courses.csv", &["course,,,year,Khối 10,10,10,org1,,"]);
    table("classes.csv", &["class,,,10A1,10,course,10A1,homeroom,,org1,year,,,"]);
    table(
        "users.csv",
        &[
            "t1,,,true,thu@example.vn,,Thu,Nguyễn,Thị,,thu@example.vn,,,,,,,,,,org1,",
            "p1,,,true,anlv,,An,Lê,Văn,,,,0901234567,,10,,,,,,org1,",
            "p2,,,true,binhtt,,Bình,Trần,Thanh,,,,,,10,,,,,,org1,",
        ],
    );
    table(
        "roles.csv",
        &["r1,,,t1,primary,teacher,,,org1,", "r2,,,p1,primary,student,,,org1,", "r3,,,p2,primary,student,,,org1,"],
    );
    table(
        "enrollments.csv",
        &["e1,,,class,org1,t1,teacher,true,,", "e2,,,class,org1,p1,student,,,", "e3,,,class,org1,p2,student,false,,"],
    );
    let demographics = "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,\
        blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,\
        hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus";
    put("demographics.csv", format!("{demographics}\r\np1,,,2011-02-03,male,,,,,,,,,,,\r\n"));
    files
}

/// The right zip with a piece of one of its files replaced.
fn with(file: &str, from: &str, to: &str) -> Files {
    let mut files = right();
    let text = String::from_utf8(files[file].clone()).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
    files
}

fn without(file: &str) -> Files {
    let mut files = right();
    files.remove(file).unwrap();
    files
}

fn of_school() -> OfSchool {
    OfSchool { id: Uuid::nil().to_string(), code: "79000001".to_owned(), is_higher: false }
}

fn read(files: &Files) -> Result<oneroster::Outcome, FileRefusal> {
    oneroster::read(&zipped(files), &of_school(), NaiveDate::from_ymd_opt(2026, 11, 30).unwrap())
}

#[test]
fn a_right_zip_is_read() {
    let read = |files: &Files| match read(files).unwrap() {
        oneroster::Outcome::People(people) => people,
        oneroster::Outcome::Broken(broken) => panic!("{broken:?}"),
    };
    let people = read(&right());
    let said = |at: usize, field: Field| people[at].values.get(&field).map(String::as_str).unwrap_or_default();
    assert_eq!(people.len(), 3);
    assert_eq!((said(0, Field::FullName), people[0].is_staff), ("Nguyễn Thị Thu", Some(true)));
    assert_eq!((said(0, Field::Email), said(0, Field::Username)), ("thu@example.vn", ""));
    assert_eq!((people[0].warnings[0].key.as_str(), people[0].warnings[0].value.as_str()), (apply::HOMEROOM, "10A1"));
    assert_eq!((said(1, Field::FullName), said(1, Field::Class)), ("Lê Văn An", "10A1"));
    assert_eq!((said(1, Field::BirthDate), said(1, Field::Gender)), ("2011-02-03", "male"));
    assert_eq!((said(1, Field::Username), said(1, Field::Phone)), ("anlv", "0901234567"));

    // What the standard lets people add.
    let mut extended = right();
    for (file, from, to) in [
        ("classes.csv", "homeroom", "ext:lớp-chuyên"),
        ("orgs.csv", "parentSourcedId\r\n", "parentSourcedId,metadata.wards\r\n"),
        ("orgs.csv", "79000001,\r\n", "79000001,,7\r\n"),
        ("users.csv", "sourcedId", "\u{feff}sourcedId"),
        ("roles.csv", "r1,,,t1,primary,teacher", "r1,,,t1,primary,ext:headOfGrade"),
    ] {
        let text = String::from_utf8(extended[file].clone()).unwrap();
        extended.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
    }
    assert_eq!(read(&extended).len(), 2, "who has another role is no teacher");
}

/// One rule broken in each, and where that is told.
fn broken() -> Vec<(&'static str, Files, Rule, &'static str, u32)> {
    let add = |name: &str, text: &str| {
        let mut files = right();
        files.insert(name.to_owned(), text.as_bytes().to_vec());
        files
    };
    let latin = || {
        let mut files = right();
        let mut text = files["users.csv"].clone();
        let at = text.windows(2).position(|pair| *pair == "ễ".as_bytes()[..2]).unwrap();
        text[at] = 0xff;
        files.insert("users.csv".to_owned(), text);
        files
    };
    let no_rows = || {
        let mut files = right();
        let text = String::from_utf8(files["enrollments.csv"].clone()).unwrap();
        let header = text.split("\r\n").next().unwrap();
        files.insert("enrollments.csv".to_owned(), format!("{header}\r\n").into_bytes());
        files
    };
    let absent = |file: &str| {
        let mut files = with("manifest.csv", &format!("file.{file},bulk"), &format!("file.{file},absent"));
        files.remove(&format!("{file}.csv"));
        files
    };
    let delta = |from: &str, to: &str| {
        let files = with("manifest.csv", "file.users,bulk", "file.users,delta");
        let text = String::from_utf8(files["users.csv"].clone()).unwrap();
        let text = text.replace(",,,true", ",active,2026-11-30T00:00:00.000Z,true").replacen(from, to, 1);
        let mut files = files;
        files.insert("users.csv".to_owned(), text.into_bytes());
        files
    };
    vec![
        ("a folder", add("roster/users.csv", ""), Rule::Folder, "roster/users.csv", 0),
        ("a way out", add("../users.csv", ""), Rule::Folder, "../users.csv", 0),
        ("a foreign file", add("pupils.csv", "a\r\n"), Rule::UnknownFile, "pupils.csv", 0),
        ("a file in another case", add("Users.csv", "a\r\n"), Rule::UnknownFile, "Users.csv", 0),
        ("no manifest", without("manifest.csv"), Rule::ManifestMissing, "manifest.csv", 0),
        (
            "manifest's header",
            with("manifest.csv", "propertyName", "property"),
            Rule::ManifestHeader,
            "manifest.csv",
            1,
        ),
        ("manifest 2.0", with("manifest.csv", "version,1.0", "version,2.0"), Rule::ManifestVersion, "manifest.csv", 2),
        ("version 1.3", with("manifest.csv", "version,1.2", "version,1.3"), Rule::OneRosterVersion, "manifest.csv", 3),
        (
            "a foreign property",
            with("manifest.csv", "file.orgs", "file.org"),
            Rule::ManifestProperty,
            "manifest.csv",
            15,
        ),
        (
            "a property twice",
            with("manifest.csv", "manifest.version,1.0\r\n", "manifest.version,1.0\r\nmanifest.version,1.0\r\n"),
            Rule::ManifestTwice,
            "manifest.csv",
            3,
        ),
        ("mode Bulk", with("manifest.csv", "file.orgs,bulk", "file.orgs,Bulk"), Rule::ManifestMode, "manifest.csv", 15),
        ("a file that is not there", without("enrollments.csv"), Rule::FileMissing, "enrollments.csv", 0),
        (
            "a file that should not be there",
            with("manifest.csv", "file.enrollments,bulk", "file.enrollments,absent"),
            Rule::FileUnexpected,
            "enrollments.csv",
            0,
        ),
        ("no orgs", absent("orgs"), Rule::FileRequired, "orgs.csv", 0),
        ("no roles", absent("roles"), Rule::FileRequired, "roles.csv", 0),
        ("no enrollments", absent("enrollments"), Rule::FileRequired, "enrollments.csv", 0),
        ("no sessions", absent("academicSessions"), Rule::FileRequired, "academicSessions.csv", 0),
        ("no UTF-8", latin(), Rule::Encoding, "users.csv", 2),
        ("columns in another order", with("orgs.csv", "name,type", "type,name"), Rule::Header, "orgs.csv", 1),
        ("a column in another case", with("orgs.csv", "sourcedId", "SourcedId"), Rule::HeaderMissing, "orgs.csv", 1),
        ("a column that is missing", with("users.csv", ",pronouns", ""), Rule::HeaderMissing, "users.csv", 1),
        ("a foreign column", with("users.csv", ",pronouns", ",pronouns,shoeSize"), Rule::HeaderUnknown, "users.csv", 1),
        ("metadata before", with("orgs.csv", "identifier,", "metadata.x,"), Rule::HeaderMissing, "orgs.csv", 1),
        ("a line too short", with("orgs.csv", "79000001,\r\n", "79000001\r\n"), Rule::Width, "orgs.csv", 2),
        ("no rows", no_rows(), Rule::NoRows, "enrollments.csv", 0),
        ("no name", with("users.csv", ",Thu,", ",,"), Rule::Required, "users.csv", 2),
        ("no id", with("users.csv", "t1,,,", ",,,"), Rule::Required, "users.csv", 2),
        ("an id with marks", with("classes.csv", "class,,", "lớp,,"), Rule::Id, "classes.csv", 2),
        ("an id twice", with("users.csv", "p2,,", "p1,,"), Rule::IdTwice, "users.csv", 4),
        ("no such class", with("enrollments.csv", "e2,,,class", "e2,,,klass"), Rule::Reference, "enrollments.csv", 3),
        ("no such user", with("roles.csv", "r3,,,p2", "r3,,,p9"), Rule::Reference, "roles.csv", 4),
        ("no such term", with("classes.csv", "org1,year", "org1,term"), Rule::Reference, "classes.csv", 2),
        (
            "demographics of nobody",
            with("demographics.csv", "p1,,,2011", "p9,,,2011"),
            Rule::Reference,
            "demographics.csv",
            2,
        ),
        (
            "an enumeration's case",
            with("roles.csv", "primary,teacher", "primary,Teacher"),
            Rule::Vocabulary,
            "roles.csv",
            2,
        ),
        ("a foreign value", with("orgs.csv", "school", "highschool"), Rule::Vocabulary, "orgs.csv", 2),
        ("an empty extension", with("classes.csv", "homeroom", "ext:"), Rule::Vocabulary, "classes.csv", 2),
        ("a foreign date", with("demographics.csv", "2011-02-03", "03/02/2011"), Rule::Date, "demographics.csv", 2),
        ("a day that is none", with("demographics.csv", "2011-02-03", "2011-02-30"), Rule::Date, "demographics.csv", 2),
        ("yes for true", with("users.csv", ",true,", ",yes,"), Rule::Bool, "users.csv", 2),
        ("True for true", with("enrollments.csv", ",true,", ",True,"), Rule::Bool, "enrollments.csv", 2),
        ("a year of two digits", with("academicSessions.csv", ",,2027", ",,27"), Rule::Year, "academicSessions.csv", 2),
        ("a status in bulk", with("users.csv", "t1,,", "t1,active,"), Rule::StatusInBulk, "users.csv", 2),
        (
            "a moment in bulk",
            with("orgs.csv", "org1,,", "org1,,2026-11-30T00:00:00.000Z"),
            Rule::StatusInBulk,
            "orgs.csv",
            2,
        ),
        ("no status in a delta", delta("t1,active", "t1,"), Rule::StatusInDelta, "users.csv", 2),
        ("a foreign status", delta("t1,active", "t1,inactive"), Rule::StatusInDelta, "users.csv", 2),
        ("a moment without zone", delta("00:00.000Z", "00:00.000"), Rule::DateTime, "users.csv", 2),
        (
            "a year that ends before it begins",
            with("academicSessions.csv", "2027-06-01", "2025-06-01"),
            Rule::DatesReversed,
            "academicSessions.csv",
            2,
        ),
        ("a class of no school", with("orgs.csv", "school", "district"), Rule::NoSchool, "classes.csv", 2),
        ("two primary roles in a school", with("roles.csv", "r3,,,p2", "r3,,,p1"), Rule::PrimaryTwice, "roles.csv", 4),
        (
            "a user with no role",
            with("roles.csv", "\r\nr3,,,p2,primary,student,,,org1,", ""),
            Rule::UserWithoutRole,
            "users.csv",
            4,
        ),
        (
            "two other schools",
            with(
                "orgs.csv",
                "org1,,,Trường A,school,79000001,",
                "org1,,,Trường A,school,1,\r\norg2,,,Trường B,school,2,",
            ),
            Rule::OrgUnknown,
            "orgs.csv",
            0,
        ),
    ]
}

#[test]
fn each_rule_that_is_broken_is_told_with_its_place() {
    let zips = broken();
    assert!(zips.len() >= 40, "{}", zips.len());
    for (what, files, rule, file, line) in zips {
        let oneroster::Outcome::Broken(broken) = read(&files).unwrap() else { panic!("{what} is taken") };
        let is_told = broken.iter().any(|each| (each.rule, each.file.as_str(), each.line) == (rule, file, line));
        assert!(is_told, "{what}: {broken:?}");
    }
}

#[test]
fn what_is_no_zip_or_too_large_is_refused() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    let refused = |bytes: &[u8]| oneroster::read(bytes, &of_school(), today).unwrap_err();
    assert_eq!(refused(b""), FileRefusal::Empty);
    assert_eq!(refused(b"sourcedId,status"), FileRefusal::Unknown);
    assert_eq!(refused(b"PK\x03\x04 and nothing more"), FileRefusal::Broken);
    let mut many = right();
    let row = "e,,,class,org1,p1,student,,,\r\n".repeat(200_000);
    let text = String::from_utf8(many["enrollments.csv"].clone()).unwrap() + row.as_str();
    many.insert("enrollments.csv".to_owned(), text.into_bytes());
    // The repeated ids are told before all rows are read; with an id of each its own there are too many.
    assert!(matches!(read(&many), Ok(oneroster::Outcome::Broken(_))));
    let header = HEADERS.iter().find(|(file, _)| *file == "enrollments.csv").unwrap().1;
    let rows: String = (0..200_000).map(|n| format!("e{n},,,class,org1,p1,student,,,\r\n")).collect();
    many.insert("enrollments.csv".to_owned(), format!("{header}\r\n{rows}").into_bytes());
    assert_eq!(read(&many).unwrap_err(), FileRefusal::TooManyRows);
    let mut bomb = right();
    bomb.insert("users.csv".to_owned(), vec![b' '; 100 * 1024 * 1024]);
    let packed = zipped(&bomb);
    assert!(packed.len() < 1024 * 1024, "{}", packed.len());
    assert_eq!(refused(&packed), FileRefusal::Inflates);
}

/// The plan of a zip, read and waiting for review.
async fn imported(test: &TestApp, school: &School, zip: &[u8]) -> PlanId {
    let upload = Upload { source: Source::OneRoster, file_name: "roster.zip", file: zip, year_id: None };
    let granted = school.scope.grant().unwrap();
    let plan = import::begin(&granted, test, upload).await.unwrap();
    test.work().await;
    plan
}

async fn counts(test: &TestApp, school: &School, plan: PlanId) -> BTreeMap<&'static str, i64> {
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let plan = store::find(&school.scope, &mut tx, plan).await.unwrap();
    assert_eq!(plan.refusal, None);
    Outcome::ALL.iter().map(|outcome| (outcome.key(), plan.counts.of(*outcome))).filter(|(_, n)| *n > 0).collect()
}

async fn applied(test: &TestApp, school: &School, plan: PlanId) {
    let granted = school.scope.grant().unwrap();
    assert!(apply::start(&granted, test, plan, None).await.unwrap());
    test.work().await;
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    assert_eq!(store::find(&school.scope, &mut tx, plan).await.unwrap().state, PlanState::Applied);
}

#[tokio::test]
async fn a_zip_goes_the_way_of_every_list() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let owner = school.add(&test, Someone::manager("Lê Thị Chủ").with(Grant::Owner)).await;
    let owner = test.signed_in(&owner).await;
    let page = school.path("/plans/new?source=oneroster");
    owner.get(&page).await.expect(200).shows(&[&vi("upload-title-oneroster")]);
    let plan = owner.upload(&page, "roster.zip", &zipped(&right())).await.location();
    test.work().await;
    owner.get(&plan).await.expect(200).shows(&["Lê Văn An", "Trần Thanh Bình", "10A1"]);
    owner.post(&format!("{plan}/apply"), &[("new_classes", "10A1")]).await.expect(303);
    test.work().await;
    let mut admin = test.admin().await;
    let homeroom: String = sqlx::query_scalar(
        "SELECT m.full_name FROM classes c JOIN members m ON m.id = c.homeroom_member_id WHERE c.name = '10A1'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!(homeroom, "Nguyễn Thị Thu");
    let people: Vec<(String, String, String, Option<String>)> = sqlx::query_as(
        "SELECT full_name, role, status, username FROM members WHERE role <> 'manager' ORDER BY full_name",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let person = |name: &str, role: &str, status: &str, username: Option<&str>| {
        (name.to_owned(), role.to_owned(), status.to_owned(), username.map(str::to_owned))
    };
    assert_eq!(
        people,
        [
            person("Lê Văn An", "student", "active", Some("anlv")),
            person("Nguyễn Thị Thu", "teacher", "invited", None),
            person("Trần Thanh Bình", "student", "active", Some("binhtt")),
        ]
    );
    test.mail_to("thu@example.vn");

    // A pupil who is gone, as a change.
    let mut delta = Files::new();
    delta.insert(
        "manifest.csv".to_owned(),
        manifest("1.2", &schoolgate::oneroster::export::FILES, &["users", "roles"], "delta").into_bytes(),
    );
    let when = "2026-11-30T00:00:00.000Z";
    let header = |name: &str| HEADERS.iter().find(|(file, _)| *file == name).unwrap().1;
    let user = format!("{}\r\np1,tobedeleted,{when},false,anlv,,An,Lê,Văn,,,,,,,,,,,,,\r\n", header("users.csv"));
    delta.insert("users.csv".to_owned(), user.into_bytes());
    let role = format!("{}\r\nr2,active,{when},p1,primary,student,,,org1,\r\n", header("roles.csv"));
    delta.insert("roles.csv".to_owned(), role.into_bytes());
    let plan = imported(&test, &school, &zipped(&delta)).await;
    assert_eq!(counts(&test, &school, plan).await, BTreeMap::from([("leave", 1)]));
    // The role is deleted with the user.
    let role = format!("{}\r\nr2,tobedeleted,{when},p1,primary,student,,,org1,\r\n", header("roles.csv"));
    delta.insert("roles.csv".to_owned(), role.into_bytes());
    let plan = imported(&test, &school, &zipped(&delta)).await;
    assert_eq!(counts(&test, &school, plan).await, BTreeMap::from([("leave", 1)]));

    // Who has not changed their role is known by their enrolment; and a new class by its row.
    delta.remove("roles.csv");
    let manifest_of =
        |there: &[&str]| manifest("1.2", &schoolgate::oneroster::export::FILES, there, "delta").into_bytes();
    delta.insert("manifest.csv".to_owned(), manifest_of(&["users"]));
    let Ok(oneroster::Outcome::Broken(broken)) = read(&delta) else { panic!("a user of no known role is read") };
    assert_eq!(broken.iter().map(|broken| broken.rule).collect::<Vec<_>>(), [Rule::UserWithoutRole]);
    delta.insert("manifest.csv".to_owned(), manifest_of(&["users", "enrollments"]));
    let enrolled = |status: &str| {
        let header = header("enrollments.csv");
        format!("{header}\r\ne1,{status},{when},c1,org1,p1,student,,,\r\n").into_bytes()
    };
    delta.insert("enrollments.csv".to_owned(), enrolled("active"));
    let Ok(oneroster::Outcome::Broken(broken)) = read(&delta) else { panic!("a class of no known name is read") };
    assert_eq!(broken.iter().map(|broken| broken.rule).collect::<Vec<_>>(), [Rule::Reference]);
    delta.insert("enrollments.csv".to_owned(), enrolled("tobedeleted"));
    let plan = imported(&test, &school, &zipped(&delta)).await;
    assert_eq!(counts(&test, &school, plan).await, BTreeMap::from([("leave", 1)]));

    // A broken one is refused with the place, in words.
    let plan = owner.upload(&page, "roster.zip", &zipped(&with("users.csv", ",Thu,", ",,"))).await.location();
    test.work().await;
    let l = Translator::new(Lang::Vi);
    let line = l.t1("oneroster-line", "line", 2);
    owner.get(&plan).await.expect(200).shows(&[
        &vi("refusal-oneroster"),
        "users.csv",
        &line,
        "givenName",
        &vi("oneroster-rule-required"),
    ]);
    assert!(said::broken_rules("refusal-broken").is_empty());
}

#[tokio::test]
async fn version_1p1_comes_in_as_well() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let mut files = right();
    files.remove("roles.csv");
    let there = ["academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "users"];
    files.insert("manifest.csv".to_owned(), manifest("1.1", &FILES_1P1, &there, "bulk").into_bytes());
    let users = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,\
        middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\r\n\
        t1,,,true,org1,teacher,thu,,Thu,Nguyễn,Thị,,thu@example.vn,,,,,\r\n\
        p1,,,true,org1,student,anlv,,An,Lê,Văn,,,,0901234567,,10,\r\n\
        p2,,,true,\"org1,org1\",student,binhtt,,Bình,Trần,Thanh,,,,,,10,\r\n\
        a1,,,true,org1,administrator,chu,,Chủ,Lê,,,,,,,,\r\n";
    files.insert("users.csv".to_owned(), users.as_bytes().to_vec());
    let plan = imported(&test, &school, &zipped(&files)).await;
    assert_eq!(counts(&test, &school, plan).await, BTreeMap::from([("create", 3)]));
    applied(&test, &school, plan).await;
    let again = imported(&test, &school, &zipped(&files)).await;
    assert_eq!(counts(&test, &school, again).await, BTreeMap::from([("unchanged", 3)]));
}

/// The files with what is a school's own in them replaced by what it stands for.
fn comparable(zip: &[u8], school: &School) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut files = unzipped(zip);
    let mut names: Vec<(String, String)> = vec![(school.id().to_string(), "SCHOOL".to_owned())];
    for row in &files["users.csv"][1..] {
        names.push((row[0].clone(), format!("<{}>", row[4])));
    }
    for row in &files["classes.csv"][1..] {
        names.push((row[0].clone(), format!("[{}]", row[3])));
    }
    names.push((school.year_id.to_string(), "YEAR".to_owned()));
    // The longer ones first: an id may begin with another.
    names.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
    for (name, rows) in &mut files {
        for row in rows.iter_mut() {
            for cell in row.iter_mut() {
                for (id, stands_for) in names.iter().filter(|(id, _)| id.len() >= 36) {
                    if cell.contains(id) {
                        *cell = cell.replace(id, stands_for);
                    }
                }
            }
            if name == "orgs.csv" && row[0] == "SCHOOL" {
                (row[3], row[5]) = ("NAME".to_owned(), "CODE".to_owned());
            }
        }
        rows[1..].sort();
    }
    files
}

#[tokio::test]
async fn what_goes_out_of_one_school_comes_into_another_the_same() {
    use rand::{RngExt, SeedableRng, rngs::StdRng};
    let families = ["Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Vũ", "Ngô", "Đỗ", "Hồ", "Dương", "Lý", "Y", "K'"];
    let middles = ["Văn", "Thị", "Thị Mỹ", "Hoàng Bảo", "", "Ê-ban", "Đức", "Quỳnh"];
    let givens = ["An", "Ánh", "Ý", "Yến", "Đạt", "Hường", "Khuê", "Uyên", "Ngọc (b)", "Phượng", "Trương"];
    let mut random = StdRng::seed_from_u64(7);
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let mut admin = test.admin().await;
    for settled in [
        "UPDATE schools SET shares_demographics = true, shares_guardians = true",
        // Who is suspended comes in as anybody else.
        "UPDATE members SET status = 'active' WHERE status = 'suspended'",
    ] {
        sqlx::query(settled).execute(&mut admin).await.unwrap();
    }
    let mut classes = vec![cast.class_id];
    for name in ["10A2", "11A1", "12A10"] {
        classes.push(cast.school.class(&test, name).await);
    }
    let mut pick = |from: &[&'static str]| from[random.random_range(0..from.len())];
    let people: Vec<Someone> = (0..200)
        .map(|n| {
            let name = [pick(&families), pick(&middles), pick(&givens)].join(" ");
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            let born = format!("{}-{:02}-{:02}", 2009 + n % 3, 1 + n % 12, 1 + n % 28);
            let mut pupil = Someone::pupil(&name, classes[n % classes.len()])
                .value(Field::BirthDate, &born)
                .value(Field::Gender, ["male", "female"][n % 2]);
            if n % 3 == 0 {
                pupil = pupil.value(Field::MotherName, "Trần Thị Hoa").value(Field::GuardianName, "Lê Văn Tám");
            }
            if n % 4 == 0 {
                pupil = pupil.value(Field::Phone, &format!("09{n:08}")).value(Field::MoetId, &format!("79{n:08}"));
            }
            pupil
        })
        .collect();
    cast.school.add_all(&test, &people).await;
    let export = async |school: &School| {
        let mut file = schoolgate::oneroster::export::write(&school.scope.grant().unwrap(), &test).await.unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        bytes
    };
    let out = export(&cast.school).await;

    let empty = test.school("79000002").await;
    let share = "UPDATE schools SET shares_demographics = true, shares_guardians = true";
    sqlx::query(share).execute(&mut admin).await.unwrap();
    let plan = imported(&test, &empty, &out).await;
    let all = counts(&test, &empty, plan).await;
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["create"], "{all:?}");
    applied(&test, &empty, plan).await;
    let back = export(&empty).await;
    let (before, after) = (comparable(&out, &cast.school), comparable(&back, &empty));
    for (name, rows) in &before {
        assert_eq!(rows, &after[name], "{name}");
    }
    assert_eq!(before.len(), after.len());

    // Again, in either school: nothing changes.
    for (school, zip) in [(&empty, &out), (&empty, &back), (&cast.school, &out)] {
        let plan = imported(&test, school, zip).await;
        let all = counts(&test, school, plan).await;
        assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["unchanged"], "{all:?}");
    }
}
