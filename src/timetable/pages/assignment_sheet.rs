//! Assignments from a sheet, in the two shapes that schools have: a line for each teacher, subject and class or classes;
//! or a line for each class with a column for each subject, the teacher's name in the cell. All of it is taken, or
//! nothing, with every line that was not understood.

use std::io::Cursor;

use axum::extract::Multipart;

use super::assignments::{AssignmentChoices, AssignmentForm};
use crate::{
    app::App,
    error::{Error, Result},
    roster::fields::{Field, RosterKind},
    sources::spreadsheet::{FileRefusal, ReadOptions, Table, child},
    timetable::{assignments::NewAssignment, subjects},
    vietnam::text,
    web::forms::FieldError,
};

/// The fields of the form, and others that a browser may send along.
const MOST_FIELDS: usize = 10;

/// The most rows of a sheet: more than any school has classes and teachers together.
const MOST_ROWS: usize = 3_000;

/// The most lines that are named as not understood.
const MOST_FAULTS: usize = 50;

/// Why a sheet is not taken.
pub enum SheetFault {
    Unreadable(FileRefusal),
    /// No columns of either shape.
    NoColumns,
    /// Nothing is assigned in it.
    Nothing,
    /// The lines that were not understood, each with why.
    Lines(Vec<(u32, FieldError)>),
}

/// The longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// The file of a form, and its name.
pub async fn file(mut multipart: Multipart) -> Result<(String, Vec<u8>)> {
    let (mut name, mut file) = (String::new(), Vec::new());
    for _ in 0..MOST_FIELDS {
        let Some(field) = multipart.next_field().await? else { return Ok((name, file)) };
        let own_name: String = field.file_name().unwrap_or_default().chars().take(LONGEST_NAME).collect();
        let is_file = field.name() == Some("file") && file.is_empty();
        let bytes = field.bytes().await?;
        if is_file {
            (name, file) = (own_name, bytes.to_vec());
        }
    }
    Err(Error::Malformed)
}

/// Reads a sheet in a process of its own.
pub async fn read(
    app: &App,
    basis: &AssignmentChoices,
    file: Vec<u8>,
) -> std::result::Result<Vec<NewAssignment>, SheetFault> {
    // Of both shapes the classes are what each line is of.
    let options = ReadOptions::new(RosterKind::Classes, app.clock.today());
    let table =
        child::read_all_guarded(&app.program, Cursor::new(file), &options).await.map_err(SheetFault::Unreadable)?;
    if table.rows.len() > MOST_ROWS {
        return Err(SheetFault::Unreadable(FileRefusal::TooManyRows));
    }
    let columns = AssignmentColumns::of(&table, basis)?;
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for row in &table.rows {
        if faults.len() >= MOST_FAULTS {
            break;
        }
        let cell = |place: usize| row.cells.get(place).map_or("", |cell| cell.trim());
        for form in columns.forms(cell) {
            match super::assignments::read(&form, basis) {
                Ok(line) => lines.push(line),
                Err(found) => faults.extend(found.iter().next().map(|fault| (row.line, fault.clone()))),
            }
        }
    }
    faults.truncate(MOST_FAULTS);
    match (faults.is_empty(), lines.is_empty()) {
        (false, _) => Err(SheetFault::Lines(faults)),
        (true, true) => Err(SheetFault::Nothing),
        (true, false) => Ok(lines),
    }
}

/// Where what stands, by places among the columns of the table.
struct AssignmentColumns {
    class: usize,
    shape: AssignmentShape,
}

enum AssignmentShape {
    Lines {
        teacher: usize,
        subject: usize,
        periods: Option<usize>,
        doubles: Option<usize>,
        room: Option<usize>,
    },
    /// The subject of each column.
    Subjects(Vec<(usize, String)>),
}

impl AssignmentColumns {
    fn of(table: &Table, basis: &AssignmentChoices) -> std::result::Result<Self, SheetFault> {
        let headers: Vec<String> =
            table.head.columns.iter().map(|column| text::words(&column.header).join(" ")).collect();
        let is_class = |column: &crate::sources::spreadsheet::HeaderColumnInfo| column.field == Some(Field::Class);
        let class = table.head.columns.iter().position(is_class).ok_or(SheetFault::NoColumns)?;
        let find = |names: &[&str]| headers.iter().position(|header| names.contains(&header.as_str()));
        let teacher = find(&["giao vien", "ho va ten giao vien", "ten giao vien", "gv", "teacher", "gvbm"]);
        let subject = find(&["mon", "mon hoc", "mon day", "ten mon", "subject"]);
        if let (Some(teacher), Some(subject)) = (teacher, subject) {
            let periods = find(&["so tiet", "tiet", "so tiet tuan", "so tiet moi tuan", "periods", "periods a week"]);
            let doubles = find(&["tiet doi", "so cap tiet doi", "cap tiet doi", "double periods"]);
            let room = find(&["phong", "phong chung", "phong hoc", "room", "shared room"]);
            return Ok(Self { class, shape: AssignmentShape::Lines { teacher, subject, periods, doubles, room } });
        }
        let columns = table.head.columns.iter().enumerate().filter(|(place, _)| *place != class);
        let of_subjects: Vec<(usize, String)> = columns
            .filter_map(|(place, column)| {
                let subject = subjects::meant(&column.header, &basis.subjects)?;
                Some((place, subject.short_name.clone()))
            })
            .collect();
        if of_subjects.is_empty() {
            return Err(SheetFault::NoColumns);
        }
        Ok(Self { class, shape: AssignmentShape::Subjects(of_subjects) })
    }

    /// The lines of the form that a row stands for.
    fn forms<'a>(&self, cell: impl Fn(usize) -> &'a str) -> Vec<AssignmentForm> {
        let class = cell(self.class).to_owned();
        match &self.shape {
            AssignmentShape::Lines { teacher, subject, periods, doubles, room } => {
                let optional = |place: &Option<usize>| place.map(|place| cell(place).to_owned()).unwrap_or_default();
                vec![AssignmentForm {
                    teacher: cell(*teacher).to_owned(),
                    class,
                    subject: cell(*subject).to_owned(),
                    periods: optional(periods),
                    doubles: optional(doubles),
                    room: optional(room),
                    ..AssignmentForm::default()
                }]
            }
            AssignmentShape::Subjects(columns) => columns
                .iter()
                .filter(|(place, _)| !cell(*place).is_empty())
                .map(|(place, subject)| AssignmentForm {
                    teacher: cell(*place).to_owned(),
                    class: class.clone(),
                    subject: subject.clone(),
                    ..AssignmentForm::default()
                })
                .collect(),
        }
    }
}
