//! Days, sessions and periods as files write them.

use crate::{
    timetable::model::{MOST_PERIODS, Session, Slot},
    vietnam::text,
};

/// Words of days, without marks and in lower case; what follows them, such as a date, does not matter.
const DAYS: [(i16, &[&[&str]]); 6] = [
    (1, &[&["thu", "2"], &["thu", "hai"], &["t2"], &["hai"], &["monday"], &["mon"]]),
    (2, &[&["thu", "3"], &["thu", "ba"], &["t3"], &["ba"], &["tuesday"], &["tue"]]),
    (3, &[&["thu", "4"], &["thu", "tu"], &["t4"], &["tu"], &["wednesday"], &["wed"]]),
    (4, &[&["thu", "5"], &["thu", "nam"], &["t5"], &["nam"], &["thursday"]]),
    (5, &[&["thu", "6"], &["thu", "sau"], &["t6"], &["sau"], &["friday"], &["fri"]]),
    (6, &[&["thu", "7"], &["thu", "bay"], &["t7"], &["bay"], &["saturday"], &["sat"]]),
];

/// The day that a text begins with, 1 to 6. "Thứ" alone is the head of a column.
#[must_use]
pub fn day(typed: &str) -> Option<i16> {
    let words = text::words(typed);
    let named: Vec<&str> = words.iter().map(String::as_str).collect();
    // Single short words stand for a day only where nothing else is said.
    let fits = |of: &&[&str]| named.starts_with(of) && (of.len() > 1 || named.len() == 1 || of[0].len() > 3);
    let found = |(number, all): &(i16, &[&[&str]])| all.iter().any(&fits).then_some(*number);
    if named == ["thu"] {
        return None;
    }
    DAYS.iter().find_map(found)
}

/// The day in a column of days, where a bare number is one as well: 2 is Monday.
#[must_use]
pub fn day_in_column(typed: &str) -> Option<i16> {
    let number = || typed.trim().parse::<i16>().ok().filter(|number| (2..=7).contains(number));
    day(typed).or_else(|| number().map(|number| number - 1))
}

#[must_use]
pub fn session(typed: &str) -> Option<Session> {
    let words = text::words(typed);
    let last = words.last()?.as_str();
    let of_one = words.len() == 1 || words.first().is_some_and(|first| first == "buoi" || first == "ca");
    match last {
        "sang" | "morning" | "am" => Some(Session::Morning),
        "chieu" | "afternoon" | "pm" => Some(Session::Afternoon),
        "s" if of_one => Some(Session::Morning),
        "c" if of_one => Some(Session::Afternoon),
        _ => None,
    }
}

/// The number of a period, and the session where it is said with it: `Tiết 3`, `T3`, `3`, `S1`, `Chiều 2`.
#[must_use]
pub fn period(typed: &str) -> Option<(Option<Session>, i16)> {
    let words = text::words(typed);
    let joined = words.concat();
    let digits: String =
        joined.chars().rev().take_while(char::is_ascii_digit).collect::<Vec<_>>().iter().rev().collect();
    let number = digits.parse::<i16>().ok().filter(|number| (1..=MOST_PERIODS * 2).contains(number))?;
    let before = &joined[..joined.len() - digits.len()];
    let said = match before {
        "" | "tiet" | "t" | "period" | "p" | "hour" | "h" => None,
        "s" | "sang" | "tietsang" | "sangtiet" | "morning" => Some(Session::Morning),
        "c" | "chieu" | "tietchieu" | "chieutiet" | "afternoon" => Some(Session::Afternoon),
        _ => return None,
    };
    Some((said, number))
}

/// The slot of a day, a session where it is known, and a number that may count on from the morning.
#[must_use]
pub fn slot(day: i16, session: Option<Session>, number: i16, morning: i16) -> Option<Slot> {
    let (session, period) = match session {
        // Within a session that is named numbers may count on all the same.
        Some(Session::Afternoon) if number > MOST_PERIODS => (Session::Afternoon, number - morning),
        Some(session) => (session, number),
        None if number <= morning => (Session::Morning, number),
        None => (Session::Afternoon, number - morning),
    };
    Slot::from_key(&Slot { day, session, period }.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_schools_write_them() {
        for (typed, expected) in [
            ("Thứ 2", Some(1)),
            ("THỨ BA", Some(2)),
            ("Thứ Tư (09/09)", Some(3)),
            ("T5", Some(4)),
            ("Sáu", Some(5)),
            ("Saturday", Some(6)),
            ("Thu", None),
            ("Thứ", None),
            ("Thứ 8", None),
            ("Nam Cao", None),
            ("", None),
        ] {
            assert_eq!(day(typed), expected, "{typed}");
        }
        assert_eq!(day_in_column("2"), Some(1));
        assert_eq!(day_in_column("8"), None);
    }

    #[test]
    fn periods_may_name_their_session_or_count_on() {
        let (morning, afternoon) = (Some(Session::Morning), Some(Session::Afternoon));
        for (typed, expected) in [
            ("1", Some((None, 1))),
            ("Tiết 3", Some((None, 3))),
            ("T5", Some((None, 5))),
            ("S2", Some((morning, 2))),
            ("Chiều 1", Some((afternoon, 1))),
            ("7:00", None),
            ("", None),
            ("10A1", None),
        ] {
            assert_eq!(period(typed), expected, "{typed}");
        }
        let key = |session, number| slot(2, session, number, 5).map(|slot| slot.key());
        assert_eq!(key(None, 5).as_deref(), Some("2-morning-5"));
        assert_eq!(key(None, 6).as_deref(), Some("2-afternoon-1"));
        assert_eq!(key(afternoon, 3).as_deref(), Some("2-afternoon-3"));
        assert_eq!(key(afternoon, 8).as_deref(), Some("2-afternoon-3"));
        assert_eq!(key(morning, 9), None);
        assert_eq!(key(None, 12), None, "behind the last one of the afternoon there is none");
        assert_eq!(session("Buổi sáng"), morning);
        assert_eq!(session("C"), afternoon);
        assert_eq!(session("Lớp C"), None);
    }
}
