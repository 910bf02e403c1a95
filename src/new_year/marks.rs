//! A column of marks out of a spreadsheet, by which classes are filled evenly.

use std::collections::HashMap;

use super::{
    results::{self, IDENTIFIERS, NAMES},
    sheet,
};
use crate::{
    ids::MemberId,
    rollover::{known::Known, model::Figures, pupils::KnownPupil},
    sources::spreadsheet::plain::PlainRow,
    vietnam::class_name,
};

/// How far down the heads of the table are looked for.
const DOWN: usize = 30;

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
    let (at, columns) = rows.iter().take(DOWN).enumerate().find_map(|(at, row)| Some((at, Columns::of(row)?)))?;
    let known = Known::of(pupils, figures);
    let mut marks = Marks::default();
    for row in rows.iter().skip(at + 1) {
        let typed = row.cell(columns.mark);
        if typed.is_empty() {
            continue;
        }
        let name = columns.name.map(|at| row.cell(at)).unwrap_or_default();
        let identifiers = columns.identifiers.iter().map(|at| row.cell(*at)).filter(|typed| !typed.is_empty());
        let birth_date = columns.birth_date.and_then(|at| sheet::day(&row.cell(at)));
        let class = columns.class.map(|at| row.cell(at)).and_then(|class| class_name::normalise(&class));
        let pupil = known.pupil(identifiers, &name, birth_date, class.as_deref());
        match (pupil, mark(&typed)) {
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
    name: Option<usize>,
    identifiers: Vec<usize>,
    birth_date: Option<usize>,
    class: Option<usize>,
}

impl Columns {
    fn of(row: &PlainRow) -> Option<Self> {
        let heads: Vec<String> = row.cells.iter().map(|cell| results::folded(cell)).collect();
        let column = |is: &dyn Fn(&str) -> bool| heads.iter().position(|head| !head.is_empty() && is(head));
        let begins = |head: &str, names: &[&str]| {
            names.iter().any(|name| head == *name || head.starts_with(&format!("{name} ")))
        };
        let mark = column(&|head| begins(head, &["diem", "dtb", "dtbm", "mark", "marks", "score", "gpa", "average"]))?;
        let name = column(&|head| NAMES.contains(&head));
        let identifiers: Vec<usize> =
            heads.iter().enumerate().filter(|(_, head)| begins(head, &IDENTIFIERS)).map(|(at, _)| at).collect();
        if name.is_none() && identifiers.is_empty() {
            return None;
        }
        let birth_date = column(&|head| results::BIRTH_DATES.contains(&head));
        Some(Self { mark, name, identifiers, birth_date, class: column(&|head| results::CLASSES.contains(&head)) })
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
    let mark = whole.checked_mul(100)? + hundredths.parse::<i64>().ok()?;
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
        for typed in ["", "giỏi", "-1", "8,2,5", "101", ",5"] {
            assert_eq!(mark(typed), None, "{typed}");
        }
    }
}
