//! Time-based codes (RFC 6238), as every authenticator app makes them: SHA-1, six digits, 30 seconds.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Secret, Totp, TotpError};

/// As long as the hash, which RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
const SECONDS: u64 = 30;
/// How far the device's clock may be off, in steps either way.
const DRIFT: u64 = 1;

/// Of one step at a time: see [`step_of`].
fn builder(secret: &[u8]) -> Builder {
    Builder::new().with_secret(secret).with_step_duration(SECONDS).with_skew(0)
}

/// The time step whose code this is, among the current ones; `None` where it matches none.
#[must_use]
pub fn step_of(secret: &[u8], typed: &str, now: DateTime<Utc>) -> Option<i64> {
    let codes = builder(secret).build().ok()?;
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let today = step_at(now)?;
    let mut found = None;
    // All are compared, whichever is the right one, for constant time.
    for step in today.saturating_sub(DRIFT)..=today + DRIFT {
        found = codes.check(&digits, step * SECONDS).or(found);
    }
    found.and_then(|step| i64::try_from(step).ok())
}

fn step_at(now: DateTime<Utc>) -> Option<u64> {
    Some(u64::try_from(now.timestamp()).ok()? / SECONDS)
}

/// The code of an instant.
#[must_use]
pub fn code_at(secret: &[u8], now: DateTime<Utc>) -> Option<String> {
    let codes: Totp = builder(secret).build().ok()?;
    Some(codes.generate(step_at(now)? * SECONDS).to_string())
}

/// The secret as one types it: base32 without padding (RFC 4648).
#[must_use]
pub fn base32(secret: &[u8]) -> String {
    Secret::from(secret).to_base32()
}

/// The content of the QR code: understood by every authenticator app.
///
/// # Errors
/// When the secret is too short, or the login has a colon: no login has one.
pub fn address(secret: &[u8], login: &str) -> Result<String, TotpError> {
    builder(secret).with_issuer(Some("Schoolgate")).with_account_name(login).build()?.to_url()
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
            [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let address = address(SECRET, "oanh@example.vn").unwrap();
        assert_eq!(
            address,
            "otpauth://totp/Schoolgate:oanh%40example.vn?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Schoolgate"
        );
    }
}
