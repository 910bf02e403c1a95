//! Placing lessons: what is refused, and what two people at one version see.

use schoolgate::ids::{ClassId, TimetableId};
use uuid::Uuid;

use super::{Timetable, version};
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, Page, TestApp};

const LESSONS: &str = "SELECT format('%s %s-%s-%s %s %s %s', c.name, l.day, l.session, l.period, s.short_name,
        coalesce(m.full_name, '-'), coalesce(r.name, '-'))
    FROM timetable_lessons l JOIN classes c ON c.id = l.class_id JOIN timetable_subjects s ON s.id = l.subject_id
    LEFT JOIN members m ON m.id = l.teacher_id LEFT JOIN timetable_rooms r ON r.id = l.room_id
    WHERE l.version_id = $1 ORDER BY c.name, l.day, l.session DESC, l.period";

async fn lessons(test: &TestApp, version: TimetableId) -> Vec<String> {
    sqlx::query_scalar(LESSONS).bind(version).fetch_all(&mut test.admin().await).await.unwrap()
}

fn grid(cast: &Cast, version: TimetableId, class: ClassId) -> String {
    cast.school.path(&format!("/timetable/versions/{version}/classes/{class}"))
}

async fn place(client: &Client, address: &str, slot: (&str, &str, &str), what: [&str; 3]) -> Page {
    let (day, session, period) = slot;
    let [subject, teacher, room] = what;
    let form = [
        ("day", day),
        ("session", session),
        ("period", period),
        ("subject", subject),
        ("teacher", teacher),
        ("room", room),
    ];
    client.post(address, &form).await
}

#[tokio::test]
async fn a_short_name_places_the_lesson_as_it_is_assigned() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let here = grid(&cast, draft, cast.class_id);
    let form = [("day", "2"), ("session", "morning"), ("period", "1"), ("subject", "văn")];
    let to = maker.post(&here, &form).await.location();
    assert_eq!(to, format!("{here}?at=2-morning-2"), "on to the next field");
    let line = format!("10A1 2-morning-1 Văn {} -", cast.teacher.name);
    assert_eq!(lessons(&test, draft).await, [line]);
    let shown = maker.get(&here).await.expect(200);
    shown.shows(&[&cast.teacher.name, &vi1("timetable-left-of", "left", 2)]);
    // By ids, with a room; and emptied again.
    let subject: Uuid = sqlx::query_scalar("SELECT id FROM timetable_subjects WHERE short_name = 'TD'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let (subject, teacher, room) =
        (subject.to_string(), cast.homeroom_teacher.member_id.to_string(), made.room.to_string());
    place(&maker, &here, ("2", "morning", "1"), [&subject, &teacher, &room]).await.expect(303);
    let line = format!("10A1 2-morning-1 TD {} Phòng Lý", cast.homeroom_teacher.name);
    assert_eq!(lessons(&test, draft).await, [line]);
    place(&maker, &here, ("2", "morning", "1"), ["", "", ""]).await.expect(303);
    assert_eq!(lessons(&test, draft).await, [] as [&str; 0]);
    // The published one was not touched.
    assert_eq!(lessons(&test, made.version).await.len(), 1);
}

#[tokio::test]
async fn no_teacher_class_or_room_is_in_two_places_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let other = cast.school.class(&test, "10A2").await;
    let maker = test.signed_in(&cast.timetable).await;
    let here = grid(&cast, made.version, other);
    let before = lessons(&test, made.version).await;
    let (teacher, room) = (cast.teacher.name.as_str(), "Phòng Lý");
    let refused = place(&maker, &here, ("1", "morning", "1"), ["Văn", teacher, ""]).await.expect(422);
    refused.shows(&[&vi2("timetable-teacher-taken", ("teacher", teacher), ("class", "10A1"))]);
    let refused = place(&maker, &here, ("1", "morning", "1"), ["Lý", "", room]).await.expect(422);
    let refused = refused.shows(&[&vi2("timetable-room-taken", ("room", room), ("classes", "10A1"))]);
    assert!(refused.html().contains("value=\"Lý\""), "as typed");
    for (slot, what, fault) in [
        (("1", "morning", "6"), ["Lý", "", ""], vi1("timetable-no-period", "at", "Thứ 2, Sáng, tiết 6")),
        (("9", "morning", "1"), ["Lý", "", ""], vi("timetable-slot-missing")),
        (("1", "morning", "2"), ["Phép thuật", "", ""], vi1("fault-timetable-subject", "value", "Phép thuật")),
        (("1", "morning", "2"), ["Lý", "Ai Đó", ""], vi1("fault-timetable-teacher", "value", "Ai Đó")),
        (("1", "morning", "2"), ["Lý", "", "Sân thượng"], vi1("fault-timetable-room", "value", "Sân thượng")),
    ] {
        place(&maker, &here, slot, what).await.expect(422).shows(&[&fault]);
    }
    assert_eq!(lessons(&test, made.version).await, before);

    // A room that holds two classes takes a second one, and no third.
    let rooms = cast.school.path("/timetable/rooms");
    let id = made.room.to_string();
    maker.post(&rooms, &[("id", &id), ("name", room), ("capacity", "2"), ("class", "")]).await.expect(303);
    place(&maker, &here, ("1", "morning", "1"), ["Lý", "", room]).await.expect(303);
    let third = cast.school.class(&test, "10A3").await;
    let there = grid(&cast, made.version, third);
    let refused = place(&maker, &there, ("1", "morning", "1"), ["Lý", "", room]).await.expect(422);
    refused.shows(&[&vi2("timetable-room-taken", ("room", room), ("classes", "10A1, 10A2"))]);
    assert_eq!(lessons(&test, made.version).await.len(), 2);
}

