//! Where the pupils of a class go in the coming year, as a school would name it: 10A1 becomes 11A1, Mầm 1 becomes Chồi 1,
//! and those of the last grade finish.

use super::model::{DraftClass, PupilOutcome};
use crate::{
    access::SchoolKind,
    vietnam::{class_name, text},
};

/// What follows a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A class of this name, in this grade.
    Class(String, Option<String>),
    /// Its pupils finish school.
    Finish,
}

/// The grades after which pupils go to another school.
const LAST_GRADES: [u8; 3] = [5, 9, 12];

/// The labels of kindergartens by age, folded, as they are written, and what follows each.
const LABELS: [(&str, Option<&str>); 10] = [
    ("nha tre", Some("Mầm")),
    ("mam", Some("Chồi")),
    ("choi", Some("Lá")),
    ("la", None),
    ("mau giao be", Some("Mẫu giáo nhỡ")),
    ("mau giao nho", Some("Mẫu giáo lớn")),
    ("mau giao lon", None),
    ("mgb", Some("MGN")),
    ("mgn", Some("MGL")),
    ("mgl", None),
];

/// The age at which children leave kindergarten.
const LAST_AGE: u8 = 5;

/// The grade of a class: of its name, or as it was entered.
fn grade(name: &str, entered: Option<&str>) -> Option<u8> {
    class_name::grade(name).or_else(|| entered?.trim().parse().ok().filter(|grade| (1..=12).contains(grade)))
}

/// The last grade of a school with these classes, each with its name and grade; none where its highest grade leads on
/// within the school system's step, as in a school that still grows.
#[must_use]
pub fn last_grade<'a>(classes: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Option<u8> {
    classes.filter_map(|(name, entered)| grade(name, entered)).max().filter(|last| LAST_GRADES.contains(last))
}

/// What follows a class.
#[must_use]
pub fn next(kind: SchoolKind, name: &str, entered: Option<&str>, last: Option<u8>) -> Next {
    let same = |grade: Option<String>| Next::Class(name.to_owned(), grade);
    // In higher education a group is a year of entry, and keeps its name until it ends.
    if kind == SchoolKind::Higher {
        return same(entered.map(str::to_owned));
    }
    if let Some(now) = grade(name, entered) {
        if Some(now) == last || now == 12 {
            return Next::Finish;
        }
        let following = Some((now + 1).to_string());
        let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
        return match class_name::grade(name) {
            Some(_) => Next::Class(format!("{}{rest}", now + 1), following),
            None => same(following),
        };
    }
    // A kindergarten's class goes by its name; where that says no age, by what was entered for its grade.
    let of_grade = entered.and_then(by_label);
    match (by_label(name), of_grade) {
        (Some(Following::Nothing), _) | (None, Some(Following::Nothing)) => Next::Finish,
        (Some(Following::Label(name)), Some(Following::Label(grade))) => Next::Class(name, Some(grade)),
        (Some(Following::Label(name)), _) => Next::Class(name, None),
        (None, Some(Following::Label(grade))) => same(Some(grade)),
        (None, None) => same(entered.map(str::to_owned)),
    }
}

/// What follows a label.
enum Following {
    Label(String),
    /// Children of this age go to school.
    Nothing,
}

/// What follows the label of a kindergarten, be it the name of a class or a grade; nothing where it says no age.
fn by_label(label: &str) -> Option<Following> {
    let words: Vec<&str> = label.split_whitespace().collect();
    if let [age, years, rest @ ..] = words.as_slice()
        && text::words(years).first().is_some_and(|word| word == "tuoi")
    {
        let (age, begins) = later(age)?;
        let name = [&[age.as_str(), *years][..], rest].concat().join(" ");
        return Some(if begins > LAST_AGE { Following::Nothing } else { Following::Label(name) });
    }
    let folded = text::words(label);
    let is_first = |(known, _): &&(&str, Option<&str>)| {
        folded.get(..known.split(' ').count()).is_some_and(|head| head.join(" ") == *known)
    };
    let (known, following) = LABELS.iter().find(is_first)?;
    Some(match following {
        Some(following) => Following::Label(format!("{following}{}", behind_words(label, known.split(' ').count()))),
        None => Following::Nothing,
    })
}

/// What stands behind so many words.
fn behind_words(text: &str, count: usize) -> &str {
    let (mut seen, mut in_word) = (0, false);
    for (at, sign) in text.char_indices() {
        if in_word && !sign.is_alphanumeric() {
            seen += 1;
            if seen == count {
                return text.get(at..).unwrap_or_default();
            }
        }
        in_word = sign.is_alphanumeric();
    }
    ""
}

/// An age, or one and the next ("3-4"), a year later; with the age at which that year begins.
fn later(age: &str) -> Option<(String, u8)> {
    let (from, to) = age.split_once(['-', '–']).map_or((age, None), |(from, to)| (from, Some(to)));
    let from = from.parse::<u8>().ok()?.checked_add(1)?;
    match to {
        None => Some((from.to_string(), from)),
        Some(to) => Some((format!("{from}-{}", to.parse::<u8>().ok()?.checked_add(1)?), from)),
    }
}

