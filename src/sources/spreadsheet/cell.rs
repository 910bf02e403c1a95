//! The common form of all formats: rows of cells, one after the other.

use std::borrow::Cow;
use std::ops::ControlFlow;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::{limits, refusal::FileRefusal};

/// What a cell's font says about the text in it: fonts from before Unicode draw Vietnamese letters in the places
/// of Western ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Font {
    /// A font of Unicode, or none that is known.
    #[default]
    Plain,
    /// `.VnTime` and its kin: TCVN3.
    Tcvn3,
    /// `.VnTimeH` and its kin: TCVN3, drawn in capitals.
    Tcvn3Capitals,
    /// `VNI-Times` and its kin.
    Vni,
}

impl Font {
    pub fn of_name(name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase();
        if name.starts_with(".vn") {
            if name.ends_with('h') { Self::Tcvn3Capitals } else { Self::Tcvn3 }
        } else if name.starts_with("vni-") || name.starts_with("vni ") {
            Self::Vni
        } else {
            Self::Plain
        }
    }
}

/// One cell. Formulas are their stored values.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell<'a> {
    #[default]
    Empty,
    Text(Cow<'a, str>, Font),
    Number(f64),
    /// A number that its cell displays differently: 0123456789, 10.10.
    Formatted(f64, Box<str>),
    Date(NaiveDateTime),
    Bool(bool),
    /// An error value as the spreadsheet shows it, `#N/A` for one.
    Error(&'static str),
}

impl<'a> Cell<'a> {
    /// Text cut to the longest that is kept, or nothing.
    pub fn text(text: impl Into<Cow<'a, str>>, font: Font) -> Self {
        let text = cut(text.into(), limits::CELL_CHARS);
        if text.is_empty() { Self::Empty } else { Self::Text(text, font) }
    }

    /// A number in a cell with a format of its own.
    pub fn number(number: f64, digits: Option<Digits>) -> Self {
        let shown = digits.and_then(|digits| digits.shown(number));
        shown.map_or(Self::Number(number), |shown| Self::Formatted(number, shown.into()))
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text, _) => text.chars().all(|c| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}'),
            _ => false,
        }
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(..))
    }

    /// The cell as the sheet shows it, more or less: dates the Vietnamese way, whole numbers without a point, and
    /// numbers of more than 15 digits, of which spreadsheets keep no more, with an exponent.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text, _) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number_shown(*number)),
            Self::Formatted(_, shown) => Cow::Borrowed(shown),
            Self::Date(date) if date.time() == NaiveTime::MIN => Cow::Owned(day_shown(date.date())),
            Self::Date(date) => Cow::Owned(format!("{} {}", day_shown(date.date()), date.format("%H:%M"))),
            Self::Bool(value) => Cow::Borrowed(if *value { "TRUE" } else { "FALSE" }),
            Self::Error(name) => Cow::Borrowed(name),
        }
    }
}

fn day_shown(day: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

fn number_shown(number: f64) -> String {
    if number.abs() >= 1e15 {
        let shown = format!("{number:.14E}");
        return match shown.split_once('E') {
            Some((digits, exponent)) => format!("{digits}E+{exponent}"),
            None => shown,
        };
    }
    // Sums and imports leave rounding errors in the last places: 15 digits are what spreadsheets show.
    let whole = number.round();
    if (number - whole).abs() < 1e-9 { format!("{whole:.0}") } else { format!("{number}") }
}

fn cut(text: Cow<'_, str>, chars: usize) -> Cow<'_, str> {
    if text.len() <= chars {
        return text;
    }
    match text.char_indices().nth(chars) {
        None => text,
        Some((end, _)) => match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or(text)),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        },
    }
}

/// The day that a spreadsheet means by a number: days since 30 December 1899 (it counts a 29 February 1900), or since 1
/// January 1904 in workbooks that once came from a Macintosh.
pub fn day_of_serial(serial: f64, is_1904: bool) -> Option<NaiveDate> {
    let (first, last) = if is_1904 { (0.0, 2_957_003.0) } else { (61.0, 2_958_465.0) };
    if !(first..=last).contains(&serial) {
        return None;
    }
    let epoch = if is_1904 { NaiveDate::from_ymd_opt(1904, 1, 1) } else { NaiveDate::from_ymd_opt(1899, 12, 30) };
    epoch?.checked_add_days(Days::new(serial as u64))
}

