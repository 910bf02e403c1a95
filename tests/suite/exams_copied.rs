//! An exam's own settings, its grades and numbers, and copies of it for the next term or year.

use chrono::{Duration, NaiveDate};
use uuid::Uuid;

use crate::support::exams::{Exam, World, a_school, count, numbers_of, one, run};
use crate::support::people::School;
use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp};

/// The school as it is in another year, which is made.
async fn year_of(test: &TestApp, school: &School, name: &str, from: &str, until: &str) -> School {
    let id = Uuid::now_v7();
    let statement = format!(
        "INSERT INTO school_years (school_id, id, name, starts_on, ends_on)
         VALUES ('{}', '{id}', '{name}', '{from}', '{until}')",
        school.id(),
    );
    run(test, &statement).await;
    School { scope: school.scope.clone(), year_id: id.into() }
}

#[tokio::test]
async fn a_copy_is_the_next_terms_start() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 4), ("11A1", 2)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10"), ("speed", "off")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.paper("Ngữ văn", "2026-12-16", "13:30").await;
    exam.post("/rooms", &[("name", "P1-2"), ("seats", "20"), ("place", "Nhà A")]).await;
    exam.seat_all().await;
    test.clock.advance(Duration::seconds(10));
    exam.refused("/copy", &[("first_day", "31/02/2027")], &[&vi("fault-exam-date")]).await;
    let unknown = [("first_day", "03/05/2027"), ("school_year", "2050-2051")];
    exam.refused("/copy", &unknown, &[&vi("fault-exam-year")]).await;
    let copied = exam.post("/copy", &[("first_day", "03/05/2027"), ("name", "Kiểm tra học kỳ II")]).await;
    let id = copied.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let mut admin = test.admin().await;
    let papers: Vec<(String, String)> = sqlx::query_as(
        "SELECT subject, to_char(starts_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI') FROM exam_papers
         WHERE exam_id = $1 ORDER BY starts_at",
    )
    .bind(id.parse::<Uuid>().unwrap())
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let expected = [("Toán", "2027-05-03 07:30"), ("Ngữ văn", "2027-05-05 13:30")];
    assert_eq!(papers, expected.map(|(subject, at)| (subject.to_owned(), at.to_owned())));
    let same = format!(
        "SELECT count(*) FROM exams a JOIN exams b ON b.id = '{id}' AND b.school_year_id = a.school_year_id
         WHERE a.id = '{}' AND b.name = 'Kiểm tra học kỳ II' AND b.state = 'preparing' AND NOT b.types_at_speed
             AND b.seated_at IS NULL AND b.last_serial = 0 AND b.secret <> a.secret",
        exam.id,
    );
    assert_eq!(count(&mut admin, &same).await, 1);
    let rooms = format!("SELECT count(*) FROM exam_rooms WHERE exam_id = '{id}' AND seats = 20 AND place = 'Nhà A'");
    assert_eq!(count(&mut admin, &rooms).await, 2);
    for table in ["exam_candidates", "exam_seats"] {
        assert_eq!(count(&mut admin, &format!("SELECT count(*) FROM {table} WHERE exam_id = '{id}'")).await, 0);
    }
    // Nobody but those who run exams, and nothing of another school's.
    let foreign = test.cast("79000002").await;
    let client = test.signed_in(&foreign.exams).await;
    client.post(&format!("{}/copy", exam.path), &[("first_day", "03/05/2027")]).await.expect(404);
}

