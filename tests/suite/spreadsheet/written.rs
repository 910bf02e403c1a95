//! What is handed out is read back the same.

use std::io::Cursor;

use chrono::NaiveDate;
use proptest::prelude::*;
use schoolgate::{
    roster::fields::{Field, RosterKind, Values, normalise},
    sources::spreadsheet::{
        FileRefusal, Table, read,
        write::{CsvExport, FailedRows, XlsxExport, template, template_columns},
    },
};

use super::support::{english, options, read_students, sample, text, vietnamese};

const KINDS: [RosterKind; 4] =
    [RosterKind::Students, RosterKind::Teachers, RosterKind::HigherStudents, RosterKind::HigherTeachers];

fn xlsx(kind: RosterKind, people: &[Values], texts: &dyn Fn(&str) -> String) -> Vec<u8> {
    let mut export = XlsxExport::new(kind, texts).unwrap();
    for values in people {
        export.push(values).unwrap();
    }
    let mut bytes = Vec::new();
    export.finish(Cursor::new(&mut bytes)).unwrap();
    bytes
}

fn csv(kind: RosterKind, people: &[Values], texts: &dyn Fn(&str) -> String) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut export = CsvExport::new(kind, texts, &mut bytes).unwrap();
    for values in people {
        export.push(values).unwrap();
    }
    export.finish().unwrap();
    bytes
}

fn values_of(table: Table) -> Vec<Values> {
    table.rows.into_iter().map(|row| row.values).collect()
}

