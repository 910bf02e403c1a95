//! The accounts of two members who become one: which of them lives on, and where the login of the other leads.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{merge::MergeChoice, snapshot::Snapshot};
use crate::{
    access::Scope,
    error::Result,
    identity::{accounts, login_aliases, sessions},
    ids::{AccountId, MemberId},
    roster::{model::Status, store::MemberRecord},
};

/// For how many days the other login leads to the account that lives on.
const ALIAS_DAYS: i64 = 365;

/// Which account lives on, and which ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WaysIn {
    pub lives: Option<AccountId>,
    pub ended: Option<AccountId>,
    /// The account that lives on is that of the one who goes.
    pub is_of_gone: bool,
}

impl WaysIn {
    /// `alone`: those of their accounts that are in use nowhere else.
    pub fn of(kept: &MemberRecord, gone: &MemberRecord, of_gone: bool, alone: &HashSet<AccountId>) -> Self {
        // An account that its person took along when they left is theirs to come back with: it neither lives on here
        // nor ends. Who is invited comes in by what they accept the invitation with.
        let of = |one: &MemberRecord, other: &MemberRecord| {
            let is_there = one.status != Status::Left || other.status == Status::Left;
            let stays = |account: &AccountId| other.status != Status::Invited && alone.contains(account);
            one.account_id.filter(|account| is_there || stays(account))
        };
        let (kept, gone) = (of(kept, gone), of(gone, kept));
        // An account is never given up for none.
        let is_of_gone = gone.is_some() && (of_gone || kept.is_none());
        if is_of_gone {
            Self { lives: gone, ended: kept, is_of_gone }
        } else {
            Self { lives: kept, ended: gone, is_of_gone }
        }
    }

    /// Ends the other account: its sessions, and the codes on paper by which it could be taken to another school.
    /// Logins of earlier merges that led to it lead to the one that lives on; gives them.
    pub async fn end_other(
        self,
        scope: &Scope,
        tx: &mut PgConnection,
        choice: &MergeChoice,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>> {
        let ended: Vec<AccountId> = self.ended.into_iter().collect();
        accounts::remove_memberships(tx, &ended, scope.school_id()).await?;
        sessions::end_all_of(tx, &ended).await?;
        sqlx::query!(
            "DELETE FROM releases WHERE school_id = $1 AND (member_id = $2 OR account_id = ANY($3))",
            scope.school_id(),
            choice.gone,
            &ended,
        )
        .execute(&mut *tx)
        .await?;
        for (_, login) in accounts::logins(tx, &ended).await? {
            let leads_to = self.lives.filter(|_| !choice.ends_login);
            login_aliases::set(tx, &login, leads_to, now + Duration::days(ALIAS_DAYS)).await?;
        }
        match (self.ended, self.lives) {
            (Some(ended), Some(lives)) => login_aliases::redirect(tx, ended, lives).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The one who stays comes in by the account that lives on, whose sessions go on. Who has left, or is only invited,
    /// is in the school again by what the other was.
    pub async fn attach(
        self,
        scope: &Scope,
        tx: &mut PgConnection,
        before: &Snapshot,
        choice: &MergeChoice,
    ) -> Result<()> {
        let Some(gone) = before.member(choice.gone) else { return Ok(()) };
        sqlx::query!(
            r#"UPDATE members m SET
                   status = CASE WHEN m.status IN ('left', 'invited') AND g.status IN ('active', 'suspended')
                       THEN g.status ELSE m.status END,
                   status_reason = CASE WHEN m.status IN ('left', 'invited') AND g.status IN ('active', 'suspended')
                       THEN g.status_reason ELSE m.status_reason END
               FROM jsonb_populate_record(NULL::members, $3) g WHERE m.school_id = $1 AND m.id = $2"#,
            scope.school_id(),
            choice.kept,
            serde_json::Value::Object(gone.clone()),
        )
        .execute(&mut *tx)
        .await?;
        if self.is_of_gone {
            // What belongs to a way in goes along with it.
            sqlx::query!(
                r#"UPDATE members m SET account_id = g.account_id, username = g.username,
                       temporary_until = g.temporary_until, slip_printed_at = g.slip_printed_at,
                       first_signed_in_at = g.first_signed_in_at, last_signed_in_at = g.last_signed_in_at
                   FROM jsonb_populate_record(NULL::members, $3) g WHERE m.school_id = $1 AND m.id = $2"#,
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
        if let Some(lives) = self.lives.filter(|_| is_in) {
            accounts::set_membership(tx, lives, scope.school_id(), choice.kept).await?;
        }
        Ok(())
    }
}

/// Of two members who are two again: each comes in by the account that their row has.
pub(super) async fn part(
    scope: &Scope,
    tx: &mut PgConnection,
    accounts_of_both: &[AccountId],
    [kept, gone]: [MemberId; 2],
) -> Result<()> {
    let rows = sqlx::query!(
        "SELECT id, account_id FROM members
         WHERE school_id = $1 AND id = ANY($2) AND account_id IS NOT NULL AND status IN ('active', 'suspended')",
        scope.school_id(),
        &[kept, gone][..],
    )
    .fetch_all(&mut *tx)
    .await?;
    let in_by = |id: MemberId| rows.iter().find(|row| row.id == id).and_then(|row| row.account_id);
    let wanted = [in_by(kept), in_by(gone)];
    let over: Vec<AccountId> =
        accounts_of_both.iter().copied().filter(|account| !wanted.contains(&Some(*account))).collect();
    accounts::remove_memberships(tx, &over, scope.school_id()).await?;
    // The one who comes back first: the account may be the other's until now.
    for (account, member) in [(in_by(gone), gone), (in_by(kept), kept)] {
        if let Some(account) = account {
            accounts::set_membership(tx, account, scope.school_id(), member).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::{Rank, Role},
        roster::fields::Values,
    };

    fn member(status: Status, account: Option<u128>) -> MemberRecord {
        MemberRecord {
            id: MemberId::nil(),
            account_id: account.map(AccountId::from_u128),
            version: 1,
            status,
            role: Role::Teacher,
            rank: Rank::Teacher,
            signs_in_by_email: true,
            has_signed_in: false,
            values: Values::new(),
        }
    }

    #[test]
    fn the_chosen_account_lives_and_none_is_given_up_for_nothing() {
        let of = |kept: &MemberRecord, gone: &MemberRecord, of_gone| {
            let alone = HashSet::from([1, 2, 3].map(AccountId::from_u128));
            let WaysIn { lives, ended, is_of_gone } = WaysIn::of(kept, gone, of_gone, &alone);
            let number = |account: Option<AccountId>| account.map(|account| account.uuid().as_u128());
            (number(lives), number(ended), is_of_gone)
        };
        let [one, other] = [1, 2].map(|account| member(Status::Active, Some(account)));
        assert_eq!(of(&one, &other, false), (Some(1), Some(2), false));
        assert_eq!(of(&one, &other, true), (Some(2), Some(1), true));
        let invited = member(Status::Invited, None);
        assert_eq!(of(&invited, &other, false), (Some(2), None, true));
        let left = member(Status::Left, Some(3));
        assert_eq!(of(&invited, &left, true), (None, None, false), "who is invited accepts first");
        assert_eq!(of(&one, &left, false), (Some(1), Some(3), false));
        assert_eq!(of(&left, &one, false), (Some(3), Some(1), false));
        let taken_along = member(Status::Left, Some(4));
        assert_eq!(of(&taken_along, &one, false), (Some(1), None, true), "in use elsewhere by now");
        assert_eq!(of(&one, &taken_along, true), (Some(1), None, false));
    }
}
