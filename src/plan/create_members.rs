//! Applying the rows that create members: those who are still new get their usernames, accounts and invitations.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{
    apply::{Dropped, PlanRows, class_of},
    list_rules::{is_invited, signs_in_by_email},
    matching::{RosterIndex, RowKeys, is_still_new},
    model::{Plan, PlanRow, RowOutcome, Source},
    prepare::{Creation, Passwords},
};
use crate::{
    access::{Role, SchoolKind, Scope},
    app::App,
    audit::{self, Imported},
    error::Result,
    identity::{
        accounts::{self, NewAccounts},
        password::TEMPORARY_DAYS,
    },
    ids::{AccountId, ClassId, MemberId},
    invitations,
    roster::{
        fields::{Field, RosterKind},
        model::Status,
        records::{self, NewMember},
        usernames::{self, Usernames},
    },
};

/// Rows whose person has come into the school since the plan was made, or by an earlier row, drop out; so do pupils of
/// a class that was not wanted: they would have no class.
fn still_good(
    creations: Vec<Creation>,
    index: &mut RosterIndex,
    newcomers: &HashSet<MemberId>,
    classes: &HashMap<String, ClassId>,
    (of_plan, school): (RosterKind, SchoolKind),
    dropped: &mut Dropped,
) -> Vec<Creation> {
    let mut is_good = |creation: &Creation| {
        let row = &creation.row;
        let kind = row.kind(of_plan, school);
        if kind == RosterKind::Students && class_of(row, classes).is_none() {
            dropped.unwanted.push(row.line);
            return false;
        }
        let keys = RowKeys::of(&row.values, signs_in_by_email(kind));
        let is_new = is_still_new(row, &index.find(&keys), newcomers);
        if is_new {
            index.add(creation.id, &keys);
        } else {
            dropped.stale.push(row.line);
        }
        is_new
    };
    creations.into_iter().filter(|creation| is_good(creation)).collect()
}

/// Creates the people who are still new, checked against the roster as it was before the first of them.
pub async fn create_all(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    rows: &mut PlanRows<'_>,
    mut passwords: Passwords,
    classes: &HashMap<String, ClassId>,
    dropped: &mut Dropped,
) -> Result<usize> {
    let plan = rows.plan;
    let kind = plan.source.roster_kind(scope.school.kind);
    let mut batch = rows.next(scope, app, tx, RowOutcome::Create).await?;
    if batch.is_none() {
        // Reading the whole roster for nobody would take longer than all else.
        return Ok(0);
    }
    let mut index = RosterIndex::read(scope, tx).await?;
    let newcomers = plan.book.newcomers(scope, tx, plan.created_at).await?;
    let mut usernames = Usernames::read(scope, tx).await?;
    let mut created = 0;
    while let Some(of_batch) = batch {
        let creation = |row: PlanRow| {
            let is_invited = is_invited(row.kind(kind, scope.school.kind), &row);
            passwords.creation(app, row, is_invited)
        };
        let creations = of_batch.into_iter().filter_map(creation).collect();
        let kinds = (kind, scope.school.kind);
        let creations = still_good(creations, &mut index, &newcomers, classes, kinds, dropped);
        created += create(scope, app, tx, plan, &creations, classes, &mut usernames).await?;
        batch = rows.next(scope, app, tx, RowOutcome::Create).await?;
    }
    Ok(created)
}

async fn create(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan: &Plan,
    creations: &[Creation],
    classes: &HashMap<String, ClassId>,
    usernames: &mut Usernames,
) -> Result<usize> {
    let now = app.clock.now();
    let people = new_members(tx, plan, creations, classes, usernames, now).await?;
    make_accounts(scope, tx, creations, &people, now).await?;
    records::insert(scope, tx, Some(plan.school_year_id), &people, now).await?;
    let (accounts, members): (Vec<AccountId>, Vec<MemberId>) =
        people.iter().filter_map(|person| Some((person.account_id?, person.id))).unzip();
    accounts::add_memberships(tx, &accounts, scope.school_id(), &members).await?;
    let ids: Vec<MemberId> = people.iter().map(|person| person.id).collect();
    audit::record_imported(scope, app, tx, plan.id, Imported::Created, &ids).await?;
    for person in people.iter().filter(|person| person.status == Status::Invited) {
        invitations::ask(scope, app, tx, person.id, &person.values).await?;
    }
    Ok(people.len())
}

async fn new_members(
    tx: &mut PgConnection,
    plan: &Plan,
    creations: &[Creation],
    classes: &HashMap<String, ClassId>,
    usernames: &mut Usernames,
    now: DateTime<Utc>,
) -> Result<Vec<NewMember>> {
    let pupils: Vec<(&str, Option<&str>)> = creations
        .iter()
        .filter(|creation| creation.account.is_some())
        .map(|creation| &creation.row)
        .map(|row| (row.value(Field::FullName), row.values.get(&Field::Username).map(String::as_str)))
        .collect();
    let mut usernames = usernames.choose(tx, &pupils).await?.into_iter();
    Ok(creations
        .iter()
        .map(|creation| NewMember {
            id: creation.id,
            account_id: creation.account.as_ref().map(|(id, ..)| *id),
            role: if is_student(creation, plan) { Role::Student } else { Role::Teacher },
            status: if creation.account.is_some() { Status::Active } else { Status::Invited },
            username: creation.account.as_ref().and_then(|_| usernames.next()),
            temporary_until: creation.account.as_ref().map(|_| now + Duration::days(TEMPORARY_DAYS)),
            class_id: class_of(&creation.row, classes),
            values: creation.row.values.clone(),
        })
        .collect())
}

fn is_student(creation: &Creation, plan: &Plan) -> bool {
    let row = &creation.row;
    let said = row.registry.as_ref().map(|side| side.is_student).or(row.is_staff.map(|is_staff| !is_staff));
    said.unwrap_or(plan.source == Source::Students)
}

async fn make_accounts(
    scope: &Scope,
    tx: &mut PgConnection,
    creations: &[Creation],
    people: &[NewMember],
    now: DateTime<Utc>,
) -> Result<()> {
    // Sheets' passwords may have been sealed with an older key than those drawn now.
    let mut by_key: HashMap<&str, NewAccounts> = HashMap::new();
    for (creation, person) in creations.iter().zip(people) {
        let (Some((id, sealed, key_id)), Some(username)) = (&creation.account, &person.username) else { continue };
        let batch = by_key.entry(key_id).or_insert_with(|| NewAccounts {
            school_id: scope.school_id(),
            ids: Vec::new(),
            logins: Vec::new(),
            sealed: Vec::new(),
            key_id: key_id.clone(),
            expires_at: now + Duration::days(TEMPORARY_DAYS),
        });
        batch.ids.push(*id);
        batch.logins.push(usernames::login(username, &scope.school.code));
        batch.sealed.push(sealed.clone());
    }
    for batch in by_key.values() {
        accounts::insert(tx, batch, now).await?;
    }
    Ok(())
}
