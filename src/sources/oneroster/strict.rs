//! CSV as the standard has it: RFC 4180 without line breaks in cells. The reader of CSV is more lenient, so what passes
//! to it is looked at as well.

use std::io::{self, Read};

use super::broken::Rule;

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Where in a line the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextPlace {
    CellBegins,
    Bare,
    Quoted,
    /// Behind a quote in a quoted cell: the first of two, or the one that closes it.
    QuoteInQuoted,
    /// A line feed must follow.
    CarriageReturn,
}

/// Passes a file on, and remembers the first place at which it is no such CSV.
pub struct Strict<R> {
    inner: R,
    place: TextPlace,
    line: u32,
    /// How many bytes of a mark at the beginning were passed over; none any more once there was another byte.
    marked: Option<usize>,
    broken: Option<(Rule, u32)>,
}

impl<R: Read> Strict<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, place: TextPlace::CellBegins, line: 1, marked: Some(0), broken: None }
    }

    /// The rule that is broken first, and its line, from 1.
    pub fn broken(&self) -> Option<(Rule, u32)> {
        self.broken
    }

    fn breaks(&mut self, rule: Rule) {
        self.broken = self.broken.or(Some((rule, self.line)));
    }

    fn see(&mut self, byte: u8) {
        if let Some(passed) = self.marked {
            if BYTE_ORDER_MARK.get(passed) == Some(&byte) {
                self.marked = Some(passed + 1);
                return;
            }
            self.marked = None;
        }
        if self.place == TextPlace::CarriageReturn && byte != b'\n' {
            self.breaks(Rule::LineBreak);
            self.place = TextPlace::CellBegins;
        }
        self.place = match (self.place, byte) {
            (TextPlace::Quoted, b'"') => TextPlace::QuoteInQuoted,
            (TextPlace::Quoted, b'\r' | b'\n') => {
                self.breaks(Rule::LineBreak);
                TextPlace::Quoted
            }
            (TextPlace::Quoted, _) => TextPlace::Quoted,
            (TextPlace::QuoteInQuoted | TextPlace::CellBegins, b'"') => TextPlace::Quoted,
            (_, b',') => TextPlace::CellBegins,
            (_, b'\r') => TextPlace::CarriageReturn,
            (_, b'\n') => TextPlace::CellBegins,
            (TextPlace::QuoteInQuoted, _) | (TextPlace::Bare, b'"') => {
                self.breaks(Rule::Quotes);
                TextPlace::Bare
            }
            _ => TextPlace::Bare,
        };
        self.line += u32::from(byte == b'\n');
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        buffer.iter().take(count).for_each(|byte| self.see(*byte));
        match self.place {
            TextPlace::Quoted if count == 0 => self.breaks(Rule::Quotes),
            TextPlace::CarriageReturn if count == 0 => self.breaks(Rule::LineBreak),
            _ => {}
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Option<(Rule, u32)> {
        let mut strict = Strict::new(text.as_bytes());
        io::copy(&mut strict, &mut io::sink()).unwrap();
        strict.broken()
    }

    #[test]
    fn quotes_stand_around_a_cell_or_doubled_within_one() {
        for fine in ["", "a,b\r\nc,d\r\n", "a,\"b, c\"\n\"d \"\"e\"\"\",\n", "\u{feff}\"a\",b\n\"\",c", "\u{feff}a"] {
            assert_eq!(broken(fine), None, "{fine:?}");
        }
        for (text, rule, line) in [
            ("a\nb\"c\"\n", Rule::Quotes, 2),
            ("a,\"b\"c\n", Rule::Quotes, 1),
            ("a\n\"b", Rule::Quotes, 2),
            ("a\n\"b\nc\"\n", Rule::LineBreak, 2),
            ("a\n\"b\rc\"\n", Rule::LineBreak, 2),
            ("a\rb\r", Rule::LineBreak, 1),
            ("a\r\nb\r", Rule::LineBreak, 2),
        ] {
            assert_eq!(broken(text), Some((rule, line)), "{text:?}");
        }
    }
}
