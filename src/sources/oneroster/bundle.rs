//! What a OneRoster service answers, as a zip of version 1.2: from there it goes the way of every zip.

use std::{
    collections::HashSet,
    fs::File,
    io::{Seek as _, Write},
};

use chrono::NaiveDate;
use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    archive::ROWS,
    standard::{FILES_1P2, StandardFile, StandardVersion},
};

/// Why an answer cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// No list of things of the standard, each with an id.
    #[error("the answer is none of the standard")]
    Shape,
    /// A thing came twice.
    #[error("a thing came twice")]
    Twice,
    #[error("there are more rows than a file may have")]
    TooMany,
    #[error("the zip cannot be written")]
    Write(#[from] std::io::Error),
}

impl From<zip::result::ZipError> for Unfit {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Write(error.into())
    }
}

impl From<csv::Error> for Unfit {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.into())
    }
}

/// A collection of the service: the name in its address, the key in its answers, and the file that it becomes. In this
/// order they are asked for, so that what comes later is held to what came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteCollection {
    pub name: &'static str,
    table: StandardFile,
}

impl RemoteCollection {
    const fn of(name: &'static str, table: StandardFile) -> Self {
        Self { name, table }
    }

    pub const ALL: [Self; 7] = [
        Self::of("orgs", StandardFile::Orgs),
        Self::of("academicSessions", StandardFile::AcademicSessions),
        Self::of("courses", StandardFile::Courses),
        Self::of("classes", StandardFile::Classes),
        Self::of("users", StandardFile::Users),
        Self::of("enrollments", StandardFile::Enrollments),
        Self::DEMOGRAPHICS,
    ];

    /// Has a scope of its own, and is left out where that is not given.
    pub const DEMOGRAPHICS: Self = Self::of("demographics", StandardFile::Demographics);
}

/// The zip as it is written, with what is remembered of the rows before.
pub struct Bundle {
    zip: ZipWriter<File>,
    today: NaiveDate,
    /// The files that have rows.
    written: Vec<&'static str>,
    /// What has come of the collection that is read now, deleted things as well.
    seen: HashSet<Box<str>>,
    /// Things that wait until their collection is complete: they may name each other.
    waiting: Vec<Value>,
    sessions: Vec<ZipSession>,
    /// Of classes and users those that are in the zip.
    classes: HashSet<Box<str>>,
    users: HashSet<Box<str>>,
    /// The rows of roles.csv, which come with the users.
    roles: csv::Writer<File>,
    role_rows: usize,
}

/// When a session is; the standard's end is the first day that is not in it.
#[derive(Debug)]
struct ZipSession {
    id: String,
    from: String,
    to: String,
}

impl Bundle {
    /// An empty zip in an unnamed file, of what is so on this day.
    ///
    /// # Errors
    /// Where the system has no place for it.
    pub fn begin(today: NaiveDate) -> Result<Self, Unfit> {
        Ok(Self {
            zip: ZipWriter::new(tempfile::tempfile()?),
            today,
            written: Vec::new(),
            seen: HashSet::new(),
            waiting: Vec::new(),
            sessions: Vec::new(),
            classes: HashSet::new(),
            users: HashSet::new(),
            roles: writer(tempfile::tempfile()?),
            role_rows: 0,
        })
    }

