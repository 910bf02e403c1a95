//! Merging one member into another: the one who stays gets what was chosen of the other's values, and everything else that
//! the other had; the other goes. What there was is kept, so that the merge can be undone.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, types::Json};

use super::snapshot::Snapshot;
use crate::{
    access::{Granted, MemberAction, Role, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::Result,
    identity::{accounts, login_aliases, sessions},
    ids::{AccountId, MemberId, MergeId, YearId},
    roster::{
        fields::{Field, Values},
        model::Status,
        records::{self, ChangedMember},
        store::MemberRecord,
        subject::Subject,
    },
    schools::years,
};

/// For how many days a merge can be undone.
pub const UNDO_DAYS: i64 = 30;

/// For how many days the other login leads to the account that lives on.
const ALIAS_DAYS: i64 = 365;

/// What was chosen.
#[derive(Clone, Debug)]
pub struct MergeChoice {
    pub kept: MemberId,
    pub gone: MemberId,
    /// The fields whose value the one who goes has right.
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
    /// The one who would go stands in a timetable or an exam.
    Planned,
}

impl MergeRefusal {
    pub const ALL: [Self; 4] = [Self::OtherRole, Self::Elsewhere, Self::Waiting, Self::Planned];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::OtherRole => "fault-merge-other-role",
            Self::Elsewhere => "fault-merge-elsewhere",
            Self::Waiting => "fault-merge-waiting",
            Self::Planned => "fault-merge-planned",
        }
    }
}

/// Merges two members.
///
/// # Errors
/// As [`Subject::find`], for either of them.
pub async fn merge(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    choice: &MergeChoice,
) -> Result<std::result::Result<MergeId, MergeRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let kept = Subject::find(granted, &mut tx, year.id, choice.kept, MemberAction::Leave).await?;
    let gone = Subject::find(granted, &mut tx, year.id, choice.gone, MemberAction::Leave).await?;
    if (kept.role == Role::Student) != (gone.role == Role::Student) {
        return Ok(Err(MergeRefusal::OtherRole));
    }
    if [kept.status, gone.status].contains(&Status::Pending) {
        return Ok(Err(MergeRefusal::Waiting));
    }
    if is_planned(granted, &mut tx, choice.gone).await? {
        return Ok(Err(MergeRefusal::Planned));
    }
    let both = [choice.kept, choice.gone];
    let before = Snapshot::read(granted, &mut tx, both).await?;
    // Rights come with the one who goes: only an owner hands out rights.
    if !before.grants.is_empty() {
        granted.grant::<may::HandOutGrants>()?;
    }
    let now = app.clock.now();
    let id: MergeId = app.randomness.uuid_v7(now);
    let accounts = Accounts::of(&kept, &gone, choice.account_of_gone);
    if let Some(ended) = accounts.ended
        && accounts::of_this_school_alone(&mut tx, &[ended], granted.school_id()).await?.is_empty()
    {
        return Ok(Err(MergeRefusal::Elsewhere));
    }
    move_rows(granted, &mut tx, choice).await?;
    accounts.detach(granted, &mut tx, choice, now).await?;
    sqlx::query!("DELETE FROM members WHERE school_id = $1 AND id = $2", granted.school_id(), choice.gone)
        .execute(&mut *tx)
        .await?;
    accounts.attach(granted, &mut tx, &before, choice).await?;
    write_values(granted, &mut tx, choice, (&kept, &gone), year.id).await?;
    let after = Snapshot::read(granted, &mut tx, both).await?;
    insert(granted, &mut tx, id, choice, (&before, &after), accounts.ended, now).await?;
    remember(granted, &mut tx, id, choice, &gone).await?;
    let event = Event::about(AuditAction::MembersMerged { gone: choice.gone }, choice.kept.uuid());
    audit::record(granted, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Whether the member stands in a timetable or an exam. Those rows would go with the member: two people may stand in the
/// same lesson, seat or duty, and which of the two is right nobody can say here.
async fn is_planned(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM timetable_assignments WHERE school_id = $1 AND teacher_id = $2)
               OR EXISTS (SELECT FROM timetable_lessons WHERE school_id = $1 AND teacher_id = $2)
               OR EXISTS (SELECT FROM timetable_absences WHERE school_id = $1 AND teacher_id = $2)
               OR EXISTS (SELECT FROM timetable_substitutions WHERE school_id = $1 AND substitute_id = $2)
               OR EXISTS (SELECT FROM exam_candidates WHERE school_id = $1 AND member_id = $2)
               OR EXISTS (SELECT FROM exam_invigilators WHERE school_id = $1 AND member_id = $2)
               OR EXISTS (SELECT FROM exam_duties WHERE school_id = $1 AND member_id = $2)
               OR EXISTS (SELECT FROM exam_helpers WHERE school_id = $1 AND member_id = $2) AS "is_planned!""#,
        scope.school_id(),
        id,
    )
    .fetch_one(tx)
    .await?)
}

