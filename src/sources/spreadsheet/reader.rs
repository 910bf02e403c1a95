//! From the bytes to the rows.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::{
    Dates, EncodingGuess, FileRefusal, Findings, HeaderColumnInfo, PersonRow, ReadOptions, ReadResult, TableHead,
    body::{Body, RowKind},
    cell::{Cell, Font, SheetRow, Workbook},
    columns::{self, Sources, settled},
    dates::{self, DateEvidence},
    encoding,
    find::{self, Header},
    formats::{
        excel::{XlsbBook, XlsxBook},
        html::{self, HtmlBook},
        ods::OdsBook,
        sheetml::SheetMlBook,
        text::TextBook,
        xls::XlsBook,
    },
    guess,
    legacy::{Alphabet, SIGNS_OF_TWICE, modernise},
    limits,
    meaning::{Meaning, words_of},
    person::PersonReader,
    sniff::{FileFormat, sniff},
    title,
};
use crate::roster::fields::{DATE_ORDER_UNSURE, DateOrder, Field, RosterKind, has_lost_letters};

/// Reads a file and passes on its rows one by one, after the table's head. Nothing is kept.
///
/// How dates are written is known only when all of them have been seen. Where that differs from how they were read, the
/// rows are void, and the finding must be among the options of a second reading.
///
/// # Errors
/// Why the file is not read at all; rows may have been passed on before.
pub fn read_streaming(
    bytes: &[u8],
    options: &ReadOptions,
    on_head: &mut dyn FnMut(TableHead),
    on_row: &mut dyn FnMut(&PersonRow),
) -> Result<ReadResult, FileRefusal> {
    let mut file = File::open(bytes, options)?;
    if options.plain {
        return file.read_plain(on_head, on_row);
    }
    let (tables, others) = file.find(options)?;
    let first = tables.first().ok_or(FileRefusal::NoTable)?;
    let sources = Sources::of(&first.header.columns, &options.mapping);
    on_head(file.head(first, &tables, &others, options));
    let mut findings = Findings::default();
    let names = if options.kind == RosterKind::Classes { Field::Class } else { Field::FullName };
    if sources.has(names) {
        let mut count = 0;
        let mut shown = Vec::new();
        for (place, found) in (0..).zip(&tables) {
            let (of_sheet, evidence) =
                file.read_people((place, found), sources.clone(), options, &mut count, on_row)?;
            findings.add(of_sheet);
            shown.extend(evidence);
        }
        // What a person has said of the order applies to what the dates leave open: they have to be seen first, too.
        let is_told = options.dates.is_none() && options.date_order.is_some_and(|order| order != DateOrder::DayFirst);
        let as_told = || is_told.then(|| vec![Dates::default(); tables.len()]);
        if let Some(dates) = dates::of_tables(&shown).or_else(as_told) {
            return Ok(ReadResult::Again(dates));
        }
    }
    Ok(ReadResult::Whole(findings))
}

impl Findings {
    fn add(&mut self, more: Self) {
        self.hidden += more.hidden;
        self.unsure_dates += more.unsure_dates;
        self.hidden_lines.extend(more.hidden_lines);
        self.hidden_lines.truncate(limits::HIDDEN_TOLD as usize);
    }
}

/// An opened file.
struct File<'b> {
    format: FileFormat,
    book: Box<dyn Workbook + 'b>,
    /// The encoding of a text file, where it was guessed.
    encoding: Option<&'static str>,
    /// The alphabet, where it is known without a guess.
    alphabet: Option<Alphabet>,
}

