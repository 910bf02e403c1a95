//! School-wide exams, through the pages: from the first paper to the seats and the printed lists.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::support::exams::{Exam, ExamThings, a_school, count, numbers_of, one, seats_of};
use crate::support::{Someone, TestApp, sheets};

#[tokio::test]
async fn from_papers_to_seats_and_lists() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 20), ("10A2", 20), ("11A1", 12)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10"), ("grades", "11")]).await;
    assert!(exam.paper("Toán", "2026-12-14", "7:30").await.contains("/papers"));
    exam.paper("Ngữ văn", "15/12/2026", "7h30").await;
    assert_eq!(exam.post("/rooms", &[("name", "Phòng 1-3"), ("seats", "24")]).await.matches("n=3").count(), 1);
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("prefix", "K"), ("width", "4"), ("order", "name")]).await;
    exam.post("/seating", &[("mix_classes", "on"), ("seed", "7")]).await;

    let mut admin = test.admin().await;
    let numbers = numbers_of(&mut admin, exam.id).await;
    assert_eq!(numbers.len(), 52);
    assert_eq!((numbers[0].0.as_str(), numbers[51].0.as_str()), ("K0001", "K0052"));
    // Grade by grade over all its classes, by given name: An before Ánh before Bình, Đ after D, whatever the family.
    let given = |name: &str| name.rsplit(' ').next().unwrap().to_owned();
    for grade in [&numbers[..40], &numbers[40..]] {
        let mut order: Vec<String> = grade.iter().map(|(_, name)| given(name)).collect();
        order.dedup();
        assert_eq!(order, ["An", "Ánh", "Bình", "Chi", "Đạt", "Hằng", "Khải", "Quỳnh", "Yến"]);
    }
    let grades: Vec<String> =
        sqlx::query_scalar("SELECT grade FROM exam_candidates ORDER BY serial").fetch_all(&mut admin).await.unwrap();
    assert!(grades[..40].iter().all(|grade| grade == "10") && grades[40..].iter().all(|grade| grade == "11"));
    let seats = seats_of(&mut admin, exam.id).await;
    assert_eq!(seats.len(), 104);
    let places: HashSet<_> = seats.iter().map(|((paper, _), place)| (paper, place)).collect();
    assert_eq!(places.len(), 104, "nobody sits on another");
    for ((paper, number), place) in &seats {
        assert_eq!(&seats[&("Toán".to_owned(), number.clone())], place, "the same seat for {paper}");
    }
    // The first rooms whole; 52 = 24 + 28, so that the third is not opened for four.
    let rooms: BTreeSet<&String> = seats.values().map(|(room, _)| room).collect();
    assert_eq!(rooms.len(), 2);

    let door = exam.client.get(&format!("{}/lists/door", exam.path)).await.expect(200);
    assert_eq!(door.html().matches("class=\"ex-sheet\"").count(), 2, "one sheet for each room");
    door.shows(&["K0001", "Phòng 1", "Kiểm tra học kỳ I", "02/03/2011"]);
    let attendance = exam.client.get(&format!("{}/lists/attendance", exam.path)).await.expect(200);
    assert_eq!(attendance.html().matches("class=\"ex-sheet\"").count(), 4, "each paper and room");
    for list in ["labels", "envelopes", "slips"] {
        let page = exam.client.get(&format!("{}/lists/{list}", exam.path)).await.expect(200);
        page.shows(&["Phòng 2", &school.scope.school.name, "Kiểm tra học kỳ I"]);
    }
    let figures = exam.client.get(&format!("{}/lists/statistics", exam.path)).await.expect(200);
    assert_eq!(figures.html().matches("class=\"ex-sheet\"").count(), 3, "by paper, by room and by class");
    figures.shows(&[&school.scope.school.name, "Phòng 2", "11A1"]);
    let file = exam.client.get(&format!("{}/lists/statistics.xlsx", exam.path)).await.expect(200);
    assert_eq!(sheets::all(file.file()).len(), 6);
    exam.client.get(&format!("{}/lists/nothing", exam.path)).await.expect(404);

    // Each workbook has what the page has.
    let file = exam.client.get(&format!("{}/lists/door.xlsx", exam.path)).await.expect(200);
    let table = sheets::read(file.file());
    assert_eq!(table.len(), 53);
    let of_sheet: BTreeSet<(String, String, String)> =
        table[1..].iter().map(|row| (row[4].clone(), row[0].clone(), row[3].clone())).collect();
    let of_seats: BTreeSet<(String, String, String)> =
        seats.iter().map(|((_, number), (room, seat))| (number.clone(), room.clone(), seat.to_string())).collect();
    assert_eq!(of_sheet, of_seats);
    let envelopes = exam.client.get(&format!("{}/lists/envelopes.xlsx", exam.path)).await.expect(200);
    assert_eq!(sheets::read(envelopes.file()).len(), 5);
    let slips = exam.client.get(&format!("{}/lists/slips.xlsx", exam.path)).await.expect(200);
    assert_eq!(sheets::read(slips.file()).len(), 105);
}

