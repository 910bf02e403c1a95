//! After how long a session of staff that nobody uses is as good as ended.

use chrono::Duration;
use schoolgate::{access::SchoolKind, identity::accounts, ids::AccountId};

use crate::support::people::{PASSWORD, School};
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Person, Someone, TestApp};

const MINUTES_OF_12_HOURS: i64 = 12 * 60;

async fn sessions_of(test: &TestApp, account_id: AccountId) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM sessions WHERE account_id = $1")
        .bind(account_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

/// Signed in, once at `path`, and then idle for so long: whether the session still opens it. One that does not is gone.
async fn lasts(test: &TestApp, person: &Person, path: &str, minutes: i64) -> bool {
    let client = test.signed_in(person).await;
    client.get(path).await.expect(200);
    test.clock.advance(Duration::minutes(minutes));
    is_in(test, &client, person, path).await
}

async fn is_in(test: &TestApp, client: &Client, person: &Person, path: &str) -> bool {
    let before = sessions_of(test, person.account_id).await;
    let page = client.get(path).await;
    let is_in = page.status == 200;
    let ended = before - sessions_of(test, person.account_id).await;
    assert_eq!(ended, i64::from(!is_in), "{} {path}", person.name);
    assert!(is_in || page.location().starts_with("/sign-in?next="), "{} {path}", person.name);
    is_in
}

async fn allows(test: &TestApp, cast: &Cast, hours: &str) {
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/settings"), &[("staff_idle_hours", hours)]).await.expect(303);
}

/// A person of one school is in another one as well.
async fn is_also_in(test: &TestApp, person: &Person, school: &School, member: &Person) {
    let mut tx = test.db.begin().await.unwrap();
    accounts::remove_memberships(&mut tx, &[member.account_id], school.id()).await.unwrap();
    accounts::add_memberships(&mut tx, &[person.account_id], school.id(), &[member.member_id]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn staff_and_operators_are_out_after_half_a_day_and_pupils_are_not() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let home = cast.school.path("");
    for (person, path) in [
        (&cast.owner, home.as_str()),
        (&cast.manager, &home),
        (&cast.teacher, &home),
        // Never in a school: nothing is known of the person but the address.
        (&cast.homeroom_teacher, "/me"),
        (&operator, "/operator/schools"),
    ] {
        assert!(lasts(&test, person, path, MINUTES_OF_12_HOURS - 1).await, "{}", person.name);
        assert!(!lasts(&test, person, path, MINUTES_OF_12_HOURS + 1).await, "{}", person.name);
    }
    for path in [home.as_str(), "/me"] {
        assert!(lasts(&test, &cast.pupil, path, 13 * 24 * 60).await, "{path}");
    }
    // Being used, a session goes on.
    let teacher = test.signed_in(&cast.teacher).await;
    for _ in 0..3 {
        test.clock.advance(Duration::minutes(MINUTES_OF_12_HOURS - 1));
        teacher.get(&home).await.expect(200);
    }
}

/// Students in higher education sign in with addresses, as staff do.
#[tokio::test]
async fn who_is_a_student_is_told_by_the_school() {
    let test = TestApp::new().await;
    let school = test.school_of(SchoolKind::Higher, "DH000009").await;
    let student = school.add(&test, Someone::pupil("Đỗ Văn Sinh", school.class(&test, "K66").await)).await;
    let address = "sinh@example.edu.vn";
    sqlx::query("UPDATE accounts SET login = $2 WHERE id = $1")
        .bind(student.account_id)
        .bind(address)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let home = school.path("");
    assert!(lasts(&test, &student, &home, 3 * 24 * 60).await);
    assert!(lasts(&test, &student, "/me", 3 * 24 * 60).await);

    // Made a teacher, the student is no longer let lie idle: neither here nor by way of a page that is of no school.
    let client = test.signed_in(&student).await;
    client.get(&home).await.expect(200);
    sqlx::query("DELETE FROM enrolments WHERE member_id = $1")
        .bind(student.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    sqlx::query("UPDATE members SET role = 'teacher' WHERE id = $1")
        .bind(student.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    test.clock.advance(Duration::minutes(MINUTES_OF_12_HOURS + 1));
    client.get("/me").await.expect(200);
    assert!(!is_in(&test, &client, &student, &home).await);
    assert!(lasts(&test, &student, &home, MINUTES_OF_12_HOURS - 1).await);
    assert!(!lasts(&test, &student, &home, MINUTES_OF_12_HOURS + 1).await);
}

#[tokio::test]
async fn the_owner_says_how_long_and_raising_it_is_a_loosening() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (settings, home) = (cast.school.path("/settings"), cast.school.path(""));
    let owner = test.signed_in(&cast.owner).await;
    let select = async || {
        let page = owner.get(&settings).await.expect(200).html();
        let start = page.find("name=\"staff_idle_hours\"").unwrap();
        page[start..].split("</select>").next().unwrap().to_owned()
    };
    let shown = select().await;
    assert_eq!(shown.matches("<option").count(), 15);
    assert!(shown.contains("value=\"12\" selected"), "{shown}");
    for words in [vi1("settings-staff-idle-hours-many", "n", "12"), vi1("settings-staff-idle-days", "n", "14")] {
        assert!(shown.contains(&words), "{words}");
    }
    for hours in ["0", "11", "13", "25", "337", "360", "-12", "viele"] {
        let page = owner.post(&settings, &[("staff_idle_hours", hours)]).await.expect(422);
        page.shows(&[&vi("fault-staff-idle-hours")]);
    }
    test.clock.advance(Duration::minutes(10));
    let longer = [("staff_idle_hours", "48")];
    owner.post(&settings, &longer).await.expect(422).shows(&[&vi("fresh-title")]);
    assert!(select().await.contains("value=\"12\" selected"));
    owner.post(&settings, &[longer[0], ("fresh_password", PASSWORD)]).await.expect(303);
    assert!(select().await.contains("value=\"48\" selected"));
    // Who does not say how long leaves it as it is.
    owner.post(&settings, &[("idle_minutes", "60")]).await.expect(303);
    assert!(select().await.contains("value=\"48\" selected"));
    assert!(lasts(&test, &cast.teacher, &home, 48 * 60 - 1).await);
    assert!(!lasts(&test, &cast.teacher, &home, 48 * 60 + 1).await);

    // Tightened, it holds for a person who is signed in already, and asks for nothing.
    let owner = test.signed_in(&cast.owner).await;
    let teacher = test.signed_in(&cast.teacher).await;
    test.clock.advance(Duration::minutes(MINUTES_OF_12_HOURS + 1));
    owner.post(&settings, &[("staff_idle_hours", "12")]).await.expect(303);
    assert!(!is_in(&test, &teacher, &cast.teacher, &home).await);
    let details: Vec<String> =
        sqlx::query_scalar("SELECT detail->>'staff_idle_hours' FROM audit_events ORDER BY at, id")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(details, ["48", "48", "12"]);
}

#[tokio::test]
async fn of_an_account_in_two_schools_the_stricter_holds() {
    let test = TestApp::new().await;
    let (cast, other) = (test.cast("79000001").await, test.cast("79000002").await);
    allows(&test, &cast, "72").await;
    let teacher = &cast.teacher;
    for path in [cast.school.path(""), "/me".to_owned()] {
        assert!(lasts(&test, teacher, &path, 48 * 60).await, "{path}");
    }
    is_also_in(&test, teacher, &other.school, &other.pupil).await;
    // As a pupil of the other school, once that is known.
    sqlx::query("UPDATE memberships SET is_staff = false WHERE account_id = $1 AND school_id = $2")
        .bind(teacher.account_id)
        .bind(other.school.id())
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    assert!(lasts(&test, teacher, "/me", 48 * 60).await);
    // As staff there: also in a school that allows more, and on pages of none.
    sqlx::query("UPDATE memberships SET is_staff = NULL WHERE account_id = $1 AND school_id = $2")
        .bind(teacher.account_id)
        .bind(other.school.id())
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    for path in [cast.school.path(""), "/me".to_owned()] {
        assert!(lasts(&test, teacher, &path, MINUTES_OF_12_HOURS - 1).await, "{path}");
        assert!(!lasts(&test, teacher, &path, MINUTES_OF_12_HOURS + 1).await, "{path}");
    }
}

/// What is as good as ended is not told to be a device that is signed in.
#[tokio::test]
async fn the_list_of_devices_leaves_out_what_lay_idle() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let idle = test.signed_in(&cast.teacher).await;
    idle.get("/me").await.expect(200);
    test.clock.advance(Duration::minutes(MINUTES_OF_12_HOURS - 1));
    let here = test.signed_in(&cast.teacher).await;
    assert_eq!(here.get("/me/devices").await.expect(200).rows().len(), 2);
    test.clock.advance(Duration::minutes(2));
    assert_eq!(here.get("/me/devices").await.expect(200).rows().len(), 1);
}
