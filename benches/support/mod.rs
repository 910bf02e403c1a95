//! What the benchmarks share: sheets of pupils, the crate's own reader of cells, figures with their limits.

// Not every benchmark uses all of it.
#![allow(dead_code)]

pub mod client;
pub mod rows;
pub mod server;
pub mod site;

use std::hint::black_box;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use rust_xlsxwriter::Workbook;

/// A sheet as programs write it that keep a text in its cell, as the exports here do; or with all texts in one place,
/// as Excel does.
pub fn workbook<const N: usize>(
    headers: [&str; N],
    rows: u32,
    row: impl Fn(u32) -> [String; N],
    texts_in_cells: bool,
) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = match texts_in_cells {
        true => workbook.add_worksheet_with_constant_memory().unwrap(),
        false => workbook.add_worksheet(),
    };
    sheet.write_row(0, 0, headers).unwrap();
    for number in 0..rows {
        sheet.write_row(number + 1, 0, row(number)).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

/// One of these words, in rotation.
pub fn of(words: &[&str], number: u32) -> String {
    words[number as usize % words.len()].to_owned()
}

/// Reads all cells and does nothing with them.
pub fn read_cells(bytes: &[u8]) {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    let mut reader = book.worksheet_cells_reader(&name).unwrap();
    while let Some(cell) = reader.next_cell().unwrap() {
        if !matches!(cell.get_value(), DataRef::Empty) {
            black_box(&cell);
        }
    }
}

/// A size set in the environment.
pub fn of_environment(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A figure beside its limit.
pub fn figure(what: &str, value: f64, unit: &str, limit: Option<f64>) {
    let verdict =
        limit.map(|limit| format!("{limit:>8.2} {unit:<5} {}", if value <= limit { "holds" } else { "DOES NOT HOLD" }));
    println!("{what:<64} {value:>8.2} {unit:<5} {}", verdict.unwrap_or_default());
}

/// The heads of the columns.
pub fn heading(what: &str) {
    println!("\n{what:<64} {:>14} {:>14}", "measured", "limit");
}
