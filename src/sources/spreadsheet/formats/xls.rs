//! .xls of Excel 97 and later. The crate loads such a file as a whole, up to the outermost cells of its sheets:
//! untrusted files may be opened only in a process under limits.

use std::io::Cursor;

use calamine::{Data, Reader, Xls, XlsError};

use super::binary::{self, SheetLooks};
use super::excel::{cell_of_date, cell_of_iso, contained, error_shown, sheets_of};
use crate::sources::spreadsheet::{
    cell::{Cell, Digits, Font, RowVisitor, SheetInfo, SheetRow, Workbook},
    refusal::FileRefusal,
};

pub struct XlsBook<'b> {
    book: Xls<Cursor<&'b [u8]>>,
    bytes: &'b [u8],
    /// How a sheet's cells and rows look, once it was visited.
    looks: Option<(usize, SheetLooks)>,
}

impl<'b> XlsBook<'b> {
    /// # Errors
    /// The file is protected or broken.
    pub fn open(bytes: &'b [u8]) -> Result<Self, FileRefusal> {
        let book = contained(|| Xls::new(Cursor::new(bytes)))?;
        Ok(Self { book, bytes, looks: None })
    }
}

impl Workbook for XlsBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        sheets_of(self.book.sheets_metadata())
    }

    fn is_1904(&self) -> bool {
        self.book.has_1904_epoch()
    }

    fn visit(&mut self, sheet: usize, visitor: &mut RowVisitor<'_>) -> Result<(), FileRefusal> {
        let Some(name) = self.book.sheets_metadata().get(sheet).map(|sheet| sheet.name.clone()) else {
            return Ok(());
        };
        let range = contained(|| self.book.worksheet_range(&name))?;
        if self.looks.as_ref().is_none_or(|(of, _)| *of != sheet) {
            let bytes = self.bytes;
            let looks = std::panic::catch_unwind(|| binary::of_xls(bytes, sheet)).unwrap_or_default();
            self.looks = Some((sheet, looks));
        }
        let looks = self.looks.as_ref().map(|(_, looks)| looks);
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (line, cells) in (first_row + 1..).zip(range.rows()) {
            let mut row = SheetRow::at(line);
            row.is_hidden = looks.is_some_and(|looks| looks.is_hidden(line));
            for (column, value) in (first_column as usize..).zip(cells) {
                row.put(column, cell_of(value, looks.and_then(|looks| looks.digits(line, column))));
            }
            if !row.cells.is_empty() && visitor(&row).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn cell_of(value: &Data, digits: Option<Digits>) -> Cell<'_> {
    match value {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::text(text.as_str(), Font::Plain),
        Data::Int(number) => Cell::number(*number as f64, digits),
        Data::Float(number) => Cell::number(*number, digits),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTime(date) => cell_of_date(date),
        Data::DateTimeIso(text) => cell_of_iso(text),
        Data::DurationIso(text) => Cell::text(text.as_str(), Font::Plain),
        Data::Error(error) => Cell::Error(error_shown(error)),
    }
}

impl From<XlsError> for FileRefusal {
    fn from(error: XlsError) -> Self {
        if matches!(error, XlsError::Password) { Self::Protected } else { Self::Broken }
    }
}
