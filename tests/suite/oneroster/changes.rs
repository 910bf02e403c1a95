//! What the service tells of changes: what has changed since a moment, and what is gone.

use chrono::{DateTime, Utc};
use schoolgate::{access::ClientScope, roster::fields::Field};
use serde_json::Value;
use sqlx::PgConnection;

use super::{Program, round_trip::share_everything};
use crate::support::{Someone, TestApp};

fn text(thing: &Value, name: &str) -> String {
    thing[name].as_str().unwrap().to_owned()
}

/// What has changed since a moment, by its id, with its status.
pub async fn changed(program: &Program, path: &str, since: DateTime<Utc>) -> Vec<(String, String)> {
    let since = since.format("%Y-%m-%dT%H:%M:%S%.3fZ");
    let filter = format!("dateLastModified>'{since}'");
    let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let things = program.list(&format!("{path}?limit=10000&filter={filter}")).await;
    things.iter().map(|thing| (text(thing, "sourcedId"), text(thing, "status"))).collect()
}

pub async fn latest(program: &Program, paths: &[&str]) -> DateTime<Utc> {
    let mut latest = DateTime::<Utc>::MIN_UTC;
    for path in paths {
        for thing in program.list(&format!("{path}?limit=10000")).await {
            latest = latest.max(thing["dateLastModified"].as_str().unwrap().parse().unwrap());
        }
    }
    latest
}

/// Makes a change in the database; then the lists tell just what is expected of each.
async fn expect_told<const N: usize>(
    program: &Program,
    admin: &mut PgConnection,
    lists: [&str; N],
    change: String,
    expected: [Vec<(String, String)>; N],
) {
    let since = latest(program, &lists).await;
    sqlx::query(sqlx::AssertSqlSafe(change.clone())).execute(admin).await.unwrap();
    for (path, mut expected) in lists.into_iter().zip(expected) {
        let mut found = changed(program, path, since).await;
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{path} after {change}");
    }
}

