//! Slips as a workbook, for schools that print or send them by means of their own.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::web::Translator;

/// A row of it.
#[derive(Clone, Debug)]
pub struct SlipRow {
    pub name: String,
    pub class_name: String,
    /// As one reads it; empty where it is not known.
    pub birth_date: String,
    pub login: String,
    pub password: String,
    /// Until when the password is good, as one reads it.
    pub good_until: String,
}

/// Writes the workbook. Every cell is text: a password that looks like a number stays what it is.
///
/// # Errors
/// When it cannot be written.
pub fn workbook(rows: &[SlipRow], address: &str, l: Translator) -> Result<Vec<u8>, XlsxError> {
    let columns = [
        (l.t("field-full-name"), 28.0),
        (l.t("field-class"), 10.0),
        (l.t("field-username"), 26.0),
        (l.t("slips-password"), 18.0),
        (l.t("slips-good-until"), 16.0),
        (l.t("slips-address"), 44.0),
        (l.t("field-birth-date"), 12.0),
    ];
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_bold();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(l.t("slips-sheet"))?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (title, width)) in (0..).zip(columns) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    for (line, row) in (1..).zip(rows) {
        let cells = [&row.name, &row.class_name, &row.login, &row.password, &row.good_until];
        let cells = cells.into_iter().map(String::as_str).chain([address, &row.birth_date]);
        for (column, cell) in (0..).zip(cells) {
            if !cell.is_empty() {
                sheet.write_string_with_format(line, column, cell, &text)?;
            }
        }
    }
    workbook.save_to_buffer()
}
