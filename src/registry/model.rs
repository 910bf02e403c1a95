//! People and classes of the registry.

use chrono::NaiveDate;

use crate::{
    access::SchoolKind,
    ids::{RegistryClassId, RegistryPersonId},
    roster::fields::{Field, RosterKind, Values},
};

/// The two kinds of people that a registry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonKind {
    Student,
    Staff,
}

impl PersonKind {
    pub const ALL: [Self; 2] = [Self::Student, Self::Staff];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Staff => "staff",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The kind of list that these people stand in, in a school of this kind.
    #[must_use]
    pub fn roster_kind(self, school: SchoolKind) -> RosterKind {
        RosterKind::of(school, self == Self::Student)
    }
}

/// Where a record of the registry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Submission,
    /// Typed in by the school.
    Own,
}

impl Origin {
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Own => "own",
        }
    }
}

/// Why a person is no longer in a school's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// The school's list no longer has them.
    Gone,
    /// Another school has them now.
    Moved,
}

impl LeftReason {
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Moved => "moved",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Gone, Self::Moved].into_iter().find(|reason| reason.key() == key)
    }
}

/// What is never kept in the registry: these belong to accounts.
const OF_ACCOUNTS: [Field; 3] = [Field::Username, Field::Password, Field::Status];

/// The values of a row, as the registry keeps them.
#[must_use]
pub fn kept(values: &Values) -> Values {
    let is_kept = |field: &Field| !OF_ACCOUNTS.contains(field);
    values.iter().filter(|(field, _)| is_kept(field)).map(|(field, value)| (*field, value.clone())).collect()
}

/// The values that are stored in a person's record; the class is stored as a reference.
#[must_use]
pub fn without_class(mut values: Values) -> Values {
    values.remove(&Field::Class);
    values
}

/// A person, as a plan or a sync compares them.
#[derive(Clone, Debug)]
pub struct RegistryPerson {
    pub id: RegistryPersonId,
    pub kind: PersonKind,
    pub version: i64,
    pub left: Option<LeftReason>,
    /// With the class, where it is one of the year that was asked for.
    pub values: Values,
}

/// What a person is matched by.
#[derive(Clone, Debug)]
pub struct IndexedPerson {
    pub id: RegistryPersonId,
    pub is_student: bool,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub moet_id: Option<String>,
    pub email: Option<String>,
    pub mother_name: Option<String>,
    pub guardian_name: Option<String>,
}

/// A class of a year.
#[derive(Clone, Debug)]
pub struct RegistryClass {
    pub id: RegistryClassId,
    pub name: String,
    pub grade: Option<String>,
    pub version: i64,
    /// A later list no longer had it.
    pub is_gone: bool,
    pub pupils: i64,
}
