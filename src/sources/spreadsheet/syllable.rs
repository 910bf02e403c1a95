//! Whether a word can be Vietnamese: the test by which old encodings are told apart.

use unicode_normalization::UnicodeNormalization;

/// Initial sounds of a syllable, longer ones before their own prefixes.
const ONSETS: &[&str] = &[
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "q", "r", "s", "t", "v", "x", "",
];

/// The rest of the syllable, without tones.
const RHYMES: &[&str] = &[
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "ăc", "ăm", "ăn", "ăng", "ăp",
    "ăt", "âc", "âm", "ân", "âng", "âp", "ât", "âu", "ây", "e", "ec", "em", "en", "eng", "eo", "ep", "et", "ê", "êch",
    "êm", "ên", "ênh", "êp", "êt", "êu", "êc", "êng", "i", "ia", "ich", "im", "in", "inh", "ip", "it", "iu", "iêc",
    "iêm", "iên", "iêng", "iêp", "iêt", "iêu", "o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao",
    "oap", "oat", "oay", "oăc", "oăm", "oăn", "oăng", "oăt", "oc", "oe", "oen", "oeo", "oet", "oi", "om", "on", "ong",
    "oong", "ooc", "op", "ot", "ô", "ôc", "ôi", "ôm", "ôn", "ông", "ôp", "ôt", "ơ", "ơi", "ơm", "ơn", "ơp", "ơt", "u",
    "ua", "uân", "uâng", "uât", "uây", "uê", "uêch", "uênh", "uc", "ui", "um", "un", "ung", "uôc", "uôi", "uôm", "uôn",
    "uông", "uôt", "uôp", "up", "ut", "uy", "uya", "uych", "uyên", "uyêt", "uynh", "uyt", "uyp", "uyn", "uyu", "uơ",
    "ư", "ưa", "ưc", "ưi", "ưm", "ưn", "ưng", "ưt", "ưu", "ươc", "ươi", "ươm", "ươn", "ương", "ươp", "ươt", "ươu", "y",
    "yêm", "yên", "yêng", "yêt", "yêu", "ynh", "yt", "ych", "êu", "iêng",
];

/// Whether the letters of a word, in any case, make a Vietnamese syllable.
pub fn is_syllable(word: &str) -> bool {
    let letters: String = word.to_lowercase().nfd().filter(|c| !is_tone(*c)).nfc().collect();
    ONSETS
        .iter()
        .filter_map(|onset| letters.strip_prefix(onset).map(|rhyme| (*onset, rhyme)))
        .any(|(onset, rhyme)| RHYMES.contains(&rhyme) || onset == "gi" && is_rest_of_gi(rhyme))
}

/// The i of "gi" is the vowel too where no other one follows: gì, gìn, giêng.
fn is_rest_of_gi(rhyme: &str) -> bool {
    matches!(rhyme, "" | "n" | "m" | "ch" | "ng" | "êng" | "êt" | "êc")
}

fn is_tone(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')
}

/// How Vietnamese a text is: its words with letters beyond ASCII that can be Vietnamese, and those that cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyllableLikeness {
    pub words: i64,
    pub others: i64,
}

impl SyllableLikeness {
    pub fn of(text: &str) -> Self {
        let mut likeness = Self::default();
        likeness.add(text);
        likeness
    }

    pub fn add(&mut self, text: &str) {
        for word in text.split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic() || c.is_whitespace()) {
            if word.is_ascii() {
                continue;
            }
            if is_syllable(word) { self.words += 1 } else { self.others += 1 }
        }
    }

    pub fn score(self) -> i64 {
        self.words - 2 * self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_syllables() {
        for word in "Nguyễn Thị Quỳnh Phượng Đặng Giang Gì Huỳnh Uyên Ngọc Khuê Thuỷ Thủy Quốc ƯỚC Yến Nghĩa".split(' ')
        {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["NguyÔn", "Nguyeãn", "§Æng", "hÞ", "Müller"] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
