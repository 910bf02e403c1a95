//! Adding people to the roster, one or ten thousand: the rows of members, guardians, enrolments and search words.
//! Nothing else inserts them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::{
    fields::{Field, Values},
    model::Status,
};
use crate::{
    access::{Role, Scope},
    error::{Error, Result},
    ids::{AccountId, ClassId, MemberId, YearId},
    vietnam::{self, name},
};

/// A new member, with values in their normal form.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub id: MemberId,
    /// The account; `None` for a member who is only invited.
    pub account_id: Option<AccountId>,
    pub role: Role,
    pub status: Status,
    pub username: Option<String>,
    /// Until when the temporary password made with the account is valid.
    pub temporary_until: Option<DateTime<Utc>>,
    /// The class to enrol in, of the year that [`insert`] is given.
    pub class_id: Option<ClassId>,
    pub values: Values,
}

/// A member of the roster, with the values to be stored.
#[derive(Clone, Debug)]
pub struct ChangedMember {
    pub id: MemberId,
    /// The version that the change was made over: if the member has another one by now, nothing is written.
    pub version: i64,
    pub status: Status,
    pub username: Option<String>,
    /// The class to be in, of the year that [`update`] is given.
    pub class_id: Option<ClassId>,
    /// All values, the unchanged ones too.
    pub values: Values,
}

/// What is written for a person besides the row in `members`.
struct WrittenPerson<'a> {
    id: MemberId,
    username: Option<&'a str>,
    class_id: Option<ClassId>,
    values: &'a Values,
}

impl<'a> From<&'a NewMember> for WrittenPerson<'a> {
    fn from(new: &'a NewMember) -> Self {
        Self { id: new.id, username: new.username.as_deref(), class_id: new.class_id, values: &new.values }
    }
}

impl<'a> From<&'a ChangedMember> for WrittenPerson<'a> {
    fn from(changed: &'a ChangedMember) -> Self {
        Self {
            id: changed.id,
            username: changed.username.as_deref(),
            class_id: changed.class_id,
            values: &changed.values,
        }
    }
}

/// The value of a field, if there is one.
fn text(values: &Values, field: Field) -> Option<String> {
    values.get(&field).filter(|value| !value.is_empty()).cloned()
}

/// Inserts people, set-wise, with all dependent rows.
///
/// Takes a [`Scope`] and no permission, as does everything that is called by actions that have checked their own.
///
/// # Errors
/// When a constraint is violated.
pub async fn insert(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: Option<YearId>,
    people: &[NewMember],
    now: DateTime<Utc>,
) -> Result<()> {
    insert_members(scope, tx, people, now).await?;
    let people: Vec<WrittenPerson<'_>> = people.iter().map(WrittenPerson::from).collect();
    write_guardians(scope, tx, &people).await?;
    if let Some(year_id) = year_id {
        write_enrolments(scope, tx, year_id, &people).await?;
    }
    let ids: Vec<MemberId> = people.iter().map(|person| person.id).collect();
    insert_words(scope, tx, &ids).await
}

/// Updates people, set-wise. Returns the ids of those that were written: a member with another version by now is not.
/// Their search words follow by a trigger.
///
/// # Errors
/// When a constraint is violated.
pub async fn update(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    people: &[ChangedMember],
) -> Result<Vec<MemberId>> {
    let written = update_members(scope, tx, people).await?;
    let people: Vec<WrittenPerson<'_>> =
        people.iter().filter(|person| written.contains(&person.id)).map(WrittenPerson::from).collect();
    remove_guardians(scope, tx, &people).await?;
    write_guardians(scope, tx, &people).await?;
    write_enrolments(scope, tx, year_id, &people).await?;
    Ok(written)
}

