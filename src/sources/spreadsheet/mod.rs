//! Spreadsheets as schools have them: bytes in; people out, each with what was guessed, dropped and refused.
//!
//! A file goes through these modules: [`sniff`] detects its format, [`formats`] convert it to rows of [`cell`]s,
//! [`legacy`] and [`encoding`] convert its text to Unicode, [`find`] finds the table and [`meaning`] knows its columns,
//! [`body`] separates people from the rest, and [`person`] reads them. Files are untrusted, and the crates that open
//! them can be made to take all memory, so a server reads in [`child`] only. [`write`] makes templates, exports and the
//! sheet of failed rows.
//!
//! Nothing here knows a database or a page, and there are no sentences: those are in Fluent, under the keys of
//! [`FileRefusal::key`], `fault-…`, `guess-…` and `warning-…`.

mod body;
mod cell;
pub mod child;
mod columns;
mod dates;
mod encoding;
mod find;
mod formats;
mod guess;
mod legacy;
pub mod limits;
mod meaning;
mod names;
mod person;
pub mod plain;
mod reader;
mod refusal;
mod sniff;
mod syllable;
mod title;
mod wire;
pub mod write;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::oneroster::{OfSchool, Violation};
use crate::roster::fields::{DateOrder, Fault, Field, Guess, RosterKind, Values};

pub use body::is_example_name;
pub use encoding::NAMES as ENCODINGS;
pub use reader::read_streaming;
pub use refusal::FileRefusal;
pub use sniff::{FileFormat, sniff};

/// What is known of a file before it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOptions {
    pub kind: RosterKind,
    /// The date in Vietnam: a later birth date is a fault.
    pub today: NaiveDate,
    /// One of [`ENCODINGS`], when the guess was wrong.
    pub encoding: Option<String>,
    /// The sheet to read, when it is not the one that would be found.
    pub sheet: Option<String>,
    /// The columns mapped by hand, by their index: the field, or none. Takes precedence over what would be recognised.
    pub mapping: BTreeMap<usize, Option<Field>>,
    /// How the dates of each table are to be read, once all of them have been seen; none in a first reading.
    pub dates: Option<Vec<Dates>>,
    /// The order of day and month, as a person has said it.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// Whether hidden rows are left out.
    #[serde(default)]
    pub without_hidden: bool,
    /// Whether all sheets with the same header are read, one after another.
    #[serde(default)]
    pub all_sheets: bool,
    /// The file is a OneRoster zip, of which the people of this school are read.
    #[serde(default)]
    pub oneroster: Option<OfSchool>,
    /// The rows are wanted as they stand: the table is of something else than people, such as marks.
    #[serde(default)]
    pub plain: bool,
}

impl ReadOptions {
    pub fn new(kind: RosterKind, today: NaiveDate) -> Self {
        Self {
            kind,
            today,
            encoding: None,
            sheet: None,
            mapping: BTreeMap::new(),
            dates: None,
            date_order: None,
            without_hidden: false,
            all_sheets: false,
            oneroster: None,
            plain: false,
        }
    }
}

/// What all birth dates of a table together show of how each is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    pub order: DateOrder,
    /// The order of those with dots, which are day first wherever no other of them shows otherwise.
    pub dotted: DateOrder,
    /// The real dates are those that a spreadsheet could read, with day and month swapped, beside those that it could
    /// not: each of them is doubtful.
    pub real_ones_are_doubtful: bool,
}

impl Dates {
    /// With the order that a person has said. It decides what was open, and turns no date that was clear without it.
    fn told(self, order: DateOrder) -> Self {
        let dotted = if self.dotted == DateOrder::Unsure { order } else { self.dotted };
        Self { order, dotted, real_ones_are_doubtful: false }
    }
}

