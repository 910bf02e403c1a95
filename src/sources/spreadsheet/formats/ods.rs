//! .ods, read row by row. The spreadsheet crate holds such a file as a whole, up to its outermost cell; a border at row
//! 1,048,576 would take all memory.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read};
use std::ops::ControlFlow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::{excel::cell_of_iso, xml};
use crate::sources::spreadsheet::{
    cell::{Cell, Font, RowVisitor, SheetInfo, SheetRow, Workbook},
    limits,
    refusal::FileRefusal,
};

type OdsContent<'a> = Reader<BufReader<Box<dyn Read + 'a>>>;

pub struct OdsBook<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    sheets: Vec<SheetInfo>,
    fonts: HashMap<String, Font>,
}

impl<'b> OdsBook<'b> {
    /// # Errors
    /// The file is broken.
    pub fn open(bytes: &'b [u8]) -> Result<Self, FileRefusal> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileRefusal::Broken)?;
        let mut book = Self { archive, sheets: Vec::new(), fonts: HashMap::new() };
        book.survey()?;
        Ok(book)
    }

    fn content(&mut self) -> Result<OdsContent<'_>, FileRefusal> {
        let part = self.archive.by_name("content.xml").map_err(|_| FileRefusal::Broken)?;
        let source: Box<dyn Read + '_> = Box::new(part);
        Ok(xml::reader(BufReader::with_capacity(64 * 1024, source)))
    }

    /// Reads the names of the sheets, which of them are shown, and the fonts of the styles.
    fn survey(&mut self) -> Result<(), FileRefusal> {
        let mut sheets = Vec::new();
        let mut styles = Styles::default();
        {
            let mut content = self.content()?;
            let mut buffer = Vec::new();
            loop {
                match xml::next(&mut content, &mut buffer)? {
                    Event::Start(element) if element.local_name().as_ref() == "table" => {
                        sheets.push((
                            xml::attribute(&element, "name").unwrap_or_default(),
                            xml::attribute(&element, "style-name").unwrap_or_default(),
                        ));
                    }
                    Event::Start(element) | Event::Empty(element) => styles.learn(&element),
                    Event::Eof => break,
                    _ => {}
                }
            }
        }
        self.sheets = sheets
            .into_iter()
            .map(|(name, style)| SheetInfo { name, visible: !styles.hidden_tables.contains(&style) })
            .collect();
        self.fonts = styles.fonts;
        Ok(())
    }
}

/// The part of the automatic styles that matters here.
#[derive(Default)]
struct Styles {
    current: String,
    hidden_tables: Vec<String>,
    fonts: HashMap<String, Font>,
}

impl Styles {
    fn learn(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "style" => self.current = xml::attribute(element, "name").unwrap_or_default(),
            "table-properties" if xml::attribute(element, "display").as_deref() == Some("false") => {
                self.hidden_tables.push(self.current.clone());
            }
            "text-properties" => {
                let name = xml::attribute(element, "font-name").or_else(|| xml::attribute(element, "font-family"));
                let font = name.map(|name| Font::of_name(name.trim_matches('\''))).unwrap_or_default();
                if font != Font::Plain {
                    self.fonts.insert(self.current.clone(), font);
                }
            }
            _ => {}
        }
    }
}

impl Workbook for OdsBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        self.sheets.clone()
    }

    fn visit(&mut self, sheet: usize, visitor: &mut RowVisitor<'_>) -> Result<(), FileRefusal> {
        let fonts = std::mem::take(&mut self.fonts);
        let result = self.content().and_then(|mut content| {
            let mut buffer = Vec::new();
            if skip_to_table(&mut content, sheet, &mut buffer)? {
                OdsTable { content: &mut content, fonts: &fonts, line: 1, columns: Vec::new(), rows: 0, cells: 0 }
                    .visit(visitor, &mut buffer)?;
            }
            Ok(())
        });
        self.fonts = fonts;
        result
    }
}

fn skip_to_table(content: &mut OdsContent<'_>, table: usize, buffer: &mut Vec<u8>) -> Result<bool, FileRefusal> {
    let mut seen = 0;
    loop {
        match xml::next(content, buffer)? {
            Event::Start(element) if element.local_name().as_ref() == "table" => {
                if seen == table {
                    return Ok(true);
                }
                seen += 1;
            }
            Event::Eof => return Ok(false),
            _ => {}
        }
    }
}

