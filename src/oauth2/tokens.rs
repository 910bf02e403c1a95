//! The tokens that an application gets: an ID token, an access token for `userinfo`, a refresh token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    clients::Application,
    grants::{Continued, OpenIdGrant},
    keys, scopes,
    scopes::OpenIdScope,
    subjects,
};
use crate::{app::App, crypto::signing, error::Result, ids::GrantId};

/// How long ID and access tokens are good, in seconds: what a session's end leaves over.
pub const SECONDS: i64 = 300;

/// The header's type of an access token (RFC 9068, 2.1).
const ACCESS_TOKEN: &str = "at+jwt";
/// The header's type of an ID token.
pub const ID_TOKEN: &str = "JWT";

/// Signed in by another service, with the password alone, and with a second factor beside one of them.
pub const ACR_PROVIDER: &str = "urn:schoolgate:provider";
pub const ACR_PASSWORD: &str = "urn:schoolgate:password";
pub const ACR_SECOND_FACTOR: &str = "urn:schoolgate:second-factor";

/// The name of this server in tokens: its address without a slash at the end.
#[must_use]
pub fn issuer(app: &App) -> String {
    app.config.address_of("")
}

#[derive(Serialize, Deserialize)]
struct AccessClaims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    scope: String,
    iat: i64,
    exp: i64,
    jti: String,
    /// The grant.
    sid: GrantId,
}

/// The answer to an application that goes on with a grant (RFC 6749, 5.1; OpenID Connect Core 1.0, 3.1.3.3).
///
/// `narrowed`: the scopes of a refresh that asks for fewer.
pub async fn issue(
    app: &App,
    application: &Application,
    continued: Continued,
    narrowed: Option<Vec<OpenIdScope>>,
) -> Result<Value> {
    let Continued { grant, nonce, subject, signing_keys, refresh_token } = continued;
    let subject = match subject {
        Some(subject) => subject,
        None => {
            let mut connection = app.db.pool().acquire().await?;
            subjects::of(app, &mut connection, grant.account_id, &application.sector()).await?
        }
    }
    .to_string();
    let keys = match signing_keys {
        Some(ids) => keys::of_ids(app, ids).await?,
        None => keys::signing(app).await?,
    };
    let scope = scopes::written(narrowed.as_deref().unwrap_or(&grant.scopes));
    let now = app.clock.now().timestamp();
    let access = AccessClaims {
        iss: issuer(app),
        aud: issuer(app),
        sub: subject.clone(),
        client_id: application.id.to_string(),
        scope: scope.clone(),
        iat: now,
        exp: now + SECONDS,
        jti: hex::encode(app.randomness.bytes::<16>()),
        sid: grant.id,
    };
    let access_token = keys.es256.sign(ACCESS_TOKEN, &access).map_err(anyhow::Error::new)?;
    let mut id = json!({
        "iss": issuer(app),
        "aud": application.id.to_string(),
        "sub": subject,
        "iat": now,
        "exp": now + SECONDS,
        "auth_time": grant.authenticated_at.timestamp(),
        "acr": acr(&grant),
        "amr": amr(&grant),
        "at_hash": half_hash(&access_token),
        "sid": grant.id.to_string(),
    });
    if let (Some(nonce), Some(claims)) = (nonce, id.as_object_mut()) {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    let id_token = keys.rs256.sign(ID_TOKEN, &id).map_err(anyhow::Error::new)?;
    Ok(json!({
        "token_type": "Bearer",
        "access_token": access_token,
        "expires_in": SECONDS,
        "refresh_token": refresh_token,
        "id_token": id_token,
        "scope": scope,
    }))
}

fn acr(grant: &OpenIdGrant) -> &'static str {
    match (grant.with_second_factor, grant.by_password) {
        (true, _) => ACR_SECOND_FACTOR,
        (false, true) => ACR_PASSWORD,
        (false, false) => ACR_PROVIDER,
    }
}

/// What was asked for here (RFC 8176): what another service asked for is not known.
fn amr(grant: &OpenIdGrant) -> Vec<&'static str> {
    let password = grant.by_password.then_some("pwd");
    password.into_iter().chain(grant.with_second_factor.then_some(["otp", "mfa"]).into_iter().flatten()).collect()
}

/// The left half of the hash, by which an ID token names its access token (OpenID Connect Core 1.0, 3.1.3.6).
fn half_hash(token: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    URL_SAFE_NO_PAD.encode(&hash[..16])
}

/// What an access token of ours says.
pub struct AccessToken {
    pub grant_id: GrantId,
    pub client_id: String,
    pub subject: String,
    pub scopes: Vec<OpenIdScope>,
}

/// What an access token says, where it is ours and not expired. Whether its grant still lives, the caller asks.
#[must_use]
pub fn read_access(app: &App, token: &str, keys: &[Jwk]) -> Option<AccessToken> {
    let claims: AccessClaims = signing::verified(token, ACCESS_TOKEN, keys)?;
    let is_good = claims.exp > app.clock.now().timestamp() && claims.iss == issuer(app) && claims.aud == issuer(app);
    is_good.then(|| AccessToken {
        grant_id: claims.sid,
        client_id: claims.client_id,
        subject: claims.sub,
        scopes: OpenIdScope::read(&claims.scope).unwrap_or_default(),
    })
}

/// What an ID token of ours says.
#[derive(Deserialize)]
pub struct IdToken {
    iss: String,
    #[serde(rename = "aud")]
    pub client_id: String,
    #[serde(rename = "sub")]
    pub subject: String,
}

/// What an ID token of ours says, as an application hands it back. It may have expired.
#[must_use]
pub fn read_id(app: &App, token: &str, keys: &[Jwk]) -> Option<IdToken> {
    let claims: IdToken = signing::verified(token, ID_TOKEN, keys)?;
    (claims.iss == issuer(app)).then_some(claims)
}
