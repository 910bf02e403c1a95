//! Files for download: templates, exports, and the rows that failed. Everything that is written here reads back the
//! same.
//!
//! Sentences and labels come from Fluent, through a function from key to text in the reader's language.

mod export;
mod failed;
mod template;

pub use export::{CsvExport, XlsxExport};
pub use failed::FailedRows;
pub use template::template;

use crate::{
    roster::fields::{Field, RosterKind, Values, of_sheets, required_of_new},
    vietnam::text,
};

/// A file cannot be written: the disk is full, or there are more rows than a sheet holds.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("the workbook cannot be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("the text file cannot be written")]
    Text(#[from] csv::Error),
    #[error("the file cannot be written")]
    File(#[from] std::io::Error),
}

/// The text of a key in Fluent.
pub type Texts<'t> = &'t dyn Fn(&str) -> String;

/// A column of a file for download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutColumn {
    Field(Field),
    /// The given name, where the name is in two columns.
    FirstName,
    /// All but the given name.
    LastName,
}

impl OutColumn {
    /// The column's name: the end of the keys `template-help-…` and `template-example-…`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Field(field) => field.key(),
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
        }
    }

    /// The field whose value, or part of it, is in the column.
    pub const fn field(self) -> Field {
        match self {
            Self::Field(field) => field,
            Self::FirstName | Self::LastName => Field::FullName,
        }
    }

    /// The header, with the mark for values that a new person must have.
    pub fn header(self, kind: RosterKind, texts: Texts<'_>) -> String {
        let label = match self {
            Self::FirstName => texts("template-first-name"),
            Self::LastName => texts("template-last-name"),
            Self::Field(Field::Class) if kind == RosterKind::HigherStudents => texts("field-class-higher"),
            Self::Field(field) => texts(field.label_key()),
        };
        // The template of higher education is given from outside and has no marks.
        let is_marked = kind != RosterKind::HigherStudents && required_of_new(kind).contains(&self.field());
        if is_marked { format!("{label} (*)") } else { label }
    }

    /// The value as it is shown to people, in the language of the file.
    pub fn shown(self, values: &Values, texts: Texts<'_>) -> String {
        let value = values.get(&self.field()).map(String::as_str).unwrap_or_default();
        if value.is_empty() {
            return String::new();
        }
        match self {
            Self::FirstName => split_name(value).1.to_owned(),
            Self::LastName => split_name(value).0.to_owned(),
            Self::Field(Field::Gender) => texts(&format!("value-gender-{value}")),
            Self::Field(Field::Status) => texts(&format!("value-status-{value}")),
            Self::Field(Field::BirthDate) => date_shown(value),
            Self::Field(_) => value.to_owned(),
        }
    }
}

/// The columns of the template for a kind of people. That of higher education's students is given from outside.
pub fn template_columns(kind: RosterKind) -> Vec<OutColumn> {
    use OutColumn::{Field as Of, FirstName, LastName};
    match kind {
        RosterKind::Students | RosterKind::Teachers | RosterKind::HigherTeachers => of_sheets(kind).map(Of).collect(),
        RosterKind::HigherStudents => {
            vec![FirstName, LastName, Of(Field::Email), Of(Field::Password), Of(Field::Class), Of(Field::Department)]
        }
        RosterKind::Classes => vec![Of(Field::Class), Of(Field::Grade)],
    }
}

/// The columns of an export: those of the template but for the password, and the status behind.
pub fn export_columns(kind: RosterKind) -> Vec<OutColumn> {
    let kept = template_columns(kind).into_iter().filter(|column| *column != OutColumn::Field(Field::Password));
    kept.chain([OutColumn::Field(Field::Status)]).collect()
}

/// The name without its last word, and that word with any note in parentheses behind it.
fn split_name(name: &str) -> (&str, &str) {
    let words = name.split_once('(').map_or(name, |(words, _)| words).trim_end();
    match words.rfind(' ') {
        Some(at) => (name.get(..at).unwrap_or_default(), name.get(at + 1..).unwrap_or_default()),
        None => ("", name),
    }
}

/// The date as it is written in Vietnam.
fn date_shown(iso: &str) -> String {
    match iso.parse::<chrono::NaiveDate>() {
        Ok(date) => date.format("%d/%m/%Y").to_string(),
        Err(_) => text::clean(iso),
    }
}

/// How wide a column of such values is shown, in characters.
fn width(column: OutColumn) -> f64 {
    match column.field() {
        Field::FullName | Field::MotherName | Field::GuardianName | Field::Email | Field::Address => 26.0,
        Field::Gender | Field::Class => 12.0,
        _ => 18.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_before_the_given_name() {
        assert_eq!(split_name("Nguyễn Thái Minh"), ("Nguyễn Thái", "Minh"));
        assert_eq!(split_name("Nguyễn Thái Minh (b)"), ("Nguyễn Thái", "Minh (b)"));
        assert_eq!(split_name("Minh"), ("", "Minh"));
    }
}
