//! The member that an action is about: looked up, locked, and checked to be one on which the actor may act. The
//! actions on people demand one, so that forgetting the check does not compile.

use std::ops::Deref;

use sqlx::PgConnection;

use super::store::{self, MemberRecord};
use crate::{
    access::{MemberAction, Scope, Target, may},
    error::{Error, Result},
    identity::accounts,
    ids::{MemberId, YearId},
    schools::settings,
};

/// A member that the actor may act on; locked against other changes until the transaction ends.
#[derive(Clone, Debug)]
pub struct LockedMember(MemberRecord);

impl LockedMember {
    /// The member of this id, with their class of this year, for the action `act`. A homeroom teacher's class and what
    /// the school permits them are read at the moment of the action, too.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the school has no such member, [`Error::Forbidden`] where the table of rights says no.
    pub async fn find(
        scope: &Scope,
        tx: &mut PgConnection,
        year_id: YearId,
        id: MemberId,
        act: MemberAction,
    ) -> Result<Self> {
        say_who_acts(scope, tx).await?;
        lock(scope, tx, id).await?;
        let known = store::known(scope, tx, year_id, &[id]).await?.pop().ok_or(Error::NotFound)?;
        let target = target(scope, tx, year_id, &known).await?;
        if scope.permits(act, &target) { Ok(Self(known)) } else { Err(Error::Forbidden) }
    }
}

impl Deref for LockedMember {
    type Target = MemberRecord;

    fn deref(&self) -> &MemberRecord {
        &self.0
    }
}

/// Locks a member and their account until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such member.
pub async fn lock(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<()> {
    lock_accounts(scope, tx, &[id]).await?;
    sqlx::query!("SELECT id FROM members WHERE school_id = $1 AND id = $2 FOR UPDATE", scope.school_id(), id)
        .fetch_optional(tx)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(())
}

/// Locks the accounts of these people until the transaction ends. Must come before the members are locked: code that
/// links an account holds the account first, and then changes what the member's school knows of its password.
pub async fn lock_accounts(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<()> {
    let accounts = store::all_accounts_of(scope, tx, ids).await?;
    accounts::lock(tx, &accounts).await
}

/// Tells the database who acts; its triggers then enforce the ranks as well, until the transaction ends.
pub async fn say_who_acts(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    let Some(member) = scope.member() else { return Ok(()) };
    // Not set_config(): what it sets does not reach the nodes of a cluster.
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SET LOCAL app.actor_id = '{}'", member.id))).execute(tx).await?;
    Ok(())
}

/// What the table of rights needs to know of a member.
pub async fn target(scope: &Scope, tx: &mut PgConnection, year_id: YearId, known: &MemberRecord) -> Result<Target> {
    let is_homeroom = !scope.may::<may::ManageAccounts>() && is_of_own_class(scope, tx, year_id, known.id).await?;
    Ok(Target {
        rank: known.rank,
        is_pupil: !known.is_staff(),
        is_self: scope.member().is_some_and(|member| member.id == known.id),
        is_of_own_class: is_homeroom,
        homeroom_may_reset: is_homeroom && settings::read(scope, tx).await?.homeroom_may_reset,
    })
}

/// Whether a pupil is in a class of this year of which the actor is the homeroom teacher.
async fn is_of_own_class(scope: &Scope, tx: &mut PgConnection, year_id: YearId, id: MemberId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM enrolments e JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
               WHERE e.school_id = $1 AND e.school_year_id = $2 AND e.member_id = $3 AND e.ended_at IS NULL
                   AND c.homeroom_member_id = $4
           ) AS "own!""#,
        scope.school_id(),
        year_id,
        id,
        scope.member().map(|member| member.id),
    )
    .fetch_one(tx)
    .await?)
}
