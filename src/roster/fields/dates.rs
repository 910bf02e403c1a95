//! Birth dates and birth years in the formats that people and spreadsheet programs write. The day comes before the
//! month, unless a whole column shows otherwise; a date that is valid only in the other order is refused, because its
//! neighbours would be misread. A month that a word names, as in "ngày 5 tháng 6", is that month in every column.

use std::ops::RangeInclusive;

use chrono::{Datelike, Days, Month, NaiveDate};

use super::{FieldReading, Parsed};
use crate::vietnam::text;

/// The earliest accepted year of birth.
const FIRST_YEAR: i32 = 1900;

/// Four digits in this range are read as a year, not as a spreadsheet's serial day number.
const YEARS: RangeInclusive<i32> = FIRST_YEAR..=2100;

/// Words around the numbers of a date: "ngày 15 tháng 11 năm 2011", "15 Thg11 2011".
const DATE_WORDS: &[&str] = &["ngay", "thang", "thg", "nam", "sinh"];

/// Those of them that stand before the number of a month.
const MONTH_WORDS: &[&str] = &["thang", "thg"];

/// What may stand between the parts of a date.
const SEPARATORS: &[char] = &[' ', '/', '-', '–', '.', ',', '\\'];

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DatePart<'a> {
    Number(&'a str),
    /// A month that a word says to be one; its number may be that of no month.
    Month(u32),
}

/// A date as written, before it is checked against the calendar.
struct WrittenDate<'a> {
    day: &'a str,
    month: u32,
    year: &'a str,
}

/// The order of day and month in a column's numeric dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    #[default]
    DayFirst,
    MonthFirst,
    /// The column has both orders: a date that can be read either way is refused.
    Unsure,
}

/// The fault of a date that may be read either way, in a column that shows both orders.
pub const DATE_ORDER_UNSURE: &str = "date-order-unsure";

impl DateOrder {
    /// The order that a person has chosen.
    #[must_use]
    pub fn chosen(key: &str) -> Option<Self> {
        match key {
            "day-first" => Some(Self::DayFirst),
            "month-first" => Some(Self::MonthFirst),
            _ => None,
        }
    }
}

/// What a single date shows of the order that it is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderShown {
    /// 16/12/2011.
    DayFirst,
    /// 12/16/2011.
    MonthFirst,
    /// 09/08/2011.
    Either,
}

/// What a date shows of its order; `None` where it names the month or starts with the year, is no date, or is the same
/// either way.
pub fn order_shown(typed: &str) -> Option<OrderShown> {
    let folded = text::fold(typed);
    let text = without_midnight(&folded)?;
    let parts = parts(text)?;
    match parts.as_slice() {
        [DatePart::Number(digits)] => order_of(&of_digits(digits)?),
        _ => order_of(&parts),
    }
}

/// Whether only dots stand between the parts of a date. People who write the month first do not write it so.
pub fn is_dotted(typed: &str) -> bool {
    typed.contains('.') && !typed.contains(['/', '-', '–', '\\', ','])
}

/// Day, month and year of 09082011; `None` of 20110809, where the year stands first.
fn of_digits(digits: &str) -> Option<[DatePart<'_>; 3]> {
    if digits.len() != 8 {
        return None;
    }
    let (first, second, year) = (digits.get(..2)?, digits.get(2..4)?, digits.get(4..)?);
    let is_year = |part: &str| part.parse().is_ok_and(|year| YEARS.contains(&year));
    (is_year(year) && !digits.get(..4).is_some_and(is_year)).then_some([
        DatePart::Number(first),
        DatePart::Number(second),
        DatePart::Number(year),
    ])
}

