//! Names of classes: the meaning of "Lớp 10A1", "10 a1" and "10A01", the order of classes, and ranges of them.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::text;

/// The longest name of a class, in characters.
pub const MAX_CHARS: usize = 40;

/// How many classes one entry such as `10A1-10A12` may name.
pub const MAX_EXPANDED: usize = 100;

/// The words that people write before a class's name.
const CLASS_WORDS: &[&str] = &["lớp", "lop", "class"];

/// Dashes between the ends of a range.
const DASHES: &[char] = &['-', '–', '—', '−', '→', '~'];

/// Words and signs between the ends of a range, which mean the same as a dash.
const UNTIL: &[&str] = &["đến", "den", "tới", "toi", "to", "until"];

/// Words before the first end.
const FROM: &[&str] = &["từ", "tu", "from"];

/// Words and signs between names, which mean the same as a comma.
const AND: &[&str] = &["và", "va", "and", "&", "+"];

/// What people write before several classes.
const CLASSES_WORDS: &[&str] = &["các lớp", "cac lop", "những lớp", "classes"];

/// The name as it is stored. "Lớp 10A1", "10 A1", "10a1" and "10A01" are all 10A1, "6 / 02" is 6/2; other names,
/// such as "Mầm 1" or "CNTT-K45", keep their spelling. `None` when nothing is left, or more than [`MAX_CHARS`].
pub fn normalise(raw: &str) -> Option<String> {
    let cleaned = plain_signs(text::cleaned(raw));
    let name = without_class_word(&cleaned);
    if !name.chars().any(char::is_alphanumeric) {
        return None;
    }
    let name = lettered(name).or_else(|| slashed(name)).unwrap_or_else(|| name.to_owned());
    (name.chars().count() <= MAX_CHARS).then_some(name)
}

/// The name with the characters that keyboards have: 9⁄2 is 9/2, 6A₁ is 6A1. Small digits after a digit ("8³") mean
/// something else and stay.
fn plain_signs(name: Cow<'_, str>) -> Cow<'_, str> {
    let plain = |before: Option<char>, c: char| match c {
        '⁄' | '∕' | '⧸' => '/',
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '₀'..='₉' | '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' if before.is_some_and(char::is_alphabetic) => {
            let digit = "₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|small| small == c);
            digit.and_then(|at| char::from_digit(at as u32 % 10, 10)).unwrap_or(c)
        }
        _ => c,
    };
    if name.chars().all(|c| plain(Some('A'), c) == c) {
        return name;
    }
    let mut before = None;
    let signs = name.chars().map(|c| {
        let sign = plain(before, c);
        before = Some(if sign != c && sign.is_ascii_digit() { 'A' } else { sign });
        sign
    });
    Cow::Owned(signs.collect())
}

/// Whether the name is what a spreadsheet program makes of "10/1": a date.
pub fn is_date(raw: &str) -> bool {
    let cleaned = text::cleaned(raw);
    let day = cleaned.split(' ').next().unwrap_or_default();
    NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok() || NaiveDate::parse_from_str(day, "%d/%m/%Y").is_ok()
}

/// A key whose byte order (collation "C") is the natural order of names: 6/2 before 10A1, 10A2 before 10A10, D
/// before Đ. Without regard to case and marks, so different names may share a key.
pub fn natural_key(name: &str) -> String {
    // Đ is a letter of its own, after D: a sign after every letter and digit puts it there.
    let folded = text::fold(&name.replace(['đ', 'Đ'], "d~"));
    let mut key = String::with_capacity(folded.len() + 8);
    let mut rest = folded.as_str();
    while !rest.is_empty() {
        let (digits, after) = split_digits(rest);
        if !digits.is_empty() {
            // The number's length before it makes the shorter number the smaller one.
            let number = without_leading_zeros(digits);
            key.push_str(&format!("{:02}{number}", number.len()));
        }
        let next = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (letters, remaining) = after.split_at(next);
        key.push_str(letters);
        rest = remaining;
    }
    key
}

/// The grade that the name begins with, 1 to 12; `None` in kindergartens ("3 tuổi A" too) and higher education.
pub fn grade(name: &str) -> Option<u8> {
    let cleaned = text::cleaned(name);
    let (digits, rest) = split_digits(without_class_word(&cleaned));
    let has_word = rest.len() >= "tuoi".len();
    let years_old = has_word && text::words(rest).first().is_some_and(|word| word == "tuoi");
    parse_grade(digits).filter(|_| !years_old)
}

/// Why an entry of several classes cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    #[error("no class is named")]
    Empty,
    #[error("more than {MAX_EXPANDED} classes")]
    TooMany,
    #[error("not a name of a class: {0}")]
    Name(String),
    #[error("the ends do not belong together: {0}")]
    Range(String),
}

