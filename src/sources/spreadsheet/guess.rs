//! A table without a header: its first row is a person. The columns are guessed from their contents, and shown.

use chrono::NaiveDate;

use super::{
    cell::{Cell, SheetRow},
    find::{Header, HeaderColumn},
    meaning::Meaning,
};
use crate::{
    roster::fields::{self, Field, RosterKind},
    vietnam::{class_name, name, text},
};

/// What the contents of a cell look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnLooks {
    Date,
    Gender,
    Class,
    /// Two words or more.
    Name,
    /// One word.
    Word,
    Year,
    Email,
    Phone,
    NationalId,
    Ordinal,
    Other,
}

/// The table, where a person's row has nothing like a header above it.
pub fn header(rows: &[SheetRow<'_>], kind: RosterKind, today: NaiveDate) -> Option<Header> {
    if kind == RosterKind::Classes {
        return None;
    }
    let at = rows.iter().position(|row| is_person(row, today))?;
    // Where something like a header is above it, a person must say what its words mean.
    if rows.iter().take(at).any(|row| row.filled().count() > 1) {
        return None;
    }
    let people = rows.get(at..)?;
    let width = people.iter().map(|row| row.cells.len()).max()?;
    let looks: Vec<ColumnLooks> = (0..width).map(|column| of_column(people, column, today)).collect();
    let meanings = meanings(&looks, people, kind);
    let columns: Vec<HeaderColumn> = meanings
        .into_iter()
        .enumerate()
        .filter(|(index, _)| people.iter().any(|row| !row.cell(*index).is_empty()))
        .map(|(index, meaning)| HeaderColumn { index, text: letter(index), sense: meaning.map(|meaning| (meaning, 0)) })
        .collect();
    let header = Header::bare(at, people.first()?.line, columns);
    header.has(Meaning::is_name).then_some(header)
}

/// A name, and a second value that fits a person and no header.
fn is_person(row: &SheetRow<'_>, today: NaiveDate) -> bool {
    let looks: Vec<ColumnLooks> = row.filled().map(|(_, cell)| looks(cell, today)).collect();
    let has = |wanted: &[ColumnLooks]| looks.iter().any(|looks| wanted.contains(looks));
    looks.len() > 1
        && has(&[ColumnLooks::Name, ColumnLooks::Word])
        && has(&[ColumnLooks::Date, ColumnLooks::Gender, ColumnLooks::Email, ColumnLooks::Class, ColumnLooks::Phone])
}

fn looks(cell: &Cell<'_>, today: NaiveDate) -> ColumnLooks {
    if matches!(cell, Cell::Date(_)) {
        return ColumnLooks::Date;
    }
    let shown = text::clean(&cell.shown());
    let reads = |field: Field| matches!(fields::normalise(field, &shown, today), Ok(read) if read.value.is_some());
    if !shown.is_empty() && shown.bytes().all(|byte| byte.is_ascii_digit()) {
        return match shown.len() {
            1..=3 => ColumnLooks::Ordinal,
            4 if reads(Field::MotherBirthYear) => ColumnLooks::Year,
            12 if reads(Field::NationalId) => ColumnLooks::NationalId,
            9..=11 if reads(Field::Phone) => ColumnLooks::Phone,
            _ => ColumnLooks::Other,
        };
    }
    let has_letters = shown.chars().any(char::is_alphabetic);
    if shown.contains('@') {
        return if reads(Field::Email) { ColumnLooks::Email } else { ColumnLooks::Other };
    }
    if fields::order_shown(&shown).is_some() || !has_letters && reads(Field::BirthDate) {
        return ColumnLooks::Date;
    }
    if has_letters && shown.chars().count() <= 6 && reads(Field::Gender) {
        return ColumnLooks::Gender;
    }
    if class_name::grade(&shown).is_some() && shown.chars().count() <= 12 {
        return ColumnLooks::Class;
    }
    if !name::is_plausible(&shown) {
        return ColumnLooks::Other;
    }
    match shown.split(' ').count() {
        1 => ColumnLooks::Word,
        2..=7 => ColumnLooks::Name,
        _ => ColumnLooks::Other,
    }
}

/// What most cells of a column look like.
fn of_column(rows: &[SheetRow<'_>], column: usize, today: NaiveDate) -> ColumnLooks {
    let cells = rows.iter().map(|row| row.cell(column)).filter(|cell| !cell.is_empty());
    let seen: Vec<ColumnLooks> = cells.map(|cell| looks(cell, today)).collect();
    let count = |wanted: ColumnLooks| seen.iter().filter(|looks| **looks == wanted).count();
    // A given name of two words does not make a column one of whole names.
    seen.iter().copied().find(|looks| count(*looks) * 2 > seen.len()).unwrap_or(ColumnLooks::Other)
}

fn meanings(looks: &[ColumnLooks], rows: &[SheetRow<'_>], kind: RosterKind) -> Vec<Option<Meaning>> {
    let mut meanings: Vec<Option<Meaning>> = vec![None; looks.len()];
    let at = |wanted: ColumnLooks| looks.iter().position(|looks| *looks == wanted);
    let mut set = |column: Option<usize>, meaning: Meaning| {
        if let Some(place) = column.and_then(|column| meanings.get_mut(column)) {
            *place = Some(meaning);
        }
    };
    let named = looks.iter().position(|looks| matches!(looks, ColumnLooks::Name | ColumnLooks::Word));
    let next_is_word = |column: usize| looks.get(column + 1) == Some(&ColumnLooks::Word);
    match named {
        Some(column) if next_is_word(column) => {
            set(Some(column), Meaning::FamilyMiddle);
            set(Some(column + 1), Meaning::Given);
        }
        column => set(column, Meaning::Whole(Field::FullName)),
    }
    set(at(ColumnLooks::Ordinal).filter(|column| named.is_some_and(|named| *column < named)), Meaning::Ordinal);
    set(at(ColumnLooks::Gender), Meaning::Whole(Field::Gender));
    set(at(ColumnLooks::Date), Meaning::Whole(Field::BirthDate));
    set(at(ColumnLooks::Email), Meaning::Whole(Field::Email));
    set(at(ColumnLooks::Phone), Meaning::Whole(Field::Phone));
    set(at(ColumnLooks::NationalId), Meaning::Whole(Field::NationalId));
    if !matches!(kind, RosterKind::Teachers | RosterKind::HigherTeachers) {
        set(at(ColumnLooks::Class), Meaning::Whole(Field::Class));
    }
    if kind == RosterKind::Students {
        let parents = (0..looks.len()).filter(|column| {
            looks.get(*column) == Some(&ColumnLooks::Name) && named.is_some_and(|named| *column > named)
        });
        let mother = parents.max_by_key(|column| (womens_names(rows, *column), std::cmp::Reverse(*column)));
        set(mother, Meaning::Whole(Field::MotherName));
        let year = mother.map(|column| column + 1).filter(|column| looks.get(*column) == Some(&ColumnLooks::Year));
        set(year, Meaning::Whole(Field::MotherBirthYear));
    }
    meanings
}

/// How many names of a column have the women's middle name.
fn womens_names(rows: &[SheetRow<'_>], column: usize) -> usize {
    rows.iter().filter(|row| text::words(&row.cell(column).shown()).iter().any(|word| word == "thi")).count()
}

/// A, B, …, Z, AA, as spreadsheets call their columns.
fn letter(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8).to_string();
    if index < 26 { last } else { letter(index / 26 - 1) + last.as_str() }
}
