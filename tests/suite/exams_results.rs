//! What becomes of marks: when they are published and when not, corrections and appeals, results as workbooks, figures.

use chrono::Duration;

use crate::support::exams::{Exam, World, a_school, run};
use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp, sheets};

#[tokio::test]
async fn a_mark_is_corrected_only_once_it_is_published() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    world.type_all(&marker, &codes, "7").await;
    let candidate = world.candidate(&world.test, 0).await;
    let page = format!("{}/candidates/{candidate}", world.exam.path);
    let corrections = format!("{page}/corrections");
    let form = [("paper", world.paper.as_str()), ("mark", "9"), ("reason", "Cộng sót câu 3")];
    let refused = world.exam.client.post(&corrections, &form).await.expect(422);
    refused.shows(&["chưa công bố"]);
    assert_eq!(world.count("SELECT count(*) FROM exam_corrections").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE entry = 3").await, 0);
    world.exam.client.get(&page).await.expect(200).hides(&["/corrections"]);
    // Planned for tomorrow is not published yet.
    world.exam.post("/publication", &[("classes", "all"), ("at", "2026-09-08T08:00")]).await;
    world.exam.client.post(&corrections, &form).await.expect(422);
    world.exam.post("/publication", &[("classes", "all")]).await;
    world.test.clock.advance(Duration::seconds(10));
    world.exam.client.post(&corrections, &form).await.expect(303);
    world.exam.client.get(&page).await.expect(200).shows(&["7 → 9", "Cộng sót câu 3"]);
}

#[tokio::test]
async fn appeals_are_listed_and_told() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    world.type_all(&marker, &codes, "725").await;
    world.exam.post("/publication", &[("classes", "all")]).await;
    let appeals = format!("{}/appeals", world.exam.path);
    let client = &world.exam.client;
    client.get(&appeals).await.expect(200).shows(&[&vi("exam-appeals-empty")]);
    let number: String = sqlx::query_scalar("SELECT number FROM exam_candidates WHERE id = $1")
        .bind(world.candidate(&world.test, 0).await)
        .fetch_one(&mut world.test.admin().await)
        .await
        .unwrap();
    let with = |number: &str, mark: &str, appeal: &str| {
        [
            ("number", number.to_owned()),
            ("paper", world.paper.clone()),
            ("mark", mark.to_owned()),
            ("reason", "Chấm sót trang 2".to_owned()),
            ("appeal", appeal.to_owned()),
        ]
    };
    let post = async |form: [(&str, String); 5]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.test.clock.advance(Duration::seconds(10));
        client.post(&appeals, &form).await
    };
    post(with("999", "8", "on")).await.expect(422).shows(&["Không có số báo danh 999."]);
    post(with(&number, "8,1", "on")).await.expect(422).shows(&["bội số của 0,25"]);
    // A correction changes something; an appeal may leave the mark as it is, and is noted all the same.
    post(with(&number, "7,25", "")).await.expect(422);
    post(with(&number, "7,25", "on")).await.expect(303);
    post(with(&number, "8", "on")).await.expect(303);
    client.get(&appeals).await.expect(200).shows(&["7,25 → 8", "7,25 → 7,25", "Chấm sót trang 2", &number]);
    let file = client.get(&format!("{appeals}?file=xlsx")).await.expect(200);
    let table = sheets::read(file.file());
    assert_eq!(table.len(), 3);
    assert_eq!((table[1][4].as_str(), table[1][5].as_str()), ("7,25", "8"));
    // The pupil is told on their home, and nobody else is.
    let pupil = world.test.signed_in(&world.pupils[0]).await;
    pupil.get(&world.school.path("")).await.expect(200).shows(&["7,25 → 8", &vi("exam-own-corrected-see")]);
    pupil.get(&world.school.path("/my-exams")).await.expect(200).shows(&["7,25 → 8: Chấm sót trang 2"]);
    let other = world.test.signed_in(&world.pupils[1]).await;
    other.get(&world.school.path("")).await.expect(200).hides(&["7,25 → 8"]);
    world.test.clock.advance(Duration::days(15));
    let pupil = world.test.signed_in(&world.pupils[0]).await;
    pupil.get(&world.school.path("")).await.expect(200).hides(&["7,25 → 8"]);
    marker.get(&appeals).await;
    let marker = world.test.signed_in(&world.marker).await;
    marker.get(&appeals).await.expect(403);
}

