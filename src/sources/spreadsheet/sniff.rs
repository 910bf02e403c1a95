//! The format of a file, by its content: names are unreliable, and programs write web pages named .xls.

use std::io::Cursor;

use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use super::{limits, refusal::FileRefusal};

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
    /// A table in a web page, whatever its name.
    Html,
    /// Excel 2003's XML.
    SheetMl,
    /// Values delimited by commas, semicolons, tabs or bars.
    Text,
}

const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
const COMPOUND_FILE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// First bytes of files that are no spreadsheets, and what they are.
const OTHERS: &[(&[u8], FileRefusal)] = &[
    (b"%PDF", FileRefusal::Pdf),
    (b"{\\rtf", FileRefusal::WordDocument),
    (b"\x89PNG", FileRefusal::Picture),
    (b"\xFF\xD8\xFF", FileRefusal::Picture),
    (b"GIF8", FileRefusal::Picture),
    (b"II*\0", FileRefusal::Picture),
    (b"MM\0*", FileRefusal::Picture),
    (b"Rar!", FileRefusal::Archive),
    (b"7z\xBC\xAF", FileRefusal::Archive),
    (b"\x1F\x8B", FileRefusal::Archive),
    (b"BZh", FileRefusal::Archive),
    (b"\xFD7zXZ", FileRefusal::Archive),
];

/// Detects the format.
///
/// # Errors
/// What the file is instead.
pub fn sniff(bytes: &[u8]) -> Result<FileFormat, FileRefusal> {
    if bytes.is_empty() {
        return Err(FileRefusal::Empty);
    }
    if bytes.len() > limits::FILE_BYTES {
        return Err(FileRefusal::TooLarge);
    }
    if bytes.starts_with(ZIP) || bytes.starts_with(EMPTY_ZIP) {
        return format_of_zip(bytes);
    }
    if bytes.starts_with(COMPOUND_FILE) {
        return format_of_compound_file(bytes);
    }
    if let Some((_, refusal)) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(*refusal);
    }
    if is_riff_or_heif_picture(bytes) || is_bitmap(bytes) {
        return Err(FileRefusal::Picture);
    }
    if is_bare_biff(bytes) {
        return Err(FileRefusal::OldExcel);
    }
    format_of_text(bytes)
}

fn format_of_zip(bytes: &[u8]) -> Result<FileFormat, FileRefusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileRefusal::Broken)?;
    let names: Vec<String> =
        archive.file_names().filter_map(Result::ok).map(|name| name.replace('\\', "/").to_ascii_lowercase()).collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    let has_in = |folder: &str| names.iter().any(|n| n.starts_with(folder));
    let format = if has("xl/workbook.bin") {
        FileFormat::Xlsb
    } else if has_in("xl/") {
        FileFormat::Xlsx
    } else if has_in("word/") {
        return Err(FileRefusal::WordDocument);
    } else if has_in("ppt/") {
        return Err(FileRefusal::Presentation);
    } else if has("index/document.iwa") || has("index.zip") {
        return Err(FileRefusal::AppleNumbers);
    } else if has("content.xml") {
        format_of_open_document(&mut archive)?
    } else if has("[content_types].xml") {
        // Strict or renamed parts: the reader follows the relationships.
        FileFormat::Xlsx
    } else {
        return Err(if names.is_empty() { FileRefusal::Empty } else { FileRefusal::Archive });
    };
    check_inflation(&mut archive, format)?;
    Ok(format)
}

fn format_of_open_document(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<FileFormat, FileRefusal> {
    let kind = read_small(archive, "mimetype").unwrap_or_default();
    let manifest = read_small(archive, "META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(FileRefusal::Protected);
    }
    match kind.trim().strip_prefix("application/vnd.oasis.opendocument.") {
        Some(kind) if kind.starts_with("text") => Err(FileRefusal::WordDocument),
        Some(kind) if kind.starts_with("presentation") => Err(FileRefusal::Presentation),
        Some(kind) if kind.starts_with("graphics") || kind.starts_with("image") => Err(FileRefusal::Picture),
        _ => Ok(FileFormat::Ods),
    }
}

/// A part of a few kilobytes, as text.
fn read_small(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Option<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    archive.by_name(name).ok()?.take(256 * 1024).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Checks the declared sizes of the parts; unpacking later stops at those, so that this is enough.
fn check_inflation(archive: &mut ZipArchive<Cursor<&[u8]>>, format: FileFormat) -> Result<(), FileRefusal> {
    let mut inflated = 0u64;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| FileRefusal::Broken)?;
        if part.encrypted() {
            return Err(FileRefusal::Protected);
        }
        let (size, packed) = (part.size(), part.compressed_size().max(1));
        let streamed = part.name().is_ok_and(|name| is_streamed(&name, format));
        inflated = inflated.saturating_add(size);
        if size > limits::INFLATION_RATIO_FROM && size / packed > limits::INFLATION_RATIO {
            return Err(FileRefusal::Inflates);
        }
        if inflated > limits::INFLATED_BYTES || !streamed && size > limits::INFLATED_PART_BYTES {
            return Err(FileRefusal::Inflates);
        }
    }
    Ok(())
}

