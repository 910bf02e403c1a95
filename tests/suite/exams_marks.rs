//! Codes, marks and their publication: who sees what, and when.

use chrono::Duration;

use crate::support::exams::World;
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Client, Someone, sheets};

#[tokio::test]
async fn who_marks_sees_codes_and_no_name_anywhere() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    assert_eq!(codes.len(), 12);
    assert!(codes.iter().all(|code| code.len() == 6 && &code[3..4] == "."), "{codes:?}");
    let names: Vec<String> = world.pupils.iter().map(|pupil| pupil.name.clone()).collect();
    let client = world.test.signed_in(&world.marker).await;
    let page = client.get(&world.marks()).await.expect(200);
    for code in &codes {
        assert!(page.html().contains(&format!("mark_{code}")), "{code}");
    }
    let page = page.hides(&names);
    // In the order of the codes, which tells nothing.
    let html = page.html();
    let places: Vec<usize> = codes.iter().map(|code| html.find(&format!("mark_{code}")).unwrap()).collect();
    assert!(places.is_sorted());
    page.hides(&["10A1", "10A2"]);
    let file = client.get(&format!("{}?file=xlsx", world.marks())).await.expect(200);
    let table = sheets::read(file.file());
    assert_eq!(table[1..].iter().map(|row| row[0].clone()).collect::<Vec<_>>(), codes);
    // What lies in the bags has codes alone as well.
    let bags = client.get(&format!("{}?print=bags", world.marks())).await.expect(200).hides(&names);
    assert_eq!(bags.html().matches("class=\"ex-sheet\"").count(), 3, "one sheet for each bag");
    let codes_shown: Vec<&str> = codes.iter().map(String::as_str).collect();
    bags.shows(&codes_shown).hides(&["10A1", "10A2"]);
    // Neither a form that is refused, nor any other page of the exam.
    let field = format!("mark_{}", codes[0]);
    client.post(&world.marks(), &[(field.as_str(), "99")]).await.expect(422).hides(&names);
    for rest in [
        "/candidates",
        "/seating",
        "/lists/door",
        "/lists/slips.xlsx",
        "/lists/plan",
        "/lists/duties.xlsx",
        "/rooms?file=xlsx",
        "/publication",
        "/results.xlsx",
        "/appeals?file=xlsx",
        "/statistics?file=xlsx",
        "/helpers",
    ] {
        client.get(&format!("{}{rest}", world.exam.path)).await.expect(403).hides(&names);
    }
    let phach = format!("{}/papers/{}/phach", world.exam.path, world.paper);
    client.get(&phach).await.expect(403).hides(&names);
    client.get(&world.exam.path).await.expect(200).hides(&names);
    // The look is on record, with the paper.
    let looks = "SELECT count(*) FROM audit_events
        WHERE detail ->> 'what' = 'marks_viewed' AND detail ->> 'paper' = 'Toán'";
    assert!(world.count(looks).await >= 2);
    // The page of codes names the people who may match them with numbers.
    world.exam.client.get(&phach).await.expect(200).shows(&[&vi("exam-codes-may-join"), &world.runner.name]);
    // Those who may see whose a code is are given no marks to type.
    let owner =
        world.school.add(&world.test, Someone::manager("Vi Thị Chủ").with(schoolgate::access::Grant::Owner)).await;
    let form = [("account", owner.member_id.to_string()), ("task", "marks".into()), ("paper", world.paper.clone())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    world.exam.client.post(&format!("{}/helpers", world.exam.path), &form).await.expect(422);
    // Nor do those who mark seat candidates: withdrawing one after another would show whose each code is.
    let marker = world.marker.member_id.to_string();
    let form = [("account", marker.as_str()), ("task", "seating")];
    world.exam.client.post(&format!("{}/helpers", world.exam.path), &form).await.expect(422);
    client.get(&format!("{}/candidates", world.exam.path)).await.expect(403);
}

