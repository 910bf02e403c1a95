//! Exams and the timetable: lessons at the time of papers, days of exams on teachers' home pages, duties in calendars.

use chrono::Duration;

use crate::support::exams::{Exam, one};
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, Person, Someone, TestApp, sheets};
use crate::timetable::{Timetable, calendar::renewed};

/// The period of the lesson that clashes with the papers: on Monday, the first one.
fn slot() -> String {
    vi2("timetable-slot", ("session", vi("timetable-morning")), ("period", "1"))
}

async fn exam_of(test: &TestApp, cast: &Cast, grade: &str) -> Exam {
    let exam = Exam::made(&cast.school, test.signed_in(&cast.exams).await, &[("grades", grade)]).await;
    exam.paper("Toán", "2026-09-14", "7:30").await;
    exam.paper("Ngữ văn", "2026-09-15", "7:30").await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "24"), ("place", "Nhà A")]).await;
    exam
}

#[tokio::test]
async fn lessons_at_the_time_of_a_paper_are_shown() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let exam = exam_of(&test, &cast, "10").await;
    let page = exam.get("/papers").await;
    let page = page.shows(&[&vi("exam-lessons"), &slot(), "10A1", &cast.teacher.name, "Phòng Lý"]);
    page.shows(&[&vi1("exam-lessons-n", "count", 1)]).hides(&[&vi("exam-lesson-of-others")]);
    // The home of the teacher tells of the days once the exam is planned out, and of the own lesson.
    let home = cast.school.path("");
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.get(&home).await.expect(200).hides(&[&vi("exam-days-coming")]);
    exam.seat_all().await;
    let lesson = vi2("exam-day-lesson", ("slot", slot()), ("class", "10A1"));
    let page = teacher.get(&home).await.expect(200);
    page.shows(&[&vi("exam-days-coming"), "14/09/2026", "15/09/2026", "Toán 07:30–09:00", &lesson]);
    let other = test.signed_in(&cast.homeroom_teacher).await;
    other.get(&home).await.expect(200).shows(&[&vi("exam-days-coming"), "14/09/2026"]).hides(&[&lesson]);
    // Once they are over they are gone.
    test.clock.advance(Duration::days(9));
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.get(&home).await.expect(200).hides(&[&vi("exam-days-coming")]);
}

#[tokio::test]
async fn a_holiday_has_no_lessons_at_the_time_of_a_paper() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let exam = exam_of(&test, &cast, "10").await;
    exam.get("/papers").await.shows(&[&vi("exam-lessons")]);
    let day = [("name", "Nghỉ"), ("from", "2026-09-14"), ("to", ""), ("kind", "free")];
    test.signed_in(&cast.timetable).await.post(&cast.school.path("/timetable/days"), &day).await.expect(303);
    exam.get("/papers").await.hides(&[&vi("exam-lessons")]);
}

#[tokio::test]
async fn clashing_lessons_of_invigilators_and_in_rooms_of_the_exam_are_listed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let class = cast.school.class(&test, "11A1").await;
    cast.school.add(&test, Someone::pupil("Bùi Văn Lâm", class)).await;
    let exam = exam_of(&test, &cast, "11").await;
    // 10A1 does not sit it: what it has then is another's, unless it is in a room of the exam.
    exam.get("/papers").await.hides(&[&vi("exam-lessons")]);
    exam.post("/rooms", &[("name", "Phòng Lý"), ("seats", "24")]).await;
    exam.get("/papers").await.shows(&[&vi("exam-lessons"), &vi("exam-lesson-of-others"), "Phòng Lý"]);
    exam.seat_all().await;
    exam.get("/papers").await.hides(&[&vi("exam-lessons")]);
    let (teacher, other) = (cast.teacher.member_id.to_string(), cast.homeroom_teacher.member_id.to_string());
    exam.post("/invigilation", &[("member", &other)]).await;
    exam.post("/invigilation", &[("per_room", "1"), ("seed", "1")]).await;
    exam.get("/invigilation").await.hides(&[&vi("exam-duty-lessons")]);
    exam.post("/invigilation", &[("member", &teacher)]).await;
    // A teacher with a lesson gets the duty only after it is confirmed, and the lesson stays listed.
    let paper = one(&mut test.admin().await, "SELECT id FROM exam_papers WHERE subject = 'Toán'").await.to_string();
    let swap = [("paper", paper.as_str()), ("from", &other), ("by", &teacher)];
    let lesson = format!("{}, 10A1", slot());
    let teaches = vi2("exam-duty-teaches", ("name", cast.teacher.name.as_str()), ("lesson", lesson));
    exam.refused("/invigilation", &swap, &[&teaches, &vi("exam-duty-anyway")]).await;
    exam.post("/invigilation", &[swap[0], swap[1], swap[2], ("anyway", "on")]).await;
    let page = exam.get("/invigilation").await;
    page.shows(&[&vi("exam-duty-lessons"), &slot(), "10A1", &cast.teacher.name]);
}