fn order_of(parts: &[DatePart<'_>]) -> Option<OrderShown> {
    let [DatePart::Number(first), DatePart::Number(second), DatePart::Number(year)] = parts else { return None };
    if first.len() > 2 || second.len() > 2 || !matches!(year.len(), 2 | 4) {
        return None;
    }
    let (first, second): (u32, u32) = (first.parse().ok()?, second.parse().ok()?);
    let (months, days) = (1..=12, 13..=31);
    match (months.contains(&first), months.contains(&second)) {
        (true, true) => (first != second).then_some(OrderShown::Either),
        (true, false) => days.contains(&second).then_some(OrderShown::MonthFirst),
        (false, true) => days.contains(&first).then_some(OrderShown::DayFirst),
        (false, false) => None,
    }
}

/// Reads a birth date as `YYYY-MM-DD`.
pub(super) fn birth_date(typed: &str, today: NaiveDate, order: DateOrder) -> Parsed {
    let (date, guess) = read(&text::fold(typed), today, order)?;
    if date.year() < FIRST_YEAR || date > today {
        return Err("date-out-of-range");
    }
    Ok(FieldReading { value: date.format("%Y-%m-%d").to_string(), guess })
}

/// Reads a year of birth as four digits; from a whole date it takes the year.
pub(super) fn birth_year(typed: &str, today: NaiveDate) -> Parsed {
    let folded = text::fold(typed);
    let number = folded.strip_suffix(".0").unwrap_or(&folded);
    if is_number(number) {
        let year = Some(number).filter(|n| n.len() == 4).and_then(|n| n.parse().ok()).ok_or("year-unreadable")?;
        return in_range(year, today).map(|year| FieldReading::plain(year.to_string()));
    }
    let date = read(&folded, today, DateOrder::DayFirst).or_else(|_| read(&folded, today, DateOrder::MonthFirst));
    match date {
        Ok((date, _)) => {
            in_range(date.year(), today).map(|year| FieldReading::guessed(year.to_string(), "year-of-date"))
        }
        Err(_) => Err("year-unreadable"),
    }
}

fn in_range(year: i32, today: NaiveDate) -> Result<i32, &'static str> {
    if (FIRST_YEAR..=today.year()).contains(&year) { Ok(year) } else { Err("year-out-of-range") }
}

/// The date of a folded text, and the key of the guess, if one was made.
fn read(folded: &str, today: NaiveDate, order: DateOrder) -> Result<(NaiveDate, Option<&'static str>), &'static str> {
    let text = without_midnight(folded).ok_or("date-unreadable")?;
    let text = text.strip_suffix(".0").filter(|whole| is_number(whole)).unwrap_or(text);
    let parts = parts(text).ok_or("date-unreadable")?;
    match parts.as_slice() {
        [DatePart::Number(number)] => match (order, of_digits(number).and_then(|parts| order_of(&parts))) {
            (DateOrder::Unsure, Some(OrderShown::Either)) => Err(DATE_ORDER_UNSURE),
            (DateOrder::MonthFirst, Some(OrderShown::Either | OrderShown::MonthFirst))
            | (DateOrder::Unsure, Some(OrderShown::MonthFirst)) => {
                let date = NaiveDate::parse_from_str(number, "%m%d%Y").map_err(|_| "date-unreadable")?;
                Ok((date, Some("date-month-first")))
            }
            _ => lone_number(number, today),
        },
        [a, b, c] => match (order, order_of(&parts)) {
            (DateOrder::Unsure, Some(OrderShown::Either)) => Err(DATE_ORDER_UNSURE),
            (DateOrder::MonthFirst, Some(OrderShown::Either))
            | (DateOrder::MonthFirst | DateOrder::Unsure, Some(OrderShown::MonthFirst)) => {
                let (date, _) = written(*b, *a, *c).ok_or("date-unreadable")?.date(today)?;
                Ok((date, Some("date-month-first")))
            }
            _ => written(*a, *b, *c).ok_or("date-unreadable")?.date(today),
        },
        [DatePart::Number(month), DatePart::Number(year)] if month.len() <= 2 && year.len() == 4 => {
            Err("date-incomplete")
        }
        [DatePart::Number(year), DatePart::Number(month)] if month.len() <= 2 && year.len() == 4 => {
            Err("date-incomplete")
        }
        [DatePart::Month(_), DatePart::Number(_)] | [DatePart::Number(_), DatePart::Month(_)] => Err("date-incomplete"),
        _ => Err("date-unreadable"),
    }
}

impl WrittenDate<'_> {
    fn date(&self, today: NaiveDate) -> Result<(NaiveDate, Option<&'static str>), &'static str> {
        let day: u32 = self.day.parse().map_err(|_| "date-unreadable")?;
        let year: i32 = self.year.parse().map_err(|_| "date-unreadable")?;
        let on = |year| NaiveDate::from_ymd_opt(year, self.month, day);
        if self.year.len() == 4 {
            return on(year).map(|date| (date, None)).ok_or("date-impossible");
        }
        // Of the two possible centuries, the later one in which the date is not in the future.
        let date = on(2000 + year).filter(|date| *date <= today).or_else(|| on(1900 + year));
        date.map(|date| (date, Some("date-two-digit-year"))).ok_or("date-impossible")
    }
}

/// Assigns the three parts: day, month, year; year, month, day; or month by name, day, year.
fn written<'a>(a: DatePart<'a>, b: DatePart<'a>, c: DatePart<'a>) -> Option<WrittenDate<'a>> {
    let (day, month, year) = match (a, b, c) {
        (DatePart::Number(year), month, DatePart::Number(day)) if year.len() == 4 => (day, month, year),
        (DatePart::Number(day), month, DatePart::Number(year)) => (day, month, year),
        (month @ DatePart::Month(_), DatePart::Number(day), DatePart::Number(year)) => (day, month, year),
        _ => return None,
    };
    let month = match month {
        DatePart::Month(month) => month,
        DatePart::Number(number) if number.len() <= 2 => number.parse().ok()?,
        DatePart::Number(_) => return None,
    };
    (day.len() <= 2 && matches!(year.len(), 2 | 4)).then_some(WrittenDate { day, month, year })
}

