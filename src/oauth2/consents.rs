//! What a person has let an application learn.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{clients::Application, grants, scopes::OpenIdScope};
use crate::{
    app::App,
    error::Result,
    ids::{AccountId, ClientId, SchoolId},
};

/// Whether the person has let the application learn all of this as a member of the school, or need not be asked.
pub async fn is_given(
    app: &App,
    application: &Application,
    account_id: AccountId,
    school_id: SchoolId,
    scopes: &[OpenIdScope],
) -> Result<bool> {
    if !application.asks_consent {
        return Ok(true);
    }
    let given = sqlx::query_scalar!(
        "SELECT scopes FROM openid_school_consents WHERE account_id = $1 AND client_id = $2 AND school_id = $3",
        account_id,
        application.id,
        school_id,
    );
    let given = given.fetch_optional(app.db.pool()).await?.map(|keys| OpenIdScope::of_keys(&keys));
    Ok(given.is_some_and(|given| scopes.iter().all(|scope| given.contains(scope))))
}

/// Notes that the person lets the application learn this as a member of the school, beside what it may already.
pub async fn give(
    app: &App,
    application: &Application,
    account_id: AccountId,
    school_id: SchoolId,
    scopes: &[OpenIdScope],
) -> Result<()> {
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.key()).collect();
    sqlx::query!(
        "INSERT INTO openid_school_consents AS c (account_id, client_id, school_id, scopes, given_at)
         VALUES ($1, $2, $5, $3::text[], $4)
         ON CONFLICT (account_id, client_id, school_id) DO UPDATE
             SET scopes = array_union(c.scopes, excluded.scopes), given_at = excluded.given_at",
        account_id,
        application.id,
        &scopes as &[&str],
        app.clock.now(),
        school_id,
    )
    .execute(app.db.pool())
    .await?;
    Ok(())
}

/// Takes the consent back: the application is signed out of the account, and asks again the next time.
pub async fn take_back(app: &App, account_id: AccountId, client_id: ClientId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    sqlx::query!("DELETE FROM openid_school_consents WHERE account_id = $1 AND client_id = $2", account_id, client_id)
        .execute(&mut *tx)
        .await?;
    // What a program of the release before would still go by, while it serves beside this one.
    sqlx::query!("DELETE FROM openid_consents WHERE account_id = $1 AND client_id = $2", account_id, client_id)
        .execute(&mut *tx)
        .await?;
    grants::end_of_application(&mut tx, account_id, client_id).await?;
    tx.commit().await?;
    Ok(())
}

/// An application that a person uses.
#[derive(Clone, Debug)]
pub struct UsedApplication {
    pub client_id: ClientId,
    pub name: String,
    /// The address of its logo.
    pub logo: Option<String>,
    pub scopes: Vec<OpenIdScope>,
    /// The latest sign-ins, the newest first.
    pub sign_ins: Vec<DateTime<Utc>>,
    /// It is signed in at this moment.
    pub is_signed_in: bool,
}

/// How many sign-ins are shown of each.
const SHOWN_SIGN_INS: i64 = 5;

/// The applications that the person has signed in to, the latest first.
pub async fn used(tx: &mut PgConnection, account_id: AccountId) -> Result<Vec<UsedApplication>> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.name, c.logo_version, latest.scopes AS "scopes!",
                  latest.living AND c.revoked_at IS NULL AS "living!",
                  ARRAY(SELECT g.created_at FROM openid_grants g WHERE g.account_id = $1 AND g.client_id = c.id
                        ORDER BY g.created_at DESC LIMIT $2) AS "sign_ins!"
           FROM (SELECT g.client_id, max(g.created_at) AS at, bool_or(NOT g.ended) AS living,
                        (array_agg(g.scopes::text ORDER BY g.created_at DESC))[1]::text[] AS scopes
                 FROM openid_grants g WHERE g.account_id = $1 GROUP BY g.client_id) latest
           JOIN oauth_clients c ON c.id = latest.client_id
           ORDER BY latest.at DESC LIMIT 100"#,
        account_id,
        SHOWN_SIGN_INS,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| UsedApplication {
            client_id: row.id,
            name: row.name,
            logo: crate::clients::logo::address(row.id, row.logo_version.as_deref()),
            scopes: OpenIdScope::of_keys(&row.scopes),
            sign_ins: row.sign_ins,
            is_signed_in: row.living,
        })
        .collect())
}