async fn update_members(scope: &Scope, tx: &mut PgConnection, people: &[ChangedMember]) -> Result<Vec<MemberId>> {
    let columns = MemberColumns::of(people.iter().map(WrittenPerson::from));
    let ids: Vec<MemberId> = people.iter().map(|person| person.id).collect();
    let versions: Vec<i64> = people.iter().map(|person| person.version).collect();
    let statuses: Vec<String> = people.iter().map(|person| person.status.key().to_owned()).collect();
    Ok(sqlx::query_scalar!(
        "UPDATE members m SET version = m.version + 1, status = new.status, full_name = new.full_name,
             given_name = new.given_name, family_name = new.family_name, middle_name = new.middle_name,
             birth_date = new.birth_date, gender = new.gender, email = new.email, phone = new.phone,
             address = new.address, national_id = new.national_id, moet_id = new.moet_id, department = new.department,
             words = new.words
         FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[],
             $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
             AS new (id, version, status, full_name, given_name, family_name, middle_name, birth_date, gender, email,
                     phone, address, national_id, moet_id, department, words)
         WHERE m.school_id = $1 AND m.id = new.id AND m.version = new.version RETURNING m.id",
        scope.school_id(),
        &ids,
        &versions,
        &statuses,
        &columns.full_names,
        &columns.given,
        &columns.family,
        &columns.middle,
        &columns.births as &[Option<NaiveDate>],
        &columns.genders as &[Option<String>],
        &columns.emails as &[Option<String>],
        &columns.phones as &[Option<String>],
        &columns.addresses as &[Option<String>],
        &columns.national_ids as &[Option<String>],
        &columns.moet_ids as &[Option<String>],
        &columns.departments as &[Option<String>],
        &columns.words,
    )
    .fetch_all(tx)
    .await?)
}

async fn insert_members(scope: &Scope, tx: &mut PgConnection, people: &[NewMember], now: DateTime<Utc>) -> Result<()> {
    let columns = MemberColumns::of(people.iter().map(WrittenPerson::from));
    let ids: Vec<MemberId> = people.iter().map(|person| person.id).collect();
    let accounts: Vec<Option<AccountId>> = people.iter().map(|person| person.account_id).collect();
    let roles: Vec<String> = people.iter().map(|person| person.role.key().to_owned()).collect();
    let statuses: Vec<String> = people.iter().map(|person| person.status.key().to_owned()).collect();
    let usernames: Vec<Option<String>> = people.iter().map(|person| person.username.clone()).collect();
    let untils: Vec<Option<DateTime<Utc>>> = people.iter().map(|person| person.temporary_until).collect();
    sqlx::query!(
        "INSERT INTO members (school_id, created_at, id, account_id, role, status, full_name, given_name, family_name,
             middle_name, username, temporary_until, birth_date, gender, email, phone, address, national_id, moet_id,
             department, words)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
             $10::text[], $11::text[], $12::timestamptz[], $13::date[], $14::text[], $15::text[], $16::text[],
             $17::text[], $18::text[], $19::text[], $20::text[], $21::text[])
         RETURNING id",
        scope.school_id(),
        now,
        &ids,
        &accounts as &[Option<AccountId>],
        &roles,
        &statuses,
        &columns.full_names,
        &columns.given,
        &columns.family,
        &columns.middle,
        &usernames as &[Option<String>],
        &untils as &[Option<DateTime<Utc>>],
        &columns.births as &[Option<NaiveDate>],
        &columns.genders as &[Option<String>],
        &columns.emails as &[Option<String>],
        &columns.phones as &[Option<String>],
        &columns.addresses as &[Option<String>],
        &columns.national_ids as &[Option<String>],
        &columns.moet_ids as &[Option<String>],
        &columns.departments as &[Option<String>],
        &columns.words,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Puts a member's row back as it was: all its columns, by their names.
