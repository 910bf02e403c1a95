//! Personal identification numbers: the 12 digits of the CCCD (Decree 137/2015/NĐ-CP, article 13) and the 9 of the
//! older CMND.
//!
//! The 12 digits are: three for the province where the birth was registered (codes of before July 2025), one for
//! century and sex, two for the year of birth, six at random.

use chrono::{Datelike, NaiveDate};

use super::{provinces, text};

const CCCD_DIGITS: usize = 12;
const CMND_DIGITS: usize = 9;

/// Sex as identification numbers know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    Male,
    Female,
}

/// A number that has the right form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NationalId {
    digits: String,
    zero_restored: bool,
}

/// The number is neither 12 nor 9 digits long, or has other characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identification number of 12 or 9 digits")]
pub struct NationalIdFault;

/// Where a number contradicts what else is known of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    Sex,
    BirthYear,
}

impl NationalId {
    /// Reads a number, with spaces and dots between its digits or not. The zeros that it begins with are lost where
    /// a spreadsheet took it for an amount; they are put back.
    ///
    /// # Errors
    /// [`NationalIdFault`] when it has another form.
    pub fn parse(raw: &str) -> Result<Self, NationalIdFault> {
        let raw = text::cleaned(raw);
        let whole = raw.strip_suffix(".0").unwrap_or(&raw);
        let digits = whole.replace([' ', '.', '-', '\'', '’'], "");
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NationalIdFault);
        }
        match digits.len() {
            CCCD_DIGITS | CMND_DIGITS => Ok(Self { digits, zero_restored: false }),
            11 => Ok(Self { digits: format!("0{digits}"), zero_restored: true }),
            // The codes 001 to 008 lose two zeros; with ten digits, check whether the rest fits.
            10 => Some(Self { digits: format!("00{digits}"), zero_restored: true })
                .filter(Self::names_a_province)
                .ok_or(NationalIdFault),
            _ => Err(NationalIdFault),
        }
    }

    /// The number as it is stored, digits only.
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// Whether leading zeros were put back.
    pub const fn zero_restored(&self) -> bool {
        self.zero_restored
    }

    /// The sex in a CCCD; a CMND contains none.
    pub fn sex(&self) -> Option<Sex> {
        Some(if self.century_digit()? % 2 == 0 { Sex::Male } else { Sex::Female })
    }

    /// The year of birth in a CCCD, 1900 to 2399.
    pub fn birth_year(&self) -> Option<i32> {
        let year: i32 = self.digits.get(4..6)?.parse().ok()?;
        Some(1900 + 100 * (self.century_digit()? / 2) + year)
    }

    /// The code of the province where the birth was registered, one of the 63 of before July 2025 with a 0 before it.
    pub fn province_code(&self) -> Option<&str> {
        if self.is_cccd() { self.digits.get(..3) } else { None }
    }

    /// Where the number contradicts the sex or the birth date; unknown values contradict nothing.
    pub fn mismatches(&self, sex: Option<Sex>, birth_date: Option<NaiveDate>) -> Vec<Mismatch> {
        let differs = |told: Option<i32>, known: Option<i32>| matches!((told, known), (Some(a), Some(b)) if a != b);
        let mut mismatches = Vec::new();
        if matches!((self.sex(), sex), (Some(told), Some(known)) if told != known) {
            mismatches.push(Mismatch::Sex);
        }
        if differs(self.birth_year(), birth_date.map(|date| date.year())) {
            mismatches.push(Mismatch::BirthYear);
        }
        mismatches
    }

    fn is_cccd(&self) -> bool {
        self.digits.len() == CCCD_DIGITS
    }

    /// 0 and 1 are men and women born in the 20th century, 2 and 3 in the 21st, and so on.
    fn century_digit(&self) -> Option<i32> {
        if self.is_cccd() { self.digits.get(3..4)?.parse().ok() } else { None }
    }

    /// Whether it may be a person's number, and not what is written where there is none: one of a province, or, of the older
    /// ones, no figure repeated or counted on throughout.
    pub fn is_plausible(&self) -> bool {
        if self.is_cccd() {
            return self.names_a_province();
        }
        let figures = || self.digits.bytes();
        let steps = || figures().zip(figures().skip(1)).map(|(one, next)| next.abs_diff(one));
        steps().any(|step| step != 0) && steps().any(|step| step != 1)
    }

    fn names_a_province(&self) -> bool {
        self.province_code().is_some_and(|code| provinces::former_by_cccd_code(code).is_some())
    }
}

/// Of a personal number, the last three figures.
#[must_use]
pub fn masked(number: &str) -> String {
    let kept = number.len().saturating_sub(3);
    number.char_indices().map(|(index, figure)| if index < kept { '•' } else { figure }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(raw: &str) -> NationalId {
        NationalId::parse(raw).unwrap()
    }

    #[test]
    fn what_a_cccd_tells() {
        let girl = id("033311646049");
        assert_eq!(girl.sex(), Some(Sex::Female));
        assert_eq!(girl.birth_year(), Some(2011));
        assert_eq!(girl.province_code(), Some("033"));
        let man = id("094 087 222591");
        assert_eq!((man.sex(), man.birth_year()), (Some(Sex::Male), Some(1987)));
        assert_eq!(man.as_str(), "094087222591");
    }

    #[test]
    fn a_cmnd_tells_nothing() {
        let cmnd = id("527836201");
        assert_eq!((cmnd.sex(), cmnd.birth_year(), cmnd.province_code()), (None, None, None));
        assert!(cmnd.mismatches(Some(Sex::Male), NaiveDate::from_ymd_opt(2011, 1, 1)).is_empty());
    }

    #[test]
    fn lost_zeros_are_put_back() {
        for (raw, whole) in
            [("33311646049", "033311646049"), ("33311646049.0", "033311646049"), ("8311900904", "008311900904")]
        {
            let restored = id(raw);
            assert_eq!(restored.as_str(), whole);
            assert!(restored.zero_restored());
        }
        assert!(!id("033311646049").zero_restored());
    }

    #[test]
    fn what_is_no_number() {
        for raw in ["", "12345678", "3000000000", "1234567890123", "03331164604x", "3.33E+10"] {
            assert_eq!(NationalId::parse(raw), Err(NationalIdFault), "{raw}");
        }
    }

    #[test]
    fn contradictions() {
        let girl = id("033311646049");
        let born = NaiveDate::from_ymd_opt(2011, 11, 15);
        assert!(girl.mismatches(Some(Sex::Female), born).is_empty());
        assert!(girl.mismatches(None, None).is_empty());
        assert_eq!(girl.mismatches(Some(Sex::Male), born), [Mismatch::Sex]);
        let born = NaiveDate::from_ymd_opt(2010, 11, 15);
        assert_eq!(girl.mismatches(Some(Sex::Male), born), [Mismatch::Sex, Mismatch::BirthYear]);
    }

    #[test]
    fn a_masked_number_shows_its_end_only() {
        assert_eq!(masked("079211001234"), "•••••••••234");
        assert_eq!(masked("12"), "12");
    }
}
