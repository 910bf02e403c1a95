//! Lists with names and dates that once cost all of the list, from the file to the stored people.

use schoolgate::{
    plan::{
        apply,
        draft::Upload,
        model::{PlanState, Source},
        store,
    },
    sources::import,
};

use crate::support::TestApp;
use crate::support::people::School;

const HEADER: &str = "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ,Năm sinh của mẹ";

async fn imported(test: &TestApp, school: &School, lines: &[&str]) -> PlanState {
    let file = format!("{HEADER}\n{}\n", lines.join("\n"));
    let granted = school.scope.grant().unwrap();
    let upload = Upload { source: Source::Students, file_name: "ds.csv", file: file.as_bytes(), year_id: None };
    let id = import::begin(&granted, test, upload).await.unwrap();
    test.work().await;
    assert!(apply::start(&granted, test, id, None).await.unwrap());
    test.work().await;
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    store::find(&school.scope, &mut tx, id).await.unwrap().state
}

async fn stored(test: &TestApp) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "SELECT full_name, username, birth_date::text FROM members WHERE username IS NOT NULL ORDER BY birth_date",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn pupils_of_one_letter_get_usernames() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let names = ["Y", "Ô", "A", "Lý 李明", "李明", "Lê Văn Tý"];
    let line = |(day, name): (usize, &&str)| format!("{name},Nam,10A1,{:02}/02/2011,Hoàng Thị Mẹ,1980", day + 1);
    let lines: Vec<String> = names.iter().enumerate().map(line).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(imported(&test, &school, &lines).await, PlanState::Applied);
    let usernames: Vec<String> = stored(&test).await.into_iter().map(|(_, username, _)| username).collect();
    assert_eq!(usernames, ["yhs", "ohs", "ahs", "ly", "hs", "tylv"]);
}

#[tokio::test]
async fn the_form_makes_them_too() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let class = cast.class_id.to_string();
    let fields = [
        ("full_name", "Y"),
        ("gender", "male"),
        ("birth_date", "2011-04-05"),
        ("mother_name", "Trần Thị Mai"),
        ("mother_birth_year", "1985"),
        ("class", class.as_str()),
    ];
    let person = manager.post(&cast.school.path("/accounts/students"), &fields).await.location();
    manager.get(&person).await.expect(200).shows(&["yhs"]);
}

#[tokio::test]
async fn a_column_of_several_hands_is_stored_as_written() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let lines = [
        "Lê Văn Tý,Nam,10A1,5 tháng 6 năm 2011,Hoàng Thị Mẹ,1980",
        "Hồ Văn Dần,Nam,10A1,06.07.2011,Hoàng Thị Mẹ,1980",
        "Vũ Văn Mão,Nam,10A1,12/16/2011,Hoàng Thị Mẹ,1980",
    ];
    assert_eq!(imported(&test, &school, &lines).await, PlanState::Applied);
    let dates: Vec<String> = stored(&test).await.into_iter().map(|(.., date)| date).collect();
    assert_eq!(dates, ["2011-06-05", "2011-07-06", "2011-12-16"]);
}
