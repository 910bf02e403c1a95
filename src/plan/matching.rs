//! The member that a row is about: matched within the school and nowhere else.
//!
//! In order: MoET identifier; username; the e-mail of people who sign in with it; then full name and birth date with
//! one more match and no mismatch, unique on both sides. Name and birth date with nothing more, or with a mismatch, is
//! for a person to decide. So is an identifier that points to one person while name and birth date point to another,
//! and a person who may be one of the school's under another spelling, surname or birth date.

mod index;

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};

pub use self::index::{Candidates, RosterIndex};

use super::model::{Decision, PlanRow, RowOutcome};
use crate::{
    ids::MemberId,
    roster::fields::{Field, Values},
    vietnam::{
        name::{self, Likeness},
        national_id::NationalId,
    },
};

/// What distinguishes a person, hashed: it is compared and never shown.
pub type Key = i64;

/// The people named around a pupil.
const PARENTS: [Field; 2] = [Field::MotherName, Field::GuardianName];

/// The keys of a row, in order of precedence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowKeys {
    /// Each of these alone identifies the person.
    pub own: Vec<Key>,
    /// Full name and birth date.
    pub person: Option<Key>,
    /// The same for names that may be written for each other: with i or y, with and without marks. Different names may
    /// share it.
    pub spelled: Option<Key>,
    /// The number of the identity card. It is asked about and identifies nobody: numbers are mistyped, and families
    /// put a parent's.
    pub national: Option<Key>,
}

impl RowKeys {
    /// The keys of these values; `by_email` where these people sign in with an address of their own.
    #[must_use]
    pub fn of(values: &Values, by_email: bool) -> Self {
        Self { spelled: spelled_key(values), ..Self::exact(values, by_email) }
    }

