//! Passwords that many people use, and their simple variants: the first that anyone tries.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fold;

/// Real passwords of 8 characters or more, in small letters; `data/README.md` says where they come from.
const PASSWORDS: &str = include_str!("../../../reference/passwords/common_passwords.txt");
/// Words that make a common password alone and with any digits or signs around them, folded.
const WORDS: &str = include_str!("../../../reference/passwords/common_words.txt");

/// A listed password with so many characters added ("password2024", "@baseball1") is as good as listed.
const MOST_ADDED: usize = 4;
/// Characters that, repeated, make no password ("abcabcabcabc", "12121212").
const SHORT_UNIT: usize = 4;

static COMMON_PASSWORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| entries(PASSWORDS).collect());
static COMMON_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| entries(WORDS).collect());

fn entries(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "))
}

/// Whether `password` (normalised) is among the first that anyone would try.
pub(super) fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let folded = fold(password);
    is_listed(&lower) || is_listed(&folded) || is_sequence(&lower) || is_date(&folded) || is_repetition(&lower)
}

fn is_listed(text: &str) -> bool {
    let core = core(text);
    let added = text.chars().count() - core.chars().count();
    COMMON_PASSWORDS.contains(text)
        || COMMON_WORDS.contains(core)
        || (added <= MOST_ADDED && COMMON_PASSWORDS.contains(core))
}

/// `text` without the digits and signs around its letters.
pub(super) fn core(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

/// The same few characters, or a listed password, over and over.
fn is_repetition(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let length = characters.len();
    (1..=length / 2)
        .filter(|unit| length.is_multiple_of(*unit))
        .find(|unit| characters.iter().zip(characters.iter().skip(*unit)).all(|(one, next)| one == next))
        .is_some_and(|unit| unit <= SHORT_UNIT || is_listed(&text.chars().take(unit).collect::<String>()))
}

/// Each character the next, or each the one before: "abcdefgh", "34567890", "87654321".
fn is_sequence(text: &str) -> bool {
    let successive = |(one, next): (char, char)| match (one, next) {
        ('9', '0') => true,
        _ => u32::from(one) + 1 == u32::from(next),
    };
    let pairs = || text.chars().zip(text.chars().skip(1));
    pairs().all(successive) || pairs().all(|(one, next)| successive((next, one)))
}

/// Eight digits that are a date of a living person's life, day or year first: most often a birth date.
fn is_date(folded: &str) -> bool {
    let Ok(digits) = folded.parse::<u32>() else {
        return false;
    };
    let is_plausible = |year: u32, month: u32, day: u32| {
        (1_900..=2_099).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
    };
    let (head, tail) = (digits / 10_000, digits % 10_000);
    folded.len() == 8
        && (is_plausible(head, tail / 100, tail % 100)
            || is_plausible(tail, head % 100, head / 100)
            || is_plausible(tail, head / 100, head % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_as_the_checks_need_them() {
        assert!(COMMON_PASSWORDS.len() > 4_000);
        for entry in COMMON_PASSWORDS.iter() {
            assert!(entry.chars().count() >= 8, "{entry}");
            assert_eq!(*entry, entry.to_lowercase());
        }
        assert!(COMMON_WORDS.len() > 50);
        for word in COMMON_WORDS.iter() {
            assert_eq!(*word, fold(word).as_str());
            assert_eq!(*word, core(word), "digits around a word are taken off before it is looked up");
        }
    }

    #[test]
    fn what_anyone_tries_first_is_common() {
        for password in [
            "12345678",
            "password",
            "Password",
            "iloveyou",
            "matkhau123",
            "anhyeuem123",
            "hocsinh123",
            "giaovien123",
            "Mật khẩu 123",
            "MatKhau@123456",
            "matkhaumoi2026",
            "matkhaumatkhau",
            "password2024",
            "123password!",
            "qwertyuiop12",
            "Giáo viên 2026",
            "12345678901234567890",
            "abcdefghijkl",
            "hgfedcba",
            "aaaaaaaa",
            "            ",
            "abcabcabcabc",
            "121212121212",
            "15112011",
            "20111115",
            "15.11.2011",
            "viettel2026!",
            "truonghoc123",
            "schoolgate2026",
            "khongcomatkhau",
            "emyeutruongem",
            "a1234567",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn what_takes_some_thought_is_not() {
        for password in [
            "con mèo leo cây cau",
            "bốn con vịt trời",
            "k7mw-2xfh",
            "tr4ng-k8uyet",
            "79316482",
            "sông Hồng cuộn sóng",
            "baseball-48213957",
            "hocsinhnghichngom",
            "elephantintheroom",
            "99887711aa",
            "mưa rơi 8 giờ",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }
}
