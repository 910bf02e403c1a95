//! A column of marks out of a spreadsheet, by which classes are filled evenly.

use std::collections::HashMap;

use super::columns::{self, Heads, PupilColumns};
use crate::{
    ids::MemberId,
    rollover::{known::Known, model::Figures, pupils::KnownPupil},
    sources::spreadsheet::plain::PlainRow,
};

/// The beginnings of heads of a column of marks.
const MARKS: [&str; 8] = ["diem", "dtb", "dtbm", "mark", "marks", "score", "gpa", "average"];

/// The highest mark, in hundredths: some schools write out of a hundred.
const MOST: i64 = 10_000;

/// What a sheet comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// In hundredths.
    pub marks: HashMap<MemberId, i64>,
    /// Lines with a mark that is not understood, or of nobody in the draft.
    pub not_taken: Vec<u32>,
}

/// Reads the rows. None where no row has the heads of a column of marks and of one of pupils.
#[must_use]
pub fn understand(rows: &[PlainRow], pupils: &[KnownPupil], figures: &Figures) -> Option<Marks> {
    let (at, columns) = columns::of_table(rows, Columns::of)?;
    let known = Known::of(pupils, figures);
    let mut marks = Marks::default();
    for row in rows.iter().skip(at + 1) {
        let typed = row.cell(columns.mark);
        if typed.is_empty() {
            continue;
        }
        match (columns.who.pupil(&known, row), mark(&typed)) {
            (Ok(pupil), Some(mark)) => {
                marks.marks.insert(pupil.id, mark);
            }
            _ => marks.not_taken.push(row.line),
        }
    }
    Some(marks)
}

struct Columns {
    mark: usize,
    who: PupilColumns,
}

impl Columns {
    fn of(heads: &Heads) -> Option<Self> {
        let mark = heads.column(|head| columns::begins(head, &MARKS))?;
        Some(Self { mark, who: PupilColumns::of(heads)? })
    }
}

/// "8,25" or "8.25", in hundredths.
fn mark(typed: &str) -> Option<i64> {
    let typed = typed.trim().replace(',', ".");
    let (whole, part) = typed.split_once('.').unwrap_or((&typed, ""));
    let is_number = |digits: &str| digits.chars().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let hundredths: String = part.chars().chain("00".chars()).take(2).collect();
    let mark = whole.checked_mul(100)?.checked_add(hundredths.parse().ok()?)?;
    Some(mark).filter(|mark| (0..=MOST).contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_as_they_are_written() {
        for (typed, expected) in
            [("8,25", Some(825)), ("10", Some(1_000)), ("7.5", Some(750)), (" 6,666 ", Some(666)), ("0", Some(0))]
        {
            assert_eq!(mark(typed), expected, "{typed}");
        }
        for typed in ["", "giỏi", "-1", "8,2,5", "101", ",5", "92233720368547758,99"] {
            assert_eq!(mark(typed), None, "{typed}");
        }
    }
}
