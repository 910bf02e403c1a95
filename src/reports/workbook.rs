//! Sections as a workbook: a sheet each, with numbers as numbers and the chart beside them; printed on A4.

use std::{borrow::Borrow, fs::File, io::Seek};

use chrono::NaiveDate;
use rust_xlsxwriter::{Chart, ChartType, Format, FormatAlign, FormatBorder, Workbook, Worksheet};
use tokio::{sync::mpsc, task::JoinHandle};

use super::section::{FigureValue, Head, Picture, Section};
use crate::{error::Error, sources::spreadsheet::write::WriteError};

/// A sheet's name has so many characters at most.
const NAME_CHARS: usize = 31;

/// What the printed sheets say at their edges.
pub struct Edges {
    /// The school, or whose figures these are.
    pub of: String,
    pub day: NaiveDate,
}

/// What a workbook is made of, in the order of its sheets.
pub enum WorkbookPart {
    /// A sheet with its chart.
    Section(Box<Section>),
    /// A sheet of as many rows as there are: they follow, one by one, and are on the disk before the next one comes.
    List {
        title: String,
        heads: Vec<String>,
    },
    Row(Vec<FigureValue>),
}

/// How many parts wait at most: the reader of the database waits for the writer.
const WAITING: usize = 200;

/// A workbook that is written while its parts come.
pub struct Writing {
    parts: mpsc::Sender<WorkbookPart>,
    written: JoinHandle<Result<File, WriteError>>,
}

impl Writing {
    /// Adds a part. Where the file cannot be written, [`Writing::finish`] says so.
    pub async fn push(&self, part: WorkbookPart) {
        let _ = self.parts.send(part).await;
    }

    /// The file, which is gone once it is closed.
    ///
    /// # Errors
    /// When the workbook cannot be written.
    pub async fn finish(self) -> crate::error::Result<File> {
        drop(self.parts);
        self.written.await.map_err(anyhow::Error::new)?.map_err(|fault| Error::Internal(fault.into()))
    }
}

/// Begins a workbook, where nobody else waits for the thread.
#[must_use]
pub fn begin(edges: Edges) -> Writing {
    let (parts, coming) = mpsc::channel(WAITING);
    Writing { parts, written: tokio::task::spawn_blocking(move || write(coming, &edges)) }
}

/// Writes sections.
///
/// # Errors
/// When the workbook cannot be written.
pub async fn written(sections: Vec<Section>, edges: Edges) -> crate::error::Result<File> {
    let writing = begin(edges);
    for section in sections {
        writing.push(WorkbookPart::Section(Box::new(section))).await;
    }
    writing.finish().await
}