#[tokio::test]
async fn pupils_see_their_own_marks_and_only_once_they_are_published() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let mine = world.test.signed_in(&world.pupils[0]).await;
    let own = world.school.path("/my-exams");
    mine.get(&own).await.expect(200).shows(&["Toán", "P1"]).hides(&["8,25"]);
    let publication = format!("{}/publication", world.exam.path);
    let refused = world.exam.client.post(&publication, &[("classes", "all")]).await;
    refused.expect(422).shows(&["Còn 12 bài chưa có điểm"]);
    let marker = world.test.signed_in(&world.marker).await;
    world.type_all(&marker, &codes, "825").await;
    // Another pupil of the same class has another mark.
    let other: String = sqlx::query_scalar(
        "SELECT c.code FROM exam_codes c JOIN exam_candidates n ON n.id = c.candidate_id WHERE n.member_id = $1",
    )
    .bind(world.pupils[1].member_id)
    .fetch_one(&mut world.test.admin().await)
    .await
    .unwrap();
    world.type_all(&marker, &[other], "375").await;
    mine.get(&own).await.expect(200).hides(&["8,25"]);
    mine.get(&world.school.path("")).await.expect(200).hides(&["8,25"]);

    // For one class, tomorrow: nothing before that, and nothing for the other class after it.
    let class: uuid::Uuid = sqlx::query_scalar("SELECT class_id FROM exam_candidates WHERE member_id = $1")
        .bind(world.pupils[0].member_id)
        .fetch_one(&mut world.test.admin().await)
        .await
        .unwrap();
    let class = class.to_string();
    world.exam.post("/publication", &[("classes", class.as_str()), ("at", "2026-09-08T08:00")]).await;
    mine.get(&own).await.expect(200).hides(&["8,25"]);
    world.test.clock.advance(Duration::days(1));
    let mine = world.test.signed_in(&world.pupils[0]).await;
    mine.get(&own).await.expect(200).shows(&["8,25"]).hides(&["3,75"]);
    let classmate = world.test.signed_in(&world.pupils[1]).await;
    classmate.get(&own).await.expect(200).shows(&["3,75"]).hides(&["8,25"]);
    let theirs = world.test.signed_in(&world.pupils[11]).await;
    theirs.get(&own).await.expect(200).hides(&["8,25"]);

    // Now those who mark are out, and a mark changes by a correction with a reason only, which the pupil sees.
    let marker = world.test.signed_in(&world.marker).await;
    marker.get(&world.marks()).await.expect(200).hides(&codes);
    marker.get(&format!("{}?file=xlsx", world.marks())).await.expect(200).hides(&codes);
    let name = format!("mark_{}", codes[0]);
    marker.post(&world.marks(), &[(name.as_str(), "9")]).await.expect(422);
    let candidate: uuid::Uuid = sqlx::query_scalar("SELECT id FROM exam_candidates WHERE member_id = $1")
        .bind(world.pupils[0].member_id)
        .fetch_one(&mut world.test.admin().await)
        .await
        .unwrap();
    let corrections = format!("{}/candidates/{candidate}/corrections", world.exam.path);
    let without = [("paper", world.paper.as_str()), ("mark", "9"), ("reason", "")];
    // The session of yesterday is over.
    let runner = world.test.signed_in(&world.runner).await;
    runner.post(&corrections, &without).await.expect(422);
    let with = [("paper", world.paper.as_str()), ("mark", "9"), ("reason", "Cộng sót câu 3"), ("appeal", "on")];
    runner.post(&corrections, &with).await.expect(303);
    mine.get(&own).await.expect(200).shows(&["8,25 → 9: Cộng sót câu 3"]);
    let results = runner.get(&format!("{}/results.xlsx", world.exam.path)).await.expect(200);
    let table = sheets::read(results.file());
    assert_eq!(table.len(), 13);
    assert_eq!(table[1..].iter().filter(|row| row[4] == "9").count(), 1);
}

#[tokio::test]
async fn two_who_type_at_once_lose_nothing() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let (one, two) = (world.test.signed_in(&world.marker).await, &world.exam.client);
    let field = |code: &str, mark: &'static str| [(format!("mark_{code}"), mark), (format!("was_{code}"), "")];
    // Both have opened the empty page; each fills in a half and sends the whole column.
    let column = |from: usize, mark: &'static str| -> Vec<(String, &'static str)> {
        let typed = |at: usize| if at / 6 == from { mark } else { "" };
        codes.iter().enumerate().flat_map(|(at, code)| field(code, typed(at))).collect()
    };
    let send = async |client: &Client, form: Vec<(String, &'static str)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        client.post(&world.marks(), &form).await
    };
    let (first, second) = tokio::join!(send(&one, column(0, "7")), send(two, column(1, "8,5")));
    first.expect(303);
    second.expect(303);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 700").await, 6);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 850").await, 6);
    // One changes what the other typed meanwhile: that stands, and is said.
    let late = send(&one, field(&codes[11], "3").to_vec()).await.expect(422);
    late.shows(&["Người khác vừa nhập 8,5"]);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 300").await, 0);
}

