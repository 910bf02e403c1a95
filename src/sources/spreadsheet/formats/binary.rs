//! What the crate that reads .xls and .xlsb leaves out: how cells show their numbers, and which rows are hidden. It is
//! found in the records of the file ([MS-XLS] 2.4, [MS-XLSB] 2.4); where those are not as described, there is nothing.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;

use super::hidden::attribute_of;
use crate::sources::spreadsheet::cell::Digits;

/// Of a sheet. Lines count from 1, columns from 0.
#[derive(Default)]
pub struct SheetLooks {
    digits: HashMap<(u32, u32), Digits>,
    /// The first and last line of each run, in their order.
    hidden: Vec<(u32, u32)>,
}

impl SheetLooks {
    pub fn digits(&self, line: u32, column: usize) -> Option<Digits> {
        self.digits.get(&(line, u32::try_from(column).ok()?)).cloned()
    }

    pub fn is_hidden(&self, line: u32) -> bool {
        let run = self.hidden.get(self.hidden.partition_point(|(_, last)| *last < line));
        run.is_some_and(|(first, _)| *first <= line)
    }

    pub fn hidden_rows(&self) -> &[(u32, u32)] {
        &self.hidden
    }

    fn hide(&mut self, line: u32) {
        // Lines come in their order.
        match self.hidden.last_mut() {
            Some((_, last)) if *last >= line => {}
            Some((_, last)) if *last + 1 == line => *last = line,
            _ => self.hidden.push((line, line)),
        }
    }

    fn note(&mut self, line: u32, column: u32, digits: Option<Digits>) {
        if let Some(digits) = digits {
            self.digits.insert((line, column), digits);
        }
    }
}

/// Of a sheet of an .xls by its place among all sheets.
pub fn of_xls(bytes: &[u8], sheet: usize) -> SheetLooks {
    let mut looks = SheetLooks::default();
    // What is cut short says what stands before the cut.
    let _ = read_xls(bytes, sheet, &mut looks);
    looks
}

fn read_xls(bytes: &[u8], sheet: usize, looks: &mut SheetLooks) -> Option<()> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let mut stream = Vec::new();
    file.open_stream("/Workbook").ok()?.read_to_end(&mut stream).ok()?;
    let (mut formats, mut of_style, mut begins) = (Formats::default(), Vec::new(), Vec::new());
    let mut at = 0;
    loop {
        let (kind, content) = record(&stream, &mut at)?;
        match kind {
            FORMAT => formats.add(u16_at(content, 0)?, &text_of_xls(content.get(2..)?)?),
            XF => of_style.push(formats.digits(u16_at(content, 2)?)),
            BOUND_SHEET => begins.push(u32_at(content, 0)?),
            END => break,
            _ => {}
        }
    }
    let mut at = usize::try_from(*begins.get(sheet)?).ok()?;
    // Charts within the sheet are streams of their own.
    let mut depth = 0;
    loop {
        let (kind, content) = record(&stream, &mut at)?;
        let style = |at: usize| of_style.get(usize::from(u16_at(content, at)?)).cloned().flatten();
        let line = || Some(u32::from(u16_at(content, 0)?) + 1);
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => return Some(()),
            END => depth -= 1,
            _ if depth > 1 => {}
            ROW if content.get(12)? & 0x20 != 0 => looks.hide(line()?),
            NUMBER | RK | FORMULA => looks.note(line()?, u16_at(content, 2)?.into(), style(4)),
            // A column, a style and a number for each cell, and the last column.
            MUL_RK => {
                let first = u32::from(u16_at(content, 2)?);
                let cells = u32::try_from(content.len().checked_sub(6)? / 6).ok()?;
                for cell in 0..cells {
                    looks.note(line()?, first + cell, style(4 + 6 * cell as usize));
                }
            }
            _ => {}
        }
    }
}

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const FORMAT: u16 = 0x041E;
const XF: u16 = 0x00E0;
const BOUND_SHEET: u16 = 0x0085;
const ROW: u16 = 0x0208;
const NUMBER: u16 = 0x0203;
const RK: u16 = 0x027E;
const MUL_RK: u16 = 0x00BD;
const FORMULA: u16 = 0x0006;

/// The next record of an .xls: its type and its content.
fn record<'s>(stream: &'s [u8], at: &mut usize) -> Option<(u16, &'s [u8])> {
    let (kind, length) = (u16_at(stream, *at)?, u16_at(stream, *at + 2)?);
    let begin = *at + 4;
    *at = begin + usize::from(length);
    Some((kind, stream.get(begin..*at)?))
}

/// A text with its length and width before it.
fn text_of_xls(content: &[u8]) -> Option<String> {
    let (length, is_wide) = (usize::from(u16_at(content, 0)?), content.get(2)? & 1 != 0);
    if is_wide {
        return wide(content.get(3..3 + 2 * length)?);
    }
    Some(content.get(3..3 + length)?.iter().copied().map(char::from).collect())
}