    /// Takes a page, as it was answered: how many things were on it, and how many of them there are in all by now.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn take(&mut self, of: RemoteCollection, answer: &[u8]) -> Result<(usize, usize), Unfit> {
        let answer: Value = serde_json::from_slice(answer).map_err(|_| Unfit::Shape)?;
        let Value::Object(mut answer) = answer else { return Err(Unfit::Shape) };
        let Some(Value::Array(things)) = answer.remove(of.name) else { return Err(Unfit::Shape) };
        let count = things.len();
        for thing in things {
            let id = thing.get("sourcedId").and_then(Value::as_str).filter(|id| !id.is_empty()).ok_or(Unfit::Shape)?;
            if !self.seen.insert(id.into()) {
                return Err(Unfit::Twice);
            }
            if self.seen.len() > ROWS {
                return Err(Unfit::TooMany);
            }
            if text(&thing, "status") != "tobedeleted" {
                self.keep(of, thing)?;
            }
        }
        Ok((count, self.seen.len()))
    }

    fn keep(&mut self, of: RemoteCollection, thing: Value) -> Result<(), Unfit> {
        match of.table {
            StandardFile::Orgs | StandardFile::AcademicSessions | StandardFile::Classes => self.waiting.push(thing),
            StandardFile::Users => {
                self.users.insert(text(&thing, "sourcedId").into());
                self.write_roles(&thing)?;
                self.write(StandardFile::Users, &thing)?;
            }
            // Of people who are not here nothing is needed.
            StandardFile::Demographics if !self.users.contains(text(&thing, "sourcedId").as_str()) => {}
            StandardFile::Enrollments if !self.classes.contains(named(&thing, "class").as_str()) => {}
            table => self.write(table, &thing)?,
        }
        Ok(())
    }

    /// All pages of the collection were taken.
    ///
    /// # Errors
    /// [`Unfit::Write`].
    pub fn end(&mut self, of: RemoteCollection) -> Result<(), Unfit> {
        let mut things = std::mem::take(&mut self.waiting);
        self.seen.clear();
        match of.table {
            StandardFile::Orgs | StandardFile::AcademicSessions => without_unknown_parents(&mut things),
            StandardFile::Classes => {
                let held = self.held();
                things.retain(|class| held.as_ref().is_none_or(|held| terms(class).any(|term| held.contains(term))));
                self.classes = things.iter().map(|class| text(class, "sourcedId").into()).collect();
            }
            _ => {}
        }
        if of.table == StandardFile::AcademicSessions {
            let session = |thing: &Value| ZipSession {
                id: text(thing, "sourcedId"),
                from: text(thing, "startDate"),
                to: text(thing, "endDate"),
            };
            self.sessions = things.iter().map(session).collect();
        }
        things.iter().try_for_each(|thing| self.write(of.table, thing))
    }

    /// The sessions whose classes are taken: those of today; between two years, those that come next. A service tells
    /// classes of other years as well, and a pupil is in one class at a time. None where no session says anything.
    fn held(&self) -> Option<HashSet<String>> {
        let today = self.today.to_string();
        let ids = |of: &dyn Fn(&&ZipSession) -> bool| -> HashSet<String> {
            self.sessions.iter().filter(of).map(|session| session.id.clone()).collect()
        };
        let now = ids(&|session| session.from <= today && today < session.to);
        if !now.is_empty() {
            return Some(now);
        }
        let next = self.sessions.iter().map(|session| &session.from).filter(|from| **from > today).min()?;
        Some(ids(&|session| session.from == *next))
    }

    /// The zip, its manifest written: from its beginning.
    ///
    /// # Errors
    /// [`Unfit::Write`].
    pub fn finish(mut self) -> Result<File, Unfit> {
        if self.role_rows > 0 {
            self.open(StandardFile::Roles)?;
            let mut roles = self.roles.into_inner().map_err(|error| Unfit::Write(error.into_error()))?;
            roles.rewind()?;
            std::io::copy(&mut roles, &mut self.zip)?;
        }
        self.zip.start_file("manifest.csv", SimpleFileOptions::default())?;
        let mut manifest = writer(&mut self.zip);
        manifest.write_record(["propertyName", "value"])?;
        manifest.write_record(["manifest.version", "1.0"])?;
        manifest.write_record(["oneroster.version", "1.2"])?;
        for name in FILES_1P2 {
            let mode = if self.written.contains(&name) { "bulk" } else { "absent" };
            manifest.write_record([format!("file.{name}").as_str(), mode])?;
        }
        manifest.flush()?;
        drop(manifest);
        let mut file = self.zip.finish()?;
        file.rewind()?;
        Ok(file)
    }

    fn open(&mut self, table: StandardFile) -> Result<(), Unfit> {
        self.zip.start_file(format!("{}.csv", table.name()), SimpleFileOptions::default())?;
        self.written.push(table.name());
        let header: Vec<&str> = table.columns(StandardVersion::V1p2).iter().map(|column| column.name).collect();
        write_record(&mut self.zip, &header)
    }

    fn write(&mut self, table: StandardFile, thing: &Value) -> Result<(), Unfit> {
        if self.written.last() != Some(&table.name()) {
            self.open(table)?;
        }
        let cells: Vec<String> =
            table.columns(StandardVersion::V1p2).iter().map(|column| on_one_line(&cell(thing, column.name))).collect();
        write_record(&mut self.zip, &cells)
    }

    /// The roles of a user, which stand in a file of their own there.
    fn write_roles(&mut self, user: &Value) -> Result<(), Unfit> {
        let id = text(user, "sourcedId");
        for (at, role) in user.get("roles").and_then(Value::as_array).into_iter().flatten().enumerate() {
            self.role_rows += 1;
            if self.role_rows > ROWS {
                return Err(Unfit::TooMany);
            }
            let own = if at == 0 { format!("{id}.role") } else { format!("{id}.role{at}") };
            let cells: Vec<String> = StandardFile::Roles
                .columns(StandardVersion::V1p2)
                .iter()
                .map(|column| match column.name {
                    "sourcedId" => own.clone(),
                    "userSourcedId" => id.clone(),
                    // What the profiles say is not taken.
                    "userProfileSourcedId" => String::new(),
                    name => on_one_line(&cell(role, name)),
                })
                .collect();
            self.roles.write_record(&cells)?;
        }
        Ok(())
    }
}

