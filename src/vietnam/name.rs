//! Names of people: family name, middle names, given name, in that order. People are called, listed and given
//! usernames by the given name, which stands last.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::text;

/// The longest name that is stored, in characters.
pub const MAX_CHARS: usize = 100;

/// The longest [`username_stem`], in characters; leaves space for a number after it.
pub const MAX_STEM_CHARS: usize = 24;

/// The shortest username that is stored, in characters; a stem is a username, too.
pub const MIN_STEM_CHARS: usize = 2;

/// The stem for names that have no Latin letter in them, and the end of that of a name with a single one.
const FALLBACK_STEM: &str = "hs";

/// What a name may have besides letters, their marks and spaces: "K'Brịch", "Y Ê-ban", "Nguyễn Văn An (b)".
const NAME_PUNCTUATION: &[char] = &['-', '–', '‐', '.', ',', '(', ')', '·'];

/// The tone marks of Vietnamese in decomposed text: grave, acute, tilde, hook above, dot below.
const TONES: &[char] = &['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// The name in its usual case ("Nguyễn Văn Đạt") when it was written ALL IN CAPITALS or all in small letters;
/// `None` when it is to be left as it is. In names of the highlands the letter behind an apostrophe is a capital
/// ("K'Brịch"), the one behind a hyphen is not ("Y Ê-ban").
pub fn usual_case(name: &str) -> Option<String> {
    let name = text::cleaned(name);
    let has_capitals = name.chars().any(char::is_uppercase);
    let has_small_letters = name.chars().any(char::is_lowercase);
    if has_capitals == has_small_letters {
        return None;
    }
    let mut cased = String::with_capacity(name.len());
    let mut opens_word = true;
    for c in name.chars() {
        if opens_word {
            cased.extend(c.to_uppercase());
        } else {
            cased.extend(c.to_lowercase());
        }
        opens_word = if c.is_alphabetic() && !text::is_apostrophe(c) {
            false
        } else {
            c == ' ' || c == '(' || text::is_apostrophe(c)
        };
    }
    (cased != name).then_some(cased)
}

/// The parts of a name. The first word is the family name, the last one the given name, all between them the middle
/// names; a single word is a given name. Notes in parentheses, by which schools tell namesakes apart, belong to no
/// part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub family: String,
    pub middle: String,
    pub given: String,
}

impl Parts {
    pub fn of(name: &str) -> Self {
        let name = without_notes(&text::cleaned(name));
        let words: Vec<&str> = name.split_whitespace().collect();
        match words.as_slice() {
            [] => Self::default(),
            [given] => Self { given: (*given).to_owned(), ..Self::default() },
            [family, middle @ .., given] => {
                Self { family: (*family).to_owned(), middle: middle.join(" "), given: (*given).to_owned() }
            }
        }
    }
}

/// The keys by which Vietnamese lists are sorted, in their order: given name, family name, middle names. To be
/// compared under the ICU collation `vi-x-icu`.
pub fn sort_keys(name: &str) -> [String; 3] {
    let Parts { family, middle, given } = Parts::of(name);
    [given, family, middle]
}

/// A key that is the same for spellings of one name: without regard to case, spaces, kinds of apostrophes, notes in
/// parentheses and the vowel that the tone mark was put on ("Hoà" is "Hòa"). Marks themselves count: "Thúy" is not
/// "Thùy".
pub fn match_key(name: &str) -> String {
    let name = case_key(&without_notes(&text::cleaned(name)));
    let words: Vec<String> = name.split_whitespace().map(with_tone_last).collect();
    words.join(" ")
}

/// A key that is the same for a name in capitals or small letters, whatever its apostrophes.
pub fn case_key(name: &str) -> String {
    let name = text::cleaned(name).to_lowercase();
    name.chars().map(|c| if text::is_apostrophe(c) { '\'' } else { c }).collect()
}

/// A [`match_key`] that is the same for i and y as well: "Mỹ" is "Mĩ".
pub fn spelling_key(name: &str) -> String {
    match_key(name).replace('y', "i")
}

/// The family names of nine in ten people, without marks.
const FAMILY_NAMES: [&str; 20] = [
    "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong",
    "ly", "dinh", "doan", "truong", "trinh",
];

/// Whether a word, in small letters without marks, is a frequent family name.
#[must_use]
pub fn is_frequent_family(word: &str) -> bool {
    FAMILY_NAMES.contains(&word)
}

/// A key that is the same for all names of which one may be written for the other: [`spelling_key`] without marks,
/// spaces and punctuation. Different names may share it.
pub fn loose_key(name: &str) -> String {
    loose_words(name).concat()
}

/// The [`loose_key`] of the given name.
pub fn loose_given(name: &str) -> String {
    loose_words(name).pop().unwrap_or_default()
}

fn loose_words(name: &str) -> Vec<String> {
    text::words(&without_notes(name)).into_iter().map(|word| word.replace('y', "i")).collect()
}

