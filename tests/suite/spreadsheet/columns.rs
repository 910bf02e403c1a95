//! What several columns say together of one person: parts of names, whole names beside them, dates of one column, and
//! two columns for one thing.

use schoolgate::{
    roster::fields::{DateOrder, Field, RosterKind},
    sources::spreadsheet::{Table, read},
};

use super::support::{options, read_students};

fn table(lines: &[&str]) -> Table {
    read_students(lines.join("\n").as_bytes()).unwrap()
}

/// The values of a field, row by row.
fn values(table: &Table, field: Field) -> Vec<&str> {
    table.rows.iter().map(|row| row.values.get(&field).map_or("", String::as_str)).collect()
}

/// The keys of what keeps each row out.
fn faults(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.faults.iter().map(|fault| fault.key.as_str()).collect()).collect()
}

/// The warnings of each row that are about columns.
fn warnings(table: &Table) -> Vec<Vec<&str>> {
    let keys = table.rows.iter().map(|row| row.warnings.iter().map(|fault| fault.key.as_str()));
    keys.map(|keys| keys.filter(|key| key.contains("column")).collect()).collect()
}

/// The headers of the columns that are not used.
fn unused(table: &Table) -> Vec<&str> {
    table.head.columns.iter().filter(|column| column.field.is_none()).map(|column| column.header.as_str()).collect()
}

const HEADER: &str = "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ,Năm sinh của mẹ";

fn with_dates(dates: &[&str]) -> Table {
    let names = ["Lê Văn Tý", "Trần Văn Sửu", "Hồ Văn Dần", "Vũ Văn Mão", "Đỗ Văn Thìn"];
    let lines: Vec<String> =
        names.iter().zip(dates).map(|(name, date)| format!("{name},Nam,10A1,{date},Hoàng Thị Mẹ,1980")).collect();
    table(&std::iter::once(HEADER).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>())
}

#[test]
fn a_month_in_words_and_dots_are_not_turned_with_the_column() {
    let read = with_dates(&["12/16/2011", "5 tháng 6 năm 2011", "05.06.2011", "05/06/2011"]);
    assert_eq!(values(&read, Field::BirthDate), ["2011-12-16", "2011-06-05", "2011-06-05", "2011-05-06"]);
    let read = with_dates(&["12/16/2011", "Ngày 07 tháng 08 năm 2011", "ngày 12 tháng 16 năm 2011"]);
    assert_eq!(values(&read, Field::BirthDate), ["2011-12-16", "2011-08-07", ""]);
    assert_eq!(faults(&read), [vec![], vec![], vec!["date-impossible"]]);
    // Words are no evidence for other dates, and nothing makes them doubtful.
    let read = with_dates(&["12/16/2011", "16/12/2011", "5 tháng 6 năm 2011", "05.06.2011", "05/06/2011"]);
    assert_eq!(values(&read, Field::BirthDate), ["2011-12-16", "2011-12-16", "2011-06-05", "2011-06-05", ""]);
    assert_eq!(faults(&read)[4], ["date-order-unsure"]);
    // Where dates with dots themselves have months first, they are read so.
    let read = with_dates(&["12.16.2011", "05.06.2011"]);
    assert_eq!(values(&read, Field::BirthDate), ["2011-12-16", "2011-05-06"]);
}

/// A person's word decides what was open, and turns nothing that was clear.
#[test]
fn the_order_that_a_person_says_leaves_dates_with_dots_alone() {
    let dates = ["12/16/2011", "16/12/2011", "05.06.2011", "05/06/2011"];
    let lines: Vec<String> = dates.iter().map(|date| format!("Lê Văn Tý,Nam,10A1,{date},Hoàng Thị Mẹ,1980")).collect();
    let sheet = format!("{HEADER}\n{}", lines.join("\n"));
    let mut told = options(RosterKind::Students);
    told.date_order = Some(DateOrder::MonthFirst);
    let read = read(sheet.as_bytes(), &told).unwrap();
    assert_eq!(values(&read, Field::BirthDate), ["2011-12-16", "2011-12-16", "2011-06-05", "2011-05-06"]);
}

#[test]
fn a_table_without_a_header_has_dates_in_words() {
    let read = table(&[
        "Lê Văn Tý,Nam,10A1,5 tháng 6 năm 2011",
        "Trần Thị Sửu,Nữ,10A1,Ngày 07 tháng 08 năm 2011",
        "Hồ Văn Dần,Nam,10A1,8 tháng 9 năm 2011",
    ]);
    assert_eq!(values(&read, Field::BirthDate), ["2011-06-05", "2011-08-07", "2011-09-08"]);
}

