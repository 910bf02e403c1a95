//! The SQL of companies.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::names;
use crate::{
    db::Db,
    error::{Error, Result},
    ids::{AccountId, CompanyId},
    vietnam::text,
};

/// Within how many hours operators answer.
pub const HOURS_TO_ANSWER: i64 = 48;

/// How many companies a search shows, and how many a page of the queue.
const MOST_FOUND: i64 = 10;
const MOST_WAITING: i64 = 100;

/// A company.
#[derive(Clone, Debug)]
pub struct Company {
    pub id: CompanyId,
    pub name: String,
    pub tax_code: Option<String>,
    pub is_approved: bool,
}

/// A person who represents a company, or wants to.
#[derive(Clone, Debug)]
pub struct Representative {
    pub account_id: AccountId,
    pub full_name: String,
    pub login: String,
    pub phone: Option<String>,
    pub position: Option<String>,
    pub is_active: bool,
    pub is_verified: bool,
    pub registered_at: DateTime<Utc>,
}

/// A company that an operator is to answer, for all of its verified representatives who wait.
#[derive(Clone, Debug)]
pub struct PendingCompany {
    pub id: CompanyId,
    pub name: String,
    pub is_approved: bool,
    pub representatives: i64,
    pub since: DateTime<Utc>,
}

impl PendingCompany {
    #[must_use]
    pub fn due_at(&self) -> DateTime<Utc> {
        self.since + Duration::hours(HOURS_TO_ANSWER)
    }

    #[must_use]
    pub fn is_overdue(&self, now: &DateTime<Utc>) -> bool {
        self.due_at() < *now
    }
}

/// The company of this id.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn find(db: &Db, id: CompanyId) -> Result<Company> {
    sqlx::query_as!(
        Company,
        r#"SELECT id, name, tax_code, approved_at IS NOT NULL AS "is_approved!" FROM companies WHERE id = $1"#,
        id,
    )
    .fetch_optional(db.pool())
    .await?
    .ok_or(Error::NotFound)
}

/// The approved companies in whose names all the words begin a word.
pub async fn search(db: &Db, typed: &str) -> Result<Vec<Company>> {
    let words: Vec<String> = text::words(typed).into_iter().take(10).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as!(
        Company,
        r#"SELECT c.id, c.name, c.tax_code, true AS "is_approved!"
           FROM companies c
           WHERE c.approved_at IS NOT NULL AND c.id IN (
               SELECT w.company_id FROM unnest($1::text[]) AS typed (word)
               JOIN company_words w ON w.word >= typed.word AND w.word < typed.word || U&'\+10FFFF' COLLATE "C"
               GROUP BY w.company_id HAVING count(DISTINCT typed.word) = (
                   SELECT count(DISTINCT word) FROM unnest($1::text[]) AS all_typed (word)))
           ORDER BY c.name COLLATE "vi-x-icu", c.id LIMIT $2"#,
        &words,
        MOST_FOUND,
    )
    .fetch_all(db.pool())
    .await?)
}

/// Inserts a new company, to be approved.
pub async fn insert(
    tx: &mut PgConnection,
    id: CompanyId,
    name: &str,
    tax_code: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO companies (id, name, twin_key, tax_code, created_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        name,
        names::twin_key(name),
        tax_code,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let words: Vec<String> =
        text::words(name).into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
    sqlx::query!(
        "INSERT INTO company_words (word, company_id) SELECT word, $2 FROM unnest($1::text[]) AS new (word)",
        &words,
        id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A person who wants to represent a company.
#[derive(Clone, Debug)]
pub struct NewRepresentative<'a> {
    pub company_id: CompanyId,
    pub account_id: AccountId,
    pub full_name: &'a str,
    pub phone: Option<&'a str>,
    pub position: Option<&'a str>,
}

/// Inserts them as waiting.
///
/// # Errors
/// `company_members_pkey` where they are a representative already.
pub async fn add_representative(tx: &mut PgConnection, new: &NewRepresentative<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO company_members (company_id, account_id, full_name, phone, position, registered_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        new.company_id,
        new.account_id,
        new.full_name,
        new.phone,
        new.position,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether an account represents this company, and so may answer for it.
pub async fn represents(db: &Db, company_id: CompanyId, account_id: AccountId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM company_members
               WHERE company_id = $1 AND account_id = $2 AND accepted_at IS NOT NULL) AS "is!""#,
        company_id,
        account_id,
    )
    .fetch_one(db.pool())
    .await?)
}

/// A company that an account represents or wants to, and whether it does.
#[derive(Clone, Debug)]
pub struct OwnCompany {
    pub id: CompanyId,
    pub name: String,
    pub is_active: bool,
    pub registered_at: DateTime<Utc>,
}

/// The companies of an account.
pub async fn of_account(db: &Db, account_id: AccountId) -> Result<Vec<OwnCompany>> {
    Ok(sqlx::query_as!(
        OwnCompany,
        r#"SELECT c.id, c.name, m.accepted_at IS NOT NULL AS "is_active!", m.registered_at
           FROM company_members m JOIN companies c ON c.id = m.company_id
           WHERE m.account_id = $1 ORDER BY m.accepted_at IS NULL, m.registered_at"#,
        account_id,
    )
    .fetch_all(db.pool())
    .await?)
}

/// All who represent a company or want to, those who do first.
pub async fn representatives(tx: &mut PgConnection, company_id: CompanyId) -> Result<Vec<Representative>> {
    Ok(sqlx::query_as!(
        Representative,
        r#"SELECT m.account_id, m.full_name, a.login, m.phone, m.position, m.accepted_at IS NOT NULL AS "is_active!",
                  NOT EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = m.account_id) AS "is_verified!",
                  m.registered_at
           FROM company_members m JOIN accounts a ON a.id = m.account_id
           WHERE m.company_id = $1 ORDER BY m.accepted_at IS NULL, m.registered_at"#,
        company_id,
    )
    .fetch_all(tx)
    .await?)
}

