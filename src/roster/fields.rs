//! The fields of a person, one by one: the only place where a value, typed into a form, corrected in a review or read
//! from a spreadsheet, becomes the value that is stored.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::vietnam::{class_name, name, national_id::NationalId, phone, text};

mod checks;
mod choices;
mod dates;
mod identifiers;
mod keys;
mod table;

pub use checks::{RosterKind, cross_check, missing_of_new, required_of_new};
pub use dates::{DATE_ORDER_UNSURE, DateOrder, OrderShown, is_dotted, order_shown};
pub use keys::{FAULT_KEYS, GUESS_KEYS};
pub use table::{Field, FieldInfo, FieldStorage, of_forms, of_sheets};

/// The normalised values of one person, as they would be stored: dates as `YYYY-MM-DD`, gender as
/// `male`/`female`/`other`, status as `active`/`suspended`/`left`, phones as 10 digits, names NFC in their usual case.
pub type Values = BTreeMap<Field, String>;

/// Why a value is refused. Its Fluent message is `fault-{key}` with `value` as its argument.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fault {
    pub field: Field,
    /// Kebab-case, e.g. `date-impossible`, `date-year-only`, `missing`, `email-malformed`, `digits-lost`.
    pub key: String,
    /// The value as it was typed.
    pub value: String,
}

/// What was changed while reading and is worth showing: `guess-{key}` in Fluent, with `value` (as typed) and the new
/// value.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Guess {
    pub field: Field,
    pub key: String,
    pub value: String,
}

/// A text of this many characters or more is not a value of any field.
const MAX_VALUE_CHARS: usize = 2_000;

/// The longest address or department, in characters.
const MAX_TEXT_CHARS: usize = 200;

/// The least and the most characters of a password that comes from a sheet.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 6..=MAX_TEXT_CHARS;

/// How much of an overlong value a fault repeats, in characters.
const SHOWN_CHARS: usize = 100;

/// What spreadsheet programs show in a cell whose formula failed.
const FORMULA_ERRORS: &[&str] =
    &["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#ERROR!"];

/// Words that people write to say that there is no value.
const NOTHING: &[&str] = &["không", "không có", "ko có", "chưa có", "không rõ", "n/a", "null"];

/// The initials of those words: text with another initial need not be compared.
const NOTHING_INITIALS: &[char] = &['k', 'K', 'c', 'C', 'n', 'N'];

/// Signs that people fill empty cells with.
const FILLERS: &[char] = &['-', '–', '—', '−', '_', '.', '…', '/', '\\', '?', ' '];

/// A value that was read successfully.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Normalised {
    /// As it would be stored; `None` when nothing was typed.
    pub value: Option<String>,
    /// What is worth showing about how it was read.
    pub guess: Option<Guess>,
}

/// What the reader of one field returns: the value to store, and the key of the guess if there was one.
#[derive(Debug, PartialEq, Eq)]
struct FieldReading {
    value: String,
    guess: Option<&'static str>,
}

impl FieldReading {
    fn plain(value: impl Into<String>) -> Self {
        Self { value: value.into(), guess: None }
    }

    fn guessed(value: impl Into<String>, key: &'static str) -> Self {
        Self { value: value.into(), guess: Some(key) }
    }
}

/// A reading, or the key of the fault.
type Parsed = Result<FieldReading, &'static str>;

impl Fault {
    /// The key of its Fluent message.
    pub fn sentence_key(&self) -> String {
        format!("fault-{}", self.key)
    }

    /// A fault of a value as it was typed. A password is left out: faults are stored, and shown on screens.
    pub fn new(field: Field, key: &str, value: &str) -> Self {
        let value = if field == Field::Password { String::new() } else { shortened(value.trim()) };
        Self { field, key: key.to_owned(), value }
    }
}

/// The value as it is stored: without invisible characters, and in the normal form of its field. `today` is the date in
/// Vietnam.
///
/// # Errors
/// The [`Fault`] that keeps the value from being stored.
pub fn normalise(field: Field, raw: &str, today: NaiveDate) -> Result<Normalised, Fault> {
    normalise_in(field, raw, today, DateOrder::default())
}

/// As [`normalise`], for a column whose values have shown the order of its dates.
///
/// # Errors
/// The [`Fault`] that keeps the value from being stored.
pub fn normalise_in(field: Field, raw: &str, today: NaiveDate, order: DateOrder) -> Result<Normalised, Fault> {
    let fault = |key| Fault::new(field, key, raw);
    if raw.len() >= MAX_VALUE_CHARS && raw.chars().nth(MAX_VALUE_CHARS - 1).is_some() {
        return Err(fault("too-long"));
    }
    let typed = if field == Field::Password { typeable(raw) } else { unmarked(text::cleaned(raw)) };
    if typed.is_empty() || (field != Field::Password && says_nothing(&typed)) {
        return Ok(Normalised::default());
    }
    if typed.starts_with('#') && FORMULA_ERRORS.contains(&typed.as_ref()) {
        return Err(fault("formula-error"));
    }
    if field.info().is_text && has_lost_letters(&typed) {
        return Err(fault("text-broken"));
    }
    let reading = (field.info().read)(&typed, today, order).map_err(fault)?;
    let guess = reading.guess.map(|key| Guess { field, key: key.to_owned(), value: raw.trim().to_owned() });
    Ok(Normalised { value: Some(reading.value), guess })
}

