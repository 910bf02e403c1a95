//! .xlsx and .xlsb, read cell by cell: a sheet is never held as a whole, and the size it declares is not trusted.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Cell as SheetCell, CellErrorType, DataRef, Reader, SheetType, SheetVisible, Xlsb, XlsbError, Xlsx};
use calamine::{ExcelDateTime, XlsxError};
use chrono::{NaiveDate, NaiveDateTime};

use super::binary::{self, SheetLooks};
use super::hidden::hidden_rows;
use crate::sources::spreadsheet::{
    cell::{Cell, Digits, Font, RowVisitor, SheetInfo, SheetRow, Workbook},
    limits,
    refusal::FileRefusal,
};

/// A workbook of Office Open XML, strict or not.
pub struct XlsxBook<'b> {
    book: Xlsx<Cursor<&'b [u8]>>,
    bytes: &'b [u8],
    /// The runs of hidden rows of a sheet, once they were requested.
    hidden: Option<(usize, Vec<(u32, u32)>)>,
}

/// Its binary variant.
pub struct XlsbBook<'b> {
    book: Xlsb<Cursor<&'b [u8]>>,
    bytes: &'b [u8],
    /// How a sheet's cells and rows look, once it was visited.
    looks: Option<(usize, SheetLooks)>,
}

impl<'b> XlsxBook<'b> {
    /// # Errors
    /// The file is protected or broken.
    pub fn open(bytes: &'b [u8]) -> Result<Self, FileRefusal> {
        let book = contained(|| Xlsx::new(Cursor::new(bytes)))?;
        Ok(Self { book, bytes, hidden: None })
    }
}

impl<'b> XlsbBook<'b> {
    /// # Errors
    /// The file is protected or broken.
    pub fn open(bytes: &'b [u8]) -> Result<Self, FileRefusal> {
        let book = contained(|| Xlsb::new(Cursor::new(bytes)))?;
        Ok(Self { book, bytes, looks: None })
    }
}

impl Workbook for XlsxBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        sheets_of(self.book.sheets_metadata())
    }

    fn is_1904(&self) -> bool {
        self.book.has_1904_epoch()
    }

    fn find_hidden_rows(&mut self, sheet: usize) {
        let name = self.book.sheets_metadata().get(sheet).map(|sheet| sheet.name.clone());
        self.hidden = name.map(|name| (sheet, hidden_rows(self.bytes, &name)));
    }

    fn visit(&mut self, sheet: usize, visitor: &mut RowVisitor<'_>) -> Result<(), FileRefusal> {
        let Some(name) = self.book.sheets_metadata().get(sheet).map(|sheet| sheet.name.clone()) else {
            return Ok(());
        };
        let opened = contained(|| match self.book.worksheet_cells_reader(&name) {
            // A sheet that is listed but has no part of its own, or no data in it, is an empty sheet.
            Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_)) => Ok(None),
            opened => opened.map(Some),
        });
        let Some(mut reader) = opened? else { return Ok(()) };
        let looks: Vec<CellStyle> = reader.styles().iter().map(CellStyle::of).collect();
        let look_of = |style: usize| looks.get(style).cloned().unwrap_or_default();
        let with_look = |(cell, style)| (cell, look_of(style));
        let mut next = || reader.next_cell_with_style_id().map(|cell| cell.map(with_look));
        let hidden = self.hidden.as_ref().filter(|(of, _)| *of == sheet).map_or(&[][..], |(_, runs)| runs);
        visit_rows(&mut next, hidden, visitor)
    }
}

impl Workbook for XlsbBook<'_> {
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
        if self.looks.as_ref().is_none_or(|(of, _)| *of != sheet) {
            let bytes = self.bytes;
            let looks = catch_unwind(|| binary::of_xlsb(bytes, &name)).unwrap_or_default();
            self.looks = Some((sheet, looks));
        }
        let mut reader = contained(|| self.book.worksheet_cells_reader(&name))?;
        let looks = self.looks.as_ref().map(|(_, looks)| looks);
        let look_of = |cell: &SheetCell<DataRef<'_>>| {
            let (row, column) = cell.get_position();
            let digits = looks.and_then(|looks| looks.digits(row.saturating_add(1), column as usize));
            CellStyle { digits, ..CellStyle::default() }
        };
        let mut next = || {
            reader.next_cell().map(|cell| {
                cell.map(|cell| {
                    let look = look_of(&cell);
                    (cell, look)
                })
            })
        };
        visit_rows(&mut next, looks.map_or(&[][..], SheetLooks::hidden_rows), visitor)
    }
}

/// The part of a cell's style that matters: the font of a text, the digits of a number.
#[derive(Clone, Default)]
struct CellStyle {
    font: Font,
    digits: Option<Digits>,
}

impl CellStyle {
    fn of(style: &calamine::Style) -> Self {
        let font = style.font.as_ref().and_then(|font| font.name.as_deref()).map(Font::of_name).unwrap_or_default();
        let digits = style.number_format.as_ref().and_then(|format| Digits::of_format(&format.format_code));
        Self { font, digits }
    }
}

