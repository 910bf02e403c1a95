//! Making clients, and revoking them.

use sqlx::PgConnection;
use url::Url;
use uuid::Uuid;

use crate::{
    access::{ClientScope, Granted, Operator, may},
    app::App,
    audit::{self, AuditAction, Event},
    crypto::token::Token,
    error::{Error, Result},
    ids::{AccountId, ClientId, SchoolId},
    outside,
};

/// What a secret begins with, so that one that lies in a file or a log is recognised for what it is.
pub(super) const SECRET_PREFIX: &str = "sgs_";

/// The most clients that a school, or the operators of a province, have at a time.
const MOST: i64 = 50;

/// The longest name, in characters.
const NAME_LETTERS: usize = 100;

/// The most addresses that a client may send people back to, and how long one may be.
const REDIRECTS: usize = 20;
const REDIRECT_LETTERS: usize = 500;

/// What a form or a command says of a client.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    pub name: String,
    pub scopes: Vec<ClientScope>,
    pub redirect_uris: Vec<String>,
    /// Where people may be led after signing out.
    pub logout_uris: Vec<String>,
    /// Where it is told that a sign-in has ended.
    pub logout_notice_uri: Option<String>,
    /// It runs on people's devices and keeps no secret.
    pub is_public: bool,
    /// It is the school's own: people are not asked before it learns of them.
    pub is_own: bool,
    /// It knows people by the same name as others that are allowed to: an operator's decision.
    pub has_public_subject: bool,
}

/// A client that was made: its secret is shown this once.
#[derive(Clone, Debug)]
pub struct MadeClient {
    pub id: ClientId,
    pub secret: String,
}

/// Why a client is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientRefusal {
    NameMissing,
    NameTooLong,
    NoScope,
    /// Not an address that people can be sent back to.
    RedirectUnfit,
    /// People sign in to it, and there is no address to send them back to.
    RedirectMissing,
    /// Not an address that can be told of the end of a sign-in.
    NoticeUnfit,
    /// What keeps no secret would read the roster.
    PublicRoster,
    TooMany,
}

impl ClientRefusal {
    pub const ALL: [Self; 8] = [
        Self::NameMissing,
        Self::NameTooLong,
        Self::NoScope,
        Self::RedirectUnfit,
        Self::RedirectMissing,
        Self::NoticeUnfit,
        Self::PublicRoster,
        Self::TooMany,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NameMissing => "client-name-missing",
            Self::NameTooLong => "client-name-too-long",
            Self::NoScope => "client-no-scope",
            Self::RedirectUnfit => "client-redirect-unfit",
            Self::RedirectMissing => "client-redirect-missing",
            Self::NoticeUnfit => "client-notice-unfit",
            Self::PublicRoster => "client-public-roster",
            Self::TooMany => "client-too-many",
        }
    }

    /// The field of the form that it is about.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::NameMissing | Self::NameTooLong | Self::TooMany => "name",
            Self::NoScope | Self::PublicRoster => "scopes",
            Self::NoticeUnfit => "backchannel_logout_uri",
            Self::RedirectUnfit | Self::RedirectMissing => "redirect_uris",
        }
    }
}

impl NewClient {
    /// People sign in to it.
    fn signs_in(&self) -> bool {
        self.scopes.iter().any(|scope| ClientScope::OPENID.contains(scope))
    }

    fn check(&self) -> Result<(), ClientRefusal> {
        match self.name.chars().count() {
            0 => return Err(ClientRefusal::NameMissing),
            letters if letters > NAME_LETTERS => return Err(ClientRefusal::NameTooLong),
            _ => {}
        }
        if self.scopes.is_empty() {
            return Err(ClientRefusal::NoScope);
        }
        if self.is_public && self.scopes.iter().any(|scope| ClientScope::ONEROSTER.contains(scope)) {
            return Err(ClientRefusal::PublicRoster);
        }
        if self.logout_notice_uri.as_ref().is_some_and(|uri| !is_fit(uri)) {
            return Err(ClientRefusal::NoticeUnfit);
        }
        if self.signs_in() && self.redirect_uris.is_empty() {
            return Err(ClientRefusal::RedirectMissing);
        }
        let are_fit = |uris: &[String]| uris.len() <= REDIRECTS && uris.iter().all(|uri| is_fit(uri));
        if are_fit(&self.redirect_uris) && are_fit(&self.logout_uris) {
            Ok(())
        } else {
            Err(ClientRefusal::RedirectUnfit)
        }
    }
}

/// Https, without a fragment (RFC 6749, 3.1.2); on the person's own machine also http (RFC 8252, 7.3).
fn is_fit(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let is_own_machine = url.host().is_some_and(|host| outside::names_this_machine(&host));
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_own_machine;
    let is_plain = uri.chars().count() <= REDIRECT_LETTERS && !uri.chars().any(char::is_control);
    is_safe && url.fragment().is_none() && is_plain
}

