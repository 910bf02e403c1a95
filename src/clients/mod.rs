//! `/schools/{code}/settings/clients`, `/operator/clients`: the programs that ask by OAuth 2.
//!
//! A client is of one school, or of the operators: then it sees the schools of a province, or of the country.

mod credentials;
pub mod logo;
mod making;
mod operator_pages;
mod pages;

pub use credentials::{ClientToken, TOKEN_LASTS, by_access_token, end_access_token, issue, note_use, secret_hash};
pub use making::{
    ClientRefusal, MadeClient, NewClient, make_for_operators, make_for_school, revoke_of_operators, revoke_of_school,
};

use chrono::{DateTime, Utc};

use crate::{
    access::{ClientScope, Operator},
    db::Db,
    error::Result,
    ids::{ClientId, SchoolId},
    routes::Routes,
};

#[must_use]
pub fn routes() -> Routes {
    pages::routes().and(operator_pages::routes())
}

/// A client, as those see it who made it. Its secret is stored nowhere.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    /// Of a client of the operators: its province, none for the whole country.
    pub province: Option<String>,
    pub scopes: Vec<ClientScope>,
    pub redirect_uris: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

struct ClientRow {
    id: ClientId,
    name: String,
    province: Option<String>,
    scopes: Vec<String>,
    redirect_uris: Vec<String>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            province: row.province,
            scopes: known_scopes(&row.scopes),
            redirect_uris: row.redirect_uris,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// Those that this version knows: any other allows nothing.
pub fn known_scopes(names: &[String]) -> Vec<ClientScope> {
    names.iter().filter_map(|name| ClientScope::from_name(name)).collect()
}

/// The clients of a school: those in use first, the newest first.
pub async fn of_school(db: &Db, school_id: SchoolId) -> Result<Vec<Client>> {
    let rows = sqlx::query_as!(
        ClientRow,
        r#"SELECT id, name, NULL::text AS province, scopes, redirect_uris, created_at, last_used_at, revoked_at
           FROM oauth_clients WHERE school_id = $1
           ORDER BY revoked_at IS NOT NULL, created_at DESC, id DESC LIMIT 200"#,
        school_id,
    );
    Ok(rows.fetch_all(db.pool()).await?.into_iter().map(Client::from).collect())
}

/// The clients of the operators in this operator's provinces.
pub async fn of_operators(db: &Db, operator: &Operator) -> Result<Vec<Client>> {
    let rows = sqlx::query_as!(
        ClientRow,
        r#"SELECT c.id, c.name, p.name AS "province?", c.scopes, c.redirect_uris, c.created_at, c.last_used_at,
               c.revoked_at
           FROM oauth_clients c LEFT JOIN provinces p ON p.code = c.province_code
           WHERE c.school_id IS NULL AND ($1::text[] IS NULL OR c.province_code = ANY($1))
           ORDER BY c.revoked_at IS NOT NULL, c.created_at DESC, c.id DESC LIMIT 200"#,
        operator.bounds(),
    );
    Ok(rows.fetch_all(db.pool()).await?.into_iter().map(Client::from).collect())
}