#[tokio::test]
async fn a_candidate_whose_login_is_an_address_gets_a_mail_without_the_mark() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    world.type_all(&world.test.signed_in(&world.marker).await, &codes, "7").await;
    world.exam.post("/publication", &[("classes", "all")]).await;
    let id = world.pupils[0].member_id;
    run(
        &world.test,
        &format!(
            "UPDATE accounts SET login = 'hs@example.vn' WHERE id = (SELECT account_id FROM members WHERE id = '{id}')"
        ),
    )
    .await;
    let candidate = world.candidate(&world.test, 0).await;
    let form = [("paper", world.paper.as_str()), ("mark", "9,5"), ("reason", "Cộng sót"), ("appeal", "on")];
    world.exam.post(&format!("/candidates/{candidate}/corrections"), &form).await;
    world.test.work().await;
    let mail = world.test.mail_to("hs@example.vn");
    assert!(mail.subject.contains("Kiểm tra học kỳ I") && mail.text.contains("Toán"), "{mail:?}");
    assert!(!mail.text.contains("9,5") && mail.text.contains("/my-exams"), "{mail:?}");
}

#[tokio::test]
async fn a_planned_publication_is_taken_back_where_a_mark_goes_missing() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    world.type_all(&marker, &codes, "825").await;
    world.exam.post("/publication", &[("classes", "all"), ("at", "2026-09-08T08:00")]).await;
    let planned = "SELECT count(*) FROM exam_classes WHERE publish_at IS NOT NULL";
    assert_eq!(world.count(planned).await, 2);
    // A mark that changes leaves the plan as it is; one that goes takes its class back, and no other.
    let code = world.code(&world.test, 0).await;
    let field = format!("mark_{code}");
    marker.post(&world.marks(), &[(field.as_str(), "8")]).await.expect(303);
    assert_eq!(world.count(planned).await, 2);
    world.test.clock.advance(Duration::seconds(10));
    marker.post(&world.marks(), &[(field.as_str(), "")]).await.expect(303);
    assert_eq!(world.count(planned).await, 1);
    let page = world.exam.client.get(&format!("{}/publication", world.exam.path)).await.expect(200);
    page.shows(&["đã hủy hẹn giờ"]);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE detail ->> 'what' = 'withheld'").await, 1);
    world.test.clock.advance(Duration::days(1));
    let own = world.school.path("/my-exams");
    world.test.signed_in(&world.pupils[0]).await.get(&own).await.expect(200).hides(&["8,25"]);
    world.test.signed_in(&world.pupils[11]).await.get(&own).await.expect(200).shows(&["8,25"]);
    // Once it is there again, the class is published anew.
    let runner = world.test.signed_in(&world.runner).await;
    let publication = format!("{}/publication", world.exam.path);
    runner.post(&publication, &[("classes", "all")]).await.expect(422).shows(&["Còn 1 bài"]);
    runner.post(&world.marks(), &[(field.as_str(), "9")]).await.expect(303);
    world.test.clock.advance(Duration::seconds(10));
    runner.post(&publication, &[("classes", "all")]).await.expect(303);
    runner.get(&publication).await.expect(200).hides(&["đã hủy hẹn giờ"]);
    world.test.signed_in(&world.pupils[0]).await.get(&own).await.expect(200).shows(&["9"]);
}

#[tokio::test]
async fn late_candidates_take_a_planned_publication_back_too() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    world.type_all(&world.test.signed_in(&world.marker).await, &codes, "7").await;
    world.exam.post("/publication", &[("classes", "all"), ("at", "2026-09-08T08:00")]).await;
    let class: uuid::Uuid = sqlx::query_scalar("SELECT id FROM classes WHERE name = '10A1'")
        .fetch_one(&mut world.test.admin().await)
        .await
        .unwrap();
    world.school.add(&world.test, Someone::pupil("Ngô Thị Muộn", class.into())).await;
    world.test.clock.advance(Duration::seconds(10));
    world.exam.post("/candidates", &[("classes", "all")]).await;
    let query = "SELECT count(*) FROM exam_classes WHERE publish_at IS NOT NULL";
    assert_eq!(world.count(query).await, 1);
}

