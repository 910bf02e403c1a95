//! Finds the table: its sheet, the line of its header (one line or two), and what its columns hold.

use super::{
    cell::{Cell, SheetRow},
    limits,
    meaning::{BELOW, Meaning, Sense, sense, sense_under},
    names::NamePart,
};
use crate::{
    roster::fields::{Field, RosterKind},
    vietnam::text,
};

/// The most words of an unknown header, where hardly anything else is known either.
const MAX_UNKNOWN_WORDS: usize = 6;

/// A header and its interpretation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The index of its first row among the rows that were read.
    pub at: usize,
    /// How many rows it spans: 1 or 2; none where the table begins with its first person.
    pub rows: usize,
    pub line: u32,
    pub columns: Vec<HeaderColumn>,
    score: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderColumn {
    pub index: usize,
    /// As in the sheet; the spanning header before the one below it.
    pub text: String,
    pub sense: Option<Sense>,
}

impl Header {
    /// For a table without one.
    pub fn bare(at: usize, line: u32, columns: Vec<HeaderColumn>) -> Self {
        Self { at, rows: 0, line, columns, score: 0 }
    }

    /// A score for how likely this is the header of a table of people.
    pub fn score(&self) -> usize {
        self.score
    }

    pub fn has(&self, test: impl Fn(Meaning) -> bool) -> bool {
        self.columns.iter().filter_map(|column| column.sense).any(|(meaning, _)| test(meaning))
    }

    /// Whether it is the header of a table of people: it has names, and either another known column, or at least no
    /// sentences, as an explanation of a column has beside the column's name.
    fn names_people(&self, kind: RosterKind) -> bool {
        let known = self.columns.iter().filter(|column| column.sense.is_some()).count();
        let is_sentence = |column: &HeaderColumn| {
            column.sense.is_none() && (column.text.ends_with('.') || column.text.split(' ').count() > MAX_UNKNOWN_WORDS)
        };
        // A list of classes has their names in place of people's.
        // A middle name alone is nobody's.
        let is_name = |meaning: Meaning| match kind {
            RosterKind::Classes => meaning == Meaning::Whole(Field::Class),
            _ => meaning.is_name() && meaning != Meaning::Middle,
        };
        self.has(is_name) && (known >= 2 || !self.columns.iter().any(is_sentence))
    }

    /// The index of the first row after the header.
    pub fn end(&self) -> usize {
        self.at + self.rows
    }
}

