//! Rows of an .xlsx that are hidden, by hand or by a filter: the cell reader does not report them.

use std::io::{Cursor, Read};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::xml;
use crate::sources::spreadsheet::refusal::FileRefusal;

/// How much of a sheet is read at a time, in bytes.
const PIECE: u64 = 512 * 1024;

/// The longest tag that is read, in bytes.
const TAG: usize = 4 * 1024;

/// The first and last line of each run of hidden rows, in their order; none where the sheet is not found.
pub fn hidden_rows(bytes: &[u8], sheet: &str) -> Vec<(u32, u32)> {
    find(bytes, sheet).unwrap_or_default()
}

fn find(bytes: &[u8], sheet: &str) -> Option<Vec<(u32, u32)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let part = part_of(&mut archive, sheet)?;
    let mut part = archive.by_name(&part).ok()?;
    let (mut runs, mut text) = (Vec::new(), Vec::new());
    loop {
        let read = part.by_ref().take(PIECE).read_to_end(&mut text).ok()?;
        // A tag that is cut in two waits for the next piece.
        let end = if read == 0 { text.len() } else { text.iter().rposition(|byte| *byte == b'<').unwrap_or(0) };
        let whole = String::from_utf8_lossy(text.get(..end)?);
        for (at, _) in whole.match_indices("hidden=") {
            if let Some(line) = whole.get(..at).and_then(|before| line_of_row(&whole, before.rfind('<')?)) {
                add(&mut runs, line);
            }
        }
        if read == 0 {
            return Some(runs);
        }
        let from = if text.len() - end > TAG { text.len() } else { end };
        text.drain(..from);
    }
}

/// The line of a row whose tag begins there and marks it hidden.
fn line_of_row(text: &str, start: usize) -> Option<u32> {
    let tag = text.get(start..)?.split_once('>')?.0;
    let mut words = tag.trim_start_matches('<').split_ascii_whitespace();
    let name = words.next()?;
    let value = |name: &str| {
        let words = tag.split_ascii_whitespace();
        words
            .filter_map(|word| word.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim_matches(['"', '\'', '/']))
    };
    let is_row = name == "row" || name.ends_with(":row");
    let is_hidden = matches!(value("hidden"), Some("1" | "true"));
    if is_row && is_hidden { value("r")?.parse().ok() } else { None }
}

fn add(runs: &mut Vec<(u32, u32)>, line: u32) {
    match runs.last_mut() {
        Some((_, last)) if last.checked_add(1) == Some(line) => *last = line,
        _ => runs.push((line, line)),
    }
}

/// The name of the part that holds a sheet.
fn part_of(archive: &mut ZipArchive<Cursor<&[u8]>>, sheet: &str) -> Option<String> {
    let id = attribute_of(archive, "xl/workbook.xml", "sheet", ("name", sheet), "id")?;
    let target = attribute_of(archive, "xl/_rels/workbook.xml.rels", "Relationship", ("Id", &id), "Target")?;
    Some(target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned))
}

/// An attribute of the element whose other attribute is this.
pub(super) fn attribute_of(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    part: &str,
    element: &str,
    (key, value): (&str, &str),
    wanted: &str,
) -> Option<String> {
    let part = archive.by_name(part).ok()?;
    let mut reader = xml::reader(std::io::BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        match xml::next(&mut reader, &mut buffer).map_err(|_: FileRefusal| ()).ok()? {
            Event::Start(found) | Event::Empty(found)
                if found.local_name().as_ref() == element && xml::attribute(&found, key).as_deref() == Some(value) =>
            {
                return xml::attribute(&found, wanted);
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}