#[tokio::test]
async fn numbers_are_given_anew_as_one_act() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 12)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("order", "name"), ("width", "3")]).await;
    let numbers = "SELECT string_agg(id || number, ',' ORDER BY id) FROM exam_candidates";
    let mut admin = test.admin().await;
    let before: String = sqlx::query_scalar(numbers).fetch_one(&mut admin).await.unwrap();
    // Twelve do not fit into one digit: the numbers that there were stay.
    let narrow = [("order", "name"), ("width", "1"), ("again", "on")];
    exam.client.post(&format!("{}/numbers", exam.path), &narrow).await.expect(422).shows(&["Không đủ số"]);
    assert_eq!(sqlx::query_scalar::<_, String>(numbers).fetch_one(&mut admin).await.unwrap(), before);
    exam.post("/numbers", &[("order", "name"), ("width", "2"), ("prefix", "K"), ("again", "on")]).await;
    let first: Vec<String> = sqlx::query_scalar("SELECT number FROM exam_candidates ORDER BY serial LIMIT 2")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    assert_eq!(first, ["K01", "K02"]);
    let noted = "SELECT count(*) FROM audit_events WHERE detail ->> 'what' = 'numbers'";
    assert_eq!(sqlx::query_scalar::<_, i64>(noted).fetch_one(&mut admin).await.unwrap(), 2);
}

#[tokio::test]
async fn a_class_with_candidates_is_not_deleted_though_it_is_empty() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 3), ("10A2", 3)]).await;
    let owner = Someone::manager("Vi Thị Chủ").with(schoolgate::access::Grant::Owner);
    let owner = school.add(&test, owner).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    run(
        &test,
        "UPDATE enrolments SET class_id = (SELECT id FROM classes WHERE name = '10A2')
         WHERE class_id = (SELECT id FROM classes WHERE name = '10A1')",
    )
    .await;
    let class: uuid::Uuid = sqlx::query_scalar("SELECT id FROM classes WHERE name = '10A1'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let client = test.signed_in(&owner).await;
    let page = school.path(&format!("/classes/{class}"));
    client.get(&page).await.expect(200).shows(&[&vi("class-delete-planned")]);
    let answer = client.post(&format!("{page}/deletion"), &[("ask", "answered")]).await;
    assert!(!answer.status.is_server_error(), "{}", answer.status);
    let left = "SELECT count(*) FROM classes WHERE name = '10A1'";
    let mut admin = test.admin().await;
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut admin).await.unwrap(), 1);
    assert_eq!(
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM exam_candidates").fetch_one(&mut admin).await.unwrap(),
        6
    );
}

#[tokio::test]
async fn results_go_out_by_class_by_subject_and_for_smas() {
    let world = World::new("1").await;
    run(
        &world.test,
        "UPDATE members SET moet_id = '79' || lpad((abs(hashtext(id::text)) % 100000000)::text, 8, '0')
         WHERE role = 'student'",
    )
    .await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    world.type_all(&marker, &codes, "725").await;
    world.type_all(&marker, &[world.code(&world.test, 0).await], "V").await;
    let get = async |query: &str| {
        let address = format!("{}/results.xlsx{query}", world.exam.path);
        sheets::all(world.exam.client.get(&address).await.expect(200).file())
    };
    let by_class = get("?by=class").await;
    let names: Vec<&str> = by_class.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[1..], ["10A1", "10A2"]);
    assert_eq!(by_class[0].1.len(), 13, "the table that programs read stands first");
    let page = &by_class[1].1;
    let said: Vec<&String> = page.iter().flatten().filter(|cell| !cell.is_empty()).collect();
    for heading in [world.school.scope.school.name.as_str(), "Kiểm tra học kỳ I", "Bảng điểm", "Lớp 10A1"]
    {
        assert!(said.iter().any(|cell| cell.as_str() == heading), "{heading}: {said:?}");
    }
    let head = page.iter().position(|row| row[0] == "STT").unwrap();
    let absent = page[head + 1..].iter().filter(|row| row.last().is_some_and(|mark| mark == "V")).count();
    assert_eq!((page[head + 1..head + 7].len(), absent), (6, 1));
    // The pages say what the table says.
    let of_pages: Vec<(String, String)> = by_class[1..]
        .iter()
        .flat_map(|(_, page)| page.iter().filter(|row| row[0].parse::<u32>().is_ok()))
        .map(|row| (row[1].clone(), row[4].clone()))
        .collect();
    let of_table: Vec<(String, String)> =
        by_class[0].1[1..].iter().map(|row| (row[0].clone(), row[4].clone())).collect();
    assert_eq!(of_pages, of_table);

    let by_subject = get("?by=subject").await;
    assert_eq!(by_subject[1].0, "Toán");
    let said: Vec<String> = by_subject[1].1.iter().flatten().cloned().collect();
    assert!(said.contains(&"Điểm trung bình: 7,25".to_owned()), "{said:?}");
    assert!(said.contains(&"Vắng: 1".to_owned()), "{said:?}");

    let smas = get(&format!("?by=smas&paper={}", world.paper)).await;
    assert_eq!(smas.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["10A1", "10A2"]);
    let (head, rows) = smas[0].1.split_first().unwrap();
    assert_eq!(head.as_slice(), ["STT", "Mã học sinh", "Họ và tên", "Ngày sinh", "ĐĐGck"]);
    assert_eq!(rows.len(), 6);
    // School reports have one decimal; who was absent has no mark.
    assert_eq!(rows.iter().filter(|row| row[4] == "7,3").count(), 5);
    assert!(rows.iter().all(|row| row[1].len() == 10 && row[1].starts_with("79")), "{rows:?}");
    world.exam.client.get(&format!("{}/results.xlsx?by=smas", world.exam.path)).await.expect(404);
    world.exam.client.get(&format!("{}/results.xlsx?by=nothing", world.exam.path)).await.expect(404);
    marker.get(&format!("{}/results.xlsx?by=class", world.exam.path)).await.expect(403);

    let publication = world.exam.client.get(&format!("{}/publication", world.exam.path)).await.expect(200);
    publication.shows(&["Điểm trung bình: 7,25", "Vắng: 1", &vi("exam-smas")]);
}

