//! Tables in web pages: what many school systems export under the name of .xls.
//!
//! The page is read as one sheet: each row of each table is a line, and so is text outside of tables, since that is
//! where titles are.

use std::borrow::Cow;

use crate::sources::spreadsheet::{
    cell::{Cell, Font, RowVisitor, SheetInfo, SheetRow, Workbook},
    encoding, limits,
    refusal::FileRefusal,
};

pub struct HtmlBook<'b> {
    text: Cow<'b, str>,
}

impl<'b> HtmlBook<'b> {
    /// # Errors
    /// The page has no table.
    pub fn new(text: Cow<'b, str>) -> Result<Self, FileRefusal> {
        let has_rows =
            Tokens::new(&text).any(|token| matches!(token, Token::Tag { name, closes: false, .. } if name == "tr"));
        if has_rows { Ok(Self { text }) } else { Err(FileRefusal::HtmlWithoutTable) }
    }
}

/// The encoding that the page names, if it is one that is known here.
pub fn declared_encoding(bytes: &[u8]) -> Option<&'static str> {
    let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096)).unwrap_or(bytes)).to_ascii_lowercase();
    let name = start.split_once("charset=")?.1.trim_start_matches(['"', '\'', ' ']);
    encoding::NAMES.into_iter().find(|known| name.starts_with(known))
}

impl Workbook for HtmlBook<'_> {
    fn sheets(&self) -> Vec<SheetInfo> {
        vec![SheetInfo { name: String::new(), visible: true }]
    }

    fn visit(&mut self, _sheet: usize, visitor: &mut RowVisitor<'_>) -> Result<(), FileRefusal> {
        let mut page = Page::default();
        for token in Tokens::new(&self.text) {
            if page.take(token, visitor) {
                return Ok(());
            }
        }
        page.end_row(visitor);
        Ok(())
    }
}

/// The parser's state.
#[derive(Default)]
struct Page {
    line: u32,
    row: SheetRow<'static>,
    column: usize,
    /// For how many more lines each column is covered by a cell from above.
    taken: Vec<u32>,
    text: String,
    span: usize,
    reach: u32,
    /// Inside of `script` and the like, whose text is skipped.
    unseen: Option<String>,
    done: bool,
}

impl Page {
    /// Handles a token; true once the visitor has enough.
    fn take(&mut self, token: Token<'_>, visitor: &mut RowVisitor<'_>) -> bool {
        match token {
            Token::Text(text) if self.unseen.is_none() => self.push(text),
            Token::Text(_) => {}
            Token::Tag { name, attributes, closes } => self.take_tag(&name, attributes, closes, visitor),
        }
        self.done
    }

    fn take_tag(&mut self, name: &str, attributes: &str, closes: bool, visitor: &mut RowVisitor<'_>) {
        if let Some(unseen) = &self.unseen {
            if closes && unseen == name {
                self.unseen = None;
            }
            return;
        }
        match (name, closes) {
            ("script" | "style" | "head" | "xml", false) => self.unseen = Some(name.to_owned()),
            ("td" | "th", false) => {
                self.end_cell();
                self.span = number(attributes, "colspan").clamp(1, limits::COLUMNS);
                self.reach = u32::try_from(number(attributes, "rowspan")).unwrap_or(1).clamp(1, limits::ROWS);
            }
            ("td" | "th", true) => self.end_cell(),
            ("tr", false) => {
                self.end_row(visitor);
                self.pass_taken();
                self.row.is_hidden = is_hidden(attributes);
            }
            ("table", _) => {
                self.end_row(visitor);
                self.taken.clear();
            }
            ("tr" | "body" | "html", _) => self.end_row(visitor),
            // Outside of cells such a tag ends a title; within them it ends a line.
            ("p" | "div" | "h1" | "h2" | "h3" | "h4" | "center", _) if self.span == 0 => self.end_row(visitor),
            ("br" | "p" | "div" | "li", _) => self.text.push('\n'),
            _ => {}
        }
    }

