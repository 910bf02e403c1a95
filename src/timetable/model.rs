//! When lessons are: days, sessions and periods.

use crate::error::{Result, stored};

/// The most periods of a session.
pub const MOST_PERIODS: i16 = 6;

/// Monday to Saturday.
pub const DAYS: [i16; 6] = [1, 2, 3, 4, 5, 6];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Session {
    Morning,
    Afternoon,
}

impl Session {
    pub const ALL: [Self; 2] = [Self::Morning, Self::Afternoon];

    /// As the database and the forms name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|session| session.key() == key)
    }

    /// The key of its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Morning => "timetable-morning",
            Self::Afternoon => "timetable-afternoon",
        }
    }
}

/// The key of a day's name.
#[must_use]
pub fn day_label(day: i16) -> &'static str {
    match day {
        1 => "timetable-day-1",
        2 => "timetable-day-2",
        3 => "timetable-day-3",
        4 => "timetable-day-4",
        5 => "timetable-day-5",
        _ => "timetable-day-6",
    }
}

/// One period of one day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// 1 to 6: Monday to Saturday.
    pub day: i16,
    pub session: Session,
    /// Within its session, from 1.
    pub period: i16,
}

impl Slot {
    /// As a form or a file names it; none where there is no such period in any school.
    #[must_use]
    pub fn parse(day: &str, session: &str, period: &str) -> Option<Self> {
        let slot = Self {
            day: day.trim().parse().ok()?,
            session: Session::from_key(session)?,
            period: period.trim().parse().ok()?,
        };
        let is_in = |value: i16| (1..=MOST_PERIODS).contains(&value);
        (is_in(slot.day) && is_in(slot.period)).then_some(slot)
    }

    /// As the database holds it.
    pub fn stored(day: i16, session: &str, period: i16) -> Result<Self> {
        Ok(Self { day, session: stored("session", Session::from_key(session))?, period })
    }

    /// As one part of an address or of an id: `2-morning-3`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}-{}-{}", self.day, self.session.key(), self.period)
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let mut parts = key.split('-');
        let slot = Self::parse(parts.next()?, parts.next()?, parts.next()?);
        slot.filter(|_| parts.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_read_as_it_is_written() {
        let slot = Slot { day: 2, session: Session::Morning, period: 3 };
        assert_eq!(slot.key(), "2-morning-3");
        assert_eq!(Slot::from_key("2-morning-3"), Some(slot));
        for wrong in ["", "2-morning", "0-morning-1", "7-morning-1", "2-night-1", "2-morning-7", "2-morning-3-1"] {
            assert_eq!(Slot::from_key(wrong), None, "{wrong}");
        }
    }
}