fn wide(bytes: &[u8]) -> Option<String> {
    let units: Option<Vec<u16>> = (0..bytes.len() / 2).map(|unit| u16_at(bytes, 2 * unit)).collect();
    String::from_utf16(&units?).ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The formats of a workbook, by their numbers, as far as they add digits.
struct Formats(HashMap<u16, Digits>);

impl Default for Formats {
    /// Of the formats that every workbook has, one shows a zero behind the point.
    fn default() -> Self {
        Self(Digits::of_format("0.00").map(|digits| (2, digits)).into_iter().collect())
    }
}

impl Formats {
    fn add(&mut self, number: u16, format: &str) {
        if let Some(digits) = Digits::of_format(format) {
            self.0.insert(number, digits);
        }
    }

    fn digits(&self, number: u16) -> Option<Digits> {
        self.0.get(&number).cloned()
    }
}

/// Of a sheet of an .xlsb by its name.
pub fn of_xlsb(bytes: &[u8], sheet: &str) -> SheetLooks {
    let mut looks = SheetLooks::default();
    let _ = read_xlsb(bytes, sheet, &mut looks);
    looks
}

fn read_xlsb(bytes: &[u8], sheet: &str, looks: &mut SheetLooks) -> Option<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let of_style = styles(&mut archive).unwrap_or_default();
    let part = part_of(&mut archive, sheet)?;
    let mut part = BufReader::new(archive.by_name(&part).ok()?);
    let (mut content, mut line) = (Vec::new(), 0);
    while let Some(kind) = next(&mut part, &mut content) {
        match kind {
            0 => {
                line = u32_at(&content, 0)?.checked_add(1)?;
                if content.get(11)? & 0x10 != 0 {
                    looks.hide(line);
                }
            }
            // Short and long numbers, and those of formulas.
            2 | 5 | 9 => {
                let style = u32_at(&content, 4)? & 0x00FF_FFFF;
                let digits = of_style.get(usize::try_from(style).ok()?).cloned().flatten();
                looks.note(line, u32_at(&content, 0)?, digits);
            }
            _ => {}
        }
    }
    Some(())
}

/// The digits that the styles of cells add, by their places.
fn styles(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Option<Vec<Option<Digits>>> {
    let mut part = BufReader::new(archive.by_name("xl/styles.bin").ok()?);
    let (mut formats, mut of_style, mut are_of_cells) = (Formats::default(), Vec::new(), false);
    let mut content = Vec::new();
    while let Some(kind) = next(&mut part, &mut content) {
        match kind {
            44 => {
                let length = usize::try_from(u32_at(&content, 2)?).ok()?;
                formats.add(u16_at(&content, 0)?, &wide(content.get(6..6 + length.checked_mul(2)?)?)?);
            }
            617 => are_of_cells = true,
            618 => are_of_cells = false,
            47 if are_of_cells => of_style.push(formats.digits(u16_at(&content, 2)?)),
            _ => {}
        }
    }
    Some(of_style)
}

/// The name of the part that holds a sheet.
fn part_of(archive: &mut ZipArchive<Cursor<&[u8]>>, sheet: &str) -> Option<String> {
    let mut id = None;
    {
        let mut part = BufReader::new(archive.by_name("xl/workbook.bin").ok()?);
        let mut content = Vec::new();
        while let (None, Some(kind)) = (&id, next(&mut part, &mut content)) {
            if kind == 156 {
                let length = 2 * usize::try_from(u32_at(&content, 8)?).ok()?;
                let (relation, rest) = (content.get(12..12 + length)?, content.get(12 + length..)?);
                let length = 2 * usize::try_from(u32_at(rest, 0)?).ok()?;
                if wide(rest.get(4..4 + length)?)? == sheet {
                    id = wide(relation);
                }
            }
        }
    }
    let relations = "xl/_rels/workbook.bin.rels";
    let target = attribute_of(archive, relations, "Relationship", ("Id", &id?), "Target")?;
    Some(target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned))
}

/// The longest record that is kept, in bytes; longer ones are passed over.
const MOST_CONTENT: usize = 64 * 1024;

/// The next record of a part of an .xlsb: its type; its content comes into the buffer.
fn next(part: &mut impl BufRead, content: &mut Vec<u8>) -> Option<u32> {
    let (kind, length) = (number(part, 2)?, number(part, 4)?);
    content.clear();
    let length = u64::from(length);
    let kept = length.min(MOST_CONTENT as u64);
    part.by_ref().take(kept).read_to_end(content).ok()?;
    std::io::copy(&mut part.by_ref().take(length - kept), &mut std::io::sink()).ok()?;
    (content.len() as u64 == kept).then_some(kind)
}

/// A number of seven bits a byte. A type keeps no bit that says that another byte follows.
fn number(part: &mut impl BufRead, most: u32) -> Option<u32> {
    let mut value = 0;
    for place in 0..most {
        let mut byte = [0];
        part.read_exact(&mut byte).ok()?;
        value |= u32::from(byte[0] & 0x7F) << (7 * place);
        if byte[0] & 0x80 == 0 {
            return Some(value);
        }
    }
    Some(value)
}
