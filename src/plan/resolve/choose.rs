//! Which member of the school a row is about, or whether a person has to decide.

use std::collections::HashMap;

use super::{Resolver, is_student};
use crate::{
    access::Role,
    ids::MemberId,
    plan::{
        duplicate_rows::DuplicateRows,
        links,
        matching::{self, Candidates, Key},
        model::{PlanRow, Source},
    },
    roster::{
        fields::{Fault, Field},
        store::MemberRecord,
    },
};

/// The people a row may be about.
pub(super) struct MeantMembers {
    pub(super) candidates: Candidates,
    /// Where that is none: members who have something in common with the row all the same.
    alike: Vec<MemberId>,
}

impl MeantMembers {
    pub(super) fn ids(&self) -> Vec<MemberId> {
        match &self.candidates {
            Candidates::Nobody => self.alike.clone(),
            Candidates::Certain(id) | Candidates::Contradictory(id) => vec![*id],
            Candidates::Similar(ids) => ids.clone(),
        }
    }
}

/// What is found of a row's member.
pub(super) enum Resolution {
    Nobody,
    Member(MemberId),
    /// A person must decide; perhaps it is this one. The fault says why, where it is not that names and birth dates, or
    /// rows, are the same.
    InDoubt(Option<MemberId>, Option<Fault>),
}

impl Resolver<'_> {
    /// Whom a row names.
    pub(super) fn candidates(&self, row: &PlanRow) -> Candidates {
        row.linked().map_or_else(|| self.index.find(&row.keys), Candidates::Certain)
    }

    /// The members that a row may be about.
    pub(super) fn meant(&self, row: &PlanRow, candidates: Candidates) -> MeantMembers {
        let is_unknown = candidates == Candidates::Nobody && row.faults.is_empty();
        MeantMembers { alike: if is_unknown { self.index.alike(&row.values) } else { Vec::new() }, candidates }
    }

    /// The member that a row is about.
    pub(super) fn choose(
        &self,
        row: &PlanRow,
        meant: &MeantMembers,
        known: &HashMap<MemberId, MemberRecord>,
        duplicates: &DuplicateRows,
    ) -> Resolution {
        if let Some(id) = row.linked() {
            return Resolution::Member(id);
        }
        // An identifier tells namesakes apart; without one, they are equally good matches.
        let is_certain = matches!(meant.candidates, Candidates::Certain(_));
        let keys = if is_certain { row.keys.own.clone() } else { row.keys.telling() };
        if duplicates.is_in_doubt(row.line, row.values_key, &keys) {
            return Resolution::InDoubt(meant.ids().first().copied(), None);
        }
        match &meant.candidates {
            Candidates::Nobody => self.choose_alike(row, meant, known, duplicates),
            Candidates::Certain(id) if self.linked.contains(id) => {
                Resolution::InDoubt(Some(*id), Some(Fault::new(Field::FullName, links::TWIN, "")))
            }
            Candidates::Certain(id) => match known.get(id).and_then(|known| self.doubt_of_certain(row, known)) {
                Some(doubt) => Resolution::InDoubt(Some(*id), Some(doubt)),
                None => Resolution::Member(*id),
            },
            Candidates::Contradictory(id) => {
                let doubt = Fault::new(Field::FullName, "doubt-identifiers", "");
                Resolution::InDoubt(Some(*id), Some(doubt))
            }
            Candidates::Similar(ids) => {
                let believable = |id: &&MemberId| {
                    let evidence = known.get(id).map(|known| matching::evidence(&row.values, &known.values));
                    evidence.is_some_and(|evidence| evidence.in_favour && !evidence.against)
                };
                let mut believed = ids.iter().filter(|id| !self.linked.contains(*id)).filter(believable);
                match (believed.next(), believed.next()) {
                    (Some(id), None) => Resolution::Member(*id),
                    (Some(id), Some(_)) => Resolution::InDoubt(Some(*id), None),
                    (None, _) => Resolution::InDoubt(ids.first().copied(), None),
                }
            }
        }
    }

    /// Why a row is not believed although an identifier says who it is about: its name and birth date are another's.
    fn doubt_of_certain(&self, row: &PlanRow, known: &MemberRecord) -> Option<Fault> {
        let contradicted = matching::contradicted_identifier(&row.values, &known.values);
        let of_another = || {
            let is_another = self.index.names_others(&row.keys, known.id);
            is_another.then(|| matching::agreeing_identifier(&row.values, &known.values)).flatten()
        };
        let field = contradicted.or_else(of_another)?;
        Some(Fault::new(field, "doubt-identifier", row.value(field)))
    }

    /// OneRoster services may keep birth dates to themselves: then one of the name in the class is the person.
    fn named_in_class(
        &self,
        row: &PlanRow,
        meant: &MeantMembers,
        known: &HashMap<MemberId, MemberRecord>,
    ) -> Option<Resolution> {
        if self.source != Source::OneRoster || row.values.contains_key(&Field::BirthDate) {
            return None;
        }
        let is_student = is_student(self.kind_of(row));
        let is_meant = |id: &&MemberId| {
            let known = known.get(id).filter(|known| is_student == (known.role == Role::Student));
            known.is_some_and(|known| matching::is_named_in_class(&row.values, &known.values))
        };
        let mut named = meant.alike.iter().filter(is_meant);
        match (named.next(), named.next()) {
            (Some(id), None) => Some(Resolution::Member(*id)),
            (Some(id), Some(_)) => Some(Resolution::InDoubt(Some(*id), None)),
            (None, _) => None,
        }
    }

    /// A member of the school, or another row, under another spelling, surname or birth date; otherwise a new person.
    fn choose_alike(
        &self,
        row: &PlanRow,
        meant: &MeantMembers,
        known: &HashMap<MemberId, MemberRecord>,
        duplicates: &DuplicateRows,
    ) -> Resolution {
        let doubt = |id: &MemberId| {
            let known = known.get(id).filter(|known| is_student(self.kind_of(row)) == (known.role == Role::Student))?;
            let (field, key) = matching::doubt_of_alike(&row.values, &known.values)?;
            Some((*id, Fault::new(field, key, "")))
        };
        if let Some(found) = self.named_in_class(row, meant, known) {
            return found;
        }
        if let Some((id, doubt)) = meant.alike.iter().find_map(doubt) {
            return Resolution::InDoubt(Some(id), Some(doubt));
        }
        let same: Vec<i32> = duplicates.others(row.line, &row.keys.telling());
        let spelled: Vec<Key> = row.keys.spelled.into_iter().collect();
        let is_respelt =
            |line: &i32| !same.contains(line) && duplicates.is_spelling_of(*line, row.value(Field::FullName));
        if !row.says_left() && duplicates.others(row.line, &spelled).iter().any(is_respelt) {
            return Resolution::InDoubt(None, Some(Fault::new(Field::FullName, "doubt-spelling-in-sheet", "")));
        }
        Resolution::Nobody
    }
}
