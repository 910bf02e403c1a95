//! Rows that may be about another person than their identifier, name or birth date says: a person decides.

use schoolgate::plan::model::{ReadProgress, RowOutcome, Source};
use schoolgate::roster::fields::DateOrder;

use super::cases::{HEADER, WITH_IDS, after, apply, csv, plan_of, read_otherwise};
use crate::support::people::Someone;
use crate::support::{Page, TestApp};

#[tokio::test]
async fn an_identifier_of_one_twin_beside_the_name_of_the_other_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let first = [
        WITH_IDS,
        "Lê Văn An,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980,9100000001",
        "Lê Văn Anh,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980,9100000002",
        "Nguyễn Thị Hoa,Nữ,10A1,05/05/2011,Mai Thị Một,1981,9100000003",
        "Nguyễn Thị Hoa,Nữ,10A1,06/06/2011,Vũ Thị Hai,1982,9100000004",
    ];
    let second = [
        WITH_IDS,
        "Lê Văn Anh,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980,9100000001",
        "Nguyễn Thị Hoa,Nữ,10A1,06/06/2011,Vũ Thị Hai,1982,9100000003",
    ];
    let made = after(&test, &school, &csv(&first), &csv(&second)).await;
    made.comes_to(&[RowOutcome::Duplicate; 2]);
    assert_eq!(made.held(), [["doubt-identifier"], ["doubt-identifier"]]);
    let corrected = csv(&[WITH_IDS, "Lê Văn Ân,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980,9100000001"]);
    plan_of(&test, &school, Source::Students, "sua.csv", &corrected).await.comes_to(&[RowOutcome::Update]);
}

#[tokio::test]
async fn a_name_split_or_ordered_otherwise_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let first = [HEADER, "Y Ê-ban,Nam,10A1,04/04/2011,H Mẹ Niê,1980", "Trần Thu,Nữ,10A1,05/05/2011,Vũ Thị Mẹ,1981"];
    let second = [HEADER, "Y Êban,Nam,10A1,04/04/2011,,", "Thu Trần,Nữ,10A1,05/05/2011,,"];
    let made = after(&test, &school, &csv(&first), &csv(&second)).await;
    made.comes_to(&[RowOutcome::Duplicate; 2]);
    assert_eq!(made.held(), [["doubt-spelling"], ["doubt-spelling"]]);
}

#[tokio::test]
async fn a_member_without_a_birth_date_is_asked_about() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let first = [HEADER, "Lê Thị Hòa,Nữ,10A1,10/08/2011,Lò Thị Mẫu,1985"];
    let before = plan_of(&test, &school, Source::Students, "truoc.csv", &csv(&first)).await;
    apply(&test, &school, &before).await;
    sqlx::query("UPDATE members SET birth_date = NULL WHERE full_name = 'Lê Thị Hòa'")
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let made = plan_of(&test, &school, Source::Students, "sau.csv", &csv(&first)).await;
    assert_eq!(made.comes_to(&[RowOutcome::Duplicate]).held(), [["doubt-birth-date"]]);
}

#[tokio::test]
async fn dates_of_both_orders_are_decided_for_all_rows_at_once() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let sheet = csv(&[
        HEADER,
        "Lê Thị Một,Nữ,10A1,16/12/2011,Lò Thị Mẫu,1985",
        "Lê Thị Hai,Nữ,10A1,12/16/2011,Lò Thị Mẫu,1985",
        "Lê Thị Ba,Nữ,10A1,09/08/2011,Lò Thị Mẫu,1985",
    ]);
    let made = plan_of(&test, &school, Source::Students, "ds.csv", &sheet).await;
    assert_eq!(made.held()[2], ["date-order-unsure"]);
    assert_eq!(made.plan.notes.unsure_dates, 1);
    let manager = test.signed_in(&school.add(&test, Someone::manager("Mai Thị Quản")).await).await;
    let page = manager.get(&school.path(&format!("/plans/{}", made.plan.id))).await.expect(200);
    page.shows(&[&crate::support::say::vi1("plan-unsure-dates", "count", 1)]);
    let reading = ReadProgress { date_order: Some(DateOrder::DayFirst), ..ReadProgress::default() };
    let made = read_otherwise(&test, &school, &made, &reading).await;
    assert_eq!(made.values(schoolgate::roster::fields::Field::BirthDate)[2], "2011-08-09");
    assert_eq!(made.plan.notes.unsure_dates, 0);
}

/// What an import would ask about is asked when one person is typed.
#[tokio::test]
async fn the_form_asks_what_an_import_would_ask() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let first = [
        HEADER,
        "Lường Thị Tên,Nữ,10A1,11/11/2011,Lường Thị Mẹ,1985",
        "H'Hen Niê,Nữ,10A1,12/11/2011,Lường Thị Hai,1985",
    ];
    let before = plan_of(&test, &school, Source::Students, "truoc.csv", &csv(&first)).await;
    apply(&test, &school, &before).await;
    let class: String = sqlx::query_scalar("SELECT id::text FROM classes WHERE name = '10A1'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let manager = test.signed_in(&school.add(&test, Someone::manager("Mai Thị Quản")).await).await;
    for (name, birth_date, mother) in [
        ("Hoàng Thị Tên", "11/11/2011", "Lường Thị Mẹ"),
        ("Lường Thị Tên", "12/11/2011", "Lường Thị Mẹ"),
        ("HHen Niê", "12/11/2011", "Lường Thị Hai"),
    ] {
        let pupil = [
            ("full_name", name),
            ("gender", "female"),
            ("class", class.as_str()),
            ("birth_date", birth_date),
            ("mother_name", mother),
            ("mother_birth_year", "1985"),
        ];
        let page: Page = manager.post(&school.path("/accounts/students"), &pupil).await.expect(422);
        page.shows(&[&crate::support::say::vi("twins-title")]);
    }
}
