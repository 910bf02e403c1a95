//! Answers to people who want to represent a company: by an operator, or by a colleague.

use sqlx::PgConnection;

use super::store::{self, Representative};
use crate::{
    app::App,
    error::{Error, Result},
    identity::accounts::{self, AccountEvent},
    ids::{AccountId, CompanyId},
    letters::outbox::{self, Letter},
    paths,
    web::i18n::Lang,
};

/// Who answers: an account, and from where.
#[derive(Clone, Copy, Debug)]
pub struct AnsweringOperator {
    pub account_id: AccountId,
    pub address: Option<std::net::IpAddr>,
}

/// Approves a company and all verified people who wait for it. False where nobody waited any more.
///
/// # Errors
/// [`Error::NotFound`] where there is no such company.
pub async fn approve(app: &App, by: AnsweringOperator, company_id: CompanyId) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let name = lock(&mut tx, company_id).await?;
    let waiting = waiting(&mut tx, company_id).await?;
    sqlx::query!(
        "UPDATE companies SET approved_at = coalesce(approved_at, $2) WHERE id = $1",
        company_id,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    for one in &waiting {
        accept_one(&mut tx, app, by, (company_id, &name), one).await?;
    }
    let any = !waiting.is_empty();
    if any {
        tx.commit().await?;
    }
    Ok(any)
}

/// Rejects all who wait; a company without representatives is deleted. False where nobody waited any more.
///
/// # Errors
/// [`Error::NotFound`] where there is no such company.
pub async fn reject(app: &App, by: AnsweringOperator, company_id: CompanyId, reason: &str) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let name = lock(&mut tx, company_id).await?;
    let waiting = waiting(&mut tx, company_id).await?;
    for one in &waiting {
        reject_one(&mut tx, app, by, (company_id, &name), one, reason).await?;
    }
    if waiting.is_empty() {
        return Ok(false);
    }
    sqlx::query!(
        "DELETE FROM companies c WHERE c.id = $1 AND c.approved_at IS NULL
             AND NOT EXISTS (SELECT FROM company_members m WHERE m.company_id = c.id)",
        company_id,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// A colleague's answer to one who waits: accepted, or rejected with the reason. False where another answer was first.
///
/// # Errors
/// [`Error::NotFound`] where there is no such company.
pub async fn answer_colleague(
    app: &App,
    by: AnsweringOperator,
    company_id: CompanyId,
    account_id: AccountId,
    rejected_for: Option<&str>,
) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let name = lock(&mut tx, company_id).await?;
    let waiting = waiting(&mut tx, company_id).await?;
    let Some(one) = waiting.iter().find(|one| one.account_id == account_id) else { return Ok(false) };
    match rejected_for {
        None => accept_one(&mut tx, app, by, (company_id, &name), one).await?,
        Some(reason) => reject_one(&mut tx, app, by, (company_id, &name), one, reason).await?,
    }
    tx.commit().await?;
    Ok(true)
}

/// The company's name; no other answer for it is possible until the transaction ends.
async fn lock(tx: &mut PgConnection, company_id: CompanyId) -> Result<String> {
    sqlx::query_scalar!("SELECT name FROM companies WHERE id = $1 FOR UPDATE", company_id)
        .fetch_optional(tx)
        .await?
        .ok_or(Error::NotFound)
}

async fn waiting(tx: &mut PgConnection, company_id: CompanyId) -> Result<Vec<Representative>> {
    let all = store::representatives(tx, company_id).await?;
    Ok(all.into_iter().filter(|one| !one.is_active && one.is_verified).collect())
}

async fn accept_one(
    tx: &mut PgConnection,
    app: &App,
    by: AnsweringOperator,
    (company_id, company): (CompanyId, &str),
    one: &Representative,
) -> Result<()> {
    sqlx::query!(
        "UPDATE company_members SET accepted_at = $3 WHERE company_id = $1 AND account_id = $2",
        company_id,
        one.account_id,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    let letter = Letter::RegistrationAccepted {
        name: one.full_name.clone(),
        place: company.to_owned(),
        home: paths::Company::of(company_id).to_string(),
    };
    outbox::post(tx, app, one.account_id, &letter, None, Lang::default()).await?;
    record(tx, app, by, one.account_id, "company_accepted").await
}

async fn reject_one(
    tx: &mut PgConnection,
    app: &App,
    by: AnsweringOperator,
    (company_id, company): (CompanyId, &str),
    one: &Representative,
    reason: &str,
) -> Result<()> {
    sqlx::query!("DELETE FROM company_members WHERE company_id = $1 AND account_id = $2", company_id, one.account_id,)
        .execute(&mut *tx)
        .await?;
    let letter = Letter::RegistrationRefused {
        name: one.full_name.clone(),
        place: company.to_owned(),
        reason: reason.to_owned(),
    };
    outbox::post(tx, app, one.account_id, &letter, None, Lang::default()).await?;
    record(tx, app, by, one.account_id, "company_rejected").await
}

async fn record(
    tx: &mut PgConnection,
    app: &App,
    by: AnsweringOperator,
    account_id: AccountId,
    action: &str,
) -> Result<()> {
    let at = app.clock.now();
    let id = app.randomness.uuid_v7(at);
    let event = AccountEvent { id, at, actor: Some(by.account_id), account_id, action, address: by.address };
    accounts::record(tx, &event).await
}
