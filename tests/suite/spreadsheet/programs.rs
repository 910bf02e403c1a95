//! What other programs write. The files of `samples/programs` hold the same 40 pupils; `make.py` and
//! `make.cjs` there wrote them.

use schoolgate::sources::spreadsheet::Format;

use super::support::{line_of, read_students, sample};

#[test]
fn the_same_pupils_are_read_from_whatever_wrote_them() {
    let expected = String::from_utf8(sample("programs/expected.tsv")).unwrap();
    for (name, format) in [
        ("openpyxl.xlsx", Format::Xlsx),
        ("xlsxwriter.xlsx", Format::Xlsx),
        ("libreoffice.xlsx", Format::Xlsx),
        ("libreoffice.xls", Format::Xls),
        ("libreoffice.ods", Format::Ods),
        ("libreoffice.csv", Format::Text),
        ("sheetjs.xlsx", Format::Xlsx),
        ("excel_cells.xlsb", Format::Xlsb),
        ("sheetjs.xls", Format::Xls),
        ("sheetjs.ods", Format::Ods),
        ("sheetjs.csv", Format::Text),
        ("sheetjs.txt", Format::Text),
        ("sheetjs.html", Format::Html),
        ("sheetjs.xml", Format::SheetMl),
    ] {
        let table =
            read_students(&sample(&format!("programs/{name}"))).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(table.head.format, format, "{name}");
        assert!(table.head.encoding.is_none(), "{name}");
        let rows: Vec<String> = table.rows.iter().map(line_of).collect();
        for (row, expected) in rows.iter().zip(expected.lines()) {
            assert_eq!(row, expected, "{name}");
        }
        assert_eq!(rows.len(), 40, "{name}");
    }
}