/// The parser's state within a sheet.
struct OdsTable<'t, 'c> {
    content: &'t mut OdsContent<'c>,
    fonts: &'t HashMap<String, Font>,
    line: u32,
    /// The font of each column, for cells that name no style.
    columns: Vec<Font>,
    /// How many filled rows and cells there are so far, repeats included.
    rows: usize,
    cells: usize,
}

impl OdsTable<'_, '_> {
    fn visit(mut self, visitor: &mut RowVisitor<'_>, buffer: &mut Vec<u8>) -> Result<(), FileRefusal> {
        loop {
            match xml::next(self.content, buffer)? {
                Event::Start(element) if element.local_name().as_ref() == "table-row" => {
                    let repeated = xml::count(&element, "number-rows-repeated");
                    let mut row = SheetRow::at(self.line);
                    row.is_hidden = xml::attribute(&element, "visibility").is_some_and(|shown| shown != "visible");
                    self.read_row(&mut row, buffer)?;
                    if self.show(row, repeated, visitor)?.is_break() {
                        return Ok(());
                    }
                }
                Event::Empty(element) if element.local_name().as_ref() == "table-row" => {
                    self.skip_lines(xml::count(&element, "number-rows-repeated"));
                }
                Event::Empty(element) | Event::Start(element) if element.local_name().as_ref() == "table-column" => {
                    let font = self.font_of(&element, "default-cell-style-name", 0);
                    let repeated = xml::count(&element, "number-columns-repeated");
                    let room = limits::COLUMNS.saturating_sub(self.columns.len());
                    self.columns.extend(std::iter::repeat_n(font, repeated.min(room)));
                }
                Event::End(element) if element.local_name().as_ref() == "table" => return Ok(()),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn skip_lines(&mut self, lines: usize) {
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }

    /// Visits a row as often as it is repeated, unless it is empty.
    fn show(
        &mut self,
        mut row: SheetRow<'_>,
        repeated: usize,
        visitor: &mut RowVisitor<'_>,
    ) -> Result<ControlFlow<()>, FileRefusal> {
        if row.cells.is_empty() {
            self.skip_lines(repeated);
            return Ok(ControlFlow::Continue(()));
        }
        // A few characters can declare a billion repeats: they are counted before the first of them is visited.
        self.rows = self.rows.saturating_add(repeated);
        self.cells = self.cells.saturating_add(repeated.saturating_mul(row.cells.len()));
        if self.rows > limits::FILLED_ROWS || self.cells > limits::REPEATED_CELLS {
            return Err(FileRefusal::TooManyRows);
        }
        for _ in 0..repeated {
            row.line = self.line;
            if visitor(&row).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.skip_lines(1);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn read_row(&mut self, row: &mut SheetRow<'static>, buffer: &mut Vec<u8>) -> Result<(), FileRefusal> {
        let mut column = 0usize;
        loop {
            match xml::next(self.content, buffer)? {
                Event::Start(element) if is_cell(&element) => {
                    let repeated = xml::count(&element, "number-columns-repeated");
                    let typed = CellValue::of(&element);
                    let font = self.font_of(&element, "style-name", column);
                    let text = self.read_text(buffer)?;
                    let cell = typed.cell(text, font);
                    if !cell.is_empty() {
                        for at in column..column.saturating_add(repeated).min(limits::COLUMNS) {
                            row.put(at, cell.clone());
                        }
                    }
                    column = column.saturating_add(repeated);
                }
                Event::Empty(element) if is_cell(&element) => {
                    let repeated = xml::count(&element, "number-columns-repeated");
                    row.put(column, CellValue::of(&element).cell(String::new(), Font::Plain));
                    column = column.saturating_add(repeated);
                }
                Event::End(element) if element.local_name().as_ref() == "table-row" => return Ok(()),
                Event::Eof => return Err(FileRefusal::Broken),
                _ => {}
            }
        }
    }

    fn font_of(&self, element: &BytesStart<'_>, attribute: &str, column: usize) -> Font {
        match xml::attribute(element, attribute) {
            Some(style) => self.fonts.get(&style).copied().unwrap_or_default(),
            None => self.columns.get(column).copied().unwrap_or_default(),
        }
    }

    /// The paragraphs of a cell, without its annotations.
    fn read_text(&mut self, buffer: &mut Vec<u8>) -> Result<String, FileRefusal> {
        let mut text = String::new();
        let (mut paragraphs, mut in_paragraph, mut annotations) = (0usize, 0usize, 0usize);
        loop {
            match xml::next(self.content, buffer)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "annotation" => annotations += 1,
                    "p" if annotations == 0 => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs += 1;
                        in_paragraph += 1;
                    }
                    _ => {}
                },
                Event::Empty(element) if annotations == 0 && in_paragraph > 0 => match element.local_name().as_ref() {
                    "s" => xml::push_bounded(&mut text, &" ".repeat(xml::count(&element, "c").min(100))),
                    "tab" => text.push('\t'),
                    "line-break" => text.push('\n'),
                    _ => {}
                },
                Event::Text(more) if annotations == 0 && in_paragraph > 0 => {
                    xml::push_bounded(&mut text, &more.xml10_content());
                }
                Event::CData(more) if annotations == 0 && in_paragraph > 0 => {
                    xml::push_bounded(&mut text, &more.xml10_content());
                }
                Event::GeneralRef(reference) if annotations == 0 && in_paragraph > 0 => {
                    xml::push_reference(&mut text, &reference);
                }
                Event::End(element) => match element.local_name().as_ref() {
                    "annotation" => annotations = annotations.saturating_sub(1),
                    "p" if annotations == 0 => in_paragraph = in_paragraph.saturating_sub(1),
                    "table-cell" | "covered-table-cell" => return Ok(text),
                    _ => {}
                },
                Event::Eof => return Err(FileRefusal::Broken),
                _ => {}
            }
        }
    }
}

fn is_cell(element: &BytesStart<'_>) -> bool {
    matches!(element.local_name().as_ref(), "table-cell" | "covered-table-cell")
}

/// The attributes of a cell's value, beside the text that shows it.
struct CellValue {
    kind: String,
    value: Option<String>,
}

impl CellValue {
    fn of(element: &BytesStart<'_>) -> Self {
        let kind = office_attribute(element, "value-type").unwrap_or_default();
        let value = match kind.as_str() {
            "float" | "currency" | "percentage" => office_attribute(element, "value"),
            "date" => office_attribute(element, "date-value"),
            "boolean" => office_attribute(element, "boolean-value"),
            "string" => office_attribute(element, "string-value"),
            _ => None,
        };
        Self { kind, value }
    }

    fn cell(self, text: String, font: Font) -> Cell<'static> {
        // Errors appear as text whose value is 0.
        if self.kind != "string" && text.starts_with('#') && text.ends_with(['!', '?', 'A']) {
            return Cell::Error("#N/A");
        }
        match (self.kind.as_str(), self.value) {
            ("float" | "currency" | "percentage", Some(value)) => match value.trim().parse::<f64>() {
                Ok(number) => shown_otherwise(number, &text).unwrap_or(Cell::Number(number)),
                Err(_) => Cell::text(text, font),
            },
            ("date", Some(value)) => cell_of_iso(&value),
            ("boolean", Some(value)) => Cell::Bool(value == "true"),
            ("string", Some(value)) if text.is_empty() => Cell::text(value, font),
            _ => Cell::text(text, font),
        }
    }
}

/// A number whose cell shows more zeros than it has: 0123456789, 10.10.
fn shown_otherwise(number: f64, text: &str) -> Option<Cell<'static>> {
    let is_number = text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let shown = text.replace(',', ".");
    let has_zeros = shown.starts_with('0') && !shown.starts_with("0.") || shown.contains('.') && shown.ends_with('0');
    let is_same = is_number && has_zeros && shown.parse::<f64>().is_ok_and(|parsed| (parsed - number).abs() < 1e-9);
    is_same.then(|| Cell::Formatted(number, shown.into()))
}

/// LibreOffice gives the type twice, once in a namespace of its own that comes second.
fn office_attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| {
            attribute.key.local_name().as_ref() == name && attribute.key.prefix().is_none_or(|p| p.as_ref() == "office")
        })
        .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned()))
}
