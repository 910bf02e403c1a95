//! Every sample, with what a person sees in it. The tables below `expected` were written from the files' cells by
//! other programs and by eye.

use schoolgate::{
    roster::fields::{Field, RosterKind},
    sources::spreadsheet::{FileFormat, FileRefusal, Table, read},
};

use super::support::{line_of, options, read_students, sample};

fn assert_rows(table: &Table, expected: &str) {
    let expected = String::from_utf8(sample(&format!("expected/{expected}.tsv"))).unwrap();
    let expected: Vec<&str> = expected.lines().skip(1).collect();
    let rows: Vec<String> = table.rows.iter().map(line_of).collect();
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(row, expected);
    }
    assert_eq!(rows.len(), expected.len());
}

#[test]
fn people_are_read_as_they_stand() {
    use RosterKind::{Students, Teachers};
    let table = [
        ("01_csdl_hocsinh_openpyxl.xlsx", Students, FileFormat::Xlsx, 7, "01"),
        ("02_hocsinh_lonxon_xlsxwriter.xlsx", Students, FileFormat::Xlsx, 1, "02"),
        ("04_dinh_dang_thua_den_dong_1048576.xlsx", Students, FileFormat::Xlsx, 1, "04"),
        ("08_utf8_bom_dau_phay.csv", Students, FileFormat::Text, 1, "08"),
        ("10_utf16le_tab_excel_unicode_text.txt", Students, FileFormat::Text, 1, "10"),
        ("12_tcvn3_vntime.csv", Students, FileFormat::Text, 1, "12"),
        ("14_danhsachlop_2dong_tieude_libreoffice.ods", Students, FileFormat::Ods, 5, "14"),
        ("16_giaovien_libreoffice.xlsx", Teachers, FileFormat::Xlsx, 3, "16"),
        ("19_hocsinh_exceljs_table.xlsx", Students, FileFormat::Xlsx, 1, "19"),
    ];
    for (name, kind, format, header_line, expected) in table {
        println!("{name}");
        let table = read(&sample(name), &options(kind)).unwrap();
        assert_eq!((table.head.format, table.head.header_line), (format, header_line));
        assert_rows(&table, expected);
        assert!(table.head.columns.iter().all(|column| column.known), "every column of it is known");
        for row in &table.rows {
            assert_eq!(row.cells.len(), table.head.columns.len());
        }
    }
}

#[test]
fn files_without_people_are_refused_for_what_they_are() {
    for (name, refusal) in [
        ("05_hai_o_goc_bom_2KB.xlsx", FileRefusal::NoTable),
        ("06_zipbomb_120MiB.xlsx", FileRefusal::Inflates),
        ("calamine_OOM_alloc3.xls", FileRefusal::Broken),
        ("calamine_date_1904.xlsx", FileRefusal::NoTable),
        ("calamine_pass_protected.xlsx", FileRefusal::Protected),
        ("poi_poc-xmlbomb.xlsx", FileRefusal::Broken),
        ("readxl_vietnamese-utf8.xls", FileRefusal::NoTable),
        ("sheetjs_wps_write.xlsx", FileRefusal::NoTable),
    ] {
        assert_eq!(read_students(&sample(name)).err(), Some(refusal), "{name}");
    }
}

#[test]
fn tables_of_something_else_wait_to_be_mapped() {
    for (name, headers) in [
        ("readxl_no-styles-or-sharedStrings.xlsx", vec!["Language", "Age", "Churn probability"]),
        ("readxl_style-only-cells.xlsx", vec!["var1", "var2", "var3", "var5"]),
    ] {
        let table = read_students(&sample(name)).unwrap();
        assert!(!table.head.has_names() && table.rows.is_empty());
        let found: Vec<&str> = table.head.columns.iter().map(|column| column.header.as_str()).collect();
        assert_eq!(found, headers);
        assert!(table.head.columns.iter().all(|column| !column.known));

        let mut by_hand = options(RosterKind::Students);
        by_hand.mapping.insert(0, Some(Field::FullName));
        let mapped = read(&sample(name), &by_hand).unwrap();
        assert!(mapped.head.has_names() && !mapped.rows.is_empty(), "{name}");
        assert_eq!(mapped.head.shape, table.head.shape);
    }
}

#[test]
fn what_was_guessed_is_said() {
    let guesses = |name: &str, line: u32| -> Vec<String> {
        let table = read_students(&sample(name)).unwrap();
        let row = table.rows.into_iter().find(|row| row.line == line).unwrap();
        row.guesses.into_iter().map(|guess| format!("{}:{}", guess.key, guess.value)).collect()
    };
    let messy = "02_hocsinh_lonxon_xlsxwriter.xlsx";
    assert_eq!(guesses(messy, 2), ["phone-zero-restored:981539115", "national-id-zero-restored:33311646049"]);
    assert_eq!(guesses(messy, 4), ["name-case:NGUYỄN THỊ THU PHƯƠNG", "date-two-digit-year:6/12/11"]);
    assert_eq!(guesses(messy, 9), ["date-serial:40867"]);
    assert_eq!(guesses(messy, 13), ["gender-code:1", "date-two-digit-year:7/9/11", "phone-renumbered:01689086836"]);
    let split = "14_danhsachlop_2dong_tieude_libreoffice.ods";
    assert_eq!(guesses(split, 7), ["gender-mark:nữ", "class-from-title:10A1", "phone-zero-restored:981539115"]);
}

#[test]
fn a_guess_at_the_encoding_shows_a_line_and_can_be_changed() {
    let bytes = sample("12_tcvn3_vntime.csv");
    let guess = read_students(&bytes).unwrap().head.encoding.unwrap();
    assert_eq!(guess.name, "tcvn3");
    assert_eq!(guess.sample, "1 | Nguyễn Thúy Hằng | 15/11/2011 | Nữ | 10A1");
    let mut asked = options(RosterKind::Students);
    asked.encoding = Some("windows-1252".to_owned());
    let table = read(&bytes, &asked).unwrap();
    assert_eq!(table.head.encoding, None);
    assert_eq!(table.head.columns[1].header, "Hä vµ tªn");
}
