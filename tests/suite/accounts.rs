//! `/schools/{code}/accounts`: the list, one person, and the list as a file.

use schoolgate::{
    ids::MemberId,
    roster::{fields::Field, model::Status},
};

use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp, html, sheets};

/// The names in the list, in their order.
fn names(page: &crate::support::Page) -> Vec<String> {
    let page = page.html();
    html::elements(&page, "tbody")
        .iter()
        .flat_map(|body| html::elements(body, "tr"))
        .filter_map(|row| html::elements(row, "a").first().map(|name| html::words(name)))
        .collect()
}

#[tokio::test]
async fn people_are_found_without_marks_and_stand_in_vietnamese_order() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let (one, two) = (school.class(&test, "10A1").await, school.class(&test, "10A2").await);
    let pupils = [
        Someone::pupil("Nguyễn Văn Đạt", one).value(Field::Phone, "0912345678"),
        Someone::pupil("Nguyễn Thị Dung", one),
        Someone::pupil("Trần Văn Dũng", two).new_here(),
        Someone::pupil("Lê Văn Dũng", one),
        Someone::pupil("Hoàng Thị Ánh", two).value(Field::MoetId, "7912345678"),
        Someone::pupil("Hoàng Văn An", two).who_is(Status::Suspended),
        Someone::pupil("Lê Thị Ân", two),
        Someone::pupil("Lê Thị Ăn", two),
        Someone::pupil("Phan Đình Rời", one).who_is(Status::Left),
    ];
    school.add_all(&test, &pupils).await;
    let manager = school.add(&test, Someone::manager("Mai Văn Quản")).await;
    let manager = test.signed_in(&manager).await;
    let list = async |query: &str| {
        let page = manager.get(&school.path(&format!("/accounts?role=student{query}"))).await.expect(200);
        names(&page)
    };
    // By given name, then family name: a ă â, d đ; who has left is remembered elsewhere.
    let everybody = [
        "Hoàng Văn An",
        "Hoàng Thị Ánh",
        "Lê Thị Ăn",
        "Lê Thị Ân",
        "Nguyễn Thị Dung",
        "Lê Văn Dũng",
        "Trần Văn Dũng",
        "Nguyễn Văn Đạt",
    ];
    assert_eq!(list("").await, everybody);
    assert_eq!(list("&q=nguyen+van+dat").await, ["Nguyễn Văn Đạt"]);
    assert_eq!(list("&q=%C4%90%E1%BA%A0T+NGUY").await, ["Nguyễn Văn Đạt"], "in any order and case, with marks too");
    assert_eq!(list("&q=dung").await, ["Nguyễn Thị Dung", "Lê Văn Dũng", "Trần Văn Dũng"]);
    assert_eq!(list("&q=0912345").await, ["Nguyễn Văn Đạt"]);
    for phone in ["0912+345+678", "0912.345.678", "0912-345", "%2B84+912+345+678", "%2B84912345678", "dat+0912+345"] {
        assert_eq!(list(&format!("&q={phone}")).await, ["Nguyễn Văn Đạt"], "{phone}");
    }
    assert_eq!(list("&q=datnv@79000001").await, ["Nguyễn Văn Đạt"], "as it stands on the slip");
    assert_eq!(list("&q=DatNV@79000001+dung").await, [] as [&str; 0]);
    assert_eq!(list("&q=7912345678").await, ["Hoàng Thị Ánh"]);
    assert_eq!(list("&q=datnv").await, ["Nguyễn Văn Đạt"]);
    assert_eq!(list("&q=100%25_x").await, [] as [&str; 0], "no letter is a pattern");
    assert_eq!(list(&format!("&class={one}")).await, ["Nguyễn Thị Dung", "Lê Văn Dũng", "Nguyễn Văn Đạt"]);
    assert_eq!(list(&format!("&class={one}&q=dung")).await, ["Nguyễn Thị Dung", "Lê Văn Dũng"]);
    assert_eq!(list("&status=suspended").await, ["Hoàng Văn An"]);
    assert_eq!(list("&status=left").await, ["Phan Đình Rời"]);
    assert_eq!(list("&status=slips").await, ["Trần Văn Dũng"]);
    assert_eq!(list("&status=nonsense&sort=nonsense&after=nonsense").await, everybody, "an old bookmark");
    let page = manager.get(&school.path("/accounts")).await.expect(200);
    page.shows(&[&vi1("accounts-total", "count", 9), &format!("{} 8", vi("roles-student")), "10A1 (3)", "10A2 (5)"]);
}

#[tokio::test]
async fn a_long_list_is_turned_page_by_page() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let class_id = school.class(&test, "10A1").await;
    let pupils: Vec<Someone> =
        (0..120).map(|number| Someone::pupil(&format!("Lê Văn Bé{}", number % 40), class_id)).collect();
    school.add_all(&test, &pupils).await;
    let manager = school.add(&test, Someone::manager("Mai Văn Quản")).await;
    let manager = test.signed_in(&manager).await;
    let mut address = school.path("/accounts?role=student");
    let mut seen = Vec::new();
    for length in [50, 50, 20] {
        let page = manager.get(&address).await.expect(200);
        let people: Vec<String> = page.links().into_iter().filter(|link| link.contains("/accounts/0")).collect();
        assert_eq!(people.len(), length);
        seen.extend(people);
        if length == 50 {
            let next = page.links().into_iter().rfind(|link| link.contains("after=")).unwrap();
            address = school.path(&format!("/accounts{next}"));
        } else {
            assert!(!page.html().contains("rel=\"next\""));
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120, "namesakes stand once each");
}

