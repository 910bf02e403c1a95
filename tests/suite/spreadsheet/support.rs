//! What the tests of spreadsheets share.

use std::path::PathBuf;

use chrono::NaiveDate;
use schoolgate::{
    roster::fields::{Field, RosterKind},
    sources::spreadsheet::{FileRefusal, PersonRow, ReadOptions, Table, read},
    web::{Translator, i18n::Lang},
};

pub fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

pub fn sample(name: &str) -> Vec<u8> {
    std::fs::read(samples().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn options(kind: RosterKind) -> ReadOptions {
    ReadOptions::new(kind, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap())
}

pub fn read_students(bytes: &[u8]) -> Result<Table, FileRefusal> {
    read(bytes, &options(RosterKind::Students))
}

/// The fields that tables of expectations have, in their order.
pub const FIELDS: [Field; 12] = [
    Field::FullName,
    Field::Gender,
    Field::Class,
    Field::BirthDate,
    Field::MotherName,
    Field::MotherBirthYear,
    Field::Email,
    Field::Phone,
    Field::Address,
    Field::NationalId,
    Field::MoetId,
    Field::Status,
];

/// A row as a line of a table of expectations.
pub fn line_of(row: &PersonRow) -> String {
    let values = FIELDS.iter().map(|field| row.values.get(field).cloned().unwrap_or_default());
    let faults: Vec<String> = row.faults.iter().map(|fault| format!("{}:{}", fault.field.key(), fault.key)).collect();
    let mut columns = vec![row.line.to_string()];
    columns.extend(values);
    columns.push(faults.join(" "));
    columns.join("\t")
}

/// The sentence of this key, in Vietnamese or English and in the usual words.
pub fn text(language: &str, key: &str) -> String {
    let l = Translator::new(Lang::from_key(language).unwrap_or_else(|| panic!("{language} is no language")));
    assert!(l.knows(key), "{language}: no text for {key}");
    l.t(key)
}

pub fn vietnamese(key: &str) -> String {
    text("vi", key)
}

pub fn english(key: &str) -> String {
    text("en", key)
}
