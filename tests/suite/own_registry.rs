//! The registry of a school that keeps it here itself: classes and people are typed in, with the checks of a submission.

use schoolgate::ids::{ConflictId, RegistryClassId, RegistryPersonId, SchoolId};

use crate::support::say::{vi, vi1};
use crate::support::{Cast, TestApp};

/// What addresses of a school's registry can name.
#[derive(Clone, Copy)]
pub struct RegistryThings {
    pub class: RegistryClassId,
    pub person: RegistryPersonId,
    /// That person's identifier is one that another school holds.
    pub conflict: ConflictId,
}

impl RegistryThings {
    pub async fn of(test: &TestApp, cast: &Cast) -> Self {
        let things = Self { class: test.id(), person: test.id(), conflict: test.id() };
        let (school, Self { class, person, conflict }) = (cast.school.id(), things);
        let mut admin = test.admin().await;
        let other = "SELECT id FROM schools WHERE id <> $1 ORDER BY id LIMIT 1";
        let other: Option<SchoolId> = sqlx::query_scalar(other).bind(school).fetch_optional(&mut admin).await.unwrap();
        let other = match other {
            Some(other) => other,
            None => test.school("79000098").await.id(),
        };
        for row in [
            format!(
                "INSERT INTO registry_classes (school_id, id, school_year_id, name, sort_key, origin, created_at, changed_at)
                 VALUES ('{school}', '{class}', '{}', '6A9', '6A9', 'own', now(), now())",
                cast.school.year_id
            ),
            format!(
                "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name,
                     class_id, fields, origin, created_at, changed_at)
                 VALUES ('{school}', '{person}', 'student', 'Lý Văn Sách', 'Sách', 'Lý', 'Văn', '{class}',
                     '{{\"full_name\": \"Lý Văn Sách\", \"birth_date\": \"2014-05-06\"}}', 'own', now(), now())"
            ),
            format!(
                "INSERT INTO registry_changes (school_id, id, at, actor_kind, subject, subject_id, change, before, after)
                 VALUES ('{school}', '{person}', now(), 'operator', 'person', '{person}', 'update',
                     '{{\"phone\": \"0912345678\"}}', '{{\"phone\": \"0987654321\"}}')"
            ),
            format!(
                "INSERT INTO registry_conflicts (id, identifier_hash, school_id, holder_id, person_id, state, found_at)
                 VALUES ('{conflict}', sha256('{person}'), '{school}', '{other}', '{person}', 'open', now())"
            ),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(row)).execute(&mut admin).await.unwrap();
        }
        things
    }
}

async fn text(test: &TestApp, query: &str) -> String {
    let mut admin = test.admin().await;
    let value: Option<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut admin).await.unwrap();
    value.unwrap_or_default()
}

/// The id of a class of the registry.
pub async fn class(test: &TestApp, cast: &Cast, name: &str) -> String {
    text(
        test,
        &format!("SELECT id::text FROM registry_classes WHERE school_id = '{}' AND name = '{name}'", cast.school.id()),
    )
    .await
}

/// The form of a pupil.
pub fn pupil<'a>(class: &'a str, moet_id: &'a str) -> Vec<(&'a str, &'a str)> {
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