/// How alike two names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Nothing suggests the same person.
    Other,
    /// The given name is the same, or one name is a part of the other.
    Akin,
    /// The same but for marks, i and y, or the order of the words.
    Respelt,
    /// The same name, however it is typed.
    Same,
}

/// Compares two names.
pub fn likeness(one: &str, other: &str) -> Likeness {
    if match_key(one) == match_key(other) {
        return Likeness::Same;
    }
    let (mut one, mut other) = (loose_words(one), loose_words(other));
    let is_part = |part: &[String], whole: &[String]| part.len() > 1 && part.iter().all(|word| whole.contains(word));
    let is_akin = one.last() == other.last() || is_part(&one, &other) || is_part(&other, &one);
    if one.concat() == other.concat() {
        return Likeness::Respelt;
    }
    one.sort_unstable();
    other.sort_unstable();
    match (one == other, is_akin) {
        (true, _) => Likeness::Respelt,
        (false, true) => Likeness::Akin,
        (false, false) => Likeness::Other,
    }
}

/// What a username begins with: the given name and the initials of the names before it, in plain small letters
/// ("Trần Minh Khải" is "khaitm"). From [`MIN_STEM_CHARS`] to [`MAX_STEM_CHARS`] long, since a stem that nobody has yet
/// is a username as it is. Where the given name and the initials have one letter only, the other names are written in
/// full ("Lý 李明" is "ly"), and where the whole name has one, [`FALLBACK_STEM`] follows it ("Y" is "yhs").
pub fn username_stem(name: &str) -> String {
    let Parts { family, middle, given } = Parts::of(name);
    let others = [family, middle].join(" ");
    let mut stem = plain(&given);
    stem.extend(others.split_whitespace().filter_map(|word| plain(word).chars().next()));
    if stem.len() < MIN_STEM_CHARS {
        stem = plain(&given) + &plain(&others);
    }
    if stem.len() < MIN_STEM_CHARS {
        stem.push_str(FALLBACK_STEM);
    }
    stem.truncate(MAX_STEM_CHARS);
    stem
}

/// Whether this can be a person's name: letters, and nothing that no name has (digits, formulas, addresses).
pub fn is_plausible(name: &str) -> bool {
    name.chars().count() <= MAX_CHARS
        && name.chars().any(char::is_alphabetic)
        && name.chars().all(|c| c == ' ' || is_letter(c) || is_combining_mark(c) || is_punctuation(c))
        && (!name.contains('(') || !without_notes(name).trim().is_empty())
}

/// What names have besides letters.
fn is_punctuation(c: char) -> bool {
    NAME_PUNCTUATION.contains(&c) || text::is_apostrophe(c)
}

/// Whether this is a letter; those of the Latin blocks, which names are made of, have a fast path.
fn is_letter(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
        || c.is_alphabetic()
}

