//! The words of lists that schools make at the end of a year: heads of columns, and results. All of them without marks and
//! in lower case.

use crate::{rollover::model::PupilOutcome, vietnam::text};

pub const RESULTS: [&str; 10] = [
    "ket qua",
    "ket qua cuoi nam",
    "ket qua ca nam",
    "ket qua nam hoc",
    "ket qua xet len lop",
    "xet len lop",
    "result",
    "outcome",
    "results",
    "promotion",
];
pub const NAMES: [&str; 16] = [
    "ho va ten",
    "ho ten",
    "ho va ten hoc sinh",
    "ho ten hoc sinh",
    "ten hoc sinh",
    "hoc sinh",
    "ho va ten sinh vien",
    "sinh vien",
    "ho va ten tre",
    "full name",
    "name",
    "pupil",
    "pupil name",
    "student",
    "student name",
    "hoc sinh hoac ma",
];
/// The beginnings of heads.
pub const IDENTIFIERS: [&str; 17] = [
    "ten dang nhap",
    "ten tai khoan",
    "tai khoan",
    "ma dinh danh",
    "so dinh danh",
    "ma hoc sinh",
    "ma hs",
    "ma sinh vien",
    "cccd",
    "cmnd",
    "username",
    "login",
    "account",
    "identifier",
    "moet id",
    "student id",
    "pupil id",
];
pub const BIRTH_DATES: [&str; 5] = ["ngay sinh", "ngay thang nam sinh", "birth date", "date of birth", "dob"];
pub const CLASSES: [&str; 7] =
    ["lop", "lop hien tai", "lop hien nay", "lop dang hoc", "class", "current class", "lop nam nay"];
pub const TARGETS: [&str; 12] = [
    "lop nam toi",
    "lop nam hoc toi",
    "lop nam hoc moi",
    "lop nam sau",
    "lop moi",
    "lop len",
    "vao lop",
    "xep lop",
    "next class",
    "new class",
    "class next year",
    "next year class",
];

/// What a result means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultMeaning {
    Outcome(PupilOutcome),
    /// With the key of the reason.
    Leaving(&'static str),
    /// The year is done: promoted, or finished in the last grade.
    YearDone,
}

use PupilOutcome::{Awaiting, Finished, KeptBack, Promoted};
use ResultMeaning::{Leaving, Outcome, YearDone};

/// Results, by how they begin.
const WORDS: [(&str, ResultMeaning); 62] = [
    ("len lop", Outcome(Promoted)),
    ("duoc len lop", Outcome(Promoted)),
    ("du dieu kien len lop", Outcome(Promoted)),
    ("promoted", Outcome(Promoted)),
    ("promote", Outcome(Promoted)),
    ("passed", Outcome(Promoted)),
    ("moves up", Outcome(Promoted)),
    ("o lai lop", Outcome(KeptBack)),
    ("o lai", Outcome(KeptBack)),
    ("luu ban", Outcome(KeptBack)),
    ("hoc lai lop", Outcome(KeptBack)),
    ("khong duoc len lop", Outcome(KeptBack)),
    ("khong len lop", Outcome(KeptBack)),
    ("khong du dieu kien len lop", Outcome(KeptBack)),
    ("kept back", Outcome(KeptBack)),
    ("keep back", Outcome(KeptBack)),
    ("held back", Outcome(KeptBack)),
    ("repeats", Outcome(KeptBack)),
    ("repeat", Outcome(KeptBack)),
    ("repeating", Outcome(KeptBack)),
    ("retained", Outcome(KeptBack)),
    ("ren luyen trong he", Outcome(Awaiting)),
    ("ren luyen he", Outcome(Awaiting)),
    ("ren luyen them trong he", Outcome(Awaiting)),
    ("ren luyen trong ky nghi he", Outcome(Awaiting)),
    ("ren luyen them trong ky nghi he", Outcome(Awaiting)),
    ("ren luyen lai", Outcome(Awaiting)),
    ("thi lai", Outcome(Awaiting)),
    ("kiem tra lai", Outcome(Awaiting)),
    ("danh gia lai", Outcome(Awaiting)),
    ("kiem tra danh gia lai", Outcome(Awaiting)),
    ("cho xet lai", Outcome(Awaiting)),
    ("xet lai", Outcome(Awaiting)),
    ("cho xet", Outcome(Awaiting)),
    ("awaiting", Outcome(Awaiting)),
    ("re assessment", Outcome(Awaiting)),
    ("reassessment", Outcome(Awaiting)),
    ("to be assessed again", Outcome(Awaiting)),
    ("assessed again", Outcome(Awaiting)),
    ("resit", Outcome(Awaiting)),
    ("summer", Outcome(Awaiting)),
    ("tot nghiep", Outcome(Finished)),
    ("da tot nghiep", Outcome(Finished)),
    ("ra truong", Outcome(Finished)),
    ("hoan thanh cap hoc", Outcome(Finished)),
    ("hoan thanh chuong trinh", Outcome(Finished)),
    ("hoan thanh chuong trinh lop hoc", YearDone),
    ("finished", Outcome(Finished)),
    ("graduated", Outcome(Finished)),
    ("graduates", Outcome(Finished)),
    ("chuyen truong", Leaving("moved")),
    ("chuyen di", Leaving("moved")),
    ("moved", Leaving("moved")),
    ("transferred", Leaving("moved")),
    ("thoi hoc", Leaving("dropped_out")),
    ("bo hoc", Leaving("dropped_out")),
    ("nghi hoc", Leaving("dropped_out")),
    ("dropped out", Leaving("dropped_out")),
    ("drop out", Leaving("dropped_out")),
    ("roi truong", Leaving("other")),
    ("leaving", Leaving("other")),
    ("left", Leaving("other")),
];