#[tokio::test]
async fn the_database_refuses_what_no_page_would_write() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let other = cast.school.class(&test, "10A2").await;
    let mut admin = test.admin().await;
    for (column, constraint) in [("teacher_id", "timetable_teacher_taken"), ("room_id", "timetable_room_taken")] {
        let copy = format!(
            "INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id, {column})
             SELECT school_id, version_id, $1, day, session, period, subject_id, {column} FROM timetable_lessons"
        );
        let error = sqlx::query(sqlx::AssertSqlSafe(copy)).bind(other).execute(&mut admin).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some(constraint));
    }
    assert_eq!(lessons(&test, made.version).await.len(), 1);
}

#[tokio::test]
async fn the_second_of_two_who_place_a_teacher_at_the_same_instant_is_told() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let classes = [cast.school.class(&test, "10A2").await, cast.school.class(&test, "10A3").await];
    let (one, two) = (test.signed_in(&cast.timetable).await, test.signed_in(&cast.owner).await);
    let (first, second) = (grid(&cast, made.version, classes[0]), grid(&cast, made.version, classes[1]));
    let teacher = cast.homeroom_teacher.name.as_str();
    for period in ["1", "2", "3", "4", "5"] {
        let (first, second) = tokio::join!(
            place(&one, &first, ("3", "morning", period), ["Lý", teacher, ""]),
            place(&two, &second, ("3", "morning", period), ["Hóa", teacher, ""]),
        );
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
        let refused = if first.status == 422 { first } else { second };
        let class = if refused.what.contains(&classes[0].to_string()) { "10A3" } else { "10A2" };
        refused.shows(&[&vi2("timetable-teacher-taken", ("teacher", teacher), ("class", class))]);
    }
    assert_eq!(lessons(&test, made.version).await.len(), 6);
}

#[tokio::test]
async fn a_field_that_another_has_changed_is_not_overwritten() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let (one, two) = (test.signed_in(&cast.timetable).await, test.signed_in(&cast.owner).await);
    let here = grid(&cast, made.version, cast.class_id);
    let form = |subject| [("day", "4"), ("session", "morning"), ("period", "2"), ("subject", subject), ("was", "-")];
    // Both have seen an empty field.
    one.post(&here, &form("Sử")).await.expect(303);
    let refused = two.post(&here, &form("Địa")).await.expect(422);
    let at = "Thứ 5, Sáng, tiết 2";
    refused.shows(&[&vi1("timetable-changed", "at", at)]);
    assert!(lessons(&test, made.version).await.contains(&"10A1 4-morning-2 Sử - -".to_owned()));
}

#[tokio::test]
async fn a_grade_of_one_session_has_no_lessons_in_the_other() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let mut admin = test.admin().await;
    sqlx::query("UPDATE classes SET grade = '10'").execute(&mut admin).await.unwrap();
    sqlx::query("INSERT INTO timetable_shifts SELECT id, '10', 'afternoon' FROM schools")
        .execute(&mut admin)
        .await
        .unwrap();
    let maker = test.signed_in(&cast.timetable).await;
    let here = grid(&cast, made.version, cast.class_id);
    let refused = place(&maker, &here, ("5", "morning", "1"), ["Sử", "", ""]).await.expect(422);
    refused.shows(&[&vi1("timetable-other-session", "session", "Chiều")]);
    place(&maker, &here, ("5", "afternoon", "1"), ["Sử", "", ""]).await.expect(303);
}
