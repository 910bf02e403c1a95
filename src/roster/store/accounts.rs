//! The accounts that members have.

use std::collections::HashMap;

use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{AccountId, MemberId},
};

/// Those of these people who have an account and are in the school, suspended or not: member and account.
pub async fn accounts_held(
    scope: &Scope,
    tx: &mut PgConnection,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, AccountId)>> {
    let rows = sqlx::query!(
        r#"SELECT id, account_id AS "account_id!" FROM members
           WHERE school_id = $1 AND id = ANY($2) AND account_id IS NOT NULL AND status <> 'left'"#,
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.account_id)).collect())
}

/// Those of these people who have an account: member and account.
pub async fn accounts_of(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<Vec<(MemberId, AccountId)>> {
    let rows = sqlx::query!(
        r#"SELECT id, account_id AS "account_id!" FROM members
           WHERE school_id = $1 AND id = ANY($2) AND account_id IS NOT NULL AND status = 'active'"#,
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.account_id)).collect())
}

/// The accounts of these people, whether they are in the school or not.
pub async fn all_accounts_of(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<Vec<AccountId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT account_id AS "account_id!" FROM members
           WHERE school_id = $1 AND id = ANY($2) AND account_id IS NOT NULL"#,
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?)
}

/// The names of these accounts' members, by account.
pub async fn names_of_accounts(
    scope: &Scope,
    tx: &mut PgConnection,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, String>> {
    let rows = sqlx::query!(
        r#"SELECT account_id AS "account_id!", full_name FROM members WHERE school_id = $1 AND account_id = ANY($2)"#,
        scope.school_id(),
        accounts,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.full_name)).collect())
}