/// Which account lives on, and which ends.
struct Accounts {
    lives: Option<AccountId>,
    ended: Option<AccountId>,
    /// The account that lives on is that of the one who goes.
    is_of_gone: bool,
}

impl Accounts {
    fn of(kept: &MemberRecord, gone: &MemberRecord, of_gone: bool) -> Self {
        // An account is never given up for none.
        let is_of_gone = gone.account_id.is_some() && (of_gone || kept.account_id.is_none());
        if is_of_gone {
            Self { lives: gone.account_id, ended: kept.account_id, is_of_gone }
        } else {
            Self { lives: kept.account_id, ended: gone.account_id, is_of_gone }
        }
    }

    /// Neither leads to this school for a moment; the sessions of the one that ends are over.
    async fn detach(
        &self,
        scope: &Scope,
        tx: &mut PgConnection,
        choice: &MergeChoice,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let all: Vec<AccountId> = self.lives.into_iter().chain(self.ended).collect();
        accounts::remove_memberships(tx, &all, scope.school_id()).await?;
        let ended: Vec<AccountId> = self.ended.into_iter().collect();
        sessions::end_all_of(tx, &ended).await?;
        for (_, login) in accounts::logins(tx, &ended).await? {
            let leads_to = self.lives.filter(|_| !choice.ends_login);
            login_aliases::set(tx, &login, leads_to, now + Duration::days(ALIAS_DAYS)).await?;
        }
        Ok(())
    }

    /// The one who stays signs in with the account that lives on.
    async fn attach(
        &self,
        scope: &Scope,
        tx: &mut PgConnection,
        before: &Snapshot,
        choice: &MergeChoice,
    ) -> Result<()> {
        let lives: Vec<AccountId> = self.lives.into_iter().collect();
        if self.is_of_gone
            && let Some(gone) = before.member(choice.gone)
        {
            // What belongs to a way in goes along with it.
            sqlx::query!(
                r#"UPDATE members m SET account_id = g.account_id, username = g.username,
                       temporary_until = g.temporary_until, slip_printed_at = g.slip_printed_at,
                       first_signed_in_at = g.first_signed_in_at, last_signed_in_at = g.last_signed_in_at,
                       status = CASE WHEN m.status IN ('left', 'invited') THEN g.status ELSE m.status END
                   FROM jsonb_populate_record(NULL::members, $3) g
                   WHERE m.school_id = $1 AND m.id = $2"#,
                scope.school_id(),
                choice.kept,
                serde_json::Value::Object(gone.clone()),
            )
            .execute(&mut *tx)
            .await?;
        }
        let is_in = sqlx::query_scalar!(
            r#"SELECT status IN ('active', 'suspended') AS "is!" FROM members WHERE school_id = $1 AND id = $2"#,
            scope.school_id(),
            choice.kept,
        )
        .fetch_one(&mut *tx)
        .await?;
        if is_in {
            let members: Vec<MemberId> = lives.iter().map(|_| choice.kept).collect();
            accounts::add_memberships(tx, &lives, scope.school_id(), &members).await?;
        }
        Ok(())
    }
}