#[tokio::test]
async fn one_persons_page_masks_numbers_and_says_how_it_stands() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = Someone::pupil("Nguyễn Văn Đạt", cast.class_id).new_here();
    let pupil = pupil.value(Field::NationalId, "079211001234").value(Field::BirthDate, "2011-11-15");
    let pupil = cast.school.add(&test, pupil.value(Field::MotherName, "Lê Thị <Hoa>")).await;
    let manager = test.signed_in(&cast.manager).await;
    let address = cast.school.path(&format!("/accounts/{}", pupil.member_id));
    let page = manager.get(&address).await.expect(200);
    let page =
        page.shows(&["•••••••••234", "15/11/2011", "Lê Thị <Hoa>", &pupil.login, "10A1", &vi("state-slip-waiting")]);
    page.hides(&["079211001234", pupil.temporary.as_deref().unwrap()]);
    manager.get(&cast.school.path("/accounts/nobody")).await.expect(404);
    manager.get(&cast.school.path(&format!("/accounts/{}", MemberId::nil()))).await.expect(404);
}

#[tokio::test]
async fn the_list_is_exported_as_it_is_filtered() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = Someone::pupil("Nguyễn Văn Đạt", cast.class_id).value(Field::NationalId, "079211001234");
    let pupil =
        pupil.value(Field::BirthDate, "2011-11-15").value(Field::Gender, "male").value(Field::Phone, "0912345678");
    let pupil = cast.school.add(&test, pupil.value(Field::Address, "=HYPERLINK(\"http://evil.example\")")).await;
    let manager = test.signed_in(&cast.manager).await;
    let export = manager.get(&cast.school.path("/accounts/export.xlsx?role=student")).await.expect(200);
    assert!(export.header("content-disposition").contains("79000001-student-2026-09-07.xlsx"));
    let table = sheets::read(export.file());
    let template = manager.get(&cast.school.path("/templates/students.xlsx")).await.expect(200);
    let headers: Vec<String> =
        sheets::read(template.file())[0].iter().filter(|header| *header != "Mật khẩu").cloned().collect();
    assert_eq!(table[0][..headers.len()], headers[..], "the template's columns but for the password");
    assert_eq!(table[0].len(), headers.len() + 1, "and the status behind: {:?}", table[0]);
    let given = |row: &Vec<String>| row[0].split(' ').next_back().unwrap_or_default().to_owned();
    assert_eq!(table[1..].iter().map(given).collect::<Vec<_>>(), ["Đạt", "Học", "Tân"]);
    let cell = |name: &str| {
        let column = table[0].iter().position(|header| header.trim_end_matches(" (*)") == name);
        table[1][column.unwrap_or_else(|| panic!("no {name} in {:?}", table[0]))].clone()
    };
    assert_eq!(cell("CMND/CCCD"), "079211001234", "whole, and its zero is there");
    assert_eq!(cell("Điện thoại"), "0912345678");
    assert_eq!(cell("Giới tính"), "Nam");
    assert_eq!(cell("Tên đăng nhập"), pupil.login.split('@').next().unwrap());
    assert!(cell("Ngày sinh").contains("2011"), "{}", cell("Ngày sinh"));

    let csv = manager.get(&cast.school.path("/accounts/export.csv?role=student&q=dat")).await.expect(200);
    let text = csv.html();
    assert!(text.starts_with('\u{feff}'), "Excel takes it for UTF-8");
    assert!(text.contains("Nguyễn Văn Đạt") && text.lines().count() == 2, "{text}");
    assert!(!text.contains(",=HYPERLINK") && !text.contains("\"=HYPERLINK"), "no cell is a formula: {text}");

    let taken: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE action = 'accounts_exported'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(taken, 2, "who took it is on record");
}

#[tokio::test]
async fn the_home_says_what_needs_doing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let page = manager.get(&cast.school.path("")).await.expect(200);
    let page = page.shows(&[&vi("to-do-title"), &vi1("to-do-slips", "count", 1), &vi1("to-do-never", "count", 2)]);
    let waiting = manager.get(&page.link("/slips/ledger")).await.expect(200);
    waiting.shows(&["10A1", &vi1("ledger-print", "count", 1)]);
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200).hides(&[vi("to-do-title")]);
    manager.get(&cast.school.path("")).await.expect(200).shows(&[&vi1("to-do-never", "count", 1)]);
    let teacher = test.signed_in(&cast.teacher).await;
    let page = teacher.get(&cast.school.path("")).await.expect(200);
    page.hides(&["/accounts", "/classes", "/plans"]);
}
