//! Restoring people as they were: those created by mistake are removed without a trace, those who left by mistake come
//! back with all they had.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    access::{Grant, Scope},
    app::App,
    error::Result,
    identity::accounts,
    ids::{AccountId, ClassId, MemberId, YearId},
    invitations,
    roster::{
        fields::{Field, Values},
        records,
        store::MemberRecord,
    },
};

/// What a member had in the school besides the values of their fields, before a plan changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MemberSnapshot {
    /// The key of a [`Status`](super::model::Status).
    pub status: String,
    pub temporary_until: Option<DateTime<Utc>>,
    pub account: Option<AccountId>,
    pub enrolments: Vec<Enrolment>,
    pub grants: Vec<GivenGrant>,
    /// The classes of which the member was the homeroom teacher.
    pub homeroom: Vec<ClassId>,
}

impl MemberSnapshot {
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        self.grants.iter().filter_map(|given| Grant::from_key(&given.grant)).collect()
    }

    /// The enrolment of a year.
    #[must_use]
    pub fn enrolment(&self, year_id: YearId) -> Option<&Enrolment> {
        self.enrolments.iter().find(|enrolment| enrolment.year == year_id)
    }
}

/// A pupil's place in a class of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    pub year: YearId,
    pub class: ClassId,
    pub ended_at: Option<DateTime<Utc>>,
    /// The first day in the class, as far as it is known.
    #[serde(default)]
    pub from_day: Option<NaiveDate>,
}

/// A grant, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenGrant {
    pub grant: String,
    pub at: DateTime<Utc>,
}

/// Restores the class places of one year: the given class or, where there is none, no class.
pub async fn put_enrolments_back(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    places: &[(MemberId, Option<Enrolment>)],
) -> Result<()> {
    let nowhere: Vec<MemberId> =
        places.iter().filter(|(_, place)| place.is_none()).map(|(member, _)| *member).collect();
    sqlx::query!(
        "DELETE FROM enrolments WHERE school_id = $1 AND school_year_id = $2 AND member_id = ANY($3)",
        scope.school_id(),
        year_id,
        &nowhere,
    )
    .execute(&mut *tx)
    .await?;
    // Then all stays of the year came afterwards.
    sqlx::query!(
        "DELETE FROM past_stays WHERE school_id = $1 AND school_year_id = $2 AND member_id = ANY($3)",
        scope.school_id(),
        year_id,
        &nowhere,
    )
    .execute(&mut *tx)
    .await?;
    let somewhere: Vec<(MemberId, &Enrolment)> =
        places.iter().filter_map(|(member, place)| Some((*member, place.as_ref()?))).collect();
    put_enrolments(scope, tx, &somewhere).await
}

