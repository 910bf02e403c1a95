//! Mothers and guardians of many rows at once: the pupils kept out by nothing else, and what was typed for them.

use super::{
    model::{Outcome, PlanRow},
    review::{self, RowChange},
};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::PlanId,
    roster::fields::{Fault, Field},
};

/// What is said of a mother or a guardian.
pub const FIELDS: [Field; 4] =
    [Field::MotherName, Field::MotherBirthYear, Field::GuardianName, Field::GuardianBirthYear];

/// Kept out for want of a mother or a guardian, or because what is said of them cannot be taken: `lacks_guardian` of
/// the rows' table.
#[must_use]
pub fn is_lacking(row: &PlanRow) -> bool {
    row.outcome == Outcome::Error && row.problems().any(|fault| FIELDS.contains(&fault.field))
}

/// What is wrong with what a row says of a field: a fault that keeps it out, or a value that was left out of it.
#[must_use]
pub fn wrong(row: &PlanRow, field: Field) -> Option<&Fault> {
    let left_out = |fault: &&Fault| !fault.value.is_empty() && row.value(field).is_empty();
    let fault = row.faults.iter().find(|fault| fault.field == field);
    fault.or_else(|| row.warnings.iter().filter(|fault| fault.field == field).find(left_out))
}

/// What a row says, also where it cannot be taken; on one line, as a field of a form holds it.
#[must_use]
pub fn said(row: &PlanRow, field: Field) -> String {
    one_line(wrong(row, field).map_or_else(|| row.value(field), |fault| fault.value.as_str()))
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
    let rows = review::change(granted, app, plan_id, &changes, is_lacking).await?;
    Ok(rows.iter().filter(|row| !is_lacking(row)).count())
}
