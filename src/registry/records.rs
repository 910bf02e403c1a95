//! Writing the registry, set-wise. Nothing else does. The caller holds the registry's lock ([`lock`]), records the
//! history and keeps the identifiers.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};

use super::{
    conflicts, identifiers,
    model::{LeftReason, Origin, PersonKind},
};
use crate::{
    access::Scope,
    error::Result,
    ids::{MemberId, RegistryClassId, RegistryPersonId, SchoolId, YearId},
    roster::fields::{Field, Values},
    vietnam::{class_name, name, text},
};

/// Serialises transactions that write a school's registry until this one ends. Of several schools, in the order of
/// their ids.
pub async fn lock(tx: &mut PgConnection, schools: &BTreeSet<SchoolId>) -> Result<()> {
    for school_id in schools {
        sqlx::query!(
            "SELECT pg_advisory_xact_lock(hashtextextended('registry:' || $1::text, 0))",
            school_id.to_string()
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// A person as they are to be.
#[derive(Clone, Debug)]
pub struct PersonValues {
    pub id: RegistryPersonId,
    /// Of a change: the version that it was made over. If the person has another one by now, nothing is written.
    pub version: i64,
    /// Of a pupil; of a change that does not move them, nothing.
    pub class_id: Option<RegistryClassId>,
    /// All values, without the class.
    pub values: Values,
}

/// The values of people as arrays for `unnest`.
#[derive(Default)]
struct RegistryColumns<'a> {
    ids: Vec<RegistryPersonId>,
    versions: Vec<i64>,
    classes: Vec<Option<RegistryClassId>>,
    full_names: Vec<&'a str>,
    given: Vec<String>,
    family: Vec<String>,
    middle: Vec<String>,
    births: Vec<Option<NaiveDate>>,
    emails: Vec<Option<&'a str>>,
    moet_ids: Vec<Option<&'a str>>,
    fields: Vec<Json<&'a Values>>,
    words: Vec<String>,
}

impl<'a> RegistryColumns<'a> {
    fn of(people: &'a [PersonValues]) -> Self {
        let mut columns = Self::default();
        for person in people {
            let value = |field: Field| person.values.get(&field).map(String::as_str);
            let full_name = value(Field::FullName).unwrap_or_default();
            let [given, family, middle] = name::sort_keys(full_name);
            columns.ids.push(person.id);
            columns.versions.push(person.version);
            columns.classes.push(person.class_id);
            columns.full_names.push(full_name);
            columns.given.push(given);
            columns.family.push(family);
            columns.middle.push(middle);
            columns.births.push(value(Field::BirthDate).and_then(|date| date.parse().ok()));
            columns.emails.push(value(Field::Email));
            columns.moet_ids.push(value(Field::MoetId));
            columns.fields.push(Json(&person.values));
            columns.words.push(text::words(full_name).iter().map(|word| format!(" {word}")).collect());
        }
        columns
    }
}

/// Inserts people.
pub async fn insert_people(
    scope: &Scope,
    tx: &mut PgConnection,
    kind: PersonKind,
    origin: Origin,
    people: &[PersonValues],
    now: DateTime<Utc>,
) -> Result<()> {
    let columns = RegistryColumns::of(people);
    sqlx::query!(
        "INSERT INTO registry_people (school_id, kind, origin, created_at, changed_at, id, class_id, full_name,
             given_name, family_name, middle_name, birth_date, email, moet_id, fields, words)
         SELECT $1, $2, $3, $4, $4, * FROM unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],
             $10::text[], $11::date[], $12::text[], $13::text[], $14::jsonb[], $15::text[])
         RETURNING id",
        scope.school_id(),
        kind.key(),
        origin.key(),
        now,
        &columns.ids,
        &columns.classes as &[Option<RegistryClassId>],
        &columns.full_names as &[&str],
        &columns.given,
        &columns.family,
        &columns.middle,
        &columns.births as &[Option<NaiveDate>],
        &columns.emails as &[Option<&str>],
        &columns.moet_ids as &[Option<&str>],
        &columns.fields as &[Json<_>],
        &columns.words,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Updates people; those who had left are there again. Returns the ids of those that were written.
pub async fn update_people(
    scope: &Scope,
    tx: &mut PgConnection,
    people: &[PersonValues],
    now: DateTime<Utc>,
) -> Result<Vec<RegistryPersonId>> {
    let columns = RegistryColumns::of(people);
    Ok(sqlx::query_scalar!(
        "UPDATE registry_people p SET version = p.version + 1, changed_at = $2, left_at = NULL, left_reason = NULL,
             class_id = coalesce(new.class_id, p.class_id), full_name = new.full_name, given_name = new.given_name,
             family_name = new.family_name, middle_name = new.middle_name, birth_date = new.birth_date,
             email = new.email, moet_id = new.moet_id, fields = new.fields, words = new.words
         FROM unnest($3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::date[],
             $11::text[], $12::text[], $13::jsonb[], $14::text[])
             AS new (id, version, class_id, full_name, given_name, family_name, middle_name, birth_date, email, moet_id,
                     fields, words)
         WHERE p.school_id = $1 AND p.id = new.id AND p.version = new.version RETURNING p.id",
        scope.school_id(),
        now,
        &columns.ids,
        &columns.versions,
        &columns.classes as &[Option<RegistryClassId>],
        &columns.full_names as &[&str],
        &columns.given,
        &columns.family,
        &columns.middle,
        &columns.births as &[Option<NaiveDate>],
        &columns.emails as &[Option<&str>],
        &columns.moet_ids as &[Option<&str>],
        &columns.fields as &[Json<_>],
        &columns.words,
    )
    .fetch_all(tx)
    .await?)
}

/// People leave; they stay on record. Returns those who were there, and whose version is still the given one where one
/// is given.
pub async fn leave(
    scope: &Scope,
    tx: &mut PgConnection,
    people: &[(RegistryPersonId, Option<i64>)],
    reason: LeftReason,
    now: DateTime<Utc>,
) -> Result<Vec<RegistryPersonId>> {
    let (ids, versions): (Vec<RegistryPersonId>, Vec<Option<i64>>) = people.iter().copied().unzip();
    Ok(sqlx::query_scalar!(
        "UPDATE registry_people p SET version = p.version + 1, changed_at = $2, left_at = $2, left_reason = $3
         FROM unnest($4::uuid[], $5::bigint[]) AS gone (id, version)
         WHERE p.school_id = $1 AND p.id = gone.id AND p.left_at IS NULL
             AND p.version = coalesce(gone.version, p.version) RETURNING p.id",
        scope.school_id(),
        now,
        reason.key(),
        &ids,
        &versions as &[Option<i64>],
    )
    .fetch_all(tx)
    .await?)
}

/// A class that was made, or that is there again.
#[derive(Clone, Debug)]
pub struct MadeClass {
    pub id: RegistryClassId,
    pub name: String,
}

/// A class as it is to be.
#[derive(Clone, Debug)]
pub struct NewClass {
    pub id: RegistryClassId,
    /// In its normal form.
    pub name: String,
    /// Where none is given, what the name says.
    pub grade: Option<String>,
}

/// Inserts the classes that a year does not have; one that is gone is there again. Returns those that were written.
pub async fn insert_classes(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    origin: Origin,
    classes: &[NewClass],
    now: DateTime<Utc>,
) -> Result<Vec<MadeClass>> {
    let ids: Vec<RegistryClassId> = classes.iter().map(|class| class.id).collect();
    let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let sort_keys: Vec<String> = classes.iter().map(|class| class_name::natural_key(&class.name)).collect();
    let grade = |class: &NewClass| {
        class.grade.clone().or_else(|| class_name::grade(&class.name).map(|grade| grade.to_string()))
    };
    let grades: Vec<Option<String>> = classes.iter().map(grade).collect();
    Ok(sqlx::query_as!(
        MadeClass,
        "INSERT INTO registry_classes AS c (school_id, school_year_id, origin, created_at, changed_at, id, name,
             sort_key, grade)
         SELECT $1, $2, $3, $4, $4, * FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[])
         ON CONFLICT ON CONSTRAINT registry_class_name_taken DO UPDATE
             SET gone_at = NULL, version = c.version + 1, changed_at = excluded.changed_at,
                 grade = coalesce(excluded.grade, c.grade)
             WHERE c.gone_at IS NOT NULL
         RETURNING id, name",
        scope.school_id(),
        year_id,
        origin.key(),
        now,
        &ids,
        &names as &[&str],
        &sort_keys,
        &grades as &[Option<String>],
    )
    .fetch_all(tx)
    .await?)
}

