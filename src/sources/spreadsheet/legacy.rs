//! Vietnamese encodings from before Unicode. TCVN3 and VNI put their letters in the places of Western ones and relied
//! on a font to draw them, so that other programs show such text as "NguyÔn" or "Nguyeãn".
//!
//! The tables are those of TCVN 5712:1993 (VN3) and of VNI Software's VNI-Windows fonts.

use std::{borrow::Cow, sync::LazyLock};

use encoding_rs::{MACINTOSH, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use super::{
    cell::{Cell, Font},
    syllable::SyllableLikeness,
};

/// The letters of TCVN3 from 0xA1 on; a space where it has none.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ \u{300}\u{309}\u{303}\u{301}\u{323}àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ";

/// How the text of cells is to be read when their font says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alphabet {
    #[default]
    Unicode,
    Tcvn3,
    Vni,
    /// Unicode whose bytes were taken for those of a code page and encoded once more.
    Utf8Twice,
}

impl Alphabet {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unicode => "utf-8",
            Self::Tcvn3 => "tcvn3",
            Self::Vni => "vni",
            Self::Utf8Twice => "utf-8-twice",
        }
    }

    /// The alphabet in which most of the texts are Vietnamese. Texts with letters beyond Western ones can only be
    /// Unicode, or its bytes in another code page; the others are tried in each.
    pub fn guess<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let (mut unicode, mut tcvn3, mut vni) =
            (SyllableLikeness::default(), SyllableLikeness::default(), SyllableLikeness::default());
        let (mut twice, mut beyond) = (SyllableLikeness::default(), SyllableLikeness::default());
        for text in texts.filter(|text| !text.is_ascii()) {
            let once = from_utf8_twice(text);
            if is_western(text) {
                unicode.add(text);
                tcvn3.add(&from_tcvn3(text));
                vni.add(&from_vni(text));
                twice.add(&once);
            } else if once == text {
                beyond.add(text);
            } else {
                unicode.add(text);
                twice.add(&once);
            }
        }
        let (alphabet, best) = if tcvn3.score() >= vni.score() { (Self::Tcvn3, tcvn3) } else { (Self::Vni, vni) };
        let (alphabet, best) = if best.score() >= twice.score() { (alphabet, best) } else { (Self::Utf8Twice, twice) };
        let is_likelier = best.score() > unicode.score() && best.words > beyond.words;
        if is_likelier && best.words >= 2 { alphabet } else { Self::Unicode }
    }
}

/// Converts a cell's text to Unicode, by its font or else by the alphabet of the table.
pub fn modernise(cell: &mut Cell<'_>, alphabet: Alphabet) {
    let Cell::Text(text, font) = cell else { return };
    if text.is_ascii() && *font != Font::Tcvn3Capitals {
        return;
    }
    let is_western = is_western(text);
    let modern = match (*font, alphabet) {
        (Font::Plain, Alphabet::Utf8Twice) => from_utf8_twice(text),
        // A few cells may have been pasted from elsewhere, with their bytes encoded once more.
        (Font::Plain, alphabet) if alphabet == Alphabet::Unicode || !is_western => match from_utf8_twice(text) {
            modern if modern != *text && SyllableLikeness::of(&modern).score() > SyllableLikeness::of(text).score() => {
                modern
            }
            _ => return,
        },
        _ if !is_western => return,
        (Font::Tcvn3, _) => from_tcvn3(text),
        (Font::Tcvn3Capitals, _) => from_tcvn3(text).to_uppercase(),
        (Font::Vni, _) => from_vni(text),
        (Font::Plain, Alphabet::Vni) => better(text, from_vni(text)),
        (Font::Plain, _) => better(text, from_tcvn3(text)),
    };
    *text = Cow::Owned(modern);
    *font = Font::Plain;
}

/// The original text where that is the more Vietnamese of the two.
fn better(text: &str, modern: String) -> String {
    if SyllableLikeness::of(text).score() > SyllableLikeness::of(&modern).score() { text.to_owned() } else { modern }
}

/// Whether all characters are in Windows-1252, at least one of them beyond ASCII.
fn is_western(text: &str) -> bool {
    text.chars().all(|c| byte_of(c).is_some())
}

/// The byte of a character in Windows-1252, or in Latin-1.
fn byte_of(c: char) -> Option<u8> {
    let [western, ..] = &*CODE_PAGES;
    u8::try_from(u32::from(c)).ok().or_else(|| byte_in(western, c))
}

