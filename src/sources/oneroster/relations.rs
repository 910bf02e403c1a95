//! What holds between the rows: references, dates, roles.

use std::collections::HashSet;

use super::{
    archive::{Contents, Mode, ZipRow, ZipRows},
    broken::{Rule, Violations},
    standard::{CellFormat, StandardFile, StandardVersion},
};

/// Checks all tables against each other. A table of changes need not hold what it refers to.
pub fn check(contents: &Contents, rules: &mut Violations) {
    for rows in contents.tables.values() {
        let file = format!("{}.csv", rows.table.name());
        for row in &rows.rows {
            if rows.mode == Mode::Bulk {
                references(contents, rows, &file, row, rules);
            }
            dates(rows, &file, row, rules);
            subjects(rows, &file, row, rules);
            if rules.is_full() {
                return;
            }
        }
    }
    schools(contents, rules);
    classes_of_changes(contents, rules);
    if contents.version == StandardVersion::V1p2 {
        roles(contents, rules);
    }
}

fn references(contents: &Contents, rows: &ZipRows, file: &str, row: &ZipRow, rules: &mut Violations) {
    for (place, column) in rows.columns.iter().enumerate() {
        let (target, ids): (StandardFile, Vec<&str>) = match column.cell {
            CellFormat::Reference(target) => (target, vec![row.cell(place)]),
            CellFormat::References(target) => (target, row.cell(place).split(',').map(str::trim).collect()),
            _ => continue,
        };
        for id in ids.into_iter().filter(|id| !id.is_empty()) {
            let is_there = match contents.tables.get(&target) {
                Some(of) => of.mode == Mode::Delta || of.get(id).is_some(),
                None => false,
            };
            if !is_there {
                rules.breaks(Rule::Reference, file, row.line, column.name, &format!("{id} → {}.csv", target.name()));
            }
        }
    }
}

/// What begins ends later.
fn dates(rows: &ZipRows, file: &str, row: &ZipRow, rules: &mut Violations) {
    for (from, to) in [("startDate", "endDate"), ("beginDate", "endDate")] {
        let (begins, ends) = (rows.cell(row, from), rows.cell(row, to));
        if !begins.is_empty() && !ends.is_empty() && begins > ends {
            rules.breaks(Rule::DatesReversed, file, row.line, to, ends);
        }
    }
}

/// Codes of subjects are as many as subjects. Many programs write one of the two alone.
fn subjects(rows: &ZipRows, file: &str, row: &ZipRow, rules: &mut Violations) {
    let (subjects, codes) = (rows.cell(row, "subjects"), rows.cell(row, "subjectCodes"));
    let are_both_there = !subjects.is_empty() && !codes.is_empty();
    if are_both_there && subjects.split(',').count() != codes.split(',').count() {
        rules.breaks(Rule::SubjectCodes, file, row.line, "subjectCodes", codes);
    }
}

/// Classes and enrolments are of schools.
fn schools(contents: &Contents, rules: &mut Violations) {
    let Some(orgs) = contents.tables.get(&StandardFile::Orgs) else { return };
    for table in [StandardFile::Classes, StandardFile::Enrollments] {
        let Some(rows) = contents.tables.get(&table) else { continue };
        for row in &rows.rows {
            let id = rows.cell(row, "schoolSourcedId");
            let kind = orgs.get(id).map(|org| orgs.cell(org, "type"));
            if kind.is_some_and(|kind| kind != "school" && !kind.starts_with("ext:")) {
                rules.breaks(Rule::NoSchool, &format!("{}.csv", table.name()), row.line, "schoolSourcedId", id);
            }
        }
    }
}

/// Everybody has a role, and in each organization one primary one. In changes an enrolment tells it, too: whose role has not
/// changed need not stand in roles.csv.
fn roles(contents: &Contents, rules: &mut Violations) {
    let Some(users) = contents.tables.get(&StandardFile::Users) else { return };
    let (mut with_role, mut primary) = (HashSet::new(), HashSet::new());
    if let Some(roles) = contents.tables.get(&StandardFile::Roles) {
        for row in &roles.rows {
            let (user, org) = (roles.cell(row, "userSourcedId"), roles.cell(row, "orgSourcedId"));
            with_role.insert(user);
            if roles.cell(row, "roleType") == "primary" && !primary.insert((user, org)) {
                rules.breaks(Rule::PrimaryTwice, "roles.csv", row.line, "roleType", user);
            }
        }
        if users.mode != roles.mode {
            return;
        }
    }
    if let (Mode::Delta, Some(enrollments)) = (users.mode, contents.tables.get(&StandardFile::Enrollments)) {
        with_role.extend(enrollments.rows.iter().map(|row| enrollments.cell(row, "userSourcedId")));
    }
    for row in users.rows.iter().filter(|row| !with_role.contains(row.id())) {
        rules.breaks(Rule::UserWithoutRole, "users.csv", row.line, "sourcedId", row.id());
    }
}

/// A pupil's new class is known by its title: where the class itself has not changed, its row is sent as well.
fn classes_of_changes(contents: &Contents, rules: &mut Violations) {
    let Some(enrollments) = contents.tables.get(&StandardFile::Enrollments).filter(|rows| rows.mode == Mode::Delta)
    else {
        return;
    };
    let classes = contents.tables.get(&StandardFile::Classes);
    for row in &enrollments.rows {
        let (class, role) = (enrollments.cell(row, "classSourcedId"), enrollments.cell(row, "role"));
        let counts = enrollments.cell(row, "status") != "tobedeleted" && role == "student";
        if counts && classes.is_none_or(|classes| classes.get(class).is_none()) {
            let value = format!("{class} → classes.csv");
            rules.breaks(Rule::Reference, "enrollments.csv", row.line, "classSourcedId", &value);
        }
    }
}
