//! Files of XML as small trees, under limits: no file refers to another one, and none grows by being read.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

/// The largest file, in bytes.
const MOST_BYTES: usize = 8 * 1024 * 1024;
const MOST_ELEMENTS: usize = 400_000;
const MOST_DEPTH: usize = 32;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no well-formed XML within the limits")]
pub struct UnreadableXml;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Without that of the elements in it.
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The elements of a name in this one.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    #[must_use]
    pub fn one(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements of a name within that list.
    #[must_use]
    pub fn listed(&self, list: &str, name: &str) -> Vec<&Self> {
        self.one(list).map(|list| list.children.iter().filter(|child| child.name == name).collect()).unwrap_or_default()
    }

    /// The text of an element in this one; empty where it is not there.
    #[must_use]
    pub fn text_of(&self, name: &str) -> &str {
        self.one(name).map_or("", |child| child.text.trim())
    }

    /// An attribute, by its name in lower case; empty where it is not there.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

/// The first element of a file with all that is in it.
///
/// # Errors
/// Where the file is broken, cut off, too large, or defines entities of its own.
pub fn parse(bytes: &[u8]) -> Result<Element, UnreadableXml> {
    if bytes.len() > MOST_BYTES {
        return Err(UnreadableXml);
    }
    let text = decoded(bytes);
    let mut reader = Reader::from_str(&text);
    let (mut open, mut count): (Vec<Element>, usize) = (Vec::new(), 0);
    loop {
        match reader.read_event().map_err(|_| UnreadableXml)? {
            Event::Start(tag) => {
                open.push(element(&tag, &mut count)?);
                if open.len() > MOST_DEPTH {
                    return Err(UnreadableXml);
                }
            }
            Event::Empty(tag) => {
                let done = element(&tag, &mut count)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Ok(done),
                }
            }
            Event::End(_) => {
                let done = open.pop().ok_or(UnreadableXml)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    // What stands behind it is none of ours.
                    None => return Ok(done),
                }
            }
            Event::Text(text) => {
                if let Some(current) = open.last_mut() {
                    current.text.push_str(&text.xml10_content());
                }
            }
            Event::CData(text) => {
                if let Some(current) = open.last_mut() {
                    current.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(current) = open.last_mut() {
                    current.text.push_str(&resolved(&reference)?);
                }
            }
            // It could define entities, or refer to other files.
            Event::DocType(_) | Event::Eof => return Err(UnreadableXml),
            _ => {}
        }
    }
}

fn element(tag: &BytesStart<'_>, count: &mut usize) -> Result<Element, UnreadableXml> {
    *count += 1;
    if *count > MOST_ELEMENTS {
        return Err(UnreadableXml);
    }
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| UnreadableXml)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| UnreadableXml)?;
        attributes.push((attribute.key.local_name().as_ref().to_lowercase(), value.into_owned()));
    }
    Ok(Element { name: tag.name().as_ref().to_owned(), attributes, ..Element::default() })
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, UnreadableXml> {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return Ok(letter.to_string());
    }
    let name = reference.xml10_content();
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned).ok_or(UnreadableXml)
}

/// The text in the encoding that the file names; UTF-8 where it names none.
fn decoded(bytes: &[u8]) -> String {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_lowercase();
    let named = beginning.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest[1..].split(quote).next()
    });
    let encoding = named.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    // A mark at the beginning tells more surely than the name.
    encoding.unwrap_or(encoding_rs::UTF_8).decode(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_tree_of_its_elements() {
        let file = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a B='1 &amp; 2'><b>x &lt; <i/>y</b><b/></a>\n";
        let root = parse(file.as_bytes()).unwrap();
        assert_eq!((root.name.as_str(), root.attribute("b")), ("a", "1 & 2"));
        assert_eq!(root.text_of("b"), "x < y");
        assert_eq!(root.all("b").count(), 2);
        let (windows, _, _) =
            encoding_rs::WINDOWS_1258.encode("<?xml version='1.0' encoding='windows-1258'?><a>Đ à</a>");
        assert_eq!(parse(&windows).unwrap().text, "Đ à");
    }

    #[test]
    fn what_is_broken_or_refers_elsewhere_is_not_read() {
        for file in [
            "",
            "x",
            "<a>",
            "<a><b></a></b>",
            "<a>&b;</a>",
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
            "<!DOCTYPE a SYSTEM \"http://localhost/a.dtd\"><a/>",
        ] {
            assert_eq!(parse(file.as_bytes()), Err(UnreadableXml), "{file}");
        }
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        assert_eq!(parse(deep.as_bytes()), Err(UnreadableXml));
        assert_eq!(parse(&vec![b' '; MOST_BYTES + 1]), Err(UnreadableXml));
    }
}
