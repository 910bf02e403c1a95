//! Actions on many members at once, set-wise, in one transaction: all or nothing. Members of too high a rank, and the
//! actor themselves, are skipped.

use std::collections::{BTreeMap, HashSet};

use sqlx::PgConnection;

use super::password;
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction},
    error::Result,
    identity::{accounts, applications, sessions},
    ids::{AccountId, ClassId, MemberId},
    roster::{model::Status, records, store, subject},
    schools::{counting, years},
    web::i18n::Lang,
};

/// The most members that one action covers. Larger selections must be narrowed: nothing is done in part.
pub const MOST: usize = 20_000;

/// The action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkAction {
    /// A new temporary password each.
    Password,
    /// The same for those alone whose temporary password has expired: one that is still good may stand on a slip.
    ExpiredPassword,
    SignOut,
    Suspension,
    /// Lifts the suspension of suspended members.
    Lifting,
    /// Moves pupils into this class of the year.
    Move(ClassId),
    /// Puts pupils who are in no class of the year into this one.
    Placing(ClassId),
}

/// Acts on those of these members that the actor has rights over. Returns how many those were.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) where the school has no such class to move to.
pub async fn act(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    ids: &[MemberId],
    act: BulkAction,
    lang: Lang,
) -> Result<usize> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let ids = outranked_by_actor(granted, &mut tx, ids).await?;
    let (done, action) = match act {
        BulkAction::ExpiredPassword => {
            let expired = store::with_expired_password(granted, &mut tx, &ids, app.clock.now()).await?;
            counting::enqueue(&mut tx, granted.school_id()).await?;
            (give_passwords(granted, app, &mut tx, &expired, lang).await?, AuditAction::PasswordReset)
        }
        BulkAction::Password => (give_passwords(granted, app, &mut tx, &ids, lang).await?, AuditAction::PasswordReset),
        BulkAction::SignOut => {
            let (members, accounts) = own_accounts(granted, &mut tx, &ids).await?;
            sessions::end_all_of(&mut tx, &accounts).await?;
            (members, AuditAction::SignedOutEverywhere)
        }
        BulkAction::Suspension => {
            let suspended = store::turn_status(granted, &mut tx, &ids, Status::Active, Status::Suspended).await?;
            let all = store::all_accounts_of(granted, &mut tx, &suspended).await?;
            applications::end_in_school(&mut tx, &all, granted.school_id()).await?;
            let (_, accounts) = own_accounts(granted, &mut tx, &suspended).await?;
            sessions::end_all_of(&mut tx, &accounts).await?;
            (suspended, AuditAction::Suspended)
        }
        BulkAction::Lifting => {
            let lifted = store::turn_status(granted, &mut tx, &ids, Status::Suspended, Status::Active).await?;
            (lifted, AuditAction::SuspensionLifted)
        }
        BulkAction::Placing(class_id) => {
            let year = years::current(granted, &mut tx, app.clock.today()).await?;
            let placed = store::class_ids(granted, &mut tx, year.id, &ids).await?;
            let unplaced: Vec<MemberId> = ids.into_iter().filter(|id| !placed.contains_key(id)).collect();
            let moved = move_to(granted, app, &mut tx, class_id, &unplaced).await?;
            counting::enqueue(&mut tx, granted.school_id()).await?;
            tx.commit().await?;
            return Ok(moved);
        }
        BulkAction::Move(class_id) => {
            let moved = move_to(granted, app, &mut tx, class_id, &ids).await?;
            tx.commit().await?;
            return Ok(moved);
        }
    };
    audit::record_each(granted, app, &mut tx, &done, action).await?;
    tx.commit().await?;
    Ok(done.len())
}

/// Moves pupils; their previous classes go into the audit log. Returns how many were moved.
async fn move_to(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    class_id: ClassId,
    ids: &[MemberId],
) -> Result<usize> {
    let year = years::current(scope, tx, app.clock.today()).await?;
    let were_in = store::class_ids(scope, tx, year.id, ids).await?;
    let moved = records::move_to(scope, tx, year.id, class_id, ids).await?;
    let mut from: BTreeMap<Option<ClassId>, Vec<MemberId>> = BTreeMap::new();
    for id in &moved {
        from.entry(were_in.get(id).copied()).or_default().push(*id);
    }
    for (from_class, members) in from {
        let action = AuditAction::MemberChanged { fields: Vec::new(), from_class, to_class: Some(class_id) };
        audit::record_each(scope, app, tx, &members, action).await?;
    }
    Ok(moved.len())
}

/// Locks these members, and returns those that the actor has rights over.
async fn outranked_by_actor(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<Vec<MemberId>> {
    subject::say_who_acts(scope, tx).await?;
    subject::lock_accounts(scope, tx, ids).await?;
    sqlx::query!(
        "SELECT id FROM members WHERE school_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE",
        scope.school_id(),
        ids,
    )
    .fetch_all(&mut *tx)
    .await?;
    let ranks = store::ranks(scope, tx, ids).await?;
    let is_self = |id: MemberId| scope.member().is_some_and(|member| member.id == id);
    let may = |id: &&MemberId| ranks.get(id).is_some_and(|rank| scope.outranks(**id, *rank) && !is_self(**id));
    Ok(ids.iter().filter(may).copied().collect::<HashSet<MemberId>>().into_iter().collect())
}

/// Those of these members who are in the school with an account that only it uses: members, and their accounts.
async fn own_accounts(
    scope: &Scope,
    tx: &mut PgConnection,
    ids: &[MemberId],
) -> Result<(Vec<MemberId>, Vec<AccountId>)> {
    let pairs = store::accounts_held(scope, tx, ids).await?;
    let accounts: Vec<AccountId> = pairs.iter().map(|(_, account)| *account).collect();
    let alone = accounts::of_school_alone(tx, &accounts, scope.school_id()).await?;
    Ok(pairs.into_iter().filter(|(_, account)| alone.contains(account)).unzip())
}

async fn give_passwords(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    ids: &[MemberId],
    lang: Lang,
) -> Result<Vec<MemberId>> {
    let (members, accounts) = own_accounts(scope, tx, ids).await?;
    let people: Vec<(MemberId, AccountId)> = members.iter().copied().zip(accounts).collect();
    password::give_temporary(scope, app, tx, &people, lang).await?;
    Ok(members)
}
