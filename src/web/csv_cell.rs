//! Cells of text files that spreadsheets open: what they would take for a formula, which attackers exploit, gets an
//! apostrophe. Programs set to East Asian languages treat the full-width signs alike.

use std::borrow::Cow;

const SIGNS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet would calculate it.
#[must_use]
pub fn looks_like_formula(value: &str) -> bool {
    value.trim_start_matches('\'').starts_with(SIGNS)
}

/// The value as it is written into a text file: with an apostrophe before what would be taken for a formula.
#[must_use]
pub fn guarded(value: &str) -> Cow<'_, str> {
    if looks_like_formula(value) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// The value without its guard.
#[must_use]
pub fn unguarded(value: &str) -> &str {
    match value.strip_prefix('\'') {
        Some(rest) if looks_like_formula(rest) => rest,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_every_width_are_guarded() {
        for value in ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋84", "－1", "＠SUM(A1)", "'＝1"]
        {
            assert!(guarded(value).starts_with('\''), "{value}");
            assert_eq!(unguarded(&guarded(value)), value);
        }
        for value in ["An", "", "'", "a=1", "10A1"] {
            assert_eq!(guarded(value), value);
        }
    }

    proptest::proptest! {
        #[test]
        fn guarding_is_undone(value in "['=+@a＝＠-]{0,6}") {
            let written = guarded(&value).into_owned();
            proptest::prop_assert_eq!(unguarded(&written), value.as_str());
            proptest::prop_assert!(!written.starts_with(SIGNS));
        }
    }
}
