//! Converts a row of the sheet to the values of a person.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::{
    Dates, PersonRow, ReadOptions,
    cell::{Cell, SheetRow, day_of_serial},
    columns::{NameColumns, RivalColumn, Sources},
    dates::DateEvidence,
    names::{self, ShownParts},
};
use crate::{
    roster::fields::{self, Fault, Field, Guess, Normalised, RosterKind, cross_check, required_of_new},
    vietnam::{class_name, name, text},
};

/// Reads people out of rows.
pub struct PersonReader {
    layout: Layout,
    known: ValueCache,
    /// Evidence for the order of the birth dates; nothing once that is known.
    evidence: Option<DateEvidence>,
    doubts_real_dates: bool,
    /// The last person; its allocations are reused for the next one.
    person: PersonRow,
}

/// Where the values of a person are, and what they mean there.
struct Layout {
    kind: RosterKind,
    is_1904: bool,
    sources: Sources,
    /// The fields that the table can have.
    fields: Vec<Field>,
    /// The columns that are returned as they are.
    columns: Vec<usize>,
}

/// The class of a row that has none of its own, and the key of the guess that says where it comes from.
pub type ClassHint<'h> = Option<(&'h str, &'static str)>;

/// What was found for one field.
struct FoundValue<'r> {
    raw: Cow<'r, str>,
    /// The key of a guess that was made before the value was parsed.
    guess: Option<&'static str>,
    /// The key of the fault that rejects it, whatever it is.
    fault: Option<&'static str>,
}

impl<'r> FoundValue<'r> {
    fn plain(raw: impl Into<Cow<'r, str>>) -> Self {
        Self { raw: raw.into(), guess: None, fault: None }
    }

    fn guessed(raw: impl Into<Cow<'r, str>>, guess: &'static str) -> Self {
        Self { raw: raw.into(), guess: Some(guess), fault: None }
    }

    fn into_owned<'o>(self) -> FoundValue<'o> {
        FoundValue { raw: Cow::Owned(self.raw.into_owned()), guess: self.guess, fault: self.fault }
    }
}

impl PersonReader {
    /// `dates` is how the dates of this table are to be read; nothing in a first reading.
    pub fn new(
        options: &ReadOptions,
        dates: Option<Dates>,
        is_1904: bool,
        sources: Sources,
        columns: Vec<usize>,
    ) -> Self {
        let always = [Field::BirthDate, Field::Class];
        let fields = Field::ALL.into_iter().chain([Field::Grade]);
        let fields = fields.filter(|field| sources.has(*field) || always.contains(field)).collect();
        Self {
            person: PersonRow { cells: vec![String::new(); columns.len()], ..PersonRow::default() },
            known: ValueCache { today: options.today, dates: dates.unwrap_or_default(), seen: BTreeMap::new() },
            evidence: dates.is_none().then(DateEvidence::default),
            doubts_real_dates: dates.is_some_and(|dates| dates.real_ones_are_doubtful),
            layout: Layout { kind: options.kind, is_1904, sources, fields, columns },
        }
    }

    /// The header says that months stand before days.
    pub fn expect_months_first(&mut self) {
        if let Some(evidence) = &mut self.evidence {
            evidence.expects_months_first = true;
        }
    }

    /// What the dates of the table show, in a first reading.
    pub fn dates_shown(self) -> Option<DateEvidence> {
        self.evidence
    }