impl ExpandError {
    /// The key of the sentence in Fluent, `fault-{key}`.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Empty => "classes-empty",
            Self::TooMany => "classes-too-many",
            Self::Name(_) => "class-malformed",
            Self::Range(_) => "class-range-unreadable",
        }
    }

    /// The part of the entry that is meant.
    pub fn value(&self) -> &str {
        match self {
            Self::Empty | Self::TooMany => "",
            Self::Name(part) | Self::Range(part) => part,
        }
    }
}

/// The classes that an entry names: one ("10A1"), several ("10A1, 10A2; 10A5", "10A1 và 10A2", "10A1 10A2") or ranges ("10A1-10A12",
/// "10A1 đến 10A12", "từ 10A1 tới A12", "6A-6E", "Mầm 1-Mầm 3"), each once, in the order typed. A dash within a name
/// ("CNTT-K45") is no range.
///
/// # Errors
/// [`ExpandError`] when nothing is named, a name is invalid, a range has ends that do not fit, or there are more than
/// [`MAX_EXPANDED`].
pub fn expand(entry: &str) -> Result<Vec<String>, ExpandError> {
    let mut names: Vec<String> = Vec::new();
    for part in with_commas(entry).split([',', ';']).map(text::clean).filter(|part| !part.is_empty()) {
        for name in expand_part(&part)? {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.len() > MAX_EXPANDED {
            return Err(ExpandError::TooMany);
        }
    }
    if names.is_empty() { Err(ExpandError::Empty) } else { Ok(names) }
}

/// The entry with a comma for each "và" before a class with a grade; elsewhere it may be part of a name.
fn with_commas(entry: &str) -> String {
    let in_line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_and = |at: usize, word: &str| {
            let next = words.get(at + 1).is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
            at > 0 && next && AND.contains(&word.to_lowercase().as_str())
        };
        let signs = words.iter().enumerate().map(|(at, word)| if is_and(at, word) { "," } else { word });
        signs.collect::<Vec<_>>().join(" ")
    };
    entry.split(['\n', '\r']).map(|line| in_line(&text::clean(line))).collect::<Vec<_>>().join(",")
}

/// The two ends of what may be a range.
fn ends(part: &str) -> Option<(String, String)> {
    let part = with_dash(part);
    if let Some((first, last)) = part.split_once(DASHES) {
        // "->" begins with a dash, too.
        return Some((without_from(first).to_owned(), last.trim_start_matches('>').to_owned()));
    }
    let words: Vec<&str> = part.split(' ').collect();
    let at = words.iter().position(|word| UNTIL.contains(&word.to_lowercase().as_str()))?;
    let (first, last) = (words.get(..at)?.join(" "), words.get(at + 1..)?.join(" "));
    let first = without_from(&first);
    (!first.is_empty() && !last.is_empty()).then(|| (first.to_owned(), last))
}