fn writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out)
}

fn write_record<S: AsRef<[u8]>>(out: &mut ZipWriter<File>, cells: &[S]) -> Result<(), Unfit> {
    let mut row = writer(Vec::new());
    row.write_record(cells)?;
    let row = row.into_inner().map_err(|error| Unfit::Write(error.into_error()))?;
    Ok(out.write_all(&row)?)
}

/// Where a parent is not told, the rest is good without it.
fn without_unknown_parents(things: &mut [Value]) {
    let ids: HashSet<String> = things.iter().map(|thing| text(thing, "sourcedId")).collect();
    for thing in things {
        if !ids.contains(&named(thing, "parent"))
            && let Some(fields) = thing.as_object_mut()
        {
            fields.remove("parent");
        }
    }
}

fn terms(class: &Value) -> impl Iterator<Item = &str> {
    let terms = class.get("terms").and_then(Value::as_array).into_iter().flatten();
    terms.filter_map(|term| term.get("sourcedId").and_then(Value::as_str))
}

/// The cell of a column of the file, from the field of the service's thing that it stands for. Of each thing the service has
/// a reference where the file has an id.
fn cell(thing: &Value, column: &str) -> String {
    match column {
        // In bulk a row has neither; other programs' passwords are not for us.
        "status" | "dateLastModified" | "password" | "userIds" => String::new(),
        "preferredGivenName" => text(thing, "preferredFirstName"),
        "preferredFamilyName" => text(thing, "preferredLastName"),
        "sourcedId" => text(thing, column),
        _ => {
            if let Some(one) = column.strip_suffix("SourcedId") {
                named(thing, one)
            } else if let Some(one) = column.strip_suffix("SourcedIds") {
                let many = thing.get(format!("{one}s")).and_then(Value::as_array).into_iter().flatten();
                let ids: Vec<&str> = many.filter_map(|each| each.get("sourcedId").and_then(Value::as_str)).collect();
                ids.join(",")
            } else {
                text(thing, column)
            }
        }
    }
}

/// The id that a reference names.
fn named(thing: &Value, reference: &str) -> String {
    thing.get(reference).map(|reference| text(reference, "sourcedId")).unwrap_or_default()
}

/// A value as text; several of them, separated by commas.
fn text(thing: &Value, field: &str) -> String {
    match thing.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(is_so)) => is_so.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        _ => String::new(),
    }
}