/// A password as a person can type it: a line break within the cell becomes a space.
fn typeable(raw: &str) -> Cow<'_, str> {
    let raw = raw.trim();
    if raw.contains(char::is_control) { Cow::Owned(raw.replace(char::is_control, " ")) } else { Cow::Borrowed(raw) }
}

/// The text without the apostrophe by which Excel marks a text that looks like a number.
fn unmarked(cleaned: Cow<'_, str>) -> Cow<'_, str> {
    if !cleaned.starts_with('\'') {
        return cleaned;
    }
    Cow::Owned(cleaned.trim_start_matches(['\'', ' ']).to_owned())
}

/// Whether a program with a smaller character set has replaced letters by question marks.
pub fn has_lost_letters(text: &str) -> bool {
    if text.contains('\u{FFFD}') {
        return true;
    }
    if !text.contains('?') {
        return false;
    }
    // One question mark behind a word is a question; several are "S? 5 ph? Hu?".
    let ends_in_one = |word: &&str| word.strip_suffix('?').is_some_and(|rest| rest.ends_with(char::is_alphabetic));
    if text.split_whitespace().filter(ends_in_one).count() > 1 {
        return true;
    }
    let mut before = ' ';
    text.split_inclusive('?').any(|piece| {
        let first = piece.chars().next().unwrap_or(' ');
        let is_inside = before == '?' && first.is_alphabetic();
        before = piece.chars().last().unwrap_or(' ');
        is_inside
    })
}

fn says_nothing(typed: &str) -> bool {
    typed.chars().all(|c| FILLERS.contains(&c))
        || typed.starts_with(NOTHING_INITIALS) && NOTHING.contains(&typed.to_lowercase().as_str())
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn person_name(typed: &str) -> Parsed {
    if typed.chars().count() > name::MAX_CHARS {
        return Err("name-too-long");
    }
    if !name::is_plausible(typed) {
        return Err("name-implausible");
    }
    Ok(match name::usual_case(typed) {
        Some(cased) => FieldReading::guessed(cased, "name-case"),
        None => FieldReading::plain(typed),
    })
}

fn class(typed: &str) -> Parsed {
    if class_name::is_date(typed) {
        return Err("class-is-date");
    }
    class_name::normalise(typed).map(FieldReading::plain).ok_or("class-malformed")
}

/// The longest name of a grade, in characters.
const MAX_GRADE_CHARS: usize = 30;

/// A grade: its number, whatever is written before it, or its name, as kindergartens have them.
fn grade(typed: &str) -> Parsed {
    let number = typed.rsplit(' ').next().and_then(|last| last.parse::<u8>().ok()).filter(|n| (1..=12).contains(n));
    match number {
        Some(number) if text::words(typed).len() <= 2 => Ok(FieldReading::plain(number.to_string())),
        _ if typed.chars().count() > MAX_GRADE_CHARS => Err("too-long"),
        _ => Ok(FieldReading::plain(typed)),
    }
}

fn phone_number(typed: &str) -> Parsed {
    if identifiers::is_scientific(typed) {
        return Err("digits-lost");
    }
    let phone = phone::normalise(typed).map_err(phone::PhoneFault::key)?;
    let guess = if phone.renumbered {
        Some("phone-renumbered")
    } else if phone.zero_restored {
        Some("phone-zero-restored")
    } else {
        None
    };
    Ok(FieldReading { value: phone.number, guess })
}

fn national_id(typed: &str, today: NaiveDate) -> Parsed {
    if identifiers::is_scientific(typed) {
        return Err("digits-lost");
    }
    let id = NationalId::parse(typed).map_err(|_| "national-id-malformed")?;
    if !id.zero_restored() {
        return Ok(FieldReading::plain(id.as_str()));
    }
    // If adding the zero gives a birth year in the future, no zero was lost: the number is wrong.
    let is_born = id.birth_year().is_some_and(|year| year <= chrono::Datelike::year(&today));
    if is_born {
        Ok(FieldReading::guessed(id.as_str(), "national-id-zero-restored"))
    } else {
        Err("national-id-malformed")
    }
}

fn password(typed: &str) -> Parsed {
    match typed.chars().count() {
        n if n < *PASSWORD_CHARS.start() => Err("password-short"),
        n if n > *PASSWORD_CHARS.end() => Err("too-long"),
        _ => Ok(FieldReading::plain(typed)),
    }
}

fn free_text(typed: &str) -> Parsed {
    if typed.chars().count() > MAX_TEXT_CHARS { Err("too-long") } else { Ok(FieldReading::plain(typed)) }
}

#[cfg(test)]
mod tests;