/// Classes that are there have another grade. Returns those that were written.
pub async fn set_grades(
    scope: &Scope,
    tx: &mut PgConnection,
    classes: &[NewClass],
    now: DateTime<Utc>,
) -> Result<Vec<RegistryClassId>> {
    let (ids, grades): (Vec<RegistryClassId>, Vec<&str>) =
        classes.iter().filter_map(|class| Some((class.id, class.grade.as_deref()?))).unzip();
    Ok(sqlx::query_scalar!(
        "UPDATE registry_classes c SET grade = new.grade, version = c.version + 1, changed_at = $2
         FROM unnest($3::uuid[], $4::text[]) AS new (id, grade)
         WHERE c.school_id = $1 AND c.id = new.id AND c.gone_at IS NULL AND c.grade IS DISTINCT FROM new.grade
         RETURNING c.id",
        scope.school_id(),
        now,
        &ids,
        &grades as &[&str],
    )
    .fetch_all(tx)
    .await?)
}

/// Classes are gone, but for those that have pupils. Returns those that are.
pub async fn end_classes(
    scope: &Scope,
    tx: &mut PgConnection,
    ids: &[RegistryClassId],
    now: DateTime<Utc>,
) -> Result<Vec<RegistryClassId>> {
    Ok(sqlx::query_scalar!(
        "UPDATE registry_classes c SET gone_at = $3, version = c.version + 1, changed_at = $3
         WHERE c.school_id = $1 AND c.id = ANY($2) AND c.gone_at IS NULL AND NOT EXISTS (
             SELECT FROM registry_people p WHERE p.school_id = $1 AND p.class_id = c.id AND p.left_at IS NULL)
         RETURNING c.id",
        scope.school_id(),
        ids,
        now,
    )
    .fetch_all(tx)
    .await?)
}

