//! The rows that could not be taken, as the sheet had them, with what is wrong: to be mended and imported again.

use std::io::Write;

use rust_xlsxwriter::{Color, Format, Workbook};

use super::{Texts, WriteError, export::write_text, template::header_format};
use crate::{
    roster::fields::{Field, RosterKind},
    sources::spreadsheet::{HeaderColumnInfo, PersonRow},
};

/// A sheet of failed rows being written.
pub struct FailedRows {
    workbook: Workbook,
    /// The columns that are returned: all but the messages of an earlier import.
    kept: Vec<bool>,
    /// Whether the class was outside of the rows, so that a column has to be added for it.
    adds_class: bool,
    as_text: Format,
    message: Format,
    next_row: u32,
}

impl FailedRows {
    /// # Errors
    /// There is no space for the temporary file.
    pub fn new(kind: RosterKind, columns: &[HeaderColumnInfo], texts: Texts<'_>) -> Result<Self, WriteError> {
        let has_classes = matches!(kind, RosterKind::Students | RosterKind::HigherStudents);
        let adds_class = has_classes && columns.iter().all(|column| column.field != Some(Field::Class));
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(texts("failed-sheet"))?;
        sheet.set_freeze_panes(1, 0)?;
        let message = texts("failed-column");
        let kept: Vec<bool> = columns.iter().map(|column| column.header != message).collect();
        let headers = columns.iter().map(|column| column.header.clone()).filter(|header| *header != message);
        let headers = headers.chain(adds_class.then(|| texts("field-class"))).chain([message.clone()]);
        for (column, header) in (0u16..).zip(headers) {
            sheet.set_column_width(column, 20)?;
            sheet.write_string_with_format(0, column, header, &header_format())?;
        }
        Ok(Self {
            workbook,
            kept,
            adds_class,
            as_text: Format::new().set_num_format("@"),
            message: Format::new().set_font_color(Color::RGB(0xB0_20_20)),
            next_row: 1,
        })
    }

    /// # Errors
    /// The sheet or the disk is full.
    pub fn push(&mut self, row: &PersonRow, message: &str) -> Result<(), WriteError> {
        let class = row.values.get(&Field::Class).map(String::as_str).unwrap_or_default();
        let kept = row.cells.iter().zip(&self.kept).filter(|(_, kept)| **kept);
        let cells = kept.map(|(cell, _)| cell.as_str()).chain(self.adds_class.then_some(class));
        let sheet = self.workbook.worksheet_from_index(0)?;
        let mut column = 0u16;
        for cell in cells {
            write_text(sheet, self.next_row, column, cell, &self.as_text)?;
            column = column.saturating_add(1);
        }
        write_text(sheet, self.next_row, column, message, &self.message)?;
        self.next_row += 1;
        Ok(())
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self, out: impl Write + Send) -> Result<(), WriteError> {
        self.workbook.save_to_writer(out)?;
        Ok(())
    }
}
