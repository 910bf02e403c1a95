//! What comes of a right zip: the way of every list.

use std::collections::BTreeMap;

use schoolgate::{
    access::Grant,
    plan::said,
    sources::oneroster::{self, Rule},
    web::{Translator, i18n::Lang},
};

use super::export::HEADERS;
use super::zips::{Files, applied, counts, imported, manifest, read, right, right_1p1, with, zipped};
use crate::support::say::vi;
use crate::support::{Someone, TestApp};

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
    let Ok(oneroster::ZipReading::Broken(broken)) = read(&delta) else { panic!("a user of no known role is read") };
    assert_eq!(broken.iter().map(|broken| broken.rule).collect::<Vec<_>>(), [Rule::UserWithoutRole]);
    delta.insert("manifest.csv".to_owned(), manifest_of(&["users", "enrollments"]));
    let enrolled = |status: &str| {
        let header = header("enrollments.csv");
        format!("{header}\r\ne1,{status},{when},c1,org1,p1,student,,,\r\n").into_bytes()
    };
    delta.insert("enrollments.csv".to_owned(), enrolled("active"));
    let Ok(oneroster::ZipReading::Broken(broken)) = read(&delta) else { panic!("a class of no known name is read") };
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
    let files = right_1p1();
    let plan = imported(&test, &school, &zipped(&files)).await;
    assert_eq!(counts(&test, &school, plan).await, BTreeMap::from([("create", 3)]));
    applied(&test, &school, plan).await;
    let again = imported(&test, &school, &zipped(&files)).await;
    assert_eq!(counts(&test, &school, again).await, BTreeMap::from([("unchanged", 3)]));
}

#[tokio::test]
async fn of_a_zip_of_several_schools_each_takes_its_own() {
    let test = TestApp::new().await;
    let mut files = right();
    for (file, more) in [
        ("orgs.csv", "so,,,Sở Giáo dục,district,SO,\r\norg2,,,Trường B,school,79000002,so\r\n"),
        ("courses.csv", "course2,,,year,Khối 11,11,11,org2,,\r\n"),
        ("classes.csv", "class2,,,11B1,11,course2,11B1,homeroom,,org2,year,,,\r\n"),
        ("users.csv", "p3,,,true,chidt,,Chi,Đỗ,Thị,,,,,,11,,,,,,org2,\r\n"),
        // The teacher works in both.
        ("roles.csv", "r4,,,p3,primary,student,,,org2,\r\nr5,,,t1,secondary,teacher,,,org2,\r\n"),
        ("enrollments.csv", "e4,,,class2,org2,p3,student,,,\r\n"),
    ] {
        files.get_mut(file).unwrap().extend(more.as_bytes());
    }
    let zip = zipped(&files);
    for (code, pupils) in [
        ("79000001", ["Lê Văn An 10A1", "Trần Thanh Bình 10A1"].as_slice()),
        ("79000002", ["Đỗ Thị Chi 11B1"].as_slice()),
    ] {
        let school = test.school(code).await;
        let plan = imported(&test, &school, &zip).await;
        let all = i64::try_from(pupils.len() + 1).unwrap();
        assert_eq!(counts(&test, &school, plan).await, BTreeMap::from([("create", all)]), "{code}");
        applied(&test, &school, plan).await;
        let there: Vec<String> = sqlx::query_scalar(
            "SELECT m.full_name || ' ' || c.name FROM members m JOIN enrolments e ON e.member_id = m.id
             JOIN classes c ON c.id = e.class_id WHERE m.school_id = $1 ORDER BY c.name, m.full_name",
        )
        .bind(school.id())
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
        assert_eq!(there, pupils, "{code}");
    }
    // A third school has none of its own in it.
    let third = test.school("79000003").await;
    let plan = imported(&test, &third, &zip).await;
    let refusal: Option<String> = sqlx::query_scalar("SELECT refusal FROM plans WHERE id = $1")
        .bind(plan)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert!(refusal.is_some_and(|refusal| refusal.contains("org-unknown")));
}
