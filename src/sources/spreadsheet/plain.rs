//! Tables of other things than people, such as marks: rows as they stand, which the domain that asked makes sense of. They
//! are read by the same child process under the same limits.

use std::io::Cursor;
use std::path::Path;

use chrono::NaiveDate;

use super::{FileRefusal, ReadOptions, child};
use crate::{roster::fields::RosterKind, vietnam::text};

/// A row with at least one filled cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainRow {
    /// As the spreadsheet numbers it, from 1.
    pub line: u32,
    /// As the sheet shows them, from the first column on.
    pub cells: Vec<String>,
}

impl PlainRow {
    /// A cell without needless spaces; empty where there is none.
    #[must_use]
    pub fn cell(&self, column: usize) -> String {
        self.cells.get(column).map(|cell| text::clean(cell)).unwrap_or_default()
    }

    /// The column with one of these heads, which are given without marks and in lower case, the better ones first.
    #[must_use]
    pub fn column(&self, heads: &[&str]) -> Option<usize> {
        let words: Vec<String> = self.cells.iter().map(|cell| text::words(cell).join(" ")).collect();
        heads.iter().find_map(|head| words.iter().position(|word| word == head))
    }
}

/// The rows of the first sheet that has any.
///
/// # Errors
/// Why the file is not read.
pub async fn read(program: &Path, file: Vec<u8>) -> Result<Vec<PlainRow>, FileRefusal> {
    // Neither the kind of people nor the date matters to rows as they stand.
    let options = ReadOptions { plain: true, ..ReadOptions::new(RosterKind::Students, NaiveDate::default()) };
    let table = child::read_all_guarded(program, Cursor::new(file), &options).await?;
    Ok(table.rows.into_iter().map(|row| PlainRow { line: row.line, cells: row.cells }).collect())
}

/// Where the columns of a table are: the first row with a column for each of these heads, as [`PlainRow::column`] takes
/// them. Gives the place of that row and the columns in the order of the heads.
#[must_use]
pub fn columns<const N: usize>(rows: &[PlainRow], heads: [&[&str]; N]) -> Option<(usize, [usize; N])> {
    /// How far down the heads of a table are looked for.
    const DOWN: usize = 30;
    rows.iter().take(DOWN).enumerate().find_map(|(at, row)| {
        let found = heads.map(|heads| row.column(heads));
        let columns: Vec<usize> = found.into_iter().flatten().collect();
        Some((at, columns.try_into().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &[&[&str]]) -> Vec<PlainRow> {
        let row = |(at, cells): (usize, &&[&str])| PlainRow {
            line: u32::try_from(at).unwrap() + 1,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        };
        table.iter().enumerate().map(row).collect()
    }

    #[test]
    fn columns_are_found_below_titles() {
        let rows = rows(&[
            &["SỞ GD&ĐT TP. HỒ CHÍ MINH"],
            &["Bảng điểm môn Toán"],
            &["STT", "Số phách", "Điểm bằng chữ", "ĐIỂM (*)"],
            &["1", "001.01", "bảy", "7"],
        ]);
        let keys: &[&str] = &["phach", "so phach"];
        assert_eq!(columns(&rows, [keys, &["diem"]]), Some((2, [1, 3])));
        assert_eq!(columns(&rows, [keys, &["ghi chu"]]), None);
    }
}