#[tokio::test]
async fn two_entries_are_compared_and_settled() {
    let world = World::new("2").await;
    let codes = world.cut().await;
    let (one, two) = (world.test.signed_in(&world.marker).await, world.test.signed_in(&world.second).await);
    world.type_all(&one, &codes, "7").await;
    world.type_all(&two, &codes[1..], "7").await;
    let name = format!("mark_{}", codes[0]);
    two.post(&world.marks(), &[(name.as_str(), "75")]).await.expect(303);
    let publication = format!("{}/publication", world.exam.path);
    world.exam.client.post(&publication, &[("classes", "all")]).await.expect(422).shows(&["Còn 1 bài"]);
    let differing = world.exam.client.get(&format!("{}?entry=3", world.marks())).await.expect(200);
    differing.shows(&[&codes[0], "7,5"]).hides(&[&codes[1]]);
    world.exam.client.post(&world.marks(), &[("entry", "3"), (name.as_str(), "7,25")]).await.expect(303);
    world.exam.client.post(&publication, &[("classes", "all")]).await.expect(303);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE entry = 3 AND value = 725").await, 1);
}

#[tokio::test]
async fn what_was_settled_changes_where_it_was_settled_alone() {
    let world = World::new("2").await;
    let codes = world.cut().await;
    let (one, two) = (world.test.signed_in(&world.marker).await, world.test.signed_in(&world.second).await);
    world.type_all(&one, &codes, "7").await;
    world.type_all(&two, &codes, "8").await;
    let name = format!("mark_{}", codes[0]);
    let settled = format!("{}?entry=3", world.marks());
    world.exam.client.post(&world.marks(), &[("entry", "3"), (name.as_str(), "7,5")]).await.expect(303);
    // What counts is said to those who typed it, and stays; the others are still theirs to change.
    let field = format!("mark_{}", codes[1]);
    let page = one.post(&world.marks(), &[(name.as_str(), "9"), (field.as_str(), "8")]).await.expect(422);
    page.shows(&[&vi("fault-exam-mark-settled")]);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 900").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE entry = 1 AND value = 800").await, 1);
    // A settlement can be looked at, changed and taken back before it is published.
    let page = world.exam.client.get(&settled).await.expect(200);
    assert_eq!(page.input(&name), "7,5");
    page.hides(&[&field]);
    world.exam.client.post(&world.marks(), &[("entry", "3"), (name.as_str(), "7,75")]).await.expect(303);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE entry = 3 AND value = 775").await, 1);
    world.exam.client.post(&world.marks(), &[("entry", "3"), (name.as_str(), "")]).await.expect(303);
    one.post(&world.marks(), &[(name.as_str(), "9")]).await.expect(303);
}

#[tokio::test]
async fn where_one_person_types_there_is_one_entry() {
    // The second of them was handed the second entry of an exam in which one person types each mark.
    let world = World::new("1").await;
    let codes = world.cut().await;
    let second = world.test.signed_in(&world.second).await;
    world.type_all(&second, &codes, "7").await;
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE entry = 1").await, 12);
    // Nor do those who run it type another one.
    let client = &world.exam.client;
    let field = format!("mark_{}", codes[0]);
    for entry in ["2", "3"] {
        client.post(&world.marks(), &[("entry", entry), (field.as_str(), "8")]).await.expect(303);
    }
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE entry > 1").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 800").await, 1);
    world.exam.post("/publication", &[("classes", "all")]).await;
}

