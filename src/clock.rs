//! Time and randomness, injected: nothing else in the program asks the operating system for either, so a test decides
//! what day it is and which numbers are drawn.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, SubsecRound, Utc};
use rand::rngs::SysError;
use rand::{CryptoRng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use uuid::Uuid;

/// How far Asia/Ho_Chi_Minh is ahead of UTC. Viet Nam has kept UTC+7 without summer time since 1975,
/// so no database of time zones is needed.
const VIETNAM_OFFSET: Duration = Duration::hours(7);

/// PostgreSQL's `timestamptz` keeps microseconds; a finer instant would not equal itself after a round trip.
const SUBSECOND_DIGITS: u16 = 6;

/// Gives the time. Clones of a fixed clock stand still, and are advanced, together.
#[derive(Clone, Debug)]
pub struct Clock(TimeSource);

#[derive(Clone, Debug)]
enum TimeSource {
    System,
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(TimeSource::System)
    }

    /// A clock that stands at `at` until it is [advanced](Self::advance); for tests and demo data.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(TimeSource::Fixed(Arc::new(Mutex::new(at))))
    }

    /// Moves a fixed clock (and its clones) on by `step`. On the machine's clock it does nothing.
    pub fn advance(&self, step: Duration) {
        if let TimeSource::Fixed(at) = &self.0 {
            let mut at = lock(at);
            *at += step;
        }
    }

    /// The present instant, to the microsecond.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            TimeSource::System => Utc::now(),
            TimeSource::Fixed(at) => *lock(at),
        };
        now.trunc_subsecs(SUBSECOND_DIGITS)
    }

    /// The date that a calendar in Viet Nam shows now.
    pub fn today(&self) -> NaiveDate {
        date_in_vietnam(self.now())
    }
}

/// The date that a calendar in Viet Nam shows at `instant`.
pub fn date_in_vietnam(instant: DateTime<Utc>) -> NaiveDate {
    (instant + VIETNAM_OFFSET).date_naive()
}

/// Draws random numbers fit for secrets. Clones draw from the same stream.
#[derive(Clone)]
pub struct Randomness(Arc<Mutex<ChaCha20Rng>>);

impl Randomness {
    /// A generator seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system has no randomness to give; nothing should start then.
    pub fn system() -> Result<Self, SysError> {
        ChaCha20Rng::try_from_rng(&mut rand::rngs::SysRng).map(Self::from_generator)
    }

    /// A generator that draws the same numbers for the same seed. For tests and demo data only: anyone who knows the
    /// seed knows every secret drawn.
    pub fn seeded(seed: u64) -> Self {
        Self::from_generator(ChaCha20Rng::seed_from_u64(seed))
    }

    fn from_generator(generator: ChaCha20Rng) -> Self {
        Self(Arc::new(Mutex::new(generator)))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|rng| rng.fill_bytes(&mut bytes));
        bytes
    }

    /// A version 7 UUID (RFC 9562): ordered by the millisecond of `now`, random behind it.
    pub fn uuid_v7<T: From<Uuid>>(&self, now: DateTime<Utc>) -> T {
        // An instant before 1970 does not fit the format; it becomes 1970.
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid().into()
    }

    /// Lends the generator, for callers that need several draws. It is locked meanwhile: keep `draw` short, and do not
    /// draw from a clone inside it.
    pub fn with<T>(&self, draw: impl FnOnce(&mut dyn CryptoRng) -> T) -> T {
        draw(&mut *lock(&self.0))
    }
}

impl fmt::Debug for Randomness {
    /// The state would reveal future secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Randomness(..)")
    }
}

/// Ignores poisoning: an instant and a generator are consistent at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use rand::RngExt;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_clones_follow() {
        let clock = Clock::fixed(at("2026-09-05T00:00:00Z"));
        let clone = clock.clone();
        assert_eq!(clone.now(), clock.now());
        clock.advance(Duration::days(90));
        assert_eq!(clone.now(), at("2026-12-04T00:00:00Z"));
    }

    #[test]
    fn instants_are_cut_to_microseconds() {
        let precise = Utc.timestamp_opt(1_788_000_000, 123_456_789).unwrap();
        assert_eq!(Clock::fixed(precise).now().timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(Clock::system().now().timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn the_day_begins_seven_hours_before_utc() {
        let eve = Clock::fixed(at("2026-07-31T16:59:59Z"));
        assert_eq!(eve.today().to_string(), "2026-07-31");
        eve.advance(Duration::seconds(1));
        assert_eq!(eve.today().to_string(), "2026-08-01");
    }

    #[test]
    fn a_seed_repeats_and_the_system_does_not() {
        assert_eq!(Randomness::seeded(7).bytes::<32>(), Randomness::seeded(7).bytes::<32>());
        assert_ne!(Randomness::seeded(7).bytes::<32>(), Randomness::seeded(8).bytes::<32>());
        let one = Randomness::system().unwrap();
        assert_ne!(one.bytes::<32>(), one.bytes::<32>());
        assert_ne!(one.bytes::<32>(), Randomness::system().unwrap().bytes::<32>());
    }

    #[test]
    fn clones_share_one_stream() {
        let one = Randomness::seeded(7);
        assert_ne!(one.clone().bytes::<16>(), one.bytes::<16>());
    }

    #[test]
    fn uuids_are_of_version_7_and_ordered_by_time() {
        let random = Randomness::seeded(7);
        let early: Uuid = random.uuid_v7(at("2026-09-05T00:00:00Z"));
        let late: Uuid = random.uuid_v7(at("2026-09-05T00:00:00.001Z"));
        assert_eq!(early.get_version_num(), 7);
        assert_eq!(early.get_variant(), uuid::Variant::RFC4122);
        assert!(early < late);
        let instant = early.get_timestamp().unwrap().to_unix();
        assert_eq!(instant, (at("2026-09-05T00:00:00Z").timestamp().try_into().unwrap(), 0));
        assert_eq!(random.uuid_v7::<Uuid>(at("1969-01-01T00:00:00Z")).get_version_num(), 7);
    }

    #[test]
    fn a_panic_while_drawing_does_not_stop_the_next() {
        let random = Randomness::seeded(7);
        let clone = random.clone();
        let drawn = std::thread::spawn(move || clone.with(|_| -> u8 { panic!("on purpose") })).join();
        assert!(drawn.is_err());
        assert!(random.with(|rng| rng.random_range(1..=6)) <= 6);
    }
}