/// Classes that no longer exist are skipped.
async fn put_enrolments(scope: &Scope, tx: &mut PgConnection, places: &[(MemberId, &Enrolment)]) -> Result<()> {
    let (mut members, mut years, mut classes, mut ends) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let from_days: Vec<Option<NaiveDate>> = places.iter().map(|(_, place)| place.from_day).collect();
    for (member, place) in places {
        members.push(*member);
        years.push(place.year);
        classes.push(place.class);
        ends.push(place.ended_at);
    }
    sqlx::query!(
        "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id, ended_at)
         SELECT $1, c.school_year_id, old.member_id, c.id, old.ended_at
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[]) AS old (member_id, year_id, class_id, ended_at)
         JOIN classes c ON c.school_id = $1 AND c.school_year_id = old.year_id AND c.id = old.class_id
         ON CONFLICT (school_id, school_year_id, member_id)
             DO UPDATE SET class_id = excluded.class_id, ended_at = excluded.ended_at",
        scope.school_id(),
        &members,
        &years,
        &classes,
        &ends as &[Option<DateTime<Utc>>],
    )
    .execute(&mut *tx)
    .await?;
    // They have been there since then, and what came afterwards has not been.
    sqlx::query!(
        "UPDATE enrolments e SET from_day = old.from_day
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::date[]) AS old (member_id, year_id, class_id, from_day)
         WHERE e.school_id = $1 AND e.member_id = old.member_id AND e.school_year_id = old.year_id
             AND e.class_id IS NOT DISTINCT FROM old.class_id AND e.from_day IS DISTINCT FROM old.from_day",
        scope.school_id(),
        &members,
        &years,
        &classes,
        &from_days as &[Option<NaiveDate>],
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM past_stays p
         USING unnest($2::uuid[], $3::uuid[], $4::date[]) AS old (member_id, year_id, from_day)
         WHERE p.school_id = $1 AND p.member_id = old.member_id AND p.school_year_id = old.year_id
             AND (old.from_day IS NULL OR p.from_day >= old.from_day)",
        scope.school_id(),
        &members,
        &years,
        &from_days as &[Option<NaiveDate>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Brings back people who left, with what they had: a pupil with their account, if it is still theirs and nobody else
/// uses it; a person who signs in with their own e-mail address is invited first, like a new one. Returns those whose
/// version is still the given one.
pub async fn bring_back(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    people: &[(MemberId, i64, &MemberSnapshot)],
) -> Result<BTreeSet<MemberId>> {
    let had: Vec<AccountId> = people.iter().filter_map(|(.., was)| was.account).collect();
    let free = accounts::lock_not_elsewhere(tx, &had, scope.school_id()).await?;
    let may_have = |was: &MemberSnapshot| was.account.filter(|account| free.contains(account));
    let ids: Vec<MemberId> = people.iter().map(|(id, ..)| *id).collect();
    let versions: Vec<i64> = people.iter().map(|(_, version, _)| *version).collect();
    let statuses: Vec<String> = people.iter().map(|(.., was)| was.status.clone()).collect();
    let accounts: Vec<Option<AccountId>> = people.iter().map(|(.., was)| may_have(was)).collect();
    let back = sqlx::query!(
        r#"UPDATE members m SET version = m.version + 1,
               status = CASE WHEN m.username IS NULL THEN 'invited' ELSE old.status END,
               account_id = CASE WHEN m.username IS NULL THEN NULL ELSE m.account_id END
           FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[]) AS old (id, version, status, account_id)
           WHERE m.school_id = $1 AND m.id = old.id AND m.version = old.version AND m.status = 'left'
               AND (m.username IS NULL OR m.account_id = old.account_id)
           RETURNING m.id, m.account_id, m.username IS NULL AS "is_asked!", m.full_name, m.email"#,
        scope.school_id(),
        &ids,
        &versions,
        &statuses,
        &accounts as &[Option<AccountId>],
    )
    .fetch_all(&mut *tx)
    .await?;
    let joined: Vec<(AccountId, MemberId)> = back.iter().filter_map(|row| Some((row.account_id?, row.id))).collect();
    join_again(scope, tx, &joined).await?;
    for row in back.iter().filter(|row| row.is_asked) {
        let mut values = Values::from([(Field::FullName, row.full_name.clone())]);
        values.extend(row.email.clone().map(|email| (Field::Email, email)));
        invitations::ask(scope, app, tx, row.id, &values).await?;
    }
    let back: BTreeSet<MemberId> = back.into_iter().map(|row| row.id).collect();
    let (mut places, mut grants, mut classes) = (Vec::new(), Vec::new(), Vec::new());
    for (id, _, was) in people.iter().filter(|(id, ..)| back.contains(id)) {
        places.extend(was.enrolments.iter().map(|place| (*id, place)));
        grants.extend(was.grants.iter().map(|given| (*id, given)));
        classes.extend(was.homeroom.iter().map(|class| (*id, *class)));
    }
    put_enrolments(scope, tx, &places).await?;
    give_back_grants(scope, tx, &grants).await?;
    give_back_classes(scope, tx, &classes).await?;
    Ok(back)
}

