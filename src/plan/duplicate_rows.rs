//! Rows of one sheet that seem to be about one person, by what they share.

use std::collections::{BTreeSet, HashMap};

use super::matching::Key;
use crate::vietnam::{name, text};

/// Rows of one sheet that share a key: who they are, and what they say.
#[derive(Clone, Debug, Default)]
pub struct DuplicateRows {
    groups: HashMap<Key, RowGroup>,
    lines: BTreeSet<i32>,
    /// The names of those lines.
    names: HashMap<i32, String>,
}

/// The rows with one key.
#[derive(Clone, Debug)]
struct RowGroup {
    lines: BTreeSet<i32>,
    /// What all of them say; nothing where they differ.
    values_key: Option<Key>,
}

impl DuplicateRows {
    /// Of the lines that share a key: (key, line, values_key).
    #[must_use]
    pub fn new(shared: impl IntoIterator<Item = (Key, i32, Key)>) -> Self {
        let mut shared_rows = Self::default();
        for (key, line, values_key) in shared {
            let group = RowGroup { lines: BTreeSet::new(), values_key: Some(values_key) };
            let group = shared_rows.groups.entry(key).or_insert(group);
            group.lines.insert(line);
            group.values_key = group.values_key.filter(|said| *said == values_key);
            shared_rows.lines.insert(line);
        }
        shared_rows
    }

    /// With the names of the lines, which tell who among them is spelled otherwise, and who has another name.
    #[must_use]
    pub fn with_names(mut self, names: impl IntoIterator<Item = (i32, String)>) -> Self {
        self.names.extend(names);
        self
    }

    /// Whether the name of a line is a spelling of this one. Names that both have marks, and not the same, are two names.
    #[must_use]
    pub fn is_spelling_of(&self, line: i32, full_name: &str) -> bool {
        let Some(other) = self.names.get(&line) else { return true };
        let is_bare = |name: &str| text::fold(name) == text::clean(name).to_lowercase();
        name::spelling_key(other) == name::spelling_key(full_name) || is_bare(other) || is_bare(full_name)
    }

    /// The lines that have one.
    #[must_use]
    pub fn lines(&self) -> &BTreeSet<i32> {
        &self.lines
    }

    /// The other lines that share one of these keys, in their order.
    #[must_use]
    pub fn others(&self, line: i32, keys: &[Key]) -> Vec<i32> {
        let groups = keys.iter().filter_map(|key| self.groups.get(key));
        let lines: BTreeSet<i32> = groups.flat_map(|group| group.lines.iter().copied()).collect();
        lines.into_iter().filter(|other| *other != line).collect()
    }

    /// The other lines that share this key, unless it is shared by more than so many: then it tells nobody apart.
    #[must_use]
    pub fn few_others(&self, line: i32, key: Key, most: usize) -> Vec<i32> {
        let group = self.groups.get(&key).filter(|group| group.lines.len() <= most);
        let lines = group.into_iter().flat_map(|group| group.lines.iter().copied());
        lines.filter(|other| *other != line).collect()
    }

    /// Whether a person must decide on a row. Of rows that say the same, the first one stands for all; where they
    /// differ, none does, so that the order of the sheet decides nothing.
    #[must_use]
    pub fn is_in_doubt(&self, line: i32, values_key: Key, keys: &[Key]) -> bool {
        let mut groups = keys.iter().filter_map(|key| self.groups.get(key));
        groups
            .any(|group| group.values_key != Some(values_key) || group.lines.first().is_some_and(|first| *first < line))
    }
}

#[cfg(test)]
mod tests {
    use super::DuplicateRows;

    #[test]
    fn of_duplicate_rows_that_say_the_same_the_first_stands_for_all() {
        let duplicates = DuplicateRows::new([(7, 2, 100), (7, 5, 100), (8, 3, 100), (8, 9, 101)]);
        assert!(!duplicates.is_in_doubt(2, 100, &[7]));
        assert!(duplicates.is_in_doubt(5, 100, &[7]));
        assert!(duplicates.is_in_doubt(3, 100, &[8]) && duplicates.is_in_doubt(9, 101, &[8]));
        assert!(duplicates.is_in_doubt(2, 100, &[7, 8]), "one key in doubt is enough");
        assert!(!duplicates.is_in_doubt(4, 100, &[1, 2]));
        assert_eq!(duplicates.others(5, &[7, 8]), [2, 3, 9]);
    }
}