/// How a cell's format displays a number, as far as that adds to the number itself: zeros in front of it or behind its
/// point, or the beginning of a code such as "10A".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    /// What is written before the number.
    prefix: Box<str>,
    /// The least number of digits before the point.
    whole: usize,
    /// The number of digits behind it.
    fraction: usize,
}

impl Digits {
    /// Of a format such as `0000000000`, `00 0000 0000`, `"0"#########`, `\0#########`, `"10A"0` or `0.00`; nothing where
    /// it adds nothing.
    pub fn of_format(format: &str) -> Option<Self> {
        let mut digits = Pattern::default();
        let mut chars = format.split(';').next().unwrap_or_default().chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => chars.by_ref().take_while(|c| *c != '"').try_for_each(|c| digits.literal(c))?,
                '\\' => digits.literal(chars.next()?)?,
                // A language, a colour or a condition; a blank as wide as a letter; a letter that fills the cell.
                '[' => chars.by_ref().take_while(|c| *c != ']').for_each(|_| ()),
                '_' | '*' => {
                    chars.next();
                }
                c => digits.place(c)?,
            }
        }
        digits.settled()
    }

    /// Nothing where that is the number's plain form.
    fn shown(&self, number: f64) -> Option<String> {
        let is_plain = (0.0..1e15).contains(&number) && (self.fraction > 0 || number.fract() == 0.0);
        let shown = is_plain.then(|| {
            let width = self.whole + if self.fraction > 0 { self.fraction + 1 } else { 0 };
            format!("{}{number:0width$.*}", self.prefix, self.fraction)
        })?;
        (shown != number_shown(number)).then_some(shown)
    }
}

/// A number format while it is read.
#[derive(Default)]
struct Pattern {
    literal: String,
    whole: usize,
    places: usize,
    fraction: usize,
    is_behind_point: bool,
}

impl Pattern {
    /// A letter that stands for itself. Behind the first digit nothing is known of it.
    fn literal(&mut self, c: char) -> Option<()> {
        let is_blank = matches!(c, ' ' | '-' | '\u{a0}');
        if self.places > 0 || self.is_behind_point {
            return is_blank.then_some(());
        }
        if !is_blank || !self.literal.is_empty() {
            self.literal.push(c);
        }
        Some(())
    }

    fn place(&mut self, c: char) -> Option<()> {
        match c {
            '0' if self.is_behind_point => self.fraction += 1,
            '0' => (self.whole, self.places) = (self.whole + 1, self.places + 1),
            '#' | '?' if !self.is_behind_point => self.places += 1,
            '.' if !self.is_behind_point => self.is_behind_point = true,
            ' ' | '-' => {}
            _ => return None,
        }
        Some(())
    }

    fn settled(self) -> Option<Digits> {
        let literal = self.literal.trim();
        let is_code = literal.chars().any(char::is_alphabetic) && literal.starts_with(|c: char| c.is_ascii_digit());
        let zeros = if literal.bytes().all(|b| b == b'0') { literal.len() } else { 0 };
        if !literal.is_empty() && zeros == 0 && !is_code {
            return None;
        }
        let whole = if zeros > 0 { zeros + self.places.max(self.whole) } else { self.whole };
        let adds = whole > 1 || self.fraction > 1 || is_code;
        let prefix = if is_code { literal.into() } else { Box::default() };
        (adds && whole <= 30 && self.fraction <= 4 && literal.len() <= 30).then_some(Digits {
            prefix,
            whole,
            fraction: self.fraction,
        })
    }
}

/// A row with at least one filled cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetRow<'a> {
    /// As the spreadsheet numbers it, from 1.
    pub line: u32,
    /// From the first column on; none beyond [`limits::COLUMNS`].
    pub cells: Vec<Cell<'a>>,
    /// Whether there was more beyond the last column that is read.
    pub overflows: bool,
    /// Whether the sheet hides it, by hand or by a filter.
    pub is_hidden: bool,
}

impl<'a> SheetRow<'a> {
    pub fn cell(&self, column: usize) -> &Cell<'a> {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    /// Puts a cell in its column; cells beyond the last column are dropped.
    pub fn put(&mut self, column: usize, cell: Cell<'a>) {
        if cell.is_empty() {
            return;
        }
        if column >= limits::COLUMNS {
            self.overflows = true;
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
    }

    /// A row without cells.
    pub fn at(line: u32) -> Self {
        Self { line, ..Self::default() }
    }

    /// Empties the row for reuse at another line.
    pub fn restart(&mut self, line: u32) {
        self.line = line;
        self.cells.clear();
        self.overflows = false;
        self.is_hidden = false;
    }

    /// The cells with something in them, with their columns.
    pub fn filled(&self) -> impl Iterator<Item = (usize, &Cell<'a>)> {
        self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty())
    }

