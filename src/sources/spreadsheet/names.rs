//! Names that stand in several columns, put together in each row: lists mix rows in which one column repeats the others
//! with rows in which it does not.

use crate::vietnam::{name, text};

/// A part of a name that has a column of its own, in the order of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamePart {
    Family,
    /// Family and middle name.
    FamilyMiddle,
    Middle,
    Given,
}

/// The parts that a row has, in the order of the name and none of them empty.
pub type ShownParts = Vec<(NamePart, String)>;

/// The name that the parts make up.
pub fn of_parts(parts: &[(NamePart, String)]) -> Option<String> {
    parts.iter().map(|(_, part)| part.clone()).reduce(|name, part| joined(&name, &part))
}

/// The whole name with those parts that it lacks; nothing where it lacks none.
pub fn completed(whole: &str, parts: &[(NamePart, String)]) -> Option<String> {
    let fronts: ShownParts = parts.iter().filter(|(part, _)| *part != NamePart::Given).cloned().collect();
    let given = parts.iter().find(|(part, _)| *part == NamePart::Given).map(|(_, given)| given.as_str());
    let has_family = fronts.iter().any(|(part, _)| *part != NamePart::Middle);
    match (of_parts(&fronts), given) {
        (Some(front), Some(given)) if has_family => with_both(whole, &front, given),
        (Some(front), None) if has_family => with_front(whole, &front),
        (middle, Some(given)) => with_given(whole, middle.as_deref(), given),
        // Where in the whole name a middle name alone belongs is not known.
        (_, None) => None,
    }
}

/// Beside "Họ và tên" and all parts, the whole name is what has the most words; where neither has all words of the
/// other, an end that is missing is put to it.
fn with_both(whole: &str, front: &str, given: &str) -> Option<String> {
    let all = joined(front, given);
    if has_words(whole, &all) {
        return None;
    }
    if has_words(&all, whole) {
        return Some(all);
    }
    match (has_words(whole, front), ends_with(whole, given)) {
        (true, false) => Some(joined(whole, given)),
        (false, true) => Some(joined(front, whole)),
        // Two names that have nothing to do with each other.
        _ => None,
    }
}

/// "Surname | Name": a whole name, or what follows the surname. Nobody's name is written out as the surname alone.
fn with_front(whole: &str, front: &str) -> Option<String> {
    let (of_whole, of_front) = (words(whole).len(), words(front).len());
    let is_complete = has_words(whole, front) && (of_whole > of_front || of_front > 1);
    (!is_complete).then(|| joined(front, whole))
}

/// "Họ và tên | Tên": a name that has the given name, mostly at its end, or what stands before it. Behind a family and a middle
/// name that differ from it in marks alone, one of the two is mistyped.
fn with_given(whole: &str, middle: Option<&str>, given: &str) -> Option<String> {
    let (of_whole, of_given) = (words(whole), words(given));
    let has_more = of_whole.len() > of_given.len();
    let is_mistyped = of_whole.len() > 2
        && of_whole.iter().rev().zip(of_given.iter().rev()).all(|(word, other)| text::fold(word) == text::fold(other));
    if ends_with(whole, given) || has_more && has_words(whole, given) || is_mistyped {
        return None;
    }
    match middle.filter(|middle| !has_words(whole, middle)) {
        Some(middle) => Some(joined(&joined(whole, middle), given)),
        None => Some(joined(whole, given)),
    }
}

/// Two parts of a name, joined; where the second is the whole name and so begins with the first, that is not repeated.
/// Marks count, as "Hà" and "Hạ" are two names; notes do not, as "Vũ" and "Vũ (b)" are family and given name.
fn joined(name: &str, part: &str) -> String {
    let (front, back) = (name::match_key(name), name::match_key(part));
    match back.strip_prefix(&front) {
        Some(rest) if rest.starts_with(' ') => part.to_owned(),
        _ => format!("{name} {part}"),
    }
}

/// Whether one name has all words of the other, in whatever order.
pub fn has_words(name: &str, others: &str) -> bool {
    let name = words(name);
    words(others).iter().all(|other| name.iter().any(|word| is_same(word, other)))
}

fn ends_with(name: &str, given: &str) -> bool {
    let (name, given) = (words(name), words(given));
    let Some(before) = name.len().checked_sub(given.len()) else { return false };
    name.iter().skip(before).zip(&given).all(|(word, other)| is_same(word, other))
}

fn words(name: &str) -> Vec<String> {
    name::match_key(name).split_whitespace().map(str::to_owned).collect()
}