/// What operators are to answer, oldest first; accounts with an unverified address are not included.
pub async fn waiting(db: &Db) -> Result<Vec<PendingCompany>> {
    Ok(sqlx::query_as!(
        PendingCompany,
        r#"SELECT c.id, c.name, c.approved_at IS NOT NULL AS "is_approved!", count(*) AS "representatives!",
                  min(m.registered_at) AS "since!"
           FROM company_members m JOIN companies c ON c.id = m.company_id
           WHERE m.accepted_at IS NULL
               AND NOT EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = m.account_id)
           GROUP BY c.id ORDER BY min(m.registered_at), c.id LIMIT $1"#,
        MOST_WAITING,
    )
    .fetch_all(db.pool())
    .await?)
}

/// How many companies operators are to answer.
pub async fn count_waiting(db: &Db) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(DISTINCT m.company_id) AS "count!" FROM company_members m
           WHERE m.accepted_at IS NULL
               AND NOT EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = m.account_id)"#,
    )
    .fetch_one(db.pool())
    .await?)
}

/// How many companies a page of the list of approved ones shows.
pub const PAGE: usize = 50;

/// An approved company in the list, and how many represent it.
#[derive(Clone, Debug)]
pub struct ApprovedCompany {
    pub id: CompanyId,
    pub name: String,
    pub tax_code: Option<String>,
    pub approved_at: DateTime<Utc>,
    pub representatives: i64,
}

/// A page of the approved companies by name, and one more where there are more; `typed` are words of the name, or the
/// beginning of the tax code. Pages count from 0.
pub async fn approved(db: &Db, typed: &str, page: i64) -> Result<Vec<ApprovedCompany>> {
    let words: Vec<String> = text::words(typed).into_iter().take(10).collect();
    let tax_code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX);
    Ok(sqlx::query_as!(
        ApprovedCompany,
        r#"SELECT c.id, c.name, c.tax_code, c.approved_at AS "approved_at!",
                  (SELECT count(*) FROM company_members m WHERE m.company_id = c.id AND m.accepted_at IS NOT NULL)
                      AS "representatives!"
           FROM companies c
           WHERE c.approved_at IS NOT NULL AND (cardinality($1::text[]) = 0 OR c.id IN (
               SELECT w.company_id FROM unnest($1::text[]) AS typed (word)
               JOIN company_words w ON w.word >= typed.word AND w.word < typed.word || U&'\+10FFFF' COLLATE "C"
               GROUP BY w.company_id HAVING count(DISTINCT typed.word) = (
                   SELECT count(DISTINCT word) FROM unnest($1::text[]) AS all_typed (word)))
               OR $2 <> '' AND starts_with(c.tax_code, $2))
           ORDER BY c.name COLLATE "vi-x-icu", c.id LIMIT $3 OFFSET $4"#,
        &words,
        tax_code,
        most + 1,
        most * page,
    )
    .fetch_all(db.pool())
    .await?)
}

/// Companies that may be the same as this one: by name or tax code.
pub async fn twins(db: &Db, id: CompanyId) -> Result<Vec<Company>> {
    Ok(sqlx::query_as!(
        Company,
        r#"SELECT o.id, o.name, o.tax_code, o.approved_at IS NOT NULL AS "is_approved!"
           FROM companies c JOIN companies o ON o.id <> c.id AND (o.twin_key = c.twin_key OR o.tax_code = c.tax_code)
           WHERE c.id = $1 ORDER BY o.approved_at IS NULL, o.created_at LIMIT 10"#,
        id,
    )
    .fetch_all(db.pool())
    .await?)
}