    pub fn into_owned(self) -> SheetRow<'static> {
        let owned = |cell| match cell {
            Cell::Text(text, font) => Cell::Text(Cow::Owned(text.into_owned()), font),
            Cell::Empty => Cell::Empty,
            Cell::Number(number) => Cell::Number(number),
            Cell::Formatted(number, shown) => Cell::Formatted(number, shown),
            Cell::Date(date) => Cell::Date(date),
            Cell::Bool(value) => Cell::Bool(value),
            Cell::Error(name) => Cell::Error(name),
        };
        let cells = self.cells.into_iter().map(owned).collect();
        SheetRow { line: self.line, cells, overflows: self.overflows, is_hidden: self.is_hidden }
    }
}

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetInfo {
    pub name: String,
    pub visible: bool,
}

/// Receives a sheet's rows, top to bottom, and may stop.
pub type RowVisitor<'v> = dyn FnMut(&SheetRow<'_>) -> ControlFlow<()> + 'v;

/// An opened file of any format.
pub trait Workbook {
    fn sheets(&self) -> Vec<SheetInfo>;

    /// Whether plain numbers that mean dates count from 1904.
    fn is_1904(&self) -> bool {
        false
    }

    /// Finds out which rows of a sheet are hidden, in formats where visiting them does not say so.
    fn find_hidden_rows(&mut self, _sheet: usize) {}

    /// Visits the non-empty rows of a sheet.
    ///
    /// # Errors
    /// The refusal if the file proves unreadable on the way.
    fn visit(&mut self, sheet: usize, visitor: &mut RowVisitor<'_>) -> Result<(), FileRefusal>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_spreadsheets_do() {
        assert_eq!(number_shown(33_311_646_049.0), "33311646049");
        assert_eq!(number_shown(0.3), "0.3");
        assert_eq!(number_shown(1_234_567_890_123_456_789.0), "1.23456789012346E+18");
        assert_eq!(number_shown(-2.0), "-2");
    }

    #[test]
    fn formats_write_zeros() {
        let shown = |number: f64, format: &str| Cell::number(number, Digits::of_format(format)).shown().into_owned();
        assert_eq!(shown(123_456_789.0, "0000000000"), "0123456789");
        assert_eq!(shown(123_456_789.0, "000 000 0000"), "0123456789");
        assert_eq!(shown(912_345_677.0, "\"0\"#########"), "0912345677");
        assert_eq!(shown(912_345_677.0, "\\0#########"), "0912345677");
        assert_eq!(shown(123_456_789.0, "[$-42A]0000000000_)"), "0123456789");
        assert_eq!(shown(912_345_677.0, "[<=999999999]\"0\"#########;General"), "0912345677");
        assert_eq!(shown(1.0, "\"10A\"0"), "10A1");
        assert_eq!(shown(1985.0, "\"năm \"0"), "1985");
        assert_eq!(shown(5.0, "0\" tuổi\""), "5");
        assert_eq!(shown(10.1, "0.00"), "10.10");
        assert_eq!(shown(10.1, "General"), "10.1");
        assert_eq!(shown(1985.0, "0"), "1985");
        assert_eq!(shown(1985.0, "#,##0"), "1985");
        assert_eq!(shown(5.0, "dd/mm/yyyy"), "5");
    }

    #[test]
    fn serials_are_days() {
        assert_eq!(day_of_serial(40867.0, false), NaiveDate::from_ymd_opt(2011, 11, 20));
        assert_eq!(day_of_serial(40867.0 - 1462.0, true), NaiveDate::from_ymd_opt(2011, 11, 20));
        assert_eq!(day_of_serial(-1.0, false), None);
        assert_eq!(day_of_serial(f64::NAN, false), None);
    }

    #[test]
    fn fonts_tell_their_alphabet() {
        assert_eq!(Font::of_name(".VnTime"), Font::Tcvn3);
        assert_eq!(Font::of_name(".VnArial NarrowH"), Font::Tcvn3Capitals);
        assert_eq!(Font::of_name("VNI-Times"), Font::Vni);
        assert_eq!(Font::of_name("Times New Roman"), Font::Plain);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = "ế".repeat(limits::CELL_CHARS + 5);
        assert_eq!(Cell::text(long, Font::Plain).shown().chars().count(), limits::CELL_CHARS);
    }
}
