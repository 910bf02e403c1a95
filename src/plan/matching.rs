//! Whom a row is about: matched within the school and nowhere else.
//!
//! In order: MoET identifier; username; the e-mail of whoever signs in with it; then full name and birth date with one
//! more thing in favour and nothing against, unique on both sides. Name and birth date with nothing more, or with
//! something against it, is for a person to decide.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{Decision, PlanRow};
use crate::{
    access::{SchoolKind, Scope},
    error::Result,
    members::fields::{Field, Values},
    vietnam::name,
};

/// What tells a person apart, hashed: it is compared and never shown.
pub type Key = i64;

/// The keys of a row, in the order in which they are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Of these, one alone says who it is.
    pub own: Vec<Key>,
    /// Full name and birth date.
    pub person: Option<Key>,
}

impl Keys {
    /// The keys of these values; `by_email` where these people sign in with an address of their own.
    #[must_use]
    pub fn of(values: &Values, by_email: bool) -> Self {
        let own = [Field::MoetId, Field::Username, Field::Email];
        let own = own.into_iter().filter(|field| *field != Field::Email || by_email);
        Self {
            own: own.filter_map(|field| Some(own_key(field, values.get(&field)?))).collect(),
            person: person_key(values),
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Key> {
        self.own.iter().copied().chain(self.person).collect()
    }
}

fn own_key(field: Field, value: &str) -> Key {
    hash(&format!("{}:{}", field.key(), value.to_lowercase()))
}

fn person_key(values: &Values) -> Option<Key> {
    let (full_name, birth) = (values.get(&Field::FullName)?, values.get(&Field::BirthDate)?);
    Some(hash(&format!("person:{}:{birth}", name::match_key(full_name))))
}

/// The key of everything that a person sees of a row and may change: two who have the same one before their eyes do not
/// undo each other's work.
#[must_use]
pub fn seen_key(row: &PlanRow) -> Key {
    let wrong = row.problems().map(|fault| format!("{}?{}={}\n", fault.field.key(), fault.key, fault.value));
    let decision = row.decision.map(Decision::key).unwrap_or_default();
    hash(&format!("{}:{decision}:{}", values_key(&row.values), wrong.collect::<String>()))
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

/// The people of a school by their keys, read once for a pass over a plan.
#[derive(Debug, Default)]
pub struct RosterIndex {
    own: HashMap<Key, Uuid>,
    people: HashMap<Key, Vec<Uuid>>,
}

/// Who may be meant by a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    Nobody,
    /// A key of his own says so.
    Certain(Uuid),
    /// Keys of their own say different people.
    Contradictory(Uuid),
    /// Of the same name and birth date.
    Similar(Vec<Uuid>),
}

impl RosterIndex {
    /// Reads the index.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn read(scope: &Scope, tx: &mut PgConnection) -> Result<Self> {
        let rows = sqlx::query!(
            "SELECT id, full_name, birth_date, username, moet_id, email, role FROM members WHERE school_id = $1",
            scope.school_id(),
        )
        .fetch_all(tx)
        .await?;
        let mut index = Self::default();
        for row in rows {
            let fields = [
                (Field::FullName, Some(row.full_name)),
                (Field::BirthDate, row.birth_date.map(|date| date.to_string())),
                (Field::Username, row.username),
                (Field::MoetId, row.moet_id),
                (Field::Email, row.email),
            ];
            let values = fields.into_iter().filter_map(|(field, value)| Some((field, value?))).collect();
            // A pupil's e-mail is the family's: siblings share it. In higher education everybody signs in with his own.
            let by_email = row.role != "student" || scope.school.kind == SchoolKind::Higher;
            index.add(row.id, &Keys::of(&values, by_email));
        }
        Ok(index)
    }

    /// Takes somebody in.
    pub fn add(&mut self, id: Uuid, keys: &Keys) {
        self.own.extend(keys.own.iter().map(|key| (*key, id)));
        if let Some(key) = keys.person {
            self.people.entry(key).or_default().push(id);
        }
    }

    /// Whether a value that tells somebody apart is that of another member.
    #[must_use]
    pub fn is_of_another(&self, field: Field, value: &str, member_id: Uuid) -> bool {
        self.own.get(&own_key(field, value)).is_some_and(|owner| *owner != member_id)
    }

    /// Who may be meant.
    #[must_use]
    pub fn find(&self, keys: &Keys) -> Candidates {
        let mut certain = keys.own.iter().filter_map(|key| self.own.get(key).copied());
        if let Some(first) = certain.next() {
            return if certain.all(|id| id == first) {
                Candidates::Certain(first)
            } else {
                Candidates::Contradictory(first)
            };
        }
        match keys.person.and_then(|key| self.people.get(&key)) {
            Some(ids) => Candidates::Similar(ids.clone()),
            None => Candidates::Nobody,
        }
    }
}

/// What a row and a person of the same name and birth date have in common beyond that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub in_favour: bool,
    pub against: bool,
}

