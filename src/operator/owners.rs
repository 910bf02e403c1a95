//! The owners of a school, as far as operators set them: the first one is invited with the school, and one whose
//! mailbox is dead is replaced. Previous owners are notified.

use sqlx::PgConnection;

use super::{administered::Administered, model::Owner, store};
use crate::{
    access::{Grant, Role, Scope},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    identity::accounts,
    ids::{AccountId, MemberId},
    invitations::{self, Mailed},
    letters::outbox::{self, Letter},
    roster::{
        departures,
        fields::{Field, Values},
        model::Status,
        records::{self, NewMember},
        store as members,
    },
    web::i18n::Lang,
};

/// The future owner of a school, in the normal form of names and addresses.
#[derive(Clone, Debug)]
pub struct NewOwner {
    pub name: String,
    pub email: String,
}

/// Why a person cannot become an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerFault {
    /// An owner already: the school would have one less, and perhaps none.
    OwnerAlready,
    /// The school has suspended this person, or has not approved them yet.
    NotActive,
    /// The person to be replaced is no longer an owner.
    NoLongerOwner,
    /// The school has invited this address often enough for now.
    InvitedEnough,
    /// The school is suspended: it invites nobody.
    SchoolSuspended,
}

/// Invites the first owner of a school that is being opened.
pub async fn invite_first(scope: &Scope, app: &App, tx: &mut PgConnection, new: &NewOwner, lang: Lang) -> Result<()> {
    let (id, _) = invite(scope, app, tx, new, lang).await?;
    audit::record(scope, app, tx, Event::about(AuditAction::OwnerInvited, id)).await
}

