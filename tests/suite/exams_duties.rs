//! Invigilators over several exams and after changes: nobody is in two places, and what is missing is said and filled
//! up.

use chrono::Duration;
use uuid::Uuid;

use crate::support::exams::{Exam, a_school, one, run};
use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp};
use crate::timetable::Timetable;

/// How many are on duty twice at once, in whichever exams.
const TWICE: &str = "SELECT count(*) FROM exam_duties a JOIN exam_papers p ON p.id = a.paper_id
    JOIN exam_duties b ON b.member_id = a.member_id AND b.paper_id > a.paper_id JOIN exam_papers q ON q.id = b.paper_id
    WHERE p.starts_at < q.ends_at AND q.starts_at < p.ends_at";

#[tokio::test]
async fn nobody_is_on_duty_in_two_exams_at_once() {
    let test = TestApp::with_many_connections().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 3), ("11A1", 3)]).await;
    // With the one who runs exams there are six teachers.
    let names = ["Bạch Văn Một", "Cao Văn Hai", "Diệp Văn Ba", "Giang Văn Bốn", "Hà Văn Năm"];
    let teachers = school.add_all(&test, &names.map(Someone::teacher)).await;
    let mut made = Vec::new();
    for grade in ["10", "11"] {
        let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", grade)]).await;
        exam.paper("Toán", "2026-12-14", "7:30").await;
        exam.post("/rooms", &[("name", "P1"), ("seats", "24")]).await;
        exam.seat_all().await;
        made.push(exam);
        test.clock.advance(Duration::seconds(10));
    }
    let count = async |query: &str| crate::support::exams::count(&mut test.admin().await, query).await;
    made[0].post("/invigilation", &[("per_room", "3"), ("seed", "1")]).await;
    made[1].post("/invigilation", &[("per_room", "3"), ("seed", "1")]).await;
    assert_eq!((count("SELECT count(*) FROM exam_duties").await, count(TWICE).await), (6, 0));
    // All six are taken: a fourth is not to be had, and what was given stays.
    let form = [("per_room", "4"), ("seed", "1")];
    made[1].refused("/invigilation", &form, &["Không đủ giám thị: Toán: 3/4"]).await;
    // What cannot be stored is no seed.
    made[1].refused("/invigilation", &[("per_room", "3"), ("seed", "a\0b")], &[&vi("fault-exam-seed")]).await;
    assert_eq!(count("SELECT count(*) FROM exam_duties").await, 6);
    // Nor by hand.
    let mut admin = test.admin().await;
    let of = |exam: Uuid| format!("SELECT member_id FROM exam_duties WHERE exam_id = '{exam}' LIMIT 1");
    let (here, there) = (one(&mut admin, &of(made[0].id)).await, one(&mut admin, &of(made[1].id)).await);
    let paper = one(&mut admin, &format!("SELECT id FROM exam_papers WHERE exam_id = '{}'", made[0].id)).await;
    let (paper, from, by) = (paper.to_string(), here.to_string(), there.to_string());
    let swap = [("paper", paper.as_str()), ("from", &from), ("by", &by), ("anyway", "on")];
    made[0].refused("/invigilation", &swap, &[&vi("fault-exam-duty-elsewhere")]).await;
    // A paper that is moved to the other's time leaves them in two places: that is named.
    run(&test, &format!("DELETE FROM exam_duties WHERE exam_id = '{}'", made[1].id)).await;
    let later = format!("SELECT id FROM exam_papers WHERE exam_id = '{}'", made[1].id);
    let later = one(&mut admin, &later).await;
    let at =
        |begins: &'static str| [("subject", "Toán"), ("date", "2026-12-14"), ("begins", begins), ("minutes", "90")];
    made[1].post(&format!("/papers/{later}"), &at("13:30")).await;
    made[1].post("/invigilation", &[("per_room", "4"), ("seed", "1")]).await;
    assert_eq!(count(TWICE).await, 0);
    made[1].get("/invigilation").await.hides(&[&vi("exam-rule-two-at-once")]);
    made[1].post(&format!("/papers/{later}"), &at("8:00")).await;
    made[1].get("/invigilation").await.shows(&[&vi("exam-rule-two-at-once")]);
    assert_eq!(teachers.len(), 5);
}

