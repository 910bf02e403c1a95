//! The meaning of a column's header, in Vietnamese or English, in the words of SMAS, vnEdu, the ministry's database and
//! our own templates.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::names::NamePart;
use crate::{
    roster::fields::{Field, RosterKind},
    vietnam::text,
};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// The field itself.
    Whole(Field),
    /// Family and middle name, the given name standing in another column.
    FamilyMiddle,
    Family,
    Middle,
    Given,
    /// A part of the name of a mother or guardian.
    OfParent(Field, NamePart),
    BirthDay,
    BirthMonth,
    BirthYear,
    /// A mark in it says that the person is female.
    Female,
    /// A mark in it says that the person is male.
    Male,
    /// The row's number in the list.
    Ordinal,
    /// Known, and not used here: the father, marks, remarks.
    Unused,
}

impl Meaning {
    pub fn field(self) -> Option<Field> {
        match self {
            Self::Whole(field) | Self::OfParent(field, _) => Some(field),
            Self::FamilyMiddle | Self::Family | Self::Middle | Self::Given => Some(Field::FullName),
            Self::BirthDay | Self::BirthMonth | Self::BirthYear => Some(Field::BirthDate),
            Self::Female | Self::Male => Some(Field::Gender),
            Self::Ordinal | Self::Unused => None,
        }
    }

    pub fn is_name(self) -> bool {
        self.field() == Some(Field::FullName)
    }

    /// Of which name the column holds a part, and which part.
    pub fn name_part(self) -> Option<(Field, NamePart)> {
        match self {
            Self::Family => Some((Field::FullName, NamePart::Family)),
            Self::FamilyMiddle => Some((Field::FullName, NamePart::FamilyMiddle)),
            Self::Middle => Some((Field::FullName, NamePart::Middle)),
            Self::Given => Some((Field::FullName, NamePart::Given)),
            Self::OfParent(field, part) => Some((field, part)),
            _ => None,
        }
    }
}

/// A meaning, and how good a source it is: of two columns for the same field the one with the lower number is
/// asked first.
pub type Sense = (Meaning, u8);

/// The words of a header, without what does not matter: diacritics, case, the (*) of required columns, numbers before
/// and remarks behind it.
pub fn words_of(header: &str) -> Vec<String> {
    let header = without_remarks(header);
    let mut words = text::words(&header);
    while words.len() > 1 && words.first().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        words.remove(0);
    }
    words
}

/// Removes parentheses, except those that say which person the column is about.
fn without_remarks(header: &str) -> String {
    let mut kept = String::with_capacity(header.len());
    let mut rest = header;
    while let Some((before, after)) = rest.split_once('(') {
        kept.push_str(before);
        let (inner, after) = after.split_once(')').unwrap_or((after, ""));
        let words = text::words(inner);
        if Relation::of(&words) != Relation::Self_ || kept.trim().is_empty() {
            kept.push(' ');
            kept.push_str(inner);
        }
        kept.push(' ');
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// The person a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Self_,
    Mother,
    Guardian,
    /// Mother or father, not known which.
    Parent,
    /// The father, the homeroom teacher and others who are not kept.
    Other,
}

impl Relation {
    fn of(words: &[String]) -> Self {
        let has = |word: &str| words.iter().any(|w| w == word);
        let has_pair = |first: &str, second: &str| {
            words.windows(2).any(|pair| matches!(pair, [a, b] if a == first && b == second))
        };
        if has("gvcn") || has_pair("chu", "nhiem") || has("cvht") || has_pair("vo", "chong") {
            Self::Other
        } else if has_pair("giam", "ho") || has("guardian") || has_pair("bao", "ho") || has_pair("nuoi", "duong") {
            Self::Guardian
        } else if has("me") || has("mother") || has("ma") && has("ba") {
            if has("cha") || has("bo") || has("father") { Self::Parent } else { Self::Mother }
        } else if has("cha") || has("father") || has("bo") && !is_of_bureau(words) {
            Self::Other
        } else if has_pair("phu", "huynh") || has("ph") || has("phhs") || has("cmhs") || has("parent") || has("parents")
        {
            Self::Parent
        } else {
            Self::Self_
        }
    }
}

/// Without diacritics "bố" (father) is "bộ" (ministry) and the beginning of "bộ môn" (department).
fn is_of_bureau(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        matches!(pair, [bo, next] if bo == "bo" && matches!(next.as_str(), "gd" | "gddt" | "giao" | "mon" | "cong" | "y" | "phan"))
    }) || matches!(words, [.., last] if last == "bo" && words.len() > 2 && words.iter().any(|word| word == "danh"))
        || words.iter().any(|word| word == "can")
}