/// What is known of a table before its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHead {
    pub format: FileFormat,
    /// The sheet's name; `None` for formats that have but one.
    pub sheet: Option<String>,
    /// Other sheets that have a table of people too, and are not read.
    pub other_sheets: Vec<String>,
    /// The sheets that are read together, where they are several; empty otherwise. The lines of each begin at a multiple
    /// of [`limits::LINES_OF_SHEET`].
    pub sheets: Vec<String>,
    /// Whether one of the others has the same header, so that it can be read together with this one.
    pub has_like_sheets: bool,
    /// The first line of the header, as the spreadsheet numbers it; 0 where there is none and the columns were guessed.
    pub header_line: u32,
    pub columns: Vec<HeaderColumnInfo>,
    /// The guessed encoding, where nothing in the file named it.
    pub encoding: Option<EncodingGuess>,
    /// The same for files with the same headers: the key under which a mapping is remembered. Empty without a header.
    pub shape: String,
}

impl TableHead {
    /// Of a zip of tables, whose columns are the standard's.
    pub fn of_zip() -> Self {
        Self {
            format: FileFormat::Text,
            sheet: None,
            other_sheets: Vec::new(),
            sheets: Vec::new(),
            has_like_sheets: false,
            header_line: 1,
            columns: Vec::new(),
            encoding: None,
            shape: String::new(),
        }
    }

    /// Whether a column holds names; without one there are no people, and the columns have to be mapped by hand.
    pub fn has_names(&self) -> bool {
        self.columns.iter().any(|column| column.field == Some(Field::FullName))
    }
}

/// A column that has a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderColumnInfo {
    /// From 0, as the sheet counts; the key of [`ReadOptions::mapping`].
    pub index: usize,
    /// As in the sheet; where it spans two lines, both.
    pub header: String,
    pub field: Option<Field>,
    /// Whether it is known what the column holds, even if that is not used. Unknown columns can be mapped by hand.
    pub known: bool,
}

/// A guess at how text was encoded, to be shown and changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodingGuess {
    /// One of [`ENCODINGS`].
    pub name: String,
    /// A line that shows whether the guess is right.
    pub sample: String,
}

/// A row with a person in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// As the spreadsheet numbers it, from 1.
    pub line: u32,
    pub values: Values,
    /// As in the sheet, one for each of [`TableHead::columns`].
    pub cells: Vec<String>,
    /// What keeps the row out. Missing required values are not checked: an update needs nothing.
    pub faults: Vec<Fault>,
    /// What was dropped, and what is odd.
    pub warnings: Vec<Fault>,
    pub guesses: Vec<Guess>,
    /// Whether it is one of staff, where the file has people of both kinds.
    pub is_staff: Option<bool>,
}

/// What is known of a table after its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// How many people are in hidden rows, and the lines of the first of them.
    pub hidden: u32,
    pub hidden_lines: Vec<u32>,
    /// How many people are held because their dates may be read either way.
    #[serde(default)]
    pub unsure_dates: u32,
    /// Of a OneRoster zip: the rules that it breaks. Then it has no rows.
    pub broken: Vec<Violation>,
}

/// How a reading ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadResult {
    Whole(Findings),
    /// The rows are void: the file has to be read again, with these.
    Again(Vec<Dates>),
}

/// A table, all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    #[serde(flatten)]
    pub head: TableHead,
    pub rows: Vec<PersonRow>,
    pub findings: Findings,
}

/// Reads a file in this process: for trusted files, and for the child process.
///
/// # Errors
/// Why the file is not read at all.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Table, FileRefusal> {
    let (mut rows, mut found) = (Vec::new(), None);
    let on_head = &mut |head| found = Some(head);
    let mut options = options.clone();
    let findings = loop {
        match read_streaming(bytes, &options, on_head, &mut |row| rows.push(row.clone()))? {
            ReadResult::Whole(findings) => break findings,
            ReadResult::Again(dates) => {
                rows.clear();
                options.dates = Some(dates);
            }
        }
    };
    let head = found.ok_or(FileRefusal::NoTable)?;
    Ok(Table { head, rows, findings })
}