/// Dots between the ends of a range are a dash: "10A1..10A3", "10A1…10A3".
fn with_dash(part: &str) -> String {
    let dots = |from: &str| from.find("..").into_iter().chain(from.find('…')).min();
    match dots(part).and_then(|at| part.split_at_checked(at)) {
        Some((first, last)) => format!("{first}–{}", last.trim_start_matches(['.', '…'])),
        None => part.to_owned(),
    }
}

/// What stands behind "từ".
fn without_from(first: &str) -> &str {
    match first.split_once(' ') {
        Some((word, rest)) if FROM.contains(&word.to_lowercase().as_str()) => rest,
        _ => first,
    }
}

/// What stands behind "các lớp".
fn without_classes_word(part: &str) -> &str {
    let lower = part.to_lowercase();
    let word =
        CLASSES_WORDS.iter().find(|word| lower.strip_prefix(**word).is_some_and(|rest| rest.starts_with([' ', ':'])));
    let rest = word.and_then(|word| part.char_indices().nth(word.chars().count())).and_then(|(at, _)| part.get(at..));
    rest.map_or(part, |rest| rest.trim_start_matches([' ', ':']))
}

/// Whether a word alone names a class with a grade.
fn is_graded(word: &str) -> bool {
    lettered(word).or_else(|| slashed(word)).is_some()
}

fn expand_part(part: &str) -> Result<Vec<String>, ExpandError> {
    let part = without_classes_word(part);
    let single = || {
        let words: Vec<&str> = part.split(' ').collect();
        let graded: Vec<String> =
            words.iter().filter(|word| is_graded(word)).filter_map(|word| normalise(word)).collect();
        match graded.len() {
            0 | 1 => normalise(part).map(|name| vec![name]).ok_or_else(|| ExpandError::Name(part.to_owned())),
            count if count == words.len() => Ok(graded),
            // Two classes, and something between them that says who knows what.
            _ => Err(ExpandError::Range(part.to_owned())),
        }
    };
    let Some((first, last)) = ends(part) else {
        return single();
    };
    let (first, last) = (first.as_str(), last.as_str());
    if let Some(names) = named(first, last) {
        return Ok(names);
    }
    let Some(first) = normalise(first).filter(|name| grade(name).is_some() && !split_digits(name).1.is_empty()) else {
        return single();
    };
    let fits_not = || ExpandError::Range(part.to_owned());
    let last = range_end(&first, last).ok_or_else(fits_not)?;
    let names = numbered(&first, &last).or_else(|| alphabetical(&first, &last)).ok_or_else(fits_not)?;
    if names.is_empty() { Err(fits_not()) } else { Ok(names) }
}

/// Mầm 1 to Mầm 3, Lá A to Lá C: the same name without a grade, and numbers or single letters that rise.
fn named(first: &str, last: &str) -> Option<Vec<String>> {
    let (first, last) = (normalise(first)?, normalise(last)?);
    if grade(&first).is_some() {
        return None;
    }
    let names = numbered(&first, &last).or_else(|| {
        let ((stem, from), (last_stem, to)) = (first.rsplit_once(' ')?, last.rsplit_once(' ')?);
        let (from, to) = (single_letter(from)?, single_letter(to)?);
        (stem == last_stem).then(|| (from..=to).map(|letter| format!("{stem} {letter}")).collect())
    })?;
    (!names.is_empty()).then_some(names)
}

/// The full name of a range's last class: of "10A1-12" and "10A1-A12" it is 10A12.
fn range_end(first: &str, last: &str) -> Option<String> {
    let last = text::clean(last).to_uppercase();
    let (stem, number) = split_number(first);
    let (grade, _) = split_digits(first);
    if !number.is_empty() && last.len() <= 3 && !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) {
        return normalise(&format!("{stem}{last}"));
    }
    if last.starts_with(char::is_alphabetic) && without_class_word(&last) == last {
        return normalise(&format!("{grade}{last}"));
    }
    normalise(&last)
}

