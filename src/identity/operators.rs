//! Operators: made on the command line, and nowhere else.

use super::{
    accounts,
    links::{self, LinkPurpose},
};
use crate::{
    access::Operator,
    app::App,
    crypto::token::Token,
    error::{Error, Result},
    ids::{AccountId, EventId},
};

/// The operator that an account is now; nothing where it is none, any more.
pub async fn find(tx: &mut sqlx::PgConnection, account_id: AccountId) -> Result<Option<Operator>> {
    let row = sqlx::query!(
        r#"SELECT o.name, o.is_national, ARRAY(
               SELECT p.province_code FROM operator_provinces p WHERE p.account_id = o.account_id) AS "provinces!"
           FROM operators o WHERE o.account_id = $1"#,
        account_id,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Operator { name: row.name, is_national: row.is_national, provinces: row.provinces }))
}

/// Lets an operator in without a second factor: one that the demo makes, whose sign-in is printed. As the owner of the tables:
/// the program's role may not.
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

/// The accounts of the operators of the whole country.
pub async fn national(tx: &mut sqlx::PgConnection) -> Result<Vec<AccountId>> {
    let accounts = sqlx::query_scalar!("SELECT account_id FROM operators WHERE is_national ORDER BY account_id");
    Ok(accounts.fetch_all(tx).await?)
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
    let wanted = provinces.iter().collect::<std::collections::HashSet<_>>().len();
    let known = sqlx::query_scalar!(r#"SELECT count(*) AS "known!" FROM provinces WHERE code = ANY($1)"#, provinces)
        .fetch_one(&mut *tx)
        .await?;
    if usize::try_from(known).unwrap_or_default() < wanted {
        return Err(Error::NotFound);
    }
    let id = accounts::find_or_create(&mut tx, app.randomness.uuid_v7(now), email, now).await?;
    // The program's role may not write these tables; this function puts it on record as well.
    sqlx::query!(
        r#"SELECT add_operator($1, $2, $3, $4, $5)::text AS "added""#,
        id,
        name,
        provinces,
        now,
        app.randomness.uuid_v7::<EventId>(now),
    )
    .fetch_one(&mut *tx)
    .await?;
    links::create(&mut tx, app.randomness.uuid_v7(now), &token, LinkPurpose::Invitation, id, None, now).await?;
    tx.commit().await?;
    Ok(token)
}
