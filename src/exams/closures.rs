//! Times at which a room is not available, as typed: a whole day, or a part of one.

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};

use super::model::Paper;
use crate::{
    vietnam::text,
    web::{forms, i18n::vietnam},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closure {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// The most closures of one room.
pub const MOST: usize = 50;

impl Closure {
    /// Reads 14/12/2026, a whole day, or 14/12/2026 7:00-11:30, a part of it.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let typed = text::clean(typed);
        let (day, rest) = typed.split_once(' ').unwrap_or((typed.as_str(), ""));
        let day = forms::date(day)?;
        let at = |time: NaiveTime| vietnam().from_local_datetime(&day.and_time(time)).single();
        let rest = rest.replace(' ', "");
        if rest.is_empty() {
            let next = day.checked_add_days(Days::new(1))?;
            let until = vietnam().from_local_datetime(&next.and_time(NaiveTime::MIN)).single()?;
            return Some(Self { from: at(NaiveTime::MIN)?.to_utc(), until: until.to_utc() });
        }
        let (from, until) = rest.split_once(['-', '–'])?;
        let (from, until) = (at(time(from)?)?.to_utc(), at(time(until)?)?.to_utc());
        (from < until).then_some(Self { from, until })
    }

    /// As it is read again.
    #[must_use]
    pub fn typed(&self) -> String {
        let (from, until) = (self.from.with_timezone(&vietnam()), self.until.with_timezone(&vietnam()));
        let day = from.format("%d/%m/%Y");
        if from.time() == NaiveTime::MIN && until.time() == NaiveTime::MIN {
            day.to_string()
        } else {
            format!("{day} {}–{}", from.format("%H:%M"), until.format("%H:%M"))
        }
    }

    #[must_use]
    pub fn overlaps(&self, paper: &Paper) -> bool {
        self.from < paper.ends_at && paper.starts_at < self.until
    }
}

/// Reads several, each in a line or with a semicolon between them; in the order of time.
///
/// # Errors
/// The first that is none, as it was typed; or all, where there are more than [`MOST`].
pub fn read_all(typed: &str) -> Result<Vec<Closure>, String> {
    let parts = typed.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty());
    let read = parts.map(|part| Closure::read(part).ok_or_else(|| part.chars().take(60).collect::<String>()));
    let mut closures = read.collect::<Result<Vec<_>, _>>()?;
    closures.sort_unstable();
    closures.dedup();
    if closures.len() > MOST { Err(format!("{} > {MOST}", closures.len())) } else { Ok(closures) }
}

/// As they are read again, with this between them.
#[must_use]
pub fn typed(closures: &[Closure], between: &str) -> String {
    closures.iter().map(Closure::typed).collect::<Vec<_>>().join(between)
}

/// A time as typed: 7:30, 07:30 or 7h30.
#[must_use]
pub fn time(typed: &str) -> Option<NaiveTime> {
    let typed = typed.trim().to_lowercase().replace(['h', '.'], ":");
    let typed = if typed.ends_with(':') { format!("{typed}00") } else { typed };
    NaiveTime::parse_from_str(&typed, "%H:%M").ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_as_schools_write_them() {
        let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0);
        assert_eq!(time("7:30"), at(7, 30));
        assert_eq!(time(" 07:30 "), at(7, 30));
        assert_eq!(time("7h30"), at(7, 30));
        assert_eq!(time("14h"), at(14, 0));
        assert_eq!(time("25:00"), None);
        assert_eq!(time(""), None);
    }

    #[test]
    fn closures_are_days_or_parts_of_them() {
        let closure = |from: &str, until: &str| Closure { from: from.parse().unwrap(), until: until.parse().unwrap() };
        let morning = closure("2026-12-14T00:00:00Z", "2026-12-14T04:30:00Z");
        assert_eq!(Closure::read("14/12/2026 7:00-11:30"), Some(morning));
        assert_eq!(Closure::read(" 2026-12-14  7h – 11h30 "), Some(morning));
        assert_eq!(Closure::read("14/12/2026"), Some(closure("2026-12-13T17:00:00Z", "2026-12-14T17:00:00Z")));
        for typed in ["", "thứ hai", "14/12/2026 11:30-7:00", "14/12/2026 7:00", "32/12/2026", "14/12/2026 7:00-25:00"]
        {
            assert_eq!(Closure::read(typed), None, "{typed}");
        }
        assert_eq!(read_all("15/12/2026; 14/12/2026 7:00-8:00\n15/12/2026").unwrap().len(), 2);
        assert_eq!(read_all("15/12/2026; mai"), Err("mai".to_owned()));
    }

    proptest! {
        /// What is shown is read as the same.
        #[test]
        fn closures_come_back(day in 0..2000_u64, from in 0..1440_i64, minutes in 1..600_i64) {
            let midnight: DateTime<Utc> = "2026-01-01T17:00:00Z".parse().unwrap();
            let from = midnight + Days::new(day) + chrono::Duration::minutes(from);
            let until = from + chrono::Duration::minutes(minutes);
            let closure = Closure { from, until };
            let is_of_one_day = from.with_timezone(&vietnam()).date_naive() == until.with_timezone(&vietnam()).date_naive();
            if is_of_one_day {
                prop_assert_eq!(Closure::read(&closure.typed()), Some(closure));
            }
            prop_assert_eq!(read_all(&closure.typed()).is_ok(), Closure::read(&closure.typed()).is_some());
        }
    }
}