/// Erases the pupil who is this member, with their history and identifiers. One who was never synced is found by name
/// and birth date; namesakes who are other members stay.
pub async fn erase_pupil(
    scope: &Scope,
    tx: &mut PgConnection,
    member_id: MemberId,
    full_name: &str,
    birth_date: Option<&str>,
) -> Result<()> {
    lock(tx, &BTreeSet::from([scope.school_id()])).await?;
    let [given_name, ..] = name::sort_keys(full_name);
    let erased = sqlx::query_scalar!(
        "SELECT p.id FROM registry_people p
         LEFT JOIN registry_links l ON l.school_id = $1 AND l.registry_person_id = p.id
         WHERE p.school_id = $1 AND p.kind = 'student' AND (l.member_id = $2
             OR l.member_id IS NULL AND p.given_name = $3 AND p.full_name = $4 AND p.birth_date::text = $5)",
        scope.school_id(),
        member_id,
        given_name,
        full_name,
        birth_date,
    )
    .fetch_all(&mut *tx)
    .await?;
    identifiers::let_go(scope, tx, &erased, &[]).await?;
    conflicts::forget(scope, tx, &erased).await?;
    sqlx::query!(
        "DELETE FROM registry_changes WHERE school_id = $1 AND subject = 'person' AND subject_id = ANY($2)",
        scope.school_id(),
        &erased,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM registry_people WHERE school_id = $1 AND id = ANY($2)", scope.school_id(), &erased)
        .execute(tx)
        .await?;
    Ok(())
}
