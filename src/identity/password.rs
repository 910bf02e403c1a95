//! What a password must be. Own passwords follow NIST SP 800-63B and ASVS 5: long enough, not among
//! those that anyone tries first, and otherwise free; there are no rules about kinds of characters.

mod blocklist;
mod temporary;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use crate::crypto::normalise;
use crate::web::forms::FormErrors;

use blocklist::{core, is_common};

pub use temporary::{LEAST_FROM_SHEET, SheetPasswordFault, TemporaryPassword, normalise_temporary};

/// For how many days a temporary password is good.
pub const TEMPORARY_DAYS: i64 = 90;

/// Lengths of own passwords, in characters after [normalisation](normalise).
pub const LEAST_FOR_STAFF: usize = 12;
pub const LEAST_FOR_PUPILS: usize = 8;
pub const MOST_CHARACTERS: usize = 200;

/// The fewest letters that a part of a school's name must have to count as it: below that it is a word
/// that may stand in a password by chance.
const LEAST_OF_SCHOOL_NAME: usize = 6;

/// Whose password is judged. What is not known stays empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyContext<'a> {
    /// Everyone but pupils: staff, students in higher education, operators, companies.
    pub staff: bool,
    pub person_name: &'a str,
    pub school_name: &'a str,
    /// The e-mail, or the whole login ("khaintm@79000701").
    pub login: &'a str,
    /// The temporary password that is being spent: it stands on paper and must not live on.
    pub temporary: Option<&'a TemporaryPassword>,
}

/// What is wrong with an own password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    TooShortForStaff,
    TooShortForPupil,
    TooLong,
    Common,
    PersonName,
    SchoolName,
    Login,
    Temporary,
}

impl PasswordFault {
    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::TooShortForStaff => "password-too-short-staff",
            Self::TooShortForPupil => "password-too-short-pupil",
            Self::TooLong => "password-too-long",
            Self::Common => "password-common",
            Self::PersonName => "password-person-name",
            Self::SchoolName => "password-school-name",
            Self::Login => "password-login",
            Self::Temporary => "password-temporary",
        }
    }
}

/// Judges an own password that someone wants to set.
///
/// # Errors
/// The first fault found.
pub fn check(password: &str, context: &PolicyContext<'_>) -> Result<(), PasswordFault> {
    let password = normalise(password);
    check_length(password.chars().count(), context.staff)?;
    if context.temporary.is_some_and(|temporary| temporary.accepts(&password)) {
        return Err(PasswordFault::Temporary);
    }
    let folded = fold(&password);
    let is_made_of = |names: &[String]| names.iter().any(|name| *name == *folded || name == core(&folded));
    if is_made_of(&names_of_person(context.person_name)) {
        return Err(PasswordFault::PersonName);
    }
    if is_made_of(&names_of_school(context.school_name)) {
        return Err(PasswordFault::SchoolName);
    }
    if is_made_of(&forms_of_login(context.login)) {
        return Err(PasswordFault::Login);
    }
    if is_common(&password) {
        return Err(PasswordFault::Common);
    }
    Ok(())
}

/// Says what is wrong with a password that was typed twice, with all else of its form and before anything is hashed.
pub fn judge_twice(password: &str, again: &str, context: &PolicyContext<'_>, faults: &mut FormErrors) {
    if password.is_empty() {
        faults.add("password", "fault-password-missing");
    } else if let Err(fault) = check(password, context) {
        faults.add("password", fault.key());
    } else if normalise(password) != normalise(again) {
        faults.add("password_again", "fault-password-not-repeated");
    }
}

fn check_length(characters: usize, staff: bool) -> Result<(), PasswordFault> {
    match (characters, staff) {
        (..LEAST_FOR_STAFF, true) => Err(PasswordFault::TooShortForStaff),
        (..LEAST_FOR_PUPILS, false) => Err(PasswordFault::TooShortForPupil),
        (..=MOST_CHARACTERS, _) => Ok(()),
        _ => Err(PasswordFault::TooLong),
    }
}

