//! Merging one member into another: the one who stays gets what was chosen of the other's values, and everything else that
//! the other had; the other goes. What there was is kept, so that the merge can be undone.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

use super::{
    moves, planned,
    snapshot::{Snapshot, text},
    ways_in::WaysIn,
};
use crate::{
    access::{Granted, MemberAction, Role, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::Result,
    identity::accounts,
    ids::{AccountId, MemberId, MergeId, YearId},
    registry,
    roster::{
        fields::{Field, Values},
        model::Status,
        records::{self, ChangedMember},
        store::MemberRecord,
        subject::LockedMember,
    },
    schools::years,
};

/// For how many days a merge can be undone.
pub const UNDO_DAYS: i64 = 30;

/// What was chosen.
#[derive(Clone, Debug)]
pub struct MergeChoice {
    pub kept: MemberId,
    pub gone: MemberId,
    /// The fields whose value the one who goes has right; of classes, that of this year.
    pub of_gone: BTreeSet<Field>,
    /// The account of the one who goes lives on.
    pub account_of_gone: bool,
    /// The other login does not work any more; otherwise it leads to the account that lives on, for a year.
    pub ends_login: bool,
}

/// Why nothing was merged: the key of the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeRefusal {
    /// A pupil and a member of staff.
    OtherRole,
    /// The account that would end is in use elsewhere.
    Elsewhere,
    /// One of them has registered and waits for an answer.
    Waiting,
    /// The one who would go is invited, and the one who would stay has left.
    Invited,
    /// Both stand in one place of a timetable or an exam.
    Planned,
}

impl MergeRefusal {
    pub const ALL: [Self; 5] = [Self::OtherRole, Self::Elsewhere, Self::Waiting, Self::Invited, Self::Planned];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::OtherRole => "fault-merge-other-role",
            Self::Elsewhere => "fault-merge-elsewhere",
            Self::Waiting => "fault-merge-waiting",
            Self::Invited => "fault-merge-invited",
            Self::Planned => "fault-merge-planned",
        }
    }
}

