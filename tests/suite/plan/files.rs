//! What files say: dates, names in parts, headers, hidden rows, further sheets, passwords of their own.

use schoolgate::{
    plan::model::{ReadProgress, RowOutcome, Source},
    roster::fields::Field,
};

use super::cases::{HEADER, Made, apply, case, csv, made, plan_of, read_otherwise};
use crate::support::TestApp;

#[tokio::test]
async fn a_column_of_dates_is_read_as_a_whole() {
    use RowOutcome::{Create, Error};
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let plan = async |name: &str, file: &[u8]| plan_of(&test, &school, Source::Students, name, file).await;
    let made = plan("01.csv", &case("01_month_first.csv")).await;
    made.comes_to(&[Create; 3]);
    assert_eq!(made.values(Field::BirthDate), ["2011-12-16", "2011-09-08", "2011-01-21"]);
    assert_eq!(made.guesses(), [["date-month-first"]; 3]);
    let made = plan("01b.csv", &case("01b_month_first_2y.csv")).await;
    made.comes_to(&[Create; 2]);
    assert_eq!(made.values(Field::BirthDate), ["2011-12-06", "2011-06-22"]);
    assert_eq!(made.guesses(), [["date-month-first"]; 2]);
    let made = plan("01c.xlsx", &case("01c_mixed_true_and_text.xlsx")).await;
    assert_eq!(made.values(Field::BirthDate), ["2011-12-06", "2011-11-30"]);
    assert!(made.warnings()[0].contains(&"date-maybe-turned"), "{:?}", made.warnings());

    let lines = |dates: &[&str]| {
        let names = ["Lê Văn Tý", "Trần Văn Sửu", "Hồ Văn Dần", "Vũ Văn Mão"];
        let line = |(name, date): (&str, &&str)| format!("{name},Nam,10A1,{date},Hoàng Thị Mẹ,1980");
        let lines: Vec<String> = names.into_iter().zip(dates).map(line).collect();
        csv(&std::iter::once(HEADER).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    // Both ways in one column: what may be either is held, and what can only be one is that.
    let mixed = plan("hai.csv", &lines(&["12/16/2011", "16/12/2011", "09/08/2011", "05/05/2011"])).await;
    mixed.comes_to(&[Create, Create, Error, Create]);
    assert_eq!(mixed.held()[2], ["date-order-unsure"]);
    assert_eq!(mixed.values(Field::BirthDate), ["2011-12-16", "2011-12-16", "", "2011-05-05"]);
    // Without evidence, the way of the country.
    let usual = plan("thuong.csv", &lines(&["09/08/2011", "16/12/2011"])).await;
    assert_eq!(usual.values(Field::BirthDate), ["2011-08-09", "2011-12-16"]);
    assert_eq!(usual.guesses(), [[] as [&str; 0]; 2]);
    let said = HEADER.replace("Ngày sinh", "DOB (mm/dd/yyyy)");
    let said = csv(&[&said, "Lê Văn Tý,Nam,10A1,09/08/2011,Hoàng Thị Mẹ,1980"]);
    assert_eq!(plan("said.csv", &said).await.values(Field::BirthDate), ["2011-09-08"]);
}

#[tokio::test]
async fn parts_of_names_are_put_together_in_any_combination() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let names = async |name: &str, file: &[u8]| {
        let made = plan_of(&test, &school, Source::Students, name, file).await;
        let named = |column: &&schoolgate::plan::model::PlanColumn| column.field == Some(Field::FullName);
        let columns = made.plan.columns.iter().filter(named).count();
        (made.values(Field::FullName).into_iter().map(str::to_owned).collect::<Vec<_>>(), columns)
    };
    assert_eq!(
        names("16.csv", &case("16_name_surname.csv")).await,
        (vec!["Tran Thu".to_owned(), "Tran An".to_owned()], 2)
    );
    for (header, row, expected, columns) in [
        ("Given name,Middle name,Last name", "An,Văn,Trần", "Trần Văn An", 3),
        ("First name,Surname", "An,Trần Văn", "Trần Văn An", 2),
        ("Surname,Name", "Trần Văn,An", "Trần Văn An", 2),
        ("Họ,Đệm,Tên", "Trần,Văn,An", "Trần Văn An", 3),
        ("Họ,Đệm và tên", "Trần,Văn An", "Trần Văn An", 2),
        ("Họ,Họ đệm,Tên", "Trần,Trần Văn,An", "Trần Văn An", 3),
        ("Họ và tên,Tên", "Trần Văn An,An", "Trần Văn An", 2),
        ("Họ và tên,Tên", "Trần Văn,An", "Trần Văn An", 2),
        ("Full name,Surname", "Trần Văn An,Trần", "Trần Văn An", 2),
        ("First,Middle,Last", "An,Văn,Trần", "Trần Văn An", 3),
        ("First name,M.I.,Last name", "An,V,Trần", "Trần V An", 3),
        ("Name,Last", "Văn An,Trần", "Trần Văn An", 2),
        ("Family & middle name,Given name", "Trần Văn,An", "Trần Văn An", 2),
        ("Surname,Other names", "Trần,Văn An", "Trần Văn An", 2),
        ("Tên đệm,Tên", "Trần Văn,An", "Trần Văn An", 2),
        // The other part stands under a header that speaks of names, in words that nobody knows.
        ("Họ của em,Tên", "Trần Văn,An", "Trần Văn An", 2),
        ("Surname,Name in school", "Trần Văn An,An", "Trần Văn An", 1),
        ("Họ,Tên in trên thẻ", "Trần Văn,An", "Trần Văn An", 2),
        ("Tên,Tên thánh", "An Bình,Maria", "An Bình", 1),
    ] {
        let file = csv(&[&format!("{header},Ngày sinh,Lớp"), &format!("{row},01/02/2011,10A1")]);
        assert_eq!(names("ten.csv", &file).await, (vec![expected.to_owned()], columns), "{header}: {row}");
    }
    // Nobody is called by a part of the name in silence: such a table waits to be mapped.
    for (header, row) in [("Middle,Vorname", "Văn,An"), ("Surname,Vorname", "Trần,An"), ("Đệm,Tên", "Văn,An")] {
        let file = csv(&[&format!("{header},Ngày sinh,Lớp"), &format!("{row},01/02/2011,10A1")]);
        assert_eq!(names("ten.csv", &file).await, (Vec::new(), 0), "{header}: {row}");
    }
}

#[tokio::test]
async fn without_a_header_the_first_person_is_a_person() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = plan_of(&test, &school, Source::Students, "19.csv", &case("19_no_header.csv")).await;
    made.comes_to(&[RowOutcome::Create; 2]);
    assert_eq!(made.values(Field::FullName), ["Chu Không Một", "Chu Không Hai"]);
    assert_eq!(made.values(Field::Gender), ["male", "female"]);
    assert_eq!(made.values(Field::Class), ["10A1", "10A1"]);
    assert_eq!(made.values(Field::BirthDate), ["2011-01-05", "2011-01-06"]);
    assert_eq!(made.values(Field::MotherName), ["Lò Thị Mẫu"; 2]);
    assert_eq!(made.values(Field::MotherBirthYear), ["1985"; 2]);
    let manager =
        test.signed_in(&school.add(&test, crate::support::people::Someone::manager("Mai Thị Quản")).await).await;
    let page = |made: &Made| school.path(&format!("/plans/{}", made.plan.id));
    manager.get(&page(&made)).await.expect(200).shows(&["B = Họ và tên"]);
    manager.get(&format!("{}/columns", page(&made))).await.expect(200).shows(&["Chu Không Một · Chu Không Hai"]);
    // A wrong guess, made by hand, is not remembered for the next such file.
    let reading = ReadProgress { mapping: [(1, Some(Field::FullName)), (3, None)].into(), ..ReadProgress::default() };
    read_otherwise(&test, &school, &made, &reading).await.comes_to(&[RowOutcome::Error; 2]);
    let made = plan_of(&test, &school, Source::Students, "19c.csv", &case("19c_no_header_other.csv")).await;
    made.comes_to(&[RowOutcome::Create; 2]);
    assert_eq!(made.values(Field::Class), ["10A2", "10A2"]);
    // Names in two columns, a title above, the mother behind the father.
    let other = csv(&[
        "DANH SÁCH LỚP 10A3,,,,",
        "Trần Văn,An,Nam,16/12/2011,Trần Văn Bố,1980,Vũ Thị Mẹ,1985",
        "Lê Thị,Bình,Nữ,17/12/2011,Lê Văn Bố,1979,Hồ Thị Mẹ,1984",
    ]);
    let made = plan_of(&test, &school, Source::Students, "khac.csv", &other).await;
    made.comes_to(&[RowOutcome::Create; 2]);
    assert_eq!(made.values(Field::FullName), ["Trần Văn An", "Lê Thị Bình"]);
    assert_eq!(made.values(Field::MotherName), ["Vũ Thị Mẹ", "Hồ Thị Mẹ"]);
    assert_eq!(made.values(Field::Class), ["10A3", "10A3"]);
    // A bare list of names; where people were born is nobody's mother.
    for rows in [
        &["Trần Văn An", "Lò Thị Bình", "Lê Văn Cường"][..],
        &["1,Trần Văn An", "2,Lò Thị Bình", "3,Lê Văn Cường"],
        &["DANH SÁCH LỚP 10A3,", "1,Trần Văn An", "2,Lò Thị Bình", "3,Lê Văn Cường"],
        &["Trần Văn An,Nam,1/2/2011,Hà Nội", "Lò Thị Bình,Nữ,2/2/2011,Điện Biên", "Lê Văn Cường,Nam,3/2/2011,Hà Nội"],
        &["Trần,Văn An,Nam,1/2/2011", "Lò,Thị Bình,Nữ,2/2/2011", "Lê,Văn Cường,Nam,3/2/2011"],
        &["Toán,Trần Văn An,K65", "Văn,Lò Thị Bình,K65", "Toán,Lê Văn Cường,K65"],
    ] {
        let made = plan_of(&test, &school, Source::Students, "ten.csv", &csv(rows)).await;
        assert_eq!(made.values(Field::FullName), ["Trần Văn An", "Lò Thị Bình", "Lê Văn Cường"], "{rows:?}");
        assert_eq!(made.values(Field::MotherName), [""; 3], "{rows:?}");
    }
}