#[tokio::test]
async fn digits_alone_are_read_as_the_school_wants_it() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let settings = |speed: &'static str| {
        [("name", "HK I"), ("mark_kind", "points"), ("entries", "1"), ("state", "seated"), ("speed", speed)]
    };
    let marker = world.test.signed_in(&world.marker).await;
    let field = format!("mark_{}", codes[0]);
    marker.post(&world.marks(), &[(field.as_str(), "725")]).await.expect(303);
    world.exam.post("", &settings("off")).await;
    marker.get(&world.marks()).await.expect(200).shows(&[&vi("exam-marks-how-slow")]);
    marker.post(&world.marks(), &[(field.as_str(), "75")]).await.expect(422).shows(&[&vi("fault-exam-mark-range")]);
    marker.post(&world.marks(), &[(field.as_str(), "6,5")]).await.expect(303);
    let csv = format!("Phách;Điểm\n{};725\n{};8\n", codes[1], codes[2]);
    let page = marker.upload(&format!("{}/sheet", world.marks()), "diem.csv", csv.as_bytes()).await.expect(200);
    page.shows(&[&vi1("exam-sheet-found", "count", 1), &vi("fault-exam-mark-range")]);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 650").await, 1);
    // A form that says nothing of it leaves it as it is.
    world.exam.post("", &settings("off")[..4]).await;
    marker.post(&world.marks(), &[(field.as_str(), "75")]).await.expect(422);
    world.exam.post("", &settings("on")).await;
    marker.post(&world.marks(), &[(field.as_str(), "75")]).await.expect(303);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 750").await, 1);
}

#[tokio::test]
async fn a_bag_is_typed_alone() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    // Three bags of four.
    let page = marker.get(&format!("{}?bag=002", world.marks())).await.expect(200);
    let of_bag: Vec<&String> = codes.iter().filter(|code| code.starts_with("002.")).collect();
    assert_eq!(of_bag.len(), 4);
    let fields: Vec<String> = of_bag.iter().map(|code| format!("mark_{code}")).collect();
    assert!(fields.iter().all(|field| page.html().contains(field)));
    assert_eq!((page.html().matches("id=\"mark_").count(), page.input("bag").as_str()), (4, "002"));
    let mut form: Vec<(&str, &str)> = fields.iter().map(|field| (field.as_str(), "8")).collect();
    form.push(("bag", "002"));
    let to = marker.post(&world.marks(), &form).await.location();
    assert!(to.contains("bag=002"), "{to}");
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 800").await, 4);
    marker.get(&to).await.expect(200).shows(&[&vi2("exam-marks-done", ("done", 4), ("count", 12))]);
    // A bag that there is not shows all.
    let page = marker.get(&format!("{}?bag=999", world.marks())).await.expect(200);
    assert_eq!(page.html().matches("id=\"mark_").count(), 12);
}

#[tokio::test]
async fn invigilators_are_drawn_and_each_sees_their_own() {
    let world = World::new("1").await;
    world.exam.paper("Ngữ văn", "2026-12-15", "7:30").await;
    world.exam.post("/seating", &[("late", "on")]).await;
    world.exam.post("/invigilation", &[("per_room", "1"), ("seed", "3"), ("not_own_class", "on")]).await;
    assert_eq!(world.count("SELECT count(*) FROM exam_duties").await, 2);
    assert_eq!(world.count("SELECT count(DISTINCT member_id) FROM exam_duties").await, 2, "an even load");
    let (member, subject): (uuid::Uuid, String) = sqlx::query_as(
        "SELECT d.member_id, p.subject FROM exam_duties d JOIN exam_papers p ON p.id = d.paper_id
         WHERE d.member_id = ANY($1) LIMIT 1",
    )
    .bind(vec![world.marker.member_id.uuid(), world.second.member_id.uuid()])
    .fetch_one(&mut world.test.admin().await)
    .await
    .unwrap();
    let person = if world.marker.member_id.uuid() == member { &world.marker } else { &world.second };
    let client = world.test.signed_in(person).await;
    client.get(&world.school.path("/my-exams")).await.expect(200).shows(&[&subject, "P1"]);
    // Too few: the paper is named, and what was there stays.
    let refused = [("per_room", "4"), ("seed", "3")];
    let page = world.exam.client.post(&format!("{}/invigilation", world.exam.path), &refused).await;
    page.expect(422).shows(&["Không đủ giám thị: Toán: 3/4"]);
    assert_eq!(world.count("SELECT count(*) FROM exam_duties").await, 2);
}
