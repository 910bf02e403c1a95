//! Handing out slips: opens the temporary passwords of those who may still need them, and notes whose were printed.
//! Each time is audited: that they were viewed, and that slips went out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction},
    error::Result,
    homeroom::own_class::OwnClass,
    identity::{accounts, password::TemporaryPassword},
    ids::{AccountId, MemberId},
    roster::{store, subject::LockedMember},
};

/// The permission to open the temporary passwords of some people: of the school's, of one, or of a homeroom class. Only
/// the checks can make one.
#[derive(Debug)]
pub struct Printing(());

impl Printing {
    #[must_use]
    pub fn of(_: &Granted<may::PrintSlips>) -> Self {
        Self(())
    }

    #[must_use]
    pub fn of_subject(_: &LockedMember) -> Self {
        Self(())
    }

    #[must_use]
    pub fn of_class(_: &OwnClass) -> Self {
        Self(())
    }
}

/// One person's slip.
#[derive(Clone, Debug)]
pub struct Slip {
    pub member_id: MemberId,
    pub login: String,
    pub password: String,
    pub good_until: DateTime<Utc>,
}

/// The slips of these people, to look at. A person has none who has chosen an own password, whose temporary one has
/// expired, or whose rank is not below the actor's. That they were shown is audited; that they were handed out is
/// [noted](note_printed) by itself.
pub async fn show(
    scope: &Scope,
    _: &Printing,
    app: &App,
    tx: &mut PgConnection,
    members: &[MemberId],
) -> Result<Vec<Slip>> {
    let slips = open(scope, app, tx, members).await?;
    let shown: Vec<MemberId> = slips.iter().map(|slip| slip.member_id).collect();
    record(scope, app, tx, |members| AuditAction::SlipsShown { members }, &shown).await?;
    Ok(slips)
}

/// The slips of these people for a file, with which they are handed out.
pub async fn download(
    granted: &Granted<may::PrintSlips>,
    app: &App,
    tx: &mut PgConnection,
    members: &[MemberId],
) -> Result<Vec<Slip>> {
    let slips = open(granted, app, tx, members).await?;
    let taken: Vec<MemberId> = slips.iter().map(|slip| slip.member_id).collect();
    let noted = note(granted, app, tx, &taken).await?;
    record(granted, app, tx, |members| AuditAction::SlipsDownloaded { members }, &noted).await?;
    Ok(slips)
}

/// Notes that the slips of these people were printed, as far as they have one. Gives how many those were.
pub async fn note_printed(
    scope: &Scope,
    _: &Printing,
    app: &App,
    tx: &mut PgConnection,
    members: &[MemberId],
) -> Result<usize> {
    let printed = note(scope, app, tx, members).await?;
    record(scope, app, tx, |members| AuditAction::SlipsPrinted { members }, &printed).await?;
    Ok(printed.len())
}

async fn open(scope: &Scope, app: &App, tx: &mut PgConnection, members: &[MemberId]) -> Result<Vec<Slip>> {
    let outranked = outranked_by_actor(scope, tx, members).await?;
    let accounts_of = store::accounts_of(scope, tx, &outranked).await?;
    let account_ids: Vec<AccountId> = accounts_of.iter().map(|(_, account)| *account).collect();
    let sealed = accounts::temporary_passwords(tx, &account_ids, scope.school_id(), app.clock.now()).await?;
    let member_of: HashMap<AccountId, MemberId> =
        accounts_of.into_iter().map(|(member, account)| (account, member)).collect();
    let mut slips: Vec<Slip> = Vec::new();
    for (account_id, login, temporary) in sealed {
        let Some(member_id) = member_of.get(&account_id) else { continue };
        let password = TemporaryPassword::open(&app.keys, account_id, &temporary.sealed).map_err(anyhow::Error::new)?;
        slips.push(Slip {
            member_id: *member_id,
            login,
            password: password.as_str().to_owned(),
            good_until: temporary.expires_at,
        });
    }
    Ok(slips)
}

/// Those of these people below the actor in rank: an actor may not see a password that they may not reset.
async fn outranked_by_actor(scope: &Scope, tx: &mut PgConnection, members: &[MemberId]) -> Result<Vec<MemberId>> {
    let ranks = store::ranks(scope, tx, members).await?;
    Ok(ranks.into_iter().filter(|(id, rank)| scope.outranks(*id, *rank)).map(|(id, _)| id).collect())
}

async fn note(scope: &Scope, app: &App, tx: &mut PgConnection, members: &[MemberId]) -> Result<Vec<MemberId>> {
    let outranked = outranked_by_actor(scope, tx, members).await?;
    Ok(sqlx::query_scalar!(
        "UPDATE members SET slip_printed_at = $3
         WHERE school_id = $1 AND id = ANY($2) AND status = 'active' AND temporary_until > $3 RETURNING id",
        scope.school_id(),
        &outranked,
        app.clock.now(),
    )
    .fetch_all(tx)
    .await?)
}

async fn record(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    action: fn(Vec<MemberId>) -> AuditAction,
    members: &[MemberId],
) -> Result<()> {
    let event = match members {
        [] => return Ok(()),
        [one] => audit::Event::about(action(Vec::new()), *one),
        many => audit::Event::new(action(many.to_vec())),
    };
    audit::record(scope, app, tx, event).await
}