/// The standard has no line breaks in a cell.
fn on_one_line(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sources::oneroster::{OfSchool, ZipReading, read};

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, 7).unwrap()
    }

    fn zip(answers: &[(usize, Value)]) -> Vec<u8> {
        let mut bundle = Bundle::begin(today()).unwrap();
        for (at, answer) in answers {
            bundle.take(RemoteCollection::ALL[*at], answer.to_string().as_bytes()).unwrap();
            bundle.end(RemoteCollection::ALL[*at]).unwrap();
        }
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut bundle.finish().unwrap(), &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn answers_become_a_zip_that_is_read_like_any_other() {
        let named = |id: &str| json!({ "href": "https://x", "sourcedId": id, "type": "x" });
        let user = |id: &str, given: &str, role: &str, status: &str| {
            json!({ "sourcedId": id, "status": status, "dateLastModified": "2026-09-01T00:00:00.000Z", "username": id,
                "enabledUser": true, "givenName": given, "familyName": "Lê", "middleName": "Văn\nx", "grades": ["10"],
                "roles": [{ "roleType": "primary", "role": role, "org": named("o") }], "password": "secret" })
        };
        let session = |id: &str, from: &str, to: &str| {
            json!({ "sourcedId": id, "status": "active", "title": id, "type": "term", "startDate": from, "endDate": to,
                "schoolYear": "2027", "parent": named("nowhere") })
        };
        let class = |id: &str, term: &str| {
            json!({ "sourcedId": id, "title": id, "course": named("c"), "school": named("o"), "classType": "homeroom",
                "terms": [named(term)] })
        };
        let enrolled = |id: &str, class: &str| {
            json!({ "sourcedId": id, "class": named(class), "user": named("u1"), "school": named("o"),
                "role": "student", "primary": "false" })
        };
        let zip = zip(&[
            (0, json!({ "orgs": [{ "sourcedId": "o", "name": "A, B", "type": "school", "identifier": "79000001" }] })),
            (
                1,
                json!({ "academicSessions": [session("next", "2027-08-01", "2028-06-01"),
                session("now", "2026-08-01", "2027-06-01")] }),
            ),
            (2, json!({ "courses": [{ "sourcedId": "c", "title": "Khối 10", "org": named("o") }] })),
            (3, json!({ "classes": [class("11A1", "next"), class("10A1", "now")] })),
            (
                4,
                json!({ "users": [user("u1", "An", "student", "active"), user("u2", "Bình", "student", "tobedeleted"),
                user("u3", "Chi", "teacher", "active")] }),
            ),
            (5, json!({ "enrollments": [enrolled("e1", "11A1"), enrolled("e2", "10A1")] })),
            (
                6,
                json!({ "demographics": [{ "sourcedId": "u1", "birthDate": "2011-02-03", "sex": "male" },
                { "sourcedId": "u2", "birthDate": "2011-02-03", "sex": "male" }] }),
            ),
        ]);
        let school = OfSchool { id: "x".to_owned(), code: "79000001".to_owned(), is_higher: false };
        let people = match read(&zip, &school, today()).unwrap() {
            ZipReading::People(people) => people,
            ZipReading::Broken(broken) => panic!("{broken:?}"),
        };
        let said = |at: usize, field: &str| {
            let field = crate::roster::fields::Field::ALL.into_iter().find(|known| known.key() == field).unwrap();
            people[at].values.get(&field).cloned().unwrap_or_default()
        };
        assert_eq!(people.len(), 2, "who is deleted is not in it");
        assert_eq!(
            [said(0, "full_name"), said(0, "class"), said(0, "birth_date")],
            ["Lê Văn x An", "10A1", "2011-02-03"]
        );
        assert_eq!(people[1].is_staff, Some(true));
        assert!(!zip.windows(6).any(|bytes| bytes == b"secret"));
    }

    #[test]
    fn what_is_no_answer_of_the_standard_is_not_taken() {
        let orgs = RemoteCollection::ALL[0];
        let mut bundle = Bundle::begin(today()).unwrap();
        for answer in ["", "[]", "{}", r#"{"orgs":{}}"#, r#"{"orgs":[1]}"#, r#"{"orgs":[{"sourcedId":""}]}"#] {
            assert!(matches!(bundle.take(orgs, answer.as_bytes()), Err(Unfit::Shape)), "{answer}");
        }
        let answer = br#"{"orgs":[{"sourcedId":"a"},{"sourcedId":"b"}]}"#;
        assert_eq!(bundle.take(orgs, answer).unwrap(), (2, 2));
        assert!(matches!(bundle.take(orgs, answer), Err(Unfit::Twice)));
    }
}
