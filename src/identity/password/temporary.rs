//! Temporary passwords: what a school hands out on paper, good for choosing an own password and nothing else.

use std::fmt;

use rand::seq::IndexedRandom as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::{MOST_CHARACTERS, blocklist::is_common};
use crate::crypto::normalise;
use crate::{
    clock::Randomness,
    crypto::seal::{KeyRing, OpenError, SealPurpose, Sealed},
    ids::AccountId,
};

/// Without what looks alike on paper (0 and O, 1, l and I), and without the other vowels, so that no word
/// comes out that a pupil would be ashamed of. Eight of these 28 are 38 bits: enough for what is spent
/// within days and asked for under the throttle.
const ALPHABET: &[u8] = b"bcdfghjkmnpqrstvwxyz23456789";
const GROUP: usize = 4;
const GROUPS: usize = 2;

/// The fewest characters that a password from a spreadsheet may have.
pub const LEAST_FROM_SHEET: usize = 6;

/// Why a spreadsheet's password cannot be used; one is drawn instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetPasswordFault {
    TooShort,
    TooLong,
    /// Among the most common passwords; a date, too.
    Common,
}

impl SheetPasswordFault {
    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::TooShort => "sheet-password-too-short",
            Self::TooLong => "sheet-password-too-long",
            Self::Common => "sheet-password-common",
        }
    }
}

/// A temporary password, as the slip shows it.
#[derive(Clone)]
pub struct TemporaryPassword(Zeroizing<String>);

impl TemporaryPassword {
    /// Draws one of eight characters in two groups, such as "k7mw-2xfh".
    pub fn generate(random: &Randomness) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP + 1)));
        random.with(|rng| {
            for position in 0..GROUPS * GROUP {
                if position > 0 && position % GROUP == 0 {
                    text.push('-');
                }
                // Never empty, so `choose` always finds one.
                text.extend(ALPHABET.choose(rng).copied().map(char::from));
            }
        });
        Self(text)
    }

    /// Takes the one that a spreadsheet gives, without the spaces around it.
    ///
    /// # Errors
    /// When it has fewer than 6 characters or more than 200, or is among the most common.
    pub fn from_sheet(text: &str) -> Result<Self, SheetPasswordFault> {
        let text = Zeroizing::new(normalise(text).trim().to_owned());
        match text.chars().count() {
            ..LEAST_FROM_SHEET => Err(SheetPasswordFault::TooShort),
            LEAST_FROM_SHEET..=MOST_CHARACTERS if is_common(&text) => Err(SheetPasswordFault::Common),
            LEAST_FROM_SHEET..=MOST_CHARACTERS => Ok(Self(text)),
            _ => Err(SheetPasswordFault::TooLong),
        }
    }

    /// Seals it for this account.
    pub fn seal(&self, keys: &KeyRing, random: &Randomness, account_id: AccountId) -> Sealed {
        keys.seal(random, SealPurpose::TemporaryPassword, account_id, self.0.as_bytes())
    }

    /// Opens what [`seal`](Self::seal) sealed for the same account.
    ///
    /// # Errors
    /// [`OpenError`]; a text that is no UTF-8 was not sealed here and is refused.
    pub fn open(keys: &KeyRing, account_id: AccountId, sealed: &Sealed) -> Result<Self, OpenError> {
        let bytes = keys.open(SealPurpose::TemporaryPassword, account_id, sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| OpenError::Refused)?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// For the slip, and for nothing else.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `typed` is it; takes the same time in both cases, but no argon2: so that a temporary password takes as
    /// long as an own one, the caller has the hasher `verify_nothing` first.
    ///
    /// A drawn one is also accepted in capitals, with spaces and without its dash, as people copy from
    /// paper. One from a sheet is compared exactly, but for spaces around it.
    pub fn accepts(&self, typed: &str) -> bool {
        let exact = same_secret(normalise(typed).trim(), &self.0);
        let as_drawn = same_secret(&normalise_temporary(typed), &normalise_temporary(&self.0));
        exact | (as_drawn & self.has_drawn_shape())
    }

    /// Recognised by its shape rather than stored: being lenient with a sheet's that happens to look like a drawn one
    /// does no harm.
    fn has_drawn_shape(&self) -> bool {
        let mut groups = self.0.split('-');
        let drawn = |group: &str| group.len() == GROUP && group.bytes().all(|byte| ALPHABET.contains(&byte));
        groups.by_ref().take(GROUPS).filter(|group| drawn(group)).count() == GROUPS && groups.next().is_none()
    }
}

impl fmt::Debug for TemporaryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemporaryPassword(..)")
    }
}

