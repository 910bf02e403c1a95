//! The zip: which files, which columns, which rows.

use schoolgate::{
    access::Grant,
    oneroster::export::FILES,
    roster::{fields::Field, model::Status},
};

use super::unzipped;
use crate::support::{Someone, TestApp};

/// The columns of version 1.2, in their order.
pub const HEADERS: [(&str, &str); 7] = [
    (
        "academicSessions.csv",
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    ),
    (
        "classes.csv",
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,\
         termSourcedIds,subjects,subjectCodes,periods",
    ),
    (
        "courses.csv",
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,\
         subjectCodes",
    ),
    (
        "enrollments.csv",
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
    ),
    ("orgs.csv", "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"),
    (
        "roles.csv",
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,\
         userProfileSourcedId",
    ),
    (
        "users.csv",
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,\
         email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,\
         preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
    ),
];

#[tokio::test]
async fn the_zip_is_what_the_standard_says() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let note = Someone::pupil("Nguyễn Thị Minh Khai (b)", cast.class_id).value(Field::Phone, "0901234567");
    cast.school.add(&test, note).await;
    cast.school.add(&test, Someone::pupil("Bé", cast.class_id)).await;
    cast.school.add(&test, Someone::pupil("Đã Đi Rồi", cast.class_id).who_is(Status::Left)).await;
    let owner = test.signed_in(&cast.owner).await;
    let page = owner.get(&cast.school.path("/oneroster.zip")).await.expect(200);
    assert_eq!(page.header("content-type"), "application/zip");
    let files = unzipped(page.file());

    for (name, header) in HEADERS {
        let rows = &files[name];
        assert_eq!(rows[0].join(","), header, "{name}");
        assert!(rows.len() > 1, "{name} has no rows");
        for row in &rows[1..] {
            assert_eq!(row.len(), rows[0].len(), "{name}: {row:?}");
            // In bulk there is neither a status nor a date.
            assert_eq!((row[1].as_str(), row[2].as_str()), ("", ""), "{name}");
        }
    }
    let manifest = &files["manifest.csv"];
    assert_eq!(manifest[..3], [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", "1.2"]]);
    for name in FILES {
        let mode = &manifest.iter().find(|row| row[0] == format!("file.{name}")).expect(name)[1];
        let there = files.contains_key(&format!("{name}.csv"));
        assert_eq!(mode, if there { "bulk" } else { "absent" }, "{name}");
    }
    assert!(!files.contains_key("demographics.csv"), "the school has not said that it shares them");

    let user = |given: &str| files["users.csv"].iter().find(|row| row[6] == given).unwrap_or_else(|| panic!("{given}"));
    let noted = user("Khai (b)");
    assert_eq!((noted[7].as_str(), noted[8].as_str(), noted[12].as_str()), ("Nguyễn", "Thị Minh", "0901234567"));
    assert_eq!((noted[3].as_str(), noted[14].as_str()), ("true", "10"));
    assert_eq!(user("Bé")[7], "-");
    assert!(files["users.csv"].iter().all(|row| row[6] != "Rồi"), "who has left is not in it");
    let suspended = files["users.csv"].iter().find(|row| row[0] == cast.suspended.member_id.to_string()).unwrap();
    assert_eq!(suspended[3], "false");
    for manager in [&cast.owner, &cast.manager] {
        assert!(files["users.csv"].iter().all(|row| row[0] != manager.member_id.to_string()), "only managers");
    }

    let homeroom = format!("{}.{}", cast.class_id, cast.homeroom_teacher.member_id);
    let enrolled = files["enrollments.csv"].iter().find(|row| row[0] == homeroom).unwrap();
    assert_eq!((enrolled[6].as_str(), enrolled[7].as_str()), ("teacher", "true"));
    let class = files["classes.csv"].iter().find(|row| row[0] == cast.class_id.to_string()).unwrap();
    assert_eq!((class[4].as_str(), class[7].as_str()), ("10", "homeroom"));
    let year = files["academicSessions.csv"].iter().find(|row| row[4] == "schoolYear").unwrap();
    assert_eq!(year[3].split_once('-').unwrap().1, year[8], "the year in which it ends");
    whole(&files);

    // Nothing is left out of the record.
    let recorded = "SELECT count(*) FROM audit_events WHERE action = 'one_roster_exported'";
    let recorded: i64 = sqlx::query_scalar(recorded).fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(recorded, 1);
}

/// Fails unless every reference leads to a row, and every id is there once.
pub fn whole(files: &std::collections::BTreeMap<String, Vec<Vec<String>>>) {
    let ids = |name: &str| -> Vec<&str> { files[name][1..].iter().map(|row| row[0].as_str()).collect() };
    for name in files.keys().filter(|name| *name != "manifest.csv") {
        let (mut all, count) = (ids(name), ids(name).len());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "{name} has an id twice");
        let fit = |c: char| c.is_ascii_alphanumeric() || "./@_-".contains(c);
        assert!(all.iter().all(|id| id.chars().all(fit) && id.len() <= 255), "{name}");
    }
    for (name, column, target) in [
        ("academicSessions.csv", 7, "academicSessions.csv"),
        ("classes.csv", 5, "courses.csv"),
        ("classes.csv", 9, "orgs.csv"),
        ("classes.csv", 10, "academicSessions.csv"),
        ("courses.csv", 3, "academicSessions.csv"),
        ("courses.csv", 7, "orgs.csv"),
        ("enrollments.csv", 3, "classes.csv"),
        ("enrollments.csv", 4, "orgs.csv"),
        ("enrollments.csv", 5, "users.csv"),
        ("roles.csv", 3, "users.csv"),
        ("roles.csv", 8, "orgs.csv"),
        ("users.csv", 13, "users.csv"),
        ("users.csv", 20, "orgs.csv"),
    ] {
        let there = ids(target);
        for row in &files[name][1..] {
            for id in row[column].split(',').filter(|id| !id.is_empty()) {
                assert!(there.contains(&id), "{name}: {id} is not in {target}");
            }
        }
    }
}