/// Small letters and digits only, without marks, spaces and signs: "Nguyễn Văn Đạt" is "nguyenvandat".
fn fold(text: &str) -> Zeroizing<String> {
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric());
    Zeroizing::new(bare.flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c }).collect())
}

fn folded_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || "-,.()".contains(c));
    words.map(|word| fold(word).to_string()).filter(|word| !word.is_empty()).collect()
}

/// Every run of words of `words`, written together: "vandat" and "dat" of "Nguyễn Văn Đạt".
fn runs(words: &[String]) -> impl Iterator<Item = String> {
    (1..=words.len()).flat_map(|length| words.windows(length).map(|run| run.concat()))
}

/// The ways in which a name serves as a password: whole or in part, and with the given name in front.
fn names_of_person(name: &str) -> Vec<String> {
    let words = folded_words(name);
    let reversed: Vec<String> = words.iter().rev().cloned().collect();
    let mut names: Vec<String> = runs(&words).chain(runs(&reversed)).collect();
    if let [family, rest @ ..] = words.as_slice()
        && let [middle @ .., given] = rest
    {
        names.push(format!("{family}{given}"));
        names.push(format!("{given}{family}"));
        names.push(format!("{given}{family}{}", middle.concat()));
    }
    names
}

fn names_of_school(name: &str) -> Vec<String> {
    runs(&folded_words(name)).filter(|run| run.chars().count() >= LEAST_OF_SCHOOL_NAME).collect()
}

