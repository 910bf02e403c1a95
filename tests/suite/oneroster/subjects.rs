//! What a class is taught in a subject of the timetable: a class of its own ("scheduled"), with its pupils and teachers.

use schoolgate::access::ClientScope;
use schoolgate::ids::{AssignmentId, SubjectId};
use serde_json::Value;
use sqlx::AssertSqlSafe;

use super::changes::{changed, latest};
use super::export::whole;
use super::round_trip::exported;
use super::service::references;
use super::zips::{counts, imported};
use super::{Program, json, unzipped};
use crate::support::{Cast, Someone, TestApp};
use crate::timetable::Timetable;

/// The subject of the only assignment, and its name without commas.
async fn subject(test: &TestApp) -> (SubjectId, String) {
    let sql = "SELECT s.id, replace(s.name, ',', '') FROM timetable_assignments a JOIN timetable_subjects s ON s.id = a.subject_id";
    sqlx::query_as(sql).fetch_one(&mut test.admin().await).await.unwrap()
}

fn ids(things: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = things.iter().map(|thing| thing["sourcedId"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

async fn taught(test: &TestApp) -> (Cast, Program, String) {
    let cast = test.cast("79000001").await;
    for n in 0..3 {
        cast.school.add(test, Someone::pupil(&format!("Lê Văn {}", ["An", "Bình", "Chi"][n]), cast.class_id)).await;
    }
    Timetable::new(test, &cast).await;
    let program = Program::of(test, &cast.school, &[ClientScope::Roster]).await;
    let id = format!("{}.{}", cast.class_id, subject(test).await.0);
    (cast, program, id)
}

#[tokio::test]
async fn it_has_its_course_its_pupils_and_its_teachers() {
    let test = TestApp::new().await;
    let (cast, program, id) = taught(&test).await;
    let (_, name) = subject(&test).await;
    let class = json(&program.get(&format!("/classes/{id}")).await.expect(200))["class"].clone();
    assert_eq!((class["classType"].as_str(), class["subjects"][0].as_str()), (Some("scheduled"), Some(name.as_str())));
    assert!(class["title"].as_str().unwrap().starts_with("10A1 "), "{class}");
    let course = class["course"]["sourcedId"].as_str().unwrap();
    let course = json(&program.get(&format!("/courses/{course}")).await.expect(200))["course"].clone();
    assert!(!course["courseCode"].as_str().unwrap().is_empty() && course["subjects"][0] == name.as_str(), "{course}");
    // As many codes as subjects.
    for thing in [&class, &course] {
        assert_eq!(
            thing["subjectCodes"].as_array().map(Vec::len),
            thing["subjects"].as_array().map(Vec::len),
            "{thing}"
        );
    }
    let whole_class = ids(&program.list(&format!("/classes/{}/students", cast.class_id)).await);
    assert!(whole_class.len() >= 4);
    assert_eq!(ids(&program.list(&format!("/classes/{id}/students")).await), whole_class);
    assert_eq!(ids(&program.list(&format!("/classes/{id}/teachers")).await), [cast.teacher.member_id.to_string()]);
    let of_pupil = ids(&program.list(&format!("/students/{}/classes", cast.pupil.member_id)).await);
    assert_eq!(of_pupil, [cast.class_id.to_string(), id.clone()]);
    assert_eq!(ids(&program.list(&format!("/teachers/{}/classes", cast.teacher.member_id)).await), [id.as_str()]);
    assert!(references(&program).await > 40);

    // In the zip as well; and of it the homeroom classes come in, as before.
    let zip = exported(&test, &cast.school).await;
    let files = unzipped(&zip);
    whole(&files);
    let row = files["classes.csv"].iter().find(|row| row[0] == id).unwrap();
    assert_eq!((row[7].as_str(), row[11].as_str()), ("scheduled", name.as_str()));
    for (file, subjects) in [("classes.csv", 11), ("courses.csv", 8)] {
        let pairs = files[file].iter().skip(1).map(|row| (row[subjects].is_empty(), row[subjects + 1].is_empty()));
        assert!(pairs.clone().any(|(is_without, _)| !is_without));
        assert!(pairs.clone().all(|(is_without, has_none)| is_without == has_none), "{file}");
    }
    let empty = test.school("79000002").await;
    let plan = imported(&test, &empty, &zip).await;
    assert_eq!(counts(&test, &empty, plan).await.keys().copied().collect::<Vec<_>>(), ["create"]);
    let classes = "SELECT name FROM plan_classes WHERE plan_id = $1 ORDER BY name";
    let classes: Vec<String> = sqlx::query_scalar(classes).bind(plan).fetch_all(&mut test.admin().await).await.unwrap();
    assert_eq!(classes, ["10A1"]);
}

#[tokio::test]
async fn every_change_of_it_shows() {
    const LISTS: [&str; 3] = ["/users", "/classes", "/enrollments"];
    let test = TestApp::new().await;
    let (cast, program, id) = taught(&test).await;
    let (subject, _) = subject(&test).await;
    let (class, teacher, other) = (cast.class_id, cast.teacher.member_id, cast.homeroom_teacher.member_id);
    let empty = cast.school.class(&test, "10A9").await;
    let pupils = ids(&program.list(&format!("/classes/{id}/students")).await);
    let moved = cast.pupil.member_id;
    let active = |id: String| (id, "active".to_owned());
    let gone = |id: String| (id, "tobedeleted".to_owned());
    let all = |status: &dyn Fn(String) -> (String, String)| -> Vec<(String, String)> {
        pupils.iter().map(|pupil| status(format!("{id}.{pupil}"))).chain([status(format!("{id}.{teacher}"))]).collect()
    };
    let assign = |teacher| {
        format!(
            "INSERT INTO timetable_assignments (school_id, id, class_id, subject_id, teacher_id, periods)
             VALUES ('{}', '{}', '{class}', '{subject}', '{teacher}', 3)",
            cast.school.id(),
            test.id::<AssignmentId>()
        )
    };
    let mut admin = test.admin().await;
    for (change, expected) in [
        (
            format!("DELETE FROM timetable_assignments WHERE teacher_id = '{teacher}'"),
            [vec![], vec![gone(id.clone())], all(&gone)],
        ),
        (assign(teacher), [vec![], vec![active(id.clone())], all(&active)]),
        // What OneRoster does not tell is no change.
        ("UPDATE timetable_assignments SET periods = 4".to_owned(), [vec![], vec![], vec![]]),
        (assign(other), [vec![], vec![], vec![active(format!("{id}.{other}"))]]),
        (
            format!("DELETE FROM timetable_assignments WHERE teacher_id = '{other}'"),
            [vec![], vec![], vec![gone(format!("{id}.{other}"))]],
        ),
        (
            format!("UPDATE timetable_subjects SET name = 'Văn học' WHERE id = '{subject}'"),
            [vec![], vec![active(id.clone())], vec![]],
        ),
        (
            format!("UPDATE enrolments SET class_id = '{empty}' WHERE member_id = '{moved}'"),
            [
                vec![active(moved.to_string())],
                vec![],
                vec![
                    gone(format!("{class}.{moved}")),
                    gone(format!("{id}.{moved}")),
                    active(format!("{empty}.{moved}")),
                ],
            ],
        ),
        (
            format!("UPDATE enrolments SET class_id = '{class}' WHERE member_id = '{moved}'"),
            [
                vec![active(moved.to_string())],
                vec![],
                vec![
                    active(format!("{class}.{moved}")),
                    active(format!("{id}.{moved}")),
                    gone(format!("{empty}.{moved}")),
                ],
            ],
        ),
        (
            format!("UPDATE timetable_assignments SET teacher_id = '{other}'"),
            // The only teacher is another one: that the class is taught has begun anew.
            [
                vec![],
                vec![active(id.clone())],
                pupils
                    .iter()
                    .map(|pupil| active(format!("{id}.{pupil}")))
                    .chain([active(format!("{id}.{other}")), gone(format!("{id}.{teacher}"))])
                    .collect(),
            ],
        ),
    ] {
        let since = latest(&program, &LISTS).await;
        sqlx::query(AssertSqlSafe(change.clone())).execute(&mut admin).await.unwrap();
        for (path, mut expected) in LISTS.into_iter().zip(expected) {
            let mut found = changed(&program, path, since).await;
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{path} after {change}");
        }
    }
}