    /// The same without the key of other spellings, which only the rows of one list are compared by.
    fn exact(values: &Values, by_email: bool) -> Self {
        let own = [Field::MoetId, Field::Username, Field::Email];
        let own = own.into_iter().filter(|field| *field != Field::Email || by_email);
        Self {
            own: own.filter_map(|field| Some(own_key(field, values.get(&field)?))).collect(),
            person: person_key(values),
            spelled: None,
            national: values
                .get(&Field::NationalId)
                .filter(|number| is_telling(number))
                .map(|number| own_key(Field::NationalId, number)),
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Key> {
        self.own.iter().copied().chain(self.person).chain(self.spelled).chain(self.national).collect()
    }

    /// Those that identify the person.
    #[must_use]
    pub fn telling(&self) -> Vec<Key> {
        self.own.iter().copied().chain(self.person).collect()
    }
}

/// The key of a class, by its name in lower case.
#[must_use]
pub fn class_key(name: &str) -> Key {
    own_key(Field::Class, name)
}

fn own_key(field: Field, value: &str) -> Key {
    hash(&format!("{}:{}", field.key(), value.to_lowercase()))
}

/// Whether a number of the identity card tells people apart: "000000000" is what is written where there is none.
fn is_telling(number: &str) -> bool {
    NationalId::parse(number).is_ok_and(|number| number.is_plausible())
}

fn person_key(values: &Values) -> Option<Key> {
    let (full_name, birth) = (values.get(&Field::FullName)?, values.get(&Field::BirthDate)?);
    Some(hash(&format!("person:{}:{birth}", name::match_key(full_name))))
}

fn spelled_key(values: &Values) -> Option<Key> {
    let (full_name, birth) = (values.get(&Field::FullName)?, values.get(&Field::BirthDate)?);
    Some(hash(&format!("spelled:{}:{birth}", name::loose_key(full_name))))
}

/// The key of what a page shows of a row: its values, decision, outcome and member, and the lines beside it. An edit made
/// over an outdated key is not accepted, so that two reviewers do not undo each other's work.
#[must_use]
pub fn seen_key(row: &PlanRow, beside: &[i32]) -> Key {
    let wrong = row.problems().map(|fault| format!("{}?{}={}\n", fault.field.key(), fault.key, fault.value));
    let decision = row.decision.map(Decision::key).unwrap_or_default();
    // The id of a member who is yet to be created is generated anew with every outcome, and refers to nothing yet.
    let member = row.member_id.filter(|_| row.outcome != RowOutcome::Create);
    let member = member.map(|id| id.to_string()).unwrap_or_default();
    let outcome = row.outcome.key();
    let said = values_key(&row.values);
    hash(&format!("{said}:{decision}:{outcome}:{member}:{beside:?}:{}", wrong.collect::<String>()))
}

/// Whether a row that is to be created still matches no member of the index. The decision that it is about a new person
/// was made against the members of that time, and does not hold against `newcomers`, who were added since.
#[must_use]
pub fn is_still_new(row: &PlanRow, found: &Candidates, newcomers: &HashSet<MemberId>) -> bool {
    match found {
        Candidates::Nobody => true,
        Candidates::Similar(ids) => row.decision == Some(Decision::New) && !ids.iter().any(|id| newcomers.contains(id)),
        Candidates::Certain(_) | Candidates::Contradictory(_) => false,
    }
}

/// The key of everything that a row says.
#[must_use]
pub fn values_key(values: &Values) -> Key {
    let said = values.iter().map(|(field, value)| format!("{}={value}\n", field.key())).collect::<String>();
    hash(&said)
}

fn hash(text: &str) -> Key {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Whether a row that has no birth date names this person: by the same name in the same class, with nothing against it.
#[must_use]
pub fn is_named_in_class(row: &Values, known: &Values) -> bool {
    let names = row.get(&Field::FullName).zip(known.get(&Field::FullName));
    let is_same = names.is_some_and(|(one, other)| name::likeness(one, other) == Likeness::Same);
    is_same && same(row, known, Field::Class) == Some(true) && !evidence(row, known).against
}

/// 9 August where 8 September was read, and the other way round.
fn day_and_month_turned(date: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).filter(|turned| *turned != date)
}

/// What a row and a person of the same name and birth date have in common beyond that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub in_favour: bool,
    pub against: bool,
}

/// Compares a row with a person.
#[must_use]
pub fn evidence(row: &Values, known: &Values) -> Evidence {
    let in_favour = [
        Field::Class,
        Field::MotherName,
        Field::MotherBirthYear,
        Field::GuardianName,
        Field::GuardianBirthYear,
        Field::Phone,
    ];
    // A pupil changes class, a family its phone: that is no mismatch.
    let against = [Field::MoetId, Field::Username, Field::NationalId, Field::Gender, Field::MotherName];
    Evidence {
        in_favour: in_favour.into_iter().any(|field| same(row, known, field) == Some(true)),
        against: against.into_iter().any(|field| same(row, known, field) == Some(false)),
    }
}

/// Whether both say the same of a field; nothing where one of them says nothing. Parents' names may be spelled
/// differently.
#[must_use]
pub fn same(row: &Values, known: &Values, field: Field) -> Option<bool> {
    let (one, other) = (row.get(&field)?, known.get(&field)?);
    Some(if PARENTS.contains(&field) {
        name::likeness(one, other) >= Likeness::Respelt
    } else {
        comparable(field, one) == comparable(field, other)
    })
}

/// Why a row of an unknown name or birth date may be about an existing member: the key of the fault that says so, and
/// the field that differs.
#[must_use]
pub fn doubt_of_alike(row: &Values, known: &Values) -> Option<(Field, &'static str)> {
    let is = |field: Field| same(row, known, field);
    if [Field::MoetId, Field::Username, Field::NationalId, Field::Gender].iter().any(|field| is(*field) == Some(false))
    {
        return None;
    }
    let names = name::likeness(row.get(&Field::FullName)?, known.get(&Field::FullName)?);
    let family = PARENTS.iter().any(|field| is(*field) == Some(true));
    let other_family = !family && PARENTS.iter().any(|field| is(*field) == Some(false));
    let class = is(Field::Class) == Some(true);
    let has_same_birth = is(Field::BirthDate) == Some(true);
    let has_turned_birth = || {
        let date = |values: &Values| values.get(&Field::BirthDate)?.parse().ok();
        date(row).and_then(day_and_month_turned).is_some_and(|turned| date(known) == Some(turned))
    };
    match names {
        Likeness::Same | Likeness::Respelt if !has_same_birth => {
            // A person may be known without a birth date: from another system, or typed in a hurry.
            let may_differ = is(Field::BirthDate) == Some(false) || !known.contains_key(&Field::BirthDate);
            let agrees = family && class || has_turned_birth() && !other_family && (family || class);
            (may_differ && agrees).then_some((Field::BirthDate, "doubt-birth-date"))
        }
        Likeness::Same => None,
        Likeness::Respelt => (!other_family || class).then_some((Field::FullName, "doubt-spelling")),
        Likeness::Akin | Likeness::Other => {
            let loose = |values: &Values| values.get(&Field::FullName).map(|name| name::loose_given(name));
            let has_same_given = loose(row) == loose(known);
            let agrees = family || class && !other_family;
            (has_same_birth && has_same_given && agrees).then_some((Field::FullName, "doubt-surname"))
        }
    }
}

/// The field by which a row names a person who, by name and birth date, is another one.
#[must_use]
pub fn contradicted_identifier(row: &Values, known: &Values) -> Option<Field> {
    let is = |field: Field| same(row, known, field);
    let names = name::likeness(row.get(&Field::FullName)?, known.get(&Field::FullName)?);
    if names >= Likeness::Respelt {
        return None;
    }
    let family = PARENTS.into_iter().chain([Field::Phone, Field::NationalId]).any(|field| is(field) == Some(true));
    let contradicts = match is(Field::BirthDate) {
        Some(agrees) => !agrees,
        // With no birth date to compare: a person of quite another name and of no common family.
        None => names == Likeness::Other && (!family || is(Field::Gender) == Some(false)),
    };
    if contradicts { agreeing_identifier(row, known) } else { None }
}

/// Whether a row that identifies one person means a namesake rather: a parent that it names, and nothing that it says
/// speaks against that, is the namesake's and not the identified person's.
#[must_use]
pub fn means_namesake(row: &Values, identified: &Values, namesake: &Values) -> bool {
    let names = row.get(&Field::FullName).zip(namesake.get(&Field::FullName));
    let is_named = names.is_some_and(|(one, other)| name::likeness(one, other) == Likeness::Same);
    let has_parent = |known: &Values| PARENTS.iter().any(|field| same(row, known, *field) == Some(true));
    let against = [Field::Class, Field::Gender, Field::BirthDate];
    let fits = against.into_iter().all(|field| same(row, namesake, field) != Some(false));
    let is_born_as_identified = same(row, identified, Field::BirthDate) == Some(true);
    let is_born_as_namesake = same(row, namesake, Field::BirthDate) == Some(true);
    is_named
        && fits
        && has_parent(namesake)
        && !has_parent(identified)
        && (is_born_as_namesake || !is_born_as_identified)
}

/// Why a row about a teacher of an unknown birth date may be about an existing one, as of [`doubt_of_alike`]: the name
/// and the phone are the same. Pupils have their family's phone.
#[must_use]
pub fn doubt_of_staff(row: &Values, known: &Values) -> Option<(Field, &'static str)> {
    let is = |field: Field| same(row, known, field);
    if [Field::MoetId, Field::Username, Field::NationalId, Field::Gender].iter().any(|field| is(*field) == Some(false))
    {
        return None;
    }
    let names = name::likeness(row.get(&Field::FullName)?, known.get(&Field::FullName)?);
    let agrees = names >= Likeness::Respelt && is(Field::Phone) == Some(true);
    (agrees && is(Field::BirthDate) != Some(true)).then_some((Field::BirthDate, "doubt-phone"))
}

/// The identifier by which a row names a person.
#[must_use]
pub fn agreeing_identifier(row: &Values, known: &Values) -> Option<Field> {
    let identifiers = [Field::MoetId, Field::Username, Field::Email];
    identifiers.into_iter().find(|field| same(row, known, *field) == Some(true))
}

/// A value in the form in which it is compared: names without their spellings, the rest regardless of case.
#[must_use]
pub fn comparable(field: Field, value: &str) -> String {
    match field {
        Field::FullName | Field::MotherName | Field::GuardianName => name::match_key(value),
        _ => value.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(Field, &str)]) -> Values {
        pairs.iter().map(|(field, value)| (*field, (*value).to_owned())).collect()
    }

