//! The registry of a school that keeps it here itself: classes and people are typed in, with the checks of a submission.

use crate::support::say::{vi, vi1};
use crate::support::{Cast, TestApp};

async fn text(test: &TestApp, query: &str) -> String {
    let mut admin = test.admin().await;
    let value: Option<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut admin).await.unwrap();
    value.unwrap_or_default()
}

/// The id of a class of the registry.
async fn class(test: &TestApp, cast: &Cast, name: &str) -> String {
    text(
        test,
        &format!("SELECT id::text FROM registry_classes WHERE school_id = '{}' AND name = '{name}'", cast.school.id()),
    )
    .await
}

fn pupil<'a>(class: &'a str, moet_id: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("full_name", "Đỗ Văn An"),
        ("gender", "male"),
        ("class", class),
        ("birth_date", "2011-04-04"),
        ("mother_name", "Trần Thị Mẹ"),
        ("mother_birth_year", "1985"),
        ("moet_id", moet_id),
    ]
}

#[tokio::test]
async fn a_school_that_keeps_its_registry_adds_classes_and_people() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (classes, people) = (cast.school.path("/registry/classes"), cast.school.path("/registry/people"));
    let new = cast.school.path("/registry/people/new/student");

    // As long as it changes by submissions, nothing is added here.
    owner.get(&classes).await.expect(200).shows(&[&vi("registry-by-submissions")]);
    owner.get(&people).await.expect(200).shows(&[&vi("registry-empty")]);
    let refused = owner.post(&classes, &[("name", "10A1")]).await.expect(422);
    refused.shows(&[&vi("fault-registry-by-submissions")]);
    owner.post(&new, &pupil("", "")).await.expect(422);
    owner.post(&cast.school.path("/settings"), &[("registry_source", "own")]).await.expect(303);
    owner.get(&cast.school.path("/submissions")).await.expect(200).shows(&[&vi("submissions-own")]);
    let list = cast.school.path("/submissions");
    owner.upload_with(&list, "lop.csv", b"L\xe1\xbb\x9bp\n10A1\n", &[("kind", "classes")]).await.expect(403);

    owner.post(&classes, &[("name", "10A1-10A3")]).await.expect(303);
    owner.get(&classes).await.expect(200).shows(&["10A1", "10A2", "10A3"]);
    let taken = owner.post(&classes, &[("name", "10A2")]).await.expect(422);
    taken.shows(&[&vi1("fault-class-taken", "value", "10A2")]);
    owner.post(&classes, &[("name", "10A1-")]).await.expect(422);

    let in_class = class(&test, &cast, "10A1").await;
    let incomplete = owner.post(&new, &[("full_name", "Đỗ Văn An")]).await.expect(422).html();
    assert!(incomplete.contains("value=\"Đỗ Văn An\""), "what was typed is lost");
    owner.post(&new, &pupil(&in_class, "7900000011")).await.expect(303);
    owner.get(&people).await.expect(200).shows(&["Đỗ Văn An", "10A1", "7900000011"]);
    // The same identifier, and then the same name and birth date.
    test.clock.advance(chrono::Duration::seconds(10));
    let again = owner.post(&new, &pupil(&in_class, "7900000011")).await.expect(422);
    again.shows(&[&vi1("fault-identifier-taken", "value", "7900000011")]);
    let twin = owner.post(&new, &pupil(&in_class, "7900000012")).await.expect(422);
    twin.shows(&[&vi("fault-registry-twin"), &vi("registry-twin-sure")]);
    let mut sure = pupil(&in_class, "7900000012");
    sure.push(("seen", "twin"));
    owner.post(&new, &sure).await.expect(303);
    assert_eq!(text(&test, "SELECT count(*)::text FROM registry_people").await, "2");
    assert_eq!(text(&test, "SELECT count(*)::text FROM registry_identifiers").await, "2");
    let recorded = "SELECT string_agg(action || ' ' || n, ', ' ORDER BY action) FROM (
                        SELECT action, count(*) AS n FROM audit_events WHERE action LIKE 'registry%' GROUP BY action) a";
    assert_eq!(text(&test, recorded).await, "registry_class_added 3, registry_person_added 2");
    let history = "SELECT string_agg(DISTINCT actor_kind || ' ' || subject, ', ') FROM registry_changes";
    assert_eq!(text(&test, history).await, "member class, member person");

    // Another school does not get the identifier, and learns nothing of the first.
    let other = test.cast("79000002").await;
    let other_owner = test.signed_in(&other.owner).await;
    other_owner.post(&other.school.path("/settings"), &[("registry_source", "own")]).await.expect(303);
    other_owner.post(&other.school.path("/registry/classes"), &[("name", "10A1")]).await.expect(303);
    let there = class(&test, &other, "10A1").await;
    let new = other.school.path("/registry/people/new/student");
    let elsewhere = other_owner.post(&new, &pupil(&there, "7900000011")).await.expect(422);
    elsewhere.shows(&[&vi1("fault-identifier-elsewhere", "value", "")]).hides(&["79000001"]);
    // Nor a class of the first.
    other_owner.post(&new, &pupil(&in_class, "")).await.expect(422).shows(&[&vi("fault-class-gone")]);
    other_owner.get(&other.school.path("/registry/people")).await.expect(200).hides(&["Đỗ Văn An"]);
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&people).await.expect(403);
}
