//! Timetables that come as files: sheets in the shapes of schools, files of FET and of aSc TimeTables. What was read waits
//! ([`waiting`]) while names that the school writes otherwise are chosen, once for all files ([`spellings`]), and becomes
//! a draft in one transaction ([`taking`]).
//!
//! The readers know no database: they give lessons as they stand in the file. [`meaning`] says what they mean here.

pub mod asc;
pub mod cells;
pub mod fet_file;
pub mod meaning;
pub mod places;
pub mod sheet;
pub mod spellings;
pub mod taking;
pub mod waiting;
pub mod xml;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::Slot;

/// The most lessons of a file: far more than the largest school has.
pub const MOST_LESSONS: usize = 20_000;

/// The most cells that are named as not understood.
pub const MOST_STRANGE: usize = 50;

/// The longest name in a file, in characters; what is longer is no name.
pub const LONGEST: usize = 200;

/// A lesson as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLesson {
    pub class: String,
    /// [`Slot::key`].
    pub at: String,
    pub subject: String,
    /// Empty where the file says that there is none; `None` where it does not say.
    pub teacher: Option<String>,
    pub room: Option<String>,
    /// It stays where it is when the rest is made by the program.
    #[serde(default)]
    pub is_locked: bool,
}

impl FoundLesson {
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        Slot::from_key(&self.at)
    }
}

/// What a teacher has to teach a class, where the file says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundNeed {
    pub class: String,
    pub subject: String,
    pub teacher: String,
    pub periods: i16,
    pub doubles: i16,
}

/// What was not understood, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strange {
    /// The line of the sheet, from 1; 0 in other files.
    pub line: u32,
    pub text: String,
}

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParsedFile {
    pub lessons: Vec<FoundLesson>,
    #[serde(default)]
    pub needs: Vec<FoundNeed>,
    #[serde(default)]
    pub strange: Vec<Strange>,
    /// Since when it holds, where the file says so.
    #[serde(default)]
    pub from: Option<NaiveDate>,
}

impl ParsedFile {
    /// Whether the file has too many lessons already: one element may stand for many, so that readers have to stop here.
    fn is_full(&self) -> bool {
        self.lessons.len() > MOST_LESSONS
    }

    fn strange(&mut self, line: u32, text: &str) {
        if self.strange.len() < MOST_STRANGE {
            // Without what cannot be stored, such as a NUL.
            let text = text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
            self.strange.push(Strange { line, text });
        }
    }
}

/// Why a file is not read as a timetable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// Neither of the shapes that are known.
    Shape,
    /// Its XML is broken, too large, or refers to other files.
    Xml,
    /// It has no lessons.
    Empty,
    TooMany,
}

impl NotRead {
    /// The key of its sentence.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Shape => "fault-timetable-import-shape",
            Self::Xml => "fault-timetable-import-xml",
            Self::Empty => "fault-timetable-import-empty",
            Self::TooMany => "fault-timetable-import-many",
        }
    }
}

/// The names that the school has: they decide where a name in a cell ends and the next begins.
pub struct SchoolNames<'a> {
    pub is_class: &'a dyn Fn(&str) -> bool,
    pub is_subject: &'a dyn Fn(&str) -> bool,
    pub is_room: &'a dyn Fn(&str) -> bool,
    /// How many periods a morning has: higher numbers are of the afternoon where a file numbers the periods of a day through.
    pub morning: i16,
}

/// Reads a file of XML; its first element tells the format.
pub(super) fn read_xml(bytes: &[u8], morning: i16) -> Result<ParsedFile, NotRead> {
    let root = xml::parse(bytes).map_err(|_| NotRead::Xml)?;
    let read = match root.name.as_str() {
        "fet" => fet_file::read(&root, morning),
        "timetable" => asc::read(&root, morning),
        _ => return Err(NotRead::Shape),
    };
    whole(read)
}

/// Whether a file is XML of FET or aSc TimeTables.
#[must_use]
pub fn is_xml(bytes: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(4_000)]).to_lowercase();
    beginning.contains("<fet") || beginning.contains("<timetable")
}

pub(super) fn whole(read: ParsedFile) -> Result<ParsedFile, NotRead> {
    if read.lessons.is_empty() && read.needs.is_empty() {
        return Err(NotRead::Empty);
    }
    if read.lessons.len() > MOST_LESSONS || read.needs.len() > MOST_LESSONS {
        return Err(NotRead::TooMany);
    }
    Ok(read)
}
