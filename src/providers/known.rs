//! What a provider says of itself (OpenID Connect Discovery 1.0), and the keys that it signs with: read from it, and kept for an
//! hour.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    app::App,
    config::{ProviderKind, SignInProvider},
    outside,
};

/// How long it is kept, in minutes.
const MINUTES: i64 = 60;

/// How long before the keys are read again for one that is not among them, in seconds: such a token may be forged.
const SECONDS_BETWEEN_KEYS: i64 = 60;

/// How long a provider that did not answer is left alone, in seconds.
const SECONDS_AFTER_FAILURE: i64 = 10;

/// What Microsoft writes in place of the organization where it speaks for all of them.
pub const ANY_TENANT: &str = "{tenantid}";

/// What is known of a provider.
#[derive(Clone, Debug)]
pub struct KnownProvider {
    pub metadata: Arc<Metadata>,
    pub keys: Arc<ProviderKeys>,
    read_at: DateTime<Utc>,
}

/// What it says of itself, as far as it is used.
#[derive(Debug)]
pub struct Metadata {
    /// Its name, with [`ANY_TENANT`] in it where it speaks for several organizations.
    pub issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    /// It says who it is where it sends a browser back (RFC 9207).
    pub names_itself: bool,
}

/// The metadata as the provider publishes it.
#[derive(Deserialize)]
struct PublishedMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Its keys, and of each the only organization that it signs for, where it says one.
#[derive(Debug, Default)]
pub struct ProviderKeys {
    pub keys: Vec<Jwk>,
    pub issuers: Vec<Option<String>>,
}

impl ProviderKeys {
    /// Keys of a kind that is not known here are left out.
    #[must_use]
    pub fn read(set: &Value) -> Self {
        let mut read = Self::default();
        for each in set.get("keys").and_then(Value::as_array).into_iter().flatten() {
            let signs = each.get("use").and_then(Value::as_str).is_none_or(|purpose| purpose == "sig");
            if let (true, Ok(key)) = (signs, serde_json::from_value::<Jwk>(each.clone())) {
                read.keys.push(key);
                read.issuers.push(each.get("issuer").and_then(Value::as_str).map(str::to_owned));
            }
        }
        read
    }

    fn have(&self, id: Option<&str>) -> bool {
        self.keys.iter().any(|key| key.common.key_id.as_deref() == id)
    }
}

#[derive(Default)]
struct ProviderCache {
    known: Option<KnownProvider>,
    failed_at: Option<DateTime<Utc>>,
}

/// Of each provider, by its issuer: one request at a time reads, the others wait for it.
static CACHES: LazyLock<Mutex<HashMap<String, Arc<tokio::sync::Mutex<ProviderCache>>>>> = LazyLock::new(Mutex::default);

/// What is known of a provider.
///
/// # Errors
/// Where it does not answer, or not as the standard says.
pub async fn of(app: &App, provider: &SignInProvider) -> Result<KnownProvider> {
    read_unless(app, provider, |_, _| true).await
}

/// The same, read anew where this key is not among those that are known.
///
/// # Errors
/// As [`of`].
pub async fn with_key(app: &App, provider: &SignInProvider, key_id: Option<&str>) -> Result<KnownProvider> {
    let is_recent =
        |known: &KnownProvider, now: DateTime<Utc>| now - known.read_at < Duration::seconds(SECONDS_BETWEEN_KEYS);
    read_unless(app, provider, |known, now| known.keys.have(key_id) || is_recent(known, now)).await
}

async fn read_unless(
    app: &App,
    provider: &SignInProvider,
    is_enough: impl Fn(&KnownProvider, DateTime<Utc>) -> bool,
) -> Result<KnownProvider> {
    let cache = {
        let mut caches = CACHES.lock().unwrap_or_else(PoisonError::into_inner);
        caches.entry(provider.issuer.clone()).or_default().clone()
    };
    let mut cache = cache.lock().await;
    let now = app.clock.now();
    let is_good = |known: &KnownProvider| now - known.read_at < Duration::minutes(MINUTES) && is_enough(known, now);
    if let Some(known) = cache.known.as_ref().filter(|known| is_good(known)) {
        return Ok(known.clone());
    }
    if cache.failed_at.is_some_and(|at| now - at < Duration::seconds(SECONDS_AFTER_FAILURE)) {
        bail!("it did not answer a moment ago");
    }
    match read(app, provider, now).await {
        Ok(known) => {
            *cache = ProviderCache { known: Some(known.clone()), failed_at: None };
            Ok(known)
        }
        Err(error) => {
            cache.failed_at = Some(now);
            Err(error)
        }
    }
}

async fn read(app: &App, provider: &SignInProvider, now: DateTime<Utc>) -> Result<KnownProvider> {
    let address = format!("{}/.well-known/openid-configuration", provider.issuer);
    let written: PublishedMetadata =
        serde_json::from_value(json(app, &Url::parse(&address)?).await.context("metadata")?)?;
    ensure!(is_of(provider, &written.issuer), "it calls itself otherwise than it is configured here");
    let authorization_endpoint = Url::parse(&written.authorization_endpoint)?;
    let is_safe = authorization_endpoint.scheme() == "https" || outside::is_at_home(&app.config.base_url);
    ensure!(is_safe, "it has people sign in without TLS");
    let keys = ProviderKeys::read(&json(app, &Url::parse(&written.jwks_uri)?).await.context("keys")?);
    let metadata = Metadata {
        // Where it speaks for several organizations, it could not say for which.
        names_itself: written.authorization_response_iss_parameter_supported && !written.issuer.contains(ANY_TENANT),
        issuer: written.issuer,
        authorization_endpoint,
        token_endpoint: Url::parse(&written.token_endpoint)?,
    };
    Ok(KnownProvider { metadata: Arc::new(metadata), keys: Arc::new(keys), read_at: now })
}

/// Whether this is how the provider may call itself: as configured or, where that is any organization of Microsoft's, with a
/// place for it.
fn is_of(provider: &SignInProvider, issuer: &str) -> bool {
    let for_any = || provider.issuer.replace("/organizations/", &format!("/{ANY_TENANT}/"));
    issuer == provider.issuer || provider.kind == ProviderKind::Microsoft && issuer == for_any()
}

async fn json(app: &App, url: &Url) -> Result<Value> {
    let answer = outside::read(url, outside::is_at_home(&app.config.base_url)).await?;
    ensure!(answer.status.is_success(), "answered {}", answer.status.as_u16());
    Ok(serde_json::from_slice(&answer.body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_calls_itself_as_it_is_configured() {
        let provider = |kind, issuer: &str| SignInProvider {
            kind,
            issuer: issuer.to_owned(),
            client_id: String::new(),
            client_secret: String::new(),
        };
        let organizations = "https://login.microsoftonline.com/organizations/v2.0";
        let any = "https://login.microsoftonline.com/{tenantid}/v2.0";
        assert!(is_of(&provider(ProviderKind::Microsoft, organizations), any));
        assert!(!is_of(&provider(ProviderKind::Google, organizations), any));
        let one = "https://login.microsoftonline.com/8f3c1d0a-0000-4000-8000-000000000001/v2.0";
        assert!(is_of(&provider(ProviderKind::Microsoft, one), one));
        assert!(!is_of(&provider(ProviderKind::Microsoft, one), any));
        assert!(!is_of(&provider(ProviderKind::Google, "https://accounts.google.com"), "https://accounts.example"));
    }
}
