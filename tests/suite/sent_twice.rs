//! Forms that create something: sent several times at once, each creates once, and all lead to what was created.

use chrono::Duration;
use futures_util::future::join_all;

use crate::support::{Cast, Client, Page, TestApp};

const PUPIL: [(&str, &str); 5] = [
    ("full_name", "Lê Văn Tý"),
    ("gender", "male"),
    ("birth_date", "2011-04-05"),
    ("mother_name", "Trần Thị Mai"),
    ("mother_birth_year", "1985"),
];

const TEACHER: [(&str, &str); 4] = [
    ("full_name", "Phạm Thị Hoa"),
    ("gender", "female"),
    ("birth_date", "1990-05-01"),
    ("email", "hoa@truong.example.vn"),
];

async fn count(test: &TestApp, table: &str) -> i64 {
    let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(query).fetch_one(&mut test.admin().await).await.unwrap()
}

async fn six_times(client: &Client, path: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let pages: Vec<Page> = join_all((0..6).map(|_| client.post(path, fields))).await;
    pages.into_iter().map(Page::location).collect()
}

/// The form is sent six times at the same moment: `more` rows of `table` are there afterwards, and all six lead to one place.
async fn once(test: &TestApp, client: &Client, (path, fields): (&str, &[(&str, &str)]), table: &str, more: i64) {
    let before = count(test, table).await;
    let led_to = six_times(client, path, fields).await;
    assert_eq!(count(test, table).await - before, more, "{path}");
    assert!(led_to.iter().all(|to| *to == led_to[0]), "{path} leads to {led_to:?}");
    test.work().await;
}

#[tokio::test]
async fn six_at_once_create_one() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let class = cast.class_id.to_string();
    let pupil = [&PUPIL[..], &[("class", class.as_str())]].concat();
    let path = |rest: &str| cast.school.path(rest);
    once(&test, &owner, (&path("/accounts/students"), &pupil), "members", 1).await;
    once(&test, &owner, (&path("/accounts/teachers"), &TEACHER), "members", 1).await;
    let joining = [("full_name", "Ngô Văn Sáu"), ("email", "sau@truong.example.vn"), ("role", "teacher")];
    once(&test, &owner, (&path("/accounts/join"), &joining), "members", 1).await;
    once(&test, &owner, (&path("/classes"), &[("name", "12A1-12A3")]), "classes", 3).await;
    once(&test, &owner, (&path("/years"), &[("name", "2027-2028")]), "school_years", 1).await;
}

#[tokio::test]
async fn what_operators_open_is_opened_once() {
    let test = TestApp::with_many_connections().await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let operator = test.signed_in(&operator).await;
    let page = operator.get("/operator/schools/new").await.expect(200);
    let unit = page.html().split("name=\"managing_unit\"").nth(1).is_some();
    assert!(unit, "the form asks for a unit");
    let unit: String =
        sqlx::query_scalar("SELECT id::text FROM managing_units WHERE kind = 'department' ORDER BY id LIMIT 1")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    let province: String = sqlx::query_scalar("SELECT province_code FROM managing_units WHERE id::text = $1")
        .bind(&unit)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let school = [
        ("name", "THPT Hoa Sen"),
        ("code", "79000777"),
        ("kind", "k12"),
        ("managing_unit", unit.as_str()),
        ("province", province.as_str()),
        ("owner_name", "Lê Thị Chủ"),
        ("owner_email", "chu@hoasen.example.vn"),
    ];
    once(&test, &operator, ("/operator/schools/new", &school), "schools", 1).await;
    assert_eq!(test.outbox.sent().len(), 1, "one mail invites the owner");
    let unit = [("name", "Phường Hoa Sen"), ("province", province.as_str())];
    once(&test, &operator, ("/operator/units", &unit), "managing_units", 1).await;
}

#[tokio::test]
async fn one_registration_is_taken_in_and_one_mail_goes_out() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let code = cast.school.code();
    let fields = [
        ("full_name", "Phạm Thị Hoa"),
        ("email", "hoa@example.vn"),
        ("gender", "female"),
        ("birth_date", "1990-05-01"),
        ("school", code),
        ("password", "mot con vit xoe ra hai cai canh"),
        ("password_again", "mot con vit xoe ra hai cai canh"),
    ];
    let visitor = test.anonymous();
    let led_to = six_times(&visitor, "/register/teacher", &fields).await;
    assert!(led_to.iter().all(|to| *to == led_to[0]), "{led_to:?}");
    assert_eq!(count(&test, "registration_forms").await, 1);
    test.work().await;
    assert_eq!(test.outbox.sent().len(), 1);
}

async fn the_same_key(test: &TestApp, cast: &Cast) {
    let owner = test.signed_in(&cast.owner).await;
    let key = owner.get(&cast.school.path("/accounts/new/student")).await.expect(200).input("form_key");
    let class = cast.class_id.to_string();
    let pupil = [&PUPIL[..], &[("class", class.as_str()), ("form_key", key.as_str())]].concat();
    let students = cast.school.path("/accounts/students");
    let first = owner.post(&students, &pupil).await.location();
    // The page stays open over lunch, and the button is pressed again.
    test.clock.advance(Duration::hours(3));
    assert_eq!(owner.post(&students, &pupil).await.location(), first);
    // Going back and typing another person is not the same, whatever the key.
    let mut other = pupil.clone();
    other[0].1 = "Lê Văn Hợi";
    let second = owner.post(&students, &other).await.location();
    assert_ne!(first, second);
    // A day later nobody remembers.
    test.clock.advance(Duration::hours(25));
    test.signed_in(&cast.owner).await.post(&students, &pupil).await.expect(422);
}

#[tokio::test]
async fn a_form_is_remembered_by_its_key_and_told_from_others_by_its_values() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    the_same_key(&test, &cast).await;
}

#[tokio::test]
async fn without_a_key_the_same_values_may_be_meant_again_a_little_later() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let classes = cast.school.path("/classes");
    let led_to = owner.post(&classes, &[("name", "12A1")]).await.location();
    assert_eq!(owner.post(&classes, &[("name", "12A1")]).await.location(), led_to);
    test.clock.advance(Duration::seconds(6));
    owner.post(&classes, &[("name", "12A1")]).await.expect(422);
    // Another person who sends the same does so on their own account.
    let manager = test.signed_in(&cast.manager).await;
    manager.post(&classes, &[("name", "12A1")]).await.expect(403);
}

#[tokio::test]
async fn a_refused_form_may_be_sent_again_and_each_is_told_why() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let students = cast.school.path("/accounts/students");
    let pages = join_all((0..6).map(|_| owner.post(&students, &PUPIL))).await;
    for page in pages {
        page.expect(422);
    }
    assert_eq!(count(&test, "sent_forms").await, 0);
}

#[tokio::test]
async fn a_file_that_is_sent_twice_makes_one_plan() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let page = owner.get(&cast.school.path("/plans/new?source=students")).await.expect(200).html();
    let action = page.split("action=\"").find(|part| part.contains("form_key=")).unwrap().split('"').next().unwrap();
    let action = action.replace("&amp;", "&");
    let file = "Họ và tên,Giới tính\nLê Văn Tý,Nam\n".as_bytes();
    let both = join_all((0..2).map(|_| owner.upload(&action, "a.csv", file))).await;
    let led_to: Vec<String> = both.into_iter().map(Page::location).collect();
    assert_eq!(led_to[0], led_to[1]);
    assert_eq!(count(&test, "plans").await, 1);
    test.work().await;
}
