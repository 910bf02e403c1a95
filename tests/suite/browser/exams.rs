//! Marks by keyboard, two people at one column, a pupil's phone, and lists on paper.

use schoolgate::{roster::fields::Field, web::i18n::Lang};
use thirtyfour::Key;

use super::driver::Browser;
use super::paper::{MORE_THAN_A_NUMBER, TOO_WIDE, drawn};
use crate::support::exams::{Exam, Setting, a_school};
use crate::support::{Someone, TestServer, say::vi};

/// The marks in the order of their codes, in hundredths.
async fn marks(server: &TestServer) -> Vec<i16> {
    let query = "SELECT a.value FROM exam_marks a JOIN exam_codes c ON c.paper_id = a.paper_id
            AND c.candidate_id = a.candidate_id ORDER BY c.code";
    sqlx::query_scalar(query).fetch_all(&mut server.test.admin().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_marks_take_forty_numbers_and_forty_enters() {
    let server = TestServer::start().await;
    let setting = Setting::of(&server.test, &[("10A1", 20), ("10A2", 20)], "1").await;
    let codes = setting.cut(&server.test).await;
    assert_eq!(codes.len(), 40);
    let browser = Browser::of(&server, &setting.marker, Lang::Vi, true).await;
    browser.goto(&setting.marks()).await;
    browser.click("form[data-column] input:not([type=hidden])").await;
    let quarters = |at: usize| i16::try_from(at % 40).unwrap() * 25;
    for at in 0..40 {
        // As people type it at speed: 725 for 7.25.
        browser.type_keys(format!("{:03}", quarters(at))).await;
        browser.type_keys(Key::Enter).await;
    }
    browser.arrives(&format!("{}?entry=1&bag=&done=exam-marks-typed", setting.marks())).await;
    assert_eq!(marks(&server).await, (0..40).map(quarters).collect::<Vec<_>>());
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_at_one_column_lose_nothing() {
    let server = TestServer::start().await;
    let setting = Setting::of(&server.test, &[("10A1", 5), ("10A2", 5)], "1").await;
    let codes = setting.cut(&server.test).await;
    let one = Browser::of(&server, &setting.marker, Lang::Vi, true).await;
    let two = Browser::of(&server, &setting.runner, Lang::Vi, true).await;
    one.goto(&setting.marks()).await;
    two.goto(&setting.marks()).await;
    for (at, code) in codes.iter().enumerate() {
        let (browser, mark) = if at < 5 { (&one, "7") } else { (&two, "8,5") };
        browser.fill(&format!("mark_{code}"), mark).await;
    }
    // The first of them is typed by both, differently.
    two.fill(&format!("mark_{}", codes[0]), "3").await;
    one.press(&vi("exam-marks-save")).await;
    one.arrives(&format!("{}?entry=1", setting.marks())).await;
    two.press(&vi("exam-marks-save")).await;
    two.says("Người khác vừa nhập 7").await;
    let expected: Vec<i16> = [[700; 5], [850; 5]].concat();
    assert_eq!(marks(&server).await, expected);
    one.quit().await;
    two.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pupil_on_a_phone_sees_own_marks_once_they_are_published() {
    let server = TestServer::start().await;
    let setting = Setting::of(&server.test, &[("10A1", 3), ("10A2", 3)], "1").await;
    let codes = setting.cut(&server.test).await;
    let marker = server.test.signed_in(&setting.marker).await;
    setting.type_all(&marker, &codes, "375").await;
    setting.type_all(&marker, &[setting.code(&server.test, 0).await], "825").await;
    let own = setting.school.path("/my-exams");
    let browser = Browser::of(&server, &setting.pupils[0], Lang::Vi, false).await;
    browser.set_size(390, 844).await;
    browser.goto(&own).await;
    browser.says("Toán").await;
    browser.says(&vi("exam-own-unpublished")).await;
    assert!(!browser.text().await.contains("8,25"));
    setting.exam.post("/publication", &[("classes", "all")]).await;
    browser.goto(&own).await;
    browser.says("8,25").await;
    let page = browser.text().await;
    assert!(!page.contains("3,75") && !page.contains(&vi("exam-own-unpublished")), "{page}");
    let width = browser.find("main").await.rect().await.unwrap().width;
    assert!(width <= 390.0, "{width}");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_printed_one_room_a_page_and_nothing_is_cut_off() {
    let server = TestServer::start().await;
    let test = &server.test;
    let (school, exams, _) = a_school(test, "79000001", &[]).await;
    let class = school.class(test, "10A12").await;
    let pupil = Someone::pupil("Công Tằng Tôn Nữ Hoàng Phương Thảo Quỳnh", class).value(Field::BirthDate, "2011-03-02");
    school.add_all(test, &vec![pupil; 56]).await;
    school.add_all(test, &["Cao Thị Coi", "Hà Văn Thi"].map(Someone::teacher)).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    let subjects = ["Toán", "Ngữ văn", "Tiếng Anh", "Vật lí", "Hóa học", "Sinh học", "Lịch sử", "Địa lí"];
    for (day, subject) in (14..).zip(subjects.into_iter().chain(["Giáo dục kinh tế và pháp luật", "Tin học"]))
    {
        exam.paper(subject, &format!("2026-12-{day}"), "7:30").await;
    }
    // As many in a room as the last one usually takes.
    let rooms = [("name", "Phòng 01-02"), ("seats", "28"), ("most", "28"), ("place", "Tầng 2, nhà học bộ môn")];
    exam.post("/rooms", &rooms).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("prefix", "HK1-"), ("width", "6"), ("order", "name")]).await;
    exam.post("/seating", &[("seed", "1")]).await;
    exam.post("/invigilation", &[("per_room", "1"), ("seed", "1")]).await;
    let browser = Browser::of(&server, &exams, Lang::Vi, true).await;
    // 210 mm less the margins.
    browser.set_size(703, 1_000).await;
    for (list, pages) in [
        ("door", 2),
        ("attendance", 20),
        ("labels", 2),
        ("envelopes", 20),
        ("plan", 1),
        // Each paper, and by people.
        ("duties", 11),
        // By paper, and rooms and classes twice, since there are ten papers.
        ("statistics", 5),
    ] {
        browser.goto(&format!("{}/lists/{list}", exam.path)).await;
        let pdf = browser.printed().await;
        let drawn = drawn(&String::from_utf8_lossy(&pdf));
        assert_eq!(drawn.len(), pages, "{list}");
        assert!(drawn.iter().all(|bytes| *bytes > MORE_THAN_A_NUMBER), "{list} has an empty page: {drawn:?}");
        browser.prints().await;
        assert_eq!(browser.ask(TOO_WIDE, vec![]).await, serde_json::json!([]), "{list}");
    }
    browser.quit().await;
}
