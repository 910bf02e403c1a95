//! Telephone numbers as they are dialled within Vietnam: 10 digits for mobiles, 10 or 11 for land lines.

use super::text;

/// The 11-digit mobile prefixes and what took their place from 15 September 2018 on (Decision 798/QĐ-BTTTT of
/// 2018), by operator: Viettel, MobiFone, VinaPhone, Vietnamobile, Gmobile.
#[rustfmt::skip]
const RENUMBERED: &[(&str, &str)] = &[
    ("0162", "032"), ("0163", "033"), ("0164", "034"), ("0165", "035"),
    ("0166", "036"), ("0167", "037"), ("0168", "038"), ("0169", "039"),
    ("0120", "070"), ("0121", "079"), ("0122", "077"), ("0126", "076"), ("0128", "078"),
    ("0123", "083"), ("0124", "084"), ("0125", "085"), ("0127", "081"), ("0129", "082"),
    ("0186", "056"), ("0188", "058"),
    ("0199", "059"),
];

/// What mobile numbers begin with.
const MOBILE: &[&str] = &["03", "05", "07", "08", "09"];

/// What land lines begin with since 2017.
const LAND_LINE: &str = "02";

const COUNTRY_CODE: &str = "84";

/// What people put between the digits of a number; the apostrophe is Excel's mark of a text.
const SEPARATORS: &[char] = &[' ', '.', '-', '–', '(', ')', '\'', '’'];

/// A telephone number of Vietnam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// As dialled within the country: digits only, with the leading 0.
    pub number: String,
    /// The leading 0, lost where a spreadsheet took the number for an amount, was put back.
    pub zero_restored: bool,
    /// An 11-digit mobile number of before 2018 was replaced by its 10-digit one.
    pub renumbered: bool,
}

/// Why a number cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneFault {
    #[error("not a telephone number")]
    Unreadable,
    #[error("several numbers")]
    Several,
    #[error("too few or too many digits")]
    Length,
    #[error("no such prefix in Vietnam")]
    Prefix,
}

impl PhoneFault {
    /// The key of the sentence in Fluent, `fault-{key}`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unreadable => "phone-unreadable",
            Self::Several => "phone-several",
            Self::Length => "phone-length",
            Self::Prefix => "phone-prefix",
        }
    }
}

/// The number as it is stored.
///
/// # Errors
/// [`PhoneFault`] when it is no number, more than one, or none that Vietnam has.
pub fn normalise(raw: &str) -> Result<Phone, PhoneFault> {
    let raw = text::cleaned(raw);
    if holds_several(&raw) {
        return Err(PhoneFault::Several);
    }
    let is_international = raw.starts_with('+');
    let digits: String = without_fraction(raw.trim_start_matches('+')).replace(SEPARATORS, "");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PhoneFault::Unreadable);
    }
    let (number, zero_restored) = national(&digits, is_international)?;
    let renewed = renumber(&number);
    let renumbered = renewed.is_some();
    let number = renewed.unwrap_or(number);
    check(&number)?;
    Ok(Phone { number, zero_restored, renumbered })
}

/// Whether this can stand within a number: digits, and what people put between them.
pub fn may_be_part(piece: &str) -> bool {
    piece.chars().all(|c| c.is_ascii_digit() || c == '+' || SEPARATORS.contains(&c))
}