#[tokio::test]
async fn people_are_changed_leave_and_come_back() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let settings = cast.school.path("/settings");
    owner.post(&settings, &[("registry_source", "own")]).await.expect(303);
    owner.post(&cast.school.path("/registry/classes"), &[("name", "10A1-10A2")]).await.expect(303);
    let (first, second) = (class(&test, &cast, "10A1").await, class(&test, &cast, "10A2").await);
    let (people, new) = (cast.school.path("/registry/people"), cast.school.path("/registry/people/new/student"));
    owner.post(&new, &pupil(&first, "7900000011")).await.expect(303);
    let person = owner.get(&people).await.expect(200).link("/registry/people/0");
    let page = owner.get(&person).await.expect(200);
    page.shows(&["Đỗ Văn An", &vi1("registry-change-create", "who", cast.owner.name.as_str())]);

    // Another class, a telephone, and nothing else.
    let mut form = pupil(&second, "7900000011");
    form.extend([("phone", "0912345678"), ("version", "1")]);
    owner.post(&person, &form).await.expect(303);
    let stored =
        "SELECT c.name || ' ' || (p.fields ->> 'phone') || ' ' || (p.fields ->> 'mother_name') || ' ' || p.version
                  FROM registry_people p JOIN registry_classes c ON c.id = p.class_id";
    assert_eq!(text(&test, stored).await, "10A2 0912345678 Trần Thị Mẹ 2");
    let changed = "SELECT before::text || after::text FROM registry_changes WHERE change = 'update'";
    let only = r#"{"class": "10A1"}{"class": "10A2", "phone": "0912345678"}"#;
    assert_eq!(text(&test, changed).await, only);
    let page = owner.get(&person).await.expect(200);
    page.shows(&["10A1", "10A2", &vi1("registry-change-update", "who", cast.owner.name.as_str())]);
    // An outdated form, and one with a fault, come back as typed.
    let late = owner.post(&person, &form).await.expect(422);
    let late = late.shows(&[&vi("fault-changed-meanwhile")]);
    assert_eq!(late.input("phone"), "0912345678");
    let mut wrong = pupil(&second, "7900000011");
    wrong.retain(|(field, _)| *field != "birth_date");
    wrong.extend([("birth_date", "2011-02-31"), ("version", "2")]);
    owner.post(&person, &wrong).await.expect(422);

    // Gone, and back under the same identifier.
    owner.post(&format!("{person}/leaving"), &[]).await.expect(303);
    owner.get(&people).await.expect(200).hides(&["Đỗ Văn An"]);
    owner.get(&format!("{people}?left=on")).await.expect(200).shows(&["Đỗ Văn An"]);
    assert_eq!(text(&test, "SELECT left_reason FROM registry_people").await, "gone");
    assert_eq!(text(&test, "SELECT count(*)::text FROM registry_identifiers").await, "0");
    let mut stranger = pupil(&first, "7900000011");
    stranger.retain(|(field, _)| !["full_name", "birth_date"].contains(field));
    stranger.extend([("full_name", "Bùi Thị Hoa"), ("birth_date", "2010-01-01")]);
    let taken = owner.post(&new, &stranger).await.expect(422);
    taken.shows(&[&vi1("fault-identifier-taken", "value", "7900000011")]);
    test.clock.advance(chrono::Duration::seconds(10));
    assert!(owner.post(&new, &pupil(&first, "7900000011")).await.location().contains("registry-person-returned"));
    let back = "SELECT count(*) || ' ' || count(left_at) || ' ' || min(fields ->> 'phone') FROM registry_people";
    assert_eq!(text(&test, back).await, "1 0 0912345678", "the same person, with what was known of them");
    assert_eq!(text(&test, "SELECT count(*)::text FROM registry_identifiers").await, "1");
    let recorded =
        "SELECT string_agg(action, ', ' ORDER BY action) FROM audit_events WHERE action LIKE 'registry_person%'";
    let acts = "registry_person_added, registry_person_changed, registry_person_left, registry_person_returned";
    assert_eq!(text(&test, recorded).await, acts);

    // A class goes when nobody is in it.
    let removal = |id: &str| cast.school.path(&format!("/registry/classes/{id}/removal"));
    owner.post(&removal(&first), &[]).await.expect(422).shows(&[&vi("fault-registry-class-in-use")]);
    owner.post(&removal(&second), &[]).await.expect(303);
    owner.post(&removal(&second), &[]).await.expect(404);
    owner.get(&cast.school.path("/registry/classes")).await.expect(200).shows(&["10A1"]).hides(&[">10A2<"]);

    // Another school finds none of it, and a manager may not.
    let other = test.cast("79000002").await;
    let other_owner = test.signed_in(&other.owner).await;
    other_owner.post(&other.school.path("/settings"), &[("registry_source", "own")]).await.expect(303);
    let id = person.rsplit('/').next().unwrap();
    let foreign = other.school.path(&format!("/registry/people/{id}"));
    other_owner.get(&foreign).await.expect(404);
    other_owner.post(&foreign, &form).await.expect(404);
    other_owner.post(&format!("{foreign}/leaving"), &[]).await.expect(404);
    other_owner.post(&other.school.path(&format!("/registry/classes/{first}/removal")), &[]).await.expect(404);
    test.signed_in(&cast.manager).await.get(&person).await.expect(403);
    // By submissions it is read, and not changed.
    test.clock.advance(chrono::Duration::seconds(10));
    owner.post(&settings, &[("registry_source", "submissions")]).await.expect(303);
    owner.get(&person).await.expect(200).shows(&["0912345678"]).hides(&["name=\"full_name\""]);
    let refused = owner.post(&format!("{person}/leaving"), &[]).await.expect(422);
    refused.shows(&[&vi("fault-registry-by-submissions")]);
}

