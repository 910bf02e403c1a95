//! The ID token, by which a provider says who has signed in there (OpenID Connect Core 1.0, 3.1.3.7).

use serde::Deserialize;
use serde_json::Value;

use super::known::{ANY_TENANT, ProviderKeys};
use crate::{config::ProviderKind, crypto::signing};

/// How far the clocks of two servers may differ, in seconds.
const LEEWAY: f64 = 60.0;

/// The longest name that a provider has for a person, in bytes (OpenID Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;

/// The organization in which Microsoft keeps personal accounts.
const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The person who has signed in at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPerson {
    /// The names of the provider and, there, of the person.
    pub issuer: String,
    pub subject: String,
    /// Their address, where the provider says that it is theirs.
    pub address: Option<String>,
}

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    pub kind: ProviderKind,
    /// The provider's name, with [`ANY_TENANT`] in it where it speaks for several organizations.
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub now: i64,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    /// Seconds since 1970, with or without a part of one.
    exp: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    azp: Option<String>,
    /// Microsoft's: the organization.
    tid: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
    /// Microsoft's: the organization owns the domain of the address. Without it, the administrator of any
    /// organization there may have written any address.
    xms_edov: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TokenFault {
    Signature,
    Issuer,
    Audience,
    Expired,
    Nonce,
    Subject,
    PersonalAccount,
}

/// The person of a token that one of these keys has signed.
///
/// # Errors
/// Why it is not accepted.
pub fn read(token: &str, keys: &ProviderKeys, expected: Expected<'_>) -> Result<ProviderPerson, TokenFault> {
    let (claims, place) = signing::verified_foreign::<Claims>(token, &keys.keys).ok_or(TokenFault::Signature)?;
    let issuer = issuer(&claims, expected.issuer)?;
    // A key that signs for one organization does not sign for another.
    let of_key = keys.issuers.get(place).and_then(Option::as_deref);
    if of_key.is_some_and(|of_key| in_tenant(of_key, claims.tid.as_deref()).as_deref() != Some(&issuer)) {
        return Err(TokenFault::Issuer);
    }
    let is_for_us = match &claims.aud {
        Audience::One(id) => id == expected.client_id,
        Audience::Many(ids) => matches!(ids.as_slice(), [only] if only == expected.client_id),
    };
    if !is_for_us || claims.azp.as_deref().is_some_and(|azp| azp != expected.client_id) {
        return Err(TokenFault::Audience);
    }
    let now = expected.now as f64;
    if claims.exp + LEEWAY <= now || claims.nbf.is_some_and(|from| from > now + LEEWAY) {
        return Err(TokenFault::Expired);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(TokenFault::Nonce);
    }
    if claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT {
        return Err(TokenFault::Subject);
    }
    if expected.kind == ProviderKind::Microsoft && claims.tid.as_deref() == Some(PERSONAL_TENANT) {
        return Err(TokenFault::PersonalAccount);
    }
    let is_theirs = match expected.kind {
        ProviderKind::Google => says_yes(claims.email_verified.as_ref()),
        ProviderKind::Microsoft => says_yes(claims.xms_edov.as_ref()),
    };
    Ok(ProviderPerson { issuer, subject: claims.sub, address: claims.email.filter(|_| is_theirs) })
}

/// The token's issuer, where it is the expected one. One that speaks for several organizations names each by itself.
fn issuer(claims: &Claims, expected: &str) -> Result<String, TokenFault> {
    let expected = in_tenant(expected, claims.tid.as_deref()).ok_or(TokenFault::Issuer)?;
    if claims.iss == expected { Ok(expected) } else { Err(TokenFault::Issuer) }
}

/// The issuer for one organization, whose id is a UUID; nothing where one is needed and not named.
fn in_tenant(issuer: &str, tenant: Option<&str>) -> Option<String> {
    if !issuer.contains(ANY_TENANT) {
        return Some(issuer.to_owned());
    }
    let tenant = tenant.filter(|tenant| tenant.parse::<uuid::Uuid>().is_ok())?;
    Some(issuer.replace(ANY_TENANT, tenant))
}