pub async fn put_back(scope: &Scope, tx: &mut PgConnection, id: MemberId, row: Value) -> Result<()> {
    sqlx::query!(
        r#"UPDATE members m SET account_id = g.account_id, role = g.role, status = g.status, full_name = g.full_name,
               given_name = g.given_name, family_name = g.family_name, middle_name = g.middle_name, gender = g.gender,
               birth_date = g.birth_date, username = g.username, email = g.email, phone = g.phone,
               address = g.address, national_id = g.national_id, moet_id = g.moet_id, department = g.department,
               slip_printed_at = g.slip_printed_at, temporary_until = g.temporary_until,
               first_signed_in_at = g.first_signed_in_at, last_signed_in_at = g.last_signed_in_at,
               status_reason = g.status_reason, declined_at = g.declined_at, words = g.words,
               version = m.version + 1
           FROM jsonb_populate_record(NULL::members, $3) g WHERE m.school_id = $1 AND m.id = $2"#,
        scope.school_id(),
        id,
        row,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Inserts a member's row as it was, all its columns by their names, and the words by which the member is found.
pub async fn insert_back(scope: &Scope, tx: &mut PgConnection, row: Value) -> Result<()> {
    let ids = sqlx::query_scalar!(
        "INSERT INTO members (school_id, id, account_id, role, status, full_name, given_name, family_name, middle_name,
             gender, birth_date, username, email, phone, address, national_id, moet_id, department,
             slip_printed_at, temporary_until, first_signed_in_at, last_signed_in_at, created_at,
             version, status_reason, declined_at, words)
         SELECT g.school_id, g.id, g.account_id, g.role, g.status, g.full_name, g.given_name,
             g.family_name, g.middle_name, g.gender, g.birth_date, g.username, g.email, g.phone,
             g.address, g.national_id, g.moet_id, g.department, g.slip_printed_at, g.temporary_until,
             g.first_signed_in_at, g.last_signed_in_at, g.created_at, g.version, g.status_reason,
             g.declined_at, g.words
         FROM jsonb_populate_record(NULL::members, $2) g WHERE g.school_id = $1
         RETURNING id",
        scope.school_id(),
        row,
    )
    .fetch_all(&mut *tx)
    .await?;
    insert_words(scope, tx, &ids).await
}

/// The values of people as arrays for `unnest`.
#[derive(Default)]
struct MemberColumns {
    full_names: Vec<String>,
    given: Vec<String>,
    family: Vec<String>,
    middle: Vec<String>,
    births: Vec<Option<NaiveDate>>,
    genders: Vec<Option<String>>,
    emails: Vec<Option<String>>,
    phones: Vec<Option<String>>,
    addresses: Vec<Option<String>>,
    national_ids: Vec<Option<String>>,
    moet_ids: Vec<Option<String>>,
    departments: Vec<Option<String>>,
    words: Vec<String>,
}

impl MemberColumns {
    fn of<'a>(people: impl Iterator<Item = WrittenPerson<'a>>) -> Self {
        let mut columns = Self::default();
        for WrittenPerson { values, username, .. } in people {
            let full_name = text(values, Field::FullName).unwrap_or_default();
            // In the form that lists are sorted by.
            let [given, family, middle] = name::sort_keys(&full_name);
            columns.full_names.push(full_name);
            columns.given.push(given);
            columns.family.push(family);
            columns.middle.push(middle);
            columns.births.push(text(values, Field::BirthDate).and_then(|date| date.parse().ok()));
            columns.genders.push(text(values, Field::Gender));
            columns.emails.push(text(values, Field::Email));
            columns.phones.push(text(values, Field::Phone));
            columns.addresses.push(text(values, Field::Address));
            columns.national_ids.push(text(values, Field::NationalId));
            columns.moet_ids.push(text(values, Field::MoetId));
            columns.departments.push(text(values, Field::Department));
            columns.words.push(search_words(values, username));
        }
        columns
    }
}

/// The two relatives of a pupil that a school may record, with the fields that describe them.
pub const RELATIONS: [(&str, Field, Field); 2] = [
    ("mother", Field::MotherName, Field::MotherBirthYear),
    ("guardian", Field::GuardianName, Field::GuardianBirthYear),
];

