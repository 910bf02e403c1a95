//! Vietnamese text as it arrives from keyboards, phones and spreadsheets, and as it is stored and searched.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text as it is stored: NFC, every kind of space folded to one and trimmed, invisible marks removed,
/// look-alikes of Đ replaced.
pub fn clean(text: &str) -> String {
    cleaned(text).into_owned()
}

/// [`clean`], without a copy of what is clean already.
pub fn cleaned(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let visible =
        text.chars().map(|c| if is_space(c) { ' ' } else { c }).filter(|&c| !is_invisible(c)).map(real_d).nfc();
    let mut cleaned = String::with_capacity(text.len());
    for c in visible {
        if c != ' ' || !(cleaned.is_empty() || cleaned.ends_with(' ')) {
            cleaned.push(c);
        }
    }
    if cleaned.ends_with(' ') {
        cleaned.pop();
    }
    Cow::Owned(cleaned)
}

/// The text for comparing and searching: [`clean`], lower-case, without marks ("Đặng Ái" is "dang ai"). What is
/// neither a letter nor a mark stays.
pub fn fold(text: &str) -> String {
    let cleaned = cleaned(text);
    if cleaned.is_ascii() {
        return cleaned.to_ascii_lowercase();
    }
    cleaned.nfd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).map(plain_d).collect()
}

/// The words that a text is found by: [`fold`]ed and split at whatever is neither letter nor digit.
pub fn words(text: &str) -> Vec<String> {
    let parts = |c: char| !c.is_alphanumeric() || is_apostrophe(c);
    fold(text).split(parts).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Apostrophes of the kinds that keyboards, phones and spreadsheets make: one and the same sign. Unicode counts some of
/// them among the letters.
pub fn is_apostrophe(c: char) -> bool {
    matches!(c,
        '\'' | '`' | '´' | '\u{2018}'..='\u{201B}' | '′' | '‵' | '\u{02B9}'..='\u{02BF}' | '\u{02C8}' | '\u{02CA}'
        | '\u{02CB}' | '＇' | '｀' | '\u{A78B}' | '\u{A78C}')
}

/// Whether [`clean`] would leave the text as it is, as a fast path; most text is clean. Composed letters of the Latin
/// blocks are NFC wherever they stand.
fn is_clean(text: &str) -> bool {
    let mut after_space = true;
    for c in text.chars() {
        match c {
            ' ' if after_space => return false,
            ' '..='~' => {}
            'À'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' if real_d(c) == c => {}
            _ => return false,
        }
        after_space = c == ' ';
    }
    !after_space || text.is_empty()
}

/// Spaces that Unicode does not count among them occur in spreadsheets too: the blank braille pattern and the fillers
/// of Hangul are invisible.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}' | '\u{FFA0}')
}

/// Invisible characters: controls, the soft hyphen, zero-width and direction marks, variation selectors, the byte-order
/// mark.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}')
}

/// Đ (U+0110) has two look-alikes: the Icelandic Ð of old fonts and keyboards, and the African Ɖ.
fn real_d(c: char) -> char {
    match c {
        '\u{00D0}' | '\u{0189}' => 'Đ',
        '\u{00F0}' | '\u{0256}' => 'đ',
        other => other,
    }
}

/// đ is a letter of its own, not a d with a mark: removing marks leaves it as it is.
fn plain_d(c: char) -> char {
    if c == 'đ' { 'd' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_invisible_marks_go() {
        assert_eq!(clean("  Nguyễn\u{a0}\u{a0}Văn \t Đạt\u{200b}\u{feff}\r\n"), "Nguyễn Văn Đạt");
        assert_eq!(clean("Ng\u{ad}uyễn\u{3000}An\u{200e}"), "Nguyễn An");
        assert_eq!(clean(" \u{a0}\u{200b} "), "");
    }

    #[test]
    fn a_zero_width_mark_between_a_letter_and_its_tone_does_not_part_them() {
        assert_eq!(clean("A\u{200b}\u{301}"), "Á");
    }

    #[test]
    fn letters_are_composed_and_look_alikes_of_d_replaced() {
        assert_eq!(clean("Nguye\u{302}\u{303}n"), "Nguyễn");
        assert_eq!(clean("\u{d0}\u{1ee9}c \u{f0}\u{189}\u{256}"), "Đức đĐđ");
    }

    #[test]
    fn folding_takes_marks_and_case_away() {
        assert_eq!(fold("Đặng  Thị ƯỚC"), "dang thi uoc");
        assert_eq!(fold("K'Brịch - 10A1"), "k'brich - 10a1");
        assert_eq!(fold("Y Ê-ban"), "y e-ban");
    }

    #[test]
    fn words_are_what_search_finds() {
        assert_eq!(words("Nguyễn Văn Đạt (10A1)"), ["nguyen", "van", "dat", "10a1"]);
        assert_eq!(words("H'Hen Niê, a.b@c.vn"), ["h", "hen", "nie", "a", "b", "c", "vn"]);
        assert!(words(" -– ").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn text_that_is_clean_at_a_glance_is_nfc(text in "[ -~À-\u{24F}\u{1E00}-\u{1EFF}]{0,20}") {
            if is_clean(&text) {
                proptest::prop_assert_eq!(text.nfc().collect::<String>(), text);
            }
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,40}") {
            let once = clean(&text);
            proptest::prop_assert_eq!(clean(&once), once);
        }
    }
}