#[tokio::test]
async fn late_candidates_get_new_numbers_and_free_seats_and_others_keep_theirs() {
    let test = TestApp::new().await;
    let (school, exams, pupils) = a_school(&test, "79000001", &[("10A1", 10), ("10A2", 10)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.paper("Ngữ văn", "2026-12-15", "7:30").await;
    exam.post("/rooms", &[("name", "P1-2"), ("seats", "12")]).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("order", "shuffled"), ("seed", "5"), ("width", "3")]).await;
    exam.post("/seating", &[("mix_classes", "on"), ("seed", "1")]).await;
    let mut admin = test.admin().await;
    let (numbers, seats) = (numbers_of(&mut admin, exam.id).await, seats_of(&mut admin, exam.id).await);

    // One withdraws, and two come late.
    let gone =
        one(&mut admin, &format!("SELECT id FROM exam_candidates WHERE member_id = '{}'", pupils[3].member_id)).await;
    exam.post(&format!("/candidates/{gone}"), &[("withdrawn", "on")]).await;
    let class = school.class(&test, "10A3").await;
    school.add_all(&test, &["Đỗ Văn Ân", "Bùi Thị Út"].map(|name| Someone::pupil(name, class))).await;
    test.clock.advance(chrono::Duration::seconds(10));
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("order", "name"), ("width", "3")]).await;
    exam.post("/seating", &[("late", "on")]).await;

    let after = numbers_of(&mut admin, exam.id).await;
    assert_eq!(after[..20], numbers[..], "nobody is renumbered, not even who withdrew");
    assert_eq!(
        after[20..].iter().map(|(number, name)| (number.as_str(), name.as_str())).collect::<Vec<_>>(),
        [("021", "Đỗ Văn Ân"), ("022", "Bùi Thị Út")]
    );
    let seats_after = seats_of(&mut admin, exam.id).await;
    assert_eq!(seats_after.len(), 42);
    let moved = seats.iter().filter(|(who, place)| seats_after.get(*who).is_some_and(|now| now != *place)).count();
    assert_eq!(moved, 0);
    let places: HashSet<_> = seats_after.iter().map(|((paper, _), place)| (paper, place)).collect();
    assert_eq!(places.len(), 42);
}

#[tokio::test]
async fn the_same_seed_seats_the_same_and_two_change_seats() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 15), ("10A2", 15)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.paper("Ngữ văn", "2026-12-15", "7:30").await;
    exam.post("/rooms", &[("name", "P1-2"), ("seats", "16")]).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("order", "class"), ("width", "3")]).await;
    let mut admin = test.admin().await;
    let mut drawn = Vec::new();
    for seed in ["1", "2", "1"] {
        test.clock.advance(chrono::Duration::seconds(10));
        exam.post("/seating", &[("mix_classes", "on"), ("per_paper", "on"), ("seed", seed)]).await;
        drawn.push(seats_of(&mut admin, exam.id).await);
    }
    assert_eq!(drawn[0], drawn[2]);
    assert_ne!(drawn[0], drawn[1]);
    let toan = |seats: &BTreeMap<(String, String), (String, i16)>, subject: &str| -> Vec<(String, i16)> {
        seats.iter().filter(|((paper, _), _)| paper == subject).map(|(_, place)| place.clone()).collect()
    };
    assert_ne!(toan(&drawn[0], "Toán"), toan(&drawn[0], "Ngữ văn"), "new seats for each paper");
    // Neighbours are of different classes.
    let beside = "SELECT count(*) FROM exam_seats a JOIN exam_seats b
            ON b.paper_id = a.paper_id AND b.room_id = a.room_id AND b.seat = a.seat + 1
        JOIN exam_candidates x ON x.id = a.candidate_id JOIN exam_candidates y ON y.id = b.candidate_id
        WHERE x.class_id = y.class_id";
    assert_eq!(count(&mut admin, beside).await, 0);

    // One moves to a taken seat: the two change.
    let paper = one(&mut admin, "SELECT id FROM exam_papers WHERE subject = 'Toán'").await.to_string();
    let before = &drawn[2];
    let (room, seat) = before[&("Toán".to_owned(), "001".to_owned())].clone();
    let (other, to) = before
        .iter()
        .find(|((paper, number), place)| paper == "Toán" && number != "001" && place.0 != room)
        .map(|((_, number), place)| (number.clone(), place.clone()))
        .unwrap();
    let room_id = one(&mut admin, &format!("SELECT id FROM exam_rooms WHERE name = '{}'", to.0)).await.to_string();
    let seat_there = to.1.to_string();
    let form = [("number", "001"), ("paper", paper.as_str()), ("room", &room_id), ("seat", &seat_there)];
    exam.post("/seating", &form).await;
    let after = seats_of(&mut admin, exam.id).await;
    assert_eq!(after[&("Toán".to_owned(), "001".to_owned())], to);
    assert_eq!(after[&("Toán".to_owned(), other)], (room, seat));
    let page = exam
        .client
        .post(&format!("{}/seating", exam.path), &[("number", "999"), ("room", &room_id), ("seat", "1")])
        .await;
    page.expect(422).shows(&["Không có số báo danh 999."]);
}