/// Words, alone or in pairs, which say that a column is about the person in the row.
const SELF: &[&str] =
    &["hs", "sv", "gv", "cb", "cbgv", "student", "students", "pupil", "teacher", "s", "cua", "of", "the"];
const SELF_PAIRS: &[[&str; 2]] =
    &[["hoc", "sinh"], ["sinh", "vien"], ["giao", "vien"], ["can", "bo"], ["nhan", "vien"], ["nhan", "su"]];

/// And those for a parent or guardian.
const PARENT: &[&str] = &[
    "me", "mother", "ma", "ba", "ong", "cha", "bo", "father", "guardian", "ph", "phhs", "cmhs", "parent", "parents",
    "nguoi", "hoac", "or",
];
const PARENT_PAIRS: &[[&str; 2]] = &[["giam", "ho"], ["phu", "huynh"], ["bao", "ho"], ["nuoi", "duong"]];

/// The column's topic without the words for the person; the words run together.
fn subject_of(words: &[String], person: Relation) -> String {
    let (singles, pairs): (Vec<&[&str]>, Vec<&[[&str; 2]]>) = match person {
        Relation::Self_ => (vec![SELF], vec![SELF_PAIRS]),
        _ => (vec![SELF, PARENT], vec![SELF_PAIRS, PARENT_PAIRS]),
    };
    let is_pair = |first: &str, second: &str| pairs.iter().any(|pairs| pairs.contains(&[first, second]));
    let is_single = |word: &str| singles.iter().any(|singles| singles.contains(&word));
    let mut subject = String::new();
    let mut rest = words;
    while let [word, after @ ..] = rest {
        rest = match after {
            [next, beyond @ ..] if is_pair(word, next) => beyond,
            _ => {
                if !is_single(word) {
                    subject.push_str(word);
                }
                after
            }
        };
    }
    subject
}

/// The longest text that is taken for a header, in characters.
const MAX_HEADER_CHARS: usize = 80;

/// Separates the two parts of a two-line header where it is shown in one.
pub const BELOW: &str = " – ";

/// The sense of a header.
pub fn sense(header: &str, kind: RosterKind) -> Option<Sense> {
    if header.chars().count() > MAX_HEADER_CHARS {
        return None;
    }
    if let Some((parent, header)) = header.split_once(BELOW) {
        return sense_under(parent, header, kind);
    }
    let words = words_of(header);
    if words.is_empty() {
        return None;
    }
    let person = Relation::of(&words);
    let sense = own(&words.concat(), header).or_else(|| of_person(person, &words, header))?;
    Some(suited(sense, kind))
}

/// The sense of a header that stands below another one, which spans it.
pub fn sense_under(parent: &str, header: &str, kind: RosterKind) -> Option<Sense> {
    let person = Relation::of(&words_of(parent));
    let words = words_of(header);
    if person != Relation::Self_ && Relation::of(&words) == Relation::Self_ {
        return of_person(person, &words, header).map(|sense| suited(sense, kind));
    }
    let together = format!("{parent} {header}").replace(BELOW, " ");
    sense(&together, kind).or_else(|| sense(&header.replace(BELOW, " "), kind))
}

fn of_person(person: Relation, words: &[String], header: &str) -> Option<Sense> {
    let about = subject_of(words, person);
    match person {
        Relation::Self_ => own(&about, header),
        Relation::Mother => Some(of_parent(&about, header, Field::MotherName, Field::MotherBirthYear, 2)),
        Relation::Guardian => Some(of_parent(&about, header, Field::GuardianName, Field::GuardianBirthYear, 2)),
        Relation::Parent => Some(of_parent(&about, header, Field::GuardianName, Field::GuardianBirthYear, 3)),
        Relation::Other => Some((Meaning::Unused, 0)),
    }
}

