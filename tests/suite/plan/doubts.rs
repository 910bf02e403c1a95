//! Rows that may be about another person than their identifier, name or birth date says: a person decides.

use schoolgate::plan::model::{ReadProgress, RowOutcome, Source};
use schoolgate::roster::fields::{DateOrder, Field};

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
    let test = TestApp::with_many_connections().await;
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

#[tokio::test]
async fn an_identifier_of_one_namesake_beside_the_mother_of_the_other_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let first = [
        WITH_IDS,
        "Võ Thị Lan,Nữ,10A1,04/04/2011,Lò Thị Hai,1980,8600000002",
        "Võ Thị Lan,Nữ,10A1,05/05/2011,Lò Thị Ba,1981,8600000003",
    ];
    let short = "Mã định danh Bộ GD&ĐT,Họ và tên,Lớp,Họ và tên mẹ";
    let second = [short, "8600000003,Võ Thị Lan,10A1,Lò Thị Hai", "8600000002,Võ Thị Lan,10A1,LÒ THỊ HAI"];
    let made = after(&test, &school, &csv(&first), &csv(&second)).await;
    made.comes_to(&[RowOutcome::Duplicate, RowOutcome::Unchanged]);
    assert_eq!(made.held()[0], ["doubt-identifier-family"]);
    // A mother whom nobody of the name has is one who was corrected; another class is no reason.
    for row in ["8600000003,Võ Thị Lan,10A1,Lò Thị Bốn", "8600000003,Võ Thị Lan,10A2,Lò Thị Ba"] {
        plan_of(&test, &school, Source::Students, "sua.csv", &csv(&[short, row])).await.comes_to(&[RowOutcome::Update]);
    }
    // Quite another name, and no birth date that could be said to differ.
    let other = csv(&["Họ và tên,Lớp,Mã định danh Bộ GD&ĐT", "Doãn Khác Hẳn,10A1,8600000003"]);
    let made = plan_of(&test, &school, Source::Students, "khac.csv", &other).await;
    assert_eq!(made.comes_to(&[RowOutcome::Duplicate]).held(), [["doubt-identifier-name"]]);
}

#[tokio::test]
async fn a_national_id_of_somebody_else_is_a_decision() {
    use RowOutcome::{Create, Duplicate, Unchanged};
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let header = format!("{HEADER},CMND/CCCD");
    let an = "Lê Văn An,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980,079211000001";
    let second = [
        header.as_str(),
        an,
        "Trần Văn Bình,Nam,10A2,05/05/2011,Vũ Thị Khác,1981,079211000001",
        "Hồ Văn Cường,Nam,10A2,06/06/2011,Vũ Thị Ba,1981,079211000003",
        "Mai Văn Dũng,Nam,10A2,07/07/2011,Vũ Thị Bốn,1981,079211000003",
        "Ngô Văn Em,Nam,10A2,08/08/2011,Vũ Thị Năm,1981,079211000005",
    ];
    let made = after(&test, &school, &csv(&[&header, an]), &csv(&second)).await;
    made.comes_to(&[Unchanged, Duplicate, Duplicate, Duplicate, Create]);
    let in_sheet = ["doubt-national-id-in-sheet"];
    assert_eq!(made.held()[1..4], [["doubt-national-id"], in_sheet, in_sheet]);
    let manager = test.signed_in(&school.add(&test, Someone::manager("Mai Thị Quản")).await).await;
    let plan = school.path(&format!("/plans/{}", made.plan.id));
    manager.get(&plan).await.expect(200).shows(&["•••••••••001"]).hides(&["079211000001", "079211000003"]);
    // A decision is a decision.
    for line in [3, 4, 5] {
        manager.post(&format!("{plan}/rows/{line}"), &[("decision", "new")]).await.expect(303);
    }
    let now = super::cases::made(&test, &school, made.plan.id).await;
    apply(&test, &school, now.comes_to(&[Unchanged, Create, Create, Create, Create])).await;
    let again = plan_of(&test, &school, Source::Students, "lai.csv", &csv(&second)).await;
    again.comes_to(&[Unchanged; 5]);
}

#[tokio::test]
async fn the_form_asks_about_a_national_id_of_somebody_else_and_says_whose_identifier_is_taken() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let known = Someone::pupil("Lê Văn An", cast.class_id)
        .value(Field::BirthDate, "2011-04-04")
        .value(Field::NationalId, "079211000001")
        .value(Field::MoetId, "9100000001");
    cast.school.add(&test, known).await;
    let class = cast.class_id.to_string();
    let pupil = [
        ("full_name", "Trần Văn Bình"),
        ("gender", "male"),
        ("class", class.as_str()),
        ("birth_date", "05/05/2011"),
        ("mother_name", "Vũ Thị Khác"),
        ("mother_birth_year", "1981"),
    ];
    let form = cast.school.path("/accounts/students");
    let page = manager.post(&form, &[&pupil[..], &[("national_id", "079211000001")]].concat()).await.expect(422);
    let page = page.shows(&[&crate::support::say::vi("twins-title"), "Lê Văn An"]);
    let seen = page.input("seen");
    let fields = [&pupil[..], &[("national_id", "079211000001"), ("seen", &seen), ("moet_id", "9100000001")]].concat();
    let page = manager.post(&form, &fields).await.expect(422);
    page.shows(&[&crate::support::say::vi("fault-moet-id-in-use")]);
    let fields = [&pupil[..], &[("national_id", "079211000001"), ("seen", &seen)]].concat();
    manager.post(&form, &fields).await.expect(303);
}

#[tokio::test]
async fn a_teacher_of_the_same_name_and_phone_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let header = "Họ và tên,Giới tính,Ngày sinh,Email,Điện thoại";
    let first = csv(&[header, "Từ Thị Giáo,Nữ,01/02/1985,giao@example.vn,0912000001"]);
    apply(&test, &school, &plan_of(&test, &school, Source::Teachers, "gv.csv", &first).await).await;
    let second = csv(&[
        header,
        "Từ Thị Giáo,Nữ,11/12/1986,giao.moi@example.vn,0912000001",
        "Từ Thị Giáo,Nữ,11/12/1987,giao.khac@example.vn,0912000002",
        "Lê Thị Dạy,Nữ,11/12/1988,day@example.vn,0912000001",
    ]);
    let made = plan_of(&test, &school, Source::Teachers, "gv2.csv", &second).await;
    made.comes_to(&[RowOutcome::Duplicate, RowOutcome::Create, RowOutcome::Create]);
    assert_eq!(made.held()[0], ["doubt-phone"]);
    // A family's phone tells no pupil.
    let pupils = format!("{HEADER},Điện thoại");
    let first = csv(&[&pupils, "Lê Bảo An,Nam,10A1,10/02/2011,Vi Thị Đôi,1985,0912000003"]);
    let second = csv(&[&pupils, "Lê Bảo An,Nam,10A2,11/03/2012,Vũ Thị Khác,1985,0912000003"]);
    after(&test, &school, &first, &second).await.comes_to(&[RowOutcome::Create]);
}
