//! The empty sheet that a school fills in.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Formula, IgnoreError, Workbook,
    Worksheet,
};

use super::{OutColumn, Texts, WriteError, template_columns, width};
use crate::roster::fields::{Field, RosterKind};

/// Rows that have lists to choose from, and are formatted as text so that numbers keep their zeros.
const PREPARED_ROWS: u32 = 2_000;

/// The template for a kind of people: headers in the official order, lists for gender and class, an example that the
/// reader recognises and leaves out, and a second sheet that explains.
///
/// # Errors
/// The workbook cannot be written.
pub fn template(kind: RosterKind, classes: &[String], texts: Texts<'_>) -> Result<Vec<u8>, WriteError> {
    let columns = template_columns(kind);
    let mut workbook = Workbook::new();
    write_list(workbook.add_worksheet(), kind, &columns, classes, texts)?;
    write_guide(workbook.add_worksheet(), kind, &columns, texts)?;
    write_choices(workbook.add_worksheet(), classes, texts)?;
    Ok(workbook.save_to_buffer()?)
}

fn write_list(
    sheet: &mut Worksheet,
    kind: RosterKind,
    columns: &[OutColumn],
    classes: &[String],
    texts: Texts<'_>,
) -> Result<(), WriteError> {
    let as_text = Format::new().set_num_format("@");
    let example = Format::new().set_num_format("@").set_italic().set_font_color(Color::Gray);
    sheet.set_name(texts("template-sheet-list"))?;
    for (column, out) in (0u16..).zip(columns) {
        sheet.set_column_format(column, &as_text)?;
        sheet.set_column_width(column, width(*out))?;
        sheet.write_string_with_format(0, column, out.header(kind, texts), &header_format())?;
        sheet.write_string_with_format(1, column, example_of(*out, column, classes, texts), &example)?;
        if let Some(validation) = validation_of(*out, kind, classes, texts)? {
            sheet.add_data_validation(1, column, PREPARED_ROWS, column, &validation)?;
        }
    }
    let last = u16::try_from(columns.len().saturating_sub(1)).unwrap_or_default();
    sheet.ignore_error_range(1, 0, PREPARED_ROWS, last, IgnoreError::NumberStoredAsText)?;
    sheet.set_row_height(0, 30)?;
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// The example is marked in its first cell, by which the reader leaves the row out.
fn example_of(out: OutColumn, column: u16, classes: &[String], texts: Texts<'_>) -> String {
    let example = match (out, classes.first()) {
        (OutColumn::Field(Field::Class), Some(class)) => class.clone(),
        _ => texts(&format!("template-example-{}", out.key().replace('_', "-"))),
    };
    if column == 0 { format!("{} {example}", texts("template-example-mark")) } else { example }
}

/// A list to choose from. Other values may be typed all the same: new classes are made by importing them.
fn validation_of(
    out: OutColumn,
    kind: RosterKind,
    classes: &[String],
    texts: Texts<'_>,
) -> Result<Option<DataValidation>, WriteError> {
    let choices = texts("template-sheet-choices").replace('\'', "''");
    let list = match out {
        OutColumn::Field(Field::Gender) => format!("='{choices}'!$A$1:$A$3"),
        OutColumn::Field(Field::Class) if !classes.is_empty() => format!("='{choices}'!$B$1:$B${}", classes.len()),
        _ => return Ok(None),
    };
    let validation = DataValidation::new()
        .allow_list_formula(Formula::new(list))
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_input_title(out.header(kind, texts).chars().take(32).collect::<String>())?
        .set_input_message(texts("template-choose").chars().take(255).collect::<String>())?;
    Ok(Some(validation))
}

/// A table that explains each column.
fn write_guide(
    sheet: &mut Worksheet,
    kind: RosterKind,
    columns: &[OutColumn],
    texts: Texts<'_>,
) -> Result<(), WriteError> {
    let title = Format::new().set_bold().set_font_size(14);
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name(texts("template-sheet-guide"))?;
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 90)?;
    sheet.write_string_with_format(0, 0, texts("template-guide-title"), &title)?;
    let mut row = 1;
    let required = match kind {
        RosterKind::Students => "template-guide-required-students",
        _ => "template-guide-required",
    };
    for key in [required, "template-guide-example", "template-guide-paste", "template-guide-again"] {
        sheet.write_string(row, 0, texts(key))?;
        row += 1;
    }
    row += 1;
    sheet.write_string_with_format(row, 0, texts("template-guide-column"), &header_format())?;
    sheet.write_string_with_format(row, 1, texts("template-guide-content"), &header_format())?;
    for out in columns {
        row += 1;
        sheet.write_string_with_format(row, 0, out.header(kind, texts), &wrapped)?;
        sheet.write_string_with_format(
            row,
            1,
            texts(&format!("template-help-{}", out.key().replace('_', "-"))),
            &wrapped,
        )?;
    }
    Ok(())
}

/// The hidden sheet behind the lists.
fn write_choices(sheet: &mut Worksheet, classes: &[String], texts: Texts<'_>) -> Result<(), WriteError> {
    sheet.set_name(texts("template-sheet-choices"))?;
    for (row, gender) in (0u32..).zip(["female", "male", "other"]) {
        sheet.write_string(row, 0, texts(&format!("value-gender-{gender}")))?;
    }
    for (row, class) in (0u32..).zip(classes) {
        sheet.write_string(row, 1, class)?;
    }
    sheet.set_hidden(true);
    Ok(())
}

pub(super) fn header_format() -> Format {
    Format::new()
        .set_bold()
        .set_num_format("@")
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0xDD_E7_F5))
        .set_border_bottom(FormatBorder::Thin)
}