/// The events of a calendar of duties: what each is named, where and when.
async fn duties(client: &Client, address: &str) -> Vec<(String, String, String)> {
    let text = client.get(address).await.expect(200).html().replace("\r\n ", "");
    let value = |event: &str, name: &str| {
        let line = event.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().to_owned()
    };
    text.split("BEGIN:VEVENT")
        .filter(|event| event.contains("-duty@schoolgate"))
        .map(|event| {
            assert!(event.contains(&format!("SUMMARY:{}", vi1("calendar-duty", "subject", "Toán"))), "{event}");
            (value(event, "UID:"), value(event, "LOCATION:"), value(event, "DTSTART;TZID=Asia/Ho_Chi_Minh:"))
        })
        .collect()
}

#[tokio::test]
async fn duties_are_in_the_calendar_and_on_the_own_page_and_follow_a_swap() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let exam = Exam::made(&cast.school, test.signed_in(&cast.exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-09-14", "7:30").await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "24"), ("place", "Nhà A")]).await;
    exam.seat_all().await;
    let (one_id, two_id) = (cast.teacher.member_id.to_string(), cast.homeroom_teacher.member_id.to_string());
    exam.post("/invigilation", &[("member", &one_id)]).await;
    exam.post("/invigilation", &[("per_room", "1"), ("seed", "1")]).await;
    exam.post("/invigilation", &[("member", &two_id)]).await;
    let (first, second) = (test.signed_in(&cast.teacher).await, test.signed_in(&cast.homeroom_teacher).await);
    let (of_first, of_second) = (renewed(&first).await, renewed(&second).await);
    let pupil = renewed(&test.signed_in(&cast.pupil).await).await;
    let anybody = test.anonymous();
    let paper = one(&mut test.admin().await, "SELECT id FROM exam_papers").await;
    let event = |person: &Person, place: &str| {
        (format!("{}-{paper}-duty@schoolgate", person.member_id), place.to_owned(), "20260914T073000".to_owned())
    };
    assert_eq!(duties(&anybody, &of_first).await, [event(&cast.teacher, "P1 (Nhà A)")]);
    assert_eq!(duties(&anybody, &of_second).await, []);
    assert_eq!(duties(&anybody, &pupil).await, []);

    // The room has another place: the same event.
    let room = one(&mut test.admin().await, "SELECT id FROM exam_rooms").await;
    exam.post(&format!("/rooms/{room}"), &[("name", "P1"), ("seats", "24"), ("place", "Nhà B")]).await;
    assert_eq!(duties(&anybody, &of_first).await, [event(&cast.teacher, "P1 (Nhà B)")]);

    let swap = [("paper", &*paper.to_string()), ("from", &one_id), ("by", &two_id), ("anyway", "on")];
    exam.post("/invigilation", &swap).await;
    assert_eq!(duties(&anybody, &of_first).await, []);
    assert_eq!(duties(&anybody, &of_second).await, [event(&cast.homeroom_teacher, "P1 (Nhà B)")]);
    let own = cast.school.path("/my-exams");
    first.get(&own).await.expect(200).hides(&[&vi("exam-own-duties")]);
    second.get(&own).await.expect(200).shows(&[&vi("exam-own-duties"), "Toán", "P1", "Nhà B"]);
    second.get(&cast.school.path("")).await.expect(200).shows(&[&vi("exam-own-duties"), "P1"]);
}

#[tokio::test]
async fn the_plan_and_the_duties_are_printed_and_written_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let exam = exam_of(&test, &cast, "10").await;
    exam.get("/lists/duties").await.shows(&[&vi("exam-printed-empty")]);
    let plan = exam.get("/lists/plan").await;
    let heads = [vi("exam-list-plan"), vi("exam-sign-head"), cast.school.scope.school.name.clone()];
    let plan = plan.shows(&heads.each_ref().map(String::as_str));
    plan.shows(&["Thứ hai, 14/09/2026", "Toán", "07:30", "09:00", "Thứ ba, 15/09/2026"]);
    let file = exam.get("/lists/plan.xlsx").await;
    let rows = sheets::read(file.file());
    assert_eq!(rows[1][..5], ["Thứ hai, 14/09/2026", "Toán", "07:30", "09:00", "90"]);
    assert_eq!(rows.len(), 3);

    exam.seat_all().await;
    exam.post("/invigilation", &[("per_room", "2"), ("corridor", "1"), ("seed", "1")]).await;
    let page = exam.get("/lists/duties").await;
    assert_eq!(page.html().matches("class=\"ex-sheet\"").count(), 3, "each paper, and by people");
    page.shows(&["P1", &vi("exam-corridor"), &vi1("exam-invigilator-n", "n", "2"), &vi("exam-duties-by-person")]);
    // The table says who is on duty where, as it is stored.
    let file = exam.get("/lists/duties.xlsx").await;
    let mut rows: Vec<Vec<String>> = sheets::read(file.file())[1..].iter().map(|row| row[2..5].to_vec()).collect();
    rows.sort();
    let stored: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT p.subject, coalesce(r.name, $1), m.full_name FROM exam_duties d
         JOIN exam_papers p ON p.id = d.paper_id JOIN members m ON m.id = d.member_id
         LEFT JOIN exam_rooms r ON r.id = d.room_id",
    )
    .bind(vi("exam-corridor"))
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    let mut stored: Vec<Vec<String>> =
        stored.into_iter().map(|(subject, room, person)| vec![subject, room, person]).collect();
    stored.sort();
    assert_eq!(rows, stored);
    assert_eq!(rows.len(), 6);
}
