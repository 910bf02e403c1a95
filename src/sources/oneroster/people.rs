//! The people of one school of a zip, as rows of a plan.

use std::collections::HashMap;

use super::{
    OfSchool,
    archive::{Contents, Row, Rows},
    broken::{Rule, Rules},
    standard::{Table, Version},
};
use crate::{
    roster::fields::{self, Fault, Field, RosterKind, Values},
    sources::spreadsheet::PersonRow,
    vietnam::text,
};

/// Who teaches is told by this warning, whose value is the class: applying makes them its homeroom teacher.
pub const HOMEROOM: &str = "homeroom-of";

/// What a user of the zip is in the school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Pupil,
    Teacher,
}

/// The rows of the people of the school, teachers and pupils, in the order of the file. Who only manages, and parents, are
/// no rows: the first are made by hand, the others stand with their children.
pub fn of_school(contents: &Contents, school: &OfSchool, rules: &mut Rules) -> Vec<PersonRow> {
    let Some(users) = contents.tables.get(&Table::Users) else { return Vec::new() };
    let Some(org) = org(contents, school, rules) else { return Vec::new() };
    let parts = parts(contents, users, &org);
    let classes = classes(contents, &org);
    let enrolled = Enrolled::of(contents, &classes);
    users
        .rows
        .iter()
        .filter_map(|row| Some((row, *parts.get(row.id())?)))
        .map(|(row, part)| person(contents, users, row, part, school, &enrolled))
        .collect()
}

/// The organization that is the school: the one with its id or code, or the only one that is a school. None where the zip
/// names no organizations, as changes may.
fn org(contents: &Contents, school: &OfSchool, rules: &mut Rules) -> Option<String> {
    let Some(orgs) = contents.tables.get(&Table::Orgs) else { return Some(String::new()) };
    let is_school = |row: &&Row| {
        let kind = orgs.cell(row, "type");
        kind == "school" || kind.starts_with("ext:")
    };
    let schools: Vec<&Row> = orgs.rows.iter().filter(is_school).collect();
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
fn parts<'c>(contents: &'c Contents, users: &'c Rows, org: &str) -> HashMap<&'c str, Part> {
    let part = |role: &str| match role {
        "student" => Some(Part::Pupil),
        "teacher" | "aide" | "proctor" | "counselor" => Some(Part::Teacher),
        _ => None,
    };
    let mut parts = HashMap::new();
    if contents.version == Version::V1p1 {
        for row in &users.rows {
            let orgs = users.cell(row, "orgSourcedIds");
            let is_here = org.is_empty() || orgs.split(',').any(|id| id.trim() == org);
            if let Some(part) = part(users.cell(row, "role")).filter(|_| is_here) {
                parts.insert(row.id(), part);
            }
        }
        return parts;
    }
    let Some(roles) = contents.tables.get(&Table::Roles) else { return parts };
    for row in &roles.rows {
        let is_here = org.is_empty() || roles.cell(row, "orgSourcedId") == org;
        let is_gone = roles.cell(row, "status") == "tobedeleted";
        let Some(part) = part(roles.cell(row, "role")).filter(|_| is_here && !is_gone) else { continue };
        let is_primary = roles.cell(row, "roleType") == "primary";
        let known = parts.entry(roles.cell(row, "userSourcedId")).or_insert(part);
        if is_primary {
            *known = part;
        }
    }
    parts
}

/// A class of the school.
struct Class<'c> {
    title: &'c str,
    is_homeroom: bool,
}

