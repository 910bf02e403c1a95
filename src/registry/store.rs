//! Reading the registry.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};

use super::model::{IndexedPerson, LeftReason, PersonKind, RegistryClass, RegistryPerson};
use crate::{
    access::Scope,
    error::{Result, stored},
    ids::{RegistryPersonId, YearId},
    roster::fields::{Field, Values},
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
           LEFT JOIN counters n ON n.school_id = c.school_id AND n.counter = 'registry_class:' || c.id
           WHERE c.school_id = $1 AND c.school_year_id = $2 ORDER BY c.sort_key"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
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

/// A page of the people of a kind who are there, by name, behind a person.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    kind: PersonKind,
    after: Option<RegistryPersonId>,
) -> Result<Vec<ListedPerson>> {
    Ok(sqlx::query_as!(
        ListedPerson,
        r#"SELECT p.id, p.full_name, p.birth_date, p.email, p.moet_id, c.name AS "class_name?", p.changed_at
           FROM registry_people p
           LEFT JOIN registry_classes c ON c.school_id = p.school_id AND c.id = p.class_id
           WHERE p.school_id = $1 AND p.kind = $2 AND p.left_at IS NULL AND ($3::uuid IS NULL
               OR (p.given_name, p.family_name, p.middle_name, p.id) > (
                   SELECT a.given_name, a.family_name, a.middle_name, a.id FROM registry_people a
                   WHERE a.school_id = $1 AND a.id = $3))
           ORDER BY p.given_name, p.family_name, p.middle_name, p.id LIMIT $4"#,
        scope.school_id(),
        kind.key(),
        after,
        PAGE + 1,
    )
    .fetch_all(tx)
    .await?)
}
