//! Workbooks of exams: a table that programs read, and behind it pages as schools print them, each with the headings that
//! Vietnamese lists have: the managing unit and the school on the left, the exam and its year on the right.

use std::collections::HashSet;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

/// A4, as Excel counts sizes of paper.
const A4: u8 = 9;

/// The heads of a table with the widths of their columns.
pub type TableHeads = Vec<(String, f64)>;

/// What stands above every page.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    pub unit: String,
    pub school: String,
    pub exam: String,
    pub year: String,
}

/// A table with its name, its heads in the first row.
#[derive(Clone, Debug)]
pub struct SheetTable {
    pub name: String,
    pub heads: TableHeads,
    pub rows: Vec<Vec<String>>,
}

/// A page to print.
#[derive(Clone, Debug)]
pub struct PrintPage {
    pub name: String,
    pub title: String,
    /// The room, the paper, the time.
    pub lines: Vec<String>,
    pub heads: TableHeads,
    pub rows: Vec<Vec<String>>,
    pub below: Vec<String>,
    /// Who signs.
    pub signs: Vec<String>,
}

/// The tables, and behind them the pages. Every cell is text, so that a number keeps its zeros.
///
/// # Errors
/// When it cannot be written.
pub fn write(tables: &[SheetTable], heading: &Heading, pages: &[PrintPage]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let mut names = HashSet::new();
    for table in tables {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(&table.name, &mut names))?;
        fill(sheet, table)?;
    }
    for page in pages {
        let sheet = workbook.add_worksheet();
        sheet.set_name(sheet_name(&page.name, &mut names))?;
        print(sheet, heading, page)?;
    }
    workbook.save_to_buffer()
}

/// A name that a worksheet may have and no other one has.
fn sheet_name(wanted: &str, taken: &mut HashSet<String>) -> String {
    let allowed = |c: char| if "[]:*?/\\'".contains(c) { ' ' } else { c };
    let clean: String = wanted.chars().map(allowed).collect::<String>().trim().chars().take(31).collect();
    let clean = if clean.is_empty() { "-".to_owned() } else { clean };
    let numbered = |n: usize| {
        let tail = format!(" ({n})");
        let head: String = clean.chars().take(31 - tail.len()).collect();
        format!("{head}{tail}")
    };
    // Names that differ in case alone are the same to Excel.
    let mut tries = std::iter::once(clean.clone()).chain((2..).map(numbered));
    let name = tries.find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default();
    taken.insert(name.to_lowercase());
    name
}

fn fill(sheet: &mut Worksheet, table: &SheetTable) -> Result<(), XlsxError> {
    let (text, bold) = (Format::new().set_num_format("@"), Format::new().set_bold());
    sheet.set_freeze_panes(1, 0)?;
    for (column, (title, width)) in (0..).zip(&table.heads) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    for (line, row) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(row) {
            if !cell.is_empty() {
                sheet.write_string_with_format(line, column, cell, &text)?;
            }
        }
    }
    Ok(())
}

fn print(sheet: &mut Worksheet, heading: &Heading, page: &PrintPage) -> Result<(), XlsxError> {
    let centred = Format::new().set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter).set_text_wrap();
    let strong = centred.clone().set_bold();
    let title = strong.clone().set_font_size(14.0);
    let boxed = Format::new().set_num_format("@").set_border(FormatBorder::Thin).set_text_wrap();
    let head = strong.clone().set_border(FormatBorder::Thin);
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_print_center_horizontally(true);
    let last = u16::try_from(page.heads.len().max(2) - 1).unwrap_or(u16::MAX);
    let half = last / 2;
    for (column, (_, width)) in (0..).zip(&page.heads) {
        sheet.set_column_width(column, *width)?;
    }
    let mut line = 0;
    for ((left, left_format), right) in
        [(&heading.unit, &centred), (&heading.school, &strong)].into_iter().zip([&heading.exam, &heading.year])
    {
        across(sheet, line, (0, half), left, left_format)?;
        across(sheet, line, (half + 1, last), right, if line == 0 { &strong } else { &centred })?;
        line += 1;
    }
    line += 1;
    across(sheet, line, (0, last), &page.title, &title)?;
    for text in &page.lines {
        line += 1;
        across(sheet, line, (0, last), text, &strong)?;
    }
    line += 2;
    sheet.set_repeat_rows(line, line)?;
    for (column, (text, _)) in (0..).zip(&page.heads) {
        sheet.write_string_with_format(line, column, text, &head)?;
    }
    for row in &page.rows {
        line += 1;
        for (column, cell) in (0..).zip(row) {
            sheet.write_string_with_format(line, column, cell, &boxed)?;
        }
    }
    line += 1;
    for text in &page.below {
        line += 1;
        across(sheet, line, (0, last), text, &Format::new())?;
    }
    if !page.signs.is_empty() {
        line += 2;
        let each = (usize::from(last) + 1) / page.signs.len();
        for (at, text) in page.signs.iter().enumerate() {
            let column = u16::try_from(at * each).unwrap_or(u16::MAX);
            sheet.write_string_with_format(line, column, text, &strong)?;
        }
    }
    Ok(())
}

/// Text over some columns of a line.
fn across(
    sheet: &mut Worksheet,
    line: u32,
    (from, to): (u16, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if from < to {
        sheet.merge_range(line, from, line, to, text, format)?;
    } else {
        sheet.write_string_with_format(line, from, text, format)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worksheets_have_names_that_excel_takes() {
        let mut taken = HashSet::new();
        let long = "Phòng thi số một của khu nhà A tầng ba";
        let names: Vec<String> =
            ["10/1", "10:1", "10 1", long, long, ""].iter().map(|name| sheet_name(name, &mut taken)).collect();
        assert_eq!(&names[..3], ["10 1", "10 1 (2)", "10 1 (3)"]);
        assert!(names.iter().all(|name| (1..=31).contains(&name.chars().count())), "{names:?}");
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}