/// The name without the text in parentheses.
fn without_notes(name: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// The word with its tone mark behind it: old and new spelling put it on different vowels.
fn with_tone_last(word: &str) -> String {
    let (tones, letters): (String, String) = word.nfd().partition(|c| TONES.contains(c));
    letters.nfc().chain(tones.chars()).collect()
}

/// The plain small letters of a word.
fn plain(word: &str) -> String {
    text::fold(word).chars().filter(char::is_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cased(name: &str) -> Option<String> {
        usual_case(name)
    }

    #[test]
    fn capitals_and_small_letters_come_to_the_usual_case() {
        assert_eq!(cased("NGUYỄN VĂN ĐẠT").as_deref(), Some("Nguyễn Văn Đạt"));
        assert_eq!(cased("trần thanh lan").as_deref(), Some("Trần Thanh Lan"));
        assert_eq!(cased("  đỗ\u{a0}thị  ưng ").as_deref(), Some("Đỗ Thị Ưng"));
        assert_eq!(cased("Y Ê-BAN").as_deref(), Some("Y Ê-ban"));
        assert_eq!(cased("K'BRỊCH").as_deref(), Some("K'Brịch"));
        assert_eq!(cased("h’hen niê").as_deref(), Some("H’Hen Niê"));
        assert_eq!(cased("LÊ AN (B)").as_deref(), Some("Lê An (B)"));
    }

    #[test]
    fn a_name_in_mixed_case_is_left_alone() {
        for name in ["Nguyễn Văn Đạt", "Y Ê-ban", "Ka Brịch", "Nguyễn văn An", "", "12", "李"] {
            assert_eq!(cased(name), None, "{name}");
        }
    }

    #[test]
    fn parts_and_sort_keys() {
        assert_eq!(
            Parts::of("Nguyễn Thị Thu Phương"),
            Parts { family: "Nguyễn".into(), middle: "Thị Thu".into(), given: "Phương".into() }
        );
        assert_eq!(Parts::of("Lê An"), Parts { family: "Lê".into(), middle: String::new(), given: "An".into() });
        assert_eq!(Parts::of("Nguyễn Thái Minh (b)").given, "Minh");
        assert_eq!(Parts::of("An").given, "An");
        assert_eq!(Parts::of(" "), Parts::default());
        assert_eq!(sort_keys("Trần Minh Khải"), ["Khải", "Trần", "Minh"]);
    }

    #[test]
    fn spellings_of_one_name_have_one_key() {
        assert_eq!(match_key("Nguyễn Thị Hoà"), match_key("NGUYỄN  thị Hòa"));
        assert_eq!(match_key("Lê Thúy"), match_key("Lê Thuý (b)"));
        assert_ne!(match_key("Lê Thúy"), match_key("Lê Thùy"));
        assert_ne!(match_key("Lê Ân"), match_key("Lê An"));
    }

    #[test]
    fn apostrophes_of_every_kind_are_one() {
        for name in
            ["H’Hen Niê", "H‘Hen Niê", "HʼHen Niê", "H`Hen Niê", "H´Hen Niê", "H′Hen Niê", "H＇Hen Niê", "Hʻhen Niê"]
        {
            assert_eq!(match_key(name), match_key("H'Hen Niê"), "{name}");
            assert!(is_plausible(name), "{name}");
            assert_eq!(text::words(name), ["h", "hen", "nie"], "{name}");
        }
    }

    #[test]
    fn names_are_alike_in_degrees() {
        for (one, other, expected) in [
            ("Lê Thị Mỹ Kỳ", "LÊ THỊ MỸ KỲ", Likeness::Same),
            ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa", Likeness::Same),
            ("Lê Thị Mỹ Kỳ", "Lê Thị Mĩ Kì", Likeness::Respelt),
            ("Đỗ Đức Thử", "Do Duc Thu", Likeness::Respelt),
            ("Thu Trần", "Trần Thu", Likeness::Respelt),
            ("H'Hen Niê", "HHen Niê", Likeness::Respelt),
            ("Lường Thị Tên", "Hoàng Thị Tên", Likeness::Akin),
            ("Nguyễn Thị Hồng", "Nguyễn Thị Hồng Nhung", Likeness::Akin),
            ("Nguyễn Văn An", "Nguyễn Văn Bình", Likeness::Other),
            ("Phùng Gốc Một", "Doãn Khác Hẳn", Likeness::Other),
        ] {
            assert_eq!(likeness(one, other), expected, "{one} / {other}");
            assert_eq!(likeness(other, one), expected, "{other} / {one}");
        }
    }

    #[test]
    fn stems() {
        assert_eq!(username_stem("Trần Minh Khải"), "khaitm");
        assert_eq!(username_stem("Nguyễn Trần Minh Khải"), "khaintm");
        assert_eq!(username_stem("Đặng Đình Đức"), "ducdd");
        assert_eq!(username_stem("Y Ê-ban"), "ebany");
        assert_eq!(username_stem("H'Hen Niê"), "nieh");
        assert_eq!(username_stem("Nguyễn Thái Minh (b)"), "minhnt");
        assert_eq!(username_stem("An"), "an");
        assert_eq!(username_stem("李 小龙"), "hs");
        assert_eq!(username_stem(""), "hs");
        assert_eq!(username_stem("(b)"), "hs");
        assert_eq!(username_stem("Y"), "yhs");
        assert_eq!(username_stem("Ô"), "ohs");
        assert_eq!(username_stem("A"), "ahs");
        assert_eq!(username_stem("Lý 李明"), "ly");
        assert_eq!(username_stem("Ý 李"), "yhs");
        assert_eq!(username_stem("Ý Ê"), "ey");
        assert_eq!(username_stem(&format!("Lê {}", "Dài".repeat(20))).len(), MAX_STEM_CHARS);
    }

    #[test]
    fn what_can_be_a_name() {
        for name in ["Nguyễn Văn Đạt", "K'Brịch", "Y Ê-ban", "Nguyễn Thái Minh (b)", "An", "Nguyễn Thị M.", "ម៉ាលី"]
        {
            assert!(is_plausible(name), "{name}");
        }
        let long = "Dài ".repeat(26);
        for name in
            ["", "12", "Nguyễn Văn 3", "=HYPERLINK(\"http://x\",\"y\")", "a@b.vn", "---", "(b)", "+cmd|' /C'", &long]
        {
            assert!(!is_plausible(name), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_stem_is_always_usable(
            name in "\\PC{0,60}|[A-ZÀ-ỹ]|[A-ZÀ-ỹ] [\u{4e00}-\u{4eff}]{1,3}|[\u{1f600}-\u{1f64f} ]{0,4}[a-z]?"
        ) {
            let stem = username_stem(&name);
            proptest::prop_assert!((MIN_STEM_CHARS..=MAX_STEM_CHARS).contains(&stem.len()));
            proptest::prop_assert!(stem.bytes().all(|b| b.is_ascii_lowercase()));
        }
    }
}