fn write(mut parts: mpsc::Receiver<WorkbookPart>, edges: &Edges) -> Result<File, WriteError> {
    let mut workbook = Workbook::new();
    let (mut sheets, mut next_row) = (0, 0);
    while let Some(part) = parts.blocking_recv() {
        match part {
            WorkbookPart::Section(section) => {
                add(&mut workbook, sheets, &section, edges)?;
                sheets += 1;
            }
            WorkbookPart::List { title, heads } => {
                let sheet = workbook.add_worksheet_with_constant_memory()?;
                prepare(sheet, sheets, &title, edges)?;
                let heads: Vec<Head> = heads.into_iter().map(Head::from).collect();
                write_heads(sheet, &heads)?;
                sheets += 1;
                next_row = 1;
            }
            WorkbookPart::Row(values) => {
                let sheet = workbook.worksheet_from_index(sheets.saturating_sub(1))?;
                write_row(sheet, next_row, &values)?;
                next_row += 1;
            }
        }
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    file.rewind()?;
    Ok(file)
}

/// Adds sections behind the sheets that a workbook has, which are printed as they are.
///
/// # Errors
/// When they cannot be written.
pub fn append(workbook: &mut Workbook, sections: &[Section], edges: &Edges) -> Result<(), WriteError> {
    for sheet in workbook.worksheets_mut() {
        let title = sheet.name();
        put_on_paper(sheet, &title, edges);
        sheet.set_repeat_rows(0, 0)?;
    }
    let sheets = workbook.worksheets().len();
    (sheets..).zip(sections).try_for_each(|(at, section)| add(workbook, at, section, edges))
}

/// Adds the sheet of a section behind so many.
fn add(workbook: &mut Workbook, sheets: usize, section: &Section, edges: &Edges) -> Result<(), WriteError> {
    let sheet = workbook.add_worksheet();
    let name = prepare(sheet, sheets, &section.title, edges)?;
    write_heads(sheet, &section.table.heads)?;
    for (row, cells) in (1u32..).zip(&section.table.rows) {
        let values: Vec<&FigureValue> = cells.iter().map(|cell| &cell.value).collect();
        write_row(sheet, row, &values)?;
    }
    draw(sheet, &name, section)
}

/// The name of a sheet behind so many others, and its paper.
fn prepare(sheet: &mut Worksheet, sheets: usize, title: &str, edges: &Edges) -> Result<String, WriteError> {
    let name = sheet_name(sheets + 1, title);
    sheet.set_name(&name)?;
    put_on_paper(sheet, title, edges);
    Ok(name)
}

/// A4, fitted to the width, with the school or area, the day and the number of the page.
fn put_on_paper(sheet: &mut Worksheet, title: &str, edges: &Edges) {
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_landscape();
    // The signs are commands of the header's own language.
    let plain = |text: &str| text.replace('&', "&&");
    sheet.set_header(format!("&L{}&R{}", plain(&edges.of), edges.day.format("%d/%m/%Y")));
    sheet.set_footer(format!("&L{}&R&P/&N", plain(title)));
}

/// The number tells sheets of one title apart; some signs may not stand in a name.
fn sheet_name(number: usize, title: &str) -> String {
    let kept: String = title.chars().filter(|letter| !"[]:*?/\\'".contains(*letter)).collect();
    format!("{number}. {kept}").chars().take(NAME_CHARS).collect::<String>().trim_end().to_owned()
}

fn write_heads(sheet: &mut Worksheet, heads: &[Head]) -> Result<(), WriteError> {
    let format = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_text_wrap();
    sheet.set_freeze_panes(1, 1)?.set_repeat_rows(0, 0)?;
    for (column, each) in (0u16..).zip(heads) {
        sheet.set_column_width(column, if column == 0 { 28.0 } else { 16.0 })?;
        sheet.write_string_with_format(0, column, &each.label, &format)?;
    }
    Ok(())
}

fn write_row(sheet: &mut Worksheet, row: u32, values: &[impl Borrow<FigureValue>]) -> Result<(), WriteError> {
    let format = |format: &str| Format::new().set_num_format(format);
    for (column, value) in (0u16..).zip(values) {
        match value.borrow() {
            FigureValue::Nothing => {}
            FigureValue::Text(text) => {
                sheet.write_string(row, column, text)?;
            }
            FigureValue::Count(value) => {
                let format = format("#,##0").set_align(FormatAlign::Right);
                sheet.write_number_with_format(row, column, number(*value), &format)?;
            }
            FigureValue::Percent(value) => {
                let format = format("0%").set_align(FormatAlign::Right);
                sheet.write_number_with_format(row, column, number(*value) / 100.0, &format)?;
            }
            FigureValue::Day(value) => {
                sheet.write_date_with_format(row, column, value, &format("dd/mm/yyyy"))?;
            }
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn number(value: i64) -> f64 {
    value as f64
}

fn draw(sheet: &mut Worksheet, name: &str, section: &Section) -> Result<(), WriteError> {
    let kind = match &section.picture {
        Some(Picture::Amounts(_) | Picture::Pyramid(_)) => ChartType::Bar,
        Some(Picture::Columns(_)) => ChartType::Column,
        Some(Picture::Line(_)) => ChartType::Line,
        None => return Ok(()),
    };
    let last = u32::try_from(section.table.rows.len()).unwrap_or(u32::MAX);
    if last == 0 || section.drawn.is_empty() {
        return Ok(());
    }
    let mut chart = Chart::new(kind);
    for column in &section.drawn {
        chart
            .add_series()
            .set_categories((name, 1, 0, last, 0))
            .set_values((name, 1, *column, last, *column))
            .set_name((name, 0, *column));
    }
    chart.title().set_name(&section.title);
    if section.drawn.len() < 2 {
        chart.legend().set_hidden();
    }
    // Bars are read from the top, as the table is.
    if kind == ChartType::Bar {
        chart.y_axis().set_reverse();
    } else if section.table.rows.iter().flatten().next().is_some_and(|first| matches!(first.value, FigureValue::Day(_)))
    {
        chart.x_axis().set_date_axis(true).set_num_format("dd/mm");
    }
    // Nothing is where the axis begins: a bar is as long as its number.
    let numbers = if kind == ChartType::Bar { chart.x_axis() } else { chart.y_axis() };
    numbers.set_min(0);
    match largest(section) {
        FigureValue::Percent(_) => numbers.set_max(1).set_num_format("0%"),
        // There are no halves.
        FigureValue::Count(..=5) => numbers.set_major_unit(1).set_num_format("#,##0"),
        _ => numbers.set_num_format("#,##0"),
    };
    chart.set_width(640).set_height(u32::max(320, last.min(40) * 22 + 120));
    let column = u16::try_from(section.table.heads.len()).unwrap_or_default() + 1;
    sheet.insert_chart(1, column, &chart)?;
    Ok(())
}

/// The largest value that is drawn.
fn largest(section: &Section) -> FigureValue {
    let columns = section.drawn.iter().map(|column| usize::from(*column));
    let values = columns.flat_map(|column| section.table.rows.iter().filter_map(move |row| row.get(column)));
    let number = |value: &FigureValue| match value {
        FigureValue::Count(number) | FigureValue::Percent(number) => Some(*number),
        _ => None,
    };
    let numbers = values.filter_map(|cell| Some((number(&cell.value)?, &cell.value)));
    numbers.max_by_key(|(number, _)| *number).map_or(FigureValue::Nothing, |(_, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::sheet_name;

    #[test]
    fn a_sheet_has_a_name_that_it_may_have() {
        assert_eq!(sheet_name(2, "Theo lớp / khối: [10]"), "2. Theo lớp  khối 10");
        assert_eq!(sheet_name(1, &"x".repeat(40)).chars().count(), 31);
    }
}