/// A number as it is stored, as far as it is typed; of any other number, its digits alone. A leading 0 is restored only
/// for the country code: nine digits are an old identity card's as well.
pub fn as_dialled(typed: &str) -> Option<String> {
    if let Ok(Phone { number, zero_restored: false, .. }) = normalise(typed) {
        return Some(number);
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    let abroad = typed.trim_start_matches(SEPARATORS).starts_with('+');
    Some(digits.strip_prefix(COUNTRY_CODE).filter(|_| abroad).map_or(digits.clone(), |rest| format!("0{rest}")))
}

fn holds_several(raw: &str) -> bool {
    let is_number = |part: &&str| part.bytes().filter(u8::is_ascii_digit).count() >= 8;
    raw.split(['/', ';', ',', '|']).filter(is_number).count() > 1
}

/// A number that a program kept as an amount comes as "912345678.0".
fn without_fraction(raw: &str) -> &str {
    raw.strip_suffix(".0").filter(|whole| whole.bytes().all(|b| b.is_ascii_digit())).unwrap_or(raw)
}

/// The digits with a leading 0 instead of the country code, and whether that 0 had been lost. Without a sign before it
/// 84 is the country code only where the length says so: 084 is a mobile prefix too.
fn national(digits: &str, is_international: bool) -> Result<(String, bool), PhoneFault> {
    let after_country_code = if is_international {
        Some(digits.strip_prefix(COUNTRY_CODE).ok_or(PhoneFault::Prefix)?)
    } else if let Some(rest) = digits.strip_prefix("00") {
        Some(rest.strip_prefix(COUNTRY_CODE).ok_or(PhoneFault::Prefix)?)
    } else {
        digits.strip_prefix(COUNTRY_CODE).filter(|rest| rest.len() >= 9)
    };
    Ok(match after_country_code {
        Some(rest) => (format!("0{}", rest.strip_prefix('0').unwrap_or(rest)), false),
        None if digits.starts_with('0') => (digits.to_owned(), false),
        None => (format!("0{digits}"), true),
    })
}

/// The 10-digit number that took the place of an 11-digit mobile number.
fn renumber(number: &str) -> Option<String> {
    if number.len() != 11 {
        return None;
    }
    RENUMBERED.iter().find_map(|(old, new)| number.strip_prefix(old).map(|rest| format!("{new}{rest}")))
}

fn check(number: &str) -> Result<(), PhoneFault> {
    let is_mobile = MOBILE.iter().any(|prefix| number.starts_with(prefix));
    let is_land_line = number.starts_with(LAND_LINE);
    match number.len() {
        10 if is_mobile || is_land_line => Ok(()),
        11 if is_land_line => Ok(()),
        11 if is_mobile => Err(PhoneFault::Length),
        10 | 11 => Err(PhoneFault::Prefix),
        _ => Err(PhoneFault::Length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(number: &str) -> Result<Phone, PhoneFault> {
        Ok(Phone { number: number.to_owned(), zero_restored: false, renumbered: false })
    }

    #[test]
    fn spellings_of_one_number() {
        for raw in [
            "0912345678",
            "0912 345 678",
            "091.2345678",
            "0912-345-678",
            "+84912345678",
            "+84 912 345 678",
            "84912345678",
            "0084912345678",
            "+84 (0) 912 345 678",
            "'0912345678",
            "\u{200b}0912345678\u{a0}",
        ] {
            assert_eq!(normalise(raw), plain("0912345678"), "{raw}");
        }
    }

    #[test]
    fn a_lost_zero_is_put_back() {
        for (raw, number) in [
            ("912345678", "0912345678"),
            ("841234567", "0841234567"),
            ("330088281.0", "0330088281"),
            ("2838234567", "02838234567"),
        ] {
            assert_eq!(
                normalise(raw),
                Ok(Phone { number: number.into(), zero_restored: true, renumbered: false }),
                "{raw}"
            );
        }
    }

    #[test]
    fn old_mobile_numbers_become_new_ones() {
        let renewed =
            |number: &str, zero_restored| Ok(Phone { number: number.into(), zero_restored, renumbered: true });
        assert_eq!(normalise("01685559585"), renewed("0385559585", false));
        assert_eq!(normalise("0120 555 9585"), renewed("0705559585", false));
        assert_eq!(normalise("+841275559585"), renewed("0815559585", false));
        assert_eq!(normalise("01995559585"), renewed("0595559585", false));
        assert_eq!(normalise("1685559585"), renewed("0385559585", true));
        assert_eq!(normalise("01855559585"), Err(PhoneFault::Prefix));
        assert_eq!(RENUMBERED.len(), 21);
    }

    #[test]
    fn land_lines() {
        assert_eq!(normalise("(028) 3823 4567"), plain("02838234567"));
        assert_eq!(normalise("0203.382.345"), plain("0203382345"));
        assert_eq!(normalise("+84 24 3823 4567"), plain("02438234567"));
    }

    #[test]
    fn what_is_no_number() {
        for (raw, fault) in [
            ("", PhoneFault::Unreadable),
            ("không có", PhoneFault::Unreadable),
            ("0912345678a", PhoneFault::Unreadable),
            ("091234567", PhoneFault::Length),
            ("09123456789", PhoneFault::Length),
            ("113", PhoneFault::Length),
            ("0412345678", PhoneFault::Prefix),
            ("+14155550100", PhoneFault::Prefix),
            ("0014155550100", PhoneFault::Prefix),
            ("0912345678/0987654321", PhoneFault::Several),
            ("0912345678; 0987654321", PhoneFault::Several),
        ] {
            assert_eq!(normalise(raw), Err(fault), "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_number_taken_is_taken_again_unchanged(raw in "\\+?[0-9 .]{8,14}") {
            if let Ok(phone) = normalise(&raw) {
                proptest::prop_assert_eq!(normalise(&phone.number), plain(&phone.number));
            }
        }
    }
}