    /// Line breaks and indents in the source of a page are spaces.
    fn push(&mut self, text: &str) {
        if self.text.len() > limits::CELL_CHARS * 4 {
            return;
        }
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            self.push_plain(before);
            match after.split_once(';').and_then(|(name, after)| Some((entity(name)?, after))) {
                Some((c, after)) => {
                    self.text.push(c);
                    rest = after;
                }
                None => {
                    self.text.push('&');
                    rest = after;
                }
            }
        }
        self.push_plain(rest);
    }

    fn push_plain(&mut self, text: &str) {
        self.text.extend(text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }));
    }

    fn pass_taken(&mut self) {
        self.column = 0;
        for lines in &mut self.taken {
            *lines = lines.saturating_sub(1);
        }
    }

    fn end_cell(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if self.span == 0 && text.is_empty() {
            return;
        }
        while self.taken.get(self.column).is_some_and(|lines| *lines > 0) {
            self.column += 1;
        }
        let span = self.span.max(1);
        if !text.is_empty() {
            self.row.put(self.column, Cell::text(text.to_owned(), Font::Plain));
        }
        if self.reach > 1 && self.column + span <= limits::COLUMNS {
            self.taken.resize(self.taken.len().max(self.column + span), 0);
            self.taken.iter_mut().skip(self.column).take(span).for_each(|lines| *lines = self.reach);
        }
        self.column = (self.column + span).min(limits::COLUMNS);
        self.span = 0;
        self.reach = 1;
    }

    fn end_row(&mut self, visitor: &mut RowVisitor<'_>) {
        self.end_cell();
        if self.column == 0 && self.row.cells.is_empty() {
            return;
        }
        self.line = self.line.saturating_add(1);
        self.row.line = self.line;
        self.column = 0;
        if !self.row.cells.is_empty() && !self.done {
            self.done = visitor(&self.row).is_break();
        }
        self.row.restart(self.line);
    }
}

/// Whether a row is hidden, as Excel and others write it: `style='display:none'`, or the attribute `hidden`.
fn is_hidden(attributes: &str) -> bool {
    let plain: String = attributes.to_ascii_lowercase().split_ascii_whitespace().collect();
    plain.contains("display:none") || attributes.split_ascii_whitespace().any(|word| word == "hidden")
}

fn number(attributes: &str, name: &str) -> usize {
    let lower = attributes.to_ascii_lowercase();
    lower
        .split_once(name)
        .map(|(_, rest)| rest.trim_start_matches([' ', '=', '"', '\'']))
        .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(1)
}

