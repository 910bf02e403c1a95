//! The zip: its files, its manifest, and the rows of each table, checked cell by cell.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Cursor, Read};

use chrono::{DateTime, NaiveDate};
use zip::ZipArchive;

use super::{
    broken::{Rule, Violations},
    standard::{CellFormat, StandardColumn, StandardFile, StandardVersion},
    strict::Strict,
};
use crate::sources::spreadsheet::{FileRefusal, limits};

/// The most rows that a file may have.
pub const ROWS: usize = 150_000;

/// How the rows of a file count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are all that there is.
    Bulk,
    /// They are what has changed.
    Delta,
}

/// A row: its line and its cells, in the order of the standard's columns.
#[derive(Debug)]
pub struct ZipRow {
    pub line: u32,
    cells: Box<[Box<str>]>,
}

impl ZipRow {
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map(AsRef::as_ref).unwrap_or_default()
    }

    pub fn id(&self) -> &str {
        self.cell(0)
    }
}

/// A file that was read.
#[derive(Debug)]
pub struct ZipRows {
    pub table: StandardFile,
    pub mode: Mode,
    pub columns: &'static [StandardColumn],
    pub rows: Vec<ZipRow>,
    /// The place of each id among the rows.
    ids: HashMap<Box<str>, usize>,
}

impl ZipRows {
    pub fn get(&self, id: &str) -> Option<&ZipRow> {
        self.rows.get(*self.ids.get(id)?)
    }

    /// The cell of this row in the column of this name.
    pub fn cell<'r>(&self, row: &'r ZipRow, name: &str) -> &'r str {
        self.columns.iter().position(|column| column.name == name).map_or("", |column| row.cell(column))
    }
}

/// What a zip holds.
#[derive(Debug)]
pub struct Contents {
    pub version: StandardVersion,
    pub tables: BTreeMap<StandardFile, ZipRows>,
}

type Zip<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Opens a zip and reads its tables.
///
/// # Errors
/// Where it is none, is damaged, protected or inflates too far, or a file has too many rows. What breaks the standard goes
/// to `rules`; then nothing may be read of it.
pub fn open(bytes: &[u8], rules: &mut Violations) -> Result<Option<Contents>, FileRefusal> {
    if bytes.is_empty() {
        return Err(FileRefusal::Empty);
    }
    if bytes.len() > limits::FILE_BYTES {
        return Err(FileRefusal::TooLarge);
    }
    if !bytes.starts_with(b"PK") {
        return Err(FileRefusal::Unknown);
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileRefusal::Broken)?;
    let names = check_entries(&mut zip, rules)?;
    let Some((version, modes)) = manifest(&mut zip, &names, rules)? else { return Ok(None) };
    let mut tables = BTreeMap::new();
    for table in StandardFile::ALL {
        let Some(mode) = modes.get(table.name()) else { continue };
        tables.insert(table, read(&mut zip, table, version, *mode, rules)?);
        if rules.is_full() {
            return Ok(None);
        }
    }
    Ok(Some(Contents { version, tables }))
}

/// Names, sizes and protection, before anything is unpacked.
fn check_entries(zip: &mut Zip<'_>, rules: &mut Violations) -> Result<Vec<String>, FileRefusal> {
    let (mut names, mut inflated) = (Vec::new(), 0_u64);
    for index in 0..zip.len() {
        let entry = zip.by_index_raw(index).map_err(|_| FileRefusal::Broken)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if entry.encrypted() {
            return Err(FileRefusal::Protected);
        }
        inflated = inflated.saturating_add(entry.size());
        let ratio = entry.size() / entry.compressed_size().max(1);
        if inflated > limits::INFLATED_BYTES
            || entry.size() > limits::INFLATION_RATIO_FROM && ratio > limits::INFLATION_RATIO
        {
            return Err(FileRefusal::Inflates);
        }
        if name.contains(['/', '\\']) || name.contains("..") {
            rules.breaks(Rule::Folder, &name, 0, "", "");
            continue;
        }
        let known = |files: &[&str]| files.iter().any(|file| name == format!("{file}.csv"));
        if name != "manifest.csv" && !known(StandardVersion::V1p2.files()) && !known(StandardVersion::V1p1.files()) {
            rules.breaks(Rule::UnknownFile, &name, 0, "", "");
        }
        names.push(name);
    }
    Ok(names)
}

