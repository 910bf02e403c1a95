//! Time-based codes (RFC 6238 over RFC 4226), as every authenticator app makes them: SHA-1, six digits, 30 seconds.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

/// As long as the hash, which RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
const SECONDS: i64 = 30;
const DIGITS: usize = 6;
/// How far the device's clock may be off, in steps either way.
const DRIFT: i64 = 1;

/// The time step whose code this is, among the current ones; `None` where it matches none.
#[must_use]
pub fn step_of(secret: &[u8], typed: &str, now: DateTime<Utc>) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let today = now.timestamp().div_euclid(SECONDS);
    let mut found = None;
    // All are compared, whichever is the right one, for constant time.
    for step in today - DRIFT..=today + DRIFT {
        if bool::from(code(secret, step)?.as_bytes().ct_eq(digits.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// The code of an instant.
#[must_use]
pub fn code_at(secret: &[u8], now: DateTime<Utc>) -> Option<String> {
    code(secret, now.timestamp().div_euclid(SECONDS))
}

fn code(secret: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last()? & 0x0f);
    let word = u32::from_be_bytes(digest.get(offset..offset + 4)?.try_into().ok()?) & 0x7fff_ffff;
    Some(format!("{:0DIGITS$}", word % 1_000_000))
}

/// The secret as one types it: base32 without padding (RFC 4648).
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letter = |start: usize| {
        let value = (start..start + 5).fold(0, |value, at| value << 1 | bit(at));
        char::from(ALPHABET[usize::from(value & 31)])
    };
    (0..bytes.len() * 8).step_by(5).map(letter).collect()
}

/// The content of the QR code: understood by every authenticator app.
#[must_use]
pub fn address(secret: &[u8], login: &str) -> String {
    let login = percent_encoding::utf8_percent_encode(login, percent_encoding::NON_ALPHANUMERIC);
    format!("otpauth://totp/Schoolgate:{login}?secret={}&issuer=Schoolgate", base32(secret))
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// The last six of the eight digits in appendix B of RFC 6238.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, at(seconds)).unwrap(), code);
            assert_eq!(step_of(SECRET, code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step_and_no_more() {
        let now = at(1_111_111_110);
        for (off, is_right) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let code = code_at(SECRET, now + Duration::seconds(off)).unwrap();
            assert_eq!(step_of(SECRET, &code, now).is_some(), is_right, "{off}");
        }
        for wrong in ["", "12345", "1234567", "abcdef", "０５０４７１"] {
            assert_eq!(step_of(SECRET, wrong, now), None, "{wrong}");
        }
        assert!(step_of(SECRET, " 050 471 ", at(1_111_111_111)).is_some());
    }

    /// Section 10 of RFC 4648, and a secret of twenty bytes.
    #[test]
    fn secrets_are_written_as_apps_read_them() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let address = address(SECRET, "oanh@example.vn");
        assert_eq!(
            address,
            "otpauth://totp/Schoolgate:oanh%40example%2Evn?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Schoolgate"
        );
    }
}
