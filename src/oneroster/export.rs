//! The school's roster as a zip of CSV files, OneRoster 1.2, in bulk: what is there today.

use std::{
    fs::File,
    io::{Seek, Write},
};

use futures_util::TryStreamExt;
use sqlx::Row;
use tokio::sync::mpsc;
use zip::{ZipWriter, write::SimpleFileOptions};

pub use crate::sources::oneroster::FILES_1P2 as FILES;

use super::tables::{ExportSource, StandardTable, Wanted};
use crate::{
    access::{Granted, may},
    app::App,
    audit::{self, AuditAction},
    error::{Error, Result},
};

/// How many rows may be buffered at most: the database reader waits for the file writer.
const WAITING: usize = 500;

/// The version of the standard that is written.
const VERSION: &str = "1.2";

/// A file: its name, the table it is of, and its columns in the standard's order with what is written in them. An empty
/// expression is a column that we have nothing for.
#[derive(Clone, Copy)]
struct CsvFile {
    name: &'static str,
    table: StandardTable,
    columns: &'static [(&'static str, &'static str)],
    /// Which rows of those that are there.
    only: &'static str,
}

/// In bulk a row has neither status nor date.
const WRITTEN: [CsvFile; 8] = [
    CsvFile {
        name: "academicSessions",
        table: StandardTable::AcademicSessions,
        columns: &[
            ("sourcedId", "r.\"sourcedId\""),
            ("status", ""),
            ("dateLastModified", ""),
            ("title", "r.\"title\""),
            ("type", "r.\"type\""),
            ("startDate", "r.\"startDate\""),
            ("endDate", "r.\"endDate\""),
            ("parentSourcedId", "r.\"parent.sourcedId\""),
            ("schoolYear", "r.\"schoolYear\""),
        ],
        only: "r.year_id = $2",
    },
    CsvFile {
        name: "classes",
        table: StandardTable::Classes,
        columns: &[
            ("sourcedId", "r.\"sourcedId\""),
            ("status", ""),
            ("dateLastModified", ""),
            ("title", "r.\"title\""),
            ("grades", "r.\"grades\""),
            ("courseSourcedId", "r.\"course.sourcedId\""),
            ("classCode", "r.\"classCode\""),
            ("classType", "r.\"classType\""),
            ("location", ""),
            ("schoolSourcedId", "$1::text"),
            ("termSourcedIds", "r.\"terms.sourcedId\""),
            ("subjects", "r.\"subjects\""),
            ("subjectCodes", "r.\"subjectCodes\""),
            ("periods", ""),
        ],
        only: "r.year_id = $2",
    },
    CsvFile {
        name: "courses",
        table: StandardTable::Courses,
        columns: &[
            ("sourcedId", "r.\"sourcedId\""),
            ("status", ""),
            ("dateLastModified", ""),
            ("schoolYearSourcedId", "r.\"schoolYear.sourcedId\""),
            ("title", "r.\"title\""),
            ("courseCode", "r.\"courseCode\""),
            ("grades", "r.\"grades\""),
            ("orgSourcedId", "$1::text"),
            ("subjects", "r.\"subjects\""),
            ("subjectCodes", "r.\"subjectCodes\""),
        ],
        only: "r.year_id = $2",
    },
    CsvFile {
        name: "demographics",
        table: StandardTable::Demographics,
        columns: &[
            ("sourcedId", "r.\"sourcedId\""),
            ("status", ""),
            ("dateLastModified", ""),
            ("birthDate", "r.\"birthDate\""),
            ("sex", "r.\"sex\""),
            ("americanIndianOrAlaskaNative", ""),
            ("asian", ""),
            ("blackOrAfricanAmerican", ""),
            ("nativeHawaiianOrOtherPacificIslander", ""),
            ("white", ""),
            ("demographicRaceTwoOrMoreRaces", ""),
            ("hispanicOrLatinoEthnicity", ""),
            ("countryOfBirthCode", ""),
            ("stateOfBirthAbbreviation", ""),
            ("cityOfBirth", ""),
            ("publicSchoolResidenceStatus", ""),
        ],
        only: "true",
    },
    CsvFile {
        name: "enrollments",
        table: StandardTable::Enrollments,
        columns: &[
            ("sourcedId", "r.\"sourcedId\""),
            ("status", ""),
            ("dateLastModified", ""),
            ("classSourcedId", "r.\"class.sourcedId\""),
            ("schoolSourcedId", "$1::text"),
            ("userSourcedId", "r.\"user.sourcedId\""),
            ("role", "r.\"role\""),
            ("primary", "r.\"primary\""),
            ("beginDate", ""),
            ("endDate", ""),
        ],
        only: "r.year_id = $2",
    },
    CsvFile {
        name: "orgs",
        table: StandardTable::Orgs,
        columns: &[
            ("sourcedId", "r.\"sourcedId\""),
            ("status", ""),
            ("dateLastModified", ""),
            ("name", "r.\"name\""),
            ("type", "r.\"type\""),
            ("identifier", "r.\"identifier\""),
            ("parentSourcedId", ""),
        ],
        only: "true",
    },
    CsvFile {
        name: "roles",
        table: StandardTable::Users,
        columns: &[
            ("sourcedId", "r.\"sourcedId\" || '.role'"),
            ("status", ""),
            ("dateLastModified", ""),
            ("userSourcedId", "r.\"sourcedId\""),
            ("roleType", "'primary'"),
            ("role", "r.\"roles.role\""),
            ("beginDate", ""),
            ("endDate", ""),
            ("orgSourcedId", "$1::text"),
            ("userProfileSourcedId", ""),
        ],
        only: "true",
    },
    CsvFile {
        name: "users",
        table: StandardTable::Users,
        columns: &[
            ("sourcedId", "r.\"sourcedId\""),
            ("status", ""),
            ("dateLastModified", ""),
            ("enabledUser", "r.\"enabledUser\""),
            ("username", "r.\"username\""),
            ("userIds", ""),
            ("givenName", "r.\"givenName\""),
            ("familyName", "r.\"familyName\""),
            ("middleName", "r.\"middleName\""),
            ("identifier", ""),
            ("email", "r.\"email\""),
            ("sms", ""),
            ("phone", "r.\"phone\""),
            ("agentSourcedIds", "r.\"agents.sourcedId\""),
            ("grades", "r.\"grades\""),
            ("password", ""),
            ("userMasterIdentifier", "r.\"userMasterIdentifier\""),
            ("preferredGivenName", ""),
            ("preferredMiddleName", ""),
            ("preferredFamilyName", ""),
            ("primaryOrgSourcedId", "$1::text"),
            ("pronouns", ""),
        ],
        only: "true",
    },
];

