//! The people of one school of a zip, as rows of a plan.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{
    OfSchool,
    archive::{Contents, Mode, ZipRow, ZipRows},
    broken::{Rule, Violations},
    standard::{StandardFile, StandardVersion},
};
use crate::{
    plan::apply::HOMEROOM,
    roster::fields::{self, Fault, Field},
    sources::spreadsheet::PersonRow,
    vietnam::{class_name, text},
};

/// What a user of the zip is in the school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ZipRole {
    Pupil,
    Teacher,
}

/// The rows of the people of the school, teachers and pupils, in the order of the file. Who only manages, and parents, are
/// no rows: the first are made by hand, the others stand with their children.
pub fn of_school(contents: &Contents, school: &OfSchool, today: NaiveDate, rules: &mut Violations) -> Vec<PersonRow> {
    let Some(users) = contents.tables.get(&StandardFile::Users) else { return Vec::new() };
    let Some(org) = org(contents, school, rules) else { return Vec::new() };
    let parts = parts(contents, users, &org);
    let classes = classes(contents, &org);
    let enrolled = Enrolled::of(contents, &classes);
    let reader = UserReader { contents, users, school, today };
    users
        .rows
        .iter()
        .filter_map(|row| Some((row, *parts.get(row.id())?)))
        .map(|(row, part)| reader.person(row, part, &enrolled))
        .collect()
}

/// The organization that is the school: the one with its id or code, or the only one that is a school. None where the zip
/// names no organizations, as changes may.
fn org(contents: &Contents, school: &OfSchool, rules: &mut Violations) -> Option<String> {
    let Some(orgs) = contents.tables.get(&StandardFile::Orgs) else { return Some(String::new()) };
    let is_school = |row: &&ZipRow| {
        let kind = orgs.cell(row, "type");
        kind == "school" || kind.starts_with("ext:")
    };
    let schools: Vec<&ZipRow> = orgs.rows.iter().filter(is_school).collect();
    let named = schools.iter().find(|row| {
        row.id().eq_ignore_ascii_case(&school.id) || orgs.cell(row, "identifier").eq_ignore_ascii_case(&school.code)
    });
    match (named, schools.as_slice()) {
        (Some(row), _) | (None, [row]) => Some(row.id().to_owned()),
        _ => {
            let known: Vec<&str> = schools.iter().map(|row| orgs.cell(row, "identifier")).take(10).collect();
            rules.breaks(Rule::OrgUnknown, "orgs.csv", 0, "identifier", &known.join(", "));
            None
        }
    }
}

/// What each user is in the school.
fn parts<'c>(contents: &'c Contents, users: &'c ZipRows, org: &str) -> HashMap<&'c str, ZipRole> {
    let mut parts = HashMap::new();
    if contents.version == StandardVersion::V1p1 {
        for row in &users.rows {
            let orgs = users.cell(row, "orgSourcedIds");
            let is_here = org.is_empty() || orgs.split(',').any(|id| id.trim() == org);
            if let Some(part) = part(users.cell(row, "role")).filter(|_| is_here) {
                parts.insert(row.id(), part);
            }
        }
        return parts;
    }
    if let Some(roles) = contents.tables.get(&StandardFile::Roles) {
        parts_by_roles(&mut parts, roles, users, org);
    }
    if users.mode == Mode::Delta
        && let Some(enrollments) = contents.tables.get(&StandardFile::Enrollments)
    {
        for row in &enrollments.rows {
            let is_here = org.is_empty() || enrollments.cell(row, "schoolSourcedId") == org;
            if let Some(part) = part(enrollments.cell(row, "role")).filter(|_| is_here) {
                parts.entry(enrollments.cell(row, "userSourcedId")).or_insert(part);
            }
        }
    }
    parts
}

/// What a role makes of a user; nothing where they neither learn nor teach.
fn part(role: &str) -> Option<ZipRole> {
    match role {
        "student" => Some(ZipRole::Pupil),
        "teacher" | "aide" | "proctor" | "counselor" => Some(ZipRole::Teacher),
        _ => None,
    }
}

fn parts_by_roles<'c>(parts: &mut HashMap<&'c str, ZipRole>, roles: &'c ZipRows, users: &ZipRows, org: &str) {
    for row in &roles.rows {
        let is_here = org.is_empty() || roles.cell(row, "orgSourcedId") == org;
        let user = roles.cell(row, "userSourcedId");
        // The role of a user who is deleted is deleted with them, and still says what they were.
        let is_user_gone = users.get(user).is_some_and(|user| users.cell(user, "status") == "tobedeleted");
        let is_gone = roles.cell(row, "status") == "tobedeleted" && !is_user_gone;
        let Some(part) = part(roles.cell(row, "role")).filter(|_| is_here && !is_gone) else { continue };
        let is_primary = roles.cell(row, "roleType") == "primary";
        let known = parts.entry(user).or_insert(part);
        if is_primary {
            *known = part;
        }
    }
}

/// A class of the school.
struct ZipClass<'c> {
    title: &'c str,
    is_homeroom: bool,
}

fn classes<'c>(contents: &'c Contents, org: &str) -> HashMap<&'c str, ZipClass<'c>> {
    let Some(classes) = contents.tables.get(&StandardFile::Classes) else { return HashMap::new() };
    let here = |row: &&ZipRow| {
        (org.is_empty() || classes.cell(row, "schoolSourcedId") == org) && classes.cell(row, "status") != "tobedeleted"
    };
    let class = |row: &'c ZipRow| {
        let is_homeroom = classes.cell(row, "classType") == "homeroom";
        (row.id(), ZipClass { title: classes.cell(row, "title"), is_homeroom })
    };
    classes.rows.iter().filter(here).map(class).collect()
}

