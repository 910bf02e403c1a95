//! Which rows below the header are people: not empty ones, the example, or the totals and signatures below.

use std::sync::LazyLock;

use super::{
    cell::{Cell, SheetRow},
    columns::Sources,
    meaning::{Meaning, sense},
    title,
};
use crate::{
    roster::fields::{Field, RosterKind},
    vietnam::text,
};

/// The kind of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    Person,
    /// A line that begins another class.
    Section(String),
    Nothing,
}

/// Fields that no row has by accident: one of them makes a row a person's, even without a name.
const TELLING: [Field; 6] =
    [Field::BirthDate, Field::Email, Field::MoetId, Field::NationalId, Field::Username, Field::Phone];

/// How lines below a list begin.
const FOOTERS: &[&str] = &[
    "danh sách này",
    "danh sách có",
    "danh sách gồm",
    "ấn định danh sách",
    "tổng số",
    "tổng cộng",
    "tổng:",
    "cộng:",
    "sĩ số",
    "trong đó",
    "người lập",
    "người tổng hợp",
    "người kiểm tra",
    "cán bộ lập",
    "hiệu trưởng",
    "phó hiệu trưởng",
    "kt. hiệu trưởng",
    "tl. hiệu trưởng",
    "q. hiệu trưởng",
    "tm. nhà trường",
    "thủ trưởng",
    "kế toán",
    "giáo viên chủ nhiệm",
    "gvcn",
    "xác nhận của",
    "xác nhận",
    "ký tên",
    "(ký",
    "ký, ghi rõ",
    "(ký, ghi rõ",
    "ký và ghi rõ",
    "ghi chú:",
    "lưu ý",
    "bằng chữ",
    "total",
    "principal",
    "prepared by",
    "note:",
    "homeroom teacher",
];

static MARKED_FOOTERS: LazyLock<Vec<String>> =
    LazyLock::new(|| FOOTERS.iter().map(|footer| (*footer).to_owned()).collect());
static FOLDED_FOOTERS: LazyLock<Vec<String>> =
    LazyLock::new(|| FOOTERS.iter().map(|footer| text::fold(footer)).collect());

/// Longer lines are remarks of some other kind.
const MAX_FOOTER_BYTES: usize = 400;

/// Classifies rows. Remembers whether the foot of the list has been reached.
pub struct Body {
    kind: RosterKind,
    names: Vec<usize>,
    ordinal: Option<usize>,
    telling: Vec<usize>,
    mapped: Vec<usize>,
    at_foot: bool,
}

impl Body {
    pub fn new(kind: RosterKind, sources: &Sources) -> Self {
        let whole = |field: &Field| sources.whole.get(field).into_iter().flatten().copied();
        let names = match kind {
            RosterKind::Classes => whole(&Field::Class).collect(),
            _ => sources.name_columns(),
        };
        let mut telling: Vec<usize> = TELLING.iter().flat_map(whole).collect();
        telling.extend(sources.birth_parts.into_iter().flatten());
        let mut mapped: Vec<usize> = sources.whole.values().flatten().copied().collect();
        mapped.extend(sources.names.keys().flat_map(|name| sources.part_columns(*name)));
        mapped.extend(sources.birth_parts.into_iter().flatten());
        mapped.extend(sources.female.into_iter().chain(sources.male));
        mapped.retain(|column| !names.contains(column));
        Self { kind, names, ordinal: sources.ordinal, telling, mapped, at_foot: false }
    }