/// Excludes columns that this kind of list does not use, though another kind does.
fn suited((meaning, rank): Sense, kind: RosterKind) -> Sense {
    if kind == RosterKind::Classes {
        let is_used = matches!(meaning, Meaning::Whole(Field::Class | Field::Grade) | Meaning::Ordinal);
        return if is_used { (meaning, rank) } else { (Meaning::Unused, 0) };
    }
    let teachers = matches!(kind, RosterKind::Teachers | RosterKind::HigherTeachers);
    let higher = matches!(kind, RosterKind::HigherStudents | RosterKind::HigherTeachers);
    let unused = match meaning {
        Meaning::Whole(Field::Class | Field::MotherName | Field::MotherBirthYear) => teachers,
        Meaning::Whole(Field::GuardianName | Field::GuardianBirthYear) | Meaning::OfParent(..) => teachers,
        Meaning::Whole(Field::Department) => !higher,
        Meaning::Whole(Field::Grade) => true,
        _ => false,
    };
    if unused { (Meaning::Unused, 0) } else { (meaning, rank) }
}

/// What is known of a parent: name, or a part of it, birth year, and how to reach the family.
fn of_parent(about: &str, header: &str, name: Field, birth_year: Field, rank: u8) -> Sense {
    if about.is_empty() {
        return (Meaning::Whole(name), rank - 2);
    }
    match own(about, header).map(|(meaning, _)| meaning) {
        Some(Meaning::Whole(Field::FullName)) => (Meaning::Whole(name), rank - 2),
        Some(Meaning::Whole(Field::BirthDate) | Meaning::BirthYear) => (Meaning::Whole(birth_year), rank - 2),
        Some(meaning @ Meaning::Whole(Field::Phone | Field::Email)) => (meaning, rank),
        known => match known.and_then(Meaning::name_part) {
            Some((_, part)) => (Meaning::OfParent(name, part), rank - 2),
            None => (Meaning::Unused, 0),
        },
    }
}

/// The sense of a header, its words run together, about the person in the row.
fn own(about: &str, header: &str) -> Option<Sense> {
    // Năm (year) and Nam (male) differ by a diacritic only.
    if about == "nam" {
        let is_year = text::clean(header).to_lowercase().contains('ă');
        return Some((if is_year { Meaning::BirthYear } else { Meaning::Male }, 0));
    }
    let sense = KNOWN.get(about).copied();
    // A year group (khóa) is no department (khoa).
    let is_year_group = || text::clean(header).to_lowercase().contains(['ó', 'á']);
    match sense {
        Some((Meaning::Whole(Field::Department), _)) if is_year_group() => Some((Meaning::Unused, 0)),
        sense => sense,
    }
}

/// The known headers, each with its words run together.
static KNOWN: LazyLock<HashMap<String, Sense>> = LazyLock::new(|| {
    let lines = include_str!("headers.txt").lines().filter_map(|line| line.split_once('='));
    let senses = lines.filter_map(|(meaning, headers)| Some((sense_named(meaning)?, headers)));
    senses
        .flat_map(|(sense, headers)| headers.split(',').map(move |header| (text::words(header).concat(), sense)))
        .collect()
});