    /// `before` is what the row's line is counted from: see [`super::TableHead::sheets`].
    pub fn read(&mut self, row: &SheetRow<'_>, before: u32, class: ClassHint<'_>) -> &PersonRow {
        self.restart(row);
        self.person.line += before;
        if let Some(evidence) = &mut self.evidence {
            self.layout.birth_cells(row).for_each(|cell| evidence.see(cell));
        }
        let Self { layout, known, person, .. } = self;
        for field in &layout.fields {
            let mut taking = Taking { person, known, kind: layout.kind, field: *field, fault: None };
            let mut offered = layout.offer(row, *field, &mut |found| taking.take(found));
            if let (Field::Class, None, Some((class, key)), true) = (field, &taking.fault, class, offered.is_continue())
            {
                offered = taking.take(FoundValue::guessed(class, key));
            }
            match offered {
                ControlFlow::Continue(()) => taking.give_up(),
                ControlFlow::Break(()) => layout.compare(row, *field, person, known),
            }
        }
        person.warnings.extend(cross_check(layout.kind, &person.values, known.today));
        if self.doubts_real_dates
            && let Some(Cell::Date(date)) = layout.birth_cells(row).next()
            && date.day() != date.month()
        {
            let shown = format!("{:02}/{:02}/{}", date.day(), date.month(), date.year());
            person.warnings.push(Fault::new(Field::BirthDate, "date-maybe-turned", &shown));
        }
        person
    }

    /// Clears the person for reuse with this row. Values stay until each has been replaced or given up.
    fn restart(&mut self, row: &SheetRow<'_>) {
        let person = &mut self.person;
        person.line = row.line;
        for (text, column) in person.cells.iter_mut().zip(&self.layout.columns) {
            text.clear();
            text.push_str(&row.cell(*column).shown());
        }
        person.faults.clear();
        person.warnings.clear();
        person.guesses.clear();
    }
}

/// Cache of parsed values. Lists repeat themselves: genders, classes, years, families.
struct ValueCache {
    today: NaiveDate,
    dates: Dates,
    seen: BTreeMap<Field, HashMap<String, Result<Normalised, Fault>>>,
}

/// How many different values of a field are remembered.
const SEEN_VALUES: usize = 2_000;

impl ValueCache {
    fn normalise(&mut self, field: Field, raw: &str) -> Result<Normalised, Fault> {
        if !is_repetitive(field) {
            return fields::normalise(field, raw, self.today);
        }
        let seen = self.seen.entry(field).or_default();
        if let Some(known) = seen.get(raw) {
            return known.clone();
        }
        let order = if fields::is_dotted(raw) { self.dates.dotted } else { self.dates.order };
        let normalised = fields::normalise_in(field, raw, self.today, order);
        if seen.len() < SEEN_VALUES {
            seen.insert(raw.to_owned(), normalised.clone());
        }
        normalised
    }
}

/// Takes the first acceptable value of those found for a field.
struct Taking<'p> {
    person: &'p mut PersonRow,
    known: &'p mut ValueCache,
    kind: RosterKind,
    field: Field,
    /// The fault of the first value that was rejected.
    fault: Option<Fault>,
}

impl Taking<'_> {
    fn take(&mut self, FoundValue { raw, guess, fault }: FoundValue<'_>) -> ControlFlow<()> {
        if let Some(key) = fault {
            self.fault.get_or_insert_with(|| Fault::new(self.field, key, &raw));
            return ControlFlow::Continue(());
        }
        let normalised = match self.known.normalise(self.field, &raw) {
            Ok(normalised) => normalised,
            Err(fault) => {
                self.fault.get_or_insert(fault);
                return ControlFlow::Continue(());
            }
        };
        let Some(value) = normalised.value else { return ControlFlow::Continue(()) };
        let guess = guess.map(|key| Guess { field: self.field, key: key.to_owned(), value: raw.trim().to_owned() });
        self.person.guesses.extend(guess.into_iter().chain(normalised.guess));
        self.person.values.insert(self.field, value);
        ControlFlow::Break(())
    }

    /// Where no value was accepted, there is none, and the first one's fault stands.
    fn give_up(self) {
        self.person.values.remove(&self.field);
        let Some(fault) = self.fault else { return };
        let faults = if excludes(self.kind, &fault) { &mut self.person.faults } else { &mut self.person.warnings };
        faults.push(fault);
    }
}

