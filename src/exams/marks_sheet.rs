//! Marks out of a spreadsheet: a column of codes or numbers and one of marks. What is not understood is named with its line;
//! nothing is guessed at. Knows no database and no person.

use std::collections::{HashMap, HashSet};

use super::marks::{Mark, MarkFault, Typing};
use crate::sources::spreadsheet::plain::{self, PlainRow};

/// The heads of the column of codes or numbers, and of that of marks, without marks and in lower case.
const KEYS: [&str; 12] = [
    "phach",
    "so phach",
    "ma phach",
    "code",
    "sbd",
    "so bd",
    "so bao danh",
    "candidate number",
    "number",
    "ma",
    "ma bai",
    "ma thi sinh",
];
const MARKS: [&str; 9] =
    ["diem", "diem thi", "diem so", "diem bang so", "mark", "score", "ket qua", "diem bai thi", "diem kiem tra"];

/// The heads of the column that says which cutting the codes are of.
const CUTTINGS: [&str; 3] = ["lan cat phach", "cutting", "drawn"];

/// A mark that the sheet would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundMark {
    pub line: u32,
    pub key: String,
    pub was: Option<Mark>,
    pub mark: Mark,
}

/// Why a line is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkRejection {
    UnknownKey,
    /// The same code or number stands in the sheet with another mark.
    Twice,
    /// The code is of another cutting: it may be of another paper now.
    OtherCutting,
    Mark(MarkFault),
}

/// A line that is not taken, as it stands in the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedMark {
    pub line: u32,
    pub key: String,
    pub typed: String,
    pub why: MarkRejection,
}

/// What a sheet comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarksReading {
    pub found: Vec<FoundMark>,
    pub not_taken: Vec<RejectedMark>,
    /// Marks that are there already.
    pub same: usize,
    /// Lines without a mark: what is there stays.
    pub empty: usize,
    /// Codes or numbers that the sheet does not have.
    pub missing: usize,
}

/// Reads the rows. `known` are the codes or numbers of this cutting, with the marks that stand there. None where no column
/// of them is found.
#[must_use]
pub fn understand(
    rows: &[PlainRow],
    typing: Typing,
    cutting: i32,
    known: &[(String, Option<Mark>)],
) -> Option<MarksReading> {
    let by_key: HashMap<String, &(String, Option<Mark>)> =
        known.iter().map(|each| (plain_key(&each.0), each)).collect();
    let is_known = |cell: &str| by_key.contains_key(&plain_key(cell));
    let (first, [key_column, mark_column]) = match plain::columns(rows, [&KEYS, &MARKS]) {
        Some((at, columns)) => (at + 1, columns),
        None => (0, without_heads(rows, typing, &is_known)?),
    };
    let cuttings = first.checked_sub(1).and_then(|heads| rows[heads].column(&CUTTINGS));
    let mut understood = MarksReading::default();
    let mut seen: HashMap<String, Option<Mark>> = HashMap::new();
    let mut twice: HashSet<String> = HashSet::new();
    for row in &rows[first..] {
        let (key, typed) = (row.cell(key_column), row.cell(mark_column));
        if key.is_empty() && typed.is_empty() {
            continue;
        }
        let mut not_taken = |why| {
            understood.not_taken.push(RejectedMark { line: row.line, key: key.clone(), typed: typed.clone(), why })
        };
        let of = cuttings.map(|column| row.cell(column)).filter(|of| !of.is_empty());
        if !typed.is_empty() && of.is_some_and(|of| of.parse() != Ok(cutting)) {
            not_taken(MarkRejection::OtherCutting);
            continue;
        }
        let Some((known, stands)) = by_key.get(&plain_key(&key)).map(|each| (&each.0, each.1)) else {
            // Totals and signatures below a table have no mark.
            if !typed.is_empty() {
                not_taken(MarkRejection::UnknownKey);
            }
            continue;
        };
        let mark = match Mark::read(&typed, typing) {
            Ok(mark) => mark,
            Err(fault) => {
                not_taken(MarkRejection::Mark(fault));
                if seen.insert(known.clone(), None).is_some() {
                    twice.insert(known.clone());
                }
                continue;
            }
        };
        match seen.insert(known.clone(), mark) {
            None => {}
            Some(before) if before == mark => continue,
            Some(_) => {
                not_taken(MarkRejection::Twice);
                twice.insert(known.clone());
                continue;
            }
        }
        match mark {
            None => understood.empty += 1,
            Some(mark) if stands == Some(mark) => understood.same += 1,
            Some(mark) => understood.found.push(FoundMark { line: row.line, key: known.clone(), was: stands, mark }),
        }
    }
    // Of two marks neither is taken.
    understood.found.retain(|found| !twice.contains(&found.key));
    understood.missing = known.iter().filter(|(key, _)| !seen.contains_key(key)).count();
    Some(understood)
}

/// A code or number as spreadsheets may have left it: without zeros in front, and of 012.10, which is a number to them,
/// without those behind. No two codes of a paper, and no two numbers of an exam, come to the same.
fn plain_key(key: &str) -> String {
    let key = key.trim().to_uppercase().replace(',', ".");
    let key = if key.contains('.') { key.trim_end_matches('0') } else { &key };
    key.trim_start_matches('0').to_owned()
}

