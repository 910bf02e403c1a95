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
    vietnam::national_id,
};

/// How many rows of a list may share a number of the identity card and still be asked about: one that more of them have
/// was filled in for all.
const MOST_OF_NUMBER: usize = 5;

/// The people a row may be about.
pub(super) struct MeantMembers {
    pub(super) candidates: Candidates,
    /// Where that is none: members who have something in common with the row all the same. Where an identifier says who
    /// it is: the namesakes.
    alike: Vec<MemberId>,
    /// Where that is none: who has the row's number of the identity card.
    of_number: Vec<MemberId>,
}

impl MeantMembers {
    pub(super) fn ids(&self) -> Vec<MemberId> {
        match &self.candidates {
            Candidates::Nobody => self.alike.iter().chain(&self.of_number).copied().collect(),
            Candidates::Certain(id) | Candidates::Contradictory(id) => {
                std::iter::once(id).chain(&self.alike).copied().collect()
            }
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

/// Whether namesakes who share a parent with the row are looked for, although an identifier says who it is about: no
/// birth date tells which of them is meant.
pub(super) fn may_mean_a_namesake(row: &PlanRow, candidates: &Candidates) -> bool {
    let has = |field: Field| row.values.contains_key(&field);
    let names_parent = has(Field::MotherName) || has(Field::GuardianName);
    matches!(candidates, Candidates::Certain(_)) && row.linked().is_none() && names_parent && !has(Field::BirthDate)
}

impl Resolver<'_> {
    /// The members that a row names.
    pub(super) fn candidates(&self, row: &PlanRow) -> Candidates {
        row.linked().map_or_else(|| self.index.find(&row.keys), Candidates::Certain)
    }

    /// The members that a row may be about.
    pub(super) fn meant(&self, row: &PlanRow, candidates: Candidates) -> MeantMembers {
        let (mut alike, mut of_number) = (Vec::new(), Vec::new());
        match &candidates {
            Candidates::Nobody if row.faults.is_empty() => {
                alike = self.index.alike(&row.values);
                if self.asks_about_numbers(row) {
                    of_number = self.index.of_number(&row.keys);
                }
            }
            Candidates::Certain(id) if row.linked().is_none() => {
                alike = self.index.namesakes(&row.values, &row.keys, *id);
            }
            _ => {}
        }
        MeantMembers { candidates, alike, of_number }
    }

    /// Whether two people of one number of the identity card are asked about: in lists of a school's people. What the
    /// registry says has been approved with its numbers.
    fn asks_about_numbers(&self, row: &PlanRow) -> bool {
        self.identifiers.is_none() && row.registry.is_none()
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
            Candidates::Certain(id) => match self.doubt_of_certain(row, *id, meant, known) {
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

    /// Why a row is not believed although an identifier says who it is about: its name and birth date, or its name and
    /// a parent, are another's.
    fn doubt_of_certain(
        &self,
        row: &PlanRow,
        id: MemberId,
        meant: &MeantMembers,
        known: &HashMap<MemberId, MemberRecord>,
    ) -> Option<Fault> {
        let identified = &known.get(&id)?.values;
        let doubt = |field: Field, key: &str| Some(Fault::new(field, key, row.value(field)));
        if let Some(field) = matching::contradicted_identifier(&row.values, identified) {
            let has_birth_dates = matching::same(&row.values, identified, Field::BirthDate).is_some();
            return doubt(field, if has_birth_dates { "doubt-identifier" } else { "doubt-identifier-name" });
        }
        let field = matching::agreeing_identifier(&row.values, identified)?;
        if self.index.names_others(&row.keys, id) {
            return doubt(field, "doubt-identifier");
        }
        let is_student = is_student(self.kind_of(row));
        let is_meant = |id: &MemberId| {
            let namesake = known.get(id).filter(|known| is_student == (known.role == Role::Student));
            namesake.is_some_and(|namesake| matching::means_namesake(&row.values, identified, &namesake.values))
        };
        if meant.alike.iter().any(is_meant) { doubt(field, "doubt-identifier-family") } else { None }
    }

    /// The number of the identity card of a row about a new person belongs to a member of the school. Only one of the same
    /// kind may be the person.
    fn doubt_of_number(
        &self,
        row: &PlanRow,
        meant: &MeantMembers,
        known: &HashMap<MemberId, MemberRecord>,
    ) -> Option<Resolution> {
        if meant.of_number.is_empty() {
            return None;
        }
        let is_student = is_student(self.kind_of(row));
        let is_of_kind =
            |id: &&MemberId| known.get(*id).is_some_and(|known| is_student == (known.role == Role::Student));
        let holder = meant.of_number.iter().find(is_of_kind).copied();
        Some(Resolution::InDoubt(holder, Some(number_doubt(row, "doubt-national-id"))))
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
            let of_staff = || {
                let is_staff = known.role != Role::Student;
                is_staff.then(|| matching::doubt_of_staff(&row.values, &known.values)).flatten()
            };
            let (field, key) = matching::doubt_of_alike(&row.values, &known.values).or_else(of_staff)?;
            Some((*id, Fault::new(field, key, "")))
        };
        if let Some(found) = self.named_in_class(row, meant, known) {
            return found;
        }
        if let Some((id, doubt)) = meant.alike.iter().find_map(doubt) {
            return Resolution::InDoubt(Some(id), Some(doubt));
        }
        if let Some(doubt) = self.doubt_of_number(row, meant, known) {
            return doubt;
        }
        let same: Vec<i32> = duplicates.others(row.line, &row.keys.telling());
        let spelled: Vec<Key> = row.keys.spelled.into_iter().collect();
        let is_respelt =
            |line: &i32| !same.contains(line) && duplicates.is_spelling_of(*line, row.value(Field::FullName));
        if !row.says_left() && duplicates.others(row.line, &spelled).iter().any(is_respelt) {
            return Resolution::InDoubt(None, Some(Fault::new(Field::FullName, "doubt-spelling-in-sheet", "")));
        }
        let number = row.keys.national.filter(|_| self.asks_about_numbers(row) && !row.says_left());
        let numbered = number.map(|key| duplicates.few_others(row.line, key, MOST_OF_NUMBER)).unwrap_or_default();
        if numbered.iter().any(|line| !same.contains(line)) {
            return Resolution::InDoubt(None, Some(number_doubt(row, "doubt-national-id-in-sheet")));
        }
        Resolution::Nobody
    }
}

/// A doubt about the number of the identity card, of which only the end is told.
fn number_doubt(row: &PlanRow, key: &str) -> Fault {
    Fault::new(Field::NationalId, key, &national_id::masked(row.value(Field::NationalId)))
}