fn is_streamed(name: &str, format: FileFormat) -> bool {
    match format {
        FileFormat::Ods => name == "content.xml",
        _ => name.contains("worksheets/"),
    }
}

/// Old Office files are small file systems. The names in them say which program wrote them; they are searched for as
/// raw bytes, since the real reader comes later and under limits.
fn format_of_compound_file(bytes: &[u8]) -> Result<FileFormat, FileRefusal> {
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(bytes, &name)
    };
    if has("EncryptedPackage") {
        Err(FileRefusal::Protected)
    } else if has("Workbook") {
        Ok(FileFormat::Xls)
    } else if has("WordDocument") {
        Err(FileRefusal::WordDocument)
    } else if has("PowerPoint Document") {
        Err(FileRefusal::Presentation)
    } else if has("Book") {
        // Excel 5 and 95, whose text depends on a code page that is no longer known.
        Err(FileRefusal::OldExcel)
    } else {
        Err(FileRefusal::Unknown)
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    haystack
        .iter()
        .enumerate()
        .filter(|(_, byte)| *byte == first)
        .any(|(at, _)| haystack.get(at..).is_some_and(|rest| rest.starts_with(needle)))
}

fn is_riff_or_heif_picture(bytes: &[u8]) -> bool {
    let kind = bytes.get(8..12).unwrap_or_default();
    (bytes.starts_with(b"RIFF") && kind == b"WEBP")
        || (bytes.get(4..8) == Some(b"ftyp") && matches!(kind, b"heic" | b"heix" | b"mif1" | b"msf1" | b"avif"))
}

fn is_bitmap(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4])
}

/// Excel 2 to 4 wrote their records straight into the file.
fn is_bare_biff(bytes: &[u8]) -> bool {
    matches!(bytes, [0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04 | 0x06 | 0x08, 0x00, ..])
}

fn format_of_text(bytes: &[u8]) -> Result<FileFormat, FileRefusal> {
    let start = opening(bytes);
    if start.contains("schemas-microsoft-com:office:spreadsheet") {
        return Ok(FileFormat::SheetMl);
    }
    let is_markup = start.starts_with('<');
    if is_markup
        && ["<html", "<table", "<!doctype html", "<body", "<style", "<meta"].iter().any(|tag| start.contains(tag))
    {
        return Ok(FileFormat::Html);
    }
    if start.starts_with("mime-version:") {
        return Err(FileRefusal::HtmlWithoutTable);
    }
    if start.starts_with("<?xml") && start.contains("wordprocessingml") {
        return Err(FileRefusal::WordDocument);
    }
    if start.starts_with("<?xml") || is_binary(bytes) {
        return Err(FileRefusal::Unknown);
    }
    Ok(FileFormat::Text)
}

/// The first few thousand characters, ASCII in lower case, of text in UTF-8, UTF-16 or any code page.
fn opening(bytes: &[u8]) -> String {
    let start: Vec<u8> = bytes.iter().copied().take(8 * 1024).filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&start).to_ascii_lowercase();
    text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{fffd}')).to_owned()
}

/// Bytes that no text has, in any encoding: control characters, but for those of UTF-16 and of layout.
fn is_binary(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(8 * 1024)).unwrap_or(bytes);
    if super::encoding::utf16_of(start).is_some() {
        return false;
    }
    let odd = start.iter().filter(|byte| matches!(byte, 0..=8 | 14..=25 | 27..=31)).count();
    odd * 200 > start.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_are_named() {
        assert_eq!(sniff(b""), Err(FileRefusal::Empty));
        assert_eq!(sniff(b"%PDF-1.7\n"), Err(FileRefusal::Pdf));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(FileRefusal::Picture));
        assert_eq!(sniff(b"\xFF\xD8\xFF\xE0\0\x10JFIF"), Err(FileRefusal::Picture));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Err(FileRefusal::Picture));
        assert_eq!(sniff(b"\0\0\0\x18ftypheic\0\0"), Err(FileRefusal::Picture));
        assert_eq!(sniff(b"{\\rtf1\\ansi"), Err(FileRefusal::WordDocument));
        assert_eq!(sniff(b"Rar!\x1A\x07"), Err(FileRefusal::Archive));
        assert_eq!(sniff(b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0"), Err(FileRefusal::Unknown));
        assert_eq!(sniff(&vec![b'a'; limits::FILE_BYTES + 1]), Err(FileRefusal::TooLarge));
    }

    #[test]
    fn text_is_told_apart() {
        assert_eq!(sniff("Họ và tên,Lớp\n".as_bytes()), Ok(FileFormat::Text));
        assert_eq!(
            sniff(b"\xEF\xBB\xBF \r\n<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">"),
            Ok(FileFormat::Html)
        );
        assert_eq!(sniff(b"<TABLE border=1><tr>"), Ok(FileFormat::Html));
        let utf16: Vec<u8> = "\u{feff}Họ tên\tLớp".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(sniff(&utf16), Ok(FileFormat::Text));
    }
}
