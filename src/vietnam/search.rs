//! A search text for people, as the words that they are found by.

use super::{phone, text};

/// The most words of a search: a name has eight, and each is searched for in the database.
pub const MOST_WORDS: usize = 10;

/// The longest search, in characters.
pub const MOST_CHARS: usize = 100;

/// Whether more was typed than is searched for. The caller reports that; [`words`] uses the first ones in any case.
#[must_use]
pub fn is_too_long(typed: &str) -> bool {
    let typed = typed.trim();
    typed.chars().count() > MOST_CHARS || all_words(typed).len() > MOST_WORDS
}

/// The first words of what was typed, as many as are searched for; see [`MOST_WORDS`].
#[must_use]
pub fn words(typed: &str) -> Vec<String> {
    let bounded: String = typed.trim().chars().take(MOST_CHARS).collect();
    let mut words = all_words(&bounded);
    words.truncate(MOST_WORDS);
    words
}

/// The words of what was typed: names, usernames, e-mails and identifiers as [`text::words`] has them; a whole login
/// without the school's part; a number, however it is written, as one word.
fn all_words(typed: &str) -> Vec<String> {
    let typed = text::cleaned(typed);
    let mut words = Vec::new();
    let mut number = String::new();
    for piece in typed.split(' ') {
        if phone::may_be_part(piece) {
            number.push_str(piece);
            continue;
        }
        words.extend(phone::as_dialled(&std::mem::take(&mut number)));
        words.extend(text::words(own_part(piece)));
    }
    words.extend(phone::as_dialled(&number));
    words
}

/// The part before the school's code in a login ("khaintm@79000701"): the code does not identify the person. After the
/// @ of an e-mail is a domain, which has a dot.
fn own_part(piece: &str) -> &str {
    match piece.rsplit_once('@') {
        Some((name, code)) if !name.is_empty() && !code.contains('.') => name,
        _ => piece,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_as_they_are_kept() {
        assert_eq!(words("Nguyễn Văn Đạt"), ["nguyen", "van", "dat"]);
        assert_eq!(words("H'Hen Niê"), ["h", "hen", "nie"]);
        assert_eq!(words("100%_x"), ["100", "x"]);
        assert!(words(" - + ").is_empty());
    }

    #[test]
    fn a_login_is_found_without_its_school_and_an_email_as_a_whole() {
        assert_eq!(words("anpt@79000701"), ["anpt"]);
        assert_eq!(words("  AnPT2@DH000001 "), ["anpt2"]);
        assert_eq!(words("a.b@truong.edu.vn"), ["a", "b", "truong", "edu", "vn"]);
        assert_eq!(words("@79000701"), ["79000701"]);
    }

    #[test]
    fn a_number_is_one_word_however_it_is_written() {
        for typed in ["0917160267", "0917 160 267", "0917.160.267", "0917-160-267", "+84 917 160 267", "+84917160267"] {
            assert_eq!(words(typed), ["0917160267"], "{typed}");
        }
        assert_eq!(words("lan 0917 160"), ["lan", "0917160"], "as far as it is typed");
        assert_eq!(words("+84 917 160 lan"), ["0917160", "lan"]);
        assert_eq!(words("079 211 001 234"), ["079211001234"]);
        assert_eq!(words("917160267"), ["917160267"], "may be another number as well");
        assert_eq!(words("10A1 7912"), ["10a1", "7912"]);
    }
}