impl Layout {
    /// The cells of a row that hold a whole birth date.
    fn birth_cells<'c>(&self, row: &'c SheetRow<'_>) -> impl Iterator<Item = &'c Cell<'c>> {
        let columns = self.sources.whole.get(&Field::BirthDate).map(Vec::as_slice).unwrap_or_default();
        let marks = self.sources.female.into_iter().chain(self.sources.male);
        columns.iter().copied().chain(marks).map(|column| row.cell(column)).filter(|cell| holds_date(cell))
    }

    /// Offers the row's values for a field, best first, until one is accepted.
    fn offer<'r>(
        &self,
        row: &'r SheetRow<'_>,
        field: Field,
        take: &mut dyn FnMut(FoundValue<'r>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if let Some(names) = self.sources.names.get(&field) {
            for columns in names {
                self.offer_name(row, field, columns, &mut *take)?;
            }
            return ControlFlow::Continue(());
        }
        let columns = self.sources.whole.get(&field).map(Vec::as_slice).unwrap_or_default();
        let mut pieces = columns
            .iter()
            .map(|column| row.cell(*column))
            .filter(|cell| !cell.is_empty())
            .map(|cell| self.raw(cell, field))
            .peekable();
        let is_found = pieces.peek().is_some();
        if self.sources.joined.contains(&field) {
            joined(pieces).map_or(ControlFlow::Continue(()), &mut *take)?;
        } else {
            pieces.try_for_each(&mut *take)?;
        }
        let mut offer = |found: Option<FoundValue<'r>>| found.map_or(ControlFlow::Continue(()), &mut *take);
        match field {
            Field::Gender if !is_found => offer(self.gender_of_marks(row)),
            Field::BirthDate => {
                offer(self.date_of_parts(row))?;
                offer(self.date_of_mark(row))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// Offers a name of which parts have columns of their own: the whole names, with what they lack, or the parts.
    fn offer_name<'r>(
        &self,
        row: &'r SheetRow<'_>,
        field: Field,
        columns: &NameColumns,
        take: &mut dyn FnMut(FoundValue<'r>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let parts: ShownParts = columns
            .parts
            .iter()
            .map(|(part, column)| (*part, text::clean(&row.cell(*column).shown())))
            .filter(|(_, shown)| !shown.is_empty())
            .collect();
        let cells = columns.whole.iter().map(|column| row.cell(*column)).filter(|cell| !cell.is_empty());
        let mut wholes: Vec<FoundValue<'r>> = cells.map(|cell| self.raw(cell, field)).collect();
        if self.sources.joined.contains(&field) {
            wholes = joined(wholes.into_iter()).into_iter().collect();
        }
        if wholes.is_empty() {
            return match names::of_parts(&parts) {
                Some(name) => take(FoundValue::plain(name)),
                None => ControlFlow::Continue(()),
            };
        }
        for whole in wholes {
            let found = match names::completed(&text::clean(&whole.raw), &parts) {
                Some(name) => FoundValue::plain(name),
                None => whole,
            };
            take(found)?;
        }
        ControlFlow::Continue(())
    }

    /// Two columns of one field may say different things of a person. Where a new person must have the value, or is
    /// known by it, the row then waits for a decision; any other value is the first column's, and the second is told.
    fn compare(&self, row: &SheetRow<'_>, field: Field, person: &mut PersonRow, known: &mut ValueCache) {
        let (Some(rivals), Some(value)) = (self.sources.rivals.get(&field), person.values.get(&field)) else { return };
        let filled: Vec<RivalColumn> =
            rivals.iter().copied().filter(|rival| !row.cell(rival.index).is_empty()).collect();
        let differs = |rival: &RivalColumn| {
            let found = self.raw(row.cell(rival.index), field);
            let read = known.normalise(field, &found.raw).ok().and_then(|read| read.value);
            read.is_some_and(|other| contradicts(field, value, &other, rival.is_as_good))
        };
        let Some(other) = filled.iter().copied().find(differs) else { return };
        let shown = |index: usize| text::clean(&row.cell(index).shown());
        let fault = Fault::new(field, "second-column-left", &shown(other.index));
        if !other.is_as_good || field == Field::Email || !excludes(self.kind, &fault) {
            person.warnings.push(fault);
            return;
        }
        let mut said: Vec<String> = filled.iter().map(|rival| shown(rival.index)).collect();
        said.dedup();
        person.values.remove(&field);
        person.guesses.retain(|guess| guess.field != field);
        person.faults.push(Fault::new(field, "columns-differ", &said.join(" | ")));
    }

    fn date_of_parts<'r>(&self, row: &SheetRow<'_>) -> Option<FoundValue<'r>> {
        let parts: Vec<String> = self
            .sources
            .birth_parts?
            .into_iter()
            .map(|column| text::clean(&row.cell(column).shown()))
            .filter(|part| !part.is_empty())
            .collect();
        (!parts.is_empty()).then(|| FoundValue::plain(parts.join("/")))
    }

    /// Registers with a column for each gender put the birth date where others put a mark.
    fn date_of_mark<'r>(&self, row: &'r SheetRow<'_>) -> Option<FoundValue<'r>> {
        let marks = self.sources.female.into_iter().chain(self.sources.male).map(|column| row.cell(column));
        marks.filter(|cell| holds_date(cell)).map(|cell| self.raw(cell, Field::BirthDate)).next()
    }

    /// A row without a mark in the only column of marks is of the other gender.
    fn gender_of_marks<'r>(&self, row: &SheetRow<'_>) -> Option<FoundValue<'r>> {
        let is_marked = |column: Option<usize>| column.map(|column| is_mark(row.cell(column)));
        let guessed = |gender: &'static str| Some(FoundValue::guessed(gender, "gender-mark"));
        match (is_marked(self.sources.female), is_marked(self.sources.male)) {
            (Some(true), None | Some(false)) => guessed("nữ"),
            (Some(false), None) => guessed("nam"),
            (None | Some(false), Some(true)) => guessed("nam"),
            (None, Some(false)) => guessed("nữ"),
            (Some(true), Some(true)) => Some(FoundValue::plain("x/x")),
            (Some(false), Some(false)) | (None, None) => None,
        }
    }

    /// A day by its serial number. The field itself handles those of 1900.
    fn serial<'r>(&self, number: f64) -> FoundValue<'r> {
        let whole = if (number - number.round()).abs() <= NEAR_MIDNIGHT { number.round() } else { number };
        match day_of_serial(whole, true).filter(|_| self.is_1904 && whole.fract() == 0.0) {
            Some(day) => FoundValue::guessed(day.to_string(), "date-serial"),
            None => FoundValue::plain(Cell::Number(whole).shown().into_owned()),
        }
    }

    fn raw<'r>(&self, cell: &'r Cell<'_>, field: Field) -> FoundValue<'r> {
        match cell {
            Cell::Date(moment) => FoundValue::plain(date_shown(*moment)),
            Cell::Formatted(number, shown)
                if !matters_as_shown(field) || field != Field::Class && shown.contains('.') =>
            {
                self.raw(&Cell::Number(*number), field).into_owned()
            }
            Cell::Formatted(_, shown) => {
                FoundValue { raw: Cow::Borrowed(shown), guess: Some("number-format"), fault: None }
            }
            // 10.1 may be the tenth class of its grade, whose zero the cell does not show.
            Cell::Number(number) if field == Field::Class && number.fract() != 0.0 => {
                let shown = cell.shown();
                let is_tenth = shown.split_once('.').is_some_and(|(_, fraction)| fraction == "1");
                FoundValue { raw: shown, guess: None, fault: is_tenth.then_some("class-number-unsure") }
            }
            Cell::Number(number) if field == Field::BirthDate && !is_year(*number) => self.serial(*number),
            // 33311646049.0 in a text is what another program makes of a number.
            Cell::Text(text, _) if is_number_field(field) => FoundValue::plain(text.strip_suffix(".0").unwrap_or(text)),
            _ => FoundValue::plain(cell.shown()),
        }
    }
}