/// Named character references: those for letters of Western Europe that Vietnamese has too.
fn entity(name: &str) -> Option<char> {
    const NAMED: &[(&str, char)] = &[
        ("nbsp", '\u{a0}'),
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("agrave", 'à'),
        ("aacute", 'á'),
        ("acirc", 'â'),
        ("atilde", 'ã'),
        ("egrave", 'è'),
        ("eacute", 'é'),
        ("ecirc", 'ê'),
        ("igrave", 'ì'),
        ("iacute", 'í'),
        ("ograve", 'ò'),
        ("oacute", 'ó'),
        ("ocirc", 'ô'),
        ("otilde", 'õ'),
        ("ugrave", 'ù'),
        ("uacute", 'ú'),
        ("yacute", 'ý'),
        ("eth", 'đ'),
        ("Agrave", 'À'),
        ("Aacute", 'Á'),
        ("Acirc", 'Â'),
        ("Atilde", 'Ã'),
        ("Egrave", 'È'),
        ("Eacute", 'É'),
        ("Ecirc", 'Ê'),
        ("Igrave", 'Ì'),
        ("Iacute", 'Í'),
        ("Ograve", 'Ò'),
        ("Oacute", 'Ó'),
        ("Ocirc", 'Ô'),
        ("Otilde", 'Õ'),
        ("Ugrave", 'Ù'),
        ("Uacute", 'Ú'),
        ("Yacute", 'Ý'),
        ("ETH", 'Đ'),
    ];
    if let Some(code) = name.strip_prefix('#') {
        let code = match code.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => code.parse().ok()?,
        };
        return char::from_u32(code);
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

enum Token<'t> {
    Text(&'t str),
    Tag { name: String, attributes: &'t str, closes: bool },
}

/// Splits a page into tags and text. Comments are skipped.
struct Tokens<'t> {
    rest: &'t str,
}

impl<'t> Tokens<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    fn tag(&mut self) -> Option<Token<'t>> {
        let end = self.rest.find('>')?;
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix('>').unwrap_or_default();
        let tag = tag.strip_prefix('<').unwrap_or(tag);
        let (tag, closes) = tag.strip_prefix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(|c: char| c.is_whitespace()).unwrap_or((tag, ""));
        Some(Token::Tag { name: name.trim_end_matches('/').to_ascii_lowercase(), attributes, closes })
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        while let Some(comment) = self.rest.strip_prefix("<!--") {
            self.rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        if self.rest.is_empty() {
            return None;
        }
        let begins_tag = |rest: &str| {
            rest.strip_prefix('<').is_some_and(|rest| {
                rest.starts_with(['/', '!', '?']) || rest.starts_with(|c: char| c.is_ascii_alphabetic())
            })
        };
        if begins_tag(self.rest) {
            let token = self.tag();
            if token.is_none() {
                self.rest = "";
            }
            return token;
        }
        let end = self.rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(self.rest.len(), |(at, _)| at);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Token::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    fn rows(page: &str) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        HtmlBook::new(Cow::Borrowed(page))
            .unwrap()
            .visit(0, &mut |row| {
                rows.push(row.cells.iter().map(|cell| cell.shown().into_owned()).collect());
                ControlFlow::Continue(())
            })
            .unwrap();
        rows
    }

    #[test]
    fn tables_are_rows_and_titles_are_lines() {
        let page = "<html><head><style>td{}</style></head><body><h3>DANH SÁCH LỚP 10A1</h3>\
                    <table border=1><tr><th>STT<th>H&#7885; v&agrave; t&ecirc;n</tr>\
                    <tr><td>1</td><td>Nguyễn&nbsp;Văn\n   An</td></tr></table></body></html>";
        assert_eq!(
            rows(page),
            [vec!["DANH SÁCH LỚP 10A1"], vec!["STT", "Họ và tên"], vec!["1", "Nguyễn\u{a0}Văn    An"]]
        );
    }

    #[test]
    fn hidden_rows_are_known() {
        let page = "<table><tr><td>An</td></tr><tr style='height:0; display: none'><td>B\u{ec}nh</td></tr>\
            <tr hidden><td>C\u{fa}c</td></tr><tr><td>D\u{169}ng</td></tr></table>";
        let mut hidden = Vec::new();
        let mut book = HtmlBook::new(page.into()).unwrap();
        book.visit(0, &mut |row| {
            hidden.push(row.is_hidden);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(hidden, [false, true, true, false]);
    }

    #[test]
    fn spans_keep_columns_in_place() {
        let page = "<table><tr><td rowspan=2>STT</td><td colspan=\"2\">Họ và tên</td><td rowspan='2'>Lớp</td></tr>\
                    <tr><td>Họ đệm</td><td>Tên</td></tr><tr><td>1</td><td>Nguyễn Văn</td><td>An</td><td>10A1</td></tr></table>";
        assert_eq!(
            rows(page),
            [vec!["STT", "Họ và tên", "", "Lớp"], vec!["", "Họ đệm", "Tên"], vec!["1", "Nguyễn Văn", "An", "10A1"]]
        );
    }

    #[test]
    fn a_page_without_rows_is_refused() {
        assert_eq!(HtmlBook::new(Cow::Borrowed("<html><p>Xin chào</p>")).err(), Some(FileRefusal::HtmlWithoutTable));
    }
}