/// Whether two words are one name: typed with other capitals, with i for y or without any marks it is the same, with other
/// marks it is not.
fn is_same(word: &str, other: &str) -> bool {
    let is_respelt = || name::spelling_key(word) == name::spelling_key(other);
    word == other || is_respelt() || (word.is_ascii() || other.is_ascii()) && text::fold(word) == text::fold(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(shown: &[(NamePart, &str)]) -> ShownParts {
        shown.iter().map(|(part, shown)| (*part, (*shown).to_owned())).collect()
    }

    /// What a whole name comes to beside these parts.
    fn name_of(whole: &str, shown: &[(NamePart, &str)]) -> String {
        completed(whole, &parts(shown)).unwrap_or_else(|| whole.to_owned())
    }

    #[test]
    fn a_given_name_is_added_where_it_is_missing() {
        for (whole, given, expected) in [
            ("Trần Thị Thu An", "An", "Trần Thị Thu An"),
            ("La Văn", "An", "La Văn An"),
            ("La Văn", "Bình", "La Văn Bình"),
            ("TRẦN VĂN HOÀ", "Hòa", "TRẦN VĂN HOÀ"),
            ("Tran Van Dat", "Đạt", "Tran Van Dat"),
            ("Trần Thị Thu An", "Thu An", "Trần Thị Thu An"),
            ("Nguyễn Thái Minh (b)", "Minh", "Nguyễn Thái Minh (b)"),
            ("Trần Văn An A", "An", "Trần Văn An A"),
            ("Nguyễn Thị Mỹ", "Mĩ", "Nguyễn Thị Mỹ"),
            ("Phạm Thu Hằng", "Hàng", "Phạm Thu Hằng"),
            ("Anna Smith", "Anna", "Anna Smith"),
            ("Nguyễn Hà", "Hạ", "Nguyễn Hà Hạ"),
            ("Nguyễn Thuỳ", "Thúy", "Nguyễn Thuỳ Thúy"),
            ("Trần Văn", "Trần Văn An", "Trần Văn An"),
        ] {
            assert_eq!(name_of(whole, &[(NamePart::Given, given)]), expected, "{whole} + {given}");
        }
        let both = |whole: &str| name_of(whole, &[(NamePart::Middle, "Văn"), (NamePart::Given, "An")]);
        assert_eq!([both("Trần"), both("Trần Văn"), both("Trần Văn An")], ["Trần Văn An"; 3]);
    }

    #[test]
    fn a_surname_is_put_before_what_lacks_it() {
        for (whole, surname, expected) in [
            ("Văn An", "Trần", "Trần Văn An"),
            ("Trần Văn An", "Trần", "Trần Văn An"),
            ("Thu Tran", "Tran", "Thu Tran"),
            ("Vũ", "Vũ", "Vũ Vũ"),
            ("Trần An", "Trần An", "Trần An"),
        ] {
            assert_eq!(name_of(whole, &[(NamePart::FamilyMiddle, surname)]), expected, "{surname} + {whole}");
        }
        assert_eq!(name_of("Trần An", &[(NamePart::Middle, "Văn")]), "Trần An");
    }

    #[test]
    fn beside_all_parts_no_word_is_lost() {
        let beside = |whole: &str, family: &str, given: &str| {
            name_of(whole, &[(NamePart::Family, family), (NamePart::Given, given)])
        };
        assert_eq!(beside("Trần Văn An", "Trần", "An"), "Trần Văn An");
        assert_eq!(beside("Trần", "Trần", "An"), "Trần An");
        assert_eq!(beside("Trần Văn", "Trần", "An"), "Trần Văn An");
        assert_eq!(beside("Văn An", "Trần", "An"), "Trần Văn An");
        assert_eq!(beside("Lê Bình", "Trần", "An"), "Lê Bình");
        assert_eq!(completed("Trần Văn An", &[]), None);
    }

    #[test]
    fn parts_alone_are_joined_in_the_order_of_the_name() {
        let all = [(NamePart::Family, "Trần"), (NamePart::Middle, "Văn"), (NamePart::Given, "An")];
        assert_eq!(of_parts(&parts(&all)).as_deref(), Some("Trần Văn An"));
        let repeated = [(NamePart::FamilyMiddle, "Nguyễn Văn"), (NamePart::Given, "Nguyễn Văn An")];
        assert_eq!(of_parts(&parts(&repeated)).as_deref(), Some("Nguyễn Văn An"));
        assert_eq!(of_parts(&[]), None);
    }
}
