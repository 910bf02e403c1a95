//! The school's answer to a teacher who registered: approved as a new member, approved as a member already in the
//! school's list, or refused.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    identity::{accounts, registrations, verification},
    ids::{AccountId, MemberId, YearId},
    letters::outbox::{self, Letter},
    paths,
    roster::{
        fields::{Field, Values},
        model::Status,
        records::{self, ChangedMember},
        store,
        subject::LockedMember,
    },
    schools::years,
    web::i18n::Lang,
};

/// What the school needs to know before it answers.
#[derive(Clone, Debug)]
pub struct ActivationQuestion {
    /// The e-mail address is verified: the applicant has used the link in the mail.
    pub is_verified: bool,
    /// Invited teachers in the school's list who may be the same person, and have no account yet.
    pub twins: Vec<InvitedNamesake>,
}

/// A teacher of the same name that the school has invited.
#[derive(Clone, Debug)]
pub struct InvitedNamesake {
    pub id: MemberId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub email: Option<String>,
}

/// The outcome of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activated {
    /// The applicant is now this member.
    As(MemberId),
    /// No longer pending: another member answered first.
    Before,
    /// The applicant has not verified the e-mail address yet.
    Unverified,
    /// The member to be joined with no longer exists, or has an account by now.
    TwinGone,
}

/// What there is to know of a pending member; `None` where the member is not pending.
pub async fn question(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Option<ActivationQuestion>> {
    let account = sqlx::query_scalar!(
        r#"SELECT account_id AS "account_id!" FROM members
           WHERE school_id = $1 AND id = $2 AND status = 'pending' AND account_id IS NOT NULL"#,
        scope.school_id(),
        id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(account_id) = account else { return Ok(None) };
    let is_verified = verification::waits_since(tx, account_id).await?.is_none();
    Ok(Some(ActivationQuestion { is_verified, twins: twins(scope, tx, id).await? }))
}

/// What stands in the way of approving a pending member at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerable {
    /// Nothing: one press of a button approves.
    AtOnce,
    /// The e-mail address is not verified yet.
    Unverified,
    /// A person in the list may be the same: a decision on the person's own page.
    HasTwin,
}

/// The same for a page of the list, set-wise: each pending one of these members, by account.
pub async fn answerable(
    scope: &Scope,
    tx: &mut PgConnection,
    members: &[(MemberId, AccountId)],
) -> Result<HashMap<MemberId, Answerable>> {
    let (ids, accounts): (Vec<MemberId>, Vec<AccountId>) = members.iter().copied().unzip();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let unverified: HashSet<AccountId> = verification::waiting_among(tx, &accounts).await?.into_iter().collect();
    let with_twins: HashSet<MemberId> = with_twins(scope, tx, &ids).await?.into_iter().collect();
    let state = |(id, account): &(MemberId, AccountId)| match (unverified.contains(account), with_twins.contains(id)) {
        (true, _) => Answerable::Unverified,
        (false, true) => Answerable::HasTwin,
        (false, false) => Answerable::AtOnce,
    };
    Ok(members.iter().map(|member| (member.0, state(member))).collect())
}

/// Those of these pending members who have a namesake as [`twins`] finds them.
async fn with_twins(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<Vec<MemberId>> {
    Ok(sqlx::query_scalar!(
        "SELECT w.id FROM members w
         WHERE w.school_id = $1 AND w.id = ANY($2) AND EXISTS (
             SELECT FROM members m
             WHERE m.school_id = $1 AND m.role = 'teacher' AND m.given_name = w.given_name
                 AND m.family_name = w.family_name AND m.middle_name = w.middle_name
                 AND m.id <> w.id AND m.account_id IS NULL AND m.status = 'invited'
                 AND (m.birth_date = w.birth_date OR m.birth_date IS NULL OR w.birth_date IS NULL))",
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?)
}

/// A different birth date means a different person; where one of the two is unknown, a person decides.
async fn twins(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Vec<InvitedNamesake>> {
    Ok(sqlx::query_as!(
        InvitedNamesake,
        "SELECT m.id, m.full_name, m.birth_date, m.email
         FROM members w
         JOIN members m ON m.school_id = w.school_id AND m.role = 'teacher' AND m.given_name = w.given_name
             AND m.family_name = w.family_name AND m.middle_name = w.middle_name
         WHERE w.school_id = $1 AND w.id = $2 AND m.id <> w.id AND m.account_id IS NULL AND m.status = 'invited'
             AND (m.birth_date = w.birth_date OR m.birth_date IS NULL OR w.birth_date IS NULL)
         ORDER BY m.birth_date, m.id LIMIT 5",
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?)
}

/// Approves a pending member, as the listed member `twin` if one is given.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn activate(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: MemberId,
    twin: Option<MemberId>,
) -> Result<Activated> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let activated = activate_in(granted, app, &mut tx, year.id, id, twin).await?;
    tx.commit().await?;
    Ok(activated)
}

/// Approves those of these pending members that nothing keeps back, in one transaction. Gives how many those
/// were: with an unverified address or a namesake in the list, a member is answered by themselves.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn activate_all(granted: &Granted<may::ManageAccounts>, app: &App, ids: &[MemberId]) -> Result<usize> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let mut count = 0;
    for id in pending(granted, &mut tx, ids).await? {
        // Looked up each time: of two who wait with the same name, the first may have become a member just now.
        let has_twin = !with_twins(granted, &mut tx, &[id]).await?.is_empty();
        let activated =
            if has_twin { Activated::Before } else { activate_in(granted, app, &mut tx, year.id, id, None).await? };
        count += usize::from(matches!(activated, Activated::As(_)));
    }
    tx.commit().await?;
    Ok(count)
}

/// Those of these members who wait for an answer, in the order in which they are locked.
async fn pending(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<Vec<MemberId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM members WHERE school_id = $1 AND id = ANY($2) AND status = 'pending' ORDER BY id",
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?)
}

/// Changes nothing unless it approves.
async fn activate_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    year_id: YearId,
    id: MemberId,
    twin: Option<MemberId>,
) -> Result<Activated> {
    let subject = LockedMember::find(granted, tx, year_id, id, MemberAction::Answer).await?;
    let Some(account_id) = subject.account_id.filter(|_| subject.status == Status::Pending) else {
        return Ok(Activated::Before);
    };
    if verification::waits_since(tx, account_id).await?.is_some() {
        return Ok(Activated::Unverified);
    }
    let member_id = match twin {
        None => {
            store::set_status(granted, tx, id, Status::Active).await?;
            id
        }
        Some(twin) => {
            if !twins(granted, tx, id).await?.iter().any(|each| each.id == twin) {
                return Ok(Activated::TwinGone);
            }
            let twin = LockedMember::find(granted, tx, year_id, twin, MemberAction::Answer).await?;
            join(granted, tx, year_id, &subject, &twin, account_id).await?;
            twin.id
        }
    };
    registrations::remove(tx, account_id, granted.school_id()).await?;
    accounts::add_memberships(tx, &[account_id], granted.school_id(), &[member_id]).await?;
    let letter = Letter::RegistrationAccepted {
        name: subject.name().to_owned(),
        place: granted.school.name.clone(),
        home: paths::School::of(&granted.school.code).to_string(),
    };
    outbox::post(tx, app, account_id, &letter, None, Lang::default()).await?;
    audit::record(granted, app, tx, Event::about(AuditAction::RegistrationAccepted, member_id)).await?;
    Ok(Activated::As(member_id))
}

