//! The pupils of a draft by what a list or a person names them by: an identifier, or a name that is one pupil's alone.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{
    model::{ClassMap, DraftClass},
    pupils::KnownPupil,
};
use crate::{ids::ClassId, vietnam::text};

/// Why nobody is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOne {
    Nobody,
    Several,
    /// The identifier is of a pupil of another name.
    OtherName,
}

pub struct KnownPeople<'a> {
    by_identifier: HashMap<String, Vec<&'a KnownPupil>>,
    by_name: HashMap<String, Vec<&'a KnownPupil>>,
    classes: HashMap<ClassId, &'a DraftClass>,
}

impl<'a> KnownPeople<'a> {
    #[must_use]
    pub fn of(pupils: &'a [KnownPupil], map: &'a ClassMap) -> Self {
        let mut known = Self {
            by_identifier: HashMap::new(),
            by_name: HashMap::new(),
            classes: map.classes.iter().map(|class| (class.id, class)).collect(),
        };
        for pupil in pupils {
            known.by_name.entry(text::fold(&pupil.full_name)).or_default().push(pupil);
            let identifiers = [&pupil.username, &pupil.moet_id, &pupil.national_id];
            let keys: BTreeSet<String> = identifiers.into_iter().flatten().map(|value| identifier(value)).collect();
            for key in keys.into_iter().filter(|key| !key.is_empty()) {
                known.by_identifier.entry(key).or_default().push(pupil);
            }
        }
        known
    }

    #[must_use]
    pub fn class_of(&self, pupil: &KnownPupil) -> Option<&'a DraftClass> {
        self.classes.get(&pupil.class_id).copied()
    }

    /// The pupil with one of these identifiers, or of this name; of several with the name the one who was born on the
    /// day and is in the class.
    ///
    /// # Errors
    /// Why nobody is meant.
    pub fn pupil(
        &self,
        identifiers: impl IntoIterator<Item = String>,
        name: &str,
        birth_date: Option<NaiveDate>,
        class: Option<&str>,
    ) -> Result<&'a KnownPupil, NotOne> {
        let folded = text::fold(name);
        for typed in identifiers {
            if let Some(found) = self.by_identifier.get(&identifier(&typed)) {
                let [pupil] = found.as_slice() else { return Err(NotOne::Several) };
                let is_named = folded.is_empty() || folded == text::fold(&pupil.full_name);
                return if is_named { Ok(pupil) } else { Err(NotOne::OtherName) };
            }
        }
        let born = |pupil: &&&KnownPupil| match (birth_date, pupil.birth_date) {
            (Some(typed), Some(known)) => typed == known,
            _ => true,
        };
        let is_there = |pupil: &&&KnownPupil| {
            let now = self.class_of(pupil).map(|class| class.name.as_str());
            class.is_some() && now == class
        };
        let like = self.by_name.get(&folded).map(Vec::as_slice).unwrap_or_default();
        let born: Vec<&KnownPupil> = like.iter().filter(born).copied().collect();
        let there: Vec<&KnownPupil> = born.iter().filter(is_there).copied().collect();
        match (there.as_slice(), born.as_slice()) {
            ([pupil], _) | ([], [pupil]) => Ok(pupil),
            ([], []) => self.by_identifier_alone(name).ok_or(NotOne::Nobody),
            _ => Err(NotOne::Several),
        }
    }

    /// The pupil whose identifier stands where names stand.
    fn by_identifier_alone(&self, typed: &str) -> Option<&'a KnownPupil> {
        match self.by_identifier.get(&identifier(typed)).map(Vec::as_slice) {
            // A name may be the login of another without its spaces.
            Some([pupil]) if !typed.trim().contains(' ') => Some(pupil),
            _ => None,
        }
    }
}

/// An identifier for comparing: a login is known by what stands before its school, too.
fn identifier(typed: &str) -> String {
    let typed = text::fold(typed);
    typed.split('@').next().unwrap_or_default().chars().filter(|sign| !sign.is_whitespace()).collect()
}
