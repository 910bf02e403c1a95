//! Invitations: a person with an e-mail address is always asked, whether they have an account elsewhere or not. The
//! school sees the same in both cases and so learns nothing; nobody becomes a member of a school without knowing it.

mod pages;

use std::sync::Arc;

use chrono::Duration;
use sqlx::PgConnection;

use crate::{
    access::{Actor, Authority, Grant, Granted, MemberAction, MemberActor, Role, School, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    crypto::token::Token,
    db,
    error::{Error, Result, stored},
    identity::{
        accounts,
        links::{self, Link, LinkPurpose},
        verification,
    },
    ids::{AccountId, MemberId},
    letters::outbox::{self, Letter},
    paths,
    roster::{
        departures,
        fields::{Field, Values},
        model::Status,
        subject::LockedMember,
    },
    routes::{Access, Routes},
    schools::{directory, years},
    web::i18n::Lang,
};

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailed {
    Sent,
    /// The school has invited this address often enough for now; what was mailed last stays good.
    Enough,
    /// A school that is suspended invites nobody.
    SchoolSuspended,
}

/// How often a school invites one address: once an hour, and so often a day.
const MOST_A_DAY: i64 = 3;

/// Mails an invitation to become this member. What the mail says is the caller's.
pub async fn send(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
    email: &str,
    letter: &Letter,
    lang: Lang,
) -> Result<Mailed> {
    let now = app.clock.now();
    if directory::is_suspended(scope, tx).await? {
        return Ok(Mailed::SchoolSuspended);
    }
    let account_id = accounts::find_or_create(tx, app.randomness.uuid_v7(now), email, now).await?;
    let (hour, day) = (now - Duration::hours(1), now - Duration::days(1));
    let (last_hour, last_day) = links::invitations(tx, account_id, scope.school_id(), hour, day).await?;
    if last_hour > 0 || last_day >= MOST_A_DAY {
        return Ok(Mailed::Enough);
    }
    let token = Token::generate(&app.randomness);
    // An earlier link, perhaps mailed to another address, must no longer work.
    revoke(scope, app, tx, member_id).await?;
    sqlx::query!(
        "UPDATE members SET declined_at = NULL WHERE school_id = $1 AND id = $2 AND declined_at IS NOT NULL",
        scope.school_id(),
        member_id,
    )
    .execute(&mut *tx)
    .await?;
    let membership = Some((scope.school_id(), member_id));
    let id = app.randomness.uuid_v7(now);
    links::create(tx, id, &token, LinkPurpose::Invitation, account_id, membership, now).await?;
    outbox::post(tx, app, account_id, letter, Some(&token), lang).await?;
    Ok(Mailed::Sent)
}

/// Revokes the invitations that were mailed for this member.
pub async fn revoke(scope: &Scope, app: &App, tx: &mut PgConnection, member_id: MemberId) -> Result<()> {
    links::consume_of_member(tx, scope.school_id(), member_id, app.clock.now()).await
}

/// Invites a member who has an own address; one without is not invited.
pub async fn ask(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
    values: &Values,
) -> Result<Mailed> {
    let Some(email) = values.get(&Field::Email) else { return Ok(Mailed::Sent) };
    let letter = Letter::MemberInvitation { school: scope.school.name.clone() };
    send(scope, app, tx, member_id, email, &letter, Lang::default()).await
}

/// Sends an invitation once more, to a member who has declined as well. `None` where the member is not invited (any more).
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn send_again(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<Option<Mailed>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::Invite).await?;
    if subject.status != Status::Invited {
        return Ok(None);
    }
    let mailed = ask(granted, app, &mut tx, id, &subject.values).await?;
    if mailed == Mailed::Sent {
        audit::record(granted, app, &mut tx, Event::about(AuditAction::InvitationSentAgain, id)).await?;
        tx.commit().await?;
    }
    Ok(Some(mailed))
}

