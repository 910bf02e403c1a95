//! Who was in a class on which day, a year as a workbook, and classes of the coming year that are filled by wishes and
//! marks.

use chrono::{Days, Duration, NaiveDate};
use schoolgate::roster::fields::Field;
use sqlx::AssertSqlSafe;

use crate::rollover::{Small, count, small};
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Client, Page, Person, Someone, TestApp, sheets};

/// The day that the database takes for today from now on.
async fn it_is(test: &TestApp, day: &str) {
    let today = format!(
        "CREATE OR REPLACE FUNCTION moment() RETURNS timestamptz LANGUAGE sql VOLATILE AS
         $$ SELECT '{day} 09:00+07'::timestamptz $$"
    );
    sqlx::query(AssertSqlSafe(today)).execute(&mut test.admin().await).await.unwrap();
}

/// The list of a class on a day.
async fn list(small: &Small, class: &str, on: &str) -> Page {
    let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM classes WHERE name = $1 ORDER BY created_at LIMIT 1")
        .bind(class)
        .fetch_one(&mut small.test.admin().await)
        .await
        .unwrap();
    let owner = small.test.signed_in(&small.cast.owner).await;
    owner.get(&small.school().path(&format!("/classes/{id}?on={on}"))).await
}

async fn move_to(small: &Small, person: &Person, class: &str) {
    small.test.clock.advance(Duration::seconds(10));
    let id = person.member_id.to_string();
    let form = [("ids", id.as_str()), ("action", "move"), ("class", class)];
    small.owner.post(&small.school().path("/accounts/bulk"), &form).await.expect(303);
}

fn names_in(page: &Page, people: &[&Person]) -> Vec<bool> {
    let rows = page.rows();
    // The list stands before what changed, in which a row begins with its day.
    let of_list: Vec<&String> =
        rows.iter().filter(|row| !row.starts_with(|sign: char| sign.is_ascii_digit())).collect();
    people.iter().map(|person| of_list.iter().any(|row| row.starts_with(&person.name))).collect()
}

#[tokio::test]
async fn a_class_is_listed_as_it_was_on_a_day() {
    let small = small().await;
    let test = &small.test;
    let [an, binh] = &small.ten;
    let today = test.clock.today();
    let before = "UPDATE enrolments SET from_day = '2026-08-01'";
    sqlx::query(before).execute(&mut test.admin().await).await.unwrap();
    let moved = today.checked_add_days(Days::new(30)).unwrap();
    it_is(test, &moved.to_string()).await;
    move_to(&small, an, "10A1").await;
    // One comes, and one leaves.
    let class_id = sqlx::query_scalar("SELECT id FROM classes WHERE name = '10A2'");
    let class_id = class_id.fetch_one(&mut test.admin().await).await.unwrap();
    let chau = small.school().add(test, Someone::pupil("Lê Thị Châu", class_id)).await;
    test.clock.advance(Duration::days(40));
    let owner = test.signed_in(&small.cast.owner).await;
    let leaving = small.school().path(&format!("/accounts/{}/leaving", binh.member_id));
    owner.post(&leaving, &[("reason", "Chuyển trường")]).await.expect(303);
    let left = test.clock.today();
    let typed = |day: NaiveDate, days: u64| {
        let day = day.checked_add_days(Days::new(days)).unwrap();
        day.format("%d/%m/%Y").to_string()
    };
    let all = [an, binh, &chau];
    for (on, expected) in [
        (typed(today, 0), [true, true, false]),
        (typed(moved, 0), [false, true, true]),
        (typed(left, 0), [false, false, true]),
    ] {
        let page = list(&small, "10A2", &on).await.expect(200);
        assert_eq!(names_in(&page, &all), expected, "{on}");
        let there = expected.iter().filter(|is| **is).count();
        page.shows(&[&vi2("class-list-on", ("date", on), ("count", there))]);
    }
    // The old class keeps who has changed class, with the day; and so does the person's own page.
    let page = list(&small, "10A2", &typed(left, 0)).await.expect(200);
    page.shows(&[
        &typed(moved, 0),
        &vi1("class-went-to", "class", "10A1"),
        &vi("class-came"),
        &vi("class-left"),
        &typed(left, 0),
    ]);
    list(&small, "10A1", &typed(moved, 0)).await.expect(200).shows(&[&vi1("class-came-from", "class", "10A2")]);
    let person = owner.get(&small.school().path(&format!("/accounts/{}", an.member_id))).await.expect(200);
    person.shows(&["10A2", "10A1", &typed(moved, 0)]);
    let page = list(&small, "10A2", "gestern").await.expect(422);
    page.shows(&[&vi("fault-class-day")]);
}

