//! Marks and candidates by spreadsheet: what comes out goes in unchanged, and what is not understood is named.

use chrono::Duration;

use crate::support::exams::{Exam, World, a_school, fields};
use crate::support::say::{vi, vi1};
use crate::support::{Page, Someone, TestApp, sheets};

async fn confirm(world: &World, client: &crate::support::Client, page: &Page) {
    let fields = fields(page);
    let form: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| {
            name == "entry" || name == "cutting" || name.starts_with("mark_") || name.starts_with("was_")
        })
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    client.post(&world.marks(), &form).await.expect(303);
}

#[tokio::test]
async fn marks_go_out_and_come_in_by_sheet() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    let address = format!("{}/sheet", world.marks());
    let names: Vec<String> = world.pupils.iter().map(|pupil| pupil.name.clone()).collect();
    let out = marker.get(&format!("{}?file=xlsx", world.marks())).await.expect(200);
    let mut table = sheets::read(out.file());
    assert_eq!(table.len(), 13);
    for (at, row) in table.iter_mut().enumerate().skip(1) {
        row[1] = ["7,25", "8.5", "10", "V"][at % 4].to_owned();
    }
    table[12][1] = "8,3".to_owned();
    table.push(["999.99", "5", "1"].map(str::to_owned).to_vec());
    let page = marker.upload(&address, "diem.xlsx", &sheets::written(&table)).await.expect(200);
    let page = page.shows(&[
        &vi1("exam-sheet-found", "count", 11),
        &vi1("exam-sheet-not-taken", "count", 2),
        "999.99",
        &vi("fault-exam-mark-step"),
        &vi("fault-exam-mark-unknown"),
    ]);
    let page = page.hides(&names);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks").await, 0, "nothing before it is confirmed");
    confirm(&world, &marker, &page).await;
    assert_eq!(world.count("SELECT count(*) FROM exam_marks").await, 11);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE state = 'absent'").await, 3);
    let first: i16 =
        sqlx::query_scalar("SELECT value FROM exam_marks a JOIN exam_codes c USING (candidate_id) WHERE c.code = $1")
            .bind(&codes[0])
            .fetch_one(&mut world.test.admin().await)
            .await
            .unwrap();
    assert_eq!(first, 850);
    // What goes out now comes in unchanged.
    let out = marker.get(&format!("{}?file=xlsx", world.marks())).await.expect(200).file().to_vec();
    let page = marker.upload(&address, "diem.xlsx", &out).await.expect(200);
    page.shows(&[
        &vi1("exam-sheet-found", "count", 0),
        &vi1("exam-sheet-same", "count", 11),
        &vi1("exam-sheet-empty", "count", 1),
    ])
    .hides(&[&vi("exam-sheet-not-taken-title")]);
    // Another person types meanwhile: that stands, and is said.
    let csv = format!("Phách;Điểm\n{};9\n", codes[11]);
    let page = marker.upload(&address, "diem.csv", csv.as_bytes()).await.expect(200);
    let field = format!("mark_{}", codes[11]);
    world.exam.client.post(&world.marks(), &[(field.as_str(), "6")]).await.expect(303);
    let fields = fields(&page);
    let form: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| name.starts_with("mark_") || name.starts_with("was_"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    marker.post(&world.marks(), &form).await.expect(422).shows(&["Người khác vừa nhập 6"]);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 900").await, 0);
}

#[tokio::test]
async fn a_sheet_that_cannot_be_read_is_said_and_changes_nothing() {
    let world = World::new("1").await;
    world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    let address = format!("{}/sheet", world.marks());
    marker.upload(&address, "", b"").await.expect(422).shows(&[&vi("fault-file-missing")]);
    marker.upload(&address, "a.xlsx", b"%PDF-1.7").await.expect(422).shows(&[&vi("refusal-pdf")]);
    let other = sheets::written(&[vec!["Tên".to_owned(), "Tuổi".to_owned()], vec!["An".to_owned(), "15".to_owned()]]);
    marker.upload(&address, "a.xlsx", &other).await.expect(422).shows(&[&vi("fault-exam-sheet-columns")]);
    let teacher = world.school.add(&world.test, Someone::teacher("Ông Văn Ngoài")).await;
    world.test.signed_in(&teacher).await.upload(&address, "a.xlsx", &other).await.expect(403);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks").await, 0);
}

#[tokio::test]
async fn candidates_come_in_by_sheet_and_a_printed_list_is_all_there() {
    let test = TestApp::new().await;
    let (school, exams, pupils) = a_school(&test, "79000001", &[("10A1", 9), ("10A2", 7)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "24")]).await;
    let address = format!("{}/candidates/sheet", exam.path);
    let row = |name: &str, class: &str, birth: &str| vec![name.to_owned(), class.to_owned(), birth.to_owned()];
    let mut table = vec![row("Họ và tên", "Lớp", "Ngày sinh")];
    table.extend(
        pupils
            .iter()
            .enumerate()
            .map(|(at, pupil)| row(&pupil.name, if at < 9 { "10A1" } else { "10A2" }, "02/03/2011")),
    );
    table.push(row("Tôn Thất Lạ", "10A1", "02/03/2011"));
    let page = exam.client.upload(&address, "ts.xlsx", &sheets::written(&table)).await.expect(200);
    let page = page.shows(&[
        &vi1("exam-sheet-new", "count", 16),
        &vi1("exam-sheet-not-taken", "count", 1),
        "Tôn Thất Lạ",
        &vi("exam-sheet-why-nobody"),
    ]);
    let mut admin = test.admin().await;
    let candidates = "SELECT count(*) FROM exam_candidates";
    assert_eq!(sqlx::query_scalar::<_, i64>(candidates).fetch_one(&mut admin).await.unwrap(), 0);
    let fields = fields(&page);
    let form: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| name == "members")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    exam.post("/candidates", &form).await;
    assert_eq!(sqlx::query_scalar::<_, i64>(candidates).fetch_one(&mut admin).await.unwrap(), 16);
    // Another school's pupil is none of this one.
    let foreign = test.cast("79000002").await;
    test.clock.advance(Duration::seconds(10));
    let id = foreign.pupil.member_id.to_string();
    exam.client.post(&format!("{}/candidates", exam.path), &[("members", &id)]).await.expect(404);

    exam.post("/numbers", &[("order", "name"), ("width", "3")]).await;
    exam.post("/seating", &[("seed", "1")]).await;
    for list in ["door", "attendance"] {
        let file = exam.client.get(&format!("{}/lists/{list}.xlsx", exam.path)).await.expect(200).file().to_vec();
        let page = exam.client.upload(&address, "danh-sach.xlsx", &file).await.expect(200);
        page.shows(&[&vi1("exam-sheet-new", "count", 0), &vi1("exam-sheet-there", "count", 16)])
            .hides(&[&vi("exam-sheet-not-taken-title")]);
    }
    exam.client.upload(&address, "", b"").await.expect(422).shows(&[&vi("fault-file-missing")]);
}