impl CsvFile {
    /// Each row as an array of its cells.
    fn sql(&self) -> String {
        let cells: Vec<&str> =
            self.columns.iter().map(|(_, written)| if written.is_empty() { "''" } else { *written }).collect();
        format!(
            "SELECT ARRAY[{}]::text[] FROM {} WHERE r.\"status\" = 'active' AND {} ORDER BY r.\"sourcedId\"",
            cells.join(", "),
            self.table.rows(),
            self.only,
        )
    }
}

/// The statement that reads each file, by the file's name.
#[must_use]
pub fn statements() -> [(&'static str, String); 8] {
    WRITTEN.map(|file| (file.name, file.sql()))
}

/// Which file a row is of, and its cells.
type Cells = (usize, Vec<Option<String>>);

/// Writes the zip into an unnamed file that is deleted when it is closed. Memory does not grow with the school, and no
/// transaction stays open for a slow reader of the file.
///
/// # Errors
/// When the file cannot be written.
pub async fn write(granted: &Granted<may::ManageAccounts>, app: &App) -> Result<File> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let wanted = Wanted { demographics: true, guardians: true, gone_since: None };
    let source = ExportSource::of(granted, app, &mut tx, wanted).await?;
    let (rows, waiting) = mpsc::channel(WAITING);
    let written = tokio::task::spawn_blocking(move || zipped(waiting));
    let mut people = 0;
    'files: for (at, file) in WRITTEN.iter().enumerate() {
        let mut found = source.query(file.sql()).fetch(&mut *tx);
        while let Some(row) = found.try_next().await? {
            people += u64::from(file.name == "users");
            // The writer has given up: its error is what is told.
            if rows.send((at, row.try_get(0)?)).await.is_err() {
                break 'files;
            }
        }
    }
    drop(rows);
    let file = written.await.map_err(anyhow::Error::new)?.map_err(|fault| Error::Internal(fault.into()))?;
    audit::record(granted, app, &mut tx, audit::Event::new(AuditAction::OneRosterExported { people })).await?;
    tx.commit().await?;
    Ok(file)
}

/// A file without rows is none: the manifest says that it is absent.
fn zipped(mut rows: mpsc::Receiver<Cells>) -> Result<File, std::io::Error> {
    let options = SimpleFileOptions::default();
    let mut zip = ZipWriter::new(tempfile::tempfile()?);
    let mut present = Vec::new();
    let mut next = rows.blocking_recv();
    while let Some((file, _)) = next {
        let Some(of) = WRITTEN.get(file) else { break };
        present.push(of.name);
        zip.start_file(format!("{}.csv", of.name), options)?;
        let mut csv = writer(&mut zip);
        csv.write_record(of.columns.iter().map(|(header, _)| header))?;
        while let Some((_, cells)) = next.take_if(|(at, _)| *at == file) {
            csv.write_record(cells.iter().map(|cell| on_one_line(cell.as_deref().unwrap_or_default())))?;
            next = rows.blocking_recv();
        }
        csv.flush()?;
    }
    zip.start_file("manifest.csv", options)?;
    let mut csv = writer(&mut zip);
    csv.write_record(["propertyName", "value"])?;
    csv.write_record(["manifest.version", "1.0"])?;
    csv.write_record(["oneroster.version", VERSION])?;
    for name in FILES {
        let mode = if present.contains(&name) { "bulk" } else { "absent" };
        csv.write_record([format!("file.{name}").as_str(), mode])?;
    }
    csv.write_record(["source.systemName", "Schoolgate"])?;
    csv.flush()?;
    drop(csv);
    let mut file = zip.finish()?;
    file.rewind()?;
    Ok(file)
}

fn writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out)
}

/// The standard has no line breaks in a cell.
fn on_one_line(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
