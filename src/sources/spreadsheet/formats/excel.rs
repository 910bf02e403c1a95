//! .xlsx and .xlsb, read cell by cell: a sheet is never held as a whole, and what it says of its own size is not
//! believed.

use std::io::Cursor;
use std::ops::ControlFlow;

use calamine::{Cell as SheetCell, CellErrorType, DataRef, Reader, SheetType, SheetVisible, Xlsb, XlsbError, Xlsx};
use calamine::{ExcelDateTime, XlsxError};
use chrono::{NaiveDate, NaiveDateTime};

use crate::sources::spreadsheet::cell::{Cell, Font, SheetInfo, SheetRow, Visitor, Workbook};
use crate::sources::spreadsheet::refusal::Refusal;

/// A workbook of Office Open XML, strict or not.
pub struct XlsxBook<'b>(Xlsx<Cursor<&'b [u8]>>);

/// Its binary sibling.
pub struct XlsbBook<'b>(Xlsb<Cursor<&'b [u8]>>);

impl<'b> XlsxBook<'b> {
    /// # Errors
    /// The file is protected or broken.
    pub fn open(bytes: &'b [u8]) -> Result<Self, Refusal> {
        Xlsx::new(Cursor::new(bytes)).map(Self).map_err(|error| refusal_of_xlsx(&error))
    }
}

impl<'b> XlsbBook<'b> {
    /// # Errors
    /// The file is protected or broken.
    pub fn open(bytes: &'b [u8]) -> Result<Self, Refusal> {
        Xlsb::new(Cursor::new(bytes)).map(Self).map_err(|error| refusal_of_xlsb(&error))
    }
}

impl Workbook for XlsxBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        sheets_of(self.0.sheets_metadata())
    }

    fn is_1904(&self) -> bool {
        self.0.has_1904_epoch()
    }

    fn visit(&mut self, sheet: usize, visitor: &mut Visitor<'_>) -> Result<(), Refusal> {
        let Some(name) = self.0.sheets_metadata().get(sheet).map(|sheet| sheet.name.clone()) else {
            return Ok(());
        };
        let mut reader = match self.0.worksheet_cells_reader(&name) {
            Ok(reader) => reader,
            // A sheet that is listed but has no part of its own, or no data in it, is an empty sheet.
            Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_)) => return Ok(()),
            Err(error) => return Err(refusal_of_xlsx(&error)),
        };
        let fonts: Vec<Font> = reader.styles().iter().map(font_of_style).collect();
        let mut rows = Rows::new(visitor);
        while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|error| refusal_of_xlsx(&error))? {
            let font = fonts.get(style).copied().unwrap_or_default();
            if rows.take(&cell, font).is_break() {
                return Ok(());
            }
        }
        rows.finish();
        Ok(())
    }
}

impl Workbook for XlsbBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        sheets_of(self.0.sheets_metadata())
    }

    fn is_1904(&self) -> bool {
        self.0.has_1904_epoch()
    }

    fn visit(&mut self, sheet: usize, visitor: &mut Visitor<'_>) -> Result<(), Refusal> {
        let Some(name) = self.0.sheets_metadata().get(sheet).map(|sheet| sheet.name.clone()) else {
            return Ok(());
        };
        let mut reader = self.0.worksheet_cells_reader(&name).map_err(|error| refusal_of_xlsb(&error))?;
        let mut rows = Rows::new(visitor);
        while let Some(cell) = reader.next_cell().map_err(|error| refusal_of_xlsb(&error))? {
            if rows.take(&cell, Font::Plain).is_break() {
                return Ok(());
            }
        }
        rows.finish();
        Ok(())
    }
}

/// Gathers cells into rows.
struct Rows<'r, 'v, 'c> {
    row: SheetRow<'c>,
    visitor: &'r mut Visitor<'v>,
}

impl<'r, 'v, 'c> Rows<'r, 'v, 'c> {
    fn new(visitor: &'r mut Visitor<'v>) -> Self {
        Self { row: SheetRow::default(), visitor }
    }

    fn take(&mut self, cell: &SheetCell<DataRef<'c>>, font: Font) -> ControlFlow<()> {
        let (row, column) = cell.get_position();
        let line = row.saturating_add(1);
        let value = cell_of(cell.get_value(), font);
        if value.is_empty() {
            return ControlFlow::Continue(());
        }
        if line != self.row.line {
            self.hand_over()?;
            self.row.restart(line);
        }
        self.row.put(usize::try_from(column).unwrap_or(usize::MAX), value);
        ControlFlow::Continue(())
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        if self.row.cells.is_empty() { ControlFlow::Continue(()) } else { (self.visitor)(&self.row) }
    }

    fn finish(&mut self) {
        let _ = self.hand_over();
    }
}

fn cell_of<'c>(value: &DataRef<'c>, font: Font) -> Cell<'c> {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::SharedString(text) => Cell::text(*text, font),
        DataRef::String(text) => Cell::text(text.clone(), font),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(date) => cell_of_date(date),
        DataRef::DateTimeIso(text) => cell_of_iso(text),
        DataRef::DurationIso(text) => Cell::text(text.clone(), Font::Plain),
        DataRef::Error(error) => Cell::Error(error_shown(error)),
    }
}

/// A number in a cell that is formatted as a date. Durations, and dates that no calendar has, stay numbers.
pub(super) fn cell_of_date(date: &ExcelDateTime) -> Cell<'static> {
    match date.as_datetime() {
        Some(moment) if date.is_datetime() && date.as_f64() >= 0.0 => Cell::Date(moment),
        _ => Cell::Number(date.as_f64()),
    }
}

/// A date that is written in ISO 8601, as strict files and OpenDocument have it; otherwise the text that it is.
pub(super) fn cell_of_iso(text: &str) -> Cell<'static> {
    let plain = text.trim_end_matches('Z');
    let moment = plain
        .parse::<NaiveDateTime>()
        .ok()
        .or_else(|| plain.parse::<NaiveDate>().ok().and_then(|day| day.and_hms_opt(0, 0, 0)));
    match moment {
        Some(moment) => Cell::Date(moment),
        None => Cell::text(text.to_owned(), Font::Plain),
    }
}

pub(super) fn error_shown(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
        #[allow(unreachable_patterns)]
        _ => "#ERROR",
    }
}

fn font_of_style(style: &calamine::Style) -> Font {
    style.font.as_ref().and_then(|font| font.name.as_deref()).map(Font::of_name).unwrap_or_default()
}

pub(super) fn sheets_of(sheets: &[calamine::Sheet]) -> Vec<SheetInfo> {
    sheets
        .iter()
        .map(|sheet| SheetInfo {
            name: sheet.name.clone(),
            visible: sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet,
        })
        .collect()
}

fn refusal_of_xlsx(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::Protected,
        _ => Refusal::Broken,
    }
}

fn refusal_of_xlsb(error: &XlsbError) -> Refusal {
    match error {
        XlsbError::Password => Refusal::Protected,
        _ => Refusal::Broken,
    }
}
