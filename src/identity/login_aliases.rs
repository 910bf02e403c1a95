//! Logins of accounts that were merged into others: for a while they lead to the account that lives on, and afterwards
//! nowhere.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::accounts::{self, Credentials, fold_login};
use crate::{error::Result, ids::AccountId};

/// From now on the login leads to this account; with none it leads nowhere.
pub async fn set(tx: &mut PgConnection, login: &str, account: Option<AccountId>, until: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO login_aliases (login, account_id, until) VALUES ($1, $2, $3)
         ON CONFLICT (login) DO UPDATE SET account_id = excluded.account_id, until = excluded.until",
        login,
        account,
        until,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Logins that lead to an account lead to another one from now on. Gives them.
pub async fn redirect(tx: &mut PgConnection, from: AccountId, to: AccountId) -> Result<Vec<String>> {
    let moved = sqlx::query_scalar!(
        "UPDATE login_aliases SET account_id = $2 WHERE account_id = $1 RETURNING login",
        from,
        to,
    );
    Ok(moved.fetch_all(tx).await?)
}

/// Of these logins, those that lead to an account lead to another one again.
pub async fn redirect_back(tx: &mut PgConnection, logins: &[String], from: AccountId, to: AccountId) -> Result<()> {
    sqlx::query!(
        "UPDATE login_aliases SET account_id = $3 WHERE login = ANY($1) AND account_id = $2",
        logins,
        from,
        to,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// These logins are those of their own accounts again.
pub async fn remove(tx: &mut PgConnection, logins: &[String]) -> Result<()> {
    sqlx::query!("DELETE FROM login_aliases WHERE login = ANY($1)", logins).execute(tx).await?;
    Ok(())
}

/// What the account that a login leads to signs in with.
pub async fn credentials(tx: &mut PgConnection, login: &str, now: DateTime<Utc>) -> Result<Option<Credentials>> {
    let alias = sqlx::query!(
        r#"SELECT a.login AS "leads_to?", l.until > $2 AS "lives!" FROM login_aliases l
           LEFT JOIN accounts a ON a.id = l.account_id WHERE l.login = $1"#,
        fold_login(login),
        now,
    )
    .fetch_optional(&mut *tx)
    .await?;
    match alias {
        None => accounts::credentials(tx, login).await,
        Some(alias) => match alias.leads_to.filter(|_| alias.lives) {
            Some(login) => accounts::credentials(tx, &login).await,
            None => Ok(None),
        },
    }
}