#[test]
fn the_headers_are_those_of_the_contract() {
    let headers = |kind, texts: &dyn Fn(&str) -> String| {
        template_columns(kind).iter().map(|column| column.header(kind, texts)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        headers(RosterKind::Students, &vietnamese),
        "Họ và tên (*), Giới tính (*), Lớp (*), Ngày sinh (*), Họ và tên mẹ, Năm sinh của mẹ, Họ và tên người giám hộ, \
         Năm sinh người giám hộ, Email, Điện thoại, Địa chỉ, CMND/CCCD, Mã định danh Bộ GD&ĐT, Tên đăng nhập, Mật khẩu"
    );
    assert_eq!(
        headers(RosterKind::Teachers, &vietnamese),
        "Họ và tên (*), Giới tính (*), Ngày sinh (*), Email (*), Điện thoại, Địa chỉ, CMND/CCCD, Mã định danh Bộ GD&ĐT, \
         Tên đăng nhập, Mật khẩu"
    );
    assert_eq!(
        headers(RosterKind::HigherStudents, &english),
        "First name, Last name, Email, Password, Group, Department"
    );
}

#[test]
fn templates_have_no_people_and_every_column_is_known() {
    let classes: Vec<String> = (1..=60).map(|number| format!("10A{number}")).collect();
    for kind in KINDS {
        for texts in [&vietnamese as &dyn Fn(&str) -> String, &english] {
            let bytes = template(kind, &classes, texts).unwrap();
            let table = read(&bytes, &options(kind)).unwrap();
            assert!(table.rows.is_empty(), "the example of {kind:?} is imported");
            assert!(table.head.other_sheets.is_empty(), "{:?}", table.head.other_sheets);
            let fields: Vec<Option<Field>> = table.head.columns.iter().map(|column| column.field).collect();
            assert!(fields.iter().all(Option::is_some), "{kind:?}: {:?}", table.head.columns);
            assert_eq!(fields.len(), template_columns(kind).len());
        }
    }
}

#[test]
fn every_refusal_has_its_sentence() {
    for refusal in FileRefusal::ALL {
        for language in ["vi", "en"] {
            assert!(text(language, &format!("refusal-{}", refusal.key())).ends_with('.'));
        }
    }
}

#[test]
fn what_begins_like_a_formula_is_text() {
    let person: Values = [
        (Field::FullName, "Nguyễn Văn An"),
        (Field::Gender, "male"),
        (Field::Class, "10A1"),
        (Field::BirthDate, "2011-11-15"),
        (Field::Address, "=1+1"),
        (Field::NationalId, "001211000001"),
        (Field::Phone, "0912345678"),
    ]
    .into_iter()
    .map(|(field, value)| (field, value.to_owned()))
    .collect();
    let bytes = csv(RosterKind::Students, std::slice::from_ref(&person), &vietnamese);
    assert!(String::from_utf8(bytes.clone()).unwrap().contains(",'=1+1,"));
    assert!(bytes.starts_with(b"\xEF\xBB\xBF"));
    assert_eq!(values_of(read_students(&bytes).unwrap()), std::slice::from_ref(&person));
    let bytes = xlsx(RosterKind::Students, std::slice::from_ref(&person), &vietnamese);
    let mut sheet = String::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert_eq!(values_of(read_students(&bytes).unwrap()), [person]);
}

#[test]
fn failed_rows_keep_their_columns_and_are_read_again() {
    for name in ["02_hocsinh_lonxon_xlsxwriter.xlsx", "14_danhsachlop_2dong_tieude_libreoffice.ods"] {
        let table = read_students(&sample(name)).unwrap();
        let mut failed = FailedRows::new(RosterKind::Students, &table.head.columns, &vietnamese).unwrap();
        for row in &table.rows {
            failed.push(row, "Không có ngày 31/02/2011.").unwrap();
        }
        let mut bytes = Vec::new();
        failed.finish(Cursor::new(&mut bytes)).unwrap();
        let again = read_students(&bytes).unwrap();
        assert!(again.head.columns.iter().all(|column| column.known), "{:?}", again.head.columns);
        assert_eq!(again.rows.len(), table.rows.len());
        for (before, after) in table.rows.iter().zip(&again.rows) {
            assert_eq!(before.values, after.values);
            assert_eq!(before.faults, after.faults);
        }
    }
}

/// Values as they are stored: whatever was typed, after normalising.
fn stored(kind: RosterKind) -> impl Strategy<Value = Values> {
    let typed = |field: Field| match field {
        Field::FullName | Field::MotherName | Field::GuardianName => {
            "(Nguyễn|Trần|LÊ|phạm|Đỗ|K'|O’)( (Văn|Thị|Hồng-Anh|Đức|x)){0,2} [A-ZĐa-zếươ]{1,6}( \\(b\\))?".boxed()
        }
        Field::Gender => "(Nam|Nữ|khác|x|1|0)".boxed(),
        Field::Class => "([1-9]|1[0-2])[A-E][0-9]{0,2}|[6-9]/[1-9]|Mầm [1-3]|CNTT-K4[0-9]|'?[=+@-][a-z]{1,3}".boxed(),
        Field::BirthDate => "(0[1-9]|1[0-9]|2[0-8])/(0[1-9]|1[0-2])/(19[5-9][0-9]|20[01][0-9])".boxed(),
        Field::MotherBirthYear | Field::GuardianBirthYear => "19[5-9][0-9]".boxed(),
        Field::Email => "[a-z]{1,8}[.+_-]?[a-z]{1,4}@[a-z]{2,8}\\.(vn|com|edu\\.vn)".boxed(),
        Field::Phone => "(\\+84|0)(3|7|9)[0-9]{8}".boxed(),
        Field::NationalId => "0[0-9]{2}[0-3][0-9]{8}|[1-9][0-9]{8}".boxed(),
        Field::MoetId => "[0-9]{10}|[A-Z]{2}[0-9]{6}".boxed(),
        Field::Username => "[a-z]{3,10}[0-9]{0,3}".boxed(),
        Field::Status => "(Đang học|Chuyển đi|Thôi học)".boxed(),
        Field::Grade => "([1-9]|1[0-2]|Mẫu giáo)".boxed(),
        Field::Password => "".boxed(),
        _ => "['=+@\\-,;\"\\t #0-9A-Za-zếĐươ/\\.]{0,24}|\\PC{0,30}".boxed(),
    };
    let fields: Vec<BoxedStrategy<(Field, Option<String>)>> = Field::ALL
        .into_iter()
        .filter(move |field| columns_of(kind).contains(field))
        .map(|field| {
            let value = proptest::option::weighted(if field == Field::FullName { 0.999 } else { 0.7 }, typed(field));
            value.prop_map(move |value| (field, value)).boxed()
        })
        .collect();
    fields.prop_map(|typed| {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let normalised =
            typed.into_iter().filter_map(|(field, typed)| Some((field, normalise(field, &typed?, today).ok()?.value?)));
        normalised.collect()
    })
}

#[test]
fn a_given_name_like_the_family_name_is_not_dropped() {
    let person = |name: &str| Values::from([(Field::FullName, name.to_owned())]);
    let people = ["O’ Ơ (b)", "Vũ Vũ (b)", "Hà Hạ", "Lê Thị Lê"].map(person).to_vec();
    for kind in KINDS {
        let table = read(&xlsx(kind, &people, &vietnamese), &options(kind)).unwrap();
        assert_eq!(values_of(table), people, "{kind:?}");
    }
    let csv = "Họ,Tên\nHà,Hạ Vi\nNguyễn Văn,Nguyễn Văn An\n";
    let table = read(csv.as_bytes(), &options(RosterKind::Students)).unwrap();
    assert_eq!(values_of(table), ["Hà Hạ Vi", "Nguyễn Văn An"].map(person));
}

/// What an export of these people has.
fn columns_of(kind: RosterKind) -> Vec<Field> {
    let kept =
        template_columns(kind).into_iter().map(|column| column.field()).filter(|field| *field != Field::Password);
    kept.chain([Field::Status]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn exports_are_read_back_the_same(
        (kind, people) in proptest::sample::select(KINDS.to_vec())
            .prop_flat_map(|kind| (Just(kind), proptest::collection::vec(stored(kind), 1..12)))
    ) {
        let people: Vec<Values> = people.into_iter().filter(|values| values.contains_key(&Field::FullName)).collect();
        for texts in [&vietnamese as &dyn Fn(&str) -> String, &english] {
            for bytes in [xlsx(kind, &people, texts), csv(kind, &people, texts)] {
                let table = read(&bytes, &options(kind)).unwrap();
                prop_assert_eq!(&values_of(table), &people);
            }
        }
    }
}
