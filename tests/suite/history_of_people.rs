//! The history on a person's page is complete, whatever way they came, and says who it was.

use crate::registration::registered;
use crate::support::html::words;
use crate::support::say::vi1;
use crate::support::{Someone, TestApp, sheets};
use schoolgate::{
    ids::MemberId,
    plan::{draft::Upload, model::Source},
    roster::fields::Field,
    sources::import,
};

const HEADS: [&str; 6] = ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"];

#[tokio::test]
async fn those_who_came_by_a_list_have_their_history() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let known = Someone::pupil("Đặng Văn Cũ", cast.class_id)
        .value(Field::Gender, "male")
        .value(Field::BirthDate, "2011-09-06")
        .value(Field::MotherName, "Đặng Thị Mẹ")
        .value(Field::MotherBirthYear, "1984");
    let known = cast.school.add(&test, known).await;
    cast.school.class(&test, "10A2").await;
    let manager = test.signed_in(&cast.manager).await;
    let rows = [
        HEADS,
        ["Đặng Thị Phượng", "Nữ", "10A1", "05/09/2011", "Đặng Thị Mẹ", "1984"],
        ["Đặng Văn Cũ", "Nam", "10A2", "06/09/2011", "Đặng Thị Mẹ", "1984"],
    ];
    let file = sheets::written(&rows.map(|row| row.map(str::to_owned).to_vec()));
    let plan =
        manager.upload(&cast.school.path("/plans/new?source=students"), "danh-sach.xlsx", &file).await.location();
    test.work().await;
    manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    let new: MemberId = sqlx::query_scalar("SELECT id FROM members WHERE full_name = 'Đặng Thị Phượng'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let who = cast.manager.name.as_str();
    let person = |id: MemberId| cast.school.path(&format!("/accounts/{id}"));
    manager.get(&person(new)).await.expect(200).shows(&[&vi1("history-import-created", "who", who)]);
    manager.get(&person(known.member_id)).await.expect(200).shows(&[&vi1("history-import-changed", "who", who)]);
    // The log of the school has one line of it, and that of a person theirs.
    let owner = test.signed_in(&cast.owner).await;
    let log = owner.get(&cast.school.path("/audit")).await.expect(200).html();
    // Behind the choice of actions, which names them all.
    let rows = |html: &str| words(html.rsplit("</select>").next().unwrap_or_default());
    let of_log = |html: &str| rows(html).matches(&crate::support::say::vi("audit-import-created")).count();
    assert_eq!(of_log(&log), 0);
    let own = owner.get(&cast.school.path(&format!("/audit?person={new}"))).await.expect(200).html();
    assert_eq!(of_log(&own), 1);
    manager.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    manager.get(&person(known.member_id)).await.expect(200).shows(&[&vi1("history-import-undone", "who", who)]);
}

#[tokio::test]
async fn what_the_system_imported_was_the_system() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let rows = [HEADS, ["Đặng Thị Phượng", "Nữ", "10A1", "05/09/2011", "Đặng Thị Mẹ", "1984"]];
    let file = sheets::written(&rows.map(|row| row.map(str::to_owned).to_vec()));
    let granted = cast.school.scope.grant().unwrap();
    let upload = Upload { source: Source::Students, file_name: "danh-sach.xlsx", file: &file, year_id: None };
    let plan_id = import::begin(&granted, &test, upload).await.unwrap();
    test.work().await;
    schoolgate::plan::apply::start(&granted, &test, plan_id, None).await.unwrap();
    test.work().await;
    let of: Vec<(String, Option<MemberId>)> =
        sqlx::query_as("SELECT what, actor_id FROM imported_members").fetch_all(&mut test.admin().await).await.unwrap();
    assert_eq!(of, [("created".to_owned(), None)]);
}

/// Who registers does it by themselves: it is not the system that does.
#[tokio::test]
async fn a_registration_is_the_persons_own() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    registered(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await;
    let (id, kind, actor): (MemberId, String, Option<MemberId>) =
        sqlx::query_as("SELECT subject_id, actor_kind, actor_id FROM audit_events WHERE action = 'registered'")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!((kind.as_str(), actor), ("member", Some(id)));
    let manager = test.signed_in(&cast.manager).await;
    let page = manager.get(&cast.school.path(&format!("/accounts/{id}"))).await.expect(200);
    page.shows(&[&vi1("history-registered", "who", "Nguyễn Thị Sen")]);
}