type Modes = BTreeMap<&'static str, Mode>;

fn manifest(
    zip: &mut Zip<'_>,
    names: &[String],
    rules: &mut Violations,
) -> Result<Option<(StandardVersion, Modes)>, FileRefusal> {
    const FILE: &str = "manifest.csv";
    if !names.iter().any(|name| name == FILE) {
        rules.breaks(Rule::ManifestMissing, FILE, 0, "", "");
        return Ok(None);
    }
    let mut said: BTreeMap<String, (String, u32)> = BTreeMap::new();
    let mut is_first = true;
    records(zip, FILE, rules, &mut |line, record, rules| {
        if std::mem::take(&mut is_first) {
            if record != ["propertyName", "value"] {
                rules.breaks(Rule::ManifestHeader, FILE, line, "", &record.join(","));
            }
        } else if let [name, value] = record {
            if said.insert(name.clone(), (value.clone(), line)).is_some() {
                rules.breaks(Rule::ManifestTwice, FILE, line, name, value);
            }
        } else {
            rules.breaks(Rule::Width, FILE, line, "", "2");
        }
    })?;
    let line = |name: &str| said.get(name).map_or(0, |(_, line)| *line);
    let value = |name: &str| said.get(name).map(|(value, _)| value.as_str());
    if value("manifest.version") != Some("1.0") {
        let is = value("manifest.version").unwrap_or_default();
        rules.breaks(Rule::ManifestVersion, FILE, line("manifest.version"), "manifest.version", is);
    }
    let Some(version) = value("oneroster.version").and_then(StandardVersion::of) else {
        let is = value("oneroster.version").unwrap_or_default();
        rules.breaks(Rule::OneRosterVersion, FILE, line("oneroster.version"), "oneroster.version", is);
        return Ok(None);
    };
    let others = ["manifest.version", "oneroster.version", "source.systemName", "source.systemCode"];
    for (name, (_, line)) in &said {
        let file = name.strip_prefix("file.");
        if !others.contains(&name.as_str()) && !file.is_some_and(|file| version.files().contains(&file)) {
            rules.breaks(Rule::ManifestProperty, FILE, *line, name, "");
        }
    }
    let mut modes = Modes::new();
    for file in version.files() {
        let (property, file_name) = (format!("file.{file}"), format!("{file}.csv"));
        let is_there = names.contains(&file_name);
        let mode = match value(&property) {
            Some("bulk") => Mode::Bulk,
            Some("delta") => Mode::Delta,
            Some("absent") => {
                if is_there {
                    rules.breaks(Rule::FileUnexpected, &file_name, 0, &property, "");
                }
                continue;
            }
            other => {
                rules.breaks(Rule::ManifestMode, FILE, line(&property), &property, other.unwrap_or_default());
                continue;
            }
        };
        if is_there {
            modes.insert(file, mode);
        } else {
            rules.breaks(Rule::FileMissing, &file_name, 0, &property, "");
        }
    }
    require_files(version, &modes, rules);
    Ok(Some((version, modes)))
}

/// Users are of a school, in bulk each has a role there, and where there are classes all files about them are there.
fn require_files(version: StandardVersion, modes: &Modes, rules: &mut Violations) {
    let is_bulk = modes.values().any(|mode| *mode == Mode::Bulk);
    let mut required = if is_bulk { vec!["orgs", "users", "academicSessions"] } else { vec!["users"] };
    if version == StandardVersion::V1p2 && modes.get("users") == Some(&Mode::Bulk) {
        required.push("roles");
    }
    let of_classes = ["courses", "classes", "enrollments"];
    if is_bulk && of_classes.iter().any(|file| modes.contains_key(file)) {
        required.extend(of_classes);
    }
    for file in required.into_iter().filter(|file| !modes.contains_key(file)) {
        rules.breaks(Rule::FileRequired, &format!("{file}.csv"), 0, "", "");
    }
}