/// The columns of a table without heads: that with the most known codes or numbers, and beside it that with the most marks.
fn without_heads(rows: &[PlainRow], typing: Typing, is_known: &dyn Fn(&str) -> bool) -> Option<[usize; 2]> {
    let width = rows.iter().map(|row| row.cells.len()).max()?;
    let best = |counts: Vec<usize>| {
        let most = counts.iter().copied().max().filter(|most| *most > 0)?;
        counts.iter().position(|count| *count == most)
    };
    let key = best((0..width).map(|at| rows.iter().filter(|row| is_known(&row.cell(at))).count()).collect())?;
    let is_mark = |row: &&PlainRow, at: usize| matches!(Mark::read(&row.cell(at), typing), Ok(Some(_)));
    let marks = |at: usize| {
        if at <= key { 0 } else { rows.iter().filter(|row| is_known(&row.cell(key)) && is_mark(row, at)).count() }
    };
    Some([key, best((0..width).map(marks).collect())?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exams::marks::MarkKind;

    fn rows(table: &[[&str; 3]]) -> Vec<PlainRow> {
        let row = |(at, cells): (usize, &[&str; 3])| PlainRow {
            line: u32::try_from(at).unwrap() + 1,
            cells: cells.map(str::to_owned).to_vec(),
        };
        table.iter().enumerate().map(row).collect()
    }

    fn known() -> Vec<(String, Option<Mark>)> {
        let stands = [None, Some(Mark::Points(700)), Some(Mark::Points(500)), None, None];
        ["001.01", "001.02", "001.10", "002.01", "002.02"].map(str::to_owned).into_iter().zip(stands).collect()
    }

    #[test]
    fn each_line_is_taken_or_named() {
        let table = rows(&[
            ["Bài kiểm tra học kỳ", "", ""],
            ["STT", "Phách", "Điểm"],
            ["1", "001.01", "7,25"],
            ["2", "1.02", "7"],
            ["3", "1.1", "6.5"],
            ["4", "002.01", ""],
            ["5", "009.01", "8"],
            ["6", "002.02", "11,5"],
            ["", "", ""],
            ["", "Giám khảo", ""],
        ]);
        let understood = understand(&table, MarkKind::Points.into(), 1, &known()).unwrap();
        let found: Vec<_> = understood.found.iter().map(|each| (each.line, each.key.as_str(), each.mark)).collect();
        assert_eq!(found, [(3, "001.01", Mark::Points(725)), (5, "001.10", Mark::Points(650))]);
        assert_eq!((understood.same, understood.empty, understood.missing), (1, 1, 0));
        let not: Vec<_> = understood.not_taken.iter().map(|each| (each.line, each.why)).collect();
        assert_eq!(not, [(7, MarkRejection::UnknownKey), (8, MarkRejection::Mark(MarkFault::OutOfRange))]);
    }

    #[test]
    fn a_code_of_another_cutting_is_no_papers() {
        let table = rows(&[
            ["Phách", "Điểm", "Lần cắt phách"],
            ["001.01", "7", "1"],
            ["001.02", "", "1"],
            ["002.01", "8", "2"],
            ["002.02", "9", ""],
        ]);
        let understood = understand(&table, MarkKind::Points.into(), 2, &known()).unwrap();
        let not: Vec<_> = understood.not_taken.iter().map(|each| (each.line, each.why)).collect();
        assert_eq!(not, [(2, MarkRejection::OtherCutting)]);
        assert_eq!(understood.found.iter().map(|each| each.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn of_two_marks_for_one_code_neither_is_taken() {
        let table = rows(&[["Phách", "", "Điểm"], ["001.01", "", "7"], ["001.01", "", "8"], ["001.02", "", "9"]]);
        let understood = understand(&table, MarkKind::Points.into(), 1, &known()).unwrap();
        assert_eq!(understood.found.len(), 1);
        assert_eq!(understood.not_taken[0].why, MarkRejection::Twice);
        assert_eq!(understood.missing, 3);
    }

    #[test]
    fn columns_without_heads_are_found_by_what_is_in_them() {
        let table = rows(&[["001.01", "x", "7"], ["001.02", "x", "8,5"]]);
        assert_eq!(understand(&table, MarkKind::Points.into(), 1, &known()).unwrap().found.len(), 2);
        assert_eq!(understand(&rows(&[["a", "b", "c"]]), MarkKind::Points.into(), 1, &known()), None);
    }

    proptest::proptest! {
        /// What is written out and read in again is all there already, whatever the spreadsheet made of the codes.
        #[test]
        fn what_was_written_is_read_as_it_is(marks in proptest::collection::vec(0..41_i16, 1..60), strips in proptest::bool::ANY) {
            let known: Vec<(String, Option<Mark>)> = marks
                .iter()
                .enumerate()
                .map(|(at, mark)| (format!("{:03}.{:02}", at / 24 + 1, at % 24 + 1), Some(Mark::Points(mark * 25))))
                .collect();
            let shown = |key: &str| if strips { key.parse::<f64>().unwrap().to_string() } else { key.to_owned() };
            let mut table = vec![PlainRow { line: 1, cells: vec!["Phách".to_owned(), "Điểm".to_owned()] }];
            table.extend(known.iter().zip(2..).map(|((key, mark), line)| PlainRow {
                line,
                cells: vec![shown(key), mark.unwrap().typed()],
            }));
            let understood = understand(&table, MarkKind::Points.into(), 1, &known).unwrap();
            proptest::prop_assert_eq!(understood, MarksReading { same: known.len(), ..MarksReading::default() });
        }
    }
}