#[test]
fn a_parents_name_in_parts_is_one_name() {
    for (header, row, expected) in [
        ("Họ đệm mẹ,Tên mẹ", "Trần Thị,Lan", "Trần Thị Lan"),
        ("Tên mẹ,Họ và tên đệm của mẹ", "Lan,Trần Thị", "Trần Thị Lan"),
        ("Họ mẹ,Tên đệm mẹ,Tên mẹ", "Trần,Thị,Lan", "Trần Thị Lan"),
        ("Mother first name,Mother last name", "Lan,Trần Thị", "Trần Thị Lan"),
        ("Mother's surname,Mother's given name", "Trần Thị,Lan", "Trần Thị Lan"),
        ("Tên mẹ,Nghề nghiệp mẹ", "Trần Thị Lan,Giáo viên", "Trần Thị Lan"),
        ("Họ và tên mẹ,Tên mẹ", "Trần Thị Lan,Lan", "Trần Thị Lan"),
        ("Họ và tên mẹ,Tên mẹ", "Trần Thị,Lan", "Trần Thị Lan"),
    ] {
        let read = table(&[&format!("Họ và tên,Lớp,{header}"), &format!("Lê Văn Tý,10A1,{row}")]);
        assert_eq!(values(&read, Field::MotherName), [expected], "{header}");
        assert_eq!(values(&read, Field::FullName), ["Lê Văn Tý"], "{header}");
        assert!(read.head.columns.iter().all(|column| column.known), "{header}: {:?}", read.head.columns);
    }
    for (header, row, expected) in [
        ("Họ người giám hộ,Tên người giám hộ", "Lê Văn,Hùng", "Lê Văn Hùng"),
        ("Guardian first name,Guardian last name", "Hùng,Lê Văn", "Lê Văn Hùng"),
        ("Họ phụ huynh,Tên phụ huynh", "Lê Văn,Hùng", "Lê Văn Hùng"),
        // A guardian goes before a parent, who is somebody else.
        ("Họ tên phụ huynh,Họ người giám hộ,Tên người giám hộ", "Vũ Thị Hoa,Lê Văn,Hùng", "Lê Văn Hùng"),
        ("Người giám hộ,Họ phụ huynh,Tên phụ huynh", "Lê Văn Hùng,Vũ Thị,Hoa", "Lê Văn Hùng"),
    ] {
        let read = table(&[&format!("Họ và tên,Lớp,{header}"), &format!("Lê Văn Tý,10A1,{row}")]);
        assert_eq!(values(&read, Field::GuardianName), [expected], "{header}");
    }
    // Below a header that spans the parts.
    let spanned = table(&["Họ và tên,Lớp,Thông tin mẹ,,", ",,Họ đệm,Tên,Năm sinh", "Lê Văn Tý,10A1,Trần Thị,Lan,1985"]);
    assert_eq!(values(&spanned, Field::MotherName), ["Trần Thị Lan"]);
    assert_eq!(values(&spanned, Field::MotherBirthYear), ["1985"]);
    // A part alone is nobody's name, and is said to be not used.
    let part = table(&["Họ và tên,Lớp,Họ mẹ", "Lê Văn Tý,10A1,Trần"]);
    assert_eq!((values(&part, Field::MotherName), unused(&part)), (vec![""], vec!["Họ mẹ"]));
}

#[test]
fn each_row_shows_whether_a_whole_name_has_its_parts() {
    let rows = ["Trần Thị Thu An,An", "La Văn,An", "La Văn,Bình", "LÊ VĂN HOÀ,Hòa", "Vũ Thị Mai,"];
    let expected = ["Trần Thị Thu An", "La Văn An", "La Văn Bình", "Lê Văn Hoà", "Vũ Thị Mai"];
    for count in 1..=rows.len() {
        let lines: Vec<String> = rows.iter().take(count).map(|row| format!("{row},01/02/2011,10A1")).rev().collect();
        let lines: Vec<&str> =
            std::iter::once("Họ và tên,Tên,Ngày sinh,Lớp").chain(lines.iter().map(String::as_str)).collect();
        let mut names: Vec<String> = values(&table(&lines), Field::FullName).into_iter().map(str::to_owned).collect();
        names.reverse();
        assert_eq!(names, &expected[..count]);
    }
    let surnames = table(&["Surname,Name,Class", "Trần,Văn An,10A1", "Trần,Trần Văn Bình,10A1", "Lê,Lê Thị Chi,10A1"]);
    assert_eq!(values(&surnames, Field::FullName), ["Trần Văn An", "Trần Văn Bình", "Lê Thị Chi"]);
}

