//! The encoding of a text file: given by its first bytes, or guessed from what makes it Vietnamese.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use super::{
    legacy::{from_tcvn3, from_vni},
    refusal::FileRefusal,
    syllable::SyllableLikeness,
};

/// The names under which encodings are offered.
pub const NAMES: [&str; 8] =
    ["utf-8", "utf-16le", "utf-16be", "windows-1258", "windows-1252", "tcvn3", "vni", "utf-8-twice"];

/// How much of a file is used for a guess, in bytes.
const GUESS_BYTES: usize = 64 * 1024;

/// Text, and the encoding that it was in. Of TCVN3 and VNI only the bytes have been decoded, as Windows-1252.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'b> {
    pub text: Cow<'b, str>,
    pub name: &'static str,
    /// Whether it was guessed, since nothing in the file said so.
    pub guessed: bool,
}

/// Decodes a text file.
///
/// # Errors
/// The encoding that was asked for is not one of [`NAMES`].
pub fn decode<'b>(bytes: &'b [u8], asked: Option<&str>) -> Result<Decoded<'b>, FileRefusal> {
    let (name, guessed) = match asked {
        Some(asked) => (named(asked)?, false),
        None => detect(bytes),
    };
    Ok(Decoded { text: decode_as(bytes, name), name, guessed })
}

fn named(asked: &str) -> Result<&'static str, FileRefusal> {
    let asked = asked.trim().to_ascii_lowercase();
    NAMES.into_iter().find(|name| *name == asked).ok_or(FileRefusal::UnknownEncoding)
}

/// The encoding, and whether it is only a guess.
fn detect(bytes: &[u8]) -> (&'static str, bool) {
    let start = bytes.get(..bytes.len().min(GUESS_BYTES)).unwrap_or(bytes);
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return ("utf-8", false);
    }
    if let Some((name, said)) = utf16_of(start) {
        return (name, !said);
    }
    if is_mostly_utf8(bytes) {
        return ("utf-8", false);
    }
    let candidates = ["windows-1258", "tcvn3", "vni", "windows-1252"];
    let likeness = |name: &str| {
        let text = decode_as(start, name);
        match name {
            "tcvn3" => SyllableLikeness::of(&from_tcvn3(&text)),
            "vni" => SyllableLikeness::of(&from_vni(&text)),
            _ => SyllableLikeness::of(&text),
        }
    };
    let best = candidates.into_iter().rev().max_by_key(|name| likeness(name).score());
    (best.unwrap_or("windows-1252"), true)
}

fn decode_as<'b>(bytes: &'b [u8], name: &str) -> Cow<'b, str> {
    let text = |encoding: &'static Encoding| encoding.decode_with_bom_removal(bytes).0;
    match name {
        "utf-16le" => text(UTF_16LE),
        "utf-16be" => text(UTF_16BE),
        // The tones are combining characters there.
        "windows-1258" => Cow::Owned(text(WINDOWS_1258).nfc().collect()),
        "windows-1252" => text(WINDOWS_1252),
        // Their letters are converted to Unicode cell by cell.
        "tcvn3" | "vni" => text(WINDOWS_1252),
        _ => text(UTF_8),
    }
}

/// UTF-16 by its mark (then the second value is true), or by the zeros that Western letters leave in it.
pub fn utf16_of(start: &[u8]) -> Option<(&'static str, bool)> {
    if start.starts_with(b"\xFF\xFE") {
        return Some(("utf-16le", true));
    }
    if start.starts_with(b"\xFE\xFF") {
        return Some(("utf-16be", true));
    }
    let pairs = start.len() / 2;
    let zeros = |offset: usize| start.chunks_exact(2).filter(|pair| pair.get(offset) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    if pairs >= 4 && second * 3 > pairs && first * 50 < pairs {
        Some(("utf-16le", false))
    } else if pairs >= 4 && first * 3 > pairs && second * 50 < pairs {
        Some(("utf-16be", false))
    } else {
        None
    }
}

/// UTF-8, perhaps with a few letters cut in half: bytes of another encoding do not form it by chance.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut letters, mut faults) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        faults += usize::from(!chunk.invalid().is_empty());
    }
    faults * 20 <= letters
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Họ và tên,Lớp\r\nNguyễn Thị Phương,10A1\r\nĐặng Văn Hải,10A2\r\n";

    fn decoded(bytes: &[u8]) -> (String, &'static str) {
        let decoded = decode(bytes, None).unwrap();
        (decoded.text.into_owned(), decoded.name)
    }

    #[test]
    fn unicode_is_told_with_and_without_a_mark() {
        let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        assert_eq!(decoded(TEXT.as_bytes()), (TEXT.to_owned(), "utf-8"));
        assert_eq!(decoded(format!("\u{feff}{TEXT}").as_bytes()), (TEXT.to_owned(), "utf-8"));
        assert_eq!(decoded(&utf16(&format!("\u{feff}{TEXT}"))), (TEXT.to_owned(), "utf-16le"));
        assert_eq!(decoded(&utf16(TEXT)), (TEXT.to_owned(), "utf-16le"));
        let big: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&big), (TEXT.to_owned(), "utf-16be"));
    }

    #[test]
    fn windows_1258_is_told() {
        // Ho + dot below, va + grave, te^n: the tones stand behind their letters.
        let bytes = b"Ho\xF2 va\xCC t\xEAn\r\nNguy\xEA\xDEn Thi\xF2 Ph\xFD\xF5ng\r\n\xD0\xE3\xF2ng V\xE3n Ha\xD2i\r\n";
        assert_eq!(decoded(bytes), ("Họ và tên\r\nNguyễn Thị Phương\r\nĐặng Văn Hải\r\n".to_owned(), "windows-1258"));
    }

    #[test]
    fn tcvn3_and_vni_are_told() {
        let tcvn3 = b"H\xe4 v\xb5 t\xaan\nNguy\xd4n Th\xde Ph\xad\xacng\n";
        assert_eq!(decoded(tcvn3), ("Hä vµ tªn\nNguyÔn ThÞ Ph\u{ad}¬ng\n".to_owned(), "tcvn3"));
        let vni = b"Ho\xef va\xf8 te\xe2n\nNguye\xe3n Th\xf2 Ph\xf6\xf4ng\n";
        assert_eq!(decoded(vni), ("Hoï vaø teân\nNguyeãn Thò Phöông\n".to_owned(), "vni"));
    }

    #[test]
    fn one_can_be_asked_for() {
        assert_eq!(decode(b"a", Some("TCVN3")).unwrap().name, "tcvn3");
        assert_eq!(decode(b"a", Some("latin-9")), Err(FileRefusal::UnknownEncoding));
    }
}
