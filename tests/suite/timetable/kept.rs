//! What stands in a timetable is not lost by the way, when something that it rests on goes.

use super::Timetable;
use crate::support::say::vi;
use crate::support::{Client, TestApp, sheets};

async fn lessons(test: &TestApp) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM timetable_lessons").fetch_one(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn a_period_that_has_lessons_stays() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let page = cast.school.path("/timetable/bells");
    let without = [("begins_afternoon_1", "13:00"), ("ends_afternoon_1", "13:45")];
    let refused = maker.post(&page, &without).await.expect(422);
    let slot = crate::support::say::vi2("timetable-slot", ("session", vi("timetable-morning")), ("period", 1));
    refused.shows(&[&crate::support::say::vi1("fault-timetable-bell-used", "value", slot)]);
    let bells: i64 =
        sqlx::query_scalar("SELECT count(*) FROM timetable_bells").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(bells, 10);
    // Those that have none go, and the one that has some may begin at another time.
    let with = [("begins_morning_1", "7:15"), ("ends_morning_1", "8:00")];
    maker.post(&page, &with).await.expect(303);
}

#[tokio::test]
async fn a_locked_lesson_stays_locked_until_it_is_unlocked() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let grid = cast.school.path(&format!("/timetable/versions/{}/classes/{}", made.version, cast.class_id));
    let slot = [("day", "1"), ("session", "morning"), ("period", "1"), ("subject", "Văn")];
    let locked = async || -> bool {
        let row = sqlx::query_scalar("SELECT is_locked FROM timetable_lessons");
        row.fetch_one(&mut test.admin().await).await.unwrap()
    };
    maker.post(&grid, &[slot.as_slice(), &[("asks_lock", "on"), ("locked", "on")]].concat()).await.expect(303);
    assert!(locked().await);
    // Enter in the grid, where there is no box.
    maker.post(&grid, &slot).await.expect(303);
    assert!(locked().await);
    maker.post(&grid, &[slot.as_slice(), &[("asks_lock", "on")]].concat()).await.expect(303);
    assert!(!locked().await);
}

#[tokio::test]
async fn a_class_that_is_planned_is_not_deleted() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let other = cast.school.class(&test, "10A2").await;
    let maker = test.signed_in(&cast.timetable).await;
    let grid = cast.school.path(&format!("/timetable/versions/{}/classes/{other}", made.version));
    let slot = [("day", "2"), ("session", "morning"), ("period", "1")];
    maker.post(&grid, &[slot.as_slice(), &[("subject", "Văn")]].concat()).await.expect(303);
    let owner = test.signed_in(&cast.owner).await;
    let class = cast.school.path(&format!("/classes/{other}"));
    owner.get(&class).await.expect(200).shows(&[&vi("class-delete-planned")]);
    assert_eq!(owner.post(&format!("{class}/deletion"), &[]).await.location(), class);
    assert_eq!(lessons(&test).await, 2);
    // Once it stands nowhere any more, it goes.
    maker.post(&grid, &[slot.as_slice(), &[("subject", "")]].concat()).await.expect(303);
    let gone = owner.post(&format!("{class}/deletion"), &[]).await.location();
    assert!(gone.ends_with("done=class-deleted"), "{gone}");
}

/// Imports two teachers; gives the plan.
async fn imported(test: &TestApp, manager: &Client, address: &str) -> String {
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    let file = sheets::written(&[
        row(["Họ và tên", "Giới tính", "Ngày sinh", "Email"]),
        row(["Ngô Văn Dạy", "Nam", "01/02/1980", "day@example.vn"]),
        row(["Ngô Thị Rảnh", "Nữ", "01/02/1981", "ranh@example.vn"]),
    ]);
    let plan = manager.upload(address, "gv.xlsx", &file).await.location();
    test.work().await;
    manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    plan
}

#[tokio::test]
async fn undoing_an_import_keeps_those_who_are_planned() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = imported(&test, &manager, &cast.school.path("/plans/new?source=teachers")).await;
    let mut admin = test.admin().await;
    let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM members WHERE full_name = 'Ngô Văn Dạy'")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let (id, class) = (id.to_string(), cast.class_id.to_string());
    let form = [("teacher", id.as_str()), ("class", class.as_str()), ("subject", "Toán"), ("periods", "4")];
    let maker = test.signed_in(&cast.timetable).await;
    maker.post(&cast.school.path("/timetable/assignments"), &form).await.expect(303);
    manager.get(&format!("{plan}/undo")).await.expect(200).shows(&["Ngô Văn Dạy", &vi("fault-undo-planned")]);
    manager.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT m.full_name FROM members m LEFT JOIN timetable_assignments a ON a.teacher_id = m.id AND a.periods = 4
         WHERE m.full_name LIKE 'Ngô%' AND (a.id IS NOT NULL OR m.full_name = 'Ngô Thị Rảnh')",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert_eq!(left, ["Ngô Văn Dạy"]);
}