#[tokio::test]
async fn a_copy_for_another_year_has_the_classes_of_that_year_though_the_old_one_is_over() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 2), ("11A1", 2), ("12A1", 2)]).await;
    let of = |name: &'static str| format!("SELECT id FROM classes WHERE name = '{name}'");
    let single = one(&mut test.admin().await, &of("12A1")).await.to_string();
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10"), ("classes", &single)]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    let next = year_of(&test, &school, "2027-2028", "2027-08-01", "2028-05-31").await;
    let first_day = NaiveDate::from_ymd_opt(2027, 8, 2).unwrap();
    test.clock.advance(Duration::days((first_day - test.clock.today()).num_days()));
    let client = test.signed_in(&exams).await;
    let copy = format!("{}/copy", exam.path);
    let year = next.year_id.to_string();
    let form = [("first_day", "2027-12-13"), ("school_year", year.as_str())];
    client.post(&copy, &form).await.expect(422).shows(&[&vi("fault-exam-copy-no-classes")]);
    for name in ["10A1", "10A2", "11A1", "12A1", "12A2"] {
        next.class(&test, name).await;
    }
    test.clock.advance(Duration::seconds(10));
    // The year that is over takes no new exam; the one that has begun does, and is what the form offers.
    let old = [("first_day", "2027-12-13"), ("school_year", "2026-2027")];
    client.post(&copy, &old).await.expect(422).shows(&[&vi("fault-year-over")]);
    let page = client.get(&exam.path).await.expect(200);
    assert!(page.html().contains(&format!("<option value=\"{year}\" selected>")));
    let copied = client.post(&copy, &form).await.location();
    let id = copied.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT c.name FROM exam_classes k JOIN classes c ON c.id = k.class_id
         WHERE k.exam_id = $1 AND c.school_year_id = $2 ORDER BY 1",
    )
    .bind(id.parse::<Uuid>().unwrap())
    .bind(next.year_id.uuid())
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(names, ["10A1", "10A2", "12A1"]);
}

#[tokio::test]
async fn a_locked_exam_keeps_its_settings_until_it_is_opened() {
    let world = World::new("1").await;
    let form = |name: &'static str, kind: &'static str, state: &'static str| {
        [("name", name), ("mark_kind", kind), ("entries", "1"), ("state", state)]
    };
    let exam = &world.exam;
    exam.post("", &form("Kiểm tra học kỳ I", "points", "locked")).await;
    for changed in [form("Tên khác", "points", "locked"), form("Kiểm tra học kỳ I", "pass", "locked")] {
        exam.refused("", &changed, &[&vi("fault-exam-locked")]).await;
    }
    exam.refused("/numbers", &[("order", "name"), ("width", "3")], &[&vi("fault-exam-locked")]).await;
    exam.refused("/invigilation", &[("seed", "1")], &[&vi("fault-exam-locked")]).await;
    assert_eq!(world.count("SELECT count(*) FROM exam_invigilators").await, 0);
    exam.post("", &form("Tên khác", "points", "seated")).await;
    assert_eq!(world.count("SELECT count(*) FROM exams WHERE name = 'Tên khác' AND mark_kind = 'points'").await, 1);
    // Published is said on each page of it, and in the list until it is locked.
    let codes = world.cut().await;
    world.type_all(&exam.client, &codes, "7").await;
    exam.get("/papers").await.hides(&[&vi("exam-published")]);
    exam.post("/publication", &[("classes", "all")]).await;
    exam.get("/papers").await.shows(&[&vi("exam-published")]);
    let list = world.school.path("/exams");
    exam.client.get(&list).await.expect(200).shows(&[&vi("exam-published")]);
    exam.post("", &form("Tên khác", "points", "locked")).await;
    exam.client.get(&list).await.expect(200).shows(&[&vi("exam-state-locked")]).hides(&[&vi("exam-published")]);
}

#[tokio::test]
async fn an_exam_is_of_a_year_that_there_is() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 1)]).await;
    let client = test.signed_in(&exams).await;
    let form = [("name", "HK I"), ("grades", "10"), ("school_year", "2050-2051")];
    client.post(&school.path("/exams"), &form).await.expect(422).shows(&[&vi("fault-exam-year")]);
    let form = [("name", "HK I"), ("grades", "10"), ("school_year", "2026-2027")];
    client.post(&school.path("/exams"), &form).await.expect(303);
    assert_eq!(count(&mut test.admin().await, "SELECT count(*) FROM exams").await, 1);
}

