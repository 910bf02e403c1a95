//! From which columns the fields of a person come.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cell::SheetRow,
    find::HeaderColumn,
    meaning::{Meaning, words_of},
    names::NamePart,
};
use crate::{roster::fields::Field, vietnam::text};

/// Where each field is looked for. Of several columns the first with a value is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Columns that hold a field whole, best source first.
    pub whole: BTreeMap<Field, Vec<usize>>,
    /// For names of which parts have columns of their own: where they are, best source first.
    pub names: BTreeMap<Field, Vec<NameColumns>>,
    /// For fields with several columns: those that should say the same.
    pub rivals: BTreeMap<Field, Vec<RivalColumn>>,
    /// Day, month, year.
    pub birth_parts: Option<[usize; 3]>,
    pub female: Option<usize>,
    pub male: Option<usize>,
    pub ordinal: Option<usize>,
    /// Fields to which several columns were mapped by hand: their values are joined.
    pub joined: Vec<Field>,
}

/// Where a name stands, whole or in parts: all columns about one person, as a parent may be another than the guardian.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameColumns {
    pub whole: Vec<usize>,
    /// In the order of the name.
    pub parts: Vec<(NamePart, usize)>,
}

/// One of several columns for the same field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RivalColumn {
    pub index: usize,
    /// Whether it is as good a source as the best one.
    pub is_as_good: bool,
}

/// The mapping of a column chosen by hand: its field, or none.
pub type Mapping = BTreeMap<usize, Option<Field>>;

impl Sources {
    pub fn of(columns: &[HeaderColumn], mapping: &Mapping) -> Self {
        let mut sources = Self::default();
        let mut ranked: BTreeMap<Field, Vec<(u8, usize)>> = BTreeMap::new();
        let mut parts: Vec<(Meaning, u8, usize)> = Vec::new();
        for column in columns {
            let by_hand = mapping.get(&column.index);
            let Some((meaning, rank)) = settled(column, by_hand.copied()) else { continue };
            match meaning {
                Meaning::Whole(field) => ranked.entry(field).or_default().push((rank, column.index)),
                Meaning::Female => sources.female = sources.female.or(Some(column.index)),
                Meaning::Male => sources.male = sources.male.or(Some(column.index)),
                Meaning::Ordinal => sources.ordinal = sources.ordinal.or(Some(column.index)),
                Meaning::Unused => {}
                part => parts.push((part, rank, column.index)),
            }
        }
        sources.names = names(&ranked, &parts);
        for (field, mut of_field) in ranked {
            of_field.sort_unstable();
            let rivals = rivals(field, &of_field, columns);
            let by_hand = |column: &usize| mapping.get(column) == Some(&Some(field));
            let of_field: Vec<usize> = of_field.into_iter().map(|(_, column)| column).collect();
            if of_field.iter().filter(|column| by_hand(column)).count() > 1 {
                sources.joined.push(field);
            } else if rivals.len() > 1 {
                sources.rivals.insert(field, rivals);
            }
            sources.whole.insert(field, of_field);
        }
        sources.take_parts(&parts);
        sources
    }

    fn take_parts(&mut self, parts: &[(Meaning, u8, usize)]) {
        let first = |wanted: Meaning| parts.iter().find(|(part, ..)| *part == wanted).map(|(_, _, column)| *column);
        self.birth_parts = match (first(Meaning::BirthDay), first(Meaning::BirthMonth), first(Meaning::BirthYear)) {
            (Some(day), Some(month), Some(year)) => Some([day, month, year]),
            _ => None,
        };
    }

    /// The columns that hold a name or a part of it, whole names first.
    pub fn name_columns(&self) -> Vec<usize> {
        let whole = self.whole.get(&Field::FullName).into_iter().flatten().copied();
        whole.chain(self.part_columns(Field::FullName)).collect()
    }

    /// The columns that hold parts of a name.
    pub fn part_columns(&self, name: Field) -> Vec<usize> {
        let names = self.names.get(&name).into_iter().flatten();
        names.flat_map(|columns| &columns.parts).map(|(_, column)| *column).collect()
    }

    /// The class shown in a row.
    pub fn class_shown(&self, row: &SheetRow<'_>) -> Option<String> {
        let columns = self.whole.get(&Field::Class).map(Vec::as_slice).unwrap_or_default();
        columns.iter().map(|column| text::clean(&row.cell(*column).shown())).find(|class| !class.is_empty())
    }

    pub fn has(&self, field: Field) -> bool {
        self.whole.contains_key(&field)
            || self.names.contains_key(&field)
            || match field {
                Field::BirthDate => self.birth_parts.is_some(),
                Field::Gender => self.female.is_some() || self.male.is_some(),
                _ => false,
            }
    }
}