/// The login whole, either side of its @, and the side before it without its digits.
fn forms_of_login(login: &str) -> Vec<String> {
    let (name, place) = login.split_once('@').unwrap_or((login, ""));
    let name = fold(name);
    let forms = [fold(login).to_string(), core(&name).to_owned(), name.to_string(), fold(place).to_string()];
    forms.into_iter().filter(|form| !form.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUPIL: PolicyContext<'_> = PolicyContext {
        staff: false,
        person_name: "Nguyễn Trần Minh Khải",
        school_name: "Trường THPT Nguyễn Thị Minh Khai",
        login: "khaintm2@79000701",
        temporary: None,
    };
    const TEACHER: PolicyContext<'_> = PolicyContext {
        staff: true,
        person_name: "Đặng Thị Thu Hương",
        school_name: "Trường THCS số 1 Lào Cai",
        login: "huong.dtt@laocai.edu.vn",
        temporary: None,
    };

    fn fault(password: &str, context: &PolicyContext<'_>) -> PasswordFault {
        check(password, context).expect_err(password)
    }

    #[test]
    fn length_is_counted_in_characters_after_normalising() {
        assert_eq!(check("trăng sáng", &PUPIL), Ok(()));
        assert_eq!(fault("trăng s", &PUPIL), PasswordFault::TooShortForPupil);
        assert_eq!(fault("tra\u{306}ng s", &PUPIL), PasswordFault::TooShortForPupil);
        assert_eq!(fault("trăng sáng", &TEACHER), PasswordFault::TooShortForStaff);
        assert_eq!(check("trăng sáng quá", &TEACHER), Ok(()));
        let long = "trăng sáng quá ".repeat(14);
        assert_eq!(fault(&long, &TEACHER), PasswordFault::TooLong);
        let longest: String = "trăng sáng quá, ".repeat(13).chars().take(MOST_CHARACTERS).collect();
        assert_eq!(check(&longest, &TEACHER), Ok(()));
    }

    #[test]
    fn no_kinds_of_characters_are_demanded() {
        for password in ["bongbaybay", "79316482", "!@#$%^&*;:", "BONG BAY BAY"] {
            assert_eq!(check(password, &PUPIL), Ok(()), "{password}");
        }
    }

    #[test]
    fn the_own_name_is_refused_in_its_usual_disguises() {
        for password in [
            "nguyentranminhkhai",
            "Nguyễn Trần Minh Khải",
            "minhkhai",
            "MinhKhai2011",
            "khai12345",
            "2011@Khải",
            "khainguyen",
            "nguyenkhai",
            "Khai Minh Tran Nguyen",
            "khai.nguyen.tran.minh",
        ] {
            assert_eq!(fault(password, &PUPIL), PasswordFault::PersonName, "{password}");
        }
        assert_eq!(fault("danghuong@1985", &TEACHER), PasswordFault::PersonName);
        assert_eq!(check("minhkhaithichdabong", &PUPIL), Ok(()));
    }

    #[test]
    fn the_schools_name_is_refused() {
        for password in ["THPT Nguyễn Thị Minh Khai", "nguyenthi", "thptnguyenthi2026"] {
            assert_eq!(fault(password, &PUPIL), PasswordFault::SchoolName, "{password}");
        }
        for password in ["thcsso1laocai", "thcs số 1 Lào Cai 2026", "truongthcsso1"] {
            assert_eq!(fault(password, &TEACHER), PasswordFault::SchoolName, "{password}");
        }
    }

    #[test]
    fn the_login_is_refused() {
        for password in ["khaintm2@79000701", "KhaiNTM2026", "79000701", "khaintm!"] {
            assert_eq!(fault(password, &PUPIL), PasswordFault::Login, "{password}");
        }
        for password in ["huong.dtt@laocai.edu.vn", "huongdtt1985!", "laocai.edu.vn"] {
            assert_eq!(fault(password, &TEACHER), PasswordFault::Login, "{password}");
        }
    }

    #[test]
    fn the_temporary_password_does_not_live_on() {
        let temporary = TemporaryPassword::generate(&crate::clock::Randomness::seeded(1));
        let context = PolicyContext { temporary: Some(&temporary), ..PUPIL };
        let typed = temporary.as_str().to_uppercase();
        assert_eq!(fault(&typed, &context), PasswordFault::Temporary);
        assert_eq!(check(&typed, &PUPIL), Ok(()));
    }

    #[test]
    fn common_ones_are_refused() {
        for password in ["12345678", "matkhau123", "anhyeuem123"] {
            assert_eq!(fault(password, &PUPIL), PasswordFault::Common, "{password}");
        }
        for password in ["matkhau123456", "Password2024!", "giaovien@2026"] {
            assert_eq!(fault(password, &TEACHER), PasswordFault::Common, "{password}");
        }
    }

    #[test]
    fn nothing_known_refuses_nothing() {
        assert_eq!(check("!!!???;;;", &PolicyContext::default()), Ok(()));
        assert_eq!(check("79316482", &PolicyContext::default()), Ok(()));
    }

    #[test]
    fn folding_leaves_bare_letters_and_digits() {
        assert_eq!(fold("Nguyễn Văn Đạt - 10A1").as_str(), "nguyenvandat10a1");
        assert_eq!(fold("ƯỚC MƠ").as_str(), "uocmo");
    }

    /// Each fault has its sentence in both languages, and the sentence tells the number that is checked.
    #[test]
    fn sentences_exist_and_tell_the_truth() {
        let numbers = [
            (PasswordFault::TooShortForStaff.key(), Some(LEAST_FOR_STAFF)),
            (PasswordFault::TooShortForPupil.key(), Some(LEAST_FOR_PUPILS)),
            (PasswordFault::TooLong.key(), Some(MOST_CHARACTERS)),
            (PasswordFault::Common.key(), None),
            (PasswordFault::PersonName.key(), None),
            (PasswordFault::SchoolName.key(), None),
            (PasswordFault::Login.key(), None),
            (PasswordFault::Temporary.key(), None),
            (SheetPasswordFault::TooShort.key(), Some(LEAST_FROM_SHEET)),
            (SheetPasswordFault::TooLong.key(), Some(MOST_CHARACTERS)),
            (SheetPasswordFault::Common.key(), None),
        ];
        for ftl in [include_str!("../../locales/vi/passwords.ftl"), include_str!("../../locales/en/passwords.ftl")] {
            for (key, number) in numbers {
                let told = |line: &'static str| {
                    line.strip_prefix("fault-").unwrap_or(line).strip_prefix(key)?.strip_prefix(" = ")
                };
                let sentence = ftl.lines().find_map(told);
                let sentence = sentence.unwrap_or_else(|| panic!("{key} has no sentence"));
                assert!(number.is_none_or(|n| sentence.contains(&n.to_string())), "{sentence}");
            }
        }
    }
}