/// A cell as the crate has it, with its style.
type FontedCell<'c> = (SheetCell<DataRef<'c>>, CellStyle);

/// Gives the next cell of a sheet; nothing after the last.
type NextCell<'n, 'c, E> = dyn FnMut() -> Result<Option<FontedCell<'c>>, E> + 'n;

fn visit_rows<E>(
    next: &mut NextCell<'_, '_, E>,
    hidden: &[(u32, u32)],
    visitor: &mut RowVisitor<'_>,
) -> Result<(), FileRefusal>
where
    FileRefusal: From<E>,
{
    let mut line = CellLine::default();
    while contained(|| line.gather(next))? {
        let mut row = line.row();
        let run = hidden.get(hidden.partition_point(|(_, last)| *last < row.line));
        row.is_hidden = run.is_some_and(|(first, _)| *first <= row.line);
        if !row.cells.is_empty() && visitor(&row).is_break() {
            break;
        }
    }
    Ok(())
}

/// The cells of a line. Their values stay in the crate's buffers, so that no text is copied for the row.
#[derive(Default)]
struct CellLine<'c> {
    cells: Vec<FontedCell<'c>>,
    /// The first cell of the line after this one.
    beyond: Option<FontedCell<'c>>,
    is_last: bool,
}

impl<'c> CellLine<'c> {
    /// Moves to the next non-empty line; says whether there is one.
    fn gather<E>(&mut self, next: &mut NextCell<'_, 'c, E>) -> Result<bool, E> {
        self.cells.clear();
        self.cells.extend(self.beyond.take());
        while !self.is_last {
            match next()? {
                None => self.is_last = true,
                Some((cell, _)) if matches!(cell.get_value(), DataRef::Empty) => {}
                Some(other) if self.cells.first().is_some_and(|first| line_of(first) != line_of(&other)) => {
                    self.beyond = Some(other);
                    break;
                }
                // One more than the columns that are read is enough to detect too many.
                Some(cell) if self.cells.len() <= limits::COLUMNS => self.cells.push(cell),
                Some(_) => {}
            }
        }
        Ok(!self.cells.is_empty())
    }

    fn row(&self) -> SheetRow<'_> {
        let mut row = SheetRow::at(self.cells.first().map_or(0, line_of));
        row.cells.reserve(self.cells.len());
        for (cell, look) in &self.cells {
            row.put(cell.get_position().1 as usize, cell_of(cell.get_value(), look.clone()));
        }
        row
    }
}

/// As the spreadsheet numbers it, from 1.
fn line_of((cell, _): &FontedCell<'_>) -> u32 {
    cell.get_position().0.saturating_add(1)
}

fn cell_of<'r>(value: &'r DataRef<'_>, CellStyle { font, digits }: CellStyle) -> Cell<'r> {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::SharedString(text) => Cell::text(*text, font),
        DataRef::String(text) => Cell::text(text.as_str(), font),
        DataRef::Int(number) => Cell::number(*number as f64, digits),
        DataRef::Float(number) => Cell::number(*number, digits),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(date) => cell_of_date(date),
        DataRef::DateTimeIso(text) => cell_of_iso(text),
        DataRef::DurationIso(text) => Cell::text(text.as_str(), Font::Plain),
        DataRef::Error(error) => Cell::Error(error_shown(error)),
    }
}

/// The first serial number after the last day of spreadsheets, 1 January 10000; calamine panics far beyond it.
const AFTER_DAYS: f64 = 2_958_466.0;

/// A number in a cell that is formatted as a date. Durations, and dates that no calendar has, stay numbers.
pub(super) fn cell_of_date(date: &ExcelDateTime) -> Cell<'static> {
    let is_date = date.is_datetime() && (0.0..AFTER_DAYS).contains(&date.as_f64());
    let moment = if is_date { date.as_datetime() } else { None };
    moment.map_or_else(|| Cell::Number(date.as_f64()), Cell::Date)
}

/// A date in ISO 8601, as strict files and OpenDocument have it; otherwise the text itself.
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

pub(super) fn sheets_of(sheets: &[calamine::Sheet]) -> Vec<SheetInfo> {
    sheets
        .iter()
        .map(|sheet| SheetInfo {
            name: sheet.name.clone(),
            visible: sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet,
        })
        .collect()
}

/// Calls the crate. On some broken files it panics; its state is dropped with the file.
///
/// # Errors
/// The file is protected or broken.
pub(super) fn contained<T, E>(ask: impl FnOnce() -> Result<T, E>) -> Result<T, FileRefusal>
where
    FileRefusal: From<E>,
{
    catch_unwind(AssertUnwindSafe(ask)).map_or(Err(FileRefusal::Broken), |answer| answer.map_err(FileRefusal::from))
}

impl From<XlsxError> for FileRefusal {
    fn from(error: XlsxError) -> Self {
        if matches!(error, XlsxError::Password) { Self::Protected } else { Self::Broken }
    }
}

impl From<XlsbError> for FileRefusal {
    fn from(error: XlsbError) -> Self {
        if matches!(error, XlsbError::Password) { Self::Protected } else { Self::Broken }
    }
}
