//! What operators see of schools: lists and filters, a school without its people, the units that schools answer to.

use chrono::{DateTime, Utc};

use crate::{
    access::SchoolKind,
    ids::{AccountId, MemberId, UnitId},
    vietnam::text,
};

/// How many schools a page shows.
pub const PAGE: usize = 50;

/// The filter of a list of schools.
#[derive(Clone, Debug, Default)]
pub struct SchoolFilter {
    /// Each must begin a word of the school's name or of one of its codes.
    pub words: Vec<String>,
    pub province: Option<String>,
    pub unit: Option<UnitId>,
    pub kind: Option<SchoolKind>,
    pub is_suspended: Option<bool>,
}

/// Which page of a list: keys are codes in lower case.
#[derive(Clone, Debug)]
pub enum SchoolCursor {
    /// From the school after this one on; from the first one where it is empty.
    After(String),
    /// Up to the school before this one.
    Before(String),
}

/// A school as lists show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SchoolListRow {
    pub code: String,
    pub folded_code: String,
    pub name: String,
    pub kind: String,
    pub is_suspended: bool,
    pub province: String,
    pub unit: String,
    /// Codes that lead here too.
    pub old_codes: Vec<String>,
}

/// A page of schools, and the keys of the pages before and after it.
#[derive(Clone, Debug, Default)]
pub struct Schools {
    pub rows: Vec<SchoolListRow>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

/// How many schools there are of each sort.
#[derive(Clone, Debug)]
pub struct SchoolCount {
    pub province: String,
    pub unit: UnitId,
    pub kind: String,
    pub is_suspended: bool,
    pub schools: i64,
}

/// The counts of an operator's provinces.
#[derive(Clone, Debug, Default)]
pub struct SchoolCounts(pub Vec<SchoolCount>);

impl SchoolCounts {
    #[must_use]
    pub fn of_province(&self, code: &str) -> i64 {
        self.sum(|count| count.province == code)
    }

    #[must_use]
    pub fn of_unit(&self, id: &UnitId) -> i64 {
        self.sum(|count| count.unit == *id)
    }

    /// How many schools a filter finds; not known for a search.
    #[must_use]
    pub fn of_filter(&self, filter: &SchoolFilter) -> Option<i64> {
        filter.words.is_empty().then(|| {
            self.sum(|count| {
                filter.province.as_ref().is_none_or(|province| count.province == *province)
                    && filter.unit.is_none_or(|unit| count.unit == unit)
                    && filter.kind.is_none_or(|kind| count.kind == kind.key())
                    && filter.is_suspended.is_none_or(|is_suspended| count.is_suspended == is_suspended)
            })
        })
    }

    fn sum(&self, counts: impl Fn(&SchoolCount) -> bool) -> i64 {
        self.0.iter().filter(|count| counts(count)).map(|count| count.schools).sum()
    }
}

/// A province to choose.
#[derive(Clone, Debug)]
pub struct ProvinceChoice {
    pub code: String,
    pub name: String,
}

/// A unit that schools answer to.
#[derive(Clone, Debug)]
pub struct Unit {
    pub id: UnitId,
    pub province_code: String,
    pub province: String,
    pub name: String,
    pub kind: String,
}

/// What operators see of one school.
#[derive(Clone, Debug)]
pub struct SchoolFacts {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub province_code: String,
    pub province: String,
    pub unit_id: UnitId,
    pub unit: String,
    pub suspended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub old_codes: Vec<String>,
}

/// An owner of a school. Operators invite owners, and these are the only people they see.
#[derive(Clone, Debug)]
pub struct Owner {
    pub id: MemberId,
    pub full_name: String,
    pub email: Option<String>,
    pub account_id: Option<AccountId>,
    pub status: String,
    pub version: i64,
    pub last_signed_in_at: Option<DateTime<Utc>>,
}

/// The values of a school, in their normal form.
#[derive(Clone, Debug)]
pub struct SchoolValues {
    pub name: String,
    pub code: String,
    pub kind: SchoolKind,
    pub province: String,
    /// The department of the province, where none is named.
    pub managing_unit: Option<UnitId>,
}

/// Why a school's values are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchoolFault {
    /// The code is, or was, another school's: its name and code of today, where the operator may see it.
    CodeTaken { by: Option<String>, is_old: bool },
    /// No such unit in the province.
    UnitUnknown,
}

/// A school that may be the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimilarSchool {
    pub name: String,
    pub code: String,
    pub unit: String,
}

/// Abbreviations and full names of kinds of schools; either may be used.
const KINDS: [(&str, &str); 7] = [
    ("trung hoc pho thong", "thpt"),
    ("trung hoc co so", "thcs"),
    ("tieu hoc", "th"),
    ("mam non", "mn"),
    ("mau giao", "mg"),
    ("dai hoc", "dh"),
    ("cao dang", "cd"),
];

/// Equal names mean schools that may be the same: without marks, case and the word "trường", kinds abbreviated, words
/// in any order.
#[must_use]
pub fn name_key(name: &str) -> Vec<String> {
    let folded = format!(" {} ", text::words(name).join(" "));
    let short =
        KINDS.iter().fold(folded, |name, (full, short)| name.replace(&format!(" {full} "), &format!(" {short} ")));
    let mut words: Vec<String> = short.split_whitespace().filter(|word| *word != "truong").map(str::to_owned).collect();
    words.sort();
    words
}

/// The words for finding duplicates: those that distinguish schools of one kind.
#[must_use]
pub fn telling_words(name: &str) -> Vec<String> {
    let is_kind = |word: &str| KINDS.iter().any(|(_, short)| *short == word);
    name_key(name).into_iter().filter(|word| !is_kind(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_school_is_the_same_in_short_and_in_full() {
        let same = name_key("Trường THPT Lê Quý Đôn");
        assert_eq!(name_key("Trường Trung học phổ thông Lê Quý Đôn"), same);
        assert_eq!(name_key("TRUONG THPT LE QUY DON"), same);
        assert_ne!(name_key("Trường THCS Lê Quý Đôn"), same);
        assert_ne!(name_key("Trường THPT Lê Quý Đôn 2"), same);
        assert_eq!(telling_words("Trường Tiểu học số 1 Kim Đồng"), ["1", "dong", "kim", "so"]);
    }
}
