//! Reading the registry.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};

use super::model::{IndexedPerson, LeftReason, PersonKind, RegistryClass, RegistryPerson};
use crate::{
    access::Scope,
    error::{Result, stored},
    ids::{RegistryClassId, RegistryPersonId, YearId},
    roster::fields::{Field, Values},
    vietnam::{search::MOST_WORDS, text},
};

/// How many people a page shows.
pub const PAGE: i64 = 50;

/// Everybody that the registry has or had, by what they are matched by.
pub async fn indexed(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<IndexedPerson>> {
    Ok(sqlx::query_as!(
        IndexedPerson,
        r#"SELECT id, kind = 'student' AS "is_student!", full_name, birth_date, moet_id, email,
               fields ->> 'mother_name' AS mother_name, fields ->> 'guardian_name' AS guardian_name
           FROM registry_people WHERE school_id = $1"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?)
}

/// These people, with their classes of the year.
pub async fn known(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    ids: &[RegistryPersonId],
) -> Result<Vec<RegistryPerson>> {
    let rows = sqlx::query!(
        r#"SELECT p.id, p.kind, p.version, p.left_reason, p.fields AS "fields: Json<Values>", c.name AS "class_name?"
           FROM registry_people p
           LEFT JOIN registry_classes c
               ON c.school_id = p.school_id AND c.id = p.class_id AND c.school_year_id = $2
           WHERE p.school_id = $1 AND p.id = ANY($3)"#,
        scope.school_id(),
        year_id,
        ids,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let mut values = row.fields.0;
            values.extend(row.class_name.map(|name| (Field::Class, name)));
            Ok(RegistryPerson {
                id: row.id,
                kind: stored("kind of person", PersonKind::from_key(&row.kind))?,
                version: row.version,
                left: row.left_reason.as_deref().and_then(LeftReason::from_key),
                values,
            })
        })
        .collect()
}

/// The classes of a year in their natural order, those that are gone too.
pub async fn classes_of_year(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<RegistryClass>> {
    Ok(sqlx::query_as!(
        RegistryClass,
        r#"SELECT c.id, c.name, c.grade, c.version, c.gone_at IS NOT NULL AS "is_gone!",
               coalesce(n.value, 0) AS "pupils!"
           FROM registry_classes c
           LEFT JOIN LATERAL (
               SELECT value FROM counters WHERE school_id = $1 AND counter = 'registry_class:' || c.id OFFSET 0) n ON true
           WHERE c.school_id = $1 AND c.school_year_id = $2 ORDER BY c.sort_key"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
}

/// A class of the registry, and what was said of it at the last sync.
#[derive(Clone, Debug)]
pub struct SyncedClass {
    pub id: RegistryClassId,
    pub name: String,
    pub grade: Option<String>,
    pub version: i64,
    pub is_gone: bool,
    /// The version at the last sync, and the grade.
    pub synced_version: Option<i64>,
    pub base: Option<String>,
}

/// The classes of a year with what was said of them at the last sync, in their natural order.
pub async fn synced_classes(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<SyncedClass>> {
    Ok(sqlx::query_as!(
        SyncedClass,
        r#"SELECT c.id, c.name, c.grade, c.version, c.gone_at IS NOT NULL AS "is_gone!",
               l.synced_version AS "synced_version?", l.grade AS "base?"
           FROM registry_classes c
           LEFT JOIN registry_class_links l ON l.school_id = $1 AND l.registry_class_id = c.id
           WHERE c.school_id = $1 AND c.school_year_id = $2 ORDER BY c.sort_key"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The name of a class that is there.
pub async fn class_name(scope: &Scope, tx: &mut PgConnection, id: RegistryClassId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT name FROM registry_classes WHERE school_id = $1 AND id = $2 AND gone_at IS NULL",
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?)
}

/// The person of a kind who had this identifier and has left.
pub async fn left_with(
    scope: &Scope,
    tx: &mut PgConnection,
    kind: PersonKind,
    moet_id: &str,
) -> Result<Option<RegistryPerson>> {
    let row = sqlx::query!(
        r#"SELECT id, version, left_reason, fields AS "fields: Json<Values>" FROM registry_people
           WHERE school_id = $1 AND moet_id = $2 AND kind = $3 AND left_at IS NOT NULL"#,
        scope.school_id(),
        moet_id,
        kind.key(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| RegistryPerson {
        id: row.id,
        kind,
        version: row.version,
        left: row.left_reason.as_deref().and_then(LeftReason::from_key),
        values: row.fields.0,
    }))
}

/// How many people of a kind the registry has.
pub async fn count(scope: &Scope, tx: &mut PgConnection, kind: PersonKind) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        "SELECT value FROM counters WHERE school_id = $1 AND counter = $2",
        scope.school_id(),
        format!("registry:{}", kind.key()),
    )
    .fetch_optional(tx)
    .await?
    .unwrap_or_default())
}

/// A person as lists show them.
#[derive(Clone, Debug)]
pub struct ListedPerson {
    pub id: RegistryPersonId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub email: Option<String>,
    pub moet_id: Option<String>,
    pub class_name: Option<String>,
    pub changed_at: DateTime<Utc>,
}

/// Which people a list shows.
#[derive(Clone, Debug)]
pub struct PeopleFilter {
    pub kind: PersonKind,
    /// Those who have left, instead of those who are there.
    pub has_left: bool,
    /// The LIKE patterns that a name must match, all of them.
    patterns: Vec<String>,
}

impl PeopleFilter {
    /// What was typed is beginnings of words of the name, in any order.
    #[must_use]
    pub fn of(kind: PersonKind, has_left: bool, typed: &str) -> Self {
        // Words hold letters and digits only, and so no pattern characters.
        let patterns = text::words(typed).iter().take(MOST_WORDS).map(|word| format!("% {word}%")).collect();
        Self { kind, has_left, patterns }
    }
}

/// A page of these people by name, behind a person; one more than a page has tells that there are more.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    filter: &PeopleFilter,
    after: Option<RegistryPersonId>,
) -> Result<Vec<ListedPerson>> {
    Ok(sqlx::query_as!(
        ListedPerson,
        r#"SELECT p.id, p.full_name, p.birth_date, p.email, p.moet_id, c.name AS "class_name?", p.changed_at
           FROM registry_people p
           LEFT JOIN registry_classes c ON c.school_id = p.school_id AND c.id = p.class_id
           WHERE p.school_id = $1 AND p.kind = $2 AND (p.left_at IS NOT NULL) = $3 AND p.words LIKE ALL ($4)
               AND ($5::uuid IS NULL OR (p.given_name, p.family_name, p.middle_name, p.id) > (
                   SELECT a.given_name, a.family_name, a.middle_name, a.id FROM registry_people a
                   WHERE a.school_id = $1 AND a.id = $5))
           ORDER BY p.given_name, p.family_name, p.middle_name, p.id LIMIT $6"#,
        scope.school_id(),
        filter.kind.key(),
        filter.has_left,
        &filter.patterns,
        after,
        PAGE + 1,
    )
    .fetch_all(tx)
    .await?)
}

/// The page before the one that begins with `first`, by the last person before it: the inner `None` is the first page,
/// the outer one means that there is no page before.
pub async fn page_before(
    scope: &Scope,
    tx: &mut PgConnection,
    filter: &PeopleFilter,
    first: RegistryPersonId,
) -> Result<Option<Option<RegistryPersonId>>> {
    let before = sqlx::query_scalar!(
        "SELECT p.id FROM registry_people p
         WHERE p.school_id = $1 AND p.kind = $2 AND (p.left_at IS NOT NULL) = $3 AND p.words LIKE ALL ($4)
             AND (p.given_name, p.family_name, p.middle_name, p.id) < (
                 SELECT a.given_name, a.family_name, a.middle_name, a.id FROM registry_people a
                 WHERE a.school_id = $1 AND a.id = $5)
         ORDER BY p.given_name DESC, p.family_name DESC, p.middle_name DESC, p.id DESC LIMIT $6",
        scope.school_id(),
        filter.kind.key(),
        filter.has_left,
        &filter.patterns,
        first,
        PAGE + 1,
    )
    .fetch_all(tx)
    .await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    Ok((!before.is_empty()).then(|| before.get(page).copied()))
}
