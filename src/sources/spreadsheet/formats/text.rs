//! Values delimited by commas, semicolons, tabs or bars.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord};

use crate::{
    sources::spreadsheet::{
        cell::{Cell, Font, RowVisitor, SheetInfo, SheetRow, Workbook},
        refusal::FileRefusal,
    },
    web::csv_cell::unguarded,
};

const DELIMITERS: [u8; 4] = *b",;\t|";

/// Records that are read to detect the delimiter.
const GUESS_RECORDS: usize = 60;

pub struct TextBook<'b> {
    text: Cow<'b, str>,
    delimiter: u8,
    /// Lines before the first record.
    skipped: u32,
}

impl<'b> TextBook<'b> {
    pub fn new(text: Cow<'b, str>) -> Self {
        let text = with_plain_breaks(text);
        // Excel itself writes and reads a first line that names the delimiter.
        let said = text.lines().next().and_then(|line| line.trim().strip_prefix("sep=")).map(str::as_bytes);
        match said {
            Some([delimiter]) => {
                let delimiter = *delimiter;
                let rest = text.find('\n').map_or(text.len(), |end| end + 1);
                let text = match text {
                    Cow::Borrowed(text) => Cow::Borrowed(text.get(rest..).unwrap_or_default()),
                    Cow::Owned(text) => Cow::Owned(text.get(rest..).unwrap_or_default().to_owned()),
                };
                Self { text, delimiter, skipped: 1 }
            }
            _ => {
                let delimiter = guess_delimiter(&text);
                Self { text, delimiter, skipped: 0 }
            }
        }
    }
}

/// The delimiter that splits most lines into most values; the usual one if none does.
fn guess_delimiter(text: &str) -> u8 {
    let median = |delimiter: u8| {
        let mut widths: Vec<usize> =
            records(text, delimiter).take(GUESS_RECORDS).map(|(_, record)| record.len()).collect();
        widths.sort_unstable();
        let middle = widths.get(widths.len() / 2).copied().unwrap_or_default();
        (middle, widths.iter().sum::<usize>())
    };
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| median(*delimiter)).unwrap_or(b',')
}

/// The records with the lines that they begin in, as a spreadsheet would number them: a line break within a value
/// begins no line there. Lines must end in `\n` alone.
fn records(text: &str, delimiter: u8) -> impl Iterator<Item = (u32, StringRecord)> + '_ {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut breaks_before = 0u64;
    std::iter::from_fn(move || {
        let start = reader.position().clone();
        let mut record = StringRecord::new();
        if !reader.read_record(&mut record).ok()? {
            return None;
        }
        // The reader silently skips empty lines before a record.
        let rest = usize::try_from(start.byte()).ok().and_then(|start| text.as_bytes().get(start..));
        let empty = rest.unwrap_or_default().iter().take_while(|byte| **byte == b'\n').count() as u64;
        let line = (start.line() + empty).saturating_sub(breaks_before);
        breaks_before += record.iter().map(|value| value.matches('\n').count() as u64).sum::<u64>();
        Some((u32::try_from(line).unwrap_or(u32::MAX), record))
    })
}

/// The text with one kind of line break.
fn with_plain_breaks(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

impl Workbook for TextBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        vec![SheetInfo { name: String::new(), visible: true }]
    }

    fn visit(&mut self, _sheet: usize, visitor: &mut RowVisitor<'_>) -> Result<(), FileRefusal> {
        for (line, record) in records(&self.text, self.delimiter) {
            let mut row = SheetRow::at(line.saturating_add(self.skipped));
            for (column, value) in record.iter().enumerate() {
                row.put(column, Cell::text(unguarded(value), Font::Plain));
            }
            if !row.cells.is_empty() && visitor(&row).is_break() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    fn rows(text: &str) -> Vec<(u32, Vec<String>)> {
        let mut rows = Vec::new();
        TextBook::new(Cow::Borrowed(text))
            .visit(0, &mut |row| {
                rows.push((row.line, row.cells.iter().map(|cell| cell.shown().into_owned()).collect()));
                ControlFlow::Continue(())
            })
            .unwrap();
        rows
    }

    #[test]
    fn the_delimiter_is_told() {
        assert_eq!(
            rows("a;b;c\n1,5;2;3\n"),
            [(1, vec!["a".into(), "b".into(), "c".into()]), (2, vec!["1,5".into(), "2".into(), "3".into()])]
        );
        assert_eq!(rows("a\tb\n1, 2, 3\t4\n").len(), 2);
        assert_eq!(rows("sep=;\na;b\n"), [(2, vec!["a".to_owned(), "b".to_owned()])]);
        assert_eq!(rows("a\nb\n"), [(1, vec!["a".to_owned()]), (2, vec!["b".to_owned()])]);
    }

    #[test]
    fn lines_are_numbered_as_spreadsheets_do() {
        let lines: Vec<u32> = rows("a,b\r\n\"x\r\ny\",1\r\n\r\nc,d\r\n").into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 2, 4]);
        let unclosed: Vec<u32> = rows("\n\na,b\n\"c\n").into_iter().map(|(line, _)| line).collect();
        assert_eq!(unclosed, [3, 4]);
    }
}