#[tokio::test]
async fn numbers_are_what_their_cells_show() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = plan_of(&test, &school, Source::Students, "44.xlsx", &case("44_zero_by_format.xlsx")).await;
    made.comes_to(&[RowOutcome::Create]);
    assert_eq!(made.values(Field::MoetId), ["0123456789"]);
    assert_eq!(made.values(Field::Phone), ["0912345677"]);
    assert_eq!(made.values(Field::NationalId), ["001211000033"]);
    assert_eq!(made.guesses(), [["number-format"; 3]]);
    let made = plan_of(&test, &school, Source::Students, "47.xlsx", &case("47_class_10_10.xlsx")).await;
    assert_eq!(made.comes_to(&[RowOutcome::Error; 2]).held(), [["class-number-unsure"]; 2]);
}

#[tokio::test]
async fn broken_text_is_mended_or_named() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = plan_of(&test, &school, Source::Students, "18.csv", &case("18_double_encoded.csv")).await;
    made.comes_to(&[RowOutcome::Create; 2]);
    assert_eq!(made.values(Field::FullName), ["Nguyễn Thị Hỏng", "Đỗ Văn Vỡ"]);
    assert_eq!(made.plan.notes.encoding.as_ref().map(|(name, _)| name.as_str()), Some("utf-8-twice"));
    let made = plan_of(&test, &school, Source::Students, "18b.csv", &case("18b_question_marks.csv")).await;
    assert_eq!(made.comes_to(&[RowOutcome::Error; 2]).held(), [["text-broken"]; 2]);
    // Vietnamese Windows and the Macintosh have other letters in the places of the Western ones.
    for page in [encoding_rs::WINDOWS_1258, encoding_rs::MACINTOSH] {
        let right = format!("{HEADER}\r\nNguyễn Thị Hà,Nữ,10A1,03/01/2011,Đỗ Thị Mẹ,1980\r\n");
        let twice: String =
            right.bytes().map(|byte| page.decode_without_bom_handling(&[byte]).0.into_owned()).collect();
        let made = plan_of(&test, &school, Source::Students, "1258.csv", twice.as_bytes()).await;
        made.comes_to(&[RowOutcome::Create]);
        assert_eq!(made.values(Field::FullName), ["Nguyễn Thị Hà"], "{}", page.name());
        assert_eq!(made.values(Field::MotherName), ["Đỗ Thị Mẹ"], "{}", page.name());
    }
    let lost = csv(&["H? v? tên,Gi?i tính,L?p,Ngày sinh", "Nguy?n Thanh ??c,Nam,10A1,03/01/2011"]);
    let made = plan_of(&test, &school, Source::Students, "mat.csv", &lost).await;
    assert_eq!(made.plan.refusal.as_deref(), Some("refusal-broken-text"));
}

