//! A year of the school as a workbook: its classes with their homeroom teachers, and who was in which of them from when to
//! when. Of a year that is over it is what there was.

use std::{fs::File, io::Seek};

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use tokio::sync::mpsc;

use super::spreadsheet::write::WriteError;
use crate::{
    access::{Granted, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{ClassId, YearId},
    schools::{stays, year_changes, years::Year},
    vietnam::national_id,
    web::Translator,
};

/// How many people may be buffered at most: the database reader waits for the file writer.
const WAITING: usize = 200;

/// A row of the sheet of classes.
struct ClassLine {
    id: ClassId,
    name: String,
    grade: Option<String>,
    homeroom: Option<String>,
    pupils: i64,
}

/// A row of the sheet of pupils.
struct PupilLine {
    class: String,
    full_name: String,
    gender: Option<String>,
    birth_date: Option<NaiveDate>,
    username: Option<String>,
    moet_id: Option<String>,
    national_id: Option<String>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// Writes a year into an unnamed file that is deleted when it is closed; with a day it has the pupils who were in
/// the classes on that day, without one all pupils of the year. Numbers of identity cards are whole only for those who
/// get them in the list of accounts as well.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such year; when the file cannot be written.
pub async fn write(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    id: YearId,
    on: Option<NaiveDate>,
    l: Translator,
) -> Result<(File, Year)> {
    let shows_numbers = granted.may::<may::ManageAccounts>();
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let year = year_changes::find(granted, &mut tx, id).await?;
    let mut classes = sqlx::query_as!(
        ClassLine,
        r#"SELECT c.id, c.name, c.grade, m.full_name AS "homeroom?",
               (SELECT count(*) FROM enrolments e WHERE e.school_id = $1 AND e.class_id = c.id AND e.ended_at IS NULL)
                   AS "pupils!"
           FROM classes c LEFT JOIN members m ON m.school_id = $1 AND m.id = c.homeroom_member_id
           WHERE c.school_id = $1 AND c.school_year_id = $2 ORDER BY c.sort_key, c.id"#,
        granted.school_id(),
        id,
    )
    .fetch_all(&mut *tx)
    .await?;
    if let Some(day) = on {
        let there = stays::on_day(granted, &mut tx, id, day).await?;
        for class in &mut classes {
            class.pupils = there.iter().find(|each| each.id == class.id).map_or(0, |each| each.pupils);
        }
    }
    let (sends, waiting) = mpsc::channel(WAITING);
    let written = tokio::task::spawn_blocking(move || workbook(&classes, waiting, l));
    let mut people: u64 = 0;
    {
        let mut rows = sqlx::query_as!(
            PupilLine,
            r#"SELECT c.name AS class, m.full_name, m.gender, m.birth_date, m.username, m.moet_id, m.national_id,
                   s.from_day AS "from?", s.to_day AS "until?"
               FROM classes c
               JOIN LATERAL (
                   SELECT e.member_id, e.from_day, (e.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS to_day
                   FROM enrolments e WHERE e.school_id = $1 AND e.class_id = c.id
                   UNION ALL
                   SELECT p.member_id, p.from_day, p.to_day FROM past_stays p
                   WHERE p.school_id = $1 AND p.class_id = c.id) s ON true
               JOIN members m ON m.school_id = $1 AND m.id = s.member_id
               WHERE c.school_id = $1 AND c.school_year_id = $2
                   AND ($3::date IS NULL OR (s.from_day IS NULL OR s.from_day <= $3) AND (s.to_day IS NULL OR s.to_day > $3))
               ORDER BY c.sort_key, c.id, m.given_name, m.family_name, m.middle_name, m.id, s.from_day"#,
            granted.school_id(),
            id,
            on,
        )
        .fetch(&mut *tx);
        while let Some(mut line) = rows.try_next().await? {
            if !shows_numbers {
                line.national_id = line.national_id.map(|number| national_id::masked(&number));
            }
            people += 1;
            if sends.send(line).await.is_err() {
                break;
            }
        }
    }
    drop(sends);
    let file = written.await.map_err(anyhow::Error::new)?.map_err(|fault| Error::Internal(fault.into()))?;
    let action = AuditAction::SchoolYearExported { people };
    audit::record(granted, app, &mut tx, Event::about(action, id)).await?;
    tx.commit().await?;
    Ok((file, year))
}

fn workbook(classes: &[ClassLine], mut people: mpsc::Receiver<PupilLine>, l: Translator) -> Result<File, WriteError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(l.t("year-export-classes"))?;
    let heads = ["word-class-cap", "field-grade", "homeroom-teacher", "year-export-pupils"];
    write_heads(sheet, &heads.map(|key| (l.t(key), 24.0)))?;
    for (line, class) in (1..).zip(classes) {
        let cells = [Some(&class.name), class.grade.as_ref(), class.homeroom.as_ref()];
        write_row(sheet, line, &cells.map(|cell| cell.cloned().unwrap_or_default()))?;
        sheet.write_number(line, 3, f64::from(i32::try_from(class.pupils).unwrap_or(i32::MAX)))?;
    }
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(l.t("word-pupils-cap"))?;
    let heads = [
        "word-class-cap",
        "field-full-name",
        "field-gender",
        "field-birth-date",
        "field-username",
        "field-moet-id",
        "field-national-id",
        "class-list-from",
        "class-list-until",
    ];
    write_heads(sheet, &heads.map(|key| (l.t(key), 20.0)))?;
    let mut at = 1;
    while let Some(pupil) = people.blocking_recv() {
        let day = |date: Option<NaiveDate>| date.map(|date| l.date(&date)).unwrap_or_default();
        let gender = pupil.gender.map(|key| l.tk("gender", &key)).unwrap_or_default();
        let cells = [
            pupil.class,
            pupil.full_name,
            gender,
            day(pupil.birth_date),
            pupil.username.unwrap_or_default(),
            pupil.moet_id.unwrap_or_default(),
            pupil.national_id.unwrap_or_default(),
            day(pupil.from),
            day(pupil.until),
        ];
        write_row(sheet, at, &cells)?;
        at += 1;
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    file.rewind()?;
    Ok(file)
}

fn write_heads<const N: usize>(sheet: &mut Worksheet, heads: &[(String, f64); N]) -> Result<(), WriteError> {
    let bold = Format::new().set_bold();
    sheet.set_freeze_panes(1, 0)?;
    for (column, (head, width)) in (0..).zip(heads) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, head, &bold)?;
    }
    Ok(())
}

/// Every cell is text, so that a number keeps its zeros.
fn write_row(sheet: &mut Worksheet, line: u32, cells: &[String]) -> Result<(), WriteError> {
    let text = Format::new().set_num_format("@");
    for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        sheet.write_string_with_format(line, column, cell, &text)?;
    }
    Ok(())
}