    /// Whether rows without a class have that of a row above them, or of the title: classes may be given once for all
    /// their pupils, in merged cells, or nowhere. Most formats lose the merging, so the rows decide: few have a class,
    /// the first among them, and no two the same. Where a class is not required, as in higher education, and in our own
    /// exports, a row without a class has none.
    pub fn tells_classes_once(mut self, rows: &[SheetRow<'_>], sources: &Sources) -> bool {
        if !sources.has(Field::Class) {
            return true;
        }
        if self.kind != RosterKind::Students || sources.has(Field::Username) {
            return false;
        }
        let people = rows.iter().filter(|row| self.kind_of(row) == RowKind::Person);
        let classes: Vec<Option<String>> = people.map(|row| sources.class_shown(row)).collect();
        let mut told: Vec<&String> = classes.iter().flatten().collect();
        let is_first = told.is_empty() || matches!(classes.first(), Some(Some(_)));
        let all = told.len();
        told.sort_unstable();
        told.dedup();
        is_first && told.len() == all && all * 3 <= classes.len()
    }

    pub fn kind_of(&mut self, row: &SheetRow<'_>) -> RowKind {
        let has_name = self.names.iter().any(|column| !row.cell(*column).is_empty());
        if self.kind == RosterKind::Classes {
            return self.kind_of_class(row, has_name);
        }
        let has_telling = self.telling.iter().any(|column| !row.cell(*column).is_empty());
        let others = self.mapped.iter().filter(|column| !row.cell(**column).is_empty()).count();
        if !has_name && !has_telling {
            return self.kind_of_line(row);
        }
        if has_name && self.telling.iter().any(|column| is_telling(row.cell(*column))) && !self.is_example(row) {
            self.at_foot = false;
            return RowKind::Person;
        }
        let is_full = has_name && others >= 2;
        if self.is_header_again(row) || self.is_numbering(row) || self.is_example(row) {
            return RowKind::Nothing;
        }
        if self.is_foot(row, has_name) {
            self.at_foot = true;
            return RowKind::Nothing;
        }
        if is_full || self.is_numbered(row) {
            self.at_foot = false;
            return RowKind::Person;
        }
        if let RowKind::Section(class) = self.kind_of_line(row) {
            return RowKind::Section(class);
        }
        // Below the foot, names are those of signatories.
        if self.at_foot && !has_telling { RowKind::Nothing } else { RowKind::Person }
    }

    /// A row of a list of classes: each with a name is one, but for headers, the example and the foot.
    fn kind_of_class(&self, row: &SheetRow<'_>, has_name: bool) -> RowKind {
        let is_header = |column: &usize| {
            let cell = row.cell(*column);
            let is_class = |(meaning, _): (Meaning, u8)| meaning == Meaning::Whole(Field::Class);
            cell.is_text() && sense(&cell.shown(), self.kind).is_some_and(is_class)
        };
        let is_other = !has_name || self.names.iter().any(is_header) || self.is_example(row) || self.is_foot(row, true);
        if is_other { RowKind::Nothing } else { RowKind::Person }
    }

    /// A row without anything of a person: the head of another class, the foot of the list, or nothing.
    fn kind_of_line(&mut self, row: &SheetRow<'_>) -> RowKind {
        let mut filled = row.filled();
        if let (Some((_, cell)), None) = (filled.next(), filled.next())
            && let Some(class) = title::class_of_section(&cell.shown())
        {
            self.at_foot = false;
            return RowKind::Section(class);
        }
        if row.filled().any(|(_, cell)| is_footer(cell)) {
            self.at_foot = true;
        }
        RowKind::Nothing
    }

    fn is_numbered(&self, row: &SheetRow<'_>) -> bool {
        self.ordinal.is_some_and(|column| {
            let number = row.cell(column).shown();
            let digits = number.trim().trim_end_matches('.');
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    }

    /// Totals are in the column of names or of numbers; elsewhere such words may be a person's position.
    fn is_foot(&self, row: &SheetRow<'_>, has_name: bool) -> bool {
        let in_front = |column: usize| self.names.contains(&column) || self.ordinal == Some(column);
        row.filled().any(|(column, cell)| (in_front(column) || !has_name) && is_footer(cell))
    }

    /// The header once more, as at the top of each printed page, or in another language below the first.
    fn is_header_again(&self, row: &SheetRow<'_>) -> bool {
        if mostly_digits(row) {
            return false;
        }
        let is_name = |column: &usize| {
            let cell = row.cell(*column);
            cell.is_text() && sense(&cell.shown(), self.kind).is_some_and(|(meaning, _)| meaning.is_name())
        };
        if !self.names.iter().any(is_name) {
            return false;
        }
        let known = row
            .filled()
            .filter(|(_, cell)| {
                cell.is_text() && sense(&cell.shown(), self.kind).is_some_and(|(meaning, _)| meaning != Meaning::Male)
            })
            .count();
        known >= 2 && known * 2 > row.filled().count()
    }

    /// A row of the columns' numbers or letters: "(1) (2) (3)", "A B 1 2".
    fn is_numbering(&self, row: &SheetRow<'_>) -> bool {
        let is_number = |cell: &Cell<'_>| {
            let shown = cell.shown();
            let inner = shown.trim().trim_matches(['(', ')', '[', ']']).trim();
            !inner.is_empty() && inner.len() <= 2 && inner.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        self.names.first().is_some_and(|column| is_number(row.cell(*column)))
            && row.filled().all(|(_, cell)| is_number(cell))
    }

    fn is_example(&self, row: &SheetRow<'_>) -> bool {
        self.names.iter().any(|column| is_example_name(&row.cell(*column).shown()))
    }
}

/// Whether a cell holds a date, an e-mail, or a number as long as dates, telephones and identifiers are: beside a name,
/// that is sufficient evidence of a person.
fn is_telling(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Date(_) => true,
        Cell::Text(text, _) => text.bytes().filter(u8::is_ascii_digit).count() >= 6 || text.contains('@'),
        Cell::Number(number) | Cell::Formatted(number, _) => *number >= 1e6,
        _ => false,
    }
}

/// Whether at least half of the row's cells contain digits: headers do not, people do.
fn mostly_digits(row: &SheetRow<'_>) -> bool {
    let has_digit = |cell: &Cell<'_>| match cell {
        Cell::Text(text, _) => text.bytes().any(|byte| byte.is_ascii_digit()),
        Cell::Number(_) | Cell::Formatted(..) | Cell::Date(_) => true,
        _ => false,
    };
    let (with, all) =
        row.filled().fold((0usize, 0usize), |(with, all), (_, cell)| (with + usize::from(has_digit(cell)), all + 1));
    with * 2 >= all
}

/// Whether a name is marked as the example of a template: it begins with "Ví dụ:", "VD:" or "Example:", with or
/// without parentheses. The mark is a part of the value, so that it survives every format and every way of copying.
pub fn is_example_name(name: &str) -> bool {
    if !name.contains([':', '.', ')', ']']) {
        return false;
    }
    let name = text::clean(name).to_lowercase();
    let (name, in_parentheses) = name.strip_prefix(['(', '[']).map_or((name.as_str(), false), |rest| (rest, true));
    ["ví dụ", "vd", "example", "mẫu"].into_iter().filter_map(|mark| name.strip_prefix(mark)).any(|rest| {
        let rest = rest.trim_start();
        rest.starts_with([':', '.', ')', ']']) || in_parentheses && rest.is_empty()
    })
}

fn is_footer(cell: &Cell<'_>) -> bool {
    let Cell::Text(shown, _) = cell else { return false };
    if shown.len() > MAX_FOOTER_BYTES {
        return false;
    }
    let line = text::clean(shown).to_lowercase();
    // Without diacritics "Tống Sơn", a person's name, would begin like a sum: only text that was typed without any is
    // compared so.
    let footers = if line.is_ascii() { &*FOLDED_FOOTERS } else { &*MARKED_FOOTERS };
    let begins =
        |footer: &String| line.strip_prefix(footer.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphabetic));
    footers.iter().any(begins) || line == "tổng" || line == "cộng" || is_dateline(&line)
}

