//! A sign-in that was begun and is to be finished by the answer of a provider. The browser keeps it, sealed: an answer that was
//! begun in another browser is none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::{known::Metadata, redirect_uri};
use crate::{
    app::App,
    config::{ProviderKind, SignInProvider},
    crypto::{
        seal::{SealPurpose, Sealed},
        token::Token,
    },
    error::Result,
    ids::AccountId,
    web::path,
};

/// How long signing in at the provider may take.
pub const MINUTES: i64 = 10;

/// What is told: a name for the person and their address; by Microsoft also which organization they are in, which it tells with
/// `profile` alone.
const fn scopes(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Google => "openid email",
        ProviderKind::Microsoft => "openid email profile",
    }
}

/// A sign-in that waits for its answer.
#[derive(Serialize, Deserialize)]
pub struct Begun {
    provider: String,
    state: String,
    pub nonce: String,
    pub verifier: String,
    /// Where it leads, once signed in.
    pub next: String,
    /// The account that is to be linked; none where the person is to be signed in.
    pub links: Option<AccountId>,
    /// In seconds since 1970.
    until: i64,
}

impl Begun {
    #[must_use]
    pub fn new(app: &App, kind: ProviderKind, next: &str, links: Option<AccountId>) -> Self {
        let secret = || Token::generate(&app.randomness).to_url();
        Self {
            provider: kind.key().to_owned(),
            state: secret(),
            nonce: secret(),
            verifier: secret(),
            next: path::of_ours_or_home(next),
            links,
            until: (app.clock.now() + Duration::minutes(MINUTES)).timestamp(),
        }
    }

    /// Where the browser is sent (RFC 7636; OpenID Connect Core 1.0, 3.1.2.1). On a device of several people, the person chooses
    /// which of the accounts there is theirs.
    #[must_use]
    pub fn address(&self, app: &App, provider: &SignInProvider, metadata: &Metadata) -> Url {
        let mut url = metadata.authorization_endpoint.clone();
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &provider.client_id),
            ("redirect_uri", &redirect_uri(app, provider.kind)),
            ("scope", scopes(provider.kind)),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
        ]);
        url
    }

    /// As the browser keeps it.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn sealed(&self, app: &App) -> Result<String> {
        let text = serde_json::to_vec(self)?;
        Ok(app.keys.seal(&app.randomness, SealPurpose::BegunSignIn, AccountId::nil(), &text).to_text())
    }

    #[must_use]
    pub fn open(app: &App, kept: &str) -> Option<Self> {
        let text = app.keys.open(SealPurpose::BegunSignIn, AccountId::nil(), &Sealed::of_text(kept)?).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Whether this is the answer that it waits for.
    #[must_use]
    pub fn is_answered(&self, kind: ProviderKind, state: &str, now: DateTime<Utc>) -> bool {
        let is_same = bool::from(self.state.as_bytes().ct_eq(state.as_bytes()));
        is_same && self.provider == kind.key() && now.timestamp() < self.until
    }
}
