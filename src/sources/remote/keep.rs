//! Adding services, changing and removing them.

use sqlx::PgConnection;
use url::Url;
use zeroize::Zeroizing;

use super::{RemoteSource, find};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    crypto::seal::{SealPurpose, Sealed},
    error::{Error, Result},
    ids::RemoteSourceId,
    outside::{Outside, Unanswered},
};

/// The most services that a school has.
const MOST: usize = 10;

/// The longest texts, in characters.
const NAME_LETTERS: usize = 100;
const ADDRESS_LETTERS: usize = 500;
const CLIENT_LETTERS: usize = 200;
const SECRET_LETTERS: usize = 500;

/// What a form says of a service.
#[derive(Clone, Default)]
pub struct RemoteSourceDetails {
    pub name: String,
    pub address: String,
    pub token_address: String,
    pub client_id: String,
    /// Empty where the one that is known stays.
    pub secret: Zeroizing<String>,
    pub with_demographics: bool,
}

/// Why a service is not added or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteSourceRefusal {
    NameMissing,
    NameTooLong,
    NameTaken,
    AddressUnfit,
    AddressNotPublic,
    TokenAddressUnfit,
    TokenAddressNotPublic,
    ClientMissing,
    SecretMissing,
    /// The secret of one server is not sent to another without being typed again.
    SecretAgain,
    TooMany,
}

impl RemoteSourceRefusal {
    pub const ALL: [Self; 11] = [
        Self::NameMissing,
        Self::NameTooLong,
        Self::NameTaken,
        Self::AddressUnfit,
        Self::AddressNotPublic,
        Self::TokenAddressUnfit,
        Self::TokenAddressNotPublic,
        Self::ClientMissing,
        Self::SecretMissing,
        Self::SecretAgain,
        Self::TooMany,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NameMissing => "remote-source-name-missing",
            Self::NameTooLong => "remote-source-name-too-long",
            Self::NameTaken => "remote-source-name-taken",
            Self::AddressUnfit | Self::TokenAddressUnfit => "remote-source-address-unfit",
            Self::AddressNotPublic | Self::TokenAddressNotPublic => "remote-source-address-not-public",
            Self::ClientMissing => "remote-source-client-missing",
            Self::SecretMissing => "remote-source-secret-missing",
            Self::SecretAgain => "remote-source-secret-again",
            Self::TooMany => "remote-source-too-many",
        }
    }

    /// The field of the form that it is about.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::NameMissing | Self::NameTooLong | Self::NameTaken | Self::TooMany => "name",
            Self::AddressUnfit | Self::AddressNotPublic => "address",
            Self::TokenAddressUnfit | Self::TokenAddressNotPublic => "token_address",
            Self::ClientMissing => "client_id",
            Self::SecretMissing | Self::SecretAgain => "secret",
        }
    }
}

impl RemoteSourceDetails {
    /// The operator of this server decides which others may be asked.
    fn check(&self, app: &App) -> Result<(), RemoteSourceRefusal> {
        match self.name.chars().count() {
            0 => return Err(RemoteSourceRefusal::NameMissing),
            letters if letters > NAME_LETTERS => return Err(RemoteSourceRefusal::NameTooLong),
            _ => {}
        }
        let outside = Outside::with(app.config.roster_networks.clone());
        let fits = |address: &str, unfit, not_public| match fit(&outside, address) {
            Ok(()) => Ok(()),
            Err(Unanswered::NotPublic) => Err(not_public),
            Err(_) => Err(unfit),
        };
        fits(&self.address, RemoteSourceRefusal::AddressUnfit, RemoteSourceRefusal::AddressNotPublic)?;
        fits(&self.token_address, RemoteSourceRefusal::TokenAddressUnfit, RemoteSourceRefusal::TokenAddressNotPublic)?;
        if !is_plain(&self.client_id, CLIENT_LETTERS) {
            return Err(RemoteSourceRefusal::ClientMissing);
        }
        if !self.secret.is_empty() && !is_plain(&self.secret, SECRET_LETTERS) {
            return Err(RemoteSourceRefusal::SecretMissing);
        }
        Ok(())
    }

    /// Whether the secret, or the tokens that it gets, would go to another server than before.
    fn is_elsewhere(&self, old: &RemoteSource) -> bool {
        let server = |address: &str| Url::parse(address).ok().map(|url| url.origin());
        self.token_address != old.token_address || server(&self.address) != server(&old.address)
    }
}

/// An address to which a path or a query can be added, without a password in it.
fn fit(outside: &Outside, address: &str) -> Result<(), Unanswered> {
    let url = Url::parse(address).map_err(|_| Unanswered::NoServer)?;
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !is_bare || url.query().is_some() || !is_plain(address, ADDRESS_LETTERS) {
        return Err(Unanswered::NoServer);
    }
    outside.check(&url)
}