/// Merges two members.
///
/// # Errors
/// As [`LockedMember::find`], for either of them.
pub async fn merge(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    choice: &MergeChoice,
) -> Result<std::result::Result<MergeId, MergeRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    // Links to the registry go over, and with them who waits for a sync: one of the two is written at a time.
    registry::records::lock(&mut tx, &BTreeSet::from([granted.school_id()])).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let both = [choice.kept, choice.gone];
    planned::lock_exams(granted, &mut tx, both).await?;
    let kept = LockedMember::find(granted, &mut tx, year.id, choice.kept, MemberAction::Leave).await?;
    let gone = LockedMember::find(granted, &mut tx, year.id, choice.gone, MemberAction::Leave).await?;
    let held: Vec<AccountId> = kept.account_id.into_iter().chain(gone.account_id).collect();
    let alone = accounts::lock_not_elsewhere(&mut tx, &held, granted.school_id()).await?;
    let ways_in = WaysIn::of(&kept, &gone, choice.account_of_gone, &alone);
    let is_elsewhere = ways_in.ended.is_some_and(|account| !alone.contains(&account));
    if let Some(refusal) = refusal(granted, &mut tx, (&kept, &gone), is_elsewhere).await? {
        return Ok(Err(refusal));
    }
    let mut before = Snapshot::read(granted, &mut tx, both).await?;
    // Rights come with the one who goes: only an owner hands out rights.
    if !before.grants.is_empty() {
        granted.grant::<may::HandOutGrants>()?;
    }
    let now = app.clock.now();
    let id: MergeId = app.randomness.uuid_v7(now);
    moves::move_rows(granted, &mut tx, choice, year.id, now).await?;
    planned::move_over(granted, &mut tx, choice.kept, choice.gone).await?;
    before.logins = ways_in.end_other(granted, &mut tx, choice, now).await?;
    sqlx::query!("DELETE FROM members WHERE school_id = $1 AND id = $2", granted.school_id(), choice.gone)
        .execute(&mut *tx)
        .await?;
    ways_in.attach(granted, &mut tx, &before, choice).await?;
    write_values(granted, &mut tx, choice, (&kept, &gone), ways_in, year.id).await?;
    let after = Snapshot::read(granted, &mut tx, both).await?;
    insert(granted, &mut tx, id, choice, (&before, &after), ways_in.ended, now).await?;
    remember(granted, &mut tx, id, (&kept, &gone), &before).await?;
    let event = Event::about(AuditAction::MembersMerged { gone: choice.gone }, choice.kept.uuid());
    audit::record(granted, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Why the two are not merged.
async fn refusal(
    scope: &Scope,
    tx: &mut PgConnection,
    (kept, gone): (&MemberRecord, &MemberRecord),
    is_elsewhere: bool,
) -> Result<Option<MergeRefusal>> {
    if (kept.role == Role::Student) != (gone.role == Role::Student) {
        return Ok(Some(MergeRefusal::OtherRole));
    }
    if [kept.status, gone.status].contains(&Status::Pending) {
        return Ok(Some(MergeRefusal::Waiting));
    }
    if (kept.status, gone.status) == (Status::Left, Status::Invited) {
        return Ok(Some(MergeRefusal::Invited));
    }
    if planned::are_in_one_place(scope, tx, kept.id, gone.id).await? {
        return Ok(Some(MergeRefusal::Planned));
    }
    Ok(is_elsewhere.then_some(MergeRefusal::Elsewhere))
}

/// The values of the one who stays, with those of the other that were chosen, and those that only the other has.
async fn write_values(
    scope: &Scope,
    tx: &mut PgConnection,
    choice: &MergeChoice,
    (kept, gone): (&MemberRecord, &MemberRecord),
    ways_in: WaysIn,
    year_id: YearId,
) -> Result<()> {
    let own = [Field::Class, Field::Username, Field::Password, Field::Status];
    let mut values: Values = kept.values.clone();
    for (field, value) in gone.values.iter().filter(|(field, _)| !own.contains(field)) {
        // An address by which one signs in is that of the account that lives on.
        let is_login = *field == Field::Email && (kept.signs_in_by_email || gone.signs_in_by_email);
        let is_chosen = if is_login { ways_in.is_of_gone } else { choice.of_gone.contains(field) };
        if is_chosen || !values.contains_key(field) {
            values.insert(*field, value.clone());
        }
    }
    let row = sqlx::query!(
        "SELECT version, status, username FROM members WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        choice.kept,
    )
    .fetch_one(&mut *tx)
    .await?;
    let changed = ChangedMember {
        id: choice.kept,
        version: row.version,
        status: Status::from_key(&row.status).unwrap_or(kept.status),
        username: row.username,
        class_id: None,
        values,
    };
    records::update(scope, tx, year_id, &[changed]).await?;
    Ok(())
}

async fn insert(
    scope: &Scope,
    tx: &mut PgConnection,
    id: MergeId,
    choice: &MergeChoice,
    (before, after): (&Snapshot, &Snapshot),
    ended: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO merges (school_id, id, kept_id, gone_id, before, after, created_by, created_at,
             ended_account_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.school_id(),
        id,
        choice.kept,
        choice.gone,
        Json(before) as _,
        Json(after) as _,
        scope.member().map(|member| member.id),
        now,
        ended,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// By what the one who went is still known, and by what the one who stays was before: no list or sync makes them again.
async fn remember(
    scope: &Scope,
    tx: &mut PgConnection,
    id: MergeId,
    (kept, gone): (&MemberRecord, &MemberRecord),
    before: &Snapshot,
) -> Result<()> {
    let of_gone = gone.id.to_string();
    let named = before.scim_people.iter().find(|row| text(row, "member_id") == of_gone);
    let name = |column: &str| named.map(|row| text(row, column).to_owned()).filter(|name| !name.is_empty());
    sqlx::query!(
        r#"INSERT INTO member_aliases (school_id, merge_id, member_id, "values", kept_values, scim_external_id,
               scim_user_name)
           VALUES ($1, $2, $3, $4, $5, $6, $7)"#,
        scope.school_id(),
        id,
        kept.id,
        Json(&known_by(gone)) as _,
        Json(&known_by(kept)) as _,
        name("external_id"),
        name("user_name"),
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn known_by(member: &MemberRecord) -> Values {
    let telling = [Field::FullName, Field::BirthDate, Field::Username, Field::MoetId, Field::Email];
    let told = member.values.iter().filter(|(field, _)| telling.contains(field));
    told.map(|(field, value)| (*field, value.clone())).collect()
}
