//! Where the pupils of a class go in the coming year, as a school would name it: 10A1 becomes 11A1, Mầm 1 becomes Chồi 1,
//! and those of the last grade finish.

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
const LABELS: [(&str, Option<&str>); 4] =
    [("nha tre", Some("Mầm")), ("mam", Some("Chồi")), ("choi", Some("Lá")), ("la", None)];

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
    by_label(name).unwrap_or_else(|| same(entered.map(str::to_owned)))
}

/// What follows a class of a kindergarten; nothing where its name says no age.
fn by_label(name: &str) -> Option<Next> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let folded = text::words(name);
    if let [age, years, rest @ ..] = words.as_slice()
        && folded.get(1).is_some_and(|word| word == "tuoi")
    {
        let age: u8 = age.parse().ok()?;
        let name = [&[&(age + 1).to_string(), *years][..], rest].concat().join(" ");
        return Some(if age >= LAST_AGE { Next::Finish } else { Next::Class(name, None) });
    }
    for (label, following) in LABELS {
        let length = label.split(' ').count();
        if folded.get(..length).is_some_and(|head| head.join(" ") == label) {
            let Some(following) = following else { return Some(Next::Finish) };
            let rest = words.get(length..).unwrap_or_default();
            let name = std::iter::once(following).chain(rest.iter().copied()).collect::<Vec<_>>().join(" ");
            return Some(Next::Class(name, None));
        }
    }
    None
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
            ("Hoa Hồng", "Hoa Hồng ()"),
        ] {
            assert_eq!(following(name, None, None), expected, "{name}");
        }
        let group = next(SchoolKind::Higher, "CNTT-K45", None, None);
        assert_eq!(group, Next::Class("CNTT-K45".to_owned(), None));
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