#[tokio::test]
async fn people_are_found_by_name_and_turned_over_in_both_directions() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let many =
        "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name, fields,
                    origin, created_at, changed_at, words)
                SELECT $1, md5('p' || n)::uuid, 'student', 'Lê Thị Người ' || to_char(n, 'FM000'),
                    to_char(n, 'FM000'), 'Lê', '', '{}', 'own', now(), now(), ' le thi nguoi ' || to_char(n, 'FM000')
                FROM generate_series(1, 120) n";
    sqlx::query(many).bind(cast.school.id()).execute(&mut test.admin().await).await.unwrap();
    let people = cast.school.path("/registry/people");
    let rows = async |address: &str| owner.get(address).await.expect(200).rows();
    let page = owner.get(&people).await.expect(200);
    let next = page.link("after=");
    let second = owner.get(&next).await.expect(200);
    assert!(second.rows()[0].contains("051"), "{:?}", second.rows()[0]);
    let turned: Vec<String> = second.links().into_iter().filter(|link| link.contains("kind=student")).collect();
    let third = second.links().into_iter().rfind(|link| link.contains("after=")).unwrap();
    assert_eq!(rows(&third).await.len(), 20);
    let back = owner.get(&third).await.expect(200).link("after=");
    assert_eq!(rows(&back).await, second.rows(), "{turned:?}");
    let found = rows(&format!("{people}?q=nguoi+077")).await;
    assert!(found.len() == 1 && found[0].contains("Lê Thị Người 077"), "{found:?}");
    owner.get(&format!("{people}?q=hoang")).await.expect(200).shows(&[&vi("registry-nobody")]);
}

#[tokio::test]
async fn classes_come_with_a_grade_into_the_year_that_was_chosen() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/settings"), &[("registry_source", "own")]).await.expect(303);
    let classes = cast.school.path("/registry/classes");
    let long = "Khối chuyên ".repeat(5);
    let year = cast.school.year_id.to_string();
    let fields = [("name", "11B1-11B2"), ("grade", long.as_str()), ("school_year", year.as_str())];
    let list = owner.post(&classes, &fields).await.location();
    assert!(list.contains(&format!("school_year={year}")), "{list}");
    owner.get(&list).await.expect(200).shows(&["11B1", "11B2", &vi1("done-classes-created", "n", 2)]);
    let grade = "SELECT min(grade) FROM registry_classes";
    assert_eq!(text(&test, grade).await.chars().count(), 30, "as of the school's own classes");
    // A text of the database holds no such character.
    for list in [&classes, &cast.school.path("/classes")] {
        owner.post(list, &[("name", "12C1"), ("grade", "\u{0}12\u{0}"), ("school_year", &year)]).await.expect(303);
    }
    assert_eq!(text(&test, "SELECT grade FROM registry_classes WHERE name = '12C1'").await, "12");
    assert_eq!(text(&test, "SELECT grade FROM classes WHERE name = '12C1'").await, "12");
}
