//! What other programs write. The files of `samples/programs` hold the same 40 pupils; `make.py` and
//! `make.cjs` there wrote them.

use schoolgate::sources::spreadsheet::FileFormat;

use super::support::{line_of, read_students, sample};

#[test]
fn the_same_pupils_are_read_from_whatever_wrote_them() {
    let expected = String::from_utf8(sample("programs/expected.tsv")).unwrap();
    for (name, format) in [
        ("openpyxl.xlsx", FileFormat::Xlsx),
        ("xlsxwriter.xlsx", FileFormat::Xlsx),
        ("libreoffice.xlsx", FileFormat::Xlsx),
        ("libreoffice.xls", FileFormat::Xls),
        ("libreoffice.ods", FileFormat::Ods),
        ("libreoffice.csv", FileFormat::Text),
        ("sheetjs.xlsx", FileFormat::Xlsx),
        ("excel_cells.xlsb", FileFormat::Xlsb),
        ("sheetjs.xls", FileFormat::Xls),
        ("sheetjs.ods", FileFormat::Ods),
        ("sheetjs.csv", FileFormat::Text),
        ("sheetjs.txt", FileFormat::Text),
        ("sheetjs.html", FileFormat::Html),
        ("sheetjs.xml", FileFormat::SheetMl),
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

/// The records of a part of an .xlsb: type, and where the content begins and ends.
fn records(part: &[u8]) -> Vec<(u32, std::ops::Range<usize>)> {
    let (mut found, mut at) = (Vec::new(), 0);
    let number = |at: &mut usize| {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = part[*at];
            *at += 1;
            value |= u32::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    };
    while at < part.len() {
        let (kind, length) = (number(&mut at), number(&mut at) as usize);
        found.push((kind, at..at + length));
        at += length;
    }
    found
}

/// LibreOffice hides the same rows of such a file.
#[test]
fn hidden_rows_and_formats_of_an_xlsb_are_seen() {
    use std::io::{Cursor, Read, Write};
    let sample = sample("programs/excel_cells.xlsb");
    let mut old = zip::ZipArchive::new(Cursor::new(&sample[..])).unwrap();
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..old.len() {
        let mut part = old.by_index(at).unwrap();
        let (name, mut bytes) = (part.name().unwrap().into_owned(), Vec::new());
        part.read_to_end(&mut bytes).unwrap();
        if name.ends_with("sheet1.bin") {
            let mut line = 0;
            for (kind, content) in records(&bytes) {
                let begins = content.start;
                if kind == 0 {
                    line = u32::from_le_bytes(bytes[begins..begins + 4].try_into().unwrap()) + 1;
                    if line == 5 || line == 6 {
                        bytes[begins + 11] |= 0x10;
                    }
                }
                // Every number shows two digits behind its point.
                if matches!(kind, 2 | 5) && line == 7 {
                    bytes[begins + 4] = 1;
                }
            }
        }
        if name == "xl/styles.bin" {
            let mut is_of_cells = false;
            for (kind, content) in records(&bytes) {
                is_of_cells |= kind == 617;
                if kind == 47 && is_of_cells {
                    bytes[content.start + 2] = 2;
                }
            }
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        new.write_all(&bytes).unwrap();
    }
    let bytes = new.finish().unwrap().into_inner();
    let table = read_students(&bytes).unwrap();
    assert_eq!((table.findings.hidden, table.findings.hidden_lines), (2, vec![5, 6]));
    let of_line = |line: u32| table.rows.iter().find(|row| row.line == line).unwrap();
    let shown = |line: u32| of_line(line).cells.iter().any(|cell| cell.ends_with(".00"));
    assert!(shown(7), "{:?}", of_line(7).cells);
}