/// Makes a client of the school.
pub async fn make_for_school(
    granted: &Granted<may::ChangeSettings>,
    app: &App,
    new: &NewClient,
) -> Result<std::result::Result<MadeClient, ClientRefusal>> {
    // What applications may compare about people is not for one school to decide.
    let new = &NewClient { has_public_subject: false, ..new.clone() };
    if let Err(refusal) = new.check() {
        return Ok(Err(refusal));
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let by = granted.member().map(|member| member.id.uuid());
    let Some(made) = insert(app, &mut tx, new, Some(granted.school_id()), None, by).await? else {
        return Ok(Err(ClientRefusal::TooMany));
    };
    let scopes = new.scopes.iter().map(|scope| scope.key().to_owned()).collect();
    audit::record(granted, app, &mut tx, Event::about(AuditAction::ClientMade { scopes }, made.id)).await?;
    tx.commit().await?;
    Ok(Ok(made))
}

/// Makes a client of the operators, for a province or (national operators) the whole country.
///
/// # Errors
/// [`Error::Forbidden`] for a province that is not the operator's.
pub async fn make_for_operators(
    operator: &Operator,
    by: AccountId,
    app: &App,
    province: Option<&str>,
    new: &NewClient,
) -> Result<std::result::Result<MadeClient, ClientRefusal>> {
    if !province.map_or(operator.is_national, |province| operator.administers(province)) {
        return Err(Error::Forbidden);
    }
    if let Err(refusal) = new.check() {
        return Ok(Err(refusal));
    }
    let mut tx = app.db.begin().await?;
    let made = insert(app, &mut tx, new, None, province, Some(by.uuid())).await?;
    tx.commit().await?;
    Ok(made.ok_or(ClientRefusal::TooMany))
}

async fn insert(
    app: &App,
    tx: &mut PgConnection,
    new: &NewClient,
    school_id: Option<SchoolId>,
    province: Option<&str>,
    by: Option<Uuid>,
) -> Result<Option<MadeClient>> {
    let now = app.clock.now();
    let (id, secret): (ClientId, _) = (app.randomness.uuid_v7(now), Token::generate(&app.randomness));
    let hash = secret.hash();
    // A request for anything of OpenID Connect asks for openid as well (OpenID Connect Core 1.0, 3.1.2.1).
    let implied = new.signs_in() && !new.scopes.contains(&ClientScope::OpenId);
    let scopes = new.scopes.iter().copied().chain(implied.then_some(ClientScope::OpenId));
    let scopes: Vec<String> = scopes.map(ClientScope::name).collect();
    let made = sqlx::query!(
        "INSERT INTO oauth_clients (id, school_id, province_code, name, scopes, redirect_uris, secret_hash, created_by,
             created_at, logout_uris, is_public, asks_consent, logout_notice_uri, public_subject)
         SELECT $1, $2, $3, $4, $5::text[], $6::text[], $7, $8, $9, $11::text[], $12, $13, $14, $15
         WHERE (SELECT count(*) FROM oauth_clients WHERE revoked_at IS NULL
             AND school_id IS NOT DISTINCT FROM $2 AND province_code IS NOT DISTINCT FROM $3) < $10",
        id,
        school_id,
        province,
        new.name,
        &scopes,
        &new.redirect_uris,
        hash.as_slice(),
        by as _,
        now,
        MOST,
        &new.logout_uris,
        new.is_public,
        !new.is_own,
        new.logout_notice_uri,
        new.has_public_subject,
    )
    .execute(tx)
    .await?;
    let made =
        (made.rows_affected() > 0).then(|| MadeClient { id, secret: format!("{SECRET_PREFIX}{}", secret.to_url()) });
    Ok(made)
}

/// Revokes a client of the school: neither its secret nor what it asks with is taken any more.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such client.
pub async fn revoke_of_school(granted: &Granted<may::ChangeSettings>, app: &App, id: ClientId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let there = sqlx::query!(
        r#"SELECT revoked_at IS NULL AS "in_force!" FROM oauth_clients WHERE id = $1 AND school_id = $2 FOR UPDATE"#,
        id,
        granted.school_id(),
    );
    if !there.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?.in_force {
        return Ok(());
    }
    end(app, &mut tx, id, granted.member().map(|member| member.id.uuid())).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::ClientRevoked, id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Revokes a client of the operators.
///
/// # Errors
/// [`Error::NotFound`] where there is none in the operator's provinces.
pub async fn revoke_of_operators(operator: &Operator, by: AccountId, app: &App, id: ClientId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let there = sqlx::query!(
        r#"SELECT revoked_at IS NULL AS "in_force!" FROM oauth_clients
           WHERE id = $1 AND school_id IS NULL AND ($2::text[] IS NULL OR province_code = ANY($2)) FOR UPDATE"#,
        id,
        operator.bounds(),
    );
    if there.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?.in_force {
        end(app, &mut tx, id, Some(by.uuid())).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn end(app: &App, tx: &mut PgConnection, id: ClientId, by: Option<Uuid>) -> Result<()> {
    sqlx::query!(
        "UPDATE oauth_clients SET revoked_at = $2, revoked_by = $3 WHERE id = $1",
        id,
        app.clock.now(),
        by as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM oauth_access_tokens WHERE client_id = $1", id).execute(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_back_to_safe_addresses_only() {
        for uri in ["https://lms.example/callback", "http://localhost:8080/", "http://127.0.0.1/x", "https://a.vn/?x=1"]
        {
            assert!(is_fit(uri), "{uri}");
        }
        for uri in [
            "",
            "lms.example",
            "http://lms.example/",
            "https://lms.example/#x",
            "javascript:alert(1)",
            "https://lms.example/\0",
            "https://lms.\texample/",
        ] {
            assert!(!is_fit(uri), "{uri:?}");
        }
    }
}
