//! Submitted forms, kept until a job processes them.

use std::net::IpAddr;

use chrono::Duration;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use crate::accounts::activation;
use crate::{
    access::Scope,
    app::App,
    db,
    error::{Error, Result},
    identity::{
        accounts,
        own_password::Chosen,
        registrations,
        verification::{self, PasswordChoice},
    },
    ids::{AccountId, FormId, SchoolId},
    schools::directory,
    web::i18n::Lang,
};

/// Within this time the same form again counts as a second press of the button.
const SAME_MINUTES: i64 = 10;

/// A form that waits for its job.
#[derive(Clone, Debug)]
pub struct SealedForm<T> {
    pub email: String,
    pub password_hash: String,
    pub taken: T,
    pub lang: Lang,
    pub address: Option<IpAddr>,
}

/// Keeps a form; gives its id.
pub async fn keep<T: Serialize + Sync>(
    tx: &mut PgConnection,
    app: &App,
    email: &str,
    taken: &T,
    chosen: &Chosen,
    lang: Lang,
    address: Option<IpAddr>,
) -> Result<FormId> {
    let now = app.clock.now();
    let id: FormId = app.randomness.uuid_v7(now);
    sqlx::query!(
        "INSERT INTO registration_forms (id, email, password_hash, form, language, address, sent_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        accounts::fold_login(email),
        chosen.hash(),
        serde_json::to_value(taken)?,
        lang.key(),
        address.map(ipnet::IpNet::from) as _,
        now,
    )
    .execute(tx)
    .await?;
    Ok(id)
}

/// The form of this id; none where it was processed already.
pub async fn load<T: DeserializeOwned>(app: &App, id: FormId) -> Result<Option<SealedForm<T>>> {
    let row = sqlx::query!(
        r#"SELECT email, password_hash, form, language, address AS "address: ipnet::IpNet"
           FROM registration_forms WHERE id = $1"#,
        id,
    )
    .fetch_optional(app.db.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SealedForm {
        email: row.email,
        password_hash: row.password_hash,
        taken: serde_json::from_value(row.form)?,
        lang: Lang::from_key(&row.language).unwrap_or_default(),
        address: row.address.map(|net| net.addr()),
    }))
}

/// Deletes a form, in the transaction of its result. False where another worker was first.
pub async fn delete(tx: &mut PgConnection, id: FormId) -> Result<bool> {
    let deleted = sqlx::query!("DELETE FROM registration_forms WHERE id = $1", id).execute(tx).await?;
    Ok(deleted.rows_affected() == 1)
}

impl<T: Serialize> SealedForm<T> {
    /// The password and data it chose, for an address that is not verified.
    ///
    /// # Errors
    /// When it cannot be serialised.
    pub fn choice(&self, kind: &str) -> Result<PasswordChoice<'_>> {
        let hash = Sha256::new().chain_update(kind).chain_update(serde_json::to_vec(&self.taken)?);
        Ok(PasswordChoice { password_hash: &self.password_hash, form_hash: hash.finalize().into(), lang: self.lang })
    }
}

/// How the form relates to an account that its address already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundForm {
    /// It is verified: only a mail says so.
    Verified,
    /// It waits, for this very form.
    Same,
    /// It waits, and what was chosen with it before is gone: this form replaces it.
    Replaced,
}

/// Determines how a form relates to the account of its address. An earlier registration did not prove ownership of the
/// address: it gives way to this one, in all schools and companies.
pub async fn take_place(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    choice: PasswordChoice<'_>,
    school_id: Option<SchoolId>,
) -> Result<FoundForm> {
    let Some((_, form_hash)) = verification::hold(tx, account_id).await? else { return Ok(FoundForm::Verified) };
    if form_hash.as_deref() == Some(&choice.form_hash) {
        return Ok(FoundForm::Same);
    }
    for (school, member_id) in registrations::members_of(tx, account_id).await? {
        db::switch_scope(tx, school).await?;
        registrations::remove(tx, account_id, school).await?;
        match activation::delete(&Scope::system(directory::by_id(tx, school).await?), tx, member_id).await {
            // The school has removed them itself.
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    match school_id {
        Some(school_id) => db::switch_scope(tx, school_id).await?,
        None => db::turn_away(tx).await?,
    }
    sqlx::query!("DELETE FROM company_members WHERE account_id = $1 AND accepted_at IS NULL", account_id)
        .execute(&mut *tx)
        .await?;
    verification::choose_anew(tx, account_id, choice, app.clock.now()).await?;
    Ok(FoundForm::Replaced)
}

/// Mails again, unless the button was pressed twice.
pub async fn mail_again(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    place: Option<&str>,
    lang: Lang,
) -> Result<()> {
    let Some(since) = verification::waits_since(tx, account_id).await? else { return Ok(()) };
    if app.clock.now() - since >= Duration::minutes(SAME_MINUTES) {
        verification::mail_link(tx, app, account_id, place, lang).await?;
    }
    Ok(())
}

/// The names that a registrant's password must not consist of: their own, and of where they registered.
pub async fn names_around(app: &App, account_id: AccountId) -> Result<(String, String)> {
    if let Some(waiting) = registrations::of_account(&app.db, account_id).await?.into_iter().next() {
        let mut tx = app.db.begin_in(waiting.school_id).await?;
        let name = sqlx::query_scalar!(
            "SELECT full_name FROM members WHERE school_id = $1 AND id = $2",
            waiting.school_id,
            waiting.member_id,
        )
        .fetch_optional(&mut *tx)
        .await?;
        return Ok((name.unwrap_or_default(), waiting.school));
    }
    let company = sqlx::query!(
        "SELECT m.full_name, c.name FROM company_members m JOIN companies c ON c.id = m.company_id
         WHERE m.account_id = $1 ORDER BY m.registered_at LIMIT 1",
        account_id,
    )
    .fetch_optional(app.db.pool())
    .await?;
    Ok(company.map(|company| (company.full_name, company.name)).unwrap_or_default())
}