fn is_plain(text: &str, letters: usize) -> bool {
    (1..=letters).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Adds a service.
pub async fn add(
    granted: &Granted<may::ChangeSettings>,
    app: &App,
    new: &RemoteSourceDetails,
) -> Result<Result<RemoteSourceId, RemoteSourceRefusal>> {
    if let Err(refusal) = new.check(app) {
        return Ok(Err(refusal));
    }
    if new.secret.is_empty() {
        return Ok(Err(RemoteSourceRefusal::SecretMissing));
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    lock(granted, &mut tx).await?;
    let there = super::all(granted, &mut tx).await?;
    if there.len() >= MOST {
        return Ok(Err(RemoteSourceRefusal::TooMany));
    }
    if there.iter().any(|other| other.name == new.name) {
        return Ok(Err(RemoteSourceRefusal::NameTaken));
    }
    let now = app.clock.now();
    let id: RemoteSourceId = app.randomness.uuid_v7(now);
    let sealed = seal(app, id, &new.secret);
    sqlx::query!(
        "INSERT INTO oneroster_providers (school_id, id, name, address, token_address, client_id, secret, secret_key_id,
             with_demographics, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        granted.school_id(),
        id,
        new.name,
        new.address,
        new.token_address,
        new.client_id,
        sealed.bytes,
        sealed.key_id,
        new.with_demographics,
        now,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RemoteSourceAdded, id)).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Changes what is known of a service. Where no secret is typed, the one that is known stays; it goes to no other
/// server, and neither do the tokens that it gets.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such service.
pub async fn change(
    granted: &Granted<may::ChangeSettings>,
    app: &App,
    id: RemoteSourceId,
    new: &RemoteSourceDetails,
) -> Result<Result<(), RemoteSourceRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    lock(granted, &mut tx).await?;
    let there = super::all(granted, &mut tx).await?;
    let old = there.iter().find(|source| source.id == id).ok_or(Error::NotFound)?;
    if let Err(refusal) = new.check(app) {
        return Ok(Err(refusal));
    }
    if there.iter().any(|other| other.id != id && other.name == new.name) {
        return Ok(Err(RemoteSourceRefusal::NameTaken));
    }
    if new.secret.is_empty() && new.is_elsewhere(old) {
        return Ok(Err(RemoteSourceRefusal::SecretAgain));
    }
    let sealed = (!new.secret.is_empty()).then(|| seal(app, id, &new.secret));
    let (secret, key_id) = sealed.map(|sealed| (sealed.bytes, sealed.key_id)).unzip();
    sqlx::query!(
        "UPDATE oneroster_providers SET name = $3, address = $4, token_address = $5, client_id = $6,
             secret = coalesce($7, secret), secret_key_id = coalesce($8, secret_key_id), with_demographics = $9
         WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        id,
        new.name,
        new.address,
        new.token_address,
        new.client_id,
        secret,
        key_id,
        new.with_demographics,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RemoteSourceChanged, id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Forgets a service and its secret. Plans that were made of it stay.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such service.
pub async fn remove(granted: &Granted<may::ChangeSettings>, app: &App, id: RemoteSourceId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    find(granted, &mut tx, id).await?;
    sqlx::query!("DELETE FROM oneroster_providers WHERE school_id = $1 AND id = $2", granted.school_id(), id)
        .execute(&mut *tx)
        .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RemoteSourceRemoved, id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes others who add, change or ask a service of the school wait until this transaction ends.
pub(super) async fn lock(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    let key = format!("remote-sources:{}", scope.school_id());
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key).execute(tx).await?;
    Ok(())
}

fn seal(app: &App, id: RemoteSourceId, secret: &str) -> Sealed {
    app.keys.seal(&app.randomness, SealPurpose::RemoteSourceSecret, id, secret.as_bytes())
}

/// The secret of a service.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such service any more.
pub(super) async fn secret(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    id: RemoteSourceId,
) -> Result<Zeroizing<String>> {
    let row = sqlx::query!(
        "SELECT secret, secret_key_id FROM oneroster_providers WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
    );
    let row = row.fetch_optional(tx).await?.ok_or(Error::NotFound)?;
    let sealed = Sealed { key_id: row.secret_key_id, bytes: row.secret };
    let opened = app.keys.open(SealPurpose::RemoteSourceSecret, id, &sealed).map_err(anyhow::Error::new)?;
    let text = std::str::from_utf8(&opened).map_err(anyhow::Error::new)?;
    Ok(Zeroizing::new(text.to_owned()))
}