/// Who is in which class, by the class's title.
#[derive(Default)]
struct Enrolled<'c> {
    /// The homeroom class of a pupil; of those without one, the only class.
    pupils: HashMap<&'c str, &'c str>,
    /// The class that a teacher is responsible for.
    homerooms: HashMap<&'c str, &'c str>,
}

impl<'c> Enrolled<'c> {
    fn of(contents: &'c Contents, classes: &HashMap<&'c str, ZipClass<'c>>) -> Self {
        let mut enrolled = Self::default();
        let Some(rows) = contents.tables.get(&StandardFile::Enrollments) else { return enrolled };
        let mut scheduled: HashMap<&str, Option<&str>> = HashMap::new();
        for row in &rows.rows {
            let Some(class) = classes.get(rows.cell(row, "classSourcedId")) else { continue };
            if rows.cell(row, "status") == "tobedeleted" {
                continue;
            }
            let user = rows.cell(row, "userSourcedId");
            match (rows.cell(row, "role"), class.is_homeroom) {
                ("student", true) => _ = enrolled.pupils.entry(user).or_insert(class.title),
                ("student", false) => {
                    let only = scheduled.entry(user).or_insert(Some(class.title));
                    *only = only.filter(|title| *title == class.title);
                }
                ("teacher", true) if rows.cell(row, "primary") != "false" => {
                    enrolled.homerooms.entry(user).or_insert(class.title);
                }
                _ => {}
            }
        }
        for (user, only) in scheduled {
            if let Some(title) = only {
                enrolled.pupils.entry(user).or_insert(title);
            }
        }
        enrolled
    }
}

/// Reads the users of a zip as people of the school.
struct UserReader<'c> {
    contents: &'c Contents,
    users: &'c ZipRows,
    school: &'c OfSchool,
    today: NaiveDate,
}

impl UserReader<'_> {
    fn person(&self, row: &ZipRow, part: ZipRole, enrolled: &Enrolled<'_>) -> PersonRow {
        let cell = |name: &str| self.users.cell(row, name);
        let is_pupil = part == ZipRole::Pupil;
        let mut person = PersonRow { line: row.line, is_staff: Some(!is_pupil), ..PersonRow::default() };
        let mut take = |field: Field, typed: &str| self.take(&mut person, field, typed);
        take(Field::FullName, &full_name(self.users, row));
        take(Field::Email, cell("email"));
        take(Field::Phone, if cell("phone").is_empty() { cell("sms") } else { cell("phone") });
        take(Field::MoetId, cell("userMasterIdentifier"));
        if let Some((birth_date, sex)) = demographics(self.contents, row.id()) {
            take(Field::BirthDate, birth_date);
            take(Field::Gender, if sex == "unspecified" { "" } else { sex });
        }
        if is_pupil {
            take(Field::Class, enrolled.pupils.get(row.id()).copied().unwrap_or_default());
            for (field, name) in parents(self.contents, self.users, row) {
                take(field, &name);
            }
        }
        // Staff sign in by their address, and so do students in higher education.
        let username = cell("username").to_lowercase();
        if is_pupil && !self.school.is_higher && is_username(&username) && username != row.id() {
            person.values.insert(Field::Username, username);
        }
        if cell("status") == "tobedeleted" {
            person.values.insert(Field::Status, "left".to_owned());
        }
        if let (false, Some(class)) = (is_pupil, enrolled.homerooms.get(row.id())) {
            let class = class_name::normalise(class).unwrap_or_else(|| (*class).to_owned());
            person.warnings.push(Fault::new(Field::Class, HOMEROOM, &class));
        }
        person
    }

    /// Takes a value as a sheet's is taken: an unfit name keeps the row out, an unfit value of another kind is left out.
    fn take(&self, person: &mut PersonRow, field: Field, typed: &str) {
        match fields::normalise(field, typed, self.today) {
            Ok(read) => {
                if let Some(value) = read.value {
                    person.values.insert(field, value);
                }
                person.guesses.extend(read.guess);
            }
            Err(fault) if matches!(field, Field::FullName | Field::Class) => person.faults.push(fault),
            Err(fault) => person.warnings.push(fault),
        }
    }
}

/// The whole name. A single word is a given name; where the standard wants a family name, a dash stands for none.
fn full_name(users: &ZipRows, row: &ZipRow) -> String {
    let family = Some(users.cell(row, "familyName")).filter(|family| *family != "-").unwrap_or_default();
    text::clean(&[family, users.cell(row, "middleName"), users.cell(row, "givenName")].join(" "))
}

fn is_username(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

fn demographics<'c>(contents: &'c Contents, user: &str) -> Option<(&'c str, &'c str)> {
    let rows = contents.tables.get(&StandardFile::Demographics)?;
    let row = rows.get(user)?;
    Some((rows.cell(row, "birthDate"), rows.cell(row, "sex")))
}

/// The mother and the guardian among those that a pupil is linked with. Who is a mother follows from the id, where it is
/// one of ours, or from the sex.
fn parents(contents: &Contents, users: &ZipRows, row: &ZipRow) -> Vec<(Field, String)> {
    let mut found = Vec::new();
    for id in users.cell(row, "agentSourcedIds").split(',').map(str::trim) {
        let Some(agent) = users.get(id).filter(|agent| users.cell(agent, "status") != "tobedeleted") else { continue };
        let is_mother = id.ends_with(".mother") || demographics(contents, id).is_some_and(|(_, sex)| sex == "female");
        let field = if is_mother { Field::MotherName } else { Field::GuardianName };
        if !found.iter().any(|(taken, _)| *taken == field) {
            found.push((field, full_name(users, agent)));
        }
    }
    found
}
