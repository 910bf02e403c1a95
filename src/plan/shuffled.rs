//! Columns that seem to have been sorted by themselves: then most rows name one person and describe another, each row
//! plausible alone. They are detected by what all changes of a plan have in common.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::model::{IDENTIFIER_DOUBTS, PlanRow, RowOutcome};
use crate::{
    roster::fields::{Field, Values},
    vietnam::name::{self, Likeness},
};

/// Fields distinctive enough to see that a value belongs to another person.
const TELLING: [Field; 8] = [
    Field::FullName,
    Field::BirthDate,
    Field::MotherName,
    Field::GuardianName,
    Field::Phone,
    Field::Email,
    Field::Address,
    Field::NationalId,
];

/// At least so many people must be renamed for it not to be chance.
const FEWEST_RENAMED: usize = 3;

/// What the rows of a plan change, in a few bytes each.
#[derive(Debug, Default)]
pub struct Changes {
    /// Rows about an existing member.
    known: usize,
    /// For each field that changes: the line, the old and the new value.
    changed: BTreeMap<Field, Vec<ColumnChange>>,
    /// Rows that give a member quite another name.
    renamed: Vec<i32>,
    /// Rows whose identifier is contradicted by name and birth date.
    pub contradicted: usize,
}

#[derive(Clone, Copy, Debug)]
struct ColumnChange {
    line: i32,
    old: u64,
    new: u64,
}

impl Changes {
    /// Records a resolved row.
    pub fn see(&mut self, row: &PlanRow) {
        self.contradicted +=
            usize::from(row.blockers.iter().any(|fault| IDENTIFIER_DOUBTS.contains(&fault.key.as_str())));
        if !matches!(row.outcome, RowOutcome::Update | RowOutcome::Unchanged) {
            return;
        }
        self.known += 1;
        for field in TELLING {
            let (Some(old), Some(new)) = (said(&row.before, field), said(&row.values, field)) else { continue };
            self.changed.entry(field).or_default().push(ColumnChange {
                line: row.line,
                old: hash(old),
                new: hash(new),
            });
        }
        let names = said(&row.before, Field::FullName).zip(said(&row.values, Field::FullName));
        if names.is_some_and(|(old, new)| name::likeness(old, new) == Likeness::Other) {
            self.renamed.push(row.line);
        }
    }

    /// The lines that are not to be believed, and the column that seems shifted in each.
    #[must_use]
    pub fn astray(&self) -> BTreeMap<i32, Field> {
        let mut astray = BTreeMap::new();
        for (field, changes) in self.changed.iter().rev().filter(|(_, changes)| is_shuffled(changes)) {
            astray.extend(changes.iter().map(|change| (change.line, *field)));
        }
        if self.renamed.len() >= FEWEST_RENAMED && self.renamed.len() * 4 >= self.known {
            astray.extend(self.renamed.iter().map(|line| (*line, Field::FullName)));
        }
        astray
    }
}

/// Whether most new values of a column are what other people had before.
fn is_shuffled(changes: &[ColumnChange]) -> bool {
    let olds: HashSet<u64> = changes.iter().map(|change| change.old).collect();
    let news: BTreeSet<u64> = changes.iter().map(|change| change.new).collect();
    let taken_over = changes.iter().filter(|change| olds.contains(&change.new)).count();
    news.len() >= 2 && taken_over * 3 >= changes.len() * 2
}

fn said(values: &Values, field: Field) -> Option<&str> {
    values.get(&field).map(String::as_str).filter(|value| !value.is_empty())
}

fn hash(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(pairs: &[(&str, &str)]) -> Vec<ColumnChange> {
        (1..).zip(pairs).map(|(line, (old, new))| ColumnChange { line, old: hash(old), new: hash(new) }).collect()
    }

    #[test]
    fn a_column_that_was_sorted_is_told_from_one_that_was_mended() {
        assert!(is_shuffled(&changes(&[("a", "b"), ("b", "c"), ("c", "a")])));
        assert!(is_shuffled(&changes(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "neu")])));
        assert!(is_shuffled(&changes(&[("a", "b"), ("b", "a")])), "two that were swapped");
        assert!(!is_shuffled(&changes(&[("a", "x"), ("b", "y"), ("c", "z")])));
        assert!(!is_shuffled(&changes(&[("a", "b")])));
        assert!(!is_shuffled(&changes(&[("a", "x"), ("x", "x")])), "a family that moves in with another");
    }
}
