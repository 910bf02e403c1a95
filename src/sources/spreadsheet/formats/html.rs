//! Tables in web pages: what many school systems export under the name of .xls.
//!
//! The page is read as one sheet: each row of each table is a line, and so is text outside of tables, since that is
//! where titles are.

use std::{borrow::Cow, ops::ControlFlow};

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

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
        let has_rows = read(&text, |token| match token {
            PageToken::Opens("tr", _) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        if has_rows.is_break() { Ok(Self { text }) } else { Err(FileRefusal::HtmlWithoutTable) }
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
        let mut page = PageReader::default();
        if read(&self.text, |token| page.take(&token, visitor)).is_continue() {
            page.end_row(visitor);
        }
        Ok(())
    }
}

/// The parser's state.
#[derive(Default)]
struct PageReader {
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

impl PageReader {
    /// Handles a token; breaks off once the visitor has enough.
    fn take(&mut self, token: &PageToken<'_>, visitor: &mut RowVisitor<'_>) -> ControlFlow<()> {
        match token {
            PageToken::Closes(name) if self.unseen.as_deref() == Some(name) => self.unseen = None,
            _ if self.unseen.is_some() => {}
            PageToken::Text(text) => self.push(text),
            PageToken::Opens(name, attributes) => self.open(name, attributes, visitor),
            PageToken::Closes("td" | "th") => self.end_cell(),
            PageToken::Closes(name) => self.pass(name, visitor),
        }
        if self.done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn open(&mut self, name: &str, attributes: &Attributes, visitor: &mut RowVisitor<'_>) {
        match name {
            "script" | "style" | "head" | "xml" => self.unseen = Some(name.to_owned()),
            "td" | "th" => {
                self.end_cell();
                self.span = attributes.colspan.clamp(1, limits::COLUMNS);
                self.reach = u32::try_from(attributes.rowspan).unwrap_or(1).clamp(1, limits::ROWS);
            }
            "tr" => {
                self.end_row(visitor);
                self.pass_taken();
                self.row.is_hidden = attributes.is_hidden;
            }
            _ => self.pass(name, visitor),
        }
    }

    /// A tag that separates, whether it opens or closes.
    fn pass(&mut self, name: &str, visitor: &mut RowVisitor<'_>) {
        match name {
            "table" => {
                self.end_row(visitor);
                self.taken.clear();
            }
            "tr" | "body" | "html" => self.end_row(visitor),
            // Outside of cells such a tag ends a title; within them it ends a line.
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "center" if self.span == 0 => self.end_row(visitor),
            "br" | "p" | "div" | "li" => self.text.push('\n'),
            _ => {}
        }
    }

    /// Line breaks and indents in the source of a page are spaces.
    fn push(&mut self, text: &str) {
        if self.text.len() <= limits::CELL_CHARS * 4 {
            self.text.extend(text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }));
        }
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

/// What matters in a page.
enum PageToken<'t> {
    Text(&'t str),
    Opens(&'t str, &'t Attributes),
    Closes(&'t str),
}

/// What tags say of cells and rows.
struct Attributes {
    colspan: usize,
    rowspan: usize,
    /// As Excel and others write it: `style='display:none'`, or the attribute `hidden`.
    is_hidden: bool,
}

impl Default for Attributes {
    fn default() -> Self {
        Self { colspan: 1, rowspan: 1, is_hidden: false }
    }
}

impl Attributes {
    /// Notes the value of an attribute, as far as it matters; the others take no memory.
    fn note(&mut self, name: &str, value: &str) {
        match name {
            "colspan" => self.colspan = number(value),
            "rowspan" => self.rowspan = number(value),
            "style" => {
                let plain: String = value.to_ascii_lowercase().split_ascii_whitespace().collect();
                self.is_hidden |= plain.contains("display:none");
            }
            _ => {}
        }
    }
}

/// The digits that a value begins with.
fn number(value: &str) -> usize {
    value.trim_start().split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(1)
}

/// Reads a page as browsers do, up to its end or as far as `take` wants it.
fn read(page: &str, mut take: impl FnMut(PageToken<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
    let (mut tag, mut attribute, mut attributes) = (String::new(), String::new(), Attributes::default());
    let callback = |event: CallbackEvent<'_>, _: Span<()>| {
        let flow = match event {
            CallbackEvent::String { value } => take(PageToken::Text(&String::from_utf8_lossy(value))),
            CallbackEvent::OpenStartTag { name } => {
                tag = String::from_utf8_lossy(name).into_owned();
                attributes = Attributes::default();
                ControlFlow::Continue(())
            }
            CallbackEvent::AttributeName { name } => {
                attribute = String::from_utf8_lossy(name).into_owned();
                attributes.is_hidden |= attribute == "hidden";
                ControlFlow::Continue(())
            }
            CallbackEvent::AttributeValue { value } => {
                attributes.note(&attribute, &String::from_utf8_lossy(value));
                ControlFlow::Continue(())
            }
            CallbackEvent::CloseStartTag { .. } => take(PageToken::Opens(&tag, &attributes)),
            CallbackEvent::EndTag { name } => take(PageToken::Closes(&String::from_utf8_lossy(name))),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {
                ControlFlow::Continue(())
            }
        };
        flow.break_value()
    };
    let mut emitter = CallbackEmitter::new(callback);
    // Scripts and styles hold no tags.
    emitter.naively_switch_states(true);
    match Tokenizer::new_with_emitter(page, emitter).next() {
        Some(_) => ControlFlow::Break(()),
        None => ControlFlow::Continue(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn pages_are_read_as_browsers_read_them() {
        let page = "<table><tr><!-- a comment > with <td> --><td title='a > b' COLSPAN=2>&Agrave;&nbsp&#x1ea1;<td>\
                    <script>if (a < b) { document.write('<tr><td>x') }</script>1 &lt; 2 < 3</table>";
        assert_eq!(rows(page), [vec!["À\u{a0}ạ", "", "1 < 2 < 3"]]);
    }

    #[test]
    fn a_page_without_rows_is_refused() {
        assert_eq!(HtmlBook::new(Cow::Borrowed("<html><p>Xin chào</p>")).err(), Some(FileRefusal::HtmlWithoutTable));
    }
}