#[tokio::test]
async fn a_person_who_has_left_gets_no_account() {
    use RowOutcome::{Create, Duplicate, Skip};
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = plan_of(&test, &school, Source::Students, "51.csv", &case("51_status_en.csv")).await;
    let (d, s) = (Duplicate, Skip);
    made.comes_to(&[Create, s, s, s, d, s, d, d, d, s, Create, Create, s, s]);
    let unknown = csv(&[&format!("{HEADER},Trạng thái"), "Lê Văn Tý,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980,PX3"]);
    let made = plan_of(&test, &school, Source::Students, "la.csv", &unknown).await;
    assert_eq!(made.comes_to(&[RowOutcome::Error]).held(), [["status-unknown"]]);
}

#[tokio::test]
async fn names_and_classes_of_all_peoples() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = plan_of(&test, &school, Source::Students, "10.csv", &case("10_classes.csv")).await;
    let classes = made.values(Field::Class);
    assert_eq!(classes[4], "9/2");
    assert_eq!(classes[12], "6A1");
    assert_eq!(classes[15], "10.2");
    let made = plan_of(&test, &school, Source::Students, "09.csv", &case("09_names.csv")).await;
    assert_eq!(made.values(Field::FullName)[..2], ["H'Mai Niê Thử", "H’Mai Niê Hai"]);
    let made = plan_of(&test, &school, Source::Students, "39.csv", &case("39_long_names.csv")).await;
    assert!(made.outcomes().iter().all(|outcome| *outcome == RowOutcome::Create), "{:?}", made.held());
}