#[tokio::test]
async fn what_cannot_be_is_said_and_changes_nothing() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 30)]).await;
    let client = test.signed_in(&exams).await;
    client.post(&school.path("/exams"), &[("name", ""), ("grades", "10")]).await.expect(422);
    client.post(&school.path("/exams"), &[("name", "HK I"), ("grades", "12")]).await.expect(422).shows(&["12"]);
    let exam = Exam::made(&school, client, &[("grades", "10")]).await;
    let refused = async |rest: &str, form: &[(&str, &str)], words: &str| {
        exam.client.post(&format!("{}{rest}", exam.path), form).await.expect(422).shows(&[words]);
    };
    refused("/seating", &[("seed", "1")], "Hãy thêm môn thi trước.").await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    let at_once = [("subject", "Ngữ văn"), ("date", "2026-12-14"), ("begins", "8:30"), ("minutes", "120")];
    refused("/papers", &at_once, "không thí sinh nào thi hai môn một lúc").await;
    refused("/papers", &[("subject", "Lý"), ("date", "31/02/2026"), ("begins", "25:00"), ("minutes", "x")], "ngày thi")
        .await;
    refused("/seating", &[("seed", "1")], "Hãy thêm phòng thi trước.").await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "24")]).await;
    refused("/rooms", &[("name", "P1"), ("seats", "20")], "Đã có phòng trùng tên").await;
    refused("/rooms", &[("name", "P2"), ("seats", "0")], "từ 1 đến 200").await;
    exam.post("/candidates", &[("classes", "all")]).await;
    refused("/seating", &[("seed", "1")], "Hãy đánh số báo danh").await;
    refused("/numbers", &[("width", "1"), ("order", "name")], "Không đủ số").await;
    refused("/numbers", &[("width", "4"), ("prefix", "K 1"), ("order", "name")], "Tiền tố").await;
    refused("/candidates", &[("pupils", "khong-co-ai")], "khong-co-ai").await;
    exam.post("/numbers", &[("width", "2"), ("order", "name")]).await;
    refused("/seating", &[("seed", "1")], "Thiếu chỗ ngồi: 2").await;
    let mut admin = test.admin().await;
    let counts = "SELECT (SELECT count(*) FROM exam_papers) + (SELECT count(*) FROM exam_rooms) * 10
        + (SELECT count(*) FROM exam_seats) * 100";
    assert_eq!(count(&mut admin, counts).await, 11);
    // The database itself refuses what no form should get to.
    let beyond = "INSERT INTO exam_seats SELECT n.school_id, n.exam_id, p.id, r.id, 29, 28, n.id
        FROM exam_candidates n, exam_papers p, exam_rooms r LIMIT 1";
    let error = sqlx::query(beyond).execute(&mut admin).await.unwrap_err();
    assert!(error.to_string().contains("exam_seats"), "{error}");
}

#[tokio::test]
async fn teachers_without_the_grant_get_to_no_exam() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let things = ExamThings::of(&test, &cast).await;
    let path = cast.school.path(&format!("/exams/{}", things.exam));
    for person in [&cast.teacher, &cast.pupil, &cast.manager, &cast.timetable] {
        let client = test.signed_in(person).await;
        client.get(&cast.school.path("/exams")).await.expect(403);
        for rest in ["", "/papers", "/candidates", "/seating", "/lists/door", "/lists/door.xlsx"] {
            client.get(&format!("{path}{rest}")).await.expect(403).hides(&["Kiểm tra học kỳ I"]);
        }
        client.post(&format!("{path}/seating"), &[("seed", "1")]).await.expect(403);
    }
    test.signed_in(&cast.owner).await.get(&path).await.expect(200).shows(&["Kiểm tra học kỳ I"]);
}
