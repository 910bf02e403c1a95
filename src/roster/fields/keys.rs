//! The keys of all faults and guesses, for a test that checks that both languages have a message for each.

/// Every [`Fault::key`](super::Fault::key): first the refusals of a single value, then what a new person lacks, last
/// the warnings of [`cross_check`](super::cross_check).
#[rustfmt::skip]
pub const FAULT_KEYS: &[&str] = &[
    "too-long", "formula-error", "text-broken",
    "name-implausible", "name-too-long", "gender-unknown", "status-unknown",
    "class-malformed", "class-is-date", "class-number-unsure",
    "date-impossible", "date-year-only", "date-incomplete", "date-out-of-range", "date-unreadable",
    "date-order-unsure", "date-maybe-turned", "columns-differ", "second-column-left",
    "year-unreadable", "year-out-of-range",
    "email-malformed", "phone-unreadable", "phone-several", "phone-length", "phone-prefix",
    "digits-lost", "national-id-malformed", "moet-id-malformed", "username-malformed", "password-short",
    "missing", "mother-or-guardian-missing",
    "mother-year-missing", "mother-name-missing", "guardian-year-missing", "guardian-name-missing",
    "national-id-gender-mismatch", "national-id-birth-year-mismatch",
    "age-grade-mismatch", "age-too-young", "mother-too-young",
];

/// Every [`Guess::key`](super::Guess::key).
#[rustfmt::skip]
pub const GUESS_KEYS: &[&str] = &[
    "name-case", "gender-code", "gender-tick",
    "date-two-digit-year", "date-month-first", "date-serial", "date-compact", "year-of-date",
    "phone-zero-restored", "phone-renumbered", "national-id-zero-restored",
];