#[tokio::test]
async fn hidden_rows_are_told_and_can_be_left_out() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = plan_of(&test, &school, Source::Students, "11.xlsx", &case("11_filtered_rows.xlsx")).await;
    made.comes_to(&[RowOutcome::Create; 6]);
    assert_eq!((made.plan.notes.hidden, made.plan.notes.hidden_lines.clone()), (3, vec![5, 6, 7]));
    let manager =
        test.signed_in(&school.add(&test, crate::support::people::Someone::manager("Mai Thị Quản")).await).await;
    let plan = school.path(&format!("/plans/{}", made.plan.id));
    manager.get(&plan).await.expect(200).shows(&["dòng 5, 6, 7", &crate::support::say::vi("plan-leave-hidden-out")]);
    manager.post(&format!("{plan}/columns"), &[("without_hidden", "on")]).await.expect(303);
    test.work().await;
    let made = self::made(&test, &school, made.plan.id).await;
    made.comes_to(&[RowOutcome::Create; 3]);
    assert_eq!(made.plan.notes.hidden, 0);
}

#[tokio::test]
async fn further_sheets_are_told() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = plan_of(&test, &school, Source::Students, "12.xlsx", &case("12_sheet_per_class.xlsx")).await;
    assert!(made.plan.notes.other_sheets.len() >= 2, "{:?}", made.plan.notes);
    let reading = ReadProgress { sheet: Some("6A9".to_owned()), ..ReadProgress::default() };
    let made = read_otherwise(&test, &school, &made, &reading).await;
    assert_eq!(made.plan.refusal.as_deref(), Some("refusal-no-such-sheet"));
}

/// A student without a mailbox gets in by a slip; with one, by an invitation, and the password is said to be left out.
#[tokio::test]
async fn the_universitys_passwords() {
    let test = TestApp::new().await;
    let school = test.school_of(schoolgate::access::SchoolKind::Higher, "DH000001").await;
    let sheet = csv(&[
        "First name,Last name,Email,Password,Group,Department",
        "An,Trần Văn,,Kien-Lua7,CNTT-K45,Công nghệ",
        "Bình,Lê Thị,binh@example.vn,Kien-Lua8,CNTT-K45,Công nghệ",
        "Cường,Hồ Văn,,,CNTT-K45,Công nghệ",
    ]);
    let made = plan_of(&test, &school, Source::Students, "sv.csv", &sheet).await;
    made.comes_to(&[RowOutcome::Create, RowOutcome::Create, RowOutcome::Error]);
    assert_eq!(made.warnings()[..2], [vec![], vec!["password-invited"]]);
    assert_eq!(made.plan.notes.left_out["password-invited"], 1);
    apply(&test, &school, &made).await;
    let (username, status): (Option<String>, String) =
        sqlx::query_as("SELECT username, status FROM members WHERE full_name = 'Trần Văn An'")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!((username.as_deref(), status.as_str()), (Some("antv"), "active"));
    let invited: String = sqlx::query_scalar("SELECT status FROM members WHERE full_name = 'Lê Thị Bình'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(invited, "invited");
    let client = test.anonymous();
    client.post("/schools/DH000001/sign-in", &[("login", "antv"), ("password", "Kien-Lua7")]).await.expect(303);
}
