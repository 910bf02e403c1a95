//! School years, named after the two calendar years that they lie in: "2026-2027".

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// The years in which a school year can begin.
const STARTS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// A school year; they are ordered as they follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SchoolYear {
    start: i32,
}

/// The text is no school year such as "2026-2027".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a school year such as 2026-2027")]
pub struct SchoolYearFault;

/// The day on which a school's year begins; 1 August unless the school says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstDay {
    month: u32,
    day: u32,
}

impl Default for FirstDay {
    fn default() -> Self {
        Self { month: 8, day: 1 }
    }
}

impl FirstDay {
    /// A first day between 1 June and 31 December; before, the year that ends on 31 May is still running.
    pub fn new(month: u32, day: u32) -> Option<Self> {
        let exists = NaiveDate::from_ymd_opt(*STARTS.start(), month, day).is_some();
        (exists && month >= 6).then_some(Self { month, day })
    }

    pub const fn month(self) -> u32 {
        self.month
    }

    pub const fn day(self) -> u32 {
        self.day
    }
}

impl SchoolYear {
    /// The school year that begins in this calendar year, 1990 to 2100.
    pub fn starting(year: i32) -> Option<Self> {
        STARTS.contains(&year).then_some(Self { start: year })
    }

    /// The school year that is current on this date: from its first day until the next one's. Before 1990 and after
    /// 2100 it is the first or last that there is.
    pub fn of(date: NaiveDate, first_day: FirstDay) -> Self {
        let has_begun = (date.month(), date.day()) >= (first_day.month, first_day.day);
        let start = if has_begun { date.year() } else { date.year() - 1 };
        Self { start: start.clamp(*STARTS.start(), *STARTS.end()) }
    }

    /// The calendar year in which it begins.
    pub const fn start(self) -> i32 {
        self.start
    }

    /// The calendar year in which it ends.
    pub const fn end(self) -> i32 {
        self.start + 1
    }

    pub fn next(self) -> Option<Self> {
        Self::starting(self.start + 1)
    }

    pub fn previous(self) -> Option<Self> {
        Self::starting(self.start - 1)
    }

    pub fn first_day(self, first_day: FirstDay) -> NaiveDate {
        date(self.start, first_day.month, first_day.day)
    }

    /// 31 May; schools end their year by then.
    pub fn last_day(self) -> NaiveDate {
        date(self.end(), 5, 31)
    }
}

/// A date that exists: years are bounded, and a day after May exists in every year or in none.
fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

impl fmt::Display for SchoolYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start(), self.end())
    }
}

impl FromStr for SchoolYear {
    type Err = SchoolYearFault;

    /// Reads "2026-2027", with spaces or a longer dash too; the second year must follow the first.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, end) = text.split_once(['-', '–', '—']).ok_or(SchoolYearFault)?;
        let year = |text: &str| -> Result<i32, SchoolYearFault> {
            let text = text.trim();
            let is_year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
            if is_year { text.parse().map_err(|_| SchoolYearFault) } else { Err(SchoolYearFault) }
        };
        let (start, end) = (year(start)?, year(end)?);
        Self::starting(start).filter(|year| year.end() == end).ok_or(SchoolYearFault)
    }
}

impl TryFrom<String> for SchoolYear {
    type Error = SchoolYearFault;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SchoolYear> for String {
    fn from(year: SchoolYear) -> Self {
        year.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn reads_and_writes() {
        for text in ["2026-2027", " 2026 - 2027 ", "2026–2027"] {
            assert_eq!(text.parse::<SchoolYear>().unwrap().to_string(), "2026-2027");
        }
        for text in ["", "2026", "2026-2028", "2027-2026", "26-27", "1800-1801", "2026-2027-2028", "+026-2027"] {
            assert_eq!(text.parse::<SchoolYear>(), Err(SchoolYearFault), "{text}");
        }
        let year: SchoolYear = serde_json::from_str("\"2026-2027\"").unwrap();
        assert_eq!(serde_json::to_string(&year).unwrap(), "\"2026-2027\"");
    }

    #[test]
    fn the_year_turns_on_its_first_day() {
        let year = |date, first| SchoolYear::of(date, first).to_string();
        assert_eq!(year(day(2026, 7, 31), FirstDay::default()), "2025-2026");
        assert_eq!(year(day(2026, 8, 1), FirstDay::default()), "2026-2027");
        assert_eq!(year(day(2027, 1, 1), FirstDay::default()), "2026-2027");
        let september = FirstDay::new(9, 5).unwrap();
        assert_eq!(year(day(2026, 9, 4), september), "2025-2026");
        assert_eq!(year(day(2026, 9, 5), september), "2026-2027");
    }

    #[test]
    fn days_and_neighbours() {
        let year = SchoolYear::starting(2026).unwrap();
        assert_eq!(year.first_day(FirstDay::default()), day(2026, 8, 1));
        assert_eq!(year.last_day(), day(2027, 5, 31));
        assert_eq!(year.next(), SchoolYear::starting(2027));
        assert_eq!(year.previous(), SchoolYear::starting(2025));
        assert!(year < SchoolYear::starting(2027).unwrap());
        assert_eq!(SchoolYear::starting(2100).unwrap().next(), None);
    }

    #[test]
    fn first_days() {
        assert_eq!(FirstDay::new(8, 1), Some(FirstDay::default()));
        assert_eq!(FirstDay::new(5, 31), None);
        assert_eq!(FirstDay::new(6, 31), None);
        assert_eq!(FirstDay::new(13, 1), None);
    }
}