/// Results that mean something else with more words behind them, such as a rating.
const WHOLE: [(&str, ResultMeaning); 2] = [("hoan thanh", Outcome(Finished)), ("completed", Outcome(Finished))];

/// For comparing: words without marks, one space between them.
#[must_use]
pub fn folded(typed: &str) -> String {
    text::words(&typed.replace('_', " ")).join(" ")
}

/// What a result means; none where it is not known.
#[must_use]
pub fn meant(typed: &str) -> Option<ResultMeaning> {
    let typed = folded(typed);
    let whole = WHOLE.iter().find(|(word, _)| *word == typed);
    let begins = |word: &str| typed.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let longest = || WORDS.iter().filter(|(word, _)| begins(word)).max_by_key(|(word, _)| word.len());
    whole.or_else(longest).map(|(_, meant)| *meant)
}

/// Whether there is nothing behind the word that is known.
#[must_use]
pub fn is_whole(typed: &str) -> bool {
    let typed = folded(typed);
    WORDS.iter().chain(&WHOLE).any(|(word, _)| *word == typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_schools_write_them() {
        for (typed, expected) in [
            ("Lên lớp", Some(Outcome(Promoted))),
            ("ĐƯỢC LÊN LỚP 11", Some(Outcome(Promoted))),
            ("Ở lại lớp", Some(Outcome(KeptBack))),
            ("Lưu ban", Some(Outcome(KeptBack))),
            ("Không được lên lớp", Some(Outcome(KeptBack))),
            ("kept_back", Some(Outcome(KeptBack))),
            ("Rèn luyện trong hè", Some(Outcome(Awaiting))),
            ("Thi lại môn Toán", Some(Outcome(Awaiting))),
            ("Tốt nghiệp", Some(Outcome(Finished))),
            ("Hoàn thành", Some(Outcome(Finished))),
            ("Hoàn thành chương trình tiểu học", Some(Outcome(Finished))),
            ("Hoàn thành chương trình lớp học", Some(YearDone)),
            ("Hoàn thành tốt", None),
            ("Chuyển trường", Some(Leaving("moved"))),
            ("Thôi học", Some(Leaving("dropped_out"))),
            ("Dropped out", Some(Leaving("dropped_out"))),
            ("Leftovers", None),
            ("Giỏi", None),
            ("", None),
        ] {
            assert_eq!(meant(typed), expected, "{typed}");
        }
        assert!(is_whole("Chuyển trường") && !is_whole("Chuyển trường sang THPT Lê Lợi"));
    }
}
