//! What many rows lack or have wrong, filled in at once: gender, class, birth date, e-mail, mothers and guardians.

use std::collections::BTreeSet;

use super::{
    model::{PlanRow, RowOutcome},
    review::{self, ChangeCondition, RowChange},
};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::PlanId,
    roster::fields::{self, Fault, Field, RosterKind},
};

/// What is filled in: whatever a new person needs beside the name.
pub const FIELDS: [Field; 8] = [
    Field::MotherName,
    Field::MotherBirthYear,
    Field::GuardianName,
    Field::GuardianBirthYear,
    Field::Gender,
    Field::Class,
    Field::BirthDate,
    Field::Email,
];

/// What is said of a mother or a guardian: one of the two is enough, so that they are asked for together.
const GUARDIANS: [Field; 4] =
    [Field::MotherName, Field::MotherBirthYear, Field::GuardianName, Field::GuardianBirthYear];

/// The fields that at least one of the rows lacks or has wrong, in the order of the templates.
#[must_use]
pub fn asked_for(kind: RosterKind, rows: &[PlanRow]) -> Vec<Field> {
    // What is missing beside a fault is known once the fault is mended: it is asked for at the same time.
    let lacks = |row: &PlanRow| match row.faults.is_empty() {
        true => Vec::new(),
        false => fields::missing_of_new(kind, &row.values),
    };
    let wrong: BTreeSet<Field> =
        rows.iter().flat_map(|row| row.problems().cloned().chain(lacks(row))).map(|fault| fault.field).collect();
    let is_wrong = |field: &Field| wrong.contains(field);
    let asks_guardian = GUARDIANS.iter().any(is_wrong);
    let asked = |field: &Field| if GUARDIANS.contains(field) { asks_guardian } else { is_wrong(field) };
    let mut fields: Vec<Field> = FIELDS.into_iter().filter(asked).collect();
    fields.sort();
    fields
}

/// Kept out for want of one of these values, or because one cannot be taken: `lacks_values` of the rows' table.
#[must_use]
pub fn is_lacking(row: &PlanRow) -> bool {
    row.outcome == RowOutcome::Error && row.problems().any(|fault| FIELDS.contains(&fault.field))
}

/// What is wrong with what a row says of a field: a fault that keeps it out, or a value that was left out of it.
#[must_use]
pub fn wrong(row: &PlanRow, field: Field) -> Option<&Fault> {
    let left_out = |fault: &&Fault| !fault.value.is_empty() && row.value(field).is_empty();
    let fault = row.faults.iter().find(|fault| fault.field == field);
    fault.or_else(|| row.warnings.iter().filter(|fault| fault.field == field).find(left_out))
}

/// What a row says, as a field of the grid holds it: a choice, or a text on one line, also one that cannot be taken.
#[must_use]
pub fn said(row: &PlanRow, field: Field) -> String {
    let wrong = wrong(row, field);
    match field {
        Field::Gender | Field::Class if wrong.is_some() => String::new(),
        Field::BirthDate if wrong.is_none() => {
            let date = row.value(field).parse::<chrono::NaiveDate>();
            date.map_or_else(|_| String::new(), |date| date.format("%d/%m/%Y").to_string())
        }
        _ => one_line(wrong.map_or_else(|| row.value(field), |fault| fault.value.as_str())),
    }
}

/// A text without line breaks and runs of spaces.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes what was typed for many rows. A row that is no longer lacking, since another request was first, keeps what it
/// has. Gives how many rows are complete now.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the plan can no longer be changed.
pub async fn save(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan_id: PlanId,
    typed: Vec<(i32, Vec<(Field, String)>)>,
) -> Result<usize> {
    if typed.is_empty() {
        return Ok(0);
    }
    let changes: Vec<(i32, RowChange)> =
        typed.into_iter().map(|(line, values)| (line, RowChange::Mend(values))).collect();
    let rows = review::change(granted, app, plan_id, &changes, ChangeCondition::If(&is_lacking)).await?;
    Ok(rows.iter().filter(|row| !is_lacking(row)).count())
}