/// The code pages for which the bytes of a text may have been taken: of Western Windows, of Vietnamese Windows, and of
/// the Macintosh. Each with its characters from 0x80 on.
static CODE_PAGES: LazyLock<[[char; 128]; 3]> = LazyLock::new(|| {
    [WINDOWS_1252, WINDOWS_1258, MACINTOSH].map(|page| {
        let mut byte = 0x7f_u8;
        [(); 128].map(|()| {
            byte = byte.saturating_add(1);
            page.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or_default()
        })
    })
});

/// The byte of a character in a code page.
fn byte_in(page: &[char; 128], c: char) -> Option<u8> {
    if c.is_ascii() {
        return u8::try_from(u32::from(c)).ok();
    }
    let place = page.iter().position(|other| *other == c)?;
    u8::try_from(place).ok().map(|place| 0x80 + place)
}

/// Text in UTF-8 whose bytes were taken for those of a code page, once or several times; unchanged where it is none.
pub fn from_utf8_twice(text: &str) -> String {
    let once_less = |text: &str| {
        CODE_PAGES.iter().find_map(|page| {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| byte_in(page, c)).collect();
            String::from_utf8(bytes?).ok().filter(|once| once != text)
        })
    };
    let mut text = text.to_owned();
    for _ in 0..MOST_TIMES {
        let Some(once) = once_less(&text) else { break };
        text = once;
    }
    text
}

/// One of these is in every Vietnamese text whose bytes were encoded twice.
pub const SIGNS_OF_TWICE: [char; 12] = ['Ã', 'Ä', 'Å', 'Æ', 'º', '»', 'Ă', '√', 'ƒ', '∆', '∫', 'ª'];

/// How often text may have been encoded again.
const MOST_TIMES: usize = 3;

/// Text in TCVN3 whose bytes were taken for Windows-1252.
pub fn from_tcvn3(text: &str) -> String {
    let letters: Vec<char> = TCVN3.chars().collect();
    let modern: String = text
        .chars()
        .map(|c| {
            let place = byte_of(c).and_then(|byte| byte.checked_sub(0xA1)).map(usize::from);
            place.and_then(|place| letters.get(place)).copied().filter(|letter| *letter != ' ').unwrap_or(c)
        })
        .nfc()
        .collect();
    let raised: String = modern.split_inclusive(|c: char| !c.is_alphabetic()).map(raise).collect();
    if is_title(&raised) { raised.split_inclusive(' ').map(capitalised).collect() } else { raised }
}

/// Whether every word that could begin with a capital does.
fn is_title(text: &str) -> bool {
    let mut firsts = text
        .split(' ')
        .filter_map(|word| word.chars().next())
        .filter(|c| c.is_alphabetic() && has_capital(*c))
        .peekable();
    firsts.peek().is_some() && firsts.all(char::is_uppercase)
}

/// Whether TCVN3 has a place for the letter as a capital.
fn has_capital(c: char) -> bool {
    c.is_ascii() || c.is_uppercase() || "ăâêôơưđ".contains(c)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Capitals with tones have no place in TCVN3: what is written in capitals has small letters among them.
fn raise(word: &str) -> Cow<'_, str> {
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    let small = word.chars().any(|c| c.is_ascii_lowercase());
    if capitals > 1 && !small { Cow::Owned(word.to_uppercase()) } else { Cow::Borrowed(word) }
}

/// Text in VNI whose bytes were taken for Windows-1252: letters are followed by their marks.
pub fn from_vni(text: &str) -> String {
    let mut modern = String::with_capacity(text.len());
    let mut carrier = false;
    for c in text.chars() {
        match vni_marks(c).filter(|_| carrier) {
            Some(marks) => {
                modern.push_str(marks);
                carrier = false;
            }
            None => {
                modern.push(vni_letter(c));
                carrier =
                    matches!(c, 'a' | 'e' | 'o' | 'u' | 'y' | 'ô' | 'ö' | 'A' | 'E' | 'O' | 'U' | 'Y' | 'Ô' | 'Ö');
            }
        }
    }
    modern.nfc().collect()
}

fn vni_letter(c: char) -> char {
    match c {
        'ñ' => 'đ',
        'Ñ' => 'Đ',
        'ô' => 'ơ',
        'Ô' => 'Ơ',
        'ö' => 'ư',
        'Ö' => 'Ư',
        'æ' => 'ỉ',
        'Æ' => 'Ỉ',
        'ó' => 'ĩ',
        'Ó' => 'Ĩ',
        'ò' => 'ị',
        'Ò' => 'Ị',
        'î' => 'ỵ',
        'Î' => 'Ỵ',
        other => other,
    }
}