#[tokio::test]
async fn every_change_shows_and_what_is_gone_is_told_as_gone() {
    const LISTS: [&str; 3] = ["/users", "/classes", "/enrollments"];
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other = cast.school.class(&test, "10A9").await;
    let program = Program::of(&test, &cast.school, &[ClientScope::Roster]).await;
    let (pupil, class, teacher) = (cast.pupil.member_id, cast.class_id, cast.homeroom_teacher.member_id);
    let active = |id: String| (id, "active".to_owned());
    let gone = |id: String| (id, "tobedeleted".to_owned());
    let mut admin = test.admin().await;
    let erased = cast.school.add(&test, Someone::pupil("Lê Thị Xoá", class)).await.member_id;
    let empty = cast.school.class(&test, "10A8").await;
    let risen = cast.school.add(&test, Someone::pupil("Lê Văn Lớn", class)).await.member_id;
    let (manager, promoted) = (cast.manager.member_id, cast.teacher.member_id);
    for (change, expected) in [
        (
            format!("UPDATE members SET full_name = 'Lê Văn Khác', given_name = 'Khác' WHERE id = '{pupil}'"),
            [vec![active(pupil.to_string())], vec![], vec![]],
        ),
        // What OneRoster does not tell is no change.
        (format!("UPDATE members SET address = '1 Lê Lợi' WHERE id = '{pupil}'"), [vec![], vec![], vec![]]),
        (
            format!("UPDATE classes SET name = '10A7' WHERE id = '{other}'"),
            [vec![], vec![active(other.to_string())], vec![]],
        ),
        (
            format!("UPDATE enrolments SET class_id = '{other}' WHERE member_id = '{pupil}'"),
            [
                vec![active(pupil.to_string())],
                vec![],
                vec![gone(format!("{class}.{pupil}")), active(format!("{other}.{pupil}"))],
            ],
        ),
        (
            format!("UPDATE enrolments SET class_id = '{class}' WHERE member_id = '{pupil}'"),
            [
                vec![active(pupil.to_string())],
                vec![],
                vec![active(format!("{class}.{pupil}")), gone(format!("{other}.{pupil}"))],
            ],
        ),
        (
            format!("UPDATE classes SET homeroom_member_id = NULL WHERE id = '{class}'"),
            [vec![], vec![active(class.to_string())], vec![gone(format!("{class}.{teacher}"))]],
        ),
        // Of the managers those with a homeroom class are told.
        (
            format!("UPDATE classes SET homeroom_member_id = '{manager}' WHERE id = '{other}'"),
            [
                vec![active(manager.to_string())],
                vec![active(other.to_string())],
                vec![active(format!("{other}.{manager}"))],
            ],
        ),
        (
            format!("UPDATE classes SET name = '10A6' WHERE id = '{other}'"),
            [vec![], vec![active(other.to_string())], vec![]],
        ),
        (
            format!("UPDATE classes SET homeroom_member_id = NULL WHERE id = '{other}'"),
            [
                vec![gone(manager.to_string())],
                vec![active(other.to_string())],
                vec![gone(format!("{other}.{manager}"))],
            ],
        ),
        (
            format!("UPDATE members SET role = 'manager' WHERE id = '{promoted}'"),
            [vec![gone(promoted.to_string())], vec![], vec![]],
        ),
        (
            format!("UPDATE members SET role = 'teacher' WHERE id = '{promoted}'"),
            [vec![active(promoted.to_string())], vec![], vec![]],
        ),
        (
            format!(
                "WITH risen AS (UPDATE members SET role = 'teacher' WHERE id = '{risen}')
                 UPDATE enrolments SET ended_at = now() WHERE member_id = '{risen}'"
            ),
            [vec![active(risen.to_string())], vec![], vec![gone(format!("{class}.{risen}"))]],
        ),
        (
            format!(
                "WITH out AS (UPDATE members SET status = 'left' WHERE id = '{pupil}')
                 UPDATE enrolments SET ended_at = now() WHERE member_id = '{pupil}'"
            ),
            [vec![gone(pupil.to_string())], vec![], vec![gone(format!("{class}.{pupil}"))]],
        ),
        (
            format!("DELETE FROM members WHERE id = '{erased}'"),
            [vec![gone(erased.to_string())], vec![], vec![gone(format!("{class}.{erased}"))]],
        ),
        (format!("DELETE FROM classes WHERE id = '{empty}'"), [vec![], vec![gone(empty.to_string())], vec![]]),
    ] {
        expect_told(&program, &mut admin, LISTS, change, expected).await;
    }
    // Which grade a pupil is in is told with the pupil.
    let since = latest(&program, &LISTS).await;
    let pupils = program.list(&format!("/classes/{class}/students?limit=10000")).await;
    sqlx::query("UPDATE classes SET grade = '11' WHERE id = $1").bind(class).execute(&mut admin).await.unwrap();
    let mut found = changed(&program, "/users", since).await;
    found.sort();
    let mut expected: Vec<_> = pupils.iter().map(|pupil| active(text(pupil, "sourcedId"))).collect();
    expected.sort();
    assert!(!expected.is_empty());
    assert_eq!(found, expected);
    assert!(changed(&program, "/enrollments", since).await.is_empty());
    // For 90 days.
    for past in [
        "ALTER TABLE members DISABLE TRIGGER members_changed",
        "UPDATE oneroster_tombstones SET gone_at = now() - interval '200 days'",
        "UPDATE members SET changed_at = now() - interval '200 days' WHERE status = 'left'",
        "UPDATE enrolments SET changed_at = now() - interval '200 days' WHERE ended_at IS NOT NULL",
    ] {
        sqlx::query(past).execute(&mut admin).await.unwrap();
    }
    for path in LISTS {
        let all = program.list(&format!("{path}?limit=10000")).await;
        assert!(all.iter().all(|thing| thing["status"] == "active"), "{path}: {all:?}");
    }
    // Then what is told no longer is forgotten, with the school's nightly count.
    schoolgate::reports::daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM oneroster_tombstones").fetch_one(&mut admin).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn guardians_and_demographics_that_are_gone_are_told_as_gone() {
    const LISTS: [&str; 2] = ["/users", "/demographics"];
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    share_everything(&test).await;
    let pupil = Someone::pupil("Lê Văn Bình", cast.class_id)
        .value(Field::BirthDate, "2011-02-03")
        .value(Field::Gender, "male")
        .value(Field::MotherName, "Trần Thị Hoa")
        .value(Field::MotherBirthYear, "1985")
        .value(Field::GuardianName, "Lê Văn Ông")
        .value(Field::GuardianBirthYear, "1950");
    let pupil = cast.school.add(&test, pupil).await.member_id;
    let program = Program::of(&test, &cast.school, &ClientScope::ONEROSTER).await;
    let owner = test.signed_in(&cast.owner).await;
    let active = |id: &str| (id.to_owned(), "active".to_owned());
    let gone = |id: &str| (id.to_owned(), "tobedeleted".to_owned());
    let (mother, guardian, pupil) = (format!("{pupil}.mother"), format!("{pupil}.guardian"), pupil.to_string());
    // An edit of the pupil is none of the guardians, unless it is about them.
    let class = cast.class_id.to_string();
    let form = [
        ("full_name", "Lê Văn Bình"),
        ("gender", "male"),
        ("birth_date", "2011-02-03"),
        ("class", class.as_str()),
        ("mother_name", "Trần Thị Hoa"),
        ("mother_birth_year", "1985"),
        ("guardian_name", "Lê Văn Ông"),
        ("guardian_birth_year", "1950"),
        ("address", "1 Lê Lợi"),
    ];
    let written = "SELECT max(changed_at) FROM guardians";
    let mut admin = test.admin().await;
    let before: DateTime<Utc> = sqlx::query_scalar(written).fetch_one(&mut admin).await.unwrap();
    owner.post(&cast.school.path(&format!("/accounts/{pupil}")), &form).await.expect(303);
    let after: DateTime<Utc> = sqlx::query_scalar(written).fetch_one(&mut admin).await.unwrap();
    assert_eq!(before, after);
    for (change, expected) in [
        (
            format!(
                "UPDATE guardians SET full_name = 'Trần Thị Huệ' WHERE member_id = '{pupil}' AND relation = 'mother'"
            ),
            [vec![active(&mother), active(&pupil)], vec![]],
        ),
        (
            format!("DELETE FROM guardians WHERE member_id = '{pupil}' AND relation = 'guardian'"),
            [vec![gone(&guardian), active(&pupil)], vec![]],
        ),
        (format!("DELETE FROM members WHERE id = '{pupil}'"), [vec![gone(&pupil), gone(&mother)], vec![gone(&pupil)]]),
    ] {
        expect_told(&program, &mut admin, LISTS, change, expected).await;
    }
    // Not for those who may not read of guardians.
    let plain = Program::of(&test, &cast.school, &[ClientScope::Roster]).await;
    let told = plain.get("/users?limit=10000").await.expect(200).html();
    assert!(told.contains(&pupil) && !told.contains(&mother), "{told}");
}
