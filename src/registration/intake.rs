//! Forms as they come in, kept for the moment until a job looks at them.

use std::net::IpAddr;

use chrono::Duration;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    identity::{accounts, own_password::Chosen, verification},
    web::i18n::Lang,
};

/// Within this time the same form again is a second press of the button.
const SAME_MINUTES: i64 = 10;

/// A form that waits for its job.
#[derive(Clone, Debug)]
pub struct Form<T> {
    pub email: String,
    pub password_hash: String,
    pub taken: T,
    pub lang: Lang,
    pub address: Option<IpAddr>,
}

/// Keeps a form; gives its id.
///
/// # Errors
/// When the database cannot be reached.
pub async fn keep<T: Serialize + Sync>(
    tx: &mut PgConnection,
    app: &App,
    email: &str,
    taken: &T,
    chosen: &Chosen,
    lang: Lang,
    address: Option<IpAddr>,
) -> Result<Uuid> {
    let now = app.clock.now();
    let id = app.randomness.uuid_v7(now);
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

/// The form of this id; none where it was looked at already.
///
/// # Errors
/// When the database cannot be reached.
pub async fn load<T: DeserializeOwned>(app: &App, id: Uuid) -> Result<Option<Form<T>>> {
    let row = sqlx::query!(
        r#"SELECT email, password_hash, form, language, address AS "address: ipnet::IpNet"
           FROM registration_forms WHERE id = $1"#,
        id,
    )
    .fetch_optional(app.db.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Form {
        email: row.email,
        password_hash: row.password_hash,
        taken: serde_json::from_value(row.form)?,
        lang: Lang::from_key(&row.language).unwrap_or_default(),
        address: row.address.map(|net| net.addr()),
    }))
}

/// Takes a form away, in the transaction of what becomes of it. False where somebody was quicker.
///
/// # Errors
/// When the database cannot be reached.
pub async fn delete(tx: &mut PgConnection, id: Uuid) -> Result<bool> {
    let deleted = sqlx::query!("DELETE FROM registration_forms WHERE id = $1", id).execute(tx).await?;
    Ok(deleted.rows_affected() == 1)
}

/// Of an account that waits to be verified: the mail once more, unless the button was pressed twice. False where it
/// does not wait.
///
/// # Errors
/// When the database cannot be reached.
pub async fn mail_again(
    tx: &mut PgConnection,
    app: &App,
    account_id: Uuid,
    name: &str,
    place: &str,
    lang: Lang,
) -> Result<bool> {
    let Some(since) = verification::waits_since(tx, account_id).await? else { return Ok(false) };
    if app.clock.now() - since >= Duration::minutes(SAME_MINUTES) {
        verification::mail_link(tx, app, account_id, name, place, lang).await?;
    }
    Ok(true)
}