/// "Hà Nội, ngày 5 tháng 9 năm 2026", the numbers filled in or left blank.
fn is_dateline(line: &str) -> bool {
    if !line.contains("ng") {
        return false;
    }
    let folded = text::fold(line);
    let after = |rest: &str, word: &str| rest.split_once(word).map(|(_, rest)| rest.to_owned());
    after(&folded, "ngay").and_then(|rest| after(&rest, "thang")).and_then(|rest| after(&rest, "nam")).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::spreadsheet::cell::Font;

    #[test]
    fn examples_are_marked_in_the_name() {
        for name in ["Ví dụ: Nguyễn Thị Mai", "(Ví dụ) Nguyễn Thị Mai", "VÍ DỤ : An", "Example: Nguyen An", "VD: An"]
        {
            assert!(is_example_name(name), "{name}");
        }
        for name in ["Vi Du", "Vi Dũng", "Mẫu Văn An", "Nguyễn Văn Mẫu"] {
            assert!(!is_example_name(name), "{name}");
        }
    }

    #[test]
    fn feet_are_told_from_names() {
        let is = |line: &str| is_footer(&Cell::text(line.to_owned(), Font::Plain));
        for line in [
            "Danh sách này có 42 học sinh./.",
            "Tổng số: 42",
            "TỔNG CỘNG",
            "Người lập biểu",
            "Hiệu trưởng",
            "Tong so: 42",
            "Hà Nội, ngày 5 tháng 9 năm 2026",
            "......., ngày ... tháng ... năm ...",
        ] {
            assert!(is(line), "{line}");
        }
        for line in ["Tống Sơn", "Tong Son", "Công Tằng Tôn Nữ Như Ý", "Nguyễn Văn An", "Trong Đông"] {
            assert!(!is(line), "{line}");
        }
    }
}
