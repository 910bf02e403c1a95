//! Excel 2003's XML, which older school systems still export under the name of .xls.

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{excel::cell_of_iso, xml};
use crate::sources::spreadsheet::{
    cell::{Cell, Digits, Font, RowVisitor, SheetInfo, SheetRow, Workbook},
    limits,
    refusal::FileRefusal,
};

pub struct SheetMlBook<'b> {
    text: Cow<'b, str>,
    sheets: Vec<SheetInfo>,
    looks: CellStyles,
}

/// What matters of the styles, by their ids: the font of a text, the digits of a number.
type CellStyles = HashMap<String, (Font, Option<Digits>)>;

impl<'b> SheetMlBook<'b> {
    /// # Errors
    /// The file is broken.
    pub fn new(text: Cow<'b, str>) -> Result<Self, FileRefusal> {
        let mut sheets: Vec<SheetInfo> = Vec::new();
        let mut looks = CellStyles::new();
        let mut style = String::new();
        let mut reader = xml::reader(text.as_bytes());
        let mut buffer = Vec::new();
        let mut in_visible = false;
        loop {
            match xml::next(&mut reader, &mut buffer)? {
                Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                    "Worksheet" => {
                        let name = xml::attribute(&element, "Name").unwrap_or_default();
                        sheets.push(SheetInfo { name, visible: true });
                    }
                    "Style" => style = xml::attribute(&element, "ID").unwrap_or_default(),
                    "Font" => {
                        let name = xml::attribute(&element, "FontName").unwrap_or_default();
                        looks.entry(style.clone()).or_default().0 = Font::of_name(&name);
                    }
                    "NumberFormat" => {
                        let format = xml::attribute(&element, "Format").unwrap_or_default();
                        looks.entry(style.clone()).or_default().1 = Digits::of_format(&format);
                    }
                    "Visible" => in_visible = true,
                    _ => {}
                },
                Event::Text(text) if in_visible => {
                    if let Some(sheet) = sheets.last_mut() {
                        sheet.visible = !text.xml10_content().contains("Hidden");
                    }
                    in_visible = false;
                }
                Event::Eof => break,
                _ => {}
            }
        }
        Ok(Self { text, sheets, looks })
    }
}

impl Workbook for SheetMlBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        self.sheets.clone()
    }

    fn visit(&mut self, sheet: usize, visitor: &mut RowVisitor<'_>) -> Result<(), FileRefusal> {
        let mut reader = xml::reader(self.text.as_bytes());
        let mut buffer = Vec::new();
        let mut seen = 0;
        let mut line = 0u32;
        loop {
            match xml::next(&mut reader, &mut buffer)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "Worksheet" => seen += 1,
                    "Row" if seen == sheet + 1 => {
                        line = placed(&element)
                            .map_or(line.saturating_add(1), |index| u32::try_from(index).unwrap_or(u32::MAX));
                        let mut row = SheetRow::at(line);
                        row.is_hidden = xml::attribute(&element, "Hidden").is_some_and(|hidden| hidden == "1");
                        read_row(&mut reader, &mut row, &self.looks, &mut buffer)?;
                        if !row.cells.is_empty() && visitor(&row).is_break() {
                            return Ok(());
                        }
                    }
                    _ => {}
                },
                Event::Empty(element) if element.local_name().as_ref() == "Row" => {
                    line = placed(&element)
                        .map_or(line.saturating_add(1), |index| u32::try_from(index).unwrap_or(u32::MAX));
                }
                Event::End(element) if element.local_name().as_ref() == "Worksheet" && seen == sheet + 1 => {
                    return Ok(());
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

/// The index that a row or a cell declares, from 1.
fn placed(element: &BytesStart<'_>) -> Option<usize> {
    xml::attribute(element, "Index")?.trim().parse().ok().filter(|index| *index > 0)
}

fn read_row(
    reader: &mut Reader<&[u8]>,
    row: &mut SheetRow<'static>,
    looks: &CellStyles,
    buffer: &mut Vec<u8>,
) -> Result<(), FileRefusal> {
    let mut column = 0usize;
    loop {
        match xml::next(reader, buffer)? {
            Event::Start(element) if element.local_name().as_ref() == "Cell" => {
                column = placed(&element).map_or(column, |index| index - 1);
                let across = xml::attribute(&element, "MergeAcross").and_then(|count| count.parse::<usize>().ok());
                let style = xml::attribute(&element, "StyleID").unwrap_or_default();
                let look = looks.get(&style).cloned().unwrap_or_default();
                row.put(column, read_cell(reader, look, buffer)?);
                column = column.saturating_add(1).saturating_add(across.unwrap_or(0));
            }
            Event::Empty(element) if element.local_name().as_ref() == "Cell" => {
                column = placed(&element).map_or(column, |index| index - 1);
                let across = xml::attribute(&element, "MergeAcross").and_then(|count| count.parse::<usize>().ok());
                column = column.saturating_add(1).saturating_add(across.unwrap_or(0));
            }
            Event::End(element) if element.local_name().as_ref() == "Row" => return Ok(()),
            Event::Eof => return Err(FileRefusal::Broken),
            _ => {}
        }
    }
}

fn read_cell(
    reader: &mut Reader<&[u8]>,
    look: (Font, Option<Digits>),
    buffer: &mut Vec<u8>,
) -> Result<Cell<'static>, FileRefusal> {
    let (mut kind, mut text, mut in_data) = (String::new(), String::new(), false);
    loop {
        match xml::next(reader, buffer)? {
            Event::Start(element) if element.local_name().as_ref() == "Data" => {
                kind = xml::attribute(&element, "Type").unwrap_or_default();
                in_data = true;
            }
            Event::Text(more) if in_data => xml::push_bounded(&mut text, &more.xml10_content()),
            Event::CData(more) if in_data => xml::push_bounded(&mut text, &more.xml10_content()),
            Event::GeneralRef(reference) if in_data && text.len() <= limits::CELL_CHARS * 4 => {
                xml::push_reference(&mut text, &reference);
            }
            Event::End(element) => match element.local_name().as_ref() {
                "Data" => in_data = false,
                "Cell" => return Ok(cell_of(&kind, text, look)),
                _ => {}
            },
            Event::Eof => return Err(FileRefusal::Broken),
            _ => {}
        }
    }
}

fn cell_of(kind: &str, text: String, (font, digits): (Font, Option<Digits>)) -> Cell<'static> {
    match kind {
        "Number" => match text.trim().parse() {
            Ok(number) => Cell::number(number, digits),
            Err(_) => Cell::text(text, font),
        },
        "DateTime" => cell_of_iso(text.trim()),
        "Boolean" => Cell::Bool(text.trim() == "1"),
        "Error" => Cell::Error("#N/A"),
        _ => Cell::text(text, font),
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;

    const BOOK: &str = r#"<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles>
        <Style ss:ID="id"><NumberFormat ss:Format="0000000000"/></Style></Styles><Worksheet ss:Name="A"><Table>
        <Row><Cell ss:StyleID="id"><Data ss:Type="Number">123456789</Data></Cell></Row>
        <Row ss:Hidden="1"><Cell><Data ss:Type="Number">123456789</Data></Cell></Row></Table></Worksheet></Workbook>"#;

    #[test]
    fn numbers_are_shown_by_their_format_and_hidden_rows_are_known() {
        let mut seen = Vec::new();
        let mut book = SheetMlBook::new(BOOK.into()).unwrap();
        book.visit(0, &mut |row| {
            seen.push((row.cell(0).shown().into_owned(), row.is_hidden));
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(seen, [("0123456789".to_owned(), false), ("123456789".to_owned(), true)]);
    }
}
