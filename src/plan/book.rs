//! The books that plans are made over: the roster of a school, and its part of the registry. What a plan needs to know of
//! one, so that matching, resolving and reviewing are the same for both.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::matching::RosterIndex;
use crate::{
    access::{Rank, Role, Scope},
    error::Result,
    ids::{ClassId, MemberId, RegistryPersonId, YearId},
    registry::{
        model::{PersonKind, RegistryPerson},
        store as registry,
    },
    roster::{
        model::Status,
        store::{self as members, MemberRecord},
    },
    schools::classes,
};

/// What a plan changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Book {
    /// The members of the school.
    Roster,
    /// What an operator has approved of the school's people and classes.
    Registry,
}

/// A class of the year.
#[derive(Clone, Debug)]
pub struct BookClass {
    /// Of a class in the book.
    pub id: ClassId,
    /// Of a roster's: none is kept.
    pub version: i64,
    pub is_gone: bool,
    pub grade: Option<String>,
}

impl Book {
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Registry => "registry",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Roster, Self::Registry].into_iter().find(|book| book.key() == key)
    }

    /// The people of the book by what they are matched by.
    pub async fn index(self, scope: &Scope, tx: &mut PgConnection) -> Result<RosterIndex> {
        match self {
            Self::Roster => RosterIndex::read(scope, tx).await,
            Self::Registry => RosterIndex::read_registry(scope, tx).await,
        }
    }

    /// These people, as far as the book has them.
    pub async fn known(
        self,
        scope: &Scope,
        tx: &mut PgConnection,
        year_id: YearId,
        ids: &[MemberId],
    ) -> Result<Vec<MemberRecord>> {
        match self {
            Self::Roster => members::known(scope, tx, year_id, ids).await,
            Self::Registry => {
                let known = registry::known(scope, tx, year_id, &in_registry(ids)).await?;
                Ok(known.into_iter().map(as_member).collect())
            }
        }
    }

    /// Those who have come into the book since a time.
    pub async fn newcomers(
        self,
        scope: &Scope,
        tx: &mut PgConnection,
        since: DateTime<Utc>,
    ) -> Result<HashSet<MemberId>> {
        match self {
            Self::Roster => {
                let ids = sqlx::query_scalar!(
                    "SELECT id FROM members WHERE school_id = $1 AND created_at > $2",
                    scope.school_id(),
                    since,
                );
                Ok(ids.fetch_all(tx).await?.into_iter().collect())
            }
            Self::Registry => {
                let ids = sqlx::query_scalar!(
                    "SELECT id FROM registry_people WHERE school_id = $1 AND created_at > $2",
                    scope.school_id(),
                    since,
                );
                Ok(ids.fetch_all(tx).await?.into_iter().map(|id| id.of_other_kind()).collect())
            }
        }
    }

    /// The classes of a year, by their names in lower case.
    pub async fn classes(
        self,
        scope: &Scope,
        tx: &mut PgConnection,
        year_id: YearId,
    ) -> Result<HashMap<String, BookClass>> {
        let class = |id, version, is_gone, grade| BookClass { id, version, is_gone, grade };
        Ok(match self {
            Self::Roster => {
                let classes = classes::of_year(scope, tx, year_id).await?;
                classes
                    .into_iter()
                    .map(|each| (each.name.to_lowercase(), class(each.id, 1, false, each.grade)))
                    .collect()
            }
            Self::Registry => {
                let classes = registry::classes_of_year(scope, tx, year_id).await?;
                let entry = |each: crate::registry::model::RegistryClass| {
                    (each.name.to_lowercase(), class(each.id.of_other_kind(), each.version, each.is_gone, each.grade))
                };
                classes.into_iter().map(entry).collect()
            }
        })
    }
}

/// The ids of rows of a plan over the registry.
fn in_registry(ids: &[MemberId]) -> Vec<RegistryPersonId> {
    ids.iter().map(|id| id.of_other_kind()).collect()
}

/// A person of the registry in the shape in which plans compare people: they have no account, and no rank but that of
/// their kind.
fn as_member(person: RegistryPerson) -> MemberRecord {
    let (role, rank) = match person.kind {
        PersonKind::Student => (Role::Student, Rank::Student),
        PersonKind::Staff => (Role::Teacher, Rank::Teacher),
    };
    MemberRecord {
        id: person.id.of_other_kind(),
        account_id: None,
        version: person.version,
        status: if person.left.is_some() { Status::Left } else { Status::Active },
        role,
        rank,
        has_signed_in: false,
        signs_in_by_email: false,
        values: person.values,
    }
}
