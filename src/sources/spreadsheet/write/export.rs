//! The list of people, as a workbook or as text: row by row, so that memory does not grow with the school.

use std::io::Write;

use rust_xlsxwriter::{Format, IgnoreError, Workbook, Worksheet};

use super::{OutColumn, Texts, WriteError, export_columns, template::header_format, width};
use crate::{
    roster::fields::{RosterKind, Values},
    web::csv_cell::guarded,
};

/// An export to .xlsx. Its rows are buffered in a temporary file.
pub struct XlsxExport<'t> {
    workbook: Workbook,
    columns: Vec<OutColumn>,
    texts: Texts<'t>,
    as_text: Format,
    next_row: u32,
}

impl<'t> XlsxExport<'t> {
    /// # Errors
    /// There is no space for the temporary file.
    pub fn new(kind: RosterKind, texts: Texts<'t>) -> Result<Self, WriteError> {
        let mut workbook = Workbook::new();
        let as_text = Format::new().set_num_format("@");
        let columns = export_columns(kind);
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(texts("template-sheet-list"))?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, out) in (0u16..).zip(&columns) {
            sheet.set_column_width(column, width(*out))?;
            sheet.set_column_format(column, &as_text)?;
            sheet.write_string_with_format(0, column, out.header(kind, texts), &header_format())?;
        }
        Ok(Self { workbook, columns, texts, as_text, next_row: 1 })
    }

    /// # Errors
    /// The sheet or the disk is full.
    pub fn push(&mut self, values: &Values) -> Result<(), WriteError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (column, out) in (0u16..).zip(&self.columns) {
            let shown = out.shown(values, self.texts);
            write_text(sheet, self.next_row, column, &shown, &self.as_text)?;
        }
        self.next_row += 1;
        Ok(())
    }

    /// Has sheets added behind the list.
    ///
    /// # Errors
    /// They cannot be added.
    pub fn add_sheets(&mut self, add: impl FnOnce(&mut Workbook) -> Result<(), WriteError>) -> Result<(), WriteError> {
        add(&mut self.workbook)
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self, out: impl Write + Send) -> Result<(), WriteError> {
        let last = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or_default();
        let last_row = self.next_row.saturating_sub(1);
        self.workbook.worksheet_from_index(0)?.ignore_error_range(
            0,
            0,
            last_row,
            last,
            IgnoreError::NumberStoredAsText,
        )?;
        self.workbook.save_to_writer(out)?;
        Ok(())
    }
}

/// Text stays text, whatever it begins with; empty cells are left out.
pub(super) fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    shown: &str,
    format: &Format,
) -> Result<(), WriteError> {
    if !shown.is_empty() {
        sheet.write_string_with_format(row, column, shown, format)?;
    }
    Ok(())
}

/// An export to .csv: UTF-8 with a byte order mark for Excel, and an apostrophe before values that spreadsheets would
/// take for a formula.
pub struct CsvExport<'t, W: Write> {
    writer: csv::Writer<W>,
    columns: Vec<OutColumn>,
    texts: Texts<'t>,
}

impl<'t, W: Write> CsvExport<'t, W> {
    /// # Errors
    /// The file cannot be written.
    pub fn new(kind: RosterKind, texts: Texts<'t>, mut out: W) -> Result<Self, WriteError> {
        out.write_all("\u{feff}".as_bytes())?;
        let columns = export_columns(kind);
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        writer.write_record(columns.iter().map(|column| column.header(kind, texts)))?;
        Ok(Self { writer, columns, texts })
    }

    /// # Errors
    /// The disk is full.
    pub fn push(&mut self, values: &Values) -> Result<(), WriteError> {
        for column in &self.columns {
            self.writer.write_field(guarded(&column.shown(values, self.texts)).as_bytes())?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// # Errors
    /// The disk is full.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.writer.flush()?;
        Ok(())
    }
}
