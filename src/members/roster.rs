//! Bringing people into the roster, one or ten thousand: the rows of members, guardians, enrolments and search words.
//! Nothing else inserts them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    fields::{Field, Values},
    model::Status,
};
use crate::{
    access::{Role, Scope},
    error::Result,
    vietnam::{name, text},
};

/// Somebody new, with values in their normal form.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub id: Uuid,
    /// The account; none yet for somebody who is invited.
    pub account_id: Option<Uuid>,
    pub role: Role,
    pub status: Status,
    pub username: Option<String>,
    /// Until when the temporary password made with the account is good.
    pub temporary_until: Option<DateTime<Utc>>,
    /// The class to enrol in, of the year that [`insert`] is given.
    pub class_id: Option<Uuid>,
    pub values: Values,
}

impl NewMember {
    fn text(&self, field: Field) -> Option<String> {
        self.values.get(&field).filter(|value| !value.is_empty()).cloned()
    }

    fn name(&self) -> String {
        self.text(Field::FullName).unwrap_or_default()
    }
}

/// Inserts people, set-wise, with all that hangs on them.
///
/// Takes a [`Scope`] and no permission, as does whatever is called by actions that have checked their own.
///
/// # Errors
/// When the database cannot be reached or a constraint is violated.
pub async fn insert(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: Option<Uuid>,
    people: &[NewMember],
    now: DateTime<Utc>,
) -> Result<()> {
    insert_members(scope, tx, people, now).await?;
    insert_guardians(scope, tx, people).await?;
    if let Some(year_id) = year_id {
        insert_enrolments(scope, tx, year_id, people).await?;
    }
    insert_words(scope, tx, people).await
}

async fn insert_members(scope: &Scope, tx: &mut PgConnection, people: &[NewMember], now: DateTime<Utc>) -> Result<()> {
    let column = |field: Field| people.iter().map(|person| person.text(field)).collect::<Vec<_>>();
    let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let accounts: Vec<Option<Uuid>> = people.iter().map(|person| person.account_id).collect();
    let roles: Vec<String> = people.iter().map(|person| person.role.key().to_owned()).collect();
    let statuses: Vec<String> = people.iter().map(|person| person.status.key().to_owned()).collect();
    let names: Vec<String> = people.iter().map(NewMember::name).collect();
    let [given, family, middle] = sort_columns(&names);
    let usernames: Vec<Option<String>> = people.iter().map(|person| person.username.clone()).collect();
    let untils: Vec<Option<DateTime<Utc>>> = people.iter().map(|person| person.temporary_until).collect();
    let births: Vec<Option<NaiveDate>> =
        people.iter().map(|person| person.text(Field::BirthDate)?.parse().ok()).collect();
    sqlx::query!(
        "INSERT INTO members (school_id, created_at, id, account_id, role, status, full_name, given_name, family_name,
             middle_name, username, temporary_until, birth_date, gender, email, phone, address, national_id, moet_id,
             department)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
             $10::text[], $11::text[], $12::timestamptz[], $13::date[], $14::text[], $15::text[], $16::text[],
             $17::text[], $18::text[], $19::text[], $20::text[])",
        scope.school_id(),
        now,
        &ids,
        &accounts as &[Option<Uuid>],
        &roles,
        &statuses,
        &names,
        &given,
        &family,
        &middle,
        &usernames as &[Option<String>],
        &untils as &[Option<DateTime<Utc>>],
        &births as &[Option<NaiveDate>],
        &column(Field::Gender) as &[Option<String>],
        &column(Field::Email) as &[Option<String>],
        &column(Field::Phone) as &[Option<String>],
        &column(Field::Address) as &[Option<String>],
        &column(Field::NationalId) as &[Option<String>],
        &column(Field::MoetId) as &[Option<String>],
        &column(Field::Department) as &[Option<String>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Given, family and middle names, in the form that lists are sorted by.
fn sort_columns(names: &[String]) -> [Vec<String>; 3] {
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for full_name in names {
        for (column, part) in columns.iter_mut().zip(name::sort_keys(full_name)) {
            column.push(part);
        }
    }
    columns
}

/// The two people a school may know of around a pupil, with the fields that tell of them.
pub const RELATIONS: [(&str, Field, Field); 2] = [
    ("mother", Field::MotherName, Field::MotherBirthYear),
    ("guardian", Field::GuardianName, Field::GuardianBirthYear),
];

async fn insert_guardians(scope: &Scope, tx: &mut PgConnection, people: &[NewMember]) -> Result<()> {
    let mut members = Vec::new();
    let mut relations = Vec::new();
    let mut names = Vec::new();
    let mut years: Vec<Option<i32>> = Vec::new();
    for person in people {
        for (relation, name_field, year_field) in RELATIONS {
            let Some(name) = person.text(name_field) else { continue };
            members.push(person.id);
            relations.push(relation.to_owned());
            names.push(name);
            years.push(person.text(year_field).and_then(|year| year.parse().ok()));
        }
    }
    sqlx::query!(
        "INSERT INTO guardians (school_id, member_id, relation, full_name, birth_year)
         SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[])",
        scope.school_id(),
        &members,
        &relations,
        &names,
        &years as &[Option<i32>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_enrolments(scope: &Scope, tx: &mut PgConnection, year_id: Uuid, people: &[NewMember]) -> Result<()> {
    let (members, classes): (Vec<Uuid>, Vec<Uuid>) =
        people.iter().filter_map(|person| Some((person.id, person.class_id?))).unzip();
    sqlx::query!(
        "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[])",
        scope.school_id(),
        year_id,
        &members,
        &classes,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_words(scope: &Scope, tx: &mut PgConnection, people: &[NewMember]) -> Result<()> {
    let (members, words): (Vec<Uuid>, Vec<String>) =
        people.iter().flat_map(|person| search_words(person).into_iter().map(|word| (person.id, word))).unzip();
    sqlx::query!(
        "INSERT INTO member_words (school_id, member_id, word) SELECT $1, * FROM unnest($2::uuid[], $3::text[])",
        scope.school_id(),
        &members,
        &words,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The words by which somebody is found: of the name, the username, the e-mail, the phone, the identifiers.
fn search_words(person: &NewMember) -> BTreeSet<String> {
    let fields = [Field::FullName, Field::Email, Field::Phone, Field::NationalId, Field::MoetId];
    let values = fields.into_iter().filter_map(|field| person.text(field)).chain(person.username.clone());
    values.flat_map(|value| text::words(&value)).collect()
}