/// A single number: a year, a serial day number, or a date without separators.
fn lone_number(number: &str, today: NaiveDate) -> Result<(NaiveDate, Option<&'static str>), &'static str> {
    match number.len() {
        4 if number.parse().is_ok_and(|year| YEARS.contains(&year)) => Err("date-year-only"),
        4 | 5 => of_serial(number).map(|date| (date, Some("date-serial"))).ok_or("date-unreadable"),
        8 => of_eight_digits(number, today).map(|date| (date, Some("date-compact"))).ok_or("date-unreadable"),
        _ => Err("date-unreadable"),
    }
}

/// The date of a serial number as Excel counts days since 1900. The count starts two days earlier, because Excel begins
/// with 1 and has a 29 February 1900.
fn of_serial(number: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number.parse().ok()?))
}

/// 15112011 or 20111115, where only one of the two readings is possible.
fn of_eight_digits(number: &str, today: NaiveDate) -> Option<NaiveDate> {
    let as_written = |format| {
        NaiveDate::parse_from_str(number, format).ok().filter(|date| date.year() >= FIRST_YEAR && *date <= today)
    };
    match (as_written("%d%m%Y"), as_written("%Y%m%d")) {
        (Some(date), None) | (None, Some(date)) => Some(date),
        _ => None,
    }
}

/// The text without its time of day; `None` when that is not midnight, because the date may then be another one in
/// Vietnam.
fn without_midnight(text: &str) -> Option<&str> {
    let Some(colon) = text.find(':') else {
        return Some(text);
    };
    let start = text.get(..colon)?.rfind([' ', 't'])?;
    let (date, time) = (text.get(..start)?, text.get(start + 1..)?);
    let time = time.split('+').next()?.trim_end_matches('z').trim();
    let (clock, is_before_noon) = match time.strip_suffix("am").or_else(|| time.strip_suffix("sa")) {
        Some(clock) => (clock.trim(), true),
        None => (time, false),
    };
    let clock = if is_before_noon { clock.strip_prefix("12").unwrap_or(clock) } else { clock };
    clock.chars().all(|c| matches!(c, '0' | ':' | '.')).then_some(date.trim_end())
}

/// The numbers and month names of a folded text; `None` when it contains anything else.
fn parts(text: &str) -> Option<Vec<DatePart<'_>>> {
    let mut parts = Vec::new();
    let mut is_behind_month_word = false;
    let mut rest = text.trim_start_matches(SEPARATORS);
    while let Some(first) = rest.chars().next() {
        let is_like_first = |c: char| {
            if first.is_ascii_digit() { c.is_ascii_digit() } else { c.is_alphabetic() }
        };
        let (run, after) = rest.split_at(rest.find(|c| !is_like_first(c)).unwrap_or(rest.len()));
        match run {
            "" => return None,
            word if DATE_WORDS.contains(&word) => {}
            number if is_behind_month_word && number.len() <= 2 && is_number(number) => {
                parts.push(DatePart::Month(number.parse().ok()?));
            }
            number if is_number(number) => parts.push(DatePart::Number(number)),
            word => parts.push(DatePart::Month(month_of(word)?)),
        }
        is_behind_month_word = MONTH_WORDS.contains(&run);
        rest = after.trim_start_matches(SEPARATORS);
    }
    Some(parts)
}

/// The number of a month by its English name, whole or abbreviated.
fn month_of(word: &str) -> Option<u32> {
    word.parse::<Month>().ok().map(|month| month.number_from_month())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