/// 10A1 to 10A12: the same stem, and numbers that rise.
fn numbered(first: &str, last: &str) -> Option<Vec<String>> {
    let (stem, from) = split_number(first);
    let (last_stem, to) = split_number(last);
    let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
    // One more than allowed is enough to see that there are too many.
    let to = to.min(from.saturating_add(MAX_EXPANDED));
    (stem == last_stem).then(|| (from..=to).map(|number| format!("{stem}{number}")).collect())
}

/// 6A to 6E: the same grade, and single letters that rise.
fn alphabetical(first: &str, last: &str) -> Option<Vec<String>> {
    let (grade, from) = split_digits(first);
    let (last_grade, to) = split_digits(last);
    let (from, to) = (single_letter(from)?, single_letter(to)?);
    (grade == last_grade).then(|| (from..=to).map(|letter| format!("{grade}{letter}")).collect())
}

fn single_letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|c| c.is_ascii_uppercase() && letters.next().is_none())
}

/// A grade, a code of letters and perhaps a number, however they are spaced: 10A1. Codes are short, so that the
/// names of specialised classes ("10 Anh", "10 Toán 1") are not taken for one.
fn lettered(name: &str) -> Option<String> {
    let (digits, rest) = split_digits(name);
    let grade = parse_grade(digits)?;
    let rest = rest.trim_start_matches([' ', '-', '.', '_']);
    let letters_end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (letters, number) = rest.split_at(letters_end);
    let number = number.trim_start();
    let is_short = match letters.chars().count() {
        1 | 2 => true,
        3 => !number.is_empty() && !name.contains(' ') && is_of_one_case(letters),
        _ => false,
    };
    let is_code = is_short && letters.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, 'đ' | 'Đ'));
    let is_number = number.bytes().all(|b| b.is_ascii_digit());
    (is_code && is_number).then(|| format!("{grade}{}{}", letters.to_uppercase(), without_leading_zeros(number)))
}

/// A grade, a slash and a number or code: 6/2.
fn slashed(name: &str) -> Option<String> {
    let (digits, rest) = split_digits(name);
    let grade = parse_grade(digits)?;
    let behind = rest.trim_start().strip_prefix('/')?.trim_start();
    let is_code = !behind.is_empty() && behind.bytes().all(|b| b.is_ascii_alphanumeric());
    is_code.then(|| format!("{grade}/{}", without_leading_zeros(behind).to_ascii_uppercase()))
}

fn is_of_one_case(letters: &str) -> bool {
    letters.to_uppercase() == letters || letters.to_lowercase() == letters
}

/// The name behind "Lớp", if it begins so: "Lớp: 10A1", "LỚP Lá A", "Lop10A1", but not "Lopez".
fn without_class_word(name: &str) -> &str {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return name;
    }
    let lower = name.to_lowercase();
    let word = CLASS_WORDS.iter().find(|word| lower.starts_with(**word));
    let Some(word) = word else { return name };
    let rest = name.char_indices().nth(word.chars().count()).map_or("", |(at, _)| name.get(at..).unwrap_or_default());
    if rest.starts_with(char::is_alphabetic) { name } else { rest.trim_start_matches([' ', ':', '-', '.']) }
}

fn parse_grade(digits: &str) -> Option<u8> {
    digits.parse().ok().filter(|grade| (1..=12).contains(grade) && digits.len() <= 2)
}

/// The digits that the text begins with, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// The text before its last number, and that number.
fn split_number(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches(|c: char| c.is_ascii_digit()).len())
}