#[tokio::test]
async fn moving_back_by_undoing_a_plan_leaves_no_stay() {
    let small = small().await;
    let test = &small.test;
    let since = "UPDATE enrolments SET from_day = '2026-08-20'";
    sqlx::query(since).execute(&mut test.admin().await).await.unwrap();
    let before = stays(test).await;
    let login = small.ten[0].login.split('@').next().unwrap();
    let table = [
        ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Tên đăng nhập"],
        [small.ten[0].name.as_str(), "Nữ", "10A1", "", login],
    ];
    let table = table.map(|row| row.map(str::to_owned).to_vec());
    let new = small.school().path("/plans/new?source=students");
    let plan = small.owner.upload(&new, "ds.xlsx", &sheets::written(&table)).await.location();
    test.work().await;
    small.owner.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    assert_eq!(count(test, "SELECT count(*) FROM past_stays").await, 1);
    small.owner.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    assert_eq!(stays(test).await, before);
}

/// Who is and was in which class since when.
async fn stays(test: &TestApp) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for query in [
        "SELECT concat_ws(' ', member_id, class_id, from_day, ended_at) FROM enrolments ORDER BY 1",
        "SELECT concat_ws(' ', member_id, class_id, from_day, to_day) FROM past_stays ORDER BY 1",
    ] {
        all.extend(sqlx::query_scalar::<_, String>(query).fetch_all(&mut test.admin().await).await.unwrap());
    }
    all
}

#[tokio::test]
async fn a_year_that_is_over_is_downloaded_as_it_was() {
    let small = small().await;
    let test = &small.test;
    let since = "UPDATE enrolments SET from_day = '2026-08-01'";
    sqlx::query(since).execute(&mut test.admin().await).await.unwrap();
    let numbered = "UPDATE members SET national_id = '079211001234' WHERE id = $1";
    let an = small.ten[0].member_id;
    sqlx::query(numbered).bind(an).execute(&mut test.admin().await).await.unwrap();
    small.owner.post(&small.school().path("/years"), &[("name", "2027-2028")]).await.expect(303);
    let first_day = NaiveDate::from_ymd_opt(2027, 8, 1).unwrap();
    test.clock.advance(Duration::days((first_day - test.clock.today()).num_days()));
    let owner = test.signed_in(&small.cast.owner).await;
    // Who leaves in the new year was there in the old one.
    let leaving = small.school().path(&format!("/accounts/{}/leaving", small.ten[1].member_id));
    owner.post(&leaving, &[("reason", "Chuyển trường")]).await.expect(303);
    let year = small.school().path(&format!("/years/{}", small.school().year_id));
    let export = owner.get(&year).await.expect(200).link("/export.xlsx");
    let file = owner.get(&export).await.expect(200);
    assert!(file.header("content-disposition").contains("79000001-2026-2027.xlsx"));
    let classes = sheets::read(file.file());
    let names: Vec<&str> = classes.iter().skip(1).map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["10A1", "10A2", "11A2", "12A2"]);
    assert_eq!(classes[1][2], small.cast.homeroom_teacher.name);
    assert_eq!(classes[2][3], "2");
    let pupils = pupils_of(file.file());
    assert_eq!(pupils.iter().filter(|row| row[0] == "10A2").count(), 2);
    let row = pupils.iter().find(|row| row[1] == small.ten[0].name).unwrap();
    assert_eq!(row[6], "079211001234", "as in the list of accounts, which owners may download");
    assert!(pupils.iter().any(|row| row[1] == small.ten[1].name));
    assert_eq!(count(test, "SELECT count(*) FROM audit_events WHERE action = 'school_year_exported'").await, 1);
    // As it was on a day, as a page and as a workbook.
    let page = owner.get(&format!("{year}?on=05/09/2026")).await.expect(200);
    let rows = page.rows();
    assert!(rows.iter().any(|row| row.starts_with("10A2") && row.ends_with('2')), "{rows:?}");
    let of_day = owner.get(&page.link("export.xlsx?on=")).await.expect(200);
    assert!(of_day.header("content-disposition").contains("79000001-2026-2027-2026-09-05.xlsx"));
    assert_eq!(sheets::read(of_day.file())[2][3], "2");
    owner.get(&format!("{year}?on=gestern")).await.expect(422).shows(&[&vi("fault-class-day")]);
    owner.get(&format!("{export}?on=gestern")).await.expect(400);
    test.signed_in(&small.cast.manager).await.get(&export).await.expect(403);
    let nowhere = small.school().path(&format!("/years/{}/export.xlsx", uuid::Uuid::from_u128(7)));
    owner.get(&nowhere).await.expect(404);
}