fn vni_marks(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' | 'Ø' => "\u{300}",
        'ù' | 'Ù' => "\u{301}",
        'û' | 'Û' => "\u{309}",
        'õ' | 'Õ' => "\u{303}",
        'ï' | 'Ï' => "\u{323}",
        'â' | 'Â' => "\u{302}",
        'à' | 'À' => "\u{302}\u{300}",
        'á' | 'Á' => "\u{302}\u{301}",
        'å' | 'Å' => "\u{302}\u{309}",
        'ã' | 'Ã' => "\u{302}\u{303}",
        'ä' | 'Ä' => "\u{302}\u{323}",
        'ê' | 'Ê' => "\u{306}",
        'è' | 'È' => "\u{306}\u{300}",
        'é' | 'É' => "\u{306}\u{301}",
        'ú' | 'Ú' => "\u{306}\u{309}",
        'ü' | 'Ü' => "\u{306}\u{303}",
        'ë' | 'Ë' => "\u{306}\u{323}",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcvn3_is_read() {
        assert_eq!(from_tcvn3("Hä vµ tªn"), "Họ và tên");
        assert_eq!(from_tcvn3("NguyÔn Thóy H»ng"), "Nguyễn Thúy Hằng");
        assert_eq!(from_tcvn3("§Æng V¨n Ph\u{ad}¬ng"), "Đặng Văn Phương");
        assert_eq!(from_tcvn3("NGUYÔN THÞ LAN"), "NGUYỄN THỊ LAN");
        assert_eq!(from_tcvn3("Lª ¸i V©n"), "Lê Ái Vân");
        assert_eq!(from_tcvn3("Giíi tÝnh, ë líp"), "Giới tính, ở lớp");
    }

    #[test]
    fn vni_is_read() {
        assert_eq!(from_vni("Nguyeãn Thò Thuùy Haèng"), "Nguyễn Thị Thúy Hằng");
        assert_eq!(from_vni("Ñaëng Vaên Phöôïng"), "Đặng Văn Phượng");
        assert_eq!(from_vni("NGUYEÃN ÑÌNH LYÙ"), "NGUYỄN ĐÌNH LÝ");
        assert_eq!(from_vni("Hoï vaø teân"), "Họ và tên");
    }

    #[test]
    fn what_was_encoded_twice_is_read() {
        for page in [WINDOWS_1252, WINDOWS_1258, MACINTOSH] {
            let again = |text: &str| -> String {
                text.bytes().map(|byte| page.decode_without_bom_handling(&[byte]).0.into_owned()).collect()
            };
            let texts = ["Họ và tên", "Nguyễn Thị Hồng", "Đỗ Văn Vỡ", "Ngày sinh", "Hà", "ĂN UỐNG", "Lê Ái Vân"];
            for text in texts {
                assert_eq!(from_utf8_twice(&again(text)), text, "{}", page.name());
                assert_eq!(from_utf8_twice(&again(&again(text))), text, "{}", page.name());
                assert_eq!(from_utf8_twice(text), text);
                let mut cell = Cell::text(again(text), Font::Plain);
                modernise(&mut cell, Alphabet::Utf8Twice);
                assert_eq!(cell.shown(), text, "{}", page.name());
            }
            let table: Vec<String> = texts.iter().map(|text| again(text)).collect();
            assert_eq!(Alphabet::guess(table.iter().map(String::as_str)), Alphabet::Utf8Twice, "{}", page.name());
            // A few cells that were pasted into a table which is right.
            let mut cell = Cell::text(again("Nguyễn Thị Hà"), Font::Plain);
            modernise(&mut cell, Alphabet::Unicode);
            assert_eq!(cell.shown(), "Nguyễn Thị Hà", "{}", page.name());
        }
    }

    #[test]
    fn the_alphabet_is_told_by_the_words() {
        let guess = |texts: &[&str]| Alphabet::guess(texts.iter().copied());
        assert_eq!(guess(&["Hä vµ tªn", "NguyÔn Thóy H»ng"]), Alphabet::Tcvn3);
        assert_eq!(guess(&["Hoï vaø teân", "Nguyeãn Thò Thuùy Haèng"]), Alphabet::Vni);
        assert_eq!(
            guess(&["Họ và tên", "Nguyễn Hà Vân", "Lý Trí", "Võ Thành Công", "Hà Lý", "Lê Văn Tám"]),
            Alphabet::Unicode
        );
        assert_eq!(guess(&["Name", "Class"]), Alphabet::Unicode);
    }

    #[test]
    fn fonts_of_capitals_raise_what_they_draw() {
        let mut cell = Cell::text("NguyÔn thÞ lan", Font::Tcvn3Capitals);
        modernise(&mut cell, Alphabet::Unicode);
        assert_eq!(cell.shown(), "NGUYỄN THỊ LAN");
    }
}
