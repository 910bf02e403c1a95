//! From which columns the fields of a person come.

use std::collections::BTreeMap;

use super::{cell::SheetRow, find::HeaderColumn, meaning::Meaning};
use crate::{roster::fields::Field, vietnam::text};

/// Where each field is looked for. Of several columns the first with a value is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Columns that hold a field whole, best source first.
    pub whole: BTreeMap<Field, Vec<usize>>,
    /// Columns that make up the name together, in the order of the name.
    pub name_parts: Vec<usize>,
    /// Day, month, year.
    pub birth_parts: Option<[usize; 3]>,
    pub female: Option<usize>,
    pub male: Option<usize>,
    pub ordinal: Option<usize>,
    /// Fields to which several columns were mapped by hand: their values are joined.
    pub joined: Vec<Field>,
}

/// The mapping of a column chosen by hand: its field, or none.
pub type Mapping = BTreeMap<usize, Option<Field>>;

impl Sources {
    pub fn of(columns: &[HeaderColumn], mapping: &Mapping) -> Self {
        let mut sources = Self::default();
        let mut ranked: BTreeMap<Field, Vec<(u8, usize)>> = BTreeMap::new();
        let mut parts: Vec<(Meaning, usize)> = Vec::new();
        for column in columns {
            let by_hand = mapping.get(&column.index);
            let Some((meaning, rank)) = settled(column, by_hand.copied()) else { continue };
            match meaning {
                Meaning::Whole(field) => ranked.entry(field).or_default().push((rank, column.index)),
                Meaning::Female => sources.female = sources.female.or(Some(column.index)),
                Meaning::Male => sources.male = sources.male.or(Some(column.index)),
                Meaning::Ordinal => sources.ordinal = sources.ordinal.or(Some(column.index)),
                Meaning::Unused => {}
                part => parts.push((part, column.index)),
            }
        }
        for (field, mut columns) in ranked {
            columns.sort_unstable();
            let by_hand = |column: &usize| mapping.get(column) == Some(&Some(field));
            let columns: Vec<usize> = columns.into_iter().map(|(_, column)| column).collect();
            if columns.iter().filter(|column| by_hand(column)).count() > 1 {
                sources.joined.push(field);
            }
            sources.whole.insert(field, columns);
        }
        sources.take_parts(&parts);
        sources
    }

    fn take_parts(&mut self, parts: &[(Meaning, usize)]) {
        let first = |wanted: Meaning| parts.iter().find(|(part, _)| *part == wanted).map(|(_, column)| *column);
        let order = [Meaning::Family, Meaning::FamilyMiddle, Meaning::Middle, Meaning::Given];
        self.name_parts = order.into_iter().filter_map(first).collect();
        self.birth_parts = match (first(Meaning::BirthDay), first(Meaning::BirthMonth), first(Meaning::BirthYear)) {
            (Some(day), Some(month), Some(year)) => Some([day, month, year]),
            _ => None,
        };
    }

    /// The columns that hold a name.
    pub fn name_columns(&self) -> &[usize] {
        match self.whole.get(&Field::FullName) {
            Some(columns) => columns,
            None => &self.name_parts,
        }
    }

    /// The class shown in a row.
    pub fn class_shown(&self, row: &SheetRow<'_>) -> Option<String> {
        let columns = self.whole.get(&Field::Class).map(Vec::as_slice).unwrap_or_default();
        columns.iter().map(|column| text::clean(&row.cell(*column).shown())).find(|class| !class.is_empty())
    }

    pub fn has(&self, field: Field) -> bool {
        self.whole.contains_key(&field)
            || match field {
                Field::FullName => !self.name_parts.is_empty(),
                Field::BirthDate => self.birth_parts.is_some(),
                Field::Gender => self.female.is_some() || self.male.is_some(),
                _ => false,
            }
    }
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