/// Holds a row against a person.
#[must_use]
pub fn evidence(row: &Values, known: &Values) -> Evidence {
    let both = |field: Field| Some((row.get(&field)?, known.get(&field)?));
    let same = |field: Field| both(field).map(|(a, b)| comparable(field, a) == comparable(field, b));
    let in_favour = [
        Field::Class,
        Field::MotherName,
        Field::MotherBirthYear,
        Field::GuardianName,
        Field::GuardianBirthYear,
        Field::Phone,
    ];
    // A pupil changes his class, a family its phone: that says nothing against him.
    let against = [Field::MoetId, Field::Username, Field::NationalId, Field::Gender, Field::MotherName];
    Evidence {
        in_favour: in_favour.into_iter().any(|field| same(field) == Some(true)),
        against: against.into_iter().any(|field| same(field) == Some(false)),
    }
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
        index.add(Uuid::from_u128(1), &Keys::of(&values(&known), false));
        index.add(Uuid::from_u128(2), &Keys::of(&values(&[(Field::Username, "hangnt2")]), false));
        index
    }

    #[test]
    fn own_keys_are_believed_and_must_agree() {
        let find = |pairs: &[(Field, &str)]| index().find(&Keys::of(&values(pairs), false));
        assert_eq!(find(&[(Field::MoetId, "7900000001")]), Candidates::Certain(Uuid::from_u128(1)));
        assert_eq!(find(&[(Field::Username, "HangNT")]), Candidates::Certain(Uuid::from_u128(1)));
        let torn = [(Field::MoetId, "7900000001"), (Field::Username, "hangnt2")];
        assert_eq!(find(&torn), Candidates::Contradictory(Uuid::from_u128(1)));
        assert_eq!(find(&HANG), Candidates::Similar(vec![Uuid::from_u128(1)]));
        assert_eq!(find(&[HANG[0], (Field::BirthDate, "2011-11-16")]), Candidates::Nobody);
    }

    #[test]
    fn a_familys_email_is_nobodys_key() {
        let shared = values(&[(Field::Email, "me@example.vn")]);
        assert!(Keys::of(&shared, false).own.is_empty());
        assert_eq!(Keys::of(&shared, true).own.len(), 1);
    }

    #[test]
    fn evidence_speaks_for_and_against() {
        let known = values(&[(Field::Class, "10A1"), (Field::Gender, "female"), (Field::MotherName, "Trần Thị Dương")]);
        let said = |pairs: &[(Field, &str)]| evidence(&values(pairs), &known);
        assert_eq!(said(&[(Field::Class, "10a1")]), Evidence { in_favour: true, against: false });
        assert_eq!(said(&[(Field::Class, "10A3")]), Evidence::default());
        assert_eq!(said(&[(Field::MotherName, "TRẦN THỊ DƯƠNG")]), Evidence { in_favour: true, against: false });
        assert_eq!(
            said(&[(Field::Gender, "male"), (Field::Class, "10A1")]),
            Evidence { in_favour: true, against: true }
        );
    }
}