/// Programs that count in seconds of another time zone miss midnight by a little, in days.
const NEAR_MIDNIGHT: f64 = 2.0 / (24.0 * 60.0);

fn joined<'r>(pieces: impl Iterator<Item = FoundValue<'r>>) -> Option<FoundValue<'r>> {
    let pieces: Vec<Cow<'r, str>> = pieces.map(|piece| piece.raw).collect();
    (!pieces.is_empty()).then(|| FoundValue::plain(pieces.join(" ")))
}

/// Whether a second value of a field cannot be true of the same person beside the first. One name may be a shorter one
/// of the other, and a column of codes of classes contradicts names of classes only where it has such names, too.
fn contradicts(field: Field, value: &str, other: &str, is_as_good: bool) -> bool {
    match field {
        Field::FullName | Field::MotherName | Field::GuardianName => {
            let is_alike = name::likeness(value, other) >= name::Likeness::Respelt;
            !is_alike && !names::has_words(value, other) && !names::has_words(other, value)
        }
        Field::Email => !value.eq_ignore_ascii_case(other),
        Field::Class if !is_as_good => value != other && class_name::grade(other).is_some(),
        _ => value != other,
    }
}

fn is_year(number: f64) -> bool {
    (1900.0..=2100.0).contains(&number)
}

