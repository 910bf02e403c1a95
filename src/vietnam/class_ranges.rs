//! Entries that name several classes: lists such as "10A1, 10A2" and ranges such as "10A1-10A12".

use super::{
    class_name::{grade, lettered, normalise, slashed, split_digits, without_class_word},
    text,
};

/// How many classes one entry such as `10A1-10A12` may name.
pub const MAX_EXPANDED: usize = 100;

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

/// The classes that an entry names: one ("10A1"), several ("10A1, 10A2; 10A5", "10A1 và 10A2", "10A1 10A2") or ranges
/// ("10A1-10A12", "10A1 đến 10A12", "từ 10A1 tới A12", "6A-6E", "Mầm 1-Mầm 3"), each once, in the order typed. A dash
/// within a name ("CNTT-K45") is no range.
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
            // Several classes with unknown words between them.
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

/// The text before its last number, and that number.
fn split_number(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches(|c: char| c.is_ascii_digit()).len())
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