/// Withdraws an invitation: mailed links stop working, and a member who never accepted one is deleted. One who was in
/// the school before counts as left again. False where the member is not invited (any more).
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn withdraw(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::Invite).await?;
    if subject.status != Status::Invited {
        return Ok(false);
    }
    revoke(granted, app, &mut tx, id).await?;
    if departures::remove_unused(granted, &mut tx, &[id]).await?.is_empty() {
        departures::leave(granted, &mut tx, &[(id, subject.version)], app.clock.now()).await?;
    }
    audit::record(granted, app, &mut tx, Event::about(AuditAction::InvitationWithdrawn, id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Declines an invitation: the link is used up, and the school sees that the answer was no.
///
/// # Errors
/// [`Error::NotFound`] where the link was used meanwhile or the member is no longer invited.
pub async fn decline(app: &App, invitation: &Invitation, address: Option<std::net::IpAddr>) -> Result<()> {
    let (Some((school, name)), Some((school_id, member_id))) = (&invitation.membership, invitation.link.membership)
    else {
        return Err(Error::NotFound);
    };
    let now = app.clock.now();
    let mut tx = app.db.begin_in(school_id).await?;
    if !links::consume(&mut tx, &invitation.link, now).await? {
        return Err(Error::NotFound);
    }
    let declined = sqlx::query!(
        "UPDATE members SET declined_at = $3, version = version + 1
         WHERE school_id = $1 AND id = $2 AND status = $4 RETURNING role",
        school_id,
        member_id,
        now,
        Status::Invited.key(),
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let role = stored("role", Role::from_key(&declined.role))?;
    let scope = invited_scope(school.clone(), member_id, invitation.link.account_id, name, role, address);
    audit::record(&scope, app, &mut tx, Event::about(AuditAction::InvitationDeclined, member_id)).await?;
    tx.commit().await?;
    Ok(())
}

/// The scope in which an invitation is answered: it permits nothing, but names the invited member in the audit log.
fn invited_scope(
    school: Arc<School>,
    member_id: MemberId,
    account_id: AccountId,
    full_name: &str,
    role: Role,
    address: Option<std::net::IpAddr>,
) -> Scope {
    let actor = MemberActor {
        id: member_id,
        account_id,
        full_name: full_name.to_owned(),
        authority: Authority { role, grants: Vec::new() },
        let_by_school: Vec::new(),
        elsewhere: Vec::new(),
        has_homeroom: false,
        waiting: 0,
    };
    Scope { school, actor: Actor::Member(actor), address }
}

/// What an invitation is for, as its page shows it.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub link: Link,
    pub login: String,
    /// The person has a password already: they sign in to accept.
    pub has_password: bool,
    /// The school, and the name that it has for the person; `None` for a link sent by an operator.
    pub membership: Option<(Arc<School>, String)>,
    /// The school is suspended: it takes nobody in now.
    pub waits: bool,
}

/// The invitation of this token, if it is still valid.
pub async fn find(app: &App, token: &Token) -> Result<Option<Invitation>> {
    let mut tx = app.db.begin().await?;
    let Some(link) = links::find(&mut tx, token, LinkPurpose::Invitation, app.clock.now()).await? else {
        return Ok(None);
    };
    let account = accounts::summary(&mut tx, link.account_id).await?;
    // The connection is returned before the next one is acquired: holding two would exhaust the pool when many requests
    // come at once.
    tx.commit().await?;
    let mut waits = false;
    let membership = match link.membership {
        Some((school_id, member_id)) => {
            let mut tx = app.db.begin_in(school_id).await?;
            let school = directory::by_id(&mut tx, school_id).await?;
            waits = directory::is_suspended(&Scope::system(school.clone()), &mut tx).await?;
            let name = sqlx::query_scalar!(
                "SELECT full_name FROM members WHERE school_id = $1 AND id = $2 AND status = 'invited'",
                school_id,
                member_id,
            )
            .fetch_optional(&mut *tx)
            .await?;
            let Some(name) = name else { return Ok(None) };
            Some((school, name))
        }
        None => None,
    };
    Ok(Some(Invitation { link, login: account.login, has_password: account.has_password, membership, waits }))
}

/// Accepts an invitation: the link is used up, and the account becomes the member. Runs in the caller's transaction,
/// which is in the school's scope where a school sent the invitation.
///
/// # Errors
/// [`Error::NotFound`] where the link was spent meanwhile or the member is no longer invited, and
/// [`Error::SchoolSuspended`] where the school takes nobody in now.
pub async fn accept(
    app: &App,
    tx: &mut PgConnection,
    invitation: &Invitation,
    address: Option<std::net::IpAddr>,
) -> Result<()> {
    let link = &invitation.link;
    if !links::consume(tx, link, app.clock.now()).await? {
        return Err(Error::NotFound);
    }
    verification::prove(tx, app, link.account_id).await?;
    let (Some((school, _)), Some((school_id, member_id))) = (&invitation.membership, link.membership) else {
        return Ok(());
    };
    if directory::is_suspended(&Scope::system(school.clone()), tx).await? {
        return Err(Error::SchoolSuspended);
    }
    let accepted = sqlx::query!(
        "UPDATE members SET account_id = $3, status = $4, declined_at = NULL, version = version + 1
         WHERE school_id = $1 AND id = $2 AND status = $5 RETURNING role, full_name",
        school_id,
        member_id,
        link.account_id,
        Status::Active.key(),
        Status::Invited.key(),
    )
    .fetch_optional(&mut *tx)
    .await
    .map_err(|error| match db::violated_constraint(&error) {
        // The account is another member of this school already: two rows of one person, which the school must join.
        Some("member_of_account_taken") => Error::NotFound,
        _ => error.into(),
    })?
    .ok_or(Error::NotFound)?;
    accounts::add_memberships(tx, &[link.account_id], school_id, &[member_id]).await?;
    let (name, role) = (&accepted.full_name, &accepted.role);
    let role = stored("role", Role::from_key(role))?;
    let scope = invited_scope(school.clone(), member_id, link.account_id, name, role, address);
    audit::record(&scope, app, tx, Event::about(AuditAction::InvitationAccepted, member_id)).await
}

/// Gives a member a grant.
pub async fn give_grant(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
    grant: Grant,
) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO grants (school_id, member_id, "grant", granted_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"#,
        scope.school_id(),
        member_id,
        grant.key(),
        app.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::Invitation::PATH, Access::Anyone, pages::show)
        .post(paths::Invitation::PATH, Access::Anyone, pages::submit)
        .creating()
        .post(paths::InvitationRefusal::PATH, Access::Anyone, pages::decline)
        .asking(&[("", "", "invitation-decline-ask")])
}
