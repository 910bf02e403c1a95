//! Rooms by spreadsheet, their order, and the times at which they cannot be had.

use chrono::Duration;

use crate::support::exams::{Exam, a_school, fields};
use crate::support::say::{vi, vi1};
use crate::support::{Page, TestApp, sheets};

/// The rooms in their order, with seats and how many times they are closed.
async fn rooms(test: &TestApp) -> Vec<(String, i16, i32)> {
    sqlx::query_as("SELECT name, seats, cardinality(closed_from) FROM exam_rooms ORDER BY position")
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap()
}

async fn confirmed(exam: &Exam, page: &Page) -> Page {
    let mut form = fields(page);
    form.retain(|(name, _)| name == "rows");
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    exam.client.post(&format!("{}/rooms", exam.path), &form).await
}

fn sheet(rows: &[[&str; 5]]) -> Vec<u8> {
    let mut table =
        vec![["Thứ tự", "Phòng thi", "Địa điểm", "Số chỗ", "Không dùng được vào lúc"].map(str::to_owned).to_vec()];
    table.extend(rows.iter().map(|row| row.map(str::to_owned).to_vec()));
    sheets::written(&table)
}

#[tokio::test]
async fn rooms_come_in_by_sheet_and_go_out_unchanged() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 10)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.post("/rooms", &[("name", "P1-2"), ("seats", "24")]).await;
    let address = format!("{}/rooms/sheet", exam.path);
    let file = sheet(&[
        ["2", "p2", "Nhà B", "20", "14/12/2026 7:00-9:00; 15/12/2026"],
        ["1", "Hội trường", "Nhà C", "60", ""],
        ["", "P3", "", "", ""],
        ["", "P4", "", "không", ""],
        ["", "P5", "", "24", "hôm nào"],
        ["", "Tổng số", "", "98", ""],
    ]);
    let page = exam.client.upload(&address, "phong.xlsx", &file).await.expect(200);
    let page = page.shows(&[
        &vi1("exam-rooms-sheet-found", "count", 3),
        &vi1("exam-sheet-not-taken", "count", 2),
        &vi("fault-exam-room-seats"),
        &vi1("fault-exam-room-closed-times", "value", "hôm nào"),
        "14/12/2026 07:00–09:00",
    ]);
    assert_eq!(rooms(&test).await.len(), 2, "nothing before it is confirmed");
    confirmed(&exam, &page).await.expect(303);
    let expected = [("Hội trường", 60, 0), ("P1", 24, 0), ("P2", 20, 2), ("P3", 24, 0)];
    let expected: Vec<(String, i16, i32)> =
        expected.iter().map(|(name, seats, closed)| ((*name).to_owned(), *seats, *closed)).collect();
    assert_eq!(rooms(&test).await, expected);
    exam.get("/rooms").await.shows(&["14/12/2026 07:00–09:00", "15/12/2026"]);

    // What goes out comes in as it is; and a table of text does as well.
    let out = exam.get("/rooms?file=xlsx").await.file().to_vec();
    let page = exam.client.upload(&address, "phong.xlsx", &out).await.expect(200);
    page.shows(&[&vi1("exam-rooms-sheet-found", "count", 0), &vi1("exam-rooms-sheet-same", "count", 4)]);
    let csv = "Phòng thi;Số chỗ\nP3;30\n";
    let page = exam.client.upload(&address, "phong.csv", csv.as_bytes()).await.expect(200);
    test.clock.advance(Duration::seconds(10));
    confirmed(&exam, &page.shows(&[&vi1("exam-rooms-sheet-found", "count", 1)])).await.expect(303);
    assert_eq!(rooms(&test).await[3], ("P3".to_owned(), 30, 0));
    let noted: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE detail ->> 'what' = 'rooms'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(noted, 3);

    let none = sheets::written(&[vec!["Tên".to_owned(), "Tuổi".to_owned()]]);
    exam.client.upload(&address, "a.xlsx", &none).await.expect(422).shows(&[&vi("fault-exam-rooms-sheet-columns")]);
    exam.client.upload(&address, "", b"").await.expect(422).shows(&[&vi("fault-file-missing")]);
    exam.client.post(&format!("{}/rooms", exam.path), &[("rows", "{}")]).await.expect(422);
    assert_eq!(rooms(&test).await.len(), 4);
}

