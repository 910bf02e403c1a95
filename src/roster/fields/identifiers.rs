//! Logins and identifiers: e-mail addresses, usernames, the ministry's identifiers.

use std::ops::RangeInclusive;

use super::{FieldReading, Parsed};

/// The longest address that mail servers must accept (RFC 5321, section 4.5.3.1, less the brackets).
const MAX_EMAIL_CHARS: usize = 254;
const MAX_LOCAL_PART_CHARS: usize = 64;
const MAX_DOMAIN_LABEL_CHARS: usize = 63;

/// What may stand in an address before the @ besides letters and digits (RFC 5322, `atext`).
const LOCAL_PART_SIGNS: &str = "!#$%&'*+-/=?^_`{|}~.";

/// The shortest is the shortest stem that usernames are made from.
const USERNAME_CHARS: RangeInclusive<usize> = 2..=40;

const MAX_MOET_ID_CHARS: usize = 20;

/// Excel keeps this many digits of a number and replaces the rest by zeros.
const EXACT_DIGITS: usize = 15;

/// Reads an e-mail address, kept as typed; addresses are compared regardless of case. The syntax check is deliberately
/// simple: only a delivered mail proves an address.
pub(super) fn email(typed: &str) -> Parsed {
    let address = strip_scheme(typed);
    let Some((local_part, domain)) = address.rsplit_once('@') else {
        return Err("email-malformed");
    };
    let is_good = address.len() <= MAX_EMAIL_CHARS && is_local_part(local_part) && is_domain(domain);
    if is_good { Ok(FieldReading::plain(address)) } else { Err("email-malformed") }
}

/// Reads a username in lower case; from a whole login ("khaintm@79000701") it takes the part before the @.
pub(super) fn username(typed: &str) -> Parsed {
    let username = typed.split('@').next().unwrap_or_default().to_lowercase();
    let is_sign = |b: u8| matches!(b, b'.' | b'_' | b'-');
    let is_good = USERNAME_CHARS.contains(&username.len())
        && username.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || is_sign(b))
        && username.bytes().any(|b| b.is_ascii_alphanumeric());
    if is_good { Ok(FieldReading::plain(username)) } else { Err("username-malformed") }
}

/// Reads an identifier of the Ministry of Education and Training: letters and digits.
pub(super) fn moet_id(typed: &str) -> Parsed {
    let id = typed.strip_suffix(".0").unwrap_or(typed).replace(' ', "");
    if is_scientific(&id) || is_rounded(&id) {
        return Err("digits-lost");
    }
    let is_good = id.len() <= MAX_MOET_ID_CHARS && !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_good { Ok(FieldReading::plain(id)) } else { Err("moet-id-malformed") }
}

/// Whether this is a long number in the scientific form that spreadsheets show ("3.38581E+11"): its last digits are
/// lost.
pub(super) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && is_number(whole) && is_number(fraction) && exponent.strip_prefix('+').is_some_and(is_number)
}

/// Whether a long number ends in the zeros by which Excel replaces the digits that it does not keep.
fn is_rounded(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit())
        && id.get(EXACT_DIGITS..).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b == b'0'))
}

/// The address of a link: spreadsheets keep its "mailto:".
fn strip_scheme(typed: &str) -> &str {
    let scheme = "mailto:";
    match typed.get(..scheme.len()) {
        Some(start) if start.eq_ignore_ascii_case(scheme) => typed.get(scheme.len()..).unwrap_or_default(),
        _ => typed,
    }
}

fn is_local_part(text: &str) -> bool {
    (1..=MAX_LOCAL_PART_CHARS).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || LOCAL_PART_SIGNS.contains(c))
        && text.split('.').all(|label| !label.is_empty())
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_DOMAIN_LABEL_CHARS).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top_level = text.rsplit_once('.').map(|(_, label)| label);
    text.split('.').all(is_label)
        && top_level.is_some_and(|label| label.len() >= 2 && label.bytes().any(|b| b.is_ascii_alphabetic()))
}