    const HANG: [(Field, &str); 2] = [(Field::FullName, "Nguyễn Thúy Hằng"), (Field::BirthDate, "2011-11-15")];

    fn index() -> RosterIndex {
        let mut index = RosterIndex::default();
        let known = [&HANG[..], &[(Field::MoetId, "7900000001"), (Field::Username, "hangnt")]].concat();
        index.add(MemberId::from_u128(1), &RowKeys::of(&values(&known), false));
        index.add(MemberId::from_u128(2), &RowKeys::of(&values(&[(Field::Username, "hangnt2")]), false));
        index
    }

    #[test]
    fn own_keys_are_believed_and_must_agree() {
        let find = |pairs: &[(Field, &str)]| index().find(&RowKeys::of(&values(pairs), false));
        assert_eq!(find(&[(Field::MoetId, "7900000001")]), Candidates::Certain(MemberId::from_u128(1)));
        assert_eq!(find(&[(Field::Username, "HangNT")]), Candidates::Certain(MemberId::from_u128(1)));
        let torn = [(Field::MoetId, "7900000001"), (Field::Username, "hangnt2")];
        assert_eq!(find(&torn), Candidates::Contradictory(MemberId::from_u128(1)));
        assert_eq!(find(&HANG), Candidates::Similar(vec![MemberId::from_u128(1)]));
        assert_eq!(find(&[HANG[0], (Field::BirthDate, "2011-11-16")]), Candidates::Nobody);
    }

    #[test]
    fn a_familys_email_is_no_key() {
        let shared = values(&[(Field::Email, "me@example.vn")]);
        assert!(RowKeys::of(&shared, false).own.is_empty());
        assert_eq!(RowKeys::of(&shared, true).own.len(), 1);
    }

    #[test]
    fn evidence_speaks_for_and_against() {
        let known = values(&[(Field::Class, "10A1"), (Field::Gender, "female"), (Field::MotherName, "Trần Thị Dương")]);
        let said = |pairs: &[(Field, &str)]| evidence(&values(pairs), &known);
        assert_eq!(said(&[(Field::Class, "10a1")]), Evidence { in_favour: true, against: false });
        assert_eq!(said(&[(Field::Class, "10A3")]), Evidence::default());
        assert_eq!(said(&[(Field::MotherName, "TRẦN THỊ DƯƠNG")]), Evidence { in_favour: true, against: false });
        let mixed = [(Field::Gender, "male"), (Field::Class, "10A1")];
        assert_eq!(said(&mixed), Evidence { in_favour: true, against: true });
    }
}