/// Goes through the records of a file: each with its line. What is no CSV of the standard, or no UTF-8, is told and
/// ends it.
fn records(
    zip: &mut Zip<'_>,
    name: &str,
    rules: &mut Violations,
    see: &mut dyn FnMut(u32, &[String], &mut Violations),
) -> Result<(), FileRefusal> {
    let entry = zip.by_name(name).map_err(|_| FileRefusal::Broken)?;
    // No more than it declared, whatever comes out of it.
    let size = entry.size();
    let strict = Strict::new(entry.take(size));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(strict);
    let (mut record, mut cells, mut count, mut line) = (csv::ByteRecord::new(), Vec::new(), 0_usize, 0_u32);
    while reader.read_byte_record(&mut record).map_err(|_| FileRefusal::Broken)? {
        count += 1;
        if count > ROWS + 1 {
            return Err(FileRefusal::TooManyRows);
        }
        // The reader is still before the line feed where lines end with a carriage return and one.
        let begins = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        line = begins.max(line.saturating_add(1));
        cells.clear();
        for cell in &record {
            let cell =
                if count == 1 && cells.is_empty() { cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) } else { cell };
            match std::str::from_utf8(cell) {
                Ok(text) if !text.contains('\0') => cells.push(text.to_owned()),
                _ => {
                    rules.breaks(Rule::Encoding, name, line, "", "");
                    return Ok(());
                }
            }
        }
        // The reader reads ahead: what is broken further on is told there.
        if let Some((rule, at)) = reader.get_ref().broken().filter(|(_, at)| *at <= line) {
            rules.breaks(rule, name, at, "", "");
            return Ok(());
        }
        see(line, &cells, rules);
        if rules.is_full() {
            return Ok(());
        }
    }
    if let Some((rule, at)) = reader.get_ref().broken() {
        rules.breaks(rule, name, at, "", "");
    }
    Ok(())
}

fn read(
    zip: &mut Zip<'_>,
    table: StandardFile,
    version: StandardVersion,
    mode: Mode,
    rules: &mut Violations,
) -> Result<ZipRows, FileRefusal> {
    let (columns, file) = (table.columns(version), format!("{}.csv", table.name()));
    let mut read = ZipRows { table, mode, columns, rows: Vec::new(), ids: HashMap::new() };
    let (mut width, mut is_right) = (None, true);
    records(zip, &file, rules, &mut |line, cells, rules| {
        let Some(width) = width else {
            width = Some(cells.len());
            is_right = check_header(&file, columns, cells, rules);
            return;
        };
        if !is_right {
            return;
        }
        if cells.len() != width {
            rules.breaks(Rule::Width, &file, line, "", &width.to_string());
            return;
        }
        for (column, cell) in columns.iter().zip(cells) {
            check_cell(&file, line, column, cell.trim(), mode, rules);
        }
        let cells: Box<[Box<str>]> = cells.iter().take(columns.len()).map(|cell| cell.trim().into()).collect();
        let row = ZipRow { line, cells };
        if !row.id().is_empty() && read.ids.insert(row.id().into(), read.rows.len()).is_some() {
            rules.breaks(Rule::IdTwice, &file, line, "sourcedId", row.id());
        }
        read.rows.push(row);
    })?;
    if width.is_none() {
        rules.breaks(Rule::HeaderMissing, &file, 1, columns.first().map_or("", |column| column.name), "");
    } else if is_right && read.rows.is_empty() && rules.0.is_empty() {
        rules.breaks(Rule::NoRows, &file, 0, "", "");
    }
    Ok(read)
}

