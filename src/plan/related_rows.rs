//! The rows beside which a row stands: those that may be about the same person, and those that wait because it has their
//! member. What is decided on one of them depends on what has become of the others.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;

use super::{
    claims,
    duplicate_rows::DuplicateRows,
    list_rules::signs_in_by_email,
    matching::{self, Key, RowKeys},
    model::{Decision, Plan, PlanRow, RowOutcome},
    rows,
};
use crate::{access::Scope, error::Result, ids::MemberId};

/// The lines that stand beside some rows of a plan.
#[derive(Debug, Default)]
pub struct RelatedRows {
    /// By the line of the row.
    alike: HashMap<i32, Vec<i32>>,
    /// By the member that the row changes.
    behind: HashMap<MemberId, Vec<i32>>,
}

impl RelatedRows {
    /// Reads who stands beside these rows.
    pub async fn of(scope: &Scope, tx: &mut PgConnection, plan: &Plan, rows: &[PlanRow]) -> Result<Self> {
        let alike = alike(scope, tx, plan, rows).await?;
        let members: Vec<MemberId> = rows.iter().filter_map(claims::claimed).collect();
        let mut behind: HashMap<MemberId, Vec<i32>> = HashMap::new();
        if !members.is_empty() {
            for (member, line) in claims::held(scope, tx, plan.id, &members).await? {
                behind.entry(member).or_default().push(line);
            }
        }
        Ok(Self { alike, behind })
    }

    /// The other rows of the sheet that may be about the same person.
    #[must_use]
    pub fn alike(&self, row: &PlanRow) -> &[i32] {
        self.alike.get(&row.line).map(Vec::as_slice).unwrap_or_default()
    }

    /// The rows that wait behind this one, which has their member.
    #[must_use]
    pub fn behind(&self, row: &PlanRow) -> &[i32] {
        claims::claimed(row).and_then(|member| self.behind.get(&member)).map(Vec::as_slice).unwrap_or_default()
    }

    /// By what a page identifies the version of a row that it shows.
    #[must_use]
    pub fn seen_key(&self, row: &PlanRow) -> String {
        matching::seen_key(row, &[self.alike(row), self.behind(row)].concat()).to_string()
    }
}

/// The rows that share a key with those of these rows that wait for a decision, or on which one was made that takes
/// them in.
async fn alike(scope: &Scope, tx: &mut PgConnection, plan: &Plan, rows: &[PlanRow]) -> Result<HashMap<i32, Vec<i32>>> {
    let kind = plan.source.roster_kind(scope.school.kind);
    let keys = |row: &PlanRow| RowKeys::of(&row.values, signs_in_by_email(row.kind(kind, scope.school.kind))).all();
    let is_asked_about = |row: &&PlanRow| {
        row.outcome == RowOutcome::Duplicate || matches!(row.decision, Some(Decision::Same | Decision::New))
    };
    let asked: Vec<(i32, Vec<Key>)> = rows.iter().filter(is_asked_about).map(|row| (row.line, keys(row))).collect();
    let all: BTreeSet<Key> = asked.iter().flat_map(|(_, keys)| keys).copied().collect();
    if all.is_empty() {
        return Ok(HashMap::new());
    }
    let all: Vec<Key> = all.into_iter().collect();
    let duplicates: DuplicateRows = rows::duplicates(scope, tx, plan.id, Some(&all)).await?;
    Ok(asked.into_iter().map(|(line, keys)| (line, duplicates.others(line, &keys))).collect())
}
