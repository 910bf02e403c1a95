//! `/schools/{code}/reports/users`: the list with masked numbers, and who sees reports at all.

use schoolgate::{
    ids::MemberId,
    roster::{fields::Field, model::Status},
};

use super::is_large;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Someone, TestApp, sheets};

const NUMBER: &str = "079311012345";
const MOET_ID: &str = "7912345678";
const PHONE: &str = "0912345678";

/// A school in which a pupil has all numbers that are masked.
async fn with_numbers(test: &TestApp) -> (Cast, MemberId) {
    let cast = test.cast("79000001").await;
    let pupil = Someone::pupil("Đặng Thị Phượng", cast.class_id)
        .value(Field::Gender, "female")
        .value(Field::BirthDate, "2011-09-05")
        .value(Field::NationalId, NUMBER)
        .value(Field::MoetId, MOET_ID)
        .value(Field::Phone, PHONE);
    let id = cast.school.add(test, pupil).await.member_id;
    (cast, id)
}

#[tokio::test]
async fn the_users_are_listed_and_exported_with_masked_numbers_and_no_way_to_a_person() {
    let test = TestApp::new().await;
    let (cast, id) = with_numbers(&test).await;
    let reporter = test.signed_in(&cast.reports).await;
    let page = reporter.get(&cast.school.path("/reports/users?role=student")).await.expect(200);
    let page = page.shows(&["Đặng Thị Phượng", "•••••••••345", "10A1"]).hides(&[NUMBER, MOET_ID, PHONE]);
    assert!(page.links().iter().all(|link| !link.contains("/accounts")), "{:?}", page.links());
    reporter.get(&cast.school.path(&format!("/accounts/{id}"))).await.expect(403);
    reporter.get(&cast.school.path("/accounts")).await.expect(403);
    reporter.get(&cast.school.path("/accounts/export.xlsx")).await.expect(403);

    let file = reporter.get(&cast.school.path("/reports/users.xlsx?role=student")).await.expect(200);
    let rows = sheets::read(file.file());
    assert!(rows[0].iter().any(|head| head.starts_with("Họ và tên")) && rows[0].iter().all(|head| head != "Mật khẩu"));
    let row = rows.iter().find(|row| row[0] == "Đặng Thị Phượng").unwrap();
    for masked in ["•••••••••345", "•••••••678"] {
        assert!(row.iter().any(|cell| cell == masked), "{row:?}");
    }
    assert!(rows.iter().flatten().all(|cell| ![NUMBER, MOET_ID, PHONE].contains(&cell.as_str())));
    let csv = reporter.get(&cast.school.path("/reports/users.csv?role=teacher")).await.expect(200);
    let csv = String::from_utf8(csv.file().to_vec()).unwrap();
    assert!(csv.contains(&cast.teacher.name) && !csv.contains("Đặng Thị Phượng"));

    let told: Vec<String> =
        sqlx::query_scalar("SELECT detail::text FROM audit_events WHERE action = 'report_taken' ORDER BY id")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("users") && told[0].contains("\"people\": 3"), "{told:?}");
}

#[tokio::test]
async fn numbers_cannot_be_tried_out_by_searching() {
    let test = TestApp::new().await;
    let (cast, _) = with_numbers(&test).await;
    let reporter = test.signed_in(&cast.reports).await;
    let found = async |q: &str| {
        let page = reporter.get(&cast.school.path(&format!("/reports/users?role=student&q={q}"))).await.expect(200);
        page.words().contains("Đặng Thị Phượng")
    };
    assert!(found("phuong").await);
    assert!(!found("hoc").await, "a name that others have");
    // What begins like the number finds no fewer people than what does not.
    for typed in ["0793", "0123", "7912", "0912"] {
        assert!(found(typed).await, "{typed} narrows nothing");
    }
}

#[tokio::test]
async fn without_the_grant_there_is_neither_menu_nor_page() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for (person, may) in [
        (&cast.owner, true),
        (&cast.reports, true),
        (&cast.manager, false),
        (&cast.account_manager, false),
        (&cast.exams, false),
        (&cast.teacher, false),
        (&cast.pupil, false),
    ] {
        let client = test.signed_in(person).await;
        let links = client.get(&cast.school.path("")).await.expect(200).links();
        assert_eq!(links.iter().any(|link| link.contains("/reports/")), may, "{}", person.name);
        for report in ["users", "use", "size", "quality", "users.xlsx", "users.csv", "size.xlsx", "quality.xlsx"] {
            let status = if may { 200 } else { 403 };
            client.get(&cast.school.path(&format!("/reports/{report}"))).await.expect(status);
        }
    }
}