/// A table that was found.
struct FoundTable {
    sheet: usize,
    /// Whether the file shows its sheet.
    is_visible: bool,
    name: String,
    header: Header,
    alphabet: Alphabet,
    /// A class given by the lines above the header or the sheet's name.
    class: Option<(String, &'static str)>,
    sample: String,
    /// The first rows below the header.
    below: Vec<SheetRow<'static>>,
}

impl<'b> File<'b> {
    fn open(bytes: &'b [u8], options: &ReadOptions) -> Result<Self, FileRefusal> {
        let format = sniff(bytes)?;
        let (mut encoding, mut name) = (None, options.encoding.as_deref().unwrap_or_default());
        let mut text = |declared: Option<&'static str>| -> Result<Cow<'b, str>, FileRefusal> {
            let decoded = encoding::decode(bytes, options.encoding.as_deref().or(declared))?;
            encoding = decoded.guessed.then_some(decoded.name);
            name = decoded.name;
            Ok(decoded.text)
        };
        let book: Box<dyn Workbook + 'b> = match format {
            FileFormat::Xlsx => Box::new(XlsxBook::open(bytes)?),
            FileFormat::Xlsb => Box::new(XlsbBook::open(bytes)?),
            FileFormat::Xls => Box::new(XlsBook::open(bytes)?),
            FileFormat::Ods => Box::new(OdsBook::open(bytes)?),
            FileFormat::Html => Box::new(HtmlBook::new(text(html::declared_encoding(bytes))?)?),
            FileFormat::SheetMl => Box::new(SheetMlBook::new(text(None)?)?),
            FileFormat::Text => Box::new(TextBook::new(text(None)?)),
        };
        let alphabet = match name {
            "tcvn3" => Some(Alphabet::Tcvn3),
            "vni" => Some(Alphabet::Vni),
            "utf-8-twice" => Some(Alphabet::Utf8Twice),
            _ if options.encoding.is_some() => Some(Alphabet::Unicode),
            _ => None,
        };
        Ok(Self { format, book, encoding, alphabet })
    }

    /// Reads the first rows of each visible sheet, and takes the requested one, or else the one with the best header;
    /// with it, where that is wanted, those with the same header. Gives the others beside them.
    fn find(&mut self, options: &ReadOptions) -> Result<(Vec<FoundTable>, Vec<FoundTable>), FileRefusal> {
        let sheets = self.book.sheets();
        if options.sheet.as_ref().is_some_and(|asked| sheets.iter().all(|info| info.name != *asked)) {
            return Err(FileRefusal::NoSuchSheet);
        }
        let (mut candidates, mut bare): (Vec<FoundTable>, Vec<FoundTable>) = (Vec::new(), Vec::new());
        // Told, and read only when asked for.
        let mut hidden: Vec<FoundTable> = Vec::new();
        let mut unknown: Option<FoundTable> = None;
        let mut lost_letters = 0;
        for (sheet, info) in sheets.iter().enumerate().take(limits::SHEETS) {
            let is_asked = options.sheet.as_ref().is_some_and(|asked| *asked == info.name);
            let (rows, alphabet) = self.preview(sheet)?;
            if !info.visible && !is_asked {
                if let Some(header) = find::header(&rows, options.kind) {
                    hidden.push(FoundTable { is_visible: false, ..found(sheet, &info.name, header, rows, alphabet)? });
                }
                continue;
            }
            lost_letters +=
                rows.iter().flat_map(|row| &row.cells).filter(|cell| has_lost_letters(&cell.shown())).count();
            if let Some(header) = find::header(&rows, options.kind) {
                candidates.push(found(sheet, &info.name, header, rows, alphabet)?);
            } else if let Some(header) = guess::header(&rows, options.kind, options.today) {
                bare.push(found(sheet, &info.name, header, rows, alphabet)?);
            } else if (is_asked || options.sheet.is_none() && unknown.is_none())
                && let Some(header) = find::unknown_header(&rows, options.kind)
            {
                unknown = Some(found(sheet, &info.name, header, rows, alphabet)?);
            }
        }
        if candidates.is_empty() {
            candidates = std::mem::take(&mut bare);
        }
        let best = match &options.sheet {
            Some(asked) => candidates.iter().position(|found| found.name == *asked),
            None => {
                let score = |at: &usize| candidates.get(*at).map_or(0, |found| found.header.score());
                (0..candidates.len()).rev().max_by_key(score)
            }
        };
        let Some(best) = best else {
            return match unknown {
                _ if lost_letters > 1 => Err(FileRefusal::BrokenText),
                Some(unknown) => Ok((vec![unknown], Vec::new())),
                None => Err(FileRefusal::NoTable),
            };
        };
        let best = candidates.swap_remove(best);
        let is_read_too = |found: &FoundTable| options.all_sheets && found.is_like(&best);
        let (mut tables, mut others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_read_too);
        // Sheets without a header beside one that has it were pasted in a hurry, and hold people all the same.
        others.extend(bare);
        others.extend(hidden);
        tables.push(best);
        tables.sort_by_key(|found| found.sheet);
        others.sort_by_key(|found| found.sheet);
        Ok((tables, others))
    }