/// Removes the relatives that are recorded no longer.
async fn remove_guardians(scope: &Scope, tx: &mut PgConnection, people: &[WrittenPerson<'_>]) -> Result<()> {
    for (relation, name_field, _) in RELATIONS {
        let without = people.iter().filter(|person| text(person.values, name_field).is_none());
        let without: Vec<MemberId> = without.map(|person| person.id).collect();
        sqlx::query!(
            "DELETE FROM guardians WHERE school_id = $1 AND member_id = ANY($2) AND relation = $3",
            scope.school_id(),
            &without,
            relation,
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Those who are recorded already and stay the same are not touched: when they changed is told to other programs.
async fn write_guardians(scope: &Scope, tx: &mut PgConnection, people: &[WrittenPerson<'_>]) -> Result<()> {
    let mut members = Vec::new();
    let mut relations = Vec::new();
    let mut names = Vec::new();
    let mut years: Vec<Option<i32>> = Vec::new();
    for person in people {
        for (relation, name_field, year_field) in RELATIONS {
            let Some(name) = text(person.values, name_field) else { continue };
            members.push(person.id);
            relations.push(relation.to_owned());
            names.push(name);
            years.push(text(person.values, year_field).and_then(|year| year.parse().ok()));
        }
    }
    sqlx::query!(
        "INSERT INTO guardians AS g (school_id, member_id, relation, full_name, birth_year)
         SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[])
         ON CONFLICT (school_id, member_id, relation)
             DO UPDATE SET full_name = excluded.full_name, birth_year = excluded.birth_year
             WHERE (g.full_name, g.birth_year) IS DISTINCT FROM (excluded.full_name, excluded.birth_year)
         RETURNING member_id",
        scope.school_id(),
        &members,
        &relations,
        &names,
        &years as &[Option<i32>],
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Puts people into their classes of the year; a pupil in another class moves.
async fn write_enrolments(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    people: &[WrittenPerson<'_>],
) -> Result<()> {
    let (members, classes): (Vec<MemberId>, Vec<ClassId>) =
        people.iter().filter_map(|person| Some((person.id, person.class_id?))).unzip();
    sqlx::query!(
        "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[])
         ON CONFLICT (school_id, school_year_id, member_id)
             DO UPDATE SET class_id = excluded.class_id, ended_at = NULL",
        scope.school_id(),
        year_id,
        &members,
        &classes,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts pupils into a class of the year, whatever class they were in. Returns those who were elsewhere.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) where the year has no such class.
pub async fn move_to(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    class_id: ClassId,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    sqlx::query!(
        "SELECT id FROM classes WHERE school_id = $1 AND school_year_id = $2 AND id = $3",
        scope.school_id(),
        year_id,
        class_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let moved = sqlx::query_scalar!(
        "INSERT INTO enrolments AS e (school_id, school_year_id, member_id, class_id)
         SELECT $1, $2, m.id, $3 FROM members m
         WHERE m.school_id = $1 AND m.id = ANY($4) AND m.role = 'student' AND m.status <> 'left'
         ON CONFLICT (school_id, school_year_id, member_id) DO UPDATE SET class_id = excluded.class_id, ended_at = NULL
             WHERE e.class_id <> excluded.class_id OR e.ended_at IS NOT NULL
         RETURNING member_id",
        scope.school_id(),
        year_id,
        class_id,
        members,
    )
    .fetch_all(&mut *tx)
    .await?;
    // The new version tells a plan that was made before that these members have changed.
    sqlx::query!(
        "UPDATE members SET version = version + 1 WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        &moved,
    )
    .execute(tx)
    .await?;
    Ok(moved)
}

/// The search words of new people, each in a row of its own. Later they follow `members.words` by a trigger.
async fn insert_words(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<()> {
    sqlx::query!(
        "INSERT INTO member_words (school_id, member_id, word, words)
         SELECT $1, new.id, w.word, m.words FROM unnest($2::uuid[]) AS new (id)
         CROSS JOIN LATERAL (SELECT words FROM members WHERE school_id = $1 AND id = new.id OFFSET 0) m
         CROSS JOIN string_to_table(ltrim(m.words), ' ') AS w (word)
         RETURNING member_id",
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// The words by which a person is found, each once and preceded by a space: of the name, the username, the e-mail, the
/// phone, the identifiers.
#[must_use]
pub fn search_words(values: &Values, username: Option<&str>) -> String {
    let values =
        Field::ALL.into_iter().filter(|field| field.info().is_searched).filter_map(|field| text(values, field));
    let texts = values.chain(username.map(str::to_owned));
    let words: BTreeSet<String> = texts.flat_map(|text| vietnam::text::words(&text)).collect();
    words.into_iter().flat_map(|word| [" ".to_owned(), word]).collect()
}

/// Sets the account of each member; none where the person is to be invited first.
pub async fn set_accounts(
    scope: &Scope,
    tx: &mut PgConnection,
    people: &[(MemberId, Option<AccountId>)],
) -> Result<()> {
    let (members, accounts): (Vec<MemberId>, Vec<Option<AccountId>>) = people.iter().copied().unzip();
    sqlx::query!(
        "UPDATE members m SET account_id = new.account_id FROM unnest($2::uuid[], $3::uuid[]) AS new (id, account_id)
         WHERE m.school_id = $1 AND m.id = new.id",
        scope.school_id(),
        &members,
        &accounts as &[Option<AccountId>],
    )
    .execute(tx)
    .await?;
    Ok(())
}