#[test]
fn two_columns_with_one_header_are_named_and_held_where_they_differ() {
    let read = table(&[
        "Họ và tên,Ngày sinh,Lớp,Giới tính,Lớp",
        "Lê Văn Tý,05/06/2011,10A1,Nam,10A1",
        "Trần Văn Sửu,06/06/2011,10A1,Nam,10A2",
        "Hồ Văn Dần,07/06/2011,10A1,Nam,",
    ]);
    assert_eq!(unused(&read), ["Lớp (E)"]);
    assert_eq!(values(&read, Field::Class), ["10A1", "", "10A1"]);
    assert_eq!(faults(&read), [vec![], vec!["columns-differ"], vec![]]);
    assert_eq!(read.rows[1].faults[0].value, "10A1 | 10A2");
    let dates = table(&[
        "Họ và tên,Ngày sinh,Lớp,Ngày sinh",
        "Lê Văn Tý,05/06/2011,10A1,5/6/2011",
        "Trần Văn Sửu,06/06/2011,10A1,06/07/2011",
    ]);
    assert_eq!(unused(&dates), ["Ngày sinh (D)"]);
    assert_eq!(values(&dates, Field::BirthDate), ["2011-06-05", ""]);
    // Chosen by hand, the other column is the one, and there is nothing left to decide.
    let sheet = "Họ và tên,Lớp,Lớp\nLê Văn Tý,10A1,10A2\n";
    let mut by_hand = options(RosterKind::Students);
    by_hand.mapping.extend([(0, Some(Field::FullName)), (1, None), (2, Some(Field::Class))]);
    let chosen = self::read(sheet.as_bytes(), &by_hand).unwrap();
    assert_eq!((values(&chosen, Field::Class), faults(&chosen)), (vec!["10A2"], vec![vec![]]));
}

#[test]
fn a_second_column_that_fills_gaps_is_used() {
    let read = table(&["Họ và tên,Lớp,Lớp học", "Lê Văn Tý,10A1,", "Trần Văn Sửu,,10A2"]);
    assert_eq!(values(&read, Field::Class), ["10A1", "10A2"]);
    assert_eq!(unused(&read), [] as [&str; 0]);
}

#[test]
fn names_of_classes_go_before_their_codes() {
    let read = table(&["Mã lớp,Họ và tên,Tên lớp", "10A2,Lê Văn Tý,10A1", "L-001,Trần Văn Sửu,10A1"]);
    assert_eq!(values(&read, Field::Class), ["10A1", "10A1"]);
    assert_eq!(unused(&read), ["Mã lớp"]);
    assert_eq!(faults(&read), [vec![] as Vec<&str>, vec![]]);
    assert_eq!(warnings(&read), [vec!["second-column-left"], vec![]]);
    // Alone, the code is the class.
    assert_eq!(values(&table(&["Họ và tên,Mã lớp", "Lê Văn Tý,10A2"]), Field::Class), ["10A2"]);
}

#[test]
fn people_may_have_several_telephones_but_one_identity() {
    let read = table(&[
        "Họ và tên,Lớp,Điện thoại,SĐT Zalo,CCCD,Số định danh cá nhân",
        "Lê Văn Tý,10A1,0912345678,0912345679,001211000001,001211000002",
    ]);
    assert_eq!(values(&read, Field::Phone), ["0912345678"]);
    assert_eq!(values(&read, Field::NationalId), ["001211000001"]);
    assert_eq!(warnings(&read), [vec!["second-column-left"]]);
    assert_eq!(faults(&read), [vec![] as Vec<&str>]);
    let names = table(&["Full name,Display name,Class", "Nguyễn Văn An,An Nguyen,10A1", "Lê Văn Tý,Trần Thị Bo,10A1"]);
    assert_eq!(faults(&names), [vec![], vec!["columns-differ"]]);
}

#[test]
fn the_status_of_a_pupil_stands_under_many_headers() {
    for header in ["Enrollment status", "Enrolment status", "Hiện trạng", "Tình trạng hiện tại", "Student status"]
    {
        let read = table(&[&format!("Họ và tên,Lớp,{header}"), "Lê Văn Tý,10A1,On leave", "Hồ Văn Dần,10A1,Đang học"]);
        assert_eq!(values(&read, Field::Status), ["suspended", "active"], "{header}");
    }
}