#[tokio::test]
async fn a_room_that_is_closed_at_a_time_is_not_used_then() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 10)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.paper("Ngữ văn", "2026-12-15", "7:30").await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "24")]).await;
    exam.post("/rooms", &[("name", "P2"), ("seats", "24")]).await;
    let room: uuid::Uuid = sqlx::query_scalar("SELECT id FROM exam_rooms WHERE name = 'P1'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let room = format!("/rooms/{room}");
    let with = |times: &'static str| [("name", "P1"), ("seats", "24"), ("closed_times", times)];
    exam.refused(&room, &with("14/12/2026 9:00"), &["Không hiểu “14/12/2026 9:00”", "14/12/2026 9:00"]).await;
    exam.post(&room, &with("14/12/2026 8:00-10:00")).await;
    exam.get("/papers").await.shows(&[&vi1("exam-rooms-closed-then", "rooms", "P1")]);
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("order", "name"), ("width", "3")]).await;
    exam.post("/seating", &[("per_paper", "on"), ("seed", "1")]).await;
    let used = "SELECT DISTINCT p.subject, r.name FROM exam_seats s JOIN exam_papers p ON p.id = s.paper_id
        JOIN exam_rooms r ON r.id = s.room_id ORDER BY 1";
    let mut admin = test.admin().await;
    let seats: Vec<(String, String)> = sqlx::query_as(used).fetch_all(&mut admin).await.unwrap();
    let pair = |subject: &str, room: &str| (subject.to_owned(), room.to_owned());
    assert_eq!(seats, [pair("Ngữ văn", "P1"), pair("Toán", "P2")]);

    // While a paper is sat there it is not closed, nor is the paper moved to when it is.
    let refused = exam.refused(&room, &with("15/12/2026"), &["Lúc đó đang có môn thi trong phòng: P1 (Ngữ văn"]).await;
    assert!(refused.html().contains("15/12/2026"), "as it was typed");
    let paper: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM exam_papers WHERE subject = 'Ngữ văn'").fetch_one(&mut admin).await.unwrap();
    let to = [("subject", "Ngữ văn"), ("date", "2026-12-14"), ("begins", "9:30"), ("minutes", "90")];
    exam.refused(&format!("/papers/{paper}"), &to, &["Vào giờ đó không dùng được P1"]).await;
    let room_id = room.trim_start_matches("/rooms/");
    let toan: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM exam_papers WHERE subject = 'Toán'").fetch_one(&mut admin).await.unwrap();
    let toan = toan.to_string();
    let by_hand = [("number", "001"), ("paper", toan.as_str()), ("room", room_id), ("seat", "1")];
    exam.refused("/seating", &by_hand, &[&vi("fault-exam-room-closed")]).await;
    // On a day on which nobody sits there it may be closed, and come to another place.
    let other: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM exam_rooms WHERE name = 'P2'").fetch_one(&mut admin).await.unwrap();
    let form = [("name", "P2"), ("seats", "24"), ("closed_times", "15/12/2026"), ("order", "1")];
    exam.post(&format!("/rooms/{other}"), &form).await;
    assert_eq!(rooms(&test).await.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["P2", "P1"]);
}

#[tokio::test]
async fn a_paper_is_not_moved_into_a_room_where_another_is_sat() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 10), ("11A1", 10)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10"), ("grades", "11")]).await;
    let paper = |grade: &'static str, begins: &'static str| {
        [("subject", "Toán"), ("date", "2026-12-14"), ("begins", begins), ("minutes", "90"), ("grades", grade)]
    };
    exam.post("/papers", &paper("10", "7:30")).await;
    exam.post("/papers", &paper("11", "13:30")).await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "24")]).await;
    exam.seat_all().await;
    let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM exam_papers WHERE grades = '{11}'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    exam.refused(&format!("/papers/{id}"), &paper("11", "8:00"), &["Cùng giờ đó có môn khác thi ở P1"]).await;
    exam.post(&format!("/papers/{id}"), &paper("11", "14:00")).await;
}
