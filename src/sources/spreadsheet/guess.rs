//! A table without a header: its first row is a person. The columns are guessed from their contents, and shown.

use std::collections::HashMap;

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
    let at = rows.iter().position(|row| is_person(row, today)).or_else(|| list_of_names(rows, today))?;
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

/// Where a list begins in which only the names can be recognised: a column nearly all of names, most of which begin with
/// a frequent family name.
fn list_of_names(rows: &[SheetRow<'_>], today: NaiveDate) -> Option<usize> {
    let family = |row: &SheetRow<'_>, column: usize| -> Option<String> {
        let cell = row.cell(column);
        (looks(cell, today) == ColumnLooks::Name).then(|| text::words(&cell.shown()).into_iter().next())?
    };
    let width = rows.iter().map(|row| row.cells.len()).max()?;
    (0..width).find_map(|column| {
        let at = rows.iter().position(|row| family(row, column).is_some_and(|word| name::is_frequent_family(&word)))?;
        let people = rows.get(at..)?;
        let families: Vec<String> = people.iter().filter_map(|row| family(row, column)).collect();
        let frequent = families.iter().filter(|word| name::is_frequent_family(word)).count();
        // Below it there may be a total and a signature.
        (families.len() > 1 && families.len() * 5 >= people.len() * 4 && frequent * 2 > families.len()).then_some(at)
    })
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
    // Words too, as in "5 tháng 6 năm 2011".
    if fields::order_shown(&shown).is_some() || reads(Field::BirthDate) {
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
    let names = names(looks, rows);
    for (column, meaning) in &names {
        set(Some(*column), *meaning);
    }
    let (first, last) = (names.first().map(|(column, _)| *column), names.last().map(|(column, _)| *column));
    set(at(ColumnLooks::Ordinal).filter(|column| first.is_some_and(|first| *column < first)), Meaning::Ordinal);
    set(at(ColumnLooks::Gender), Meaning::Whole(Field::Gender));
    set(at(ColumnLooks::Date), Meaning::Whole(Field::BirthDate));
    set(at(ColumnLooks::Email), Meaning::Whole(Field::Email));
    set(at(ColumnLooks::Phone), Meaning::Whole(Field::Phone));
    set(at(ColumnLooks::NationalId), Meaning::Whole(Field::NationalId));
    if !matches!(kind, RosterKind::Teachers | RosterKind::HigherTeachers) {
        set(at(ColumnLooks::Class), Meaning::Whole(Field::Class));
    }
    if kind == RosterKind::Students {
        // Addresses and places of birth look like names, too.
        let is_parents = |column: &usize| {
            looks.get(*column + 1) == Some(&ColumnLooks::Year) || womens_names(rows, *column) * 3 >= rows.len()
        };
        let parents = (0..looks.len()).filter(|column| {
            looks.get(*column) == Some(&ColumnLooks::Name)
                && last.is_some_and(|last| *column > last)
                && is_parents(column)
        });
        let mother = parents.max_by_key(|column| (womens_names(rows, *column), std::cmp::Reverse(*column)));
        set(mother, Meaning::Whole(Field::MotherName));
        let year = mother.map(|column| column + 1).filter(|column| looks.get(*column) == Some(&ColumnLooks::Year));
        set(year, Meaning::Whole(Field::MotherBirthYear));
    }
    meanings
}

/// The column of the names, or the two in which their parts are.
fn names(looks: &[ColumnLooks], rows: &[SheetRow<'_>]) -> Vec<(usize, Meaning)> {
    let is = |column: usize, wanted: &[ColumnLooks]| looks.get(column).is_some_and(|looks| wanted.contains(looks));
    let words = |column: usize| -> Vec<String> {
        rows.iter().map(|row| text::fold(&row.cell(column).shown())).filter(|word| !word.is_empty()).collect()
    };
    let is_family = |column: &usize| {
        let words = words(*column);
        is(*column, &[ColumnLooks::Word])
            && words.iter().filter(|word| name::is_frequent_family(word)).count() * 2 > words.len()
    };
    let family =
        (0..looks.len()).find(|column| is_family(column) && is(*column + 1, &[ColumnLooks::Name, ColumnLooks::Word]));
    if let Some(column) = family {
        return vec![(column, Meaning::Family), (column + 1, Meaning::Given)];
    }
    let whole = (0..looks.len()).find(|column| is(*column, &[ColumnLooks::Name]));
    let Some(column) = whole.or_else(|| (0..looks.len()).find(|column| is(*column, &[ColumnLooks::Word]))) else {
        return Vec::new();
    };
    // Given names differ; what most people have, such as "Kinh", is none.
    let is_given = |column: usize| {
        let words = words(column);
        let mut counts: HashMap<&str, usize> = HashMap::new();
        words.iter().for_each(|word| *counts.entry(word).or_default() += 1);
        let most = counts.into_values().max().unwrap_or(0);
        is(column, &[ColumnLooks::Word]) && (words.len() < 4 || most * 2 <= words.len())
    };
    match is_given(column + 1) {
        true => vec![(column, Meaning::FamilyMiddle), (column + 1, Meaning::Given)],
        false => vec![(column, Meaning::Whole(Field::FullName))],
    }
}

/// How many names of a column have the women's middle name.
fn womens_names(rows: &[SheetRow<'_>], column: usize) -> usize {
    rows.iter().filter(|row| text::words(&row.cell(column).shown()).iter().any(|word| word == "thi")).count()
}

/// A, B, …, Z, AA, as spreadsheets call their columns.
pub fn letter(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8).to_string();
    if index < 26 { last } else { letter(index / 26 - 1) + last.as_str() }
}
