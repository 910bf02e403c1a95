//! The columns of a sheet that say which pupil a row is about: the same for results and for marks.

use chrono::NaiveDate;

use super::results::{self, BIRTH_DATES, CLASSES, IDENTIFIERS, NAMES};
use crate::{
    rollover::{
        known::{KnownPeople, NotOne},
        pupils::KnownPupil,
    },
    sources::spreadsheet::plain::PlainRow,
    vietnam::class_name,
};

/// How far down the heads of the table are looked for.
const DOWN: usize = 30;

/// The cells of a row, as heads of columns are compared.
#[derive(Debug)]
pub struct HeaderCells(Vec<String>);

impl HeaderCells {
    fn of(row: &PlainRow) -> Self {
        Self(row.cells.iter().map(|cell| results::folded(cell)).collect())
    }

    /// The first column with such a head.
    pub fn column(&self, is: impl Fn(&str) -> bool) -> Option<usize> {
        self.0.iter().position(|head| !head.is_empty() && is(head))
    }
}

/// Whether a head is one of these names, or begins with one and has more words.
pub fn begins(head: &str, names: &[&str]) -> bool {
    names.iter().any(|name| head == *name || head.starts_with(&format!("{name} ")))
}

/// The first row that has the heads of the wanted columns, with these columns.
pub fn of_table<C>(rows: &[PlainRow], wanted: impl Fn(&HeaderCells) -> Option<C>) -> Option<(usize, C)> {
    rows.iter().take(DOWN).enumerate().find_map(|(at, row)| Some((at, wanted(&HeaderCells::of(row))?)))
}

/// Where a row names its pupil.
#[derive(Debug)]
pub struct PupilColumns {
    name: Option<usize>,
    identifiers: Vec<usize>,
    birth_date: Option<usize>,
    pub class: Option<usize>,
}

impl PupilColumns {
    /// None where neither a name nor an identifier has a column.
    pub fn of(heads: &HeaderCells) -> Option<Self> {
        let name = heads.column(|head| NAMES.contains(&head));
        let identifiers: Vec<usize> =
            heads.0.iter().enumerate().filter(|(_, head)| begins(head, &IDENTIFIERS)).map(|(at, _)| at).collect();
        if name.is_none() && identifiers.is_empty() {
            return None;
        }
        let birth_date = heads.column(|head| BIRTH_DATES.contains(&head));
        Some(Self { name, identifiers, birth_date, class: heads.column(|head| CLASSES.contains(&head)) })
    }

    /// Whether a row has a name or an identifier.
    pub fn is_named(&self, row: &PlainRow) -> bool {
        self.name.iter().chain(&self.identifiers).any(|at| !row.cell(*at).is_empty())
    }

    /// The pupil of a row.
    ///
    /// # Errors
    /// Why it is not one pupil.
    pub fn pupil<'a>(&self, known: &KnownPeople<'a>, row: &PlainRow) -> Result<&'a KnownPupil, NotOne> {
        let name = self.name.map(|at| row.cell(at)).unwrap_or_default();
        let identifiers = self.identifiers.iter().map(|at| row.cell(*at)).filter(|typed| !typed.is_empty());
        let birth_date = self.birth_date.and_then(|at| day(&row.cell(at)));
        let class = self.class.map(|at| row.cell(at)).and_then(|class| class_name::normalise(&class));
        known.pupil(identifiers, &name, birth_date, class.as_deref())
    }
}

fn day(typed: &str) -> Option<NaiveDate> {
    let forms = ["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"];
    forms.iter().find_map(|form| NaiveDate::parse_from_str(typed.trim(), form).ok())
}