/// Numbers of now stand beside numbers of last night: those say of when they are, and can be counted anew.
#[tokio::test]
async fn in_a_large_school_it_is_said_which_numbers_are_of_last_night() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let reporter = test.signed_in(&cast.reports).await;
    let path = cast.school.path("/reports/users?role=student");
    let counted = vi1("reports-counted", "at", "");
    reporter.get(&path).await.expect(200).hides(&[counted.trim(), &vi("reports-count")]);
    is_large(&test, &cast.school).await;
    schoolgate::reports::daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let page = reporter.get(&path).await.expect(200).shows(&[counted.trim(), &vi("reports-count")]);
    assert_eq!(page.words().matches(counted.trim()).count(), 2, "by gender, and by class");
}

/// The numbers are those of what the list shows: of a class, where one is chosen. They come first, until a person is
/// looked for.
#[tokio::test]
async fn the_numbers_are_those_of_the_chosen_class() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other = cast.school.class(&test, "10A9").await;
    let girl = |name: &str| Someone::pupil(name, other).value(Field::Gender, "female");
    let suspended = girl("Lê Thị Bé").who_is(Status::Suspended);
    cast.school.add_all(&test, &[girl("Lê Thị An"), girl("Lê Thị Em"), suspended]).await;
    let reporter = test.signed_in(&cast.reports).await;
    let path = cast.school.path(&format!("/reports/users?role=student&class={other}"));
    let page = reporter.get(&path).await.expect(200);
    let rows = page.rows();
    for (label, count) in [("value-status-active", 2), ("value-status-suspended", 1), ("reports-gender-female", 3)] {
        let row = format!("{} {count}", vi(label));
        assert!(rows.contains(&row), "{row}: {rows:?}");
    }
    let of_status = reporter.get(&page.link("status=suspended")).await.expect(200);
    of_status.shows(&["Lê Thị Bé"]).hides(&["Lê Thị An", &cast.pupil.name]);
    let place = |html: &str, what: &str| html.find(what).unwrap();
    let html = page.html();
    assert!(place(&html, "Lê Thị An") < place(&html, "id=\"users-genders\""));
    let html = reporter.get(&cast.school.path("/reports/users?role=student")).await.expect(200).html();
    assert!(place(&html, "id=\"users-genders\"") < place(&html, "Lê Thị An"));
    // What a number narrows the list to is told, also where the choices do without it.
    let active = reporter.get(&cast.school.path("/reports/users?role=student&status=active")).await.expect(200);
    assert!(active.html().contains("value=\"active\" selected"));
}

/// A person may sign in with a number, or with an address that holds one.
#[tokio::test]
async fn numbers_in_usernames_and_addresses_are_masked() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let rename = "UPDATE members SET username = 'hs079311012345' WHERE id = $1";
    sqlx::query(rename).bind(cast.pupil.member_id).execute(&mut test.admin().await).await.unwrap();
    let address = "UPDATE members SET email = 'gv.079311012345@example.vn' WHERE id = $1";
    sqlx::query(address).bind(cast.teacher.member_id).execute(&mut test.admin().await).await.unwrap();
    let reporter = test.signed_in(&cast.reports).await;
    for (role, shown) in [("student", "hs•••••••••345"), ("teacher", "gv.•••••••••345@example.vn")]
    {
        let page = reporter.get(&cast.school.path(&format!("/reports/users?role={role}"))).await.expect(200);
        page.shows(&[shown]).hides(&["079311012345"]);
        let csv = reporter.get(&cast.school.path(&format!("/reports/users.csv?role={role}"))).await.expect(200);
        let csv = String::from_utf8(csv.file().to_vec()).unwrap();
        assert!(csv.contains(shown) && !csv.contains("079311012345"), "{csv}");
    }
}

/// A number leads to its people.
#[tokio::test]
async fn people_who_have_signed_in_are_found_by_their_number() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    test.signed_in(&cast.teacher).await.get(&cast.school.path("")).await.expect(200);
    let reporter = test.signed_in(&cast.reports).await;
    let page = reporter.get(&cast.school.path("/reports/use")).await.expect(200);
    let there = page.link("role=student&status=in");
    reporter.get(&there).await.expect(200).shows(&[&cast.pupil.name]).hides(&[&cast.newcomer.name]);
    let there = page.link("role=student&status=never");
    reporter.get(&there).await.expect(200).shows(&[&cast.newcomer.name]).hides(&[&cast.pupil.name]);
    let there = page.link("role=teacher&status=in");
    reporter.get(&there).await.expect(200).shows(&[&cast.teacher.name]).hides(&[&cast.manager.name]);
    let there = page.link("role=manager&status=never");
    reporter.get(&there).await.expect(200).shows(&[&cast.manager.name]).hides(&[&cast.teacher.name]);
    // The list of accounts has the same.
    let owner = test.signed_in(&cast.owner).await;
    let list = owner.get(&cast.school.path("/accounts?role=student&status=in")).await.expect(200);
    list.shows(&[&format!("{} (1)", vi("narrowing-in"))]).hides(&[&cast.newcomer.name]);
}