/// Fields whose values are identifiers of digits, in which every zero counts.
fn matters_as_shown(field: Field) -> bool {
    matches!(field, Field::Class | Field::Phone | Field::NationalId | Field::MoetId | Field::Username | Field::Password)
        || field == Field::BirthDate
}

fn is_number_field(field: Field) -> bool {
    matches!(
        field,
        Field::Phone | Field::NationalId | Field::MoetId | Field::MotherBirthYear | Field::GuardianBirthYear
    )
}

/// A moment near midnight is that midnight: programs that count in seconds of another time zone miss it by a little.
/// Any other moment is given in full, since it may be another day here.
fn date_shown(moment: NaiveDateTime) -> String {
    let near = moment.checked_add_signed(Duration::minutes(2)).unwrap_or(moment);
    if near.time().num_seconds_from_midnight() <= 4 * 60 {
        return near.date().to_string();
    }
    if moment.time() == NaiveTime::MIN {
        moment.date().to_string()
    } else {
        moment.format("%Y-%m-%d %H:%M:%S").to_string()
    }
}

fn holds_date(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Date(_) => true,
        Cell::Text(text, _) => text.chars().filter(char::is_ascii_digit).count() >= 4,
        Cell::Number(number) | Cell::Formatted(number, _) => *number >= 10_000.0,
        _ => false,
    }
}

/// Any text in a column of marks is a mark, except one that says no.
fn is_mark(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Empty | Cell::Error(_) => false,
        Cell::Bool(value) => *value,
        Cell::Number(number) | Cell::Formatted(number, _) => *number != 0.0,
        Cell::Date(_) => true,
        Cell::Text(text, _) => {
            let mark = text::fold(text);
            !matches!(mark.as_str(), "" | "0" | "-" | "khong" | "ko" | "k" | "no" | "n" | "false" | "nam")
        }
    }
}

/// Whether many people of a list share their values of the field.
fn is_repetitive(field: Field) -> bool {
    use Field::{BirthDate, Class, Department, Gender, GuardianBirthYear, MotherBirthYear, Status};
    matches!(field, BirthDate | Class | Department | Gender | GuardianBirthYear | MotherBirthYear | Status)
}

/// Whether a fault keeps the whole row out: those of values that a new person must have, that identify the person, or
/// that say whether they are still there. Others only cost the value.
fn excludes(kind: RosterKind, fault: &Fault) -> bool {
    // A person who may have left gets no account.
    let tells_who = matches!(fault.field, Field::FullName | Field::MoetId | Field::Username | Field::Status);
    let lost = fault.key == "digits-lost" && fault.field == Field::NationalId;
    tells_who || lost || required_of_new(kind).contains(&fault.field)
}