/// Merges the registration into the listed member: what the school knew stays, what it did not know is added, and the
/// address becomes the one that the applicant signs in with.
async fn join(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut PgConnection,
    year_id: YearId,
    registered: &LockedMember,
    twin: &LockedMember,
    account_id: AccountId,
) -> Result<()> {
    let mut values: Values = registered.values.clone();
    let own = values.remove(&Field::Email);
    values.extend(twin.values.iter().map(|(field, value)| (*field, value.clone())));
    values.extend(own.map(|email| (Field::Email, email)));
    delete(granted, tx, registered.id).await?;
    let member = ChangedMember {
        id: twin.id,
        version: twin.version,
        status: Status::Active,
        username: None,
        class_id: None,
        values,
    };
    records::update(granted, tx, year_id, std::slice::from_ref(&member)).await?;
    records::set_accounts(granted, tx, &[(twin.id, Some(account_id))]).await
}

/// Refuses a pending member, who is mailed the reason and removed from the list. False where they were approved
/// meanwhile.
///
/// # Errors
/// As [`LockedMember::find`]: a member who was refused already is not found.
pub async fn refuse(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId, reason: &str) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let was_refused = refuse_in(granted, app, &mut tx, year.id, id, reason).await?;
    tx.commit().await?;
    Ok(was_refused)
}

/// Refuses those of these members who are pending, all for the same reason, in one transaction. Gives how many those
/// were.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn refuse_all(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    ids: &[MemberId],
    reason: &str,
) -> Result<usize> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let mut count = 0;
    for id in pending(granted, &mut tx, ids).await? {
        count += usize::from(refuse_in(granted, app, &mut tx, year.id, id, reason).await?);
    }
    tx.commit().await?;
    Ok(count)
}

async fn refuse_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    year_id: YearId,
    id: MemberId,
    reason: &str,
) -> Result<bool> {
    let subject = LockedMember::find(granted, tx, year_id, id, MemberAction::Answer).await?;
    let Some(account_id) = subject.account_id.filter(|_| subject.status == Status::Pending) else {
        return Ok(false);
    };
    delete(granted, tx, id).await?;
    registrations::remove(tx, account_id, granted.school_id()).await?;
    // An unverified address may belong to another person, so it gets no mail.
    if verification::waits_since(tx, account_id).await?.is_none() {
        let letter = Letter::RegistrationRefused {
            name: subject.name().to_owned(),
            place: granted.school.name.clone(),
            reason: reason.to_owned(),
        };
        outbox::post(tx, app, account_id, &letter, None, Lang::default()).await?;
    }
    audit::record(granted, app, tx, Event::about(AuditAction::RegistrationRefused, id).because(reason)).await?;
    Ok(true)
}

/// Removes a pending member from the list, without a trace.
///
/// # Errors
/// [`Error::NotFound`] where the member is not pending.
pub async fn delete(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<()> {
    let deleted = sqlx::query!(
        "DELETE FROM members WHERE school_id = $1 AND id = $2 AND status = 'pending'",
        scope.school_id(),
        id,
    )
    .execute(tx)
    .await?;
    if deleted.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound) }
}

/// The members who may answer for the school: accounts and names.
pub async fn who_answers(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<(AccountId, String)>> {
    let rows = sqlx::query!(
        r#"SELECT m.account_id AS "account_id!", m.full_name FROM members m
           WHERE m.school_id = $1 AND m.status = 'active' AND m.account_id IS NOT NULL AND m.username IS NULL
               AND (m.role = 'manager' OR EXISTS (
                   SELECT FROM grants g WHERE g.school_id = $1 AND g.member_id = m.id
                       AND g."grant" IN ('owner', 'account_manager')))
           ORDER BY m.id"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.full_name)).collect())
}
