//! The rules of the standard, one by one: each zip breaks one of them and is refused with the place.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schoolgate::{
    plan::{apply, said},
    roster::fields::Field,
    sources::{
        oneroster::{self, Rule},
        spreadsheet::FileRefusal,
    },
    web::{Translator, i18n::Lang},
};

use super::export::HEADERS;
use super::zips::{Files, of_school, read, right, right_1p1, with, without, zipped};

#[test]
fn a_right_zip_is_read() {
    let read = |files: &Files| match read(files).unwrap() {
        oneroster::ZipReading::People(people) => people,
        oneroster::ZipReading::Broken(broken) => panic!("{broken:?}"),
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
        ("users.csv", "anlv,,", "anlv,\"{SIS:1},{card:a-2}\","),
        ("courses.csv", "org1,,", "org1,Toán,"),
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
    let of_1p1 = |from: &str, to: &str| {
        let mut files = right_1p1();
        let text = String::from_utf8(files["users.csv"].clone()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert("users.csv".to_owned(), text.replacen(from, to, 1).into_bytes());
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
        ("an empty file", add("users.csv", ""), Rule::HeaderMissing, "users.csv", 1),
        ("a line too long", with("orgs.csv", "79000001,\r\n", "79000001,,\r\n"), Rule::Width, "orgs.csv", 2),
        (
            "a property with two values",
            with("manifest.csv", "file.orgs,bulk", "file.orgs,bulk,delta"),
            Rule::Width,
            "manifest.csv",
            15,
        ),
        ("a zero byte", with("orgs.csv", "Trường A", "Trường\0A"), Rule::Encoding, "orgs.csv", 2),
        ("no such course", with("classes.csv", "10,course", "10,cursus"), Rule::Reference, "classes.csv", 2),
        (
            "no such org",
            with("enrollments.csv", "e1,,,class,org1", "e1,,,class,org9"),
            Rule::Reference,
            "enrollments.csv",
            2,
        ),
        ("no such parent", with("orgs.csv", "79000001,\r\n", "79000001,org9\r\n"), Rule::Reference, "orgs.csv", 2),
        ("no such agent", with("users.csv", "0901234567,,10", "0901234567,p9,10"), Rule::Reference, "users.csv", 3),
        ("a class of no term", with("classes.csv", "org1,year", "org1,"), Rule::Required, "classes.csv", 2),
        ("a role of nobody", with("roles.csv", "r3,,,p2", "r3,,,"), Rule::Required, "roles.csv", 4),
        (
            "an id that is too long",
            with("users.csv", "t1,,", &format!("{},,", "t".repeat(256))),
            Rule::Id,
            "users.csv",
            2,
        ),
        (
            "an enrolment that ends before it begins",
            with("enrollments.csv", "student,,,", "student,,2026-09-02,2026-09-01"),
            Rule::DatesReversed,
            "enrollments.csv",
            3,
        ),
        ("a role of the other version", of_1p1("teacher,thu", "counselor,thu"), Rule::Vocabulary, "users.csv", 2),
        ("a user of no school", of_1p1("true,org1,teacher", "true,,teacher"), Rule::Required, "users.csv", 2),
        ("a user of another school", of_1p1("true,org1,teacher", "true,org9,teacher"), Rule::Reference, "users.csv", 2),
        ("a line break in a cell", with("orgs.csv", "Trường A", "\"Trường\nA\""), Rule::LineBreak, "orgs.csv", 2),
        ("lines that end with CR", with("orgs.csv", "79000001,\r\n", "79000001,\r"), Rule::LineBreak, "orgs.csv", 2),
        ("a quote in a bare cell", with("orgs.csv", "Trường A", "Trường \"A\""), Rule::Quotes, "orgs.csv", 2),
        ("text behind a quote", with("users.csv", "Nguyễn", "\"Nguyễn\" Thị"), Rule::Quotes, "users.csv", 2),
        (
            "a column twice",
            with("orgs.csv", "parentSourcedId", "parentSourcedId,metadata.x,metadata.x"),
            Rule::HeaderTwice,
            "orgs.csv",
            1,
        ),
        ("an id of no type", with("users.csv", "anlv,,", "anlv,1,"), Rule::UserIds, "users.csv", 3),
        ("fewer codes", with("courses.csv", "org1,,", "org1,\"Toán,Lý\",T"), Rule::SubjectCodes, "courses.csv", 2),
        (
            "no such profile",
            with("roles.csv", "p2,primary,student,,,org1,", "p2,primary,student,,,org1,profile"),
            Rule::Reference,
            "roles.csv",
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
    let l = Translator::new(Lang::Vi);
    let (mut rules, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (what, files, rule, file, line) in zips {
        let oneroster::ZipReading::Broken(broken) = read(&files).unwrap() else { panic!("{what} is taken") };
        let told = broken.iter().find(|each| (each.rule, each.file.as_str(), each.line) == (rule, file, line));
        let Some(told) = told else { panic!("{what}: {broken:?}") };
        rules.insert(rule.key());
        places.insert((rule.key(), file, told.field.clone()));
        // In words: the file, the line, the column and the rule.
        let refusal = format!("{}{}", said::BROKEN, serde_json::to_string(&broken).unwrap());
        let sentences = said::why_refused(&l, &refusal);
        let sentence = l.t1(&format!("oneroster-rule-{}", rule.key()), "value", told.value.as_str());
        let place =
            if line > 0 { format!("{file}, {}", l.t1("oneroster-line", "line", line)) } else { file.to_owned() };
        let is_said =
            |said: &&String| said.starts_with(&place) && said.contains(&told.field) && said.ends_with(&sentence);
        assert!(sentences.iter().any(|said| is_said(&said)), "{what}: {sentences:?}");
    }
    assert_eq!(rules, Rule::ALL.map(Rule::key).into(), "every rule is broken by one of them");
    assert!(places.len() >= 40, "{places:?}");
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
    assert!(matches!(read(&many), Ok(oneroster::ZipReading::Broken(_))));
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
