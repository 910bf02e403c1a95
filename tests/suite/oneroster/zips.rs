//! Zips to come in, right ones and ones with a piece of them replaced; and the way of a zip into a school.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use chrono::NaiveDate;
use schoolgate::ids::PlanId;
use schoolgate::{
    plan::{
        apply,
        draft::Upload,
        model::{PlanState, RowOutcome, Source},
        store,
    },
    sources::{
        import,
        oneroster::{self, OfSchool},
        spreadsheet::FileRefusal,
    },
};
use uuid::Uuid;
use zip::write::SimpleFileOptions;

use super::export::HEADERS;
use crate::support::TestApp;
use crate::support::people::School;

pub type Files = BTreeMap<String, Vec<u8>>;

pub fn zipped(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub const FILES_1P1: [&str; 13] = [
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

pub fn manifest(version: &str, all: &[&str], there: &[&str], mode: &str) -> String {
    let mut text = format!("propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,{version}\r\n");
    for name in all {
        text += &format!("file.{name},{}\r\n", if there.contains(name) { mode } else { "absent" });
    }
    text
}

/// A small right zip of version 1.2: a class with a teacher and two pupils.
pub fn right() -> Files {
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

/// The same in version 1.1, with an administrator.
pub fn right_1p1() -> Files {
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
    files
}

/// The right zip with a piece of one of its files replaced.
pub fn with(file: &str, from: &str, to: &str) -> Files {
    let mut files = right();
    let text = String::from_utf8(files[file].clone()).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
    files
}

pub fn without(file: &str) -> Files {
    let mut files = right();
    files.remove(file).unwrap();
    files
}

pub fn of_school() -> OfSchool {
    OfSchool { id: Uuid::nil().to_string(), code: "79000001".to_owned(), is_higher: false }
}

pub fn read(files: &Files) -> Result<oneroster::ZipReading, FileRefusal> {
    oneroster::read(&zipped(files), &of_school(), NaiveDate::from_ymd_opt(2026, 11, 30).unwrap())
}

/// The plan of a zip, read and waiting for review.
pub async fn imported(test: &TestApp, school: &School, zip: &[u8]) -> PlanId {
    let upload = Upload { source: Source::OneRoster, file_name: "roster.zip", file: zip, year_id: None };
    let granted = school.scope.grant().unwrap();
    let plan = import::begin(&granted, test, upload).await.unwrap();
    test.work().await;
    plan
}

pub async fn counts(test: &TestApp, school: &School, plan: PlanId) -> BTreeMap<&'static str, i64> {
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let plan = store::find(&school.scope, &mut tx, plan).await.unwrap();
    assert_eq!(plan.refusal, None);
    RowOutcome::ALL.iter().map(|outcome| (outcome.key(), plan.counts.of(*outcome))).filter(|(_, n)| *n > 0).collect()
}

pub async fn applied(test: &TestApp, school: &School, plan: PlanId) {
    let granted = school.scope.grant().unwrap();
    assert!(apply::start(&granted, test, plan, None).await.unwrap());
    test.work().await;
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    assert_eq!(store::find(&school.scope, &mut tx, plan).await.unwrap().state, PlanState::Applied);
}
