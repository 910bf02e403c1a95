//! Codes that are drawn anew while marks are typed: no mark gets under a code of another paper.

use chrono::Duration;

use crate::support::exams::{World, fields};
use crate::support::say::{vi, vi1};
use crate::support::{Client, Page, Someone, sheets};

/// What a browser sends for a column in which one mark is typed.
fn column(page: &Page, code: &str, mark: &str) -> Vec<(String, String)> {
    let mut form = fields(page);
    form.retain(|(name, _)| name == "entry" || name == "cutting" || name.starts_with("was_"));
    form.push((format!("mark_{code}"), mark.to_owned()));
    form
}

async fn send(client: &Client, address: &str, form: &[(String, String)]) -> Page {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post(address, &form).await
}

async fn cut_again(world: &World, seed: &str) -> Vec<String> {
    world.test.clock.advance(Duration::seconds(10));
    world.exam.post(&format!("/papers/{}/phach", world.paper), &[("seed", seed), ("bag", "4")]).await;
    sqlx::query_scalar("SELECT code FROM exam_codes ORDER BY code")
        .fetch_all(&mut world.test.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn marks_under_codes_that_were_drawn_anew_are_not_taken_and_not_lost() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    let before = marker.get(&world.marks()).await.expect(200);
    let form = column(&before, &codes[3], "7,25");
    assert_eq!(cut_again(&world, "10").await, codes, "the same codes, of other papers");
    let page = send(&marker, &world.marks(), &form).await.expect(422);
    let page = page.shows(&[&vi("fault-exam-codes-changed"), &vi("exam-codes-typed-before"), &codes[3], "7,25"]);
    assert_eq!(page.input(&format!("mark_{}", codes[3])), "", "not offered under the new code");
    assert_eq!(world.count("SELECT count(*) FROM exam_marks").await, 0);
    // The page that came back is of the new cutting.
    let form = column(&page, &codes[5], "8");
    send(&marker, &world.marks(), &form).await.expect(303);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks WHERE value = 800").await, 1);

    // A paper that was marked by number, and is cut while its column is open.
    let world = World::new("1").await;
    let marker = world.test.signed_in(&world.marker).await;
    let form = column(&marker.get(&world.marks()).await.expect(200), "001", "6");
    world.cut().await;
    send(&marker, &world.marks(), &form).await.expect(422).shows(&[&vi("fault-exam-codes-changed"), "001"]);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks").await, 0);
}

#[tokio::test]
async fn a_sheet_of_an_earlier_cutting_is_not_taken() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let marker = world.test.signed_in(&world.marker).await;
    let address = format!("{}/sheet", world.marks());
    let out = marker.get(&format!("{}?file=xlsx", world.marks())).await.expect(200);
    let mut table = sheets::read(out.file());
    table[1][1] = "9".to_owned();
    let file = sheets::written(&table);
    // Reviewed before the codes are drawn anew, and confirmed after that.
    let reviewed = marker.upload(&address, "diem.xlsx", &file).await.expect(200);
    cut_again(&world, "10").await;
    let mut form = fields(&reviewed);
    form.retain(|(name, _)| name != "form_key");
    let late = send(&marker, &world.marks(), &form).await.expect(422);
    late.shows(&[&vi("fault-exam-codes-changed"), &codes[0], "9"]);
    // Uploaded after it.
    let page = marker.upload(&address, "diem.xlsx", &file).await.expect(200);
    page.shows(&[&vi1("exam-sheet-found", "count", 0), &vi("exam-sheet-other-cutting"), &codes[0]]);
    assert_eq!(world.count("SELECT count(*) FROM exam_marks").await, 0);
}

#[tokio::test]
async fn papers_that_are_sat_later_get_codes_beside_the_others() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let runner = &world.exam;
    let client = &runner.client;
    world.type_all(client, &codes, "7").await;
    let phach = format!("/papers/{}/phach", world.paper);
    // All have codes and marks: nothing is left to cut.
    runner.refused(&phach, &[("seed", "1"), ("bag", "4")], &[&vi("fault-exam-codes-marked")]).await;
    let class = world.one("SELECT id FROM classes WHERE name = '10A1'").await;
    world.school.add(&world.test, Someone::pupil("Ngô Thị Muộn", class.into())).await;
    world.test.clock.advance(Duration::seconds(10));
    runner.post("/candidates", &[("classes", "all")]).await;
    runner.post("/numbers", &[("order", "name"), ("width", "3")]).await;
    runner.post("/seating", &[("late", "on")]).await;
    runner.get(&phach).await.shows(&[&vi1("exam-codes-waiting", "count", 1)]);
    let column_before = column(&client.get(&world.marks()).await.expect(200), &codes[0], "8");
    let pairs = "SELECT string_agg(code || candidate_id, ',' ORDER BY code) FROM exam_codes WHERE code < '004'";
    let mut admin = world.test.admin().await;
    let before: String = sqlx::query_scalar(pairs).fetch_one(&mut admin).await.unwrap();
    runner.post(&phach, &[("seed", "1"), ("bag", "4")]).await;
    assert_eq!(sqlx::query_scalar::<_, String>(pairs).fetch_one(&mut admin).await.unwrap(), before);
    assert_eq!(world.count("SELECT count(*) FROM exam_codes WHERE code = '004.01' AND bag = 4").await, 1);
    // The codes that there were are of the same papers: a column that is open goes on.
    send(client, &world.marks(), &column_before).await.expect(303);
    world.type_all(client, &["004.01".to_owned()], "6").await;
    assert_eq!(world.count("SELECT count(*) FROM exam_marks").await, 13);
    runner.post("/publication", &[("classes", "all")]).await;
}

#[tokio::test]
async fn marks_that_go_out_beside_names_are_on_record() {
    let world = World::new("1").await;
    let codes = world.cut().await;
    let looks = async |what: &str| {
        world.count(&format!("SELECT count(*) FROM audit_events WHERE detail ->> 'what' = '{what}'")).await
    };
    world.type_all(&world.exam.client, &codes, "7").await;
    for (at, query) in (1..).zip(["", "?by=class", "?by=subject"]) {
        world.exam.get(&format!("/results.xlsx{query}")).await;
        assert_eq!(looks("results_viewed").await, at);
    }
    let seen = looks("codes_viewed").await;
    world.exam.get(&format!("/papers/{}/phach", world.paper)).await;
    assert_eq!(looks("codes_viewed").await, seen + 1);
    // Who runs the exam finds it in the log, in words.
    let owner = Someone::manager("Vi Thị Chủ").with(schoolgate::access::Grant::Owner);
    let owner = world.school.add(&world.test, owner).await;
    let client = world.test.signed_in(&owner).await;
    client.get(&world.school.path("/audit")).await.expect(200).shows(&[&vi("audit-exam-results-viewed")]);
    // Those who mark get no such file, and it is not on record that they did.
    let marker = world.test.signed_in(&world.marker).await;
    marker.get(&format!("{}/results.xlsx", world.exam.path)).await.expect(403);
    assert_eq!(looks("results_viewed").await, 3);
}