/// Whether pupils of a class of this year may be in a class of the coming one: pupils who repeat a grade stay in it, and
/// promoted ones go up. A class without a grade fits.
#[must_use]
pub fn fits(class: &DraftClass, outcome: PupilOutcome, target: &str) -> bool {
    let now = class.grade.clone().or_else(|| grade_of(&class.name));
    let (Some(now), Some(then)) = (now, grade_of(target)) else { return true };
    match outcome {
        PupilOutcome::KeptBack => now == then,
        PupilOutcome::Promoted => match (now.parse::<u8>(), then.parse::<u8>()) {
            (Ok(now), Ok(then)) => then > now,
            _ => then != now,
        },
        _ => true,
    }
}

/// The grade of a class of the coming year that was named by a person, or follows from its name.
#[must_use]
pub fn grade_of(name: &str) -> Option<String> {
    class_name::grade(name).map(|grade| grade.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn following(name: &str, entered: Option<&str>, last: Option<u8>) -> String {
        match next(SchoolKind::K12, name, entered, last) {
            Next::Class(name, grade) => format!("{name} ({})", grade.unwrap_or_default()),
            Next::Finish => "finish".to_owned(),
        }
    }

    #[test]
    fn a_class_keeps_its_letter_and_the_last_grade_finishes() {
        for (name, expected) in
            [("10A1", "11A1 (11)"), ("6/2", "7/2 (7)"), ("9A", "10A (10)"), ("11 Anh", "12 Anh (12)")]
        {
            assert_eq!(following(name, None, Some(12)), expected);
        }
        assert_eq!(following("12A1", None, Some(12)), "finish");
        assert_eq!(following("9A", None, Some(9)), "finish");
        assert_eq!(following("Anh 1", Some("10"), Some(12)), "Anh 1 (11)");
        assert_eq!(following("Anh 1", Some("12"), Some(12)), "finish");
    }

    #[test]
    fn kindergartens_go_by_label_and_groups_keep_their_name() {
        for (name, expected) in [
            ("Nhà trẻ A", "Mầm A ()"),
            ("Mầm 1", "Chồi 1 ()"),
            ("Chồi 2", "Lá 2 ()"),
            ("Lá 1", "finish"),
            ("3 tuổi A", "4 tuổi A ()"),
            ("5 tuổi B", "finish"),
            ("3-4 tuổi A", "4-5 tuổi A ()"),
            ("4–5 tuổi", "5-6 tuổi ()"),
            ("5-6 tuổi B", "finish"),
            ("Mẫu giáo bé A1", "Mẫu giáo nhỡ A1 ()"),
            ("MGN 2", "MGL 2 ()"),
            ("Mẫu giáo lớn B", "finish"),
            ("Lá-1", "finish"),
            ("Chồi-2", "Lá-2 ()"),
            ("Hoa Hồng", "Hoa Hồng ()"),
        ] {
            assert_eq!(following(name, None, None), expected, "{name}");
        }
        // By the grade where the name says no age; and the grade goes on with the name.
        for (name, grade, expected) in [
            ("Hoa Hồng", "Mầm", "Hoa Hồng (Chồi)"),
            ("Hoa Hồng", "3-4 tuổi", "Hoa Hồng (4-5 tuổi)"),
            ("Hoa Mai", "Lá", "finish"),
            ("Mầm 1", "Mầm", "Chồi 1 (Chồi)"),
            ("Chồi 1", "Mẫu giáo nhỡ", "Lá 1 (Mẫu giáo lớn)"),
            ("Hoa Lan", "Khối sáng", "Hoa Lan (Khối sáng)"),
        ] {
            assert_eq!(following(name, Some(grade), None), expected, "{name}");
        }
        let group = next(SchoolKind::Higher, "CNTT-K45", None, None);
        assert_eq!(group, Next::Class("CNTT-K45".to_owned(), None));
    }

    #[test]
    fn pupils_who_repeat_a_grade_stay_in_it_and_promoted_ones_go_up() {
        let class = |name: &str| DraftClass {
            id: crate::ids::ClassId::nil(),
            name: name.to_owned(),
            grade: grade_of(name),
            target: None,
        };
        let fits = |name: &str, outcome, target: &str| fits(&class(name), outcome, target);
        assert!(fits("9A", PupilOutcome::Promoted, "10A") && fits("10A1", PupilOutcome::Promoted, "12A1"));
        assert!(!fits("10A1", PupilOutcome::Promoted, "10A2") && !fits("11A1", PupilOutcome::Promoted, "10A1"));
        assert!(fits("10A1", PupilOutcome::KeptBack, "10A9") && !fits("10A1", PupilOutcome::KeptBack, "11A1"));
        assert!(fits("Mầm 1", PupilOutcome::Promoted, "Mầm 1") && fits("10A1", PupilOutcome::Finished, ""));
    }

    #[test]
    fn the_last_grade_is_that_of_a_step() {
        let last = |names: &[&str]| last_grade(names.iter().map(|name| (*name, None)));
        assert_eq!(last(&["10A1", "11A1", "12A1"]), Some(12));
        assert_eq!(last(&["6A", "9A"]), Some(9));
        assert_eq!(last(&["6A", "9A", "10A"]), None, "it grows on");
        assert_eq!(last(&["1A", "5A"]), Some(5));
        assert_eq!(last(&["Mầm 1"]), None);
    }
}
