//! What coverage-guided fuzzing found; how it is done stands in `fuzz/fuzz_targets/spreadsheet.rs`.

use schoolgate::{
    roster::fields::RosterKind,
    sources::spreadsheet::{ENCODINGS, FileRefusal, Table, read},
};

use super::child::guarded;
use super::support::{options, sample};

/// Files at which the crates that open them panic.
const PANICS: &[&str] = &["xls-cut-short.bin", "xlsb-record-length.bin", "xlsb-relationship.bin"];

/// Files for which a crate asks for more memory than there is, which ends its process: only a child may read them.
const MEMORY: &[&str] = &["xls-chain-of-sectors.bin", "xls-dimensions.bin", "xls-directory.bin"];

/// Text with a quote that is never closed, in which two rows had the same line.
const LINES: &[&str] = &["text-unclosed-quote.bin", "text-unclosed-quote-utf16.bin"];

/// A date that no calendar has, at which the crate that would tell it panics.
const DATES: &[&str] = &["xlsb-date.bin"];

/// A password with a line break in it.
const LINE_BREAKS: &[&str] = &["text-password-of-two-lines.bin"];

fn found(name: &str) -> Vec<u8> {
    sample(&format!("fuzz/{name}"))
}

fn read_in(encoding: Option<&str>, bytes: &[u8]) -> Result<Table, FileRefusal> {
    let mut options = options(RosterKind::Students);
    options.encoding = encoding.map(str::to_owned);
    read(bytes, &options)
}

#[test]
fn panics_of_crates_are_contained() {
    for name in PANICS {
        assert_eq!(read_in(None, &found(name)).err(), Some(FileRefusal::Broken), "{name}");
    }
}

#[test]
fn dates_that_no_calendar_has_are_numbers() {
    for name in DATES {
        assert!(read_in(None, &found(name)).is_ok_and(|table| !table.rows.is_empty()), "{name}");
    }
}

#[test]
fn no_value_has_a_line_break() {
    for name in LINE_BREAKS {
        let bytes = found(name);
        let kinds =
            [RosterKind::Students, RosterKind::Teachers, RosterKind::HigherStudents, RosterKind::HigherTeachers];
        let tables: Vec<Table> = kinds.into_iter().filter_map(|kind| read(&bytes, &options(kind)).ok()).collect();
        let values: Vec<&String> =
            tables.iter().flat_map(|table| &table.rows).flat_map(|row| row.values.values()).collect();
        assert!(!values.is_empty(), "{name} is read as no kind of list any more, and shows nothing");
        for value in values {
            assert!(!value.contains(char::is_control), "{name}: {value:?}");
        }
    }
}

#[tokio::test]
async fn memory_is_the_childs_alone() {
    for name in MEMORY {
        let refusal = guarded(found(name)).await.err();
        assert!(matches!(refusal, Some(FileRefusal::Memory | FileRefusal::Broken)), "{name}: {refusal:?}");
    }
}

#[test]
fn every_row_has_a_line_of_its_own() {
    for name in LINES {
        let bytes = found(name);
        let encodings = std::iter::once(None).chain(ENCODINGS.into_iter().map(Some));
        let tables: Vec<Table> = encodings.filter_map(|encoding| read_in(encoding, &bytes).ok()).collect();
        assert!(tables.iter().any(|table| table.rows.len() > 1), "{name}");
        for table in tables {
            assert!(table.rows.is_sorted_by(|before, after| before.line < after.line), "{name}");
        }
    }
}

/// A person who adds a file says what it is about.
#[test]
fn every_file_is_named() {
    let mut named: Vec<&str> = [PANICS, MEMORY, LINES, DATES, LINE_BREAKS].concat();
    named.sort_unstable();
    let folder = super::support::samples().join("fuzz");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    assert_eq!(names, named);
}
