//! The three ways of a sync, field by field: what the registry says, what it said at the last sync (the base), and what
//! the school has. What the school has changed itself is never overwritten unless a person decides so.

use serde::{Deserialize, Serialize};

use super::{
    links,
    model::{Decision, PlanRow, RowOutcome},
};
use crate::{
    ids::{MemberId, RegistryPersonId},
    roster::{
        fields::{Fault, Field, Values},
        model::Status,
        store::MemberRecord,
    },
    vietnam::{name, national_id},
};

/// What a row of a sync knows beside its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrySide {
    /// The person of the registry, and their version when the plan was made.
    pub person: RegistryPersonId,
    pub version: i64,
    pub is_student: bool,
    /// The member that the person was at the last sync.
    pub member: Option<MemberId>,
    /// What the registry said at the last sync, and in which version.
    pub base: Option<Values>,
    pub base_version: Option<i64>,
    /// What the registry says now. The row's own values may have been mended since.
    pub said: Values,
}

/// What becomes of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldVerdict {
    /// The registry and the school agree, or the registry says nothing.
    Same,
    /// The registry has changed, the school has not.
    Take,
    /// The school has changed, the registry has not.
    Differs,
    /// Both have changed; or they were never compared, and differ.
    Conflict,
}

/// What becomes of a field. Without a base the two were never compared; nothing is an empty text.
#[must_use]
pub fn verdict(field: Field, registry: &str, base: Option<&str>, school: &str) -> FieldVerdict {
    if registry.is_empty() || says_the_same(field, registry, school) {
        return FieldVerdict::Same;
    }
    match base {
        None if school.is_empty() => FieldVerdict::Take,
        None => FieldVerdict::Conflict,
        Some(base) if says_the_same(field, registry, base) => FieldVerdict::Differs,
        Some(base) if says_the_same(field, school, base) => FieldVerdict::Take,
        Some(_) => FieldVerdict::Conflict,
    }
}

/// Whether two values of a field mean the same. Spelling counts in what is stored; case does not where it carries no
/// meaning, and capitals and kinds of apostrophes in names vary with typing.
#[must_use]
pub fn says_the_same(field: Field, one: &str, other: &str) -> bool {
    match field {
        Field::Class | Field::Email => one.to_lowercase() == other.to_lowercase(),
        Field::FullName | Field::MotherName | Field::GuardianName => name::case_key(one) == name::case_key(other),
        _ => one == other,
    }
}

/// What a sync makes of the values in which a row and the school differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreeWayValues {
    /// Written.
    pub take: Values,
    /// Kept as the school has them: the registry has not changed.
    pub differs: Vec<Field>,
    /// Kept as the school has them unless a person decides otherwise.
    pub conflicts: Vec<Field>,
}

/// What a sync makes of a member: of the values in which the row differs, and of the registry's word that they have
/// left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreeWayMember {
    pub take: Values,
    pub differs: Vec<Field>,
    pub conflicts: Vec<Field>,
    /// The registry has let the person go since the last sync.
    pub leaves: bool,
    said: Values,
}

impl ThreeWayMember {
    /// What the registry says of a field, as a review may show it: personal numbers by their end only.
    #[must_use]
    pub fn of_registry(&self, field: Field) -> String {
        let said = self.said.get(&field).cloned().unwrap_or_default();
        if field == Field::NationalId { national_id::masked(&said) } else { said }
    }
}

/// Settles a row about a member of the school.
#[must_use]
pub fn settle_known(
    side: &RegistrySide,
    take_all: bool,
    leaves: bool,
    changes: &Values,
    known: &MemberRecord,
) -> ThreeWayMember {
    let mut school = known.values.clone();
    let status = if known.status == Status::Left { "left" } else { "active" };
    school.insert(Field::Status, status.to_owned());
    let mut differing = changes.clone();
    if leaves && status != "left" {
        differing.insert(Field::Status, "left".to_owned());
    }
    let mut settled = settle(side, take_all, differing, &school);
    let leaves = leaves && settled.take.remove(&Field::Status).is_some();
    ThreeWayMember {
        take: if leaves { Values::new() } else { settled.take },
        differs: settled.differs,
        conflicts: settled.conflicts,
        leaves,
        said: side.said.clone(),
    }
}

/// Settles the values in which a row and the school differ. `take_all` is what a person has decided.
#[must_use]
pub fn settle(side: &RegistrySide, take_all: bool, differing: Values, school: &Values) -> ThreeWayValues {
    let mut settled = ThreeWayValues::default();
    for (field, value) in differing {
        // A value that was typed in the review is the school's own.
        let is_typed = field != Field::Status && side.said.get(&field) != Some(&value);
        let base = side.base.as_ref().map(|base| base.get(&field).map_or("", String::as_str));
        let of_school = school.get(&field).map_or("", String::as_str);
        match verdict(field, &value, base, of_school) {
            FieldVerdict::Take => settled.take.extend([(field, value)]),
            FieldVerdict::Differs | FieldVerdict::Conflict if take_all || is_typed => {
                settled.take.extend([(field, value)]);
            }
            FieldVerdict::Differs => settled.differs.push(field),
            FieldVerdict::Conflict => settled.conflicts.push(field),
            FieldVerdict::Same => {}
        }
    }
    settled
}