/// The number without the zeros before it, of which the last one stays.
fn without_leading_zeros(digits: &str) -> &str {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { digits.get(digits.len().saturating_sub(1)..).unwrap_or_default() } else { trimmed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(raw: &str) -> String {
        normalise(raw).unwrap()
    }

    #[test]
    fn ranges_of_named_classes() {
        assert_eq!(expand("Mầm 1-Mầm 3").unwrap(), ["Mầm 1", "Mầm 2", "Mầm 3"]);
        assert_eq!(expand("Lá A – Lá C").unwrap(), ["Lá A", "Lá B", "Lá C"]);
        assert_eq!(expand("CNTT K45-CNTT K46").unwrap(), ["CNTT K45", "CNTT K46"]);
        for name in ["CNTT-K45", "Mầm 3-Mầm 1", "Mầm 1-Chồi 3", "Lá-Lá"] {
            assert_eq!(expand(name).unwrap(), [name], "no range");
        }
    }

    #[test]
    fn ranges_and_lists_in_words() {
        let three = ["10A1", "10A2", "10A3"];
        for entry in [
            "10A1 đến 10A3",
            "Từ 10A1 đến 10A3",
            "lớp 10A1 tới lớp 10A3",
            "10A1 – 10A3",
            "10A1 — A3",
            "10A1 -> 10A3",
            "10a1 to 10a3",
            "10A1 .. 10A3",
            "10A1..10A3",
            "10A1...10A3",
            "10A1…10A3",
            "từ 10A1-10A3",
            "Các lớp 10A1 đến 10A3",
            "10A1 10A2 10A3",
            "10A1 & 10A2 + 10A3",
            "10A1, 10A2, 10A3",
            "10A1, 10A2 và 10A3",
            "10A1 và 10A2; 10A3",
            "10A1\n10A2\r\n10A3",
            "10A1 ĐẾN 3",
        ] {
            assert_eq!(expand(entry).unwrap(), three, "{entry}");
        }
        assert_eq!(expand("6A đến 6C").unwrap(), ["6A", "6B", "6C"]);
        assert_eq!(expand("Mầm 1 đến Mầm 2, từ Lá A tới Lá B").unwrap(), ["Mầm 1", "Mầm 2", "Lá A", "Lá B"]);
        // Such a word within a name belongs to it.
        for name in ["Bé Tới", "Nhà Tới Nơi", "Điện và Điện tử K45", "Từ Tâm"] {
            assert_eq!(expand(name).unwrap(), [name], "one class");
        }
        assert_eq!(expand("10A12 đến 10A1").unwrap_err().key(), "class-range-unreadable");
        assert_eq!(expand("10A1 hoặc là 10A2").unwrap_err().key(), "class-range-unreadable");
    }

    #[test]
    fn spellings_of_one_class() {
        for raw in [
            "10A1",
            "10a1",
            "10 A1",
            "10A01",
            "Lớp 10A1",
            "LỚP 10a01",
            "lop10A1",
            "Lớp: 10A1",
            " 10A1\u{a0}",
            "10-A1",
            "10.A1",
            "10A 1",
            "10A001",
            "Class 10A1",
        ] {
            assert_eq!(name(raw), "10A1", "{raw}");
        }
        assert_eq!(name("06a2"), "6A2");
        assert_eq!(name("10đ1"), "10Đ1");
        assert_eq!(name("11ct2"), "11CT2");
        assert_eq!(name("10ctn02"), "10CTN2");
        assert_eq!(name("6a"), "6A");
        assert_eq!(name("10A10"), "10A10");
    }

    #[test]
    fn a_slash_makes_another_class() {
        assert_eq!(name("10/1"), "10/1");
        assert_eq!(name("6 / 02"), "6/2");
        assert_eq!(name("Lớp 06/2"), "6/2");
        assert_eq!(name("6/a2"), "6/A2");
        assert_eq!(name("9⁄2"), "9/2");
        assert_eq!(name("6A₁"), "6A1");
        assert_eq!(name("6A₁₂"), "6A12");
        assert_eq!(name("１０Ａ１"), "10A1");
        assert_eq!(name("8³"), "8³");
    }

    #[test]
    fn other_names_keep_their_spelling() {
        for kept in ["Mầm 1", "Lá A", "CNTT-K45", "10 Toán 1", "10 Anh", "20DTH01", "3 tuổi A", "2024CNTT01", "Lopez"]
        {
            assert_eq!(name(kept), kept);
        }
        assert_eq!(name("Lớp  Lá\u{a0}A"), "Lá A");
    }

    #[test]
    fn no_class() {
        for raw in ["", "  ", "\u{200b}", "Lớp", "--", &"x".repeat(41)] {
            assert_eq!(normalise(raw), None, "{raw}");
        }
        assert!(is_date("2026-01-10") && is_date("2026-01-10 00:00:00") && is_date("10/01/2026"));
        assert!(!is_date("10/1") && !is_date("10A1"));
    }

    #[test]
    fn natural_order() {
        let ordered = [
            "1A", "6/2", "6/10", "10/1", "10A1", "10A2", "10A10", "10D1", "10D9", "10Đ1", "11A1", "CNTT-K9",
            "CNTT-K45", "Lá A", "Mầm 1", "Mầm 2",
        ];
        let keys: Vec<String> = ordered.iter().map(|name| natural_key(name)).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted);
    }

    #[test]
    fn grades() {
        for (class, expected) in [
            ("10A1", Some(10)),
            ("Lớp 06/2", Some(6)),
            ("12", Some(12)),
            ("1A", Some(1)),
            ("13A", None),
            ("0A", None),
            ("Mầm 1", None),
            ("3 tuổi A", None),
            ("2024CNTT", None),
            ("", None),
        ] {
            assert_eq!(grade(class), expected, "{class}");
        }
    }

    #[test]
    fn ranges() {
        let twelve: Vec<String> = (1..=12).map(|n| format!("10A{n}")).collect();
        for entry in ["10A1-10A12", "10a01 – 10a12", "10A1-A12", "10A1-12", "Lớp 10A1 - Lớp 10A12"] {
            assert_eq!(expand(entry).unwrap(), twelve, "{entry}");
        }
        assert_eq!(expand("6/1-6/3").unwrap(), ["6/1", "6/2", "6/3"]);
        assert_eq!(expand("6A-6C").unwrap(), ["6A", "6B", "6C"]);
        assert_eq!(expand("10A1, 10A2; 10A5\n10a2").unwrap(), ["10A1", "10A2", "10A5"]);
        assert_eq!(expand("CNTT-K45").unwrap(), ["CNTT-K45"]);
        assert_eq!(expand("10A1").unwrap(), ["10A1"]);
        assert_eq!(expand("10-A1").unwrap(), ["10A1"]);
    }

    #[test]
    fn ranges_that_are_none() {
        assert_eq!(expand(" ,; "), Err(ExpandError::Empty));
        assert_eq!(expand("10A1-10A101").unwrap_err(), ExpandError::TooMany);
        let wide = format!("10A1-10A{}", u64::MAX);
        assert_eq!(expand(&wide).unwrap_err(), ExpandError::TooMany);
        let high = format!("10A{0}-10A{0}", u64::MAX);
        assert_eq!(expand(&high).unwrap().len(), 1);
        assert!(matches!(expand("10A12-10A1"), Err(ExpandError::Range(_))));
        assert!(matches!(expand("10A1-11A3"), Err(ExpandError::Range(_))));
        assert!(matches!(expand("10A1-"), Err(ExpandError::Range(_))));
        assert!(matches!(expand("10A1-B4"), Err(ExpandError::Range(_))));
        assert_eq!(expand("10A1-10A100").unwrap().len(), 100);
    }

    proptest::proptest! {
        #[test]
        fn normalising_twice_is_normalising_once(raw in "\\PC{0,20}|[0-9]{0,3}[ ./-]?[a-zđ]{0,3} ?[0-9]{0,3}") {
            if let Some(once) = normalise(&raw) {
                proptest::prop_assert_eq!(normalise(&once), Some(once));
            }
        }
    }
}
