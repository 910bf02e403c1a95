//! `/schools/{code}/reports/…` and `/operator/reports`: who sees them, what they hide, and that every figure is what a
//! plain count over the tables says.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{Duration, NaiveDate};
use schoolgate::{
    ids::MemberId,
    reports::{Line, daily},
    roster::fields::Field,
};

use crate::report_figures::figures;
use crate::support::say::vi;
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

#[tokio::test]
async fn each_line_has_its_number_its_people_and_its_button() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let fit = |name: &str| {
        Someone::pupil(name, cast.class_id)
            .value(Field::Gender, "female")
            .value(Field::BirthDate, "2011-09-05")
            .value(Field::MotherName, "Lê Thị Mẹ")
            .value(Field::MotherBirthYear, "1983")
    };
    let people = [
        fit("Đặng Thị Khít").value(Field::NationalId, "079311012345"),
        fit("Đặng Thị Lệch").value(Field::NationalId, "079211012345"),
        fit("Đặng Thị Già").value(Field::BirthDate, "2001-09-05"),
        fit("Đặng Thị Đôi").value(Field::BirthDate, "2011-01-01"),
        fit("Đặng Thị Đôi").value(Field::BirthDate, "2011-01-01"),
        fit("Đặng Thị Lẻ").without_class(),
        fit("Đặng Thị Mới").new_here(),
    ];
    let people = cast.school.add_all(&test, &people).await;
    let expire = "UPDATE members SET temporary_until = '2026-09-01' WHERE id = $1";
    sqlx::query(expire).bind(people[6].member_id).execute(&mut test.admin().await).await.unwrap();
    let reporter = test.signed_in(&cast.reports).await;
    let owner = test.signed_in(&cast.owner).await;
    for (line, who) in [
        (Line::NationalId, "Đặng Thị Lệch"),
        (Line::Age, "Đặng Thị Già"),
        (Line::Twin, "Đặng Thị Đôi"),
        (Line::NoClass, "Đặng Thị Lẻ"),
        (Line::NoSlip, "Đặng Thị Mới"),
        (Line::Expired, "Đặng Thị Mới"),
    ] {
        let path = cast.school.path(&format!("/reports/quality?line={}", line.key()));
        let page = reporter.get(&path).await.expect(200).shows(&[who]).hides(&["Đặng Thị Khít"]);
        assert!(page.links().iter().all(|link| !link.contains("/accounts")), "{line:?}");
        let mending = owner.get(&path).await.expect(200).shows(&[who]);
        assert!(mending.links().iter().any(|link| link.contains("/edit")), "{line:?}");
    }
    reporter.get(&cast.school.path("/reports/quality?line=no-homeroom")).await.expect(200);
    // The button does what it says.
    let class = cast.class_id.to_string();
    let id = people[5].member_id.to_string();
    let form = [("ids", id.as_str()), ("action", "move"), ("class", class.as_str())];
    owner.post(&cast.school.path("/accounts/bulk"), &form).await.expect(303);
    reporter
        .get(&cast.school.path("/reports/quality?line=no-class"))
        .await
        .expect(200)
        .hides(&["Đặng Thị Lẻ"])
        .shows(&[&vi("reports-line-clean")]);
    // The file names everybody, and no numbers.
    let file = reporter.get(&cast.school.path("/reports/quality.xlsx")).await.expect(200);
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.file())).unwrap();
    let named = workbook.worksheet_range_at(2).unwrap().unwrap();
    let cells: Vec<String> = named.rows().flatten().map(ToString::to_string).collect();
    assert!(cells.iter().any(|cell| cell == "Đặng Thị Lệch") && cells.iter().all(|cell| !cell.contains("0792110")));
}

#[tokio::test]
async fn sign_ins_are_counted_by_hour_day_and_device_once_the_worker_has_been() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let phone = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/125.0.0.0 Mobile Safari/537.36";
    // Monday, eight in the morning in Vietnam; twice in the same hour is once.
    for _ in 0..2 {
        let pupil = test.signed_in(&cast.pupil).await;
        pupil.says_it_is(phone);
        pupil.get(&cast.school.path("")).await.expect(200);
        test.clock.advance(Duration::minutes(10));
    }
    test.signed_in(&cast.teacher).await.get(&cast.school.path("")).await.expect(200);
    test.clock.advance(Duration::days(1));
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    test.clock.advance(Duration::days(1));
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    // Twice is as good as once.
    for _ in 0..2 {
        daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    }
    let days: Vec<(NaiveDate, Vec<i32>)> =
        sqlx::query_as("SELECT day, hours FROM report_days WHERE array_position(hours, 0) IS NOT NULL AND hours <> array_fill(0, ARRAY[24]) ORDER BY day")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    let days: Vec<(String, i32, i32)> =
        days.into_iter().map(|(day, hours)| (day.to_string(), hours[8], hours.iter().sum())).collect();
    assert_eq!(days, [("2026-09-07".to_owned(), 2, 2), ("2026-09-09".to_owned(), 1, 1)]);
    let found = figures(&test, &cast.school).await;
    assert_eq!(found.usage.days.weekdays, [2, 0, 1, 0, 0, 0, 0]);
    assert_eq!(found.usage.days.devices.get("phone"), Some(&1));
    assert_eq!(found.usage.first.values().sum::<i64>(), 2);
    let page = test.signed_in(&cast.reports).await.get(&cast.school.path("/reports/use")).await.expect(200);
    page.shows(&[&vi("reports-use-hours"), &vi("device-kind-phone")]);
    // Who came in is forgotten, and the days stay.
    test.clock.advance(Duration::days(60));
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let left: (i64, i64) = sqlx::query_as("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM report_days)")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert!(left.0 == 0 && left.1 > 40, "{left:?}");
}

