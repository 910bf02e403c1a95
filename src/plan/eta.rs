//! How long applying will still take, from how long the rows that are written have taken.

use chrono::{DateTime, Duration, Utc};

/// What follows the last row (noting what became of each), in per cent of the time until then.
const FINISHING: i64 = 15;

/// Anything shorter is over before an estimate is read, or has not run long enough for one.
const LEAST: Duration = Duration::milliseconds(500);

/// A worker writing rows.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub begun_at: DateTime<Utc>,
    rows: i64,
}

impl Progress {
    #[must_use]
    pub fn new(begun_at: DateTime<Utc>, rows: i64) -> Self {
        Self { begun_at, rows }
    }

    /// When all is done, where `done` rows are written by `now`; nothing while that cannot be known.
    #[must_use]
    pub fn ends_at(&self, done: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let taken = now - self.begun_at;
        if done <= 0 || taken < LEAST {
            return None;
        }
        let writing = taken.num_milliseconds().saturating_mul(self.rows.max(done)) / done;
        Some(self.begun_at + Duration::milliseconds(writing.saturating_mul(100 + FINISHING) / 100))
    }
}

/// How much of the time is over, in per cent: less than 100 as long as it is not done.
#[must_use]
pub fn share(begun_at: DateTime<Utc>, ends_at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let whole = (ends_at - begun_at).num_milliseconds().max(1);
    ((now - begun_at).num_milliseconds().saturating_mul(100) / whole).clamp(0, 98)
}

/// The time that is left, rounded to the precision it is known with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLeft {
    Moments,
    Seconds(i64),
    Minutes(i64),
}

impl TimeLeft {
    /// From now until then; nothing where that is past and no estimate is left.
    #[must_use]
    pub fn until(ends_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Self> {
        match (ends_at - now).num_seconds() {
            seconds if ends_at <= now || seconds < 0 => None,
            0..=4 => Some(Self::Moments),
            seconds @ 5..=30 => Some(Self::Seconds(rounded(seconds, 5))),
            seconds @ 31..=50 => Some(Self::Seconds(rounded(seconds, 10))),
            seconds => Some(Self::Minutes(rounded(seconds, 60) / 60)),
        }
    }
}

/// Up to the next multiple.
fn rounded(seconds: i64, step: i64) -> i64 {
    (seconds + step - 1) / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_788_739_200_000 + milliseconds).unwrap()
    }

    #[test]
    fn the_end_follows_from_the_pace() {
        let pace = Progress::new(at(0), 10_000);
        assert_eq!(pace.ends_at(0, at(9_000)), None);
        assert_eq!(pace.ends_at(2_000, at(100)), None, "too early to know");
        assert_eq!(pace.ends_at(2_000, at(1_000)), Some(at(5_750)));
        assert_eq!(pace.ends_at(10_000, at(6_000)), Some(at(6_900)));
        assert_eq!((share(at(0), at(20_000), at(5_000)), share(at(0), at(20_000), at(30_000))), (25, 98));
    }

    #[test]
    fn what_is_left_is_said_coarsely() {
        let left = |seconds: i64| TimeLeft::until(at(seconds * 1_000), at(0));
        assert_eq!(left(-1), None);
        assert_eq!(left(0), None);
        assert_eq!(left(3), Some(TimeLeft::Moments));
        assert_eq!(left(16), Some(TimeLeft::Seconds(20)));
        assert_eq!(left(31), Some(TimeLeft::Seconds(40)));
        assert_eq!(left(51), Some(TimeLeft::Minutes(1)));
        assert_eq!(left(61), Some(TimeLeft::Minutes(2)));
    }
}
