//! Where an account lands after signing in, and the language of its mails.

use crate::{
    db::Db,
    error::Result,
    ids::{AccountId, CompanyId, SchoolId},
};

/// Where an account lands after signing in: its last school, or the first of its schools, preferring one that is not
/// suspended. Its code of today.
pub async fn home_school(db: &Db, account_id: AccountId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT s.code FROM memberships m JOIN schools s ON s.id = m.school_id JOIN accounts a ON a.id = m.account_id
         WHERE m.account_id = $1
         ORDER BY s.suspended_at IS NOT NULL, s.id IS NOT DISTINCT FROM a.last_school_id DESC, s.folded_code LIMIT 1",
        account_id,
    )
    .fetch_optional(db.pool())
    .await?)
}

/// The company that an account represents, the first of them.
pub async fn company(db: &Db, account_id: AccountId) -> Result<Option<CompanyId>> {
    Ok(sqlx::query_scalar!(
        "SELECT company_id FROM company_members WHERE account_id = $1 AND accepted_at IS NOT NULL
         ORDER BY accepted_at LIMIT 1",
        account_id,
    )
    .fetch_optional(db.pool())
    .await?)
}

/// Remembers the last school of an account, to land there next time.
pub async fn set_last_school(db: &Db, account_id: AccountId, school_id: SchoolId) -> Result<()> {
    sqlx::query!("UPDATE accounts SET last_school_id = $2 WHERE id = $1", account_id, school_id)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Remembers whether an account is one of a school's staff, for the rules for staff that apply before a school is entered.
pub async fn note_staff(db: &Db, account_id: AccountId, school_id: SchoolId, is_staff: bool) -> Result<()> {
    sqlx::query!(
        "UPDATE memberships SET is_staff = $3 WHERE account_id = $1 AND school_id = $2",
        account_id,
        school_id,
        is_staff,
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Remembers the language that the person chose, for the mails to the account.
pub async fn set_language(db: &Db, account_id: AccountId, language: &str) -> Result<()> {
    sqlx::query!("UPDATE accounts SET language = $2 WHERE id = $1", account_id, language).execute(db.pool()).await?;
    Ok(())
}
