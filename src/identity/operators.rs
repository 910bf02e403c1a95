//! Operators: made on the command line, and nowhere else.

use super::{
    accounts::{self, Event},
    links::{self, Purpose},
    token::Token,
};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Exempts an operator from the second factor: one that the demo makes, whose sign-in is printed.
pub async fn spare_second_factor(tx: &mut sqlx::PgConnection, email: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE operators o SET needs_second_factor = false FROM accounts a
         WHERE a.id = o.account_id AND a.login = $1 AND o.needs_second_factor",
        accounts::fold_login(email),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes an operator of the account with this address, which is created where there is none. Gives the token of a
/// one-time link to set the password; a second call for the same person makes a new link.
///
/// # Errors
/// [`Error::NotFound`] where a province's code is none of the 34.
pub async fn add(app: &App, email: &str, name: &str, provinces: &[String]) -> Result<Token> {
    let now = app.clock.now();
    let token = Token::generate(&app.randomness);
    let mut tx = app.db.begin().await?;
    let id = accounts::find_or_create(&mut tx, app.randomness.uuid_v7(now), email, now).await?;
    sqlx::query!(
        "INSERT INTO operators (account_id, name, is_national, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        id,
        name,
        provinces.is_empty(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    let known = sqlx::query!(
        "INSERT INTO operator_provinces (account_id, province_code)
         SELECT $1, code FROM provinces WHERE code = ANY($2) ON CONFLICT DO NOTHING",
        id,
        provinces,
    )
    .execute(&mut *tx)
    .await?;
    let wanted = provinces.iter().collect::<std::collections::HashSet<_>>().len() as u64;
    let has = sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM operator_provinces WHERE account_id = $1 AND province_code = ANY($2)"#,
        id,
        provinces,
    )
    .fetch_one(&mut *tx)
    .await?;
    if known.rows_affected() < wanted && u64::try_from(has).unwrap_or_default() < wanted {
        return Err(Error::NotFound);
    }
    links::create(&mut tx, app.randomness.uuid_v7(now), &token, Purpose::Invitation, id, None, now).await?;
    let event = Event {
        id: app.randomness.uuid_v7(now),
        at: now,
        actor: None,
        account_id: id,
        action: "operator_added",
        address: None,
    };
    accounts::record(&mut tx, &event).await?;
    tx.commit().await?;
    Ok(token)
}