/// All columns of the standard, in its order and case; behind them only extensions.
fn check_header(file: &str, columns: &[StandardColumn], header: &[String], rules: &mut Violations) -> bool {
    let before = rules.0.len();
    for (place, column) in columns.iter().enumerate() {
        match header.get(place) {
            Some(name) if name == column.name => {}
            Some(name) if header.iter().any(|other| other == column.name) => {
                rules.breaks(Rule::Header, file, 1, column.name, name);
                break;
            }
            _ => {
                rules.breaks(Rule::HeaderMissing, file, 1, column.name, "");
                break;
            }
        }
    }
    if rules.0.len() == before {
        let unknown = header.iter().skip(columns.len()).filter(|name| !is_extension(name, "metadata."));
        unknown.for_each(|name| rules.breaks(Rule::HeaderUnknown, file, 1, name, name));
        let mut seen = HashSet::new();
        let twice = header.iter().filter(|name| !seen.insert(*name));
        twice.for_each(|name| rules.breaks(Rule::HeaderTwice, file, 1, name, name));
    }
    rules.0.len() == before
}

fn is_extension(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty())
}

fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/@".contains(&byte))
}

/// `{type:id}`.
fn is_typed_id(text: &str) -> bool {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    inner.and_then(|inner| inner.split_once(':')).is_some_and(|(kind, id)| !kind.is_empty() && !id.is_empty())
}

fn check_cell(file: &str, line: u32, column: &StandardColumn, cell: &str, mode: Mode, rules: &mut Violations) {
    let mut breaks = |rule: Rule, value: &str| rules.breaks(rule, file, line, column.name, value);
    if cell.is_empty() {
        match (column.cell, mode) {
            (CellFormat::Status | CellFormat::Modified, Mode::Delta) => breaks(Rule::StatusInDelta, cell),
            _ if column.required => breaks(Rule::Required, cell),
            _ => {}
        }
        return;
    }
    match column.cell {
        CellFormat::Text => {}
        CellFormat::UserIds => {
            cell.split(',').filter(|id| !is_typed_id(id.trim())).for_each(|id| breaks(Rule::UserIds, id));
        }
        CellFormat::Id | CellFormat::Reference(_) if !is_id(cell) => breaks(Rule::Id, cell),
        CellFormat::Id | CellFormat::Reference(_) => {}
        CellFormat::References(_) => {
            cell.split(',').filter(|id| !is_id(id.trim())).for_each(|id| breaks(Rule::Id, id));
        }
        CellFormat::OneOf(known) if !known.contains(&cell) && !is_extension(cell, "ext:") => {
            breaks(Rule::Vocabulary, &format!("{cell} ≠ {}", known.join(", ")));
        }
        CellFormat::OneOf(_) => {}
        CellFormat::Date if cell.len() != 10 || NaiveDate::parse_from_str(cell, "%Y-%m-%d").is_err() => {
            breaks(Rule::Date, cell);
        }
        CellFormat::Date => {}
        CellFormat::Bool if !["true", "false"].contains(&cell) => breaks(Rule::Bool, cell),
        CellFormat::Bool => {}
        CellFormat::Year if cell.len() != 4 || !cell.bytes().all(|byte| byte.is_ascii_digit()) => {
            breaks(Rule::Year, cell)
        }
        CellFormat::Year => {}
        CellFormat::Status | CellFormat::Modified if mode == Mode::Bulk => breaks(Rule::StatusInBulk, cell),
        CellFormat::Status if !["active", "tobedeleted"].contains(&cell) => breaks(Rule::StatusInDelta, cell),
        CellFormat::Status => {}
        CellFormat::Modified if DateTime::parse_from_rfc3339(cell).is_err() || !cell.ends_with('Z') => {
            breaks(Rule::DateTime, cell);
        }
        CellFormat::Modified => {}
    }
}