#[tokio::test]
async fn operators_see_numbers_of_their_provinces_and_no_names() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let national = test.signed_in(&test.operator("operator@example.vn", &[]).await).await;
    let bound = test.signed_in(&test.operator("bound@example.vn", &["01"]).await).await;
    let names: Vec<&str> = cast.everybody().map(|person| person.name.as_str()).into();
    let page = national.get("/operator/reports").await.expect(200).hides(&names);
    assert!(page.html().contains("/operator/reports?province=79"), "a tile leads to its province");
    let page = national.get("/operator/reports?province=79&sort=-pupils").await.expect(200).hides(&names);
    page.shows(&[&cast.school.scope.school.name]);
    // The province of another is not found among one's own.
    let own = bound.get("/operator/reports?province=79").await.expect(200);
    own.hides(&[&cast.school.scope.school.name]);
    bound.post("/operator/reports/count", &[("province", "79")]).await.expect(404);
    test.clock.advance(Duration::seconds(10));
    national.post("/operator/reports/count", &[("province", "79")]).await.expect(303);
    assert_eq!(test.work().await, ["count_school"]);

    let file = national.get("/operator/reports.xlsx?province=79").await.expect(200);
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.file())).unwrap();
    let sheet = workbook.worksheet_range("2. Các trường").unwrap();
    let row = sheet.rows().find(|row| row[0].to_string().contains("79000001")).unwrap();
    assert_eq!(row[3], Data::Float(2.0), "numbers are numbers");
    for person in names {
        assert!(!sheet.rows().flatten().any(|cell| cell.to_string().contains(person)));
    }
}

#[tokio::test]
async fn files_hold_numbers_as_numbers_and_a_chart() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let reporter = test.signed_in(&cast.reports).await;
    for report in ["size", "use", "quality"] {
        let file = reporter.get(&cast.school.path(&format!("/reports/{report}.xlsx"))).await.expect(200);
        let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.file())).unwrap();
        let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
        assert!(matches!(sheet.get((1, 1)), Some(Data::Float(_))), "{report}: {:?}", sheet.get((1, 1)));
        let mut parts = zip::ZipArchive::new(Cursor::new(file.file())).unwrap();
        assert!(parts.by_name("xl/charts/chart1.xml").is_ok(), "{report} has no chart");
    }
}

#[tokio::test]
async fn owners_get_a_mail_a_month_where_they_want_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let month = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    let job = schoolgate::reports::MailMonth { school_id: cast.school.id(), month };
    let begin = async || {
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &job).await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &schoolgate::reports::BeginMonth {}).await.unwrap();
        tx.commit().await.unwrap();
        test.work().await
    };
    assert_eq!(begin().await, ["begin_month", "mail_month"], "off unless the school says otherwise");
    let owner = test.signed_in(&cast.owner).await;
    let settings = cast.school.path("/settings");
    owner.post(&settings, &[("monthly_report", "on")]).await.expect(303);
    owner.get(&settings).await.expect(200);
    assert_eq!(begin().await, ["begin_month", "mail_month", "send_mail"]);
    let mail = test.mail_to(&cast.owner.login);
    assert!(mail.text.contains("2 học sinh") && mail.text.contains("/reports/use"), "{}", mail.text);
    assert!(!mail.text.contains(&cast.pupil.name));
    assert_eq!(begin().await, ["begin_month", "mail_month"], "once a month");
    // On the first of a month, once the night's counts are over.
    let until_october = "2026-10-01T01:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - test.clock.now();
    test.clock.advance(until_october);
    sqlx::query("DELETE FROM report_mails").execute(&mut test.admin().await).await.unwrap();
    let mut tx = test.db.begin().await.unwrap();
    schoolgate::jobs::enqueue(&mut tx, &schoolgate::reports::BeginMonth {}).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.work().await, ["begin_month", "mail_month", "send_mail"]);
}

#[tokio::test]
async fn each_school_is_counted_in_its_turn_of_the_night() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    // From midnight to five in Vietnam, hour by hour.
    let midnight = "2026-09-07T17:07:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    test.clock.advance(midnight - test.clock.now());
    let mut counted = Vec::new();
    for _ in 0..24 {
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &daily::BeginDay {}).await.unwrap();
        tx.commit().await.unwrap();
        counted.extend(test.work().await.into_iter().filter(|job| job == "count_school"));
        test.clock.advance(Duration::hours(1));
    }
    assert_eq!(counted.len(), 1, "once a day");
    let (day, pupils): (NaiveDate, i32) = sqlx::query_as("SELECT day, pupils FROM school_figures WHERE school_id = $1")
        .bind(cast.school.id())
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!((day.to_string().as_str(), pupils), ("2026-09-08", 2));
}
