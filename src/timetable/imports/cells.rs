//! What stands in a cell of a sheet: a subject with its teacher, or a class with its subject, and sometimes a room.

use super::{LONGEST, SchoolNames};
use crate::vietnam::{class_name, text};

/// What schools write where there is no lesson.
const EMPTY: [&str; 6] = ["", "#", "-", "–", "x", "X"];

/// Written in place of a teacher or a room where there is none.
pub const NONE: &str = "–";

pub(super) fn is_empty(cell: &str) -> bool {
    EMPTY.contains(&cell.trim())
}

/// Longer than any cell of a timetable: it is not split, since each part of it would be looked up.
pub(super) fn is_too_long(cell: &str) -> bool {
    cell.chars().count() > LONGEST
}

pub(super) fn bounded(cell: &str) -> String {
    text::clean(cell).chars().take(LONGEST).collect()
}

/// "Văn (Phòng Lý)": the text before a room, and the room; only where the school has such a room, or the brackets say that
/// there is none.
fn room_of<'a>(cell: &'a str, known: &SchoolNames<'_>) -> (&'a str, Option<String>) {
    let Some(inner) = cell.trim_end().strip_suffix(')') else { return (cell, None) };
    // Names of rooms may have brackets themselves.
    let found = inner.match_indices('(').find_map(|(at, _)| {
        let (before, room) = (inner[..at].trim_end(), inner[at + 1..].trim());
        let is_none = is_empty(room);
        ((is_none || (known.is_room)(room)) && !before.is_empty())
            .then(|| (before, Some(if is_none { String::new() } else { bounded(room) })))
    });
    found.unwrap_or((cell, None))
}

/// The text before and after each character that may separate two names.
fn splits(cell: &str) -> Vec<(&str, &str)> {
    let dashes = cell.char_indices().filter(|(_, letter)| matches!(letter, '-' | '–' | '—' | '\n' | ':'));
    dashes.map(|(at, letter)| (cell[..at].trim(), cell[at + letter.len_utf8()..].trim())).collect()
}

fn teacher(name: &str) -> Option<String> {
    Some(if is_empty(name) { String::new() } else { bounded(name) })
}

/// A cell of a class: "Văn", "Văn - Hoa", "GDKT-PL\nHoa", "Toán (Lan)".
pub(super) fn of_class(cell: &str, known: &SchoolNames<'_>) -> (String, Option<String>, Option<String>) {
    let (cell, room) = room_of(cell, known);
    if (known.is_subject)(cell) {
        return (bounded(cell), None, room);
    }
    if let Some((subject, name)) = splits(cell).into_iter().rev().find(|(subject, _)| (known.is_subject)(subject)) {
        return (bounded(subject), teacher(name), room);
    }
    let in_brackets = cell.trim_end().strip_suffix(')').and_then(|cell| cell.rsplit_once('('));
    if let Some((subject, name)) = in_brackets.filter(|(subject, _)| !subject.trim().is_empty()) {
        return (bounded(subject), teacher(name), room);
    }
    // A subject that is not known yet: names of subjects have dashes, but no spaces around them.
    let parted = cell.split_once('\n').or_else(|| [" - ", " – "].iter().find_map(|dash| cell.rsplit_once(dash)));
    match parted {
        Some((subject, name)) => (bounded(subject), teacher(name), room),
        None => (bounded(cell), None, room),
    }
}

/// A cell of a teacher: "10A12-GDKT-PL", "10A1 Văn"; the class and the subject, none where it cannot be split.
pub(super) fn of_teacher(cell: &str, known: &SchoolNames<'_>) -> Option<(String, String, Option<String>)> {
    if is_too_long(cell) {
        return None;
    }
    let (cell, room) = room_of(cell.trim(), known);
    let with_spaces = cell.char_indices().filter(|(_, letter)| letter.is_whitespace());
    let with_spaces: Vec<(&str, &str)> =
        with_spaces.map(|(at, letter)| (cell[..at].trim(), cell[at + letter.len_utf8()..].trim())).collect();
    let all: Vec<(&str, &str)> = splits(cell)
        .into_iter()
        .chain(with_spaces)
        .filter(|(class, subject)| !class.is_empty() && !subject.is_empty())
        .collect();
    let both = all.iter().find(|(class, subject)| (known.is_class)(class) && (known.is_subject)(subject));
    let found = both.or_else(|| all.iter().find(|(class, _)| (known.is_class)(class))).or_else(|| all.first());
    found.map(|(class, subject)| (class_text(class), bounded(subject), room))
}

/// "Lớp 10A1", "TKB lớp 10A1" are 10A1.
pub(super) fn class_text(cell: &str) -> String {
    let cleaned = bounded(cell);
    let words: Vec<&str> = cleaned.split(' ').collect();
    let at = words.iter().rposition(|word| matches!(text::fold(word).trim_end_matches(':'), "lop" | "class"));
    let name = at.map_or(cleaned.clone(), |at| words[at + 1..].join(" "));
    class_name::normalise(name.trim_matches([' ', ':'])).unwrap_or(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known<T>(ask: impl FnOnce(&SchoolNames<'_>) -> T) -> T {
        const SUBJECTS: [&str; 4] = ["Văn", "Toán", "GDKT-PL", "SHDC"];
        ask(&SchoolNames {
            is_class: &|name| ["10A1", "10A12", "6/1"].contains(&name),
            is_subject: &|name| SUBJECTS.contains(&text::clean(name).as_str()),
            is_room: &|name| ["Phòng Lý", "Nhà (mới)"].contains(&name),
            morning: 5,
        })
    }

    #[test]
    fn cells_of_classes_are_parted_where_a_subject_ends() {
        for (cell, expected) in [
            ("Văn", ("Văn", None, None)),
            ("Văn - Hoa", ("Văn", Some("Hoa"), None)),
            ("GDKT-PL-Hoa", ("GDKT-PL", Some("Hoa"), None)),
            ("GDKT-PL\nLê Thị Hoa", ("GDKT-PL", Some("Lê Thị Hoa"), None)),
            ("Toán (Lan)", ("Toán", Some("Lan"), None)),
            ("Toán - Lan (Phòng Lý)", ("Toán", Some("Lan"), Some("Phòng Lý"))),
            ("Toán (Nhà (mới))", ("Toán", None, Some("Nhà (mới)"))),
            ("SHDC - – (–)", ("SHDC", Some(""), Some(""))),
            ("STEM-A - Lan", ("STEM-A", Some("Lan"), None)),
            ("STEM-A", ("STEM-A", None, None)),
        ] {
            let (subject, teacher, room) = known(|known| of_class(cell, known));
            assert_eq!((subject.as_str(), teacher.as_deref(), room.as_deref()), expected, "{cell}");
        }
    }

    #[test]
    fn cells_of_teachers_are_parted_where_a_class_ends() {
        for (cell, expected) in [
            ("10A12-GDKT-PL", Some(("10A12", "GDKT-PL", None))),
            ("6/1 - Toán (Phòng Lý)", Some(("6/1", "Toán", Some("Phòng Lý")))),
            ("10A1 Văn", Some(("10A1", "Văn", None))),
            ("10B7-STEM", Some(("10B7", "STEM", None))),
            ("xyz", None),
        ] {
            let found = known(|known| of_teacher(cell, known));
            let found =
                found.as_ref().map(|(class, subject, room)| (class.as_str(), subject.as_str(), room.as_deref()));
            assert_eq!(found, expected, "{cell}");
        }
        assert_eq!(known(|known| of_teacher(&"10A1 Văn ".repeat(50), known)), None, "too long");
    }
}