/// A drawn temporary password as people type it, brought to one form: small letters and digits, without
/// spaces and dashes of any kind ("K7MW 2XFH" is "k7mw2xfh").
pub fn normalise_temporary(typed: &str) -> Zeroizing<String> {
    let lower = typed.nfkc().flat_map(char::to_lowercase);
    Zeroizing::new(lower.filter(|c| !c.is_whitespace() && !is_dash_or_invisible(*c)).collect())
}

/// The dashes of keyboards and word processors, and the zero-width characters that copying brings along.
fn is_dash_or_invisible(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Compares in constant time: hashes have one length, whatever they are of.
fn same_secret(one: &str, other: &str) -> bool {
    Sha256::digest(one).ct_eq(&Sha256::digest(other)).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn drawn(text: &str) -> TemporaryPassword {
        TemporaryPassword(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn drawn_ones_have_two_groups_of_clear_characters_and_differ() {
        let random = Randomness::seeded(1);
        let mut seen = HashSet::new();
        for _ in 0..2_000 {
            let password = TemporaryPassword::generate(&random);
            let text = password.as_str().to_owned();
            assert_eq!(text.len(), 9, "{text}");
            assert_eq!(text.find('-'), Some(4), "{text}");
            assert!(!text.contains(['0', 'o', 'O', '1', 'l', 'L', 'i', 'I']), "{text}");
            assert!(password.has_drawn_shape());
            assert!(seen.insert(text));
        }
        let used: HashSet<char> = seen.iter().flat_map(|text| text.chars()).collect();
        assert_eq!(used.len(), ALPHABET.len() + 1, "every character is drawn some time");
    }

    #[test]
    fn drawn_ones_are_accepted_as_people_type_them() {
        let password = drawn("k7mw-2xfh");
        for typed in
            ["k7mw-2xfh", "K7MW-2XFH", "k7mw2xfh", " k7mw 2xfh ", "K7mw\u{2013}2xfh", "k7mw\u{a0}-\u{a0}2xfh\u{200b}"]
        {
            assert!(password.accepts(typed), "{typed}");
        }
        for typed in ["", "-", "k7mw", "k7mw-2xfg", "k7mw-2xfhh", "h7mw-2xfk"] {
            assert!(!password.accepts(typed), "{typed}");
        }
    }

    #[test]
    fn sheet_ones_are_accepted_as_they_stand() {
        let password = TemporaryPassword::from_sheet(" Hoa Quế-01 ").unwrap();
        assert_eq!(password.as_str(), "Hoa Quế-01");
        for typed in ["Hoa Quế-01", " Hoa Quế-01\t", "Hoa Que\u{302}\u{301}-01"] {
            assert!(password.accepts(typed), "{typed}");
        }
        for typed in ["hoa quế-01", "HoaQuế-01", "Hoa Quế01", "Hoa Que-01", ""] {
            assert!(!password.accepts(typed), "{typed}");
        }
        assert!(!drawn("ABCDEFGH").accepts("abcdefgh"));
    }

    #[test]
    fn sheet_ones_need_six_characters() {
        let fault = |text: &str| TemporaryPassword::from_sheet(text).unwrap_err();
        assert_eq!(fault("12345"), SheetPasswordFault::TooShort);
        assert_eq!(fault("  12345  "), SheetPasswordFault::TooShort);
        assert_eq!(fault("e\u{323}\u{302}12 4"), SheetPasswordFault::TooShort);
        assert_eq!(fault(&"a".repeat(201)), SheetPasswordFault::TooLong);
        assert!(TemporaryPassword::from_sheet("hoamai").is_ok());
        assert!(TemporaryPassword::from_sheet(&"hoa mai ".repeat(25)).is_ok());
    }

    #[test]
    fn sealed_for_one_account_they_open_for_it_alone() {
        let random = Randomness::seeded(1);
        let keys = KeyRing::generate(&random);
        let (mine, yours) = (AccountId::from_u128(1), AccountId::from_u128(2));
        let sealed = drawn("k7mw-2xfh").seal(&keys, &random, mine);
        assert_eq!(TemporaryPassword::open(&keys, mine, &sealed).unwrap().as_str(), "k7mw-2xfh");
        assert_eq!(TemporaryPassword::open(&keys, yours, &sealed).unwrap_err(), OpenError::Refused);
    }

    #[test]
    fn what_anyone_tries_first_is_not_taken_from_a_sheet() {
        for common in ["123456", "111111", "abcdef", "matkhau123", "Password1", "15112011", "12345678"] {
            assert_eq!(TemporaryPassword::from_sheet(common).err(), Some(SheetPasswordFault::Common), "{common}");
        }
        assert!(TemporaryPassword::from_sheet("hoa-mai-2011").is_ok());
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", drawn("k7mw-2xfh")), "TemporaryPassword(..)");
    }
}