/// Classes of all years, rights, homerooms, the link to the registry and what another system calls the person go over,
/// where the one who stays has none.
async fn move_rows(scope: &Scope, tx: &mut PgConnection, choice: &MergeChoice) -> Result<()> {
    let (school, kept, gone) = (scope.school_id(), choice.kept, choice.gone);
    // A class that was left gives way to one that was not.
    sqlx::query!(
        "DELETE FROM enrolments k USING enrolments g
         WHERE k.school_id = $1 AND k.member_id = $2 AND k.ended_at IS NOT NULL AND g.school_id = $1 AND g.member_id = $3
             AND g.school_year_id = k.school_year_id AND g.ended_at IS NULL",
        school,
        kept,
        gone,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM enrolments g USING enrolments k
         WHERE g.school_id = $1 AND g.member_id = $3 AND k.school_id = $1 AND k.member_id = $2
             AND k.school_year_id = g.school_year_id",
        school,
        kept,
        gone,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("UPDATE enrolments SET member_id = $2 WHERE school_id = $1 AND member_id = $3", school, kept, gone)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "UPDATE past_stays p SET member_id = $2 WHERE p.school_id = $1 AND p.member_id = $3 AND NOT EXISTS (
             SELECT FROM past_stays k WHERE k.school_id = $1 AND k.member_id = $2
                 AND k.school_year_id = p.school_year_id AND k.class_id = p.class_id AND k.to_day = p.to_day)",
        school,
        kept,
        gone,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"INSERT INTO grants (school_id, member_id, "grant", granted_at)
           SELECT $1, $2, "grant", granted_at FROM grants WHERE school_id = $1 AND member_id = $3 ON CONFLICT DO NOTHING"#,
        school,
        kept,
        gone,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE classes SET homeroom_member_id = $2 WHERE school_id = $1 AND homeroom_member_id = $3",
        school,
        kept,
        gone,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE registry_links SET member_id = $2 WHERE school_id = $1 AND member_id = $3
             AND NOT EXISTS (SELECT FROM registry_links k WHERE k.school_id = $1 AND k.member_id = $2)",
        school,
        kept,
        gone,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE scim_people SET member_id = $2, changed_at = moment() WHERE school_id = $1 AND member_id = $3
             AND NOT EXISTS (SELECT FROM scim_people k WHERE k.school_id = $1 AND k.member_id = $2)",
        school,
        kept,
        gone,
    )
    .execute(&mut *tx)
    .await?;
    // Earlier merges into the one who goes are now into the one who stays; they cannot be undone any more.
    sqlx::query!(
        "UPDATE member_aliases SET member_id = $2 WHERE school_id = $1 AND member_id = $3",
        school,
        kept,
        gone
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE merges SET kept_id = $2, before = NULL, after = NULL WHERE school_id = $1 AND kept_id = $3",
        school,
        kept,
        gone,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The values of the one who stays, with those of the other that were chosen, and those that only the other has.
async fn write_values(
    scope: &Scope,
    tx: &mut PgConnection,
    choice: &MergeChoice,
    (kept, gone): (&MemberRecord, &MemberRecord),
    year_id: YearId,
) -> Result<()> {
    let own = [Field::Class, Field::Username, Field::Password, Field::Status];
    let mut values: Values = kept.values.clone();
    for (field, value) in gone.values.iter().filter(|(field, _)| !own.contains(field)) {
        let is_login = *field == Field::Email && kept.signs_in_by_email;
        if choice.of_gone.contains(field) && !is_login || !values.contains_key(field) {
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

/// By what the one who went is still known, so that no list or sync makes them again.
async fn remember(
    scope: &Scope,
    tx: &mut PgConnection,
    id: MergeId,
    choice: &MergeChoice,
    gone: &MemberRecord,
) -> Result<()> {
    let known_by = [Field::FullName, Field::BirthDate, Field::Username, Field::MoetId, Field::Email];
    let values: Values =
        gone.values.iter().filter(|(field, _)| known_by.contains(field)).map(|(f, v)| (*f, v.clone())).collect();
    sqlx::query!(
        r#"INSERT INTO member_aliases (school_id, merge_id, member_id, "values") VALUES ($1, $2, $3, $4)"#,
        scope.school_id(),
        id,
        choice.kept,
        Json(&values) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}