/// Makes a person an owner and, if asked, removes the grant from a present one. In one transaction that excludes other
/// changes of owners, and only after there is a new one: a school always has an owner.
///
/// If the replaced owner never signed in, their invitation is withdrawn; otherwise they stay, without the grant.
///
/// # Errors
/// [`Error::NotFound`] where the school is no longer the operator's; the inner [`OwnerFault`]: what prevents the
/// change.
pub async fn set(
    administered: &Administered,
    app: &App,
    new: &NewOwner,
    replaces: Option<MemberId>,
    lang: Lang,
) -> Result<std::result::Result<(), OwnerFault>> {
    let scope: &Scope = administered;
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    db::lock_roster(&mut tx, scope.school_id()).await?;
    administered.lock(&mut tx).await?;
    let before = store::owners(scope, &mut tx).await?;
    let replaced = before.iter().find(|owner| Some(owner.id) == replaces);
    if replaces.is_some() && replaced.is_none() {
        return Ok(Err(OwnerFault::NoLongerOwner));
    }
    let (id, name) = match become_owner(scope, app, &mut tx, new, &before, lang).await? {
        Ok(named) => named,
        Err(fault) => return Ok(Err(fault)),
    };
    audit::record(scope, app, &mut tx, Event::about(AuditAction::OwnerInvited, id)).await?;
    if let Some(replaced) = replaced {
        remove(scope, app, &mut tx, replaced).await?;
        let event = Event::about(AuditAction::OwnerReplaced { by: id }, replaced.id);
        audit::record(scope, app, &mut tx, event).await?;
    }
    for owner in &before {
        tell(scope, app, &mut tx, owner, &name, replaced, lang).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Sends an owner who was invited and has not accepted the invitation once more.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such owner, or they have accepted meanwhile.
pub async fn invite_again(administered: &Administered, app: &App, id: MemberId, lang: Lang) -> Result<Mailed> {
    let scope: &Scope = administered;
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    db::lock_roster(&mut tx, scope.school_id()).await?;
    administered.lock(&mut tx).await?;
    let owners = store::owners(scope, &mut tx).await?;
    let owner = owners.into_iter().find(|owner| owner.id == id && owner.status == Status::Invited.key());
    let email = owner.and_then(|owner| owner.email).ok_or(Error::NotFound)?;
    let letter = Letter::OwnerInvitation { school: scope.school.name.clone() };
    let mailed = invitations::send(scope, app, &mut tx, id, &email, &letter, lang).await?;
    if matches!(mailed, Mailed::Sent) {
        audit::record(scope, app, &mut tx, Event::about(AuditAction::OwnerInvited, id)).await?;
        tx.commit().await?;
    }
    Ok(mailed)
}

/// The member who owns the school from now on, and the name that the school knows them by: an existing member, if the
/// address is among its staff, or a new one.
async fn become_owner(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    new: &NewOwner,
    owners: &[Owner],
    lang: Lang,
) -> Result<std::result::Result<(MemberId, String), OwnerFault>> {
    let known = sqlx::query!(
        "SELECT id, full_name, status, account_id FROM members
         WHERE school_id = $1 AND role <> 'student' AND lower(email) = lower($2) FOR UPDATE",
        scope.school_id(),
        new.email,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(known) = known else {
        let (id, mailed) = invite(scope, app, tx, new, lang).await?;
        return Ok(fault_of(mailed).map_or(Ok((id, new.name.clone())), Err));
    };
    if owners.iter().any(|owner| owner.id == known.id) {
        return Ok(Err(OwnerFault::OwnerAlready));
    }
    let school = scope.school.name.clone();
    match (Status::from_key(&known.status), known.account_id) {
        (Some(Status::Active), Some(account_id)) => {
            invitations::give_grant(scope, app, tx, known.id, Grant::Owner).await?;
            let code = scope.school.code.clone();
            let letter = Letter::OwnerNamed { name: known.full_name.clone(), school, school_code: code };
            outbox::post(tx, app, account_id, &letter, None, lang).await?;
        }
        (Some(Status::Invited | Status::Left), _) => {
            members::set_status(scope, tx, known.id, Status::Invited).await?;
            // A returning member is invited: until they accept, the account is not the member's.
            records::set_accounts(scope, tx, &[(known.id, None)]).await?;
            invitations::give_grant(scope, app, tx, known.id, Grant::Owner).await?;
            let letter = Letter::OwnerInvitation { school };
            let mailed = invitations::send(scope, app, tx, known.id, &new.email, &letter, lang).await?;
            if let Some(fault) = fault_of(mailed) {
                return Ok(Err(fault));
            }
        }
        _ => return Ok(Err(OwnerFault::NotActive)),
    }
    Ok(Ok((known.id, known.full_name)))
}

/// Nobody owns a school without being told of it.
fn fault_of(mailed: Mailed) -> Option<OwnerFault> {
    match mailed {
        Mailed::Sent => None,
        Mailed::Enough => Some(OwnerFault::InvitedEnough),
        Mailed::SchoolSuspended => Some(OwnerFault::SchoolSuspended),
    }
}

/// Adds a new member: a manager with the grant `owner`, invited by mail.
async fn invite(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    new: &NewOwner,
    lang: Lang,
) -> Result<(MemberId, Mailed)> {
    let now = app.clock.now();
    let owner = NewMember {
        id: app.randomness.uuid_v7(now),
        account_id: None,
        role: Role::Manager,
        status: Status::Invited,
        username: None,
        temporary_until: None,
        class_id: None,
        values: Values::from([(Field::FullName, new.name.clone()), (Field::Email, new.email.clone())]),
    };
    records::insert(scope, tx, None, std::slice::from_ref(&owner), now).await?;
    invitations::give_grant(scope, app, tx, owner.id, Grant::Owner).await?;
    let letter = Letter::OwnerInvitation { school: scope.school.name.clone() };
    let mailed = invitations::send(scope, app, tx, owner.id, &new.email, &letter, lang).await?;
    Ok((owner.id, mailed))
}

async fn remove(scope: &Scope, app: &App, tx: &mut PgConnection, owner: &Owner) -> Result<()> {
    if owner.status == Status::Invited.key() {
        // Links that were mailed to them become invalid.
        let left = departures::leave(scope, tx, &[(owner.id, owner.version)], app.clock.now()).await?;
        let accounts: Vec<AccountId> = left.into_iter().filter_map(|(_, account)| account).collect();
        return accounts::remove_memberships(tx, &accounts, scope.school_id()).await;
    }
    let removed = sqlx::query!(
        r#"DELETE FROM grants WHERE school_id = $1 AND member_id = $2 AND "grant" = 'owner'"#,
        scope.school_id(),
        owner.id,
    )
    .execute(tx)
    .await?;
    if removed.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Notifies a previous owner, if they have ever signed in: nobody loses or shares a school without knowing.
async fn tell(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    owner: &Owner,
    new_owner: &str,
    replaced: Option<&Owner>,
    lang: Lang,
) -> Result<()> {
    let Some(account_id) = owner.account_id.filter(|_| owner.status == Status::Active.key()) else { return Ok(()) };
    let letter = Letter::OwnersChanged {
        name: owner.full_name.clone(),
        school: scope.school.name.clone(),
        school_code: scope.school.code.clone(),
        new_owner: new_owner.to_owned(),
        replaced: replaced.map(|replaced| replaced.full_name.clone()),
    };
    outbox::post(tx, app, account_id, &letter, None, lang).await
}