fn classes<'c>(contents: &'c Contents, org: &str) -> HashMap<&'c str, Class<'c>> {
    let Some(classes) = contents.tables.get(&Table::Classes) else { return HashMap::new() };
    let here = |row: &&Row| {
        (org.is_empty() || classes.cell(row, "schoolSourcedId") == org)
            && classes.cell(row, "status") != "tobedeleted"
    };
    let class = |row: &'c Row| {
        let is_homeroom = classes.cell(row, "classType") == "homeroom";
        (row.id(), Class { title: classes.cell(row, "title"), is_homeroom })
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
    fn of(contents: &'c Contents, classes: &HashMap<&'c str, Class<'c>>) -> Self {
        let mut enrolled = Self::default();
        let Some(rows) = contents.tables.get(&Table::Enrollments) else { return enrolled };
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

fn person(
    contents: &Contents,
    users: &Rows,
    row: &Row,
    part: Part,
    school: &OfSchool,
    enrolled: &Enrolled<'_>,
) -> PersonRow {
    let cell = |name: &str| users.cell(row, name);
    let mut person = PersonRow { line: row.line, is_staff: Some(part == Part::Teacher), ..PersonRow::default() };
    let mut take = |field: Field, typed: &str| take(&mut person, field, typed);
    // A single word is a given name; where the standard wants a family name, a dash stands for none.
    let family = Some(cell("familyName")).filter(|family| *family != "-").unwrap_or_default();
    let name = [family, cell("middleName"), cell("givenName")].join(" ");
    take(Field::FullName, &text::clean(&name));
    let is_pupil = part == Part::Pupil;
    take(Field::Email, cell("email"));
    take(Field::Phone, if cell("phone").is_empty() { cell("sms") } else { cell("phone") });
    take(Field::MoetId, cell("userMasterIdentifier"));
    if is_pupil {
        take(Field::Class, enrolled.pupils.get(row.id()).copied().unwrap_or_default());
    }
    if let Some((birth_date, sex)) = demographics(contents, row.id()) {
        take(Field::BirthDate, birth_date);
        take(Field::Gender, if sex == "unspecified" { "" } else { sex });
    }
    if is_pupil {
        for (field, name) in parents(contents, users, row) {
            take(field, &name);
        }
    }
    let username = cell("username").to_lowercase();
    if is_pupil && !school.is_higher && is_username(&username) && username != row.id() {
        person.values.insert(Field::Username, username);
    }
    if cell("status") == "tobedeleted" {
        person.values.insert(Field::Status, "left".to_owned());
    }
    let kind = RosterKind::of(if school.is_higher { crate::access::SchoolKind::Higher } else { crate::access::SchoolKind::K12 }, is_pupil);
    debug_assert!(matches!(kind, RosterKind::Students | RosterKind::HigherStudents) == is_pupil);
    if let (false, Some(class)) = (is_pupil, enrolled.homerooms.get(row.id())) {
        person.warnings.push(Fault::new(Field::Class, HOMEROOM, class));
    }
    person
}

/// Takes a value as a sheet's is taken: an unfit name keeps the row out, an unfit value of another kind is left out.
fn take(person: &mut PersonRow, field: Field, typed: &str) {
    if typed.is_empty() {
        return;
    }
    match fields::normalise(field, typed, fields::DateOrder::default()) {
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

fn is_username(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

fn demographics<'c>(contents: &'c Contents, user: &str) -> Option<(&'c str, &'c str)> {
    let rows = contents.tables.get(&Table::Demographics)?;
    let row = rows.get(user)?;
    Some((rows.cell(row, "birthDate"), rows.cell(row, "sex")))
}

/// The mother and the guardian among those that a pupil is linked with. Who is a mother follows from the id, where it is
/// one of ours, or from the sex.
fn parents(contents: &Contents, users: &Rows, row: &Row) -> Vec<(Field, String)> {
    let mut found = Vec::new();
    for id in users.cell(row, "agentSourcedIds").split(',').map(str::trim) {
        let Some(agent) = users.get(id) else { continue };
        let family = Some(users.cell(agent, "familyName")).filter(|family| *family != "-").unwrap_or_default();
        let name = [family, users.cell(agent, "middleName"), users.cell(agent, "givenName")].join(" ");
        let is_mother = id.ends_with(".mother") || demographics(contents, id).is_some_and(|(_, sex)| sex == "female");
        let field = if is_mother { Field::MotherName } else { Field::GuardianName };
        if !found.iter().any(|(taken, _)| *taken == field) {
            found.push((field, text::clean(&name)));
        }
    }
    found
}

/// The values of a person, for tests of the reader.
#[cfg(test)]
pub fn said(values: &Values, field: Field) -> &str {
    values.get(&field).map(String::as_str).unwrap_or_default()
}