/// The second sheet of a workbook.
fn pupils_of(file: &[u8]) -> Vec<Vec<String>> {
    use calamine::{Reader, Xlsx};
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(file)).unwrap();
    let sheet = workbook.worksheet_range_at(1).unwrap().unwrap();
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// Where pupils of the draft go, by name.
async fn targets(test: &TestApp) -> Vec<(String, String)> {
    sqlx::query_as(
        "SELECT m.full_name, p.target FROM rollover_pupils p JOIN members m ON m.id = p.member_id
         WHERE p.target LIKE '11B%' ORDER BY m.full_name",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn classes_are_filled_by_wishes_and_marks() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    let class = small.school().class(test, "10B1").await;
    let names = ["An", "Bé", "Chi", "Dung", "Én", "Giang", "Hoa", "Khánh"].map(|given| format!("Vũ Minh {given}"));
    let people: Vec<Someone> =
        names.iter().map(|name| Someone::pupil(name, class).value(Field::Gender, "female")).collect();
    let people = small.school().add_all(test, &people).await;
    small.begin().await;
    test.clock.advance(Duration::seconds(10));
    owner.post(&small.path("/classes"), &[("new_classes", "11B2")]).await.expect(303);
    let balance = small.path("/balance");
    let marks: Vec<Vec<String>> = std::iter::once(["Tên đăng nhập", "Điểm TB"].map(str::to_owned).to_vec())
        .chain(people.iter().enumerate().map(|(n, person)| vec![person.login.clone(), format!("{},5", n + 1)]))
        .chain([vec!["không có".to_owned(), "7".to_owned()]])
        .collect();
    let together = format!("{}, {}, {}", names[0], names[1], people[2].login);
    let apart = format!("{}; {}", names[3], names[4]);
    let wishes = [("class", "11B1"), ("class", "11B2"), ("seed", "3"), ("together", &together), ("apart", &apart)];
    let show = async |client: &Client, wishes: &[(&str, &str)], status: u16| {
        test.clock.advance(Duration::seconds(10));
        client.upload_with(&balance, "diem.xlsx", &sheets::written(&marks), wishes).await.expect(status)
    };
    let shown = show(owner, &wishes, 200).await.shows(&[
        &vi1("rollover-balance-marks-known", "count", 8),
        &vi1("rollover-balance-marks-not", "lines", "10"),
        &vi("rollover-balance-average"),
    ]);
    assert_eq!(
        count(test, "SELECT count(*) FROM rollover_pupils WHERE target = '11B2'").await,
        0,
        "shown, and not done"
    );
    let (mark, made_of) = (shown.input("mark"), shown.input("made_of"));
    let mut taken = wishes.to_vec();
    taken.extend([("mark", mark.as_str()), ("made_of", &made_of), ("take", "on")]);
    test.clock.advance(Duration::seconds(10));
    owner.post(&balance, &taken).await.expect(303);
    let there = targets(test).await;
    let of = |name: &str| there.iter().find(|(each, _)| each == name).map(|(_, target)| target.as_str()).unwrap();
    assert_eq!((of(&names[0]), of(&names[0])), (of(&names[1]), of(&names[2])), "friends");
    assert_ne!(of(&names[3]), of(&names[4]), "a pair");
    assert_eq!(there.iter().filter(|(_, target)| target == "11B1").count(), 4);
    // What is not understood, or cannot be.
    let refused = async |name: &str, lines: &str, said: &str| {
        let mut form: Vec<(&str, &str)> = wishes[..3].to_vec();
        form.push((name, lines));
        test.clock.advance(Duration::seconds(10));
        let page = owner.post(&balance, &form).await.expect(422);
        assert!(page.html().contains(lines.split(',').next().unwrap()), "as typed");
        page.shows(&[said]);
    };
    refused("together", "Ai Đó, Vũ Minh An", &vi1("fault-balance-unknown", "value", "Ai Đó")).await;
    refused("apart", "Vũ Minh An", &vi1("fault-balance-alone", "value", "Vũ Minh An")).await;
    let three = format!("{}, {}, {}", names[0], names[1], names[2]);
    refused("apart", &three, "Không tách được").await;
    // Friends who are more than a class holds are named.
    let all = names.join(", ");
    test.clock.advance(Duration::seconds(10));
    let page = owner.post(&balance, &[("class", "11B1"), ("class", "11B2"), ("together", &all)]).await.expect(200);
    page.shows(&[&vi("rollover-balance-split")]);
    let empty = sheets::written(&[vec!["Họ và tên".to_owned(), "Ghi chú".to_owned()]]);
    test.clock.advance(Duration::seconds(10));
    let page = owner.upload_with(&balance, "diem.xlsx", &empty, &wishes[..3]).await.expect(422);
    page.shows(&[&vi("fault-balance-sheet-columns")]);
}