/// The sense that a line of the list names: "birth_date 1".
fn sense_named(name: &str) -> Option<Sense> {
    let mut words = name.split_whitespace();
    let meaning = match words.next()? {
        "ordinal" => Meaning::Ordinal,
        "unused" => Meaning::Unused,
        "family_middle" => Meaning::FamilyMiddle,
        "family" => Meaning::Family,
        "middle" => Meaning::Middle,
        "given" => Meaning::Given,
        "birth_day" => Meaning::BirthDay,
        "birth_month" => Meaning::BirthMonth,
        "birth_year" => Meaning::BirthYear,
        "female" => Meaning::Female,
        "male" => Meaning::Male,
        field => Meaning::Whole(Field::from_key(field)?),
    };
    Some((meaning, words.next().and_then(|rank| rank.parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(header: &str) -> Option<Meaning> {
        sense(header, RosterKind::Students).map(|(meaning, _)| meaning)
    }

    #[test]
    fn headers_are_known_in_many_spellings() {
        let field = |field| Some(Meaning::Whole(field));
        for (header, expected) in [
            ("Họ và tên (*)", field(Field::FullName)),
            ("HỌ VÀ TÊN", field(Field::FullName)),
            ("HoTen", field(Field::FullName)),
            ("Họ và tên học sinh", field(Field::FullName)),
            ("Họ đệm", Some(Meaning::FamilyMiddle)),
            ("Tên", Some(Meaning::Given)),
            ("Ngày, tháng, năm sinh", field(Field::BirthDate)),
            ("Ngày sinh (dd/mm/yyyy)", field(Field::BirthDate)),
            ("Giới tính (Nam/Nữ)", field(Field::Gender)),
            ("Nữ", Some(Meaning::Female)),
            ("Nam", Some(Meaning::Male)),
            ("Năm", Some(Meaning::BirthYear)),
            ("Lớp học", field(Field::Class)),
            ("Họ và tên mẹ", field(Field::MotherName)),
            ("Họ tên (mẹ)", field(Field::MotherName)),
            ("Tên mẹ", Some(Meaning::OfParent(Field::MotherName, NamePart::Given))),
            ("Họ đệm mẹ", Some(Meaning::OfParent(Field::MotherName, NamePart::FamilyMiddle))),
            ("Mother's last name", Some(Meaning::OfParent(Field::MotherName, NamePart::FamilyMiddle))),
            ("Mother first name", Some(Meaning::OfParent(Field::MotherName, NamePart::Given))),
            ("Họ người giám hộ", Some(Meaning::OfParent(Field::GuardianName, NamePart::Family))),
            ("Tên đệm của người giám hộ", Some(Meaning::OfParent(Field::GuardianName, NamePart::Middle))),
            ("Enrollment status", field(Field::Status)),
            ("Enrolment status", field(Field::Status)),
            ("Hiện trạng", field(Field::Status)),
            ("Năm sinh của mẹ", field(Field::MotherBirthYear)),
            ("Mother's full name", field(Field::MotherName)),
            ("Guardian's birth year", field(Field::GuardianBirthYear)),
            ("Họ và tên người giám hộ", field(Field::GuardianName)),
            ("Năm sinh người giám hộ", field(Field::GuardianBirthYear)),
            ("Tên cha", Some(Meaning::Unused)),
            ("Họ tên bố", Some(Meaning::Unused)),
            ("Năm sinh cha", Some(Meaning::Unused)),
            ("Nghề nghiệp mẹ", Some(Meaning::Unused)),
            ("SĐT PH", field(Field::Phone)),
            ("SĐT liên hệ", field(Field::Phone)),
            ("Số điện thoại mẹ", field(Field::Phone)),
            ("Số CMND", field(Field::NationalId)),
            ("CMND/CCCD", field(Field::NationalId)),
            ("Số định danh cá nhân", field(Field::NationalId)),
            ("Mã định danh Bộ GD&ĐT", field(Field::MoetId)),
            ("MoET identifier", field(Field::MoetId)),
            ("Chủ nhiệm lớp", Some(Meaning::Unused)),
            ("Bộ môn", None),
            ("1. Họ và tên", field(Field::FullName)),
            ("Cỡ giày", None),
            ("", None),
        ] {
            assert_eq!(meaning(header), expected, "{header}");
        }
    }

    #[test]
    fn the_list_of_headers_is_whole() {
        for line in include_str!("headers.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (meaning, headers) = line.split_once('=').unwrap();
            assert!(sense_named(meaning).is_some(), "{meaning}");
            assert!(headers.split(',').all(|header| !text::words(header).is_empty()), "{headers}");
        }
    }

    #[test]
    fn kinds_have_use_for_different_columns() {
        assert_eq!(sense("Lớp", RosterKind::Teachers), Some((Meaning::Unused, 0)));
        assert_eq!(sense("Khoa", RosterKind::HigherStudents), Some((Meaning::Whole(Field::Department), 0)));
        for year_group in ["Khóa", "Khoá", "KHÓA", "Tên khóa"] {
            assert_eq!(sense(year_group, RosterKind::HigherStudents), Some((Meaning::Unused, 0)), "{year_group}");
        }
        assert_eq!(sense("Group", RosterKind::HigherStudents), Some((Meaning::Whole(Field::Class), 0)));
    }
}
