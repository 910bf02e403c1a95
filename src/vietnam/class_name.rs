//! Names of classes: the meaning of "Lớp 10A1", "10 a1" and "10A01", and the order of classes.

use std::borrow::Cow;

use chrono::NaiveDate;

pub use super::class_ranges::{ExpandError, MAX_EXPANDED, expand};
use super::text;

/// The longest name of a class, in characters.
pub const MAX_CHARS: usize = 40;

/// The words that people write before a class's name.
const CLASS_WORDS: &[&str] = &["lớp", "lop", "class"];

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

/// The grade that the name begins with, 1 to 12; `None` in kindergartens ("3 tuổi A" and "3-4 tuổi" too) and higher
/// education.
pub fn grade(name: &str) -> Option<u8> {
    let cleaned = text::cleaned(name);
    let (digits, rest) = split_digits(without_class_word(&cleaned));
    let has_word = rest.len() >= "tuoi".len();
    let years_old = has_word && is_age(&text::words(rest));
    parse_grade(digits).filter(|_| !years_old)
}

/// Whether these words, behind a number, make it an age, or the first of two.
fn is_age(words: &[String]) -> bool {
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    match words {
        [first, ..] if first == "tuoi" => true,
        [first, second, ..] => is_number(first) && second == "tuoi",
        _ => false,
    }
}

/// A grade, a code of letters and perhaps a number, however they are spaced: 10A1. Codes are short, so that the
/// names of specialised classes ("10 Anh", "10 Toán 1") are not taken for one.
pub(super) fn lettered(name: &str) -> Option<String> {
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
pub(super) fn slashed(name: &str) -> Option<String> {
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
pub(super) fn without_class_word(name: &str) -> &str {
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
pub(super) fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
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
            ("3-4 tuổi A", None),
            ("4–5 tuổi", None),
            ("2024CNTT", None),
            ("", None),
        ] {
            assert_eq!(grade(class), expected, "{class}");
        }
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
