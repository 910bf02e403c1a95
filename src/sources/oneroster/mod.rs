//! The source "OneRoster": a zip of CSV files, version 1.1 or 1.2, in bulk or with what has changed. Read in the child
//! process, as spreadsheets are. Every rule of the standard is checked before any row is handed on.

mod archive;
mod broken;
mod bundle;
mod people;
mod relations;
mod standard;
mod strict;

pub use broken::{Rule, Violation};
pub use bundle::{Bundle, RemoteCollection, Unfit};
pub use standard::FILES_1P2;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use self::broken::Violations;
use super::spreadsheet::{FileRefusal, PersonRow};

/// The school whose people are read; the zip may have several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfSchool {
    pub id: String,
    pub code: String,
    pub is_higher: bool,
}

/// What a zip says of a school, or which rules it breaks.
#[derive(Debug)]
pub enum ZipReading {
    People(Vec<PersonRow>),
    Broken(Vec<Violation>),
}

/// Reads a zip in this process: for the child process, and for tests.
///
/// # Errors
/// Why it is not read at all.
pub fn read(bytes: &[u8], school: &OfSchool, today: NaiveDate) -> Result<ZipReading, FileRefusal> {
    let mut rules = Violations::default();
    let contents = archive::open(bytes, &mut rules)?;
    let Some(contents) = contents.filter(|_| rules.0.is_empty()) else { return Ok(ZipReading::Broken(rules.0)) };
    relations::check(&contents, &mut rules);
    if !rules.0.is_empty() {
        return Ok(ZipReading::Broken(rules.0));
    }
    let people = people::of_school(&contents, school, today, &mut rules);
    Ok(if rules.0.is_empty() { ZipReading::People(people) } else { ZipReading::Broken(rules.0) })
}
