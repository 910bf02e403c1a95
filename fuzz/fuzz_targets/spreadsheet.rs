//! Any bytes at all go to the reader of spreadsheets; the format is the one that they look like.
//!
//! ```sh
//! cargo install cargo-fuzz
//! fuzz/seeds.py
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none spreadsheet fuzz/corpus/spreadsheet fuzz/seeds -- \
//!     -dict=fuzz/spreadsheet.dict -max_len=65536 -timeout=20 -rss_limit_mb=0 -max_total_time=3600
//! ```
//!
//! What is found wrong is made smaller with `cargo fuzz tmin`, goes to `tests/samples/fuzz` and is mended.

#![no_main]
#![feature(alloc_error_hook)]

mod zipped;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Once;

use chrono::NaiveDate;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use nix::sys::resource::{Resource, setrlimit};
use schoolgate::{roster::fields::RosterKind, sources::spreadsheet::{ENCODINGS, Format, ReadOptions, FileRefusal, Table, limits, read, sniff}};

/// What the fuzzer itself needs beside what the child process may take, in bytes.
const MEMORY_OF_FUZZER: u64 = 256 * 1024 * 1024;

/// The panic by which an allocation fails. In the child it is an abort, and says that the file takes too much memory.
struct OutOfMemory;

thread_local! {
    /// What the last panic said. Those of the crates that open files are contained; only one that is not ends the run.
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fuzz_target!(|bytes: &[u8]| {
    static START: Once = Once::new();
    START.call_once(start);
    check(read_as_child(bytes, &options(bytes)));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    zipped::mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

/// Holds the process to the memory that the child has, and makes of an allocation that fails something to catch.
fn start() {
    let memory = limits::CHILD_MEMORY + MEMORY_OF_FUZZER;
    setrlimit(Resource::RLIMIT_AS, memory, memory).unwrap();
    std::alloc::set_alloc_error_hook(|_| panic_any(OutOfMemory));
    std::panic::set_hook(Box::new(|info| LAST_PANIC.set(info.to_string())));
}

/// Options that any bytes choose for themselves, so that a file that was found is read the same way again.
fn options(bytes: &[u8]) -> ReadOptions {
    let choice = bytes.iter().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let kind = match choice % 8 {
        1 => RosterKind::Teachers,
        2 => RosterKind::HigherStudents,
        3 => RosterKind::HigherTeachers,
        _ => RosterKind::Students,
    };
    let mut options = ReadOptions::new(kind, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
    if matches!(sniff(bytes), Ok(Format::Text | Format::Html | Format::SheetMl)) {
        options.encoding = ENCODINGS.get(choice / 8 % (ENCODINGS.len() * 2)).map(|name| (*name).to_owned());
    }
    options
}

/// Reads. A failed allocation is what the end of the child by it is taken for; any other panic ends the run.
fn read_as_child(bytes: &[u8], options: &ReadOptions) -> Result<Table, FileRefusal> {
    let read = catch_unwind(AssertUnwindSafe(|| read(bytes, options)));
    read.unwrap_or_else(|panic| if panic.is::<OutOfMemory>() { Err(FileRefusal::Memory) } else { end_run() })
}

fn end_run() -> ! {
    eprintln!("{}", LAST_PANIC.take());
    std::process::abort()
}

/// What holds of every table, whatever the file was.
fn check(table: Result<Table, FileRefusal>) {
    let Ok(table) = table else { return };
    let checked = catch_unwind(AssertUnwindSafe(|| check_table(&table)));
    checked.unwrap_or_else(|_| end_run());
}

fn check_table(table: &Table) {
    assert!(table.rows.len() <= limits::ROWS as usize);
    assert!(table.head.columns.iter().all(|column| column.index < limits::COLUMNS));
    assert!(table.rows.is_sorted_by(|before, after| before.line < after.line));
    for row in &table.rows {
        assert!(row.line <= limits::LINES);
        assert_eq!(row.cells.len(), table.head.columns.len());
        for text in row.cells.iter().chain(row.values.values()) {
            assert!(text.chars().count() <= limits::CELL_CHARS);
        }
        for value in row.values.values() {
            assert!(!value.is_empty() && !value.contains(char::is_control), "{value:?}");
        }
    }
}