#[tokio::test]
async fn what_is_missing_is_said_and_filled_up_and_the_rest_stays() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 10), ("10A2", 10)]).await;
    let names = ["Bạch Văn Một", "Cao Văn Hai", "Diệp Văn Ba", "Giang Văn Bốn", "Hà Văn Năm"];
    let teachers = school.add_all(&test, &names.map(Someone::teacher)).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.post("/rooms", &[("name", "P1-2"), ("seats", "10"), ("most", "10")]).await;
    exam.seat_all().await;
    exam.get("/invigilation").await.hides(&[&vi("exam-duties-lack")]);
    exam.post("/invigilation", &[("per_room", "2"), ("corridor", "2"), ("seed", "5")]).await;
    exam.get("/invigilation").await.hides(&[&vi("exam-duties-lack")]);
    let duties = async || -> Vec<(Uuid, Uuid, Option<Uuid>)> {
        sqlx::query_as("SELECT paper_id, member_id, room_id FROM exam_duties ORDER BY 1, 2")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap()
    };
    let before = duties().await;
    assert_eq!(before.len(), 5);
    // One is taken out, and a second paper comes: both are told, with rooms and how many.
    let gone = before.iter().find(|(_, _, room)| room.is_some()).unwrap().1;
    exam.post("/invigilation", &[("member", &gone.to_string()), ("remove", "on")]).await;
    exam.paper("Ngữ văn", "2026-12-15", "7:30").await;
    exam.post("/seating", &[("late", "on")]).await;
    let lacks = |count: usize| vi1("exam-duties-lacking", "count", count);
    let page = exam.get("/invigilation").await.shows(&[&vi("exam-duties-lack"), &lacks(1), &lacks(2)]);
    page.shows(&["Ngữ văn, 07:30 15/12/2026 · P1", "P2", &vi("exam-corridor")]);
    exam.post("/invigilation", &[("missing", "on")]).await;
    let after = duties().await;
    assert_eq!(after.len(), 10);
    assert!(before.iter().filter(|(_, member, _)| *member != gone).all(|duty| after.contains(duty)));
    assert!(after.iter().all(|(_, member, _)| *member != gone));
    exam.get("/invigilation").await.hides(&[&vi("exam-duties-lack")]);
    // All into one room: who is on duty in the other one is told, and goes.
    run(&test, "UPDATE exam_rooms SET seats = 20, most = 20").await;
    exam.post("/seating", &[("seed", "1"), ("all", "on")]).await;
    let unused: String = sqlx::query_scalar(
        "SELECT m.full_name FROM exam_duties d JOIN exam_rooms r ON r.id = d.room_id AND r.name = 'P2'
         JOIN members m ON m.id = d.member_id LIMIT 1",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    exam.get("/invigilation").await.shows(&[&vi1("exam-duty-unused", "name", unused)]);
    exam.post("/invigilation", &[("missing", "on")]).await;
    assert_eq!(duties().await.len(), 6, "two in the room and one in the corridor, twice");
    // Who has left the school is drawn no more, and does not stand in for others.
    let left = teachers.iter().find(|person| person.member_id.uuid() != gone).unwrap();
    run(&test, &format!("UPDATE members SET status = 'suspended' WHERE id = '{}'", left.member_id)).await;
    exam.post("/invigilation", &[("per_room", "2"), ("seed", "6")]).await;
    assert!(duties().await.iter().all(|(_, member, _)| *member != left.member_id.uuid()));
    let (paper, from, _) = duties().await[0];
    let (paper, from, by) = (paper.to_string(), from.to_string(), left.member_id.to_string());
    let swap = [("paper", paper.as_str()), ("from", &from), ("by", &by), ("anyway", "on")];
    exam.refused("/invigilation", &swap, &[&vi("fault-exam-not-invigilator")]).await;
}

#[tokio::test]
async fn subjects_of_teachers_are_those_of_the_timetable() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let exam = Exam::made(&cast.school, test.signed_in(&cast.exams).await, &[("grades", "10")]).await;
    exam.paper("ngữ văn", "2026-12-14", "7:30").await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "24")]).await;
    exam.seat_all().await;
    exam.post("/invigilation", &[("per_room", "1"), ("not_own_subject", "on"), ("seed", "1")]).await;
    let subjects: Vec<String> = sqlx::query_scalar("SELECT subjects FROM exam_invigilators WHERE member_id = $1")
        .bind(cast.teacher.member_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(subjects, ["Ngữ văn"]);
    // Whatever is drawn, the one who teaches it does not sit in.
    for seed in 0..6 {
        exam.post("/invigilation", &[("per_room", "1"), ("not_own_subject", "on"), ("seed", &seed.to_string())]).await;
        let query = format!("SELECT count(*) FROM exam_duties WHERE member_id = '{}'", cast.teacher.member_id);
        assert_eq!(crate::support::exams::count(&mut test.admin().await, &query).await, 0, "seed {seed}");
    }
    let too_long = "x".repeat(101);
    let form = [("member", cast.teacher.member_id.to_string()), ("subjects", too_long)];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    exam.refused("/invigilation", &form, &[&vi("fault-exam-person-subjects")]).await;
}
