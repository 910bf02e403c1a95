//! Sections as a workbook: a sheet each, with numbers as numbers and the chart beside them; printed on A4.

use chrono::NaiveDate;
use rust_xlsxwriter::{Chart, ChartType, Format, FormatAlign, FormatBorder, Workbook, Worksheet};

use super::section::{Picture, Section, Value};
use crate::{error::Error, sources::spreadsheet::write::WriteError};

/// A sheet's name has so many characters at most.
const NAME_CHARS: usize = 31;

/// What the printed sheets say at their edges.
pub struct Edges {
    /// The school, or whose figures these are.
    pub of: String,
    pub day: NaiveDate,
}

/// Writes the sections, where nobody else waits for the thread.
///
/// # Errors
/// When the workbook cannot be written.
pub async fn written(sections: Vec<Section>, edges: Edges) -> crate::error::Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || write(&sections, &edges))
        .await
        .map_err(anyhow::Error::new)?
        .map_err(|fault| Error::Internal(fault.into()))
}

fn write(sections: &[Section], edges: &Edges) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    for (number, section) in (1..).zip(sections) {
        let name = sheet_name(number, &section.title);
        let sheet = workbook.add_worksheet();
        sheet.set_name(&name)?;
        sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_landscape();
        // The signs are commands of the header's own language.
        let plain = |text: &str| text.replace('&', "&&");
        sheet.set_header(format!("&L{}&R{}", plain(&edges.of), edges.day.format("%d/%m/%Y")));
        sheet.set_footer(format!("&L{}&R&P/&N", plain(&section.title)));
        fill(sheet, section)?;
        draw(sheet, &name, section)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// The number tells sheets of one title apart; some signs may not stand in a name.
fn sheet_name(number: usize, title: &str) -> String {
    let kept: String = title.chars().filter(|letter| !"[]:*?/\\'".contains(*letter)).collect();
    format!("{number}. {kept}").chars().take(NAME_CHARS).collect::<String>().trim_end().to_owned()
}

fn fill(sheet: &mut Worksheet, section: &Section) -> Result<(), WriteError> {
    let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_text_wrap();
    let count = Format::new().set_num_format("#,##0").set_align(FormatAlign::Right);
    let percent = Format::new().set_num_format("0%").set_align(FormatAlign::Right);
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet.set_freeze_panes(1, 1)?.set_repeat_rows(0, 0)?;
    for (column, each) in (0u16..).zip(&section.table.heads) {
        sheet.write_string_with_format(0, column, &each.label, &head)?;
        sheet.set_column_width(column, if column == 0 { 28.0 } else { 16.0 })?;
    }
    for (row, cells) in (1u32..).zip(&section.table.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            match &cell.value {
                Value::Nothing => {}
                Value::Text(text) => {
                    sheet.write_string(row, column, text)?;
                }
                Value::Count(value) => {
                    sheet.write_number_with_format(row, column, number(*value), &count)?;
                }
                Value::Percent(value) => {
                    sheet.write_number_with_format(row, column, number(*value) / 100.0, &percent)?;
                }
                Value::Day(value) => {
                    sheet.write_date_with_format(row, column, value, &day)?;
                }
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
    }
    chart.set_width(640).set_height(u32::max(320, last.min(40) * 22 + 120));
    let column = u16::try_from(section.table.heads.len()).unwrap_or_default() + 1;
    sheet.insert_chart(1, column, &chart)?;
    Ok(())
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
