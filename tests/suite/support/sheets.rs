//! Spreadsheets as a school hands them in, and as it gets them.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::Workbook;

/// The template as it was downloaded, with these rows typed in below what stands there; cells by their header.
pub fn filled(template: &[u8], rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut table = read(template);
    let headers = table[0].clone();
    for row in rows {
        let mut cells = vec![String::new(); headers.len()];
        for (header, value) in *row {
            let column = headers.iter().position(|each| each.trim_end_matches(" (*)") == *header);
            cells[column.unwrap_or_else(|| panic!("no column {header} among {headers:?}"))] = (*value).to_owned();
        }
        table.push(cells);
    }
    written(&table)
}

/// A sheet of these cells.
pub fn written(table: &[Vec<String>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (line, row) in (0..).zip(table) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// A file of these sheets, each with its name.
pub fn of_sheets(sheets: &[(&str, Vec<Vec<&str>>)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, table) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).unwrap();
        for (line, row) in (0..).zip(table) {
            for (column, cell) in (0..).zip(row) {
                sheet.write_string(line, column, *cell).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// The cells of a file's first sheet, as texts.
pub fn read(file: &[u8]) -> Vec<Vec<String>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file)).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| cell.to_string();
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

/// The names of a workbook's sheets, and the cells of each as texts.
pub fn all(file: &[u8]) -> Vec<(String, Vec<Vec<String>>)> {
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file)).unwrap();
    let names = workbook.sheet_names();
    let cells =
        |range: calamine::Range<Data>| range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    names.into_iter().map(|name| (name.clone(), cells(workbook.worksheet_range(&name).unwrap()))).collect()
}