/// What a sync makes of a class that the school has: only its grade is compared.
pub fn settle_class(row: &mut PlanRow, of_school: &str) {
    let base = row.registry.as_ref().and_then(|side| side.base.as_ref());
    let base = base.map(|base| base.get(&Field::Grade).map_or("", String::as_str));
    let verdict = verdict(Field::Grade, row.value(Field::Grade), base, of_school);
    let fault = |key: &str| Fault::new(Field::Grade, key, row.value(Field::Grade));
    row.outcome = match verdict {
        FieldVerdict::Same => RowOutcome::Unchanged,
        FieldVerdict::Differs if row.decision != Some(Decision::Same) => {
            let differs = fault(links::DIFFERS);
            row.warnings.push(differs);
            RowOutcome::Unchanged
        }
        FieldVerdict::Conflict if row.decision != Some(Decision::Same) => {
            let conflict = fault(links::CONFLICT);
            row.blockers.push(conflict);
            RowOutcome::Duplicate
        }
        FieldVerdict::Take | FieldVerdict::Differs | FieldVerdict::Conflict => {
            row.before = Values::from([(Field::Grade, of_school.to_owned())]);
            RowOutcome::Update
        }
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn side(base: Option<Values>, said: Values) -> RegistrySide {
        RegistrySide {
            person: RegistryPersonId::from_u128(1),
            version: 1,
            is_student: true,
            member: base.as_ref().map(|_| MemberId::from_u128(2)),
            base_version: base.as_ref().map(|_| 1),
            base,
            said,
        }
    }

    #[test]
    fn each_way_of_three_is_told_apart() {
        use FieldVerdict::{Conflict, Differs, Same, Take};
        for (registry, base, school, expected) in [
            ("a", Some("a"), "a", Same),
            ("b", Some("a"), "b", Same),
            ("b", Some("a"), "a", Take),
            ("a", Some("a"), "b", Differs),
            ("a", Some("a"), "", Differs),
            ("b", Some("a"), "c", Conflict),
            ("b", Some("a"), "", Conflict),
            ("a", Some(""), "", Take),
            ("a", Some(""), "b", Conflict),
            ("", Some("a"), "a", Same),
            ("", None, "a", Same),
            ("a", None, "a", Same),
            ("a", None, "", Take),
            ("a", None, "b", Conflict),
        ] {
            assert_eq!(verdict(Field::Phone, registry, base, school), expected, "{registry} {base:?} {school}");
        }
        assert_eq!(verdict(Field::Class, "10a1", Some("10A2"), "10A1"), Same);
        assert_eq!(verdict(Field::FullName, "LÊ THỊ AN", Some("x"), "Lê Thị An"), Same);
    }

    #[test]
    fn a_person_may_take_what_the_registry_says_and_type_something_else() {
        let values = |phone: &str| Values::from([(Field::Phone, phone.to_owned())]);
        let both_changed = side(Some(values("1")), values("2"));
        let kept = settle(&both_changed, false, values("2"), &values("3"));
        assert_eq!((kept.take.len(), kept.conflicts), (0, vec![Field::Phone]));
        assert_eq!(settle(&both_changed, true, values("2"), &values("3")).take, values("2"));
        assert_eq!(settle(&both_changed, false, values("4"), &values("3")).take, values("4"));
    }

    proptest! {
        #[test]
        fn nothing_that_the_school_changed_is_overwritten_unless_decided(
            registry in "[abc]?", base in proptest::option::of("[abc]?"), school in "[abc]?"
        ) {
            let values = |text: &str| Values::from([(Field::Phone, text.to_owned())]);
            let said = values(&registry);
            let settled = settle(&side(base.as_deref().map(values), said.clone()), false, said, &values(&school));
            if !settled.take.is_empty() {
                prop_assert_eq!(school, base.unwrap_or_default());
            }
        }

        #[test]
        fn after_a_sync_nothing_changes(registry in "[abc]?", base in proptest::option::of("[abc]?"), school in "[abc]?") {
            let taken = verdict(Field::Phone, &registry, base.as_deref(), &school) == FieldVerdict::Take;
            let school = if taken { registry.clone() } else { school };
            // The base is now what the registry says.
            let again = verdict(Field::Phone, &registry, Some(&registry), &school);
            prop_assert!(matches!(again, FieldVerdict::Same | FieldVerdict::Differs));
        }
    }
}