/// Some write booleans as text or as a number.
fn says_yes(claim: Option<&Value>) -> bool {
    match claim {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(text)) => text == "true" || text == "1",
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crypto::signing::{PrivateKey, SigningAlgorithm, SigningKey};

    const GOOGLE: &str = "https://accounts.google.com";
    const ANY: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
    const TENANT: &str = "8f3c1d0a-0000-4000-8000-000000000001";

    fn key() -> SigningKey {
        PrivateKey::generate(SigningAlgorithm::Rs256).unwrap().signing(SigningAlgorithm::Rs256).unwrap()
    }

    /// As the provider publishes it; Microsoft does not say how it signs.
    fn published(key: &SigningKey, issuer: Option<&str>) -> ProviderKeys {
        let mut public = serde_json::to_value(&key.public).unwrap();
        public.as_object_mut().unwrap().remove("alg");
        if let Some(issuer) = issuer {
            public["issuer"] = json!(issuer);
        }
        ProviderKeys::read(&json!({ "keys": [{ "kty": "unheard of", "kid": "x" }, public] }))
    }

    fn claims(changes: Value) -> Value {
        let mut claims = json!({
            "iss": GOOGLE, "sub": "1097", "aud": "us", "azp": "us", "exp": 2_000, "iat": 1_000, "nonce": "n",
            "email": "sen@example.vn", "email_verified": true,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    fn google() -> Expected<'static> {
        Expected { kind: ProviderKind::Google, issuer: GOOGLE, client_id: "us", nonce: "n", now: 1_500 }
    }

    #[test]
    fn a_token_signed_for_us_and_for_this_sign_in_is_accepted() {
        let key = key();
        let keys = published(&key, None);
        let told = |changes| read(&key.sign("JWT", &claims(changes)).unwrap(), &keys, google());
        let person = ProviderPerson {
            issuer: GOOGLE.to_owned(),
            subject: "1097".to_owned(),
            address: Some("sen@example.vn".to_owned()),
        };
        assert_eq!(told(json!({})), Ok(person.clone()));
        assert_eq!(told(json!({ "aud": ["us"], "email_verified": "true" })), Ok(person.clone()));
        let unverified = ProviderPerson { address: None, ..person };
        assert_eq!(told(json!({ "email_verified": false })), Ok(unverified.clone()));
        assert_eq!(told(json!({ "email_verified": null, "xms_edov": true })), Ok(unverified));
        for (changes, fault) in [
            (json!({ "iss": "https://accounts.example" }), TokenFault::Issuer),
            (json!({ "iss": "https://accounts.google.com/" }), TokenFault::Issuer),
            (json!({ "aud": "them" }), TokenFault::Audience),
            (json!({ "aud": ["us", "them"] }), TokenFault::Audience),
            (json!({ "aud": [] }), TokenFault::Audience),
            (json!({ "azp": "them" }), TokenFault::Audience),
            (json!({ "exp": 1_440 }), TokenFault::Expired),
            (json!({ "nbf": 1_561 }), TokenFault::Expired),
            (json!({ "nonce": "m" }), TokenFault::Nonce),
            (json!({ "nonce": null }), TokenFault::Nonce),
            (json!({ "sub": "" }), TokenFault::Subject),
            (json!({ "sub": "x".repeat(256) }), TokenFault::Subject),
        ] {
            assert_eq!(told(changes.clone()), Err(fault), "{changes}");
        }
    }

    #[test]
    fn a_token_signed_by_another_key_or_unsigned_is_refused() {
        let (key, other) = (key(), key());
        let keys = published(&key, None);
        let theirs = other.sign("JWT", &claims(json!({}))).unwrap();
        assert_eq!(read(&theirs, &keys, google()), Err(TokenFault::Signature));
        // A token of another kind, signed by the same key.
        let kind = key.sign("at+jwt", &claims(json!({}))).unwrap();
        assert_eq!(read(&kind, &keys, google()), Err(TokenFault::Signature));
        let good = key.sign("JWT", &claims(json!({}))).unwrap();
        assert!(read(&good, &keys, google()).is_ok());
        let parts: Vec<&str> = good.split('.').collect();
        use base64::Engine as _;
        let encoded = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let forged = encoded(&claims(json!({ "sub": "1" })).to_string());
        let key_id = &key.id;
        let unsigned = encoded(&format!(r#"{{"alg":"none","typ":"JWT","kid":"{key_id}"}}"#));
        let by_secret = encoded(&format!(r#"{{"alg":"HS256","typ":"JWT","kid":"{key_id}"}}"#));
        for token in [
            format!("{}.{forged}.{}", parts[0], parts[2]),
            format!("{unsigned}.{forged}."),
            format!("{by_secret}.{forged}.{}", parts[2]),
            "a.b.c".to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&token, &keys, google()), Err(TokenFault::Signature), "{token}");
        }
    }

    #[test]
    fn an_organization_of_microsofts_speaks_for_itself_alone() {
        let key = key();
        let expected = Expected { kind: ProviderKind::Microsoft, issuer: ANY, ..google() };
        let of = |tenant: &str| ANY.replace(ANY_TENANT, tenant);
        let told = |key_issuer: Option<&str>, changes: Value| {
            let mut claims = claims(json!({ "iss": of(TENANT), "tid": TENANT, "azp": null }));
            for (name, value) in changes.as_object().unwrap() {
                claims[name] = value.clone();
            }
            read(&key.sign("JWT", &claims).unwrap(), &published(&key, key_issuer), expected)
        };
        let person = told(Some(ANY), json!({ "xms_edov": true })).unwrap();
        assert_eq!((person.issuer, person.address.as_deref()), (of(TENANT), Some("sen@example.vn")));
        // `email_verified` is not Microsoft's to say, and without `xms_edov` the address is whatever its administrator wrote.
        assert_eq!(told(Some(ANY), json!({})).unwrap().address, None);
        assert_eq!(told(Some(ANY), json!({ "xms_edov": "0" })).unwrap().address, None);
        let other = "8f3c1d0a-0000-4000-8000-000000000002";
        assert_eq!(told(None, json!({ "tid": other })), Err(TokenFault::Issuer));
        assert_eq!(told(None, json!({ "tid": null })), Err(TokenFault::Issuer));
        assert_eq!(told(None, json!({ "iss": ANY, "tid": "{tenantid}" })), Err(TokenFault::Issuer));
        assert_eq!(told(Some(&of(other)), json!({})), Err(TokenFault::Issuer));
        let personal = json!({ "iss": of(PERSONAL_TENANT), "tid": PERSONAL_TENANT });
        assert_eq!(told(None, personal), Err(TokenFault::PersonalAccount));
    }
}
