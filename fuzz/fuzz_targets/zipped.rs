//! Changes to what is inside a zip: changed from outside, hardly any would get past its checksums.

use std::io::{Cursor, Read, Write};

use libfuzzer_sys::fuzzer_mutate;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Of so many changes one is left to those of the zip itself.
const OUTER: u32 = 24;

/// A part of a zip, unpacked.
struct Part {
    name: String,
    content: Vec<u8>,
}

/// Changes a part of the zip in `data[..size]` and packs it again; nothing where it is no zip, or does not fit.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> Option<usize> {
    if seed.is_multiple_of(OUTER) {
        return None;
    }
    let mut parts = unpacked(data.get(..size)?, max_size)?;
    let chosen = chosen(&parts, seed / OUTER)?;
    let part = parts.get_mut(chosen)?;
    let length = part.content.len();
    let room = (length + length / 4 + 256).min(max_size);
    part.content.resize(room.max(length), 0);
    let length = fuzzer_mutate(&mut part.content, length, room.max(length));
    part.content.truncate(length);
    let packed = packed(&parts)?;
    data.get_mut(..packed.len().min(max_size + 1))?.copy_from_slice(&packed);
    Some(packed.len())
}

fn unpacked(bytes: &[u8], max_size: usize) -> Option<Vec<Part>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index(index).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut content = Vec::new();
        part.take(max_size as u64 + 1).read_to_end(&mut content).ok()?;
        parts.push(Part { name, content });
    }
    Some(parts)
}

/// Sheets most of all; where a part names others, an honest one is worth little changed.
fn chosen(parts: &[Part], seed: u32) -> Option<usize> {
    let weight = |part: &Part| match part.name.as_str() {
        name if name.contains("worksheets/sheet") || name == "content.xml" => 12,
        name if name.contains("sharedStrings") || name.contains("styles") => 4,
        name if name.contains("workbook") => 3,
        _ => 1,
    };
    let all: u32 = parts.iter().map(weight).sum();
    let mut at = seed.checked_rem(all)?;
    parts.iter().position(|part| match at.checked_sub(weight(part)) {
        Some(rest) => {
            at = rest;
            false
        }
        None => true,
    })
}

fn packed(parts: &[Part]) -> Option<Vec<u8>> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        zip.start_file(part.name.as_str(), stored).ok()?;
        zip.write_all(&part.content).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}
