//! Applications that people sign in to: registered clients, most with an address to come back to. One that has none asks for
//! itself alone, and shows who it is in the same way.

use chrono::{DateTime, Utc};
use url::Url;

use super::scopes::OpenIdScope;
use crate::{
    access::ClientScope,
    app::App,
    clients,
    error::Result,
    ids::{AccountId, ClientId, SchoolId},
    outside,
};

/// The sector of applications that know people by the same name.
const PUBLIC_SECTOR: &str = "public";

/// An application, as far as signing in goes.
#[derive(Clone, Debug)]
pub struct Application {
    pub id: ClientId,
    pub name: String,
    pub scopes: Vec<OpenIdScope>,
    /// What it may ask for at all, for itself as well.
    pub allowed: Vec<ClientScope>,
    pub redirect_uris: Vec<String>,
    pub logout_uris: Vec<String>,
    pub logout_notice_uri: Option<String>,
    /// The address of its logo.
    pub logo: Option<String>,
    pub is_public: bool,
    pub asks_consent: bool,
    pub last_used_at: Option<DateTime<Utc>>,
    has_public_subject: bool,
    /// The one school that it is for.
    pub school_id: Option<SchoolId>,
    /// The one province that it is for, where it is an operator's.
    province_code: Option<String>,
}

impl Application {
    /// Within which people have one name (OpenID Connect Core 1.0, 8.1): the host that it comes back to, or the
    /// application alone where those are several, or the person's own machine, where any program may listen.
    #[must_use]
    pub fn sector(&self) -> String {
        if self.has_public_subject {
            return PUBLIC_SECTOR.to_owned();
        }
        let urls: Vec<Url> = self.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()).collect();
        let mut hosts = urls.iter().filter_map(Url::host);
        match hosts.next() {
            Some(first) if !outside::names_this_machine(&first) && hosts.all(|host| host == first) => first.to_string(),
            _ => self.id.to_string(),
        }
    }
}

/// An application out of the row of a query: the rows of two queries have no type in common.
macro_rules! application_of {
    ($id:expr, $row:ident) => {{
        let mut scopes = OpenIdScope::of_keys(&$row.scopes);
        if scopes.contains(&OpenIdScope::OpenId) {
            scopes.push(OpenIdScope::OfflineAccess);
        }
        Application {
            id: $id,
            name: $row.name,
            scopes,
            allowed: clients::known_scopes(&$row.scopes),
            redirect_uris: $row.redirect_uris,
            logout_uris: $row.logout_uris,
            logout_notice_uri: $row.logout_notice_uri,
            logo: clients::logo::address($id, $row.logo_version.as_deref()),
            is_public: $row.is_public,
            asks_consent: $row.asks_consent,
            last_used_at: $row.last_used_at,
            has_public_subject: $row.public_subject,
            school_id: $row.school_id,
            province_code: $row.province_code,
        }
    }};
}

/// The application of this id, unless it is revoked. A suspended school is left out of the person's [`schools`].
pub async fn find(app: &App, client_id: &str) -> Result<Option<Application>> {
    match client_id.parse() {
        Ok(id) => by_id(app, id).await,
        Err(_) => Ok(None),
    }
}

pub async fn by_id(app: &App, id: ClientId) -> Result<Option<Application>> {
    let row = sqlx::query!(
        "SELECT c.name, c.scopes, c.redirect_uris, c.logout_uris, c.logout_notice_uri, c.is_public, c.asks_consent,
                c.public_subject, c.school_id, c.province_code, c.logo_version, c.last_used_at
         FROM oauth_clients c
         WHERE c.id = $1 AND c.revoked_at IS NULL",
        id,
    )
    .fetch_optional(app.db.pool())
    .await?;
    Ok(row.map(|row| application_of!(id, row)))
}

/// A client that has shown which one it is, and when the wrong secrets that came from its network are forgiven.
pub struct ShownClient {
    pub application: Application,
    pub resets_at: Option<DateTime<Utc>>,
}

/// The client of this id and secret, unless it is revoked; without a secret one that keeps none, since it runs on people's
/// devices. `guesses` is the key under which those at its secret are charged. One statement, since it is asked with each
/// exchange.
pub async fn shown(app: &App, id: ClientId, secret: Option<&[u8; 32]>, guesses: &str) -> Result<Option<ShownClient>> {
    let row = sqlx::query!(
        "SELECT c.name, c.scopes, c.redirect_uris, c.logout_uris, c.logout_notice_uri, c.is_public, c.asks_consent,
                c.public_subject, c.school_id, c.province_code, c.logo_version, c.last_used_at,
                (SELECT a.resets_at FROM attempts a WHERE a.subject = $3) AS resets_at
         FROM oauth_clients c
         WHERE c.id = $1 AND c.revoked_at IS NULL
             AND CASE WHEN $2::bytea IS NULL THEN c.is_public ELSE NOT c.is_public AND c.secret_hash = $2 END",
        id,
        secret.map(<[u8; 32]>::as_slice),
        guesses,
    )
    .fetch_optional(app.db.pool())
    .await?;
    Ok(row.map(|row| ShownClient { resets_at: row.resets_at, application: application_of!(id, row) }))
}

/// A school in which a person may sign in to an application.
#[derive(Clone, Debug)]
pub struct SchoolChoice {
    pub school_id: SchoolId,
    pub code: String,
    pub name: String,
    pub is_last: bool,
}

/// The schools of the account that the application is for, in the order of their names. Whether the person is let in
/// there is found out with the choice.
pub async fn schools(app: &App, application: &Application, account_id: AccountId) -> Result<Vec<SchoolChoice>> {
    Ok(sqlx::query_as!(
        SchoolChoice,
        r#"SELECT s.id AS school_id, s.code, s.name, a.last_school_id IS NOT DISTINCT FROM s.id AS "is_last!"
           FROM memberships m JOIN schools s ON s.id = m.school_id JOIN accounts a ON a.id = m.account_id
           WHERE m.account_id = $1 AND s.suspended_at IS NULL
               AND ($2::uuid IS NULL OR s.id = $2) AND ($3::text IS NULL OR s.province_code = $3)
           ORDER BY s.name, s.id"#,
        account_id,
        application.school_id as _,
        application.province_code,
    )
    .fetch_all(app.db.pool())
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_a_name_for_each_host_that_an_application_comes_back_to() {
        let id: ClientId = uuid::Uuid::nil().into();
        let sector = |uris: &[&str], has_public_subject| {
            Application {
                id,
                name: String::new(),
                scopes: Vec::new(),
                allowed: Vec::new(),
                redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
                logout_uris: Vec::new(),
                logout_notice_uri: None,
                logo: None,
                is_public: false,
                asks_consent: true,
                last_used_at: None,
                has_public_subject,
                school_id: None,
                province_code: None,
            }
            .sector()
        };
        assert_eq!(sector(&["https://lms.example/a", "https://lms.example:8443/b"], false), "lms.example");
        assert_eq!(sector(&["https://lms.example/a"], true), PUBLIC_SECTOR);
        for own in [
            &["https://lms.example/a", "https://library.example/"][..],
            &["http://localhost:8080/"],
            &["http://[::1]/"],
        ] {
            assert_eq!(sector(own, false), id.to_string(), "{own:?}");
        }
    }
}
