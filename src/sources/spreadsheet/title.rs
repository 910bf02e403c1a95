//! A class that is only in the title ("DANH SÁCH LỚP 10A1") or in the sheet's name.

use crate::vietnam::{class_name, text};

/// Names by which kindergartens call their classes.
const KINDERGARTEN: &[&str] = &["mam", "choi", "la", "mgb", "mgn", "mgl", "nt"];

/// The class that a title names, as it stands there.
pub fn class_in_title(title: &str) -> Option<String> {
    let title = text::clean(title);
    let tokens: Vec<&str> = title
        .split(' ')
        .map(|token| token.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|token| !token.is_empty())
        .collect();
    let at = tokens.iter().position(|token| text::fold(token) == "lop")?;
    let name = *tokens.get(at + 1)?;
    let next = tokens.get(at + 2).copied().unwrap_or_default();
    let has_digit = |token: &str| token.chars().any(|c| c.is_ascii_digit());
    if is_number(name) {
        // "LỚP 10" is a grade; "LỚP 10 A1" a class.
        let is_letter_and_number =
            next.chars().next().is_some_and(char::is_alphabetic) && (has_digit(next) || next.chars().count() == 1);
        return (class_name::grade(name).is_some() && is_letter_and_number).then(|| format!("{name}{next}"));
    }
    if has_digit(name) && name.chars().count() <= 12 {
        return Some(name.to_owned());
    }
    if KINDERGARTEN.contains(&text::fold(name).as_str()) {
        let is_part = has_digit(next) && next.chars().count() <= 2 || next.chars().count() == 1;
        return Some(if is_part { format!("{name} {next}") } else { name.to_owned() });
    }
    None
}

/// The class that a sheet is named after.
pub fn class_in_sheet_name(sheet: &str) -> Option<String> {
    let sheet = text::clean(sheet);
    if let Some(class) = class_in_title(&sheet) {
        return Some(class);
    }
    let is_short = sheet.chars().count() <= 8 && sheet.split(' ').count() <= 2;
    (is_short && !is_number(&sheet) && class_name::grade(&sheet).is_some()).then_some(sheet)
}

/// The class that a line within a list begins: "Lớp 10A2", "LỚP: 10A2 - GVCN: …".
pub fn class_of_section(line: &str) -> Option<String> {
    let starts = text::words(line).first().is_some_and(|word| word == "lop" || word == "danh");
    if starts { class_in_title(line) } else { None }
}

fn is_number(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_classes() {
        let class = |title| class_in_title(title);
        assert_eq!(class("DANH SÁCH LỚP 10A1").as_deref(), Some("10A1"));
        assert_eq!(class("Danh sách học sinh lớp: 6/2 - Năm học 2026-2027").as_deref(), Some("6/2"));
        assert_eq!(class("DANH SÁCH HỌC SINH LỚP 10 A1 NĂM HỌC 2026-2027").as_deref(), Some("10A1"));
        assert_eq!(class("DANH SÁCH LỚP LÁ 2").as_deref(), Some("LÁ 2"));
        assert_eq!(class("DANH SÁCH HỌC SINH LỚP 10"), None);
        assert_eq!(class("DANH SÁCH LỚP CHỦ NHIỆM"), None);
        assert_eq!(class("Trường THPT Mẫu"), None);
    }

    #[test]
    fn sheets_are_named_after_classes() {
        assert_eq!(class_in_sheet_name("10A1").as_deref(), Some("10A1"));
        assert_eq!(class_in_sheet_name("Lớp 10A1").as_deref(), Some("10A1"));
        assert_eq!(class_in_sheet_name("Sheet1"), None);
        assert_eq!(class_in_sheet_name("10"), None);
        assert_eq!(class_in_sheet_name("2026-2027"), None);
    }
}