/// The header of the table of people among the first rows of a sheet. A header names people; where none does, there
/// is no such table.
pub fn header(rows: &[SheetRow<'_>], kind: RosterKind) -> Option<Header> {
    let mut best: Option<Header> = None;
    for at in 0..rows.len() {
        for candidate in [single(rows, at, kind), double(rows, at, kind)].into_iter().flatten() {
            if candidate.names_people(kind) && best.as_ref().is_none_or(|best| candidate.score > best.score) {
                best = Some(candidate);
            }
        }
    }
    let mut header = best?;
    resolve(&mut header.columns);
    let below = rows.get(header.end()..).unwrap_or_default();
    compose(&mut header.columns, below);
    complete(&mut header.columns, below);
    if kind != RosterKind::Classes {
        adopt(&mut header.columns, below);
    }
    Some(header)
}

/// A whole name beside parts of one may have them or lack them, which each row shows when it is read
/// ([`super::names::completed`]). Where one row does not show it, the rows below decide together: beside a middle name
/// alone, "Name" is a given name, and beside all parts it is something else, unless most rows repeat the parts in it.
fn compose(columns: &mut [HeaderColumn], rows: &[SheetRow<'_>]) {
    let meaning = |column: &HeaderColumn| column.sense.map(|(meaning, _)| meaning);
    let is_part = |meaning: Meaning| {
        matches!(meaning, Meaning::FamilyMiddle | Meaning::Family | Meaning::Middle | Meaning::Given)
    };
    let parts: Vec<(Meaning, usize)> = columns
        .iter()
        .filter_map(|column| Some((meaning(column).filter(|meaning| is_part(*meaning))?, column.index)))
        .collect();
    let whole = columns.iter_mut().find(|column| column.sense == Some((Meaning::Whole(Field::FullName), 0)));
    let (Some(whole), false) = (whole, parts.is_empty()) else { return };
    let words = |row: &SheetRow<'_>, column: usize| text::words(&row.cell(column).shown());
    let has_parts = |row: &SheetRow<'_>| {
        let name = words(row, whole.index);
        parts.iter().flat_map(|(_, column)| words(row, *column)).all(|word| name.contains(&word))
    };
    let named = || rows.iter().filter(|row| !row.cell(whole.index).is_empty());
    let (repeating, all) = (named().filter(|row| has_parts(row)).count(), named().count());
    let has = |wanted: &[Meaning]| parts.iter().any(|(part, _)| wanted.contains(part));
    whole.sense = match (has(&[Meaning::Given]), has(&[Meaning::Family, Meaning::FamilyMiddle])) {
        _ if all > 0 && repeating * 2 > all => return,
        (true, true) if all > 0 => None,
        (false, false) => Some((Meaning::Given, 0)),
        _ => return,
    };
}

/// Words by which an unknown header says that its column holds a part of a name.
const SPEAKS_OF_NAMES: &[&str] =
    &["ten", "ho", "dem", "lot", "name", "names", "surname", "surnames", "forename", "forenames", "first", "last"];

/// And by which it says that it is another name, or the name of something else: "Tên ở nhà", "Tên thánh", "English
/// name".
const OTHER_NAMES: &[&str] =
    &["nha", "goi", "thuong", "khac", "thanh", "danh", "nick", "english", "anh", "truong", "school", "company"];

/// Completes names of which only one part has a known header. The other part is a column whose unknown header speaks of
/// names, and which holds names. Without such a column the known one has whole names, where its cells have several words;
/// otherwise the columns wait to be mapped by hand, so that a part of a name is never taken for all of it unnoticed.
fn adopt(columns: &mut [HeaderColumn], rows: &[SheetRow<'_>]) {
    let whole = Meaning::Whole(Field::FullName);
    let is_family = |meaning: Meaning| matches!(meaning, Meaning::Family | Meaning::FamilyMiddle);
    let at = |wanted: &dyn Fn(Meaning) -> bool| {
        columns.iter().position(|column| column.sense.is_some_and(|(meaning, _)| wanted(meaning)))
    };
    let is_one_word =
        |column: &HeaderColumn| most(rows, column.index, |row| text::words(&row.cell(column.index).shown()).len() == 1);
    let named = at(&|meaning| meaning == whole);
    let (has_family, has_given) = (at(&is_family).is_some(), at(&|meaning| meaning == Meaning::Given).is_some());
    // "Tên" alone may hold the whole name.
    let bare = named.filter(|at| columns.get(*at).is_some_and(is_one_word));
    let lacks = match (named.is_some(), has_family, has_given) {
        (true, false, false) if bare.is_some() => Meaning::FamilyMiddle,
        (false, true, false) => Meaning::Given,
        (false, false, true) => Meaning::FamilyMiddle,
        (false, false, false) => return forget(columns, Meaning::Middle),
        _ => return,
    };
    let is_other_part = |column: &HeaderColumn| {
        let words = text::words(&column.text);
        let says = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        column.sense.is_none()
            && says(SPEAKS_OF_NAMES)
            && !says(OTHER_NAMES)
            && most(rows, column.index, |row| is_given_name(row.cell(column.index)))
    };
    let other = columns.iter().position(is_other_part);
    if let Some(column) = other.and_then(|at| columns.get_mut(at)) {
        column.sense = Some((lacks, 0));
        if let Some(column) = bare.and_then(|at| columns.get_mut(at)) {
            column.sense = Some((Meaning::Given, 0));
        }
        return;
    }
    // "Tên đệm | Tên", where the first has the family name too.
    let has_family_too = |column: &HeaderColumn| {
        column.sense.is_some_and(|(meaning, _)| meaning == Meaning::Middle) && !is_one_word(column)
    };
    if bare.is_some() || columns.iter().any(has_family_too) {
        return;
    }
    forget(columns, Meaning::Middle);
    for column in columns.iter_mut() {
        if column.sense.is_some_and(|(meaning, _)| is_family(meaning) || meaning == Meaning::Given) {
            column.sense = (!is_one_word(column)).then_some((whole, 0));
        }
    }
}

fn forget(columns: &mut [HeaderColumn], wanted: Meaning) {
    for column in columns.iter_mut().filter(|column| column.sense.is_some_and(|(meaning, _)| meaning == wanted)) {
        column.sense = None;
    }
}

/// An unrecognised header: the first row that looks like one, with as many texts as the rows below have cells. Its
/// columns wait to be mapped by hand.
pub fn unknown_header(rows: &[SheetRow<'_>], kind: RosterKind) -> Option<Header> {
    let width = |row: &SheetRow<'_>| row.filled().count();
    let at = (0..rows.len()).find(|at| {
        let Some(row) = rows.get(*at) else { return false };
        let texts = row.filled().filter(|(_, cell)| cell.is_text()).count();
        let below = rows.get(at + 1..).unwrap_or_default().iter().take(5).map(width).max().unwrap_or(0);
        texts >= 2 && texts == width(row) && below >= 2 && texts * 2 >= below
    })?;
    let mut header = single(rows, at, kind)?;
    resolve(&mut header.columns);
    if kind != RosterKind::Classes {
        let below = rows.get(header.end()..).unwrap_or_default();
        adopt(&mut header.columns, below);
    }
    Some(header)
}

fn single(rows: &[SheetRow<'_>], at: usize, kind: RosterKind) -> Option<Header> {
    let row = rows.get(at)?;
    let columns = row.filled().map(|(index, cell)| HeaderColumn {
        index,
        text: shown(cell),
        sense: header_text(cell).and_then(|text| sense(&text, kind)),
    });
    Some(built(at, 1, row.line, columns.collect()))
}

fn double(rows: &[SheetRow<'_>], at: usize, kind: RosterKind) -> Option<Header> {
    let (upper, lower) = (rows.get(at)?, rows.get(at + 1)?);
    if lower.line != upper.line + 1 {
        return None;
    }
    let mut columns = Vec::new();
    let mut spanning = String::new();
    for index in 0..upper.cells.len().max(lower.cells.len()) {
        let (above, below) = (upper.cell(index), lower.cell(index));
        if !above.is_empty() {
            spanning = shown(above);
        }
        let column = match (above.is_empty(), below.is_empty()) {
            (true, true) => continue,
            (false, true) => HeaderColumn {
                index,
                text: shown(above),
                sense: header_text(above).and_then(|text| sense(&text, kind)),
            },
            (_, false) => {
                let text = shown(below);
                let sense = header_text(below).and_then(|below| sense_under(&spanning, &below, kind));
                let text =
                    if spanning.is_empty() || spanning == text { text } else { format!("{spanning}{BELOW}{text}") };
                HeaderColumn { index, text, sense }
            }
        };
        columns.push(column);
    }
    Some(built(at, 2, upper.line, columns))
}

fn built(at: usize, rows: usize, line: u32, columns: Vec<HeaderColumn>) -> Header {
    let mut known: Vec<Meaning> =
        columns.iter().filter_map(|column| column.sense).map(|(meaning, _)| meaning).collect();
    let unused = known.iter().filter(|meaning| **meaning == Meaning::Unused).count();
    known.retain(|meaning| *meaning != Meaning::Unused);
    known.sort_unstable();
    known.dedup();
    Header { at, rows, line, columns, score: known.len() * 2 + unused }
}

fn shown(cell: &Cell<'_>) -> String {
    text::clean(&cell.shown())
}

/// Headers are texts.
fn header_text(cell: &Cell<'_>) -> Option<String> {
    cell.is_text().then(|| shown(cell))
}

/// Resolves ambiguous headers by their neighbours.
fn resolve(columns: &mut [HeaderColumn]) {
    let has = |columns: &[HeaderColumn], wanted: Meaning| {
        columns.iter().any(|column| column.sense.is_some_and(|(meaning, _)| meaning == wanted))
    };
    let replace = |columns: &mut [HeaderColumn], from: Meaning, to: Option<Sense>| {
        for column in columns.iter_mut().filter(|column| column.sense.is_some_and(|(meaning, _)| meaning == from)) {
            column.sense = to;
        }
    };
    let whole_name = Meaning::Whole(Field::FullName);
    let whole_date = Meaning::Whole(Field::BirthDate);
    let others = [whole_name, Meaning::FamilyMiddle, Meaning::Family, Meaning::Middle];
    if !others.into_iter().any(|part| has(columns, part)) {
        replace(columns, Meaning::Given, Some((whole_name, 0)));
    }
    if has(columns, Meaning::BirthMonth) {
        // "Nam" without its mark, beside a month, is the year.
        if !has(columns, Meaning::BirthYear) && !has(columns, Meaning::Female) {
            replace(columns, Meaning::Male, Some((Meaning::BirthYear, 0)));
        }
        // "Ngày sinh | Tháng sinh | Năm sinh".
        for column in columns.iter_mut() {
            column.sense = match column.sense {
                Some((meaning, 0)) if meaning == whole_date => Some((Meaning::BirthDay, 0)),
                Some((meaning, 1)) if meaning == whole_date => Some((Meaning::BirthYear, 0)),
                other => other,
            };
        }
    }
    let parts = [Meaning::BirthDay, Meaning::BirthMonth, Meaning::BirthYear];
    if !parts.into_iter().all(|part| has(columns, part)) {
        for part in parts {
            replace(columns, part, None);
        }
    }
    resolve_parents(columns);
}

/// "Tên mẹ" is the whole name where no other column has a part of it. Parts without the given name are no name: their
/// columns wait to be mapped by hand.
fn resolve_parents(columns: &mut [HeaderColumn]) {
    let known: Vec<Sense> = columns.iter().filter_map(|column| column.sense).collect();
    for column in columns.iter_mut() {
        let Some((Meaning::OfParent(name, part), rank)) = column.sense else { continue };
        let has = |meaning: Meaning| known.contains(&(meaning, rank));
        let has_part = |part: NamePart| has(Meaning::OfParent(name, part));
        let has_whole = has(Meaning::Whole(name));
        let has_front = [NamePart::Family, NamePart::FamilyMiddle, NamePart::Middle].into_iter().any(has_part);
        if part == NamePart::Given && !has_whole && !has_front {
            column.sense = Some((Meaning::Whole(name), rank));
        } else if part != NamePart::Given && !has_whole && !has_part(NamePart::Given) {
            column.sense = None;
        }
    }
}

/// Gives columns without a header of their own to the header that spans them: a name in two columns, a date in three.
/// The contents of the rows below decide.
fn complete(columns: &mut Vec<HeaderColumn>, rows: &[SheetRow<'_>]) {
    let free = |columns: &[HeaderColumn], index: usize| {
        index < limits::COLUMNS && columns.iter().all(|column| column.index != index)
    };
    let found = |columns: &[HeaderColumn], wanted: Meaning| {
        columns.iter().position(|column| column.sense.is_some_and(|(meaning, _)| meaning == wanted))
    };

    if let Some(at) = found(columns, Meaning::Whole(Field::FullName)).or_else(|| found(columns, Meaning::FamilyMiddle))
    {
        let Some((index, text)) = columns.get(at).map(|column| (column.index, column.text.clone())) else { return };
        // Beside "Surname", "Name" is complete.
        let has_whole = found(columns, Meaning::Whole(Field::FullName)).is_some();
        let completes = |meaning: Meaning| match meaning {
            Meaning::Given => true,
            Meaning::Family | Meaning::FamilyMiddle => has_whole,
            _ => false,
        };
        let lacks_given = !columns.iter().any(|column| column.sense.is_some_and(|(meaning, _)| completes(meaning)));
        if lacks_given && free(columns, index + 1) && most(rows, index, |row| is_given_name(row.cell(index + 1))) {
            if let Some(column) = columns.get_mut(at) {
                column.sense = Some((Meaning::FamilyMiddle, 0));
            }
            columns.push(HeaderColumn { index: index + 1, text, sense: Some((Meaning::Given, 0)) });
        }
    }
    if let Some(at) = found(columns, Meaning::Whole(Field::BirthDate)) {
        let Some((index, text)) = columns.get(at).map(|column| (column.index, column.text.clone())) else { return };
        let is_date = |row: &SheetRow<'_>| {
            is_number_in(row.cell(index), 1, 31)
                && is_number_in(row.cell(index + 1), 1, 12)
                && is_number_in(row.cell(index + 2), 1900, 2100)
        };
        if free(columns, index + 1) && free(columns, index + 2) && most(rows, index, is_date) {
            if let Some(column) = columns.get_mut(at) {
                column.sense = Some((Meaning::BirthDay, 0));
            }
            columns.push(HeaderColumn { index: index + 1, text: text.clone(), sense: Some((Meaning::BirthMonth, 0)) });
            columns.push(HeaderColumn { index: index + 2, text, sense: Some((Meaning::BirthYear, 0)) });
        }
    }
    columns.sort_by_key(|column| column.index);
}

/// Whether most rows that have a value in the column pass the test.
fn most(rows: &[SheetRow<'_>], column: usize, test: impl Fn(&SheetRow<'_>) -> bool) -> bool {
    let filled = rows.iter().filter(|row| !row.cell(column).is_empty());
    let (passed, all) = filled.fold((0usize, 0usize), |(passed, all), row| (passed + usize::from(test(row)), all + 1));
    passed > 0 && passed * 2 > all
}

fn is_given_name(cell: &Cell<'_>) -> bool {
    let Cell::Text(name, _) = cell else { return false };
    let words = name.split_whitespace().count();
    (1..=3).contains(&words) && name.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || !c.is_ascii())
}

fn is_number_in(cell: &Cell<'_>, first: u32, last: u32) -> bool {
    cell.shown().trim().parse::<u32>().is_ok_and(|number| (first..=last).contains(&number))
}
