//! A school of the demo, and everybody in it, as rows.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use super::{
    people::{Cast, DemoPerson, Story},
    staging::{StagedRows, bytes},
};
use crate::{
    access::{Role, Scope},
    app::App,
    clock::date_in_vietnam,
    db::Db,
    error::Result,
    identity::password::{TEMPORARY_DAYS, TemporaryPassword},
    ids::{AccountId, ClassId, MemberId},
    operator,
    roster::{
        fields::Field,
        model::Status,
        records::{self, RELATIONS},
        usernames,
    },
    schools::{
        classes,
        years::{self, Year},
    },
    vietnam::name,
};

/// How many people are written at a time: memory does not grow with the school.
const AT_A_TIME: usize = 250;

/// One transaction a school: a demo that was interrupted has only schools with everybody in them.
pub async fn fill(app: &App, owner: &Db, scope: &Scope, province: &str, cast: &Cast, hash: &str) -> Result<()> {
    let mut tx = owner.begin_in(scope.school_id()).await?;
    operator::insert_demo_school(scope, app, &mut tx, province).await?;
    years::add(scope, app, &mut tx, years::calendar_year(&scope.school, app.clock.today())).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    let made = classes::insert(scope, app, &mut tx, year.id, &cast.classes, None).await?;
    let classes: HashMap<String, ClassId> = made.into_iter().map(|class| (class.name, class.id)).collect();
    let mut tables = Tables::new(app, scope, year, hash);
    for people in cast.people.chunks(AT_A_TIME) {
        for person in people {
            tables.add(person, classes.get(&person.class).copied());
        }
        for rows in &mut tables.rows {
            rows.insert(&mut tx).await?;
        }
    }
    for (class_id, teacher) in tables.homeroom_teachers {
        classes::set_homeroom_teacher(scope, &mut tx, class_id, teacher).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The rows of a school's people, table by table.
struct Tables<'a> {
    app: &'a App,
    scope: &'a Scope,
    year: Year,
    /// Of the password of everybody who has chosen one.
    hash: &'a str,
    now: DateTime<Utc>,
    /// In the order of their foreign keys; see the constants below.
    rows: [StagedRows; 7],
    homeroom_teachers: Vec<(ClassId, MemberId)>,
}

const ACCOUNTS: usize = 0;
const MEMBERS: usize = 1;
const MEMBERSHIPS: usize = 2;
const GUARDIANS: usize = 3;
const ENROLMENTS: usize = 4;
const WORDS: usize = 5;
const GRANTS: usize = 6;

impl<'a> Tables<'a> {
    fn new(app: &'a App, scope: &'a Scope, year: Year, hash: &'a str) -> Self {
        let rows = [
            StagedRows::of(
                "accounts",
                "id, login, password_hash, password_set_at, temporary_password, temporary_key_id, \
                 temporary_expires_at, temporary_school_id, created_at",
            ),
            StagedRows::of(
                "members",
                "school_id, id, account_id, role, status, full_name, given_name, family_name, middle_name, gender, \
                 birth_date, username, email, phone, national_id, moet_id, department, slip_printed_at, \
                 temporary_until, first_signed_in_at, last_signed_in_at, created_at, words",
            ),
            StagedRows::of("memberships", "account_id, school_id, member_id"),
            StagedRows::of("guardians", "school_id, member_id, relation, full_name, birth_year"),
            StagedRows::of("enrolments", "school_id, school_year_id, member_id, class_id, from_day, ended_at"),
            StagedRows::of("member_words", "school_id, word, member_id, words"),
            StagedRows::of("grants", "school_id, member_id, \"grant\", granted_at"),
        ];
        Self { app, scope, year, hash, now: app.clock.now(), rows, homeroom_teachers: Vec::new() }
    }

    fn push<const N: usize>(&mut self, table: usize, values: [Option<String>; N]) {
        if let Some(rows) = self.rows.get_mut(table) {
            rows.push(values);
        }
    }

    /// `class_id` is a pupil's class, or the class that a member of staff leads.
    fn add(&mut self, person: &DemoPerson, class_id: Option<ClassId>) {
        let (id, account_id): (MemberId, AccountId) =
            (self.app.randomness.uuid_v7(self.now), self.app.randomness.uuid_v7(self.now));
        let school = Some(self.scope.school_id().to_string());
        let member = Some(id.to_string());
        // An invited person has no account that the school knows of.
        let has_account = person.story != Story::Invited;
        if has_account {
            self.add_account(person, account_id);
        }
        let words = records::search_words(&person.values, person.username.as_deref());
        for word in words.split_whitespace() {
            self.push(WORDS, [school.clone(), Some(word.to_owned()), member.clone(), Some(words.clone())]);
        }
        self.add_member(person, id, has_account.then_some(account_id), words);
        if has_account && !matches!(person.story, Story::Left { .. }) {
            self.push(MEMBERSHIPS, [Some(account_id.to_string()), school.clone(), member.clone()]);
        }
        for (relation, name, year) in RELATIONS {
            let name = person.values.get(&name).cloned();
            if name.is_some() {
                let year = person.values.get(&year).cloned();
                self.push(GUARDIANS, [school.clone(), member.clone(), Some(relation.to_owned()), name, year]);
            }
        }
        match (person.role, class_id) {
            (Role::Student, Some(class_id)) => {
                let ended = if let Story::Left { at } = person.story { Some(at.to_rfc3339()) } else { None };
                let year = Some(self.year.id.to_string());
                let from = Some(self.year.starts_on.min(date_in_vietnam(self.now)).to_string());
                self.push(ENROLMENTS, [school.clone(), year, member.clone(), Some(class_id.to_string()), from, ended]);
            }
            (_, Some(class_id)) => self.homeroom_teachers.push((class_id, id)),
            (_, None) => {}
        }
        if let Some(grant) = person.part.grant() {
            let now = self.now.to_rfc3339();
            self.push(GRANTS, [school, member, Some(grant.key().to_owned()), Some(now)]);
        }
    }

    fn temporary_until(&self) -> DateTime<Utc> {
        self.now + Duration::days(TEMPORARY_DAYS)
    }

    fn add_account(&mut self, person: &DemoPerson, id: AccountId) {
        let login = match &person.username {
            Some(username) => usernames::login(username, &self.scope.school.code),
            None => person.email.clone(),
        };
        let now = Some(self.now.to_rfc3339());
        let (own, temporary) = if person.has_own_password() {
            ([Some(self.hash.to_owned()), now.clone()], [None, None, None, None])
        } else {
            let (keys, randomness) = (&self.app.keys, &self.app.randomness);
            let sealed = TemporaryPassword::generate(randomness).seal(keys, randomness, id);
            let until = self.temporary_until().to_rfc3339();
            let school = self.scope.school_id().to_string();
            ([None, None], [Some(bytes(&sealed.bytes)), Some(sealed.key_id), Some(until), Some(school)])
        };
        let [hash, set_at] = own;
        let [sealed, key_id, expires_at, school] = temporary;
        self.push(ACCOUNTS, [Some(id.to_string()), Some(login), hash, set_at, sealed, key_id, expires_at, school, now]);
    }

    fn add_member(&mut self, person: &DemoPerson, id: MemberId, account_id: Option<AccountId>, words: String) {
        let value = |field: Field| person.values.get(&field).filter(|value| !value.is_empty()).cloned();
        let at = |moment: Option<DateTime<Utc>>| moment.map(|at| at.to_rfc3339());
        let full_name = value(Field::FullName).unwrap_or_default();
        let [given, family, middle] = name::sort_keys(&full_name);
        let status = match person.story {
            Story::Invited => Status::Invited,
            Story::Suspended { .. } => Status::Suspended,
            Story::Left { .. } => Status::Left,
            Story::Printed | Story::Came { .. } | Story::SlipInHand { .. } | Story::New => Status::Active,
        };
        let temporary_until = matches!(
            person.story,
            Story::New | Story::SlipInHand { .. } | Story::Came { .. } | Story::Suspended { .. }
        )
        .then(|| self.temporary_until());
        let printed_at = match person.story {
            Story::SlipInHand { since } => Some(since),
            Story::Came { last, .. } | Story::Suspended { last, .. } => Some(last),
            _ => None,
        };
        let (first, last) = match person.story {
            Story::Came { first, last } | Story::Suspended { first, last } => (Some(first), Some(last)),
            _ => (None, None),
        };
        self.push(
            MEMBERS,
            [
                Some(self.scope.school_id().to_string()),
                Some(id.to_string()),
                account_id.map(|id| id.to_string()),
                Some(person.role.key().to_owned()),
                Some(status.key().to_owned()),
                Some(full_name),
                Some(given),
                Some(family),
                Some(middle),
                value(Field::Gender),
                value(Field::BirthDate),
                person.username.clone(),
                value(Field::Email),
                value(Field::Phone),
                value(Field::NationalId),
                value(Field::MoetId),
                value(Field::Department),
                at(printed_at),
                at(temporary_until),
                at(first),
                at(last),
                at(Some(self.now)),
                Some(words),
            ],
        );
    }
}