/// The columns of names of which parts have columns of their own.
fn names(
    whole: &BTreeMap<Field, Vec<(u8, usize)>>,
    parts: &[(Meaning, u8, usize)],
) -> BTreeMap<Field, Vec<NameColumns>> {
    // Of the same rank is what is about the same person.
    let mut by_rank: BTreeMap<(Field, u8), NameColumns> = BTreeMap::new();
    for (meaning, rank, column) in parts {
        let Some((name, part)) = meaning.name_part() else { continue };
        let columns = by_rank.entry((name, *rank)).or_default();
        if columns.parts.iter().all(|(known, _)| *known != part) {
            columns.parts.push((part, *column));
        }
    }
    let in_parts: BTreeSet<Field> = by_rank.keys().map(|(name, _)| *name).collect();
    for name in in_parts {
        for (rank, column) in whole.get(&name).into_iter().flatten() {
            by_rank.entry((name, *rank)).or_default().whole.push(*column);
        }
    }
    let mut names: BTreeMap<Field, Vec<NameColumns>> = BTreeMap::new();
    for ((name, _), mut columns) in by_rank {
        columns.whole.sort_unstable();
        columns.parts.sort_unstable();
        names.entry(name).or_default().push(columns);
    }
    names
}

/// Whether people have several values of the field, so that two columns of it may differ.
fn may_differ(field: Field) -> bool {
    matches!(field, Field::Phone | Field::Email | Field::Address | Field::Department)
}

/// Of the columns of a field, with their ranks and in their order, those that should say the same. One of a lower rank
/// is about another person or thing, such as the mother's telephone; but a pupil has one class and one birth date.
fn rivals(field: Field, ranked: &[(u8, usize)], columns: &[HeaderColumn]) -> Vec<RivalColumn> {
    let Some((best, first)) = ranked.first().copied() else { return Vec::new() };
    let crosses_ranks = matches!(field, Field::Class | Field::BirthDate);
    ranked
        .iter()
        .map(|(rank, index)| RivalColumn { index: *index, is_as_good: *rank == best })
        .filter(|rival| rival.is_as_good || crosses_ranks)
        .filter(|rival| !may_differ(field) || has_same_header(columns, first, rival.index))
        .filter(|_| field != Field::Password)
        .collect()
}

fn has_same_header(columns: &[HeaderColumn], one: usize, other: usize) -> bool {
    let words = |index: usize| columns.iter().find(|column| column.index == index).map(|column| words_of(&column.text));
    words(one) == words(other)
}

/// The columns that are not needed beside another one of the same meaning, by their indices: the second of two with one
/// header, and codes of classes beside their names. `people` are the first rows; a column that has a value where the
/// other one has none is needed.
pub fn repeated(columns: &[HeaderColumn], mapping: &Mapping, people: &[&SheetRow<'_>]) -> Vec<usize> {
    let mut repeated = Vec::new();
    for column in columns.iter().filter(|column| !mapping.contains_key(&column.index)) {
        let Some((meaning, rank)) = column.sense else { continue };
        let is_beside = |other: &HeaderColumn| match settled(other, mapping.get(&other.index).copied()) {
            Some((of_other, other_rank)) if of_other == meaning => match meaning {
                Meaning::Whole(Field::Class) if other_rank < rank => true,
                Meaning::Whole(field) if may_differ(field) && !has_same_header(columns, other.index, column.index) => {
                    false
                }
                _ => other_rank == rank && other.index < column.index,
            },
            _ => false,
        };
        let better: Vec<usize> = columns.iter().filter(|other| is_beside(other)).map(|other| other.index).collect();
        let has_none = |row: &SheetRow<'_>| better.iter().all(|other| row.cell(*other).is_empty());
        // Of parts and of marks the first column alone is read.
        let is_needed = matches!(meaning, Meaning::Whole(_))
            && people.iter().any(|row| !row.cell(column.index).is_empty() && has_none(row));
        if !better.is_empty() && !is_needed {
            repeated.push(column.index);
        }
    }
    repeated
}

/// What a column means after the mapping by hand. Where that is the field of which the column was already known to hold
/// a part, it keeps holding that part.
pub fn settled(column: &HeaderColumn, by_hand: Option<Option<Field>>) -> Option<(Meaning, u8)> {
    match by_hand {
        None => column.sense,
        Some(None) => None,
        Some(Some(field)) => match column.sense {
            Some((meaning, rank)) if meaning.field() == Some(field) => Some((meaning, rank)),
            _ => Some((Meaning::Whole(field), 0)),
        },
    }
}