    /// The first rows of a sheet, and the alphabet that they are in.
    fn preview(&mut self, sheet: usize) -> Result<(Vec<SheetRow<'static>>, Alphabet), FileRefusal> {
        let mut rows: Vec<SheetRow<'static>> = Vec::new();
        self.book.visit(sheet, &mut |row| {
            rows.push(row.clone().into_owned());
            if rows.len() < limits::PREVIEW_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let alphabet = self.alphabet.unwrap_or_else(|| {
            Alphabet::guess(rows.iter().flat_map(|row| &row.cells).filter_map(|cell| match cell {
                Cell::Text(text, Font::Plain) => Some(text.as_ref()),
                _ => None,
            }))
        });
        for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
            modernise(cell, alphabet);
        }
        Ok((rows, alphabet))
    }

    fn head(
        &self,
        found: &FoundTable,
        tables: &[FoundTable],
        others: &[FoundTable],
        options: &ReadOptions,
    ) -> TableHead {
        let name = self.encoding.or_else(|| {
            (found.alphabet != Alphabet::Unicode && self.alphabet.is_none()).then(|| found.alphabet.name())
        });
        let repeated = found.repeated(options);
        let is_twice = |text: &str| found.header.columns.iter().filter(|column| column.text == text).count() > 1;
        let column = |column: &find::HeaderColumn| {
            let meaning = settled(column, options.mapping.get(&column.index).copied()).map(|(meaning, _)| meaning);
            let is_repeated = repeated.contains(&column.index);
            // The header alone does not say which of two columns is meant.
            let header = match is_repeated && is_twice(&column.text) {
                true => format!("{} ({})", column.text, guess::letter(column.index)),
                false => column.text.clone(),
            };
            HeaderColumnInfo {
                index: column.index,
                header,
                field: meaning.and_then(Meaning::field).filter(|_| !is_repeated),
                known: meaning.is_some() || options.mapping.contains_key(&column.index),
            }
        };
        let names = |tables: &[FoundTable]| tables.iter().map(|table| table.name.clone()).collect::<Vec<_>>();
        let sheets = if tables.len() > 1 { names(tables) } else { Vec::new() };
        TableHead {
            format: self.format,
            sheet: Some(names(tables).join(", ")).filter(|name| !name.is_empty()),
            other_sheets: names(others),
            sheets,
            has_like_sheets: others.iter().any(|other| other.is_like(found)),
            header_line: if found.header.rows == 0 { 0 } else { found.header.line },
            columns: found.header.columns.iter().map(column).collect(),
            encoding: name.map(|name| EncodingGuess { name: name.to_owned(), sample: found.sample.clone() }),
            shape: if found.header.rows == 0 { String::new() } else { shape(&found.header) },
        }
    }

    /// The rows of the first visible sheet that has any, as they stand.
    fn read_plain(
        &mut self,
        on_head: &mut dyn FnMut(TableHead),
        on_row: &mut dyn FnMut(&PersonRow),
    ) -> Result<ReadResult, FileRefusal> {
        let sheets = self.book.sheets();
        for (sheet, info) in sheets.iter().enumerate().take(limits::SHEETS).filter(|(_, info)| info.visible) {
            let (rows, alphabet) = self.preview(sheet)?;
            if rows.is_empty() {
                continue;
            }
            on_head(TableHead {
                format: self.format,
                sheet: Some(info.name.clone()).filter(|name| !name.is_empty()),
                ..TableHead::of_zip()
            });
            let (mut count, mut refused) = (0, Ok(()));
            self.book.visit(sheet, &mut |row| {
                count += 1;
                if count > limits::ROWS {
                    refused = Err(FileRefusal::TooManyRows);
                    return ControlFlow::Break(());
                }
                let row = modern(row, alphabet);
                let cells = row.cells.iter().map(|cell| cell.shown().into_owned()).collect();
                on_row(&PersonRow { line: row.line, cells, ..PersonRow::default() });
                ControlFlow::Continue(())
            })?;
            return refused.map(|()| ReadResult::Whole(Findings::default()));
        }
        Err(FileRefusal::NoTable)
    }

    /// `count` is how many people were read before, in other sheets. In a first reading, what the dates show is given too.
    fn read_people(
        &mut self,
        (place, found): (u32, &FoundTable),
        sources: Sources,
        options: &ReadOptions,
        count: &mut u32,
        on_row: &mut dyn FnMut(&PersonRow),
    ) -> Result<(Findings, Option<DateEvidence>), FileRefusal> {
        let mut body = Body::new(options.kind, &sources);
        let classes_once = Body::new(options.kind, &sources).tells_classes_once(&found.below, &sources);
        let columns = found.header.columns.iter().map(|column| column.index).collect();
        let shown = options.dates.as_ref().map(|shown| shown.get(place as usize).copied().unwrap_or_default());
        let dates = shown.map(|shown| options.date_order.map_or(shown, |order| shown.told(order)));
        let mut people = PersonReader::new(options, dates, self.book.is_1904(), sources.clone(), columns);
        if found.header.columns.iter().any(says_month_first) {
            people.expect_months_first();
        }
        let last_line_of_header = (found.header.line + found.header.rows as u32).saturating_sub(1);
        let mut class = found.class.clone();
        let (mut filled, mut last_line) = (0usize, 0u32);
        let before = place.saturating_mul(limits::LINES_OF_SHEET);
        let most_lines = if options.all_sheets { limits::LINES_OF_SHEET } else { limits::LINES };
        let mut refused = Ok(());
        let mut findings = Findings::default();
        self.book.find_hidden_rows(found.sheet);
        self.book.visit(found.sheet, &mut |row| {
            // PersonReader are identified by their lines: a sheet whose line numbers decrease is damaged; no program writes
            // it.
            if row.line <= last_line || row.line >= most_lines {
                refused = Err(FileRefusal::Broken);
                return ControlFlow::Break(());
            }
            last_line = row.line;
            filled += 1;
            if filled > limits::FILLED_ROWS {
                refused = Err(FileRefusal::TooManyRows);
                return ControlFlow::Break(());
            }
            if row.line <= last_line_of_header {
                return ControlFlow::Continue(());
            }
            let row = modern(row, found.alphabet);
            match body.kind_of(&row) {
                RowKind::Nothing => {}
                RowKind::Section(name) => class = Some((name, "class-from-title")),
                RowKind::Person if row.is_hidden && options.without_hidden => {}
                RowKind::Person => {
                    if row.is_hidden {
                        findings.hidden += 1;
                        let is_told = findings.hidden <= limits::HIDDEN_TOLD;
                        findings.hidden_lines.extend(is_told.then_some(before + row.line));
                    }
                    *count += 1;
                    if *count > limits::ROWS {
                        refused = Err(FileRefusal::TooManyRows);
                        return ControlFlow::Break(());
                    }
                    if classes_once && let Some(own) = sources.class_shown(&row) {
                        class = Some((own, "class-from-above"));
                    }
                    let lent = class.as_ref().filter(|_| classes_once);
                    let person = people.read(&row, before, lent.map(|(name, key)| (name.as_str(), *key)));
                    findings.unsure_dates +=
                        u32::from(person.faults.iter().any(|fault| fault.key == DATE_ORDER_UNSURE));
                    on_row(person);
                }
            }
            ControlFlow::Continue(())
        })?;
        refused.map(|()| (findings, people.dates_shown()))
    }
}

impl FoundTable {
    /// The columns that say again what others say. Only people count: below them are totals and signatures.
    fn repeated(&self, options: &ReadOptions) -> Vec<usize> {
        let columns = &self.header.columns;
        let mut body = Body::new(options.kind, &Sources::of(columns, &options.mapping));
        let people: Vec<&SheetRow<'_>> = self.below.iter().filter(|row| body.kind_of(row) == RowKind::Person).collect();
        columns::repeated(columns, &options.mapping, &people)
    }

