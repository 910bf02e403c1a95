//! What holds between the rows: references, dates, roles.

use std::collections::HashSet;

use super::{
    archive::{Contents, Mode, Row, Rows},
    broken::{Rule, Rules},
    standard::{Cell, Table, Version},
};

/// Checks all tables against each other. A table of changes need not hold what it refers to.
pub fn check(contents: &Contents, rules: &mut Rules) {
    for rows in contents.tables.values() {
        let file = format!("{}.csv", rows.table.name());
        for row in &rows.rows {
            if rows.mode == Mode::Bulk {
                references(contents, rows, &file, row, rules);
            }
            dates(rows, &file, row, rules);
            if rules.is_full() {
                return;
            }
        }
    }
    schools(contents, rules);
    classes_of_changes(contents, rules);
    if contents.version == Version::V1p2 {
        roles(contents, rules);
    }
}

fn references(contents: &Contents, rows: &Rows, file: &str, row: &Row, rules: &mut Rules) {
    for (place, column) in rows.columns.iter().enumerate() {
        let (target, ids): (Table, Vec<&str>) = match column.cell {
            Cell::Reference(target) => (target, vec![row.cell(place)]),
            Cell::References(target) => (target, row.cell(place).split(',').map(str::trim).collect()),
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
fn dates(rows: &Rows, file: &str, row: &Row, rules: &mut Rules) {
    for (from, to) in [("startDate", "endDate"), ("beginDate", "endDate")] {
        let (begins, ends) = (rows.cell(row, from), rows.cell(row, to));
        if !begins.is_empty() && !ends.is_empty() && begins > ends {
            rules.breaks(Rule::DatesReversed, file, row.line, to, ends);
        }
    }
}

/// Classes and enrolments are of schools.
fn schools(contents: &Contents, rules: &mut Rules) {
    let Some(orgs) = contents.tables.get(&Table::Orgs) else { return };
    for table in [Table::Classes, Table::Enrollments] {
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
fn roles(contents: &Contents, rules: &mut Rules) {
    let Some(users) = contents.tables.get(&Table::Users) else { return };
    let (mut with_role, mut primary) = (HashSet::new(), HashSet::new());
    if let Some(roles) = contents.tables.get(&Table::Roles) {
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
    if let (Mode::Delta, Some(enrollments)) = (users.mode, contents.tables.get(&Table::Enrollments)) {
        with_role.extend(enrollments.rows.iter().map(|row| enrollments.cell(row, "userSourcedId")));
    }
    for row in users.rows.iter().filter(|row| !with_role.contains(row.id())) {
        rules.breaks(Rule::UserWithoutRole, "users.csv", row.line, "sourcedId", row.id());
    }
}

/// A pupil's new class is known by its title: where the class itself has not changed, its row is sent as well.
fn classes_of_changes(contents: &Contents, rules: &mut Rules) {
    let Some(enrollments) = contents.tables.get(&Table::Enrollments).filter(|rows| rows.mode == Mode::Delta) else {
        return;
    };
    let classes = contents.tables.get(&Table::Classes);
    for row in &enrollments.rows {
        let (class, role) = (enrollments.cell(row, "classSourcedId"), enrollments.cell(row, "role"));
        let counts = enrollments.cell(row, "status") != "tobedeleted" && role == "student";
        if counts && classes.is_none_or(|classes| classes.get(class).is_none()) {
            let value = format!("{class} → classes.csv");
            rules.breaks(Rule::Reference, "enrollments.csv", row.line, "classSourcedId", &value);
        }
    }
}