#[tokio::test]
async fn demographics_and_guardians_are_in_it_where_the_school_says_so() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = Someone::pupil("Lê Văn Bình", cast.class_id)
        .value(Field::BirthDate, "2011-02-03")
        .value(Field::Gender, "male")
        .value(Field::MotherName, "Trần Thị Hoa Sen");
    let pupil = cast.school.add(&test, pupil).await;
    let share = "UPDATE schools SET shares_demographics = true, shares_guardians = true";
    sqlx::query(share).execute(&mut test.admin().await).await.unwrap();
    let owner = test.signed_in(&cast.owner).await;
    let page = owner.get(&cast.school.path("/oneroster.zip")).await.expect(200);
    let files = unzipped(page.file());
    let id = pupil.member_id.to_string();
    let of = |name: &str, id: &str| files[name].iter().find(|row| row[0] == id).unwrap().clone();
    let demographics = of("demographics.csv", &id);
    assert_eq!(demographics[3..5], ["2011-02-03", "male"]);
    let mother = of("users.csv", &format!("{id}.mother"));
    assert_eq!(mother[6..9], ["Sen", "Trần", "Thị Hoa"]);
    assert_eq!(mother[13], id);
    assert_eq!(of("users.csv", &id)[13], format!("{id}.mother"));
    assert_eq!(of("roles.csv", &format!("{id}.mother.role"))[5], "parent");
    whole(&files);
}

#[tokio::test]
async fn a_school_without_classes_has_no_file_of_them() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let owner = school.add(&test, Someone::manager("Lê Thị Chủ").with(Grant::Owner)).await;
    let owner = test.signed_in(&owner).await;
    let files = unzipped(owner.get(&school.path("/oneroster.zip")).await.expect(200).file());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["academicSessions.csv", "manifest.csv", "orgs.csv"]);
}