#[tokio::test]
async fn single_classes_of_two_grades_have_papers_of_their_own_at_the_same_time() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 5), ("11A1", 5)]).await;
    let classes: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM classes ORDER BY name").fetch_all(&mut test.admin().await).await.unwrap();
    let classes: Vec<String> = classes.iter().map(ToString::to_string).collect();
    let chosen: Vec<(&str, &str)> = classes.iter().map(|id| ("classes", id.as_str())).collect();
    let exam = Exam::made(&school, test.signed_in(&exams).await, &chosen).await;
    let page = exam.get("/papers").await;
    for grade in ["10", "11"] {
        assert!(page.html().contains(&format!("name=\"grades\" value=\"{grade}\"")), "{grade}");
    }
    let paper = |grade: &'static str| {
        [("subject", "Toán"), ("date", "2026-12-14"), ("begins", "7:30"), ("minutes", "90"), ("grades", grade)]
    };
    exam.post("/papers", &paper("10")).await;
    exam.post("/papers", &paper("11")).await;
    exam.refused("/papers", &paper("12"), &[&vi1("fault-exam-paper-grade", "value", "12")]).await;
    exam.post("/rooms", &[("name", "P1-2"), ("seats", "24")]).await;
    exam.seat_all().await;
    let mut admin = test.admin().await;
    let shared = "SELECT count(*) FROM (SELECT room_id FROM exam_seats GROUP BY room_id
        HAVING count(DISTINCT paper_id) > 1) AS shared";
    assert_eq!(count(&mut admin, shared).await, 0);
    assert_eq!(count(&mut admin, "SELECT count(*) FROM exam_seats").await, 10);
}

#[tokio::test]
async fn with_another_prefix_no_number_is_given_twice() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 9)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("prefix", "1"), ("width", "1"), ("order", "name")]).await;
    let mut admin = test.admin().await;
    let before = numbers_of(&mut admin, exam.id).await;
    assert_eq!((before[0].0.as_str(), before[8].0.as_str()), ("11", "19"));
    let class = one(&mut admin, "SELECT id FROM classes").await;
    let late = ["Bùi Văn Muộn", "Cù Văn Muộn"].map(|name| Someone::pupil(name, class.into()));
    school.add_all(&test, &late).await;
    test.clock.advance(Duration::seconds(10));
    exam.post("/candidates", &[("classes", "all")]).await;
    // The eleventh number would be 11, which is the first one's.
    let form = [("prefix", ""), ("width", "2"), ("order", "name")];
    exam.refused("/numbers", &form, &[&vi("fault-exam-number-taken")]).await;
    assert_eq!(numbers_of(&mut admin, exam.id).await, before);
    exam.post("/numbers", &[("prefix", "1"), ("width", "2"), ("order", "name")]).await;
    let after = numbers_of(&mut admin, exam.id).await;
    assert_eq!(after[..9], before[..]);
    assert_eq!(after[9..].iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>(), ["110", "111"]);
}

#[tokio::test]
async fn candidates_of_two_exams_at_once_are_told() {
    let test = TestApp::new().await;
    let (school, exams, pupils) = a_school(&test, "79000001", &[("10A1", 3)]).await;
    let first = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    first.paper("Toán", "2026-12-14", "7:30").await;
    first.post("/candidates", &[("classes", "all")]).await;
    test.clock.advance(Duration::seconds(10));
    let second = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    second.paper("Tin học", "2026-12-14", "8:30").await;
    second.get("/papers").await.hides(&[&vi("exam-at-once")]);
    second.post("/candidates", &[("classes", "all")]).await;
    let told = [vi("exam-at-once"), vi1("exam-candidates-n", "count", 3), pupils[0].name.clone(), "Toán".to_owned()];
    second.get("/papers").await.shows(&told.each_ref().map(String::as_str));
    first.get("/papers").await.shows(&[&vi("exam-at-once"), "Tin học"]);
    // Once they are in one of the two alone, nothing is left to tell.
    for pupil in &pupils {
        let query = format!(
            "SELECT id FROM exam_candidates WHERE exam_id = '{}' AND member_id = '{}'",
            second.id, pupil.member_id
        );
        let candidate = one(&mut test.admin().await, &query).await;
        second.post(&format!("/candidates/{candidate}"), &[("withdrawn", "on")]).await;
    }
    first.get("/papers").await.hides(&[&vi("exam-at-once")]);
}
