//! Files of a few hundred bytes that say that they go on for a billion rows or columns: what they repeat is counted
//! before it is made.

use std::io::{Cursor, Write};

use schoolgate::sources::spreadsheet::{FileRefusal, Table};
use zip::write::SimpleFileOptions;

use super::support::read_students;

const HEADER: &str = "<table:table-row><table:table-cell><text:p>Họ và tên</text:p></table:table-cell>\
    <table:table-cell><text:p>Lớp</text:p></table:table-cell>\
    <table:table-cell><text:p>Ngày sinh</text:p></table:table-cell></table:table-row>";
const PERSON: &str = "<table:table-cell><text:p>Lê Văn Tý</text:p></table:table-cell>\
    <table:table-cell><text:p>10A1</text:p></table:table-cell>\
    <table:table-cell><text:p>05/09/2011</text:p></table:table-cell>";

fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"A\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    file.start_file("mimetype", options.compression_method(zip::CompressionMethod::Stored)).unwrap();
    file.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    file.start_file("content.xml", options).unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file.finish().unwrap().into_inner()
}

fn row(attributes: &str, cells: &str) -> String {
    format!("<table:table-row {attributes}>{cells}</table:table-row>")
}

fn read(rows: &str) -> Result<Table, FileRefusal> {
    read_students(&ods(rows))
}

const BILLION: &str = "table:number-rows-repeated=\"1000000000\"";
const BILLION_COLUMNS: &str = "table:number-columns-repeated=\"1000000000\"";

#[test]
fn a_billion_rows_are_refused_before_the_first() {
    let note = "<table:table-cell><text:p>x</text:p></table:table-cell>";
    let wide = format!("<table:table-cell {BILLION_COLUMNS}><text:p>x</text:p></table:table-cell>");
    let person = row("", PERSON);
    for repeated in [row(BILLION, note), row(BILLION, PERSON), row(BILLION, &wide)] {
        for rows in [
            format!("{HEADER}{person}{repeated}"),
            format!("{repeated}{HEADER}{person}"),
            // Each of them is few enough.
            format!("{HEADER}{person}{}", repeated.replace("1000000000", "90000").repeat(50)),
        ] {
            assert_eq!(read(&rows).err(), Some(FileRefusal::TooManyRows), "{}", &rows[rows.len().min(600)..]);
        }
    }
}

#[test]
fn what_is_repeated_honestly_is_read() {
    let person = row("", PERSON);
    let empty = row(BILLION, &format!("<table:table-cell {BILLION_COLUMNS}/>"));
    // As every program writes the rest of a sheet.
    let table = read(&format!("{HEADER}{person}{empty}")).unwrap();
    assert_eq!(table.rows.len(), 1);
    let table = read(&format!("{HEADER}{}", row("table:number-rows-repeated=\"3\"", PERSON))).unwrap();
    assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn other_formats_jump_no_further() {
    let html = |attributes: &str| {
        let cells = format!("<tr><td {attributes}>Lê Văn Tý</td><td>10A1</td></tr>").repeat(50);
        format!("<table><tr><th>Họ và tên</th><th>Lớp</th></tr>{cells}</table>")
    };
    for attributes in ["rowspan=1000000000", "colspan=1000000000", "rowspan=4294967295 colspan=4294967295"] {
        let table = read_students(html(attributes).as_bytes());
        assert!(table.is_ok_and(|table| table.rows.len() <= 50), "{attributes}");
    }
    let sheetml = |row: &str, cell: &str| {
        format!(
            "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>\
             <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
             xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"A\"><Table>\
             <Row><Cell><Data ss:Type=\"String\">Họ và tên</Data></Cell><Cell><Data ss:Type=\"String\">Lớp</Data></Cell></Row>\
             <Row {row}><Cell {cell}><Data ss:Type=\"String\">Lê Văn Tý</Data></Cell>\
             <Cell><Data ss:Type=\"String\">10A1</Data></Cell></Row></Table></Worksheet></Workbook>"
        )
    };
    for (row, cell) in [
        ("ss:Index=\"1000000000\"", ""),
        ("ss:Index=\"18446744073709551615\"", ""),
        ("", "ss:MergeAcross=\"1000000000\""),
        ("", "ss:MergeAcross=\"18446744073709551615\" ss:MergeDown=\"18446744073709551615\""),
        ("", "ss:Index=\"18446744073709551615\""),
    ] {
        let table = read_students(sheetml(row, cell).as_bytes());
        assert!(table.as_ref().map_or(true, |table| table.rows.len() <= 1), "{row} {cell}: {table:?}");
    }
}