    /// Whether the other table has the same header: then they are read together.
    fn is_like(&self, other: &Self) -> bool {
        self.is_visible
            && other.is_visible
            && self.header.rows > 0
            && other.header.rows > 0
            && shape(&self.header) == shape(&other.header)
    }
}

/// The row with its text in Unicode.
fn modern<'r>(row: &'r SheetRow<'r>, alphabet: Alphabet) -> Cow<'r, SheetRow<'r>> {
    let is_old = |cell: &Cell<'_>| match cell {
        Cell::Text(text, font) => *font != Font::Plain || text.contains(SIGNS_OF_TWICE),
        _ => false,
    };
    if alphabet == Alphabet::Unicode && !row.cells.iter().any(is_old) {
        return Cow::Borrowed(row);
    }
    let mut row = row.clone();
    for cell in &mut row.cells {
        modernise(cell, alphabet);
    }
    Cow::Owned(row)
}

fn found(
    sheet: usize,
    name: &str,
    header: Header,
    mut rows: Vec<SheetRow<'static>>,
    alphabet: Alphabet,
) -> Result<FoundTable, FileRefusal> {
    let header_rows = rows.get(header.at..header.end()).unwrap_or_default();
    if header_rows.iter().any(|row| row.overflows) {
        return Err(FileRefusal::TooManyColumns);
    }
    // A title right above the header may look like a part of it.
    let above = rows.get(..header.end().saturating_sub(usize::from(header.rows > 0))).unwrap_or_default();
    let title = above.iter().flat_map(SheetRow::filled).find_map(|(_, cell)| title::class_in_title(&cell.shown()));
    let class = title
        .map(|class| (class, "class-from-title"))
        .or_else(|| title::class_in_sheet_name(name).map(|class| (class, "class-from-sheet-name")));
    let sample = rows.get(header.end()).or_else(|| rows.get(header.at)).map(line_shown).unwrap_or_default();
    let below = rows.split_off(header.end().min(rows.len()));
    Ok(FoundTable { sheet, is_visible: true, name: name.to_owned(), header, alphabet, class, sample, below })
}

/// "DOB (mm/dd/yyyy)".
fn says_month_first(column: &find::HeaderColumn) -> bool {
    let letters: String = column.text.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let is_date = column.sense.is_some_and(|(meaning, _)| meaning.field() == Some(Field::BirthDate));
    is_date && (letters.contains("mmdd") || letters.contains("thángngày"))
}

fn line_shown(row: &SheetRow<'_>) -> String {
    row.filled().map(|(_, cell)| cell.shown()).collect::<Vec<_>>().join(" | ").chars().take(200).collect()
}

/// FNV-1a over the words of the headers: small, and the same on every machine and in every version.
fn shape(header: &Header) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for column in &header.columns {
        let words = words_of(&column.text).join(" ");
        for byte in column.index.to_string().bytes().chain([b':']).chain(words.bytes()).chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
