//! Helpers that the XML formats share.

use std::io::BufRead;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::sources::spreadsheet::{limits, refusal::FileRefusal};

/// A reader that tolerates half-broken files.
pub fn reader<R: BufRead>(source: R) -> Reader<R> {
    let mut reader = Reader::from_reader(source);
    reader.config_mut().check_end_names = false;
    reader
}

/// The next event.
///
/// # Errors
/// The XML is broken.
pub fn next<'b, R: BufRead>(reader: &mut Reader<R>, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, FileRefusal> {
    buffer.clear();
    reader.read_event_into(buffer).map_err(|_| FileRefusal::Broken)
}

/// An attribute by its name without prefix.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned()))
}

/// A number in an attribute, at least 1: how often something is repeated, or over how many columns it goes.
pub fn count(element: &BytesStart<'_>, name: &str) -> usize {
    attribute(element, name).and_then(|value| value.trim().parse().ok()).unwrap_or(1).max(1)
}

/// Appends the expansion of a reference. Entities that a file defines itself expand to nothing, because of entity
/// bombs.
pub fn push_reference(text: &mut String, reference: &BytesRef<'_>) {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        text.push(c);
        return;
    }
    let name = reference.xml10_content();
    if let Some(value) = quick_xml::escape::resolve_predefined_entity(&name) {
        text.push_str(value);
    }
}

/// Appends text up to somewhat more than a cell may hold.
pub fn push_bounded(text: &mut String, more: &str) {
    if text.len() <= limits::CELL_CHARS * 4 {
        text.push_str(more);
    }
}