#[tokio::test]
async fn printed_workbooks_have_a_page_for_each_room_with_its_headings() {
    let test = TestApp::new().await;
    let (school, exams, _) = a_school(&test, "79000001", &[("10A1", 15), ("10A2", 15)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.paper("Ngữ văn", "2026-12-15", "7:30").await;
    exam.post("/rooms", &[("name", "P1-2"), ("seats", "16")]).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("order", "name"), ("width", "3")]).await;
    exam.post("/seating", &[("seed", "1")]).await;
    let unit: String = sqlx::query_scalar(
        "SELECT u.name FROM schools s JOIN managing_units u ON u.province_code = s.province_code AND u.id = s.managing_unit_id",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    for (list, pages, title) in [("door", 2, "Danh sách thí sinh"), ("attendance", 4, "Phiếu thu bài thi")] {
        let file = exam.client.get(&format!("{}/lists/{list}.xlsx", exam.path)).await.expect(200);
        let sheets = sheets::all(file.file());
        assert_eq!(sheets.len(), 1 + pages, "{list}");
        let table = &sheets[0].1;
        // Line by line what the table says, under the headings that schools have.
        let of_pages: Vec<Vec<String>> = sheets[1..]
            .iter()
            .flat_map(|(_, page)| page.iter().filter(|row| row[0].parse::<u32>().is_ok()))
            .map(|row| row[1..5].to_vec())
            .collect();
        let of_table: Vec<Vec<String>> = table[1..].iter().map(|row| row[4..8].to_vec()).collect();
        assert_eq!(of_pages, of_table, "{list}");
        for (name, page) in &sheets[1..] {
            let said: Vec<&String> = page.iter().flatten().collect();
            for heading in [&unit, &school.scope.school.name, "Kiểm tra học kỳ I", title] {
                assert!(said.iter().any(|cell| cell.as_str() == heading), "{list}, {name}: {heading}");
            }
            assert_eq!(said.iter().any(|cell| cell.as_str() == "Giám thị 1"), list == "attendance");
        }
    }
}

#[tokio::test]
async fn figures_say_who_sits_where() {
    let test = TestApp::new().await;
    let (school, exams, pupils) = a_school(&test, "79000001", &[("10A1", 6), ("10A2", 4)]).await;
    let exam = Exam::made(&school, test.signed_in(&exams).await, &[("grades", "10")]).await;
    exam.paper("Toán", "2026-12-14", "7:30").await;
    exam.post("/rooms", &[("name", "P1"), ("seats", "6"), ("most", "6")]).await;
    exam.post("/rooms", &[("name", "P2"), ("seats", "6"), ("most", "6")]).await;
    exam.post("/candidates", &[("classes", "all")]).await;
    exam.post("/numbers", &[("order", "class"), ("width", "3")]).await;
    exam.post("/seating", &[("seed", "1")]).await;
    let gone: uuid::Uuid = sqlx::query_scalar("SELECT id FROM exam_candidates WHERE member_id = $1")
        .bind(pupils[9].member_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    exam.post(&format!("/candidates/{gone}"), &[("withdrawn", "on")]).await;
    let page = exam.client.get(&format!("{}/statistics", exam.path)).await.expect(200);
    page.shows(&["9/9", &vi1("exam-withdrawn-n", "count", 1), "P1", "10A2"]);
    let file = exam.client.get(&format!("{}/statistics?file=xlsx", exam.path)).await.expect(200);
    let sheets = sheets::all(file.file());
    let rows = |at: usize| -> Vec<Vec<String>> { sheets[at].1[1..].to_vec() };
    assert_eq!(rows(0)[0][3..], ["9", "9", "0", "2"]);
    assert_eq!(rows(1), [["P1", "6"], ["P2", "3"]]);
    assert_eq!(rows(2), [["10A1", "6"], ["10A2", "3"]]);
}

#[tokio::test]
async fn an_exchange_of_duties_tells_what_it_breaks() {
    let world = World::new("1").await;
    let exam = &world.exam;
    exam.paper("Ngữ văn", "2026-12-15", "7:30").await;
    exam.post("/seating", &[("late", "on")]).await;
    let (one, two) = (world.marker.member_id.to_string(), world.second.member_id.to_string());
    // Two who may have duties; one teaches Toán.
    exam.post("/invigilation", &[("member", &one), ("subjects", "Toán")]).await;
    exam.post("/invigilation", &[("member", &two)]).await;
    let draw = [("per_room", "1"), ("seed", "3"), ("not_own_subject", "on")];
    exam.post("/invigilation", &draw).await;
    let of_paper = async |subject: &str| -> uuid::Uuid {
        sqlx::query_scalar(
            "SELECT d.member_id FROM exam_duties d JOIN exam_papers p ON p.id = d.paper_id WHERE p.subject = $1",
        )
        .bind(subject.to_owned())
        .fetch_one(&mut world.test.admin().await)
        .await
        .unwrap()
    };
    assert_eq!(of_paper("Toán").await.to_string(), two);
    let swap = [("paper", world.paper.as_str()), ("from", two.as_str()), ("by", one.as_str())];
    let page = exam.client.post(&format!("{}/invigilation", exam.path), &swap).await.expect(422);
    page.shows(&["coi thi môn mình dạy", &vi("exam-duty-anyway")]);
    assert_eq!(of_paper("Toán").await.to_string(), two, "nothing has changed");
    let anyway = [swap[0], swap[1], swap[2], ("anyway", "on")];
    exam.post("/invigilation", &anyway).await;
    assert_eq!(of_paper("Toán").await.to_string(), one);
    // On a day off nobody invigilates, wanted or not.
    exam.post("/invigilation", &[("member", &two), ("days_off", "14/12/2026")]).await;
    let back = [("paper", world.paper.as_str()), ("from", one.as_str()), ("by", two.as_str()), ("anyway", "on")];
    exam.client.post(&format!("{}/invigilation", exam.path), &back).await.expect(422).shows(&["nghỉ hôm đó"]);
    assert_eq!(of_paper("Toán").await.to_string(), one);
    // The next duties stand on the teacher's home.
    let client = world.test.signed_in(&world.marker).await;
    client.get(&world.school.path("")).await.expect(200).shows(&[&vi("exam-own-duties"), "Toán", "P1"]);
}

#[tokio::test]
async fn homeroom_teachers_see_the_published_marks_of_their_class_alone() {
    let world = World::new("1").await;
    let class = world.one("SELECT id FROM classes WHERE name = '10A1'").await;
    let teacher = Someone::teacher("Đinh Thị Chủ Nhiệm").homeroom_of(class.into());
    let teacher = world.school.add(&world.test, teacher).await;
    let codes = world.cut().await;
    world.type_all(&world.exam.client, &codes, "675").await;
    let page = world.school.path(&format!("/my-classes/{class}/exams"));
    let client = world.test.signed_in(&teacher).await;
    client.get(&page).await.expect(200).hides(&["6,75"]);
    // The other class first: nothing of it is theirs to see.
    let other = world.one("SELECT id FROM classes WHERE name = '10A2'").await.to_string();
    world.exam.post("/publication", &[("classes", &other)]).await;
    client.get(&page).await.expect(200).hides(&["6,75"]);
    client.get(&world.school.path(&format!("/my-classes/{other}/exams"))).await.expect(404).hides(&["6,75"]);
    world.test.clock.advance(Duration::seconds(10));
    world.exam.post("/publication", &[("classes", &class.to_string())]).await;
    let (own, others) = world.pupils.split_at(6);
    let names: Vec<&str> = own.iter().map(|pupil| pupil.name.as_str()).collect();
    let shown = client.get(&page).await.expect(200).shows(&["6,75", "Toán", "Kiểm tra học kỳ I"]).shows(&names);
    let others: Vec<&str> =
        others.iter().map(|pupil| pupil.name.as_str()).filter(|name| !names.contains(name)).collect();
    shown.hides(&others);
    let marker = world.test.signed_in(&world.marker).await;
    marker.get(&page).await.expect(404).hides(&["6,75"]);
}