/// Links the accounts to these members again; a temporary password that this school gave has a slip to hand out again.
async fn join_again(scope: &Scope, tx: &mut PgConnection, people: &[(AccountId, MemberId)]) -> Result<()> {
    let (accounts, members): (Vec<AccountId>, Vec<MemberId>) = people.iter().copied().unzip();
    accounts::add_memberships(tx, &accounts, scope.school_id(), &members).await?;
    let untils = accounts::temporary_until(tx, &accounts, scope.school_id()).await?;
    let (members, untils): (Vec<MemberId>, Vec<DateTime<Utc>>) =
        people.iter().filter_map(|(account, member)| Some((*member, *untils.get(account)?))).unzip();
    sqlx::query!(
        "UPDATE members m SET temporary_until = new.until FROM unnest($2::uuid[], $3::timestamptz[]) AS new (id, until)
         WHERE m.school_id = $1 AND m.id = new.id",
        scope.school_id(),
        &members,
        &untils,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn give_back_grants(scope: &Scope, tx: &mut PgConnection, grants: &[(MemberId, &GivenGrant)]) -> Result<()> {
    let (mut members, mut names, mut since) = (Vec::new(), Vec::new(), Vec::new());
    for (member, given) in grants {
        members.push(*member);
        names.push(given.grant.clone());
        since.push(given.at);
    }
    sqlx::query!(
        r#"INSERT INTO grants (school_id, member_id, "grant", granted_at)
           SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::timestamptz[]) ON CONFLICT DO NOTHING"#,
        scope.school_id(),
        &members,
        &names,
        &since,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A class that has another homeroom teacher by now keeps that one.
async fn give_back_classes(scope: &Scope, tx: &mut PgConnection, classes: &[(MemberId, ClassId)]) -> Result<()> {
    let (members, classes): (Vec<MemberId>, Vec<ClassId>) = classes.iter().copied().unzip();
    sqlx::query!(
        "UPDATE classes c SET homeroom_member_id = old.member_id
         FROM unnest($2::uuid[], $3::uuid[]) AS old (member_id, class_id)
         WHERE c.school_id = $1 AND c.id = old.class_id AND c.homeroom_member_id IS NULL",
        scope.school_id(),
        &members,
        &classes,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Which of these people who left can come back: one who signs in with their own e-mail address can be invited; a pupil
/// must still have the account, and nobody else may use it. The accounts stay locked until the transaction ends.
pub async fn can_come_back(scope: &Scope, tx: &mut PgConnection, left: &[&MemberRecord]) -> Result<HashSet<MemberId>> {
    let accounts: Vec<AccountId> = left.iter().filter_map(|known| known.account_id).collect();
    let free = accounts::lock_not_elsewhere(tx, &accounts, scope.school_id()).await?;
    let can = |known: &&&MemberRecord| {
        known.signs_in_by_email || known.account_id.is_some_and(|account| free.contains(&account))
    };
    Ok(left.iter().filter(can).map(|known| known.id).collect())
}

/// A pupil who [can](can_come_back) come back gets their account again; a person who signs in with their own e-mail
/// address is invited anew.
pub async fn welcome_back(scope: &Scope, app: &App, tx: &mut PgConnection, returned: &[&MemberRecord]) -> Result<()> {
    let (invited, pupils): (Vec<&MemberRecord>, Vec<&MemberRecord>) =
        returned.iter().partition(|known| known.signs_in_by_email);
    let (accounts, members): (Vec<AccountId>, Vec<MemberId>) =
        pupils.iter().filter_map(|known| Some((known.account_id?, known.id))).unzip();
    accounts::add_memberships(tx, &accounts, scope.school_id(), &members).await?;
    let asked: Vec<(MemberId, Option<AccountId>)> = invited.iter().map(|known| (known.id, None)).collect();
    records::set_accounts(scope, tx, &asked).await?;
    for known in invited {
        invitations::ask(scope, app, tx, known.id, &known.values).await?;
    }
    Ok(())
}
