//! Fields whose values are one of a few: gender and status, in the words that schools write.

use super::{Read, Reading};
use crate::vietnam::text;

const MALE: &[&str] = &["nam", "m", "male", "boy", "man", "trai", "con trai", "nam gioi", "hoc sinh nam"];
const FEMALE: &[&str] = &["nu", "f", "female", "girl", "woman", "gai", "con gai", "nu gioi", "hoc sinh nu"];
const OTHER: &[&str] = &["khac", "other", "gioi tinh khac", "non-binary"];

/// Ticks in a column that is headed "Nữ", the usual way of school registers to write genders in one column.
const TICKS: &[&str] = &["x", "✓", "✔", "√", "☑", "☒"];

/// What the words of those who belong to the school begin with, folded. The statuses that exports carry, such as
/// *invited*, are among them: what they say is that the person is here.
const HERE: &[&str] = &[
    "active",
    "studying",
    "enrolled",
    "working",
    "employed",
    "present",
    "on leave",
    "deferred",
    "transferred in",
    "new",
    "invited",
    "pending",
    "suspended",
    "waiting",
    "dang",
    "hoat dong",
    "hoc sinh moi",
    "moi tuyen",
    "tuyen moi",
    "moi vao",
    "chuyen den",
    "chuyen lop",
    "tiep nhan",
    "chinh thuc",
    "hop dong",
    "bien che",
    "hien dien",
    "con hoc",
    "con lam",
    "bao luu",
    "tam nghi",
    "tam hoan",
    "nghi thai san",
    "nghi om",
    "nghi phep",
    "nghi hoc tam thoi",
    "luu ban",
    "hoc lai",
    "len lop",
    "da moi",
    "duoc moi",
    "cho ",
    "tam khoa",
    "tam ngung",
    "bi khoa",
    "da khoa",
    "dinh chi",
];

/// What the words of those who have left begin with, folded.
const GONE: &[&str] = &[
    "left",
    "withdrawn",
    "withdrew",
    "transferred",
    "graduated",
    "retired",
    "resigned",
    "dropped out",
    "dropout",
    "expelled",
    "terminated",
    "dismissed",
    "deceased",
    "former",
    "moved",
    "completed",
    "da roi",
    "roi truong",
    "roi khoi",
    "nghi",
    "nghi hoc",
    "nghi viec",
    "nghi huu",
    "nghi lam",
    "thoi hoc",
    "thoi viec",
    "bo hoc",
    "bo viec",
    "chuyen di",
    "chuyen truong",
    "chuyen cong tac",
    "chuyen don vi",
    "thuyen chuyen",
    "buoc thoi",
    "duoi hoc",
    "tot nghiep",
    "ra truong",
    "hoan thanh",
    "cham dut",
    "huu tri",
    "ve huu",
    "da mat",
    "tu vong",
    "qua doi",
    "khong con",
];

/// Reads a gender as `male`, `female` or `other`.
pub(super) fn gender(typed: &str) -> Read {
    let folded = text::fold(typed);
    let word = folded.trim_end_matches(['.', ',', ';']);
    match word.strip_suffix(".0").unwrap_or(word) {
        word if MALE.contains(&word) => Ok(Reading::plain("male")),
        word if FEMALE.contains(&word) => Ok(Reading::plain("female")),
        word if OTHER.contains(&word) => Ok(Reading::plain("other")),
        // The codes of the ministry's forms.
        "1" => Ok(Reading::guessed("male", "gender-code")),
        "0" => Ok(Reading::guessed("female", "gender-code")),
        word if TICKS.contains(&word) => Ok(Reading::guessed("female", "gender-tick")),
        _ => Err("gender-unknown"),
    }
}

/// Reads a status as `active` (belongs to the school, even if away for a while) or `left`.
pub(super) fn status(typed: &str) -> Read {
    let words = text::words(typed).join(" ");
    match (longest(&words, HERE), longest(&words, GONE)) {
        (0, 0) => without_already(&words).map_or(Err("status-unknown"), status),
        (here, gone) => Ok(Reading::plain(if here > gone { "active" } else { "left" })),
    }
}

/// "đã tốt nghiệp" is "tốt nghiệp".
fn without_already(words: &str) -> Option<&str> {
    words.strip_prefix("da ")
}

/// The length of the longest beginning that fits: "nghỉ học tạm thời" is told from "nghỉ học" by it.
fn longest(words: &str, beginnings: &[&str]) -> usize {
    let fits = |beginning: &&&str| {
        words
            .strip_prefix(**beginning)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || beginning.ends_with(' '))
    };
    beginnings.iter().filter(fits).map(|beginning| beginning.len()).max().unwrap_or(0)
}
