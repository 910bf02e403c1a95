//! A column of marks out of a spreadsheet, by which classes are filled evenly.

use std::collections::{BTreeMap, HashMap};

use super::columns::{self, HeaderCells, PupilColumns};
use crate::{
    ids::MemberId,
    rollover::{known::KnownPeople, model::ClassMap, pupils::KnownPupil},
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
    /// Lines with a mark that is not understood, of nobody in the draft, or of a pupil who has another mark as well.
    pub not_taken: Vec<u32>,
}

/// Reads the rows. None where no row has the heads of a column of marks and of one of pupils.
#[must_use]
pub fn understand(rows: &[PlainRow], pupils: &[KnownPupil], map: &ClassMap) -> Option<Marks> {
    let (at, columns) = columns::of_table(rows, MarkColumns::of)?;
    let known = KnownPeople::of(pupils, map);
    let mut marks = Marks::default();
    let mut of_pupils: BTreeMap<MemberId, Vec<(u32, i64)>> = BTreeMap::new();
    for row in rows.iter().skip(at + 1) {
        let typed = row.cell(columns.mark);
        if typed.is_empty() {
            continue;
        }
        match (columns.who.pupil(&known, row), mark(&typed)) {
            (Ok(pupil), Some(mark)) => of_pupils.entry(pupil.id).or_default().push((row.line, mark)),
            _ => marks.not_taken.push(row.line),
        }
    }
    for (id, found) in of_pupils {
        match found.as_slice() {
            [(_, mark), rest @ ..] if rest.iter().all(|(_, other)| other == mark) => {
                marks.marks.insert(id, *mark);
            }
            // Of two marks neither is taken.
            _ => marks.not_taken.extend(found.iter().map(|(line, _)| *line)),
        }
    }
    marks.not_taken.sort_unstable();
    Some(marks)
}

struct MarkColumns {
    mark: usize,
    who: PupilColumns,
}

impl MarkColumns {
    fn of(heads: &HeaderCells) -> Option<Self> {
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
    use crate::{ids::ClassId, rollover::model::PupilOutcome};

    fn pupil(n: u128) -> KnownPupil {
        KnownPupil {
            id: MemberId::from_u128(n),
            full_name: format!("Em {n}"),
            birth_date: None,
            username: Some(format!("hs{n}")),
            moet_id: None,
            national_id: None,
            class_id: ClassId::nil(),
            outcome: PupilOutcome::Promoted,
            target: None,
            reason: None,
            is_written: false,
        }
    }

    #[test]
    fn of_two_marks_of_one_pupil_neither_is_taken() {
        let table = [["username", "mark"], ["hs1", "8"], ["hs2", "7"], ["hs2", "7,0"], ["hs1", "9"], ["hs3", "x"]];
        let row = |(at, cells): (usize, &[&str; 2])| PlainRow {
            line: u32::try_from(at).unwrap() + 1,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        };
        let rows: Vec<PlainRow> = table.iter().enumerate().map(row).collect();
        let read = understand(&rows, &[1, 2, 3].map(pupil), &ClassMap::default()).unwrap();
        assert_eq!(read.marks, HashMap::from([(MemberId::from_u128(2), 700)]));
        assert_eq!(read.not_taken, [2, 5, 6]);
    }

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
