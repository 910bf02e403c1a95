//! Keys that sign what other programs check (JSON Web Signature, RFC 7515). The cryptography is aws-lc's; it draws its own
//! random numbers, so keys and ES256 signatures differ from run to run, in tests as well.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
pub enum SigningAlgorithm {
    /// ECDSA over P-256 with SHA-256.
    #[strum(serialize = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, over 2048 bits: what every client of OpenID Connect must know.
    #[strum(serialize = "RS256")]
    Rs256,
}

impl SigningAlgorithm {
    pub const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    fn of_tokens(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Rs256 => Algorithm::RS256,
        }
    }
}

/// A key could not be made, read, or used.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    #[error("the key could not be made")]
    NotMade,
    #[error(transparent)]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// A private key as it is kept: PKCS #8 in PEM.
pub struct PrivateKey(Zeroizing<String>);

impl PrivateKey {
    /// A new key. RSA takes a tenth of a second: not on an async thread.
    ///
    /// # Errors
    /// When the library has no random numbers to give.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, SigningError> {
        let made = match algorithm {
            SigningAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|key| key.to_pkcs8v1())
                .map(|document| pem(document.as_ref())),
            SigningAlgorithm::Rs256 => {
                let key = KeyPair::generate(KeySize::Rsa2048);
                key.and_then(|key| AsDer::<Pkcs8V1Der<'static>>::as_der(&key)).map(|document| pem(document.as_ref()))
            }
        };
        made.map(Self).map_err(|_| SigningError::NotMade)
    }

    #[must_use]
    pub fn from_pem(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_pem(&self) -> &str {
        &self.0
    }

    /// The key, ready to sign.
    ///
    /// # Errors
    /// Where the text is no such key.
    pub fn signing(&self, algorithm: SigningAlgorithm) -> Result<SigningKey, SigningError> {
        let key = match algorithm {
            SigningAlgorithm::Es256 => EncodingKey::from_ec_pem(self.0.as_bytes())?,
            SigningAlgorithm::Rs256 => EncodingKey::from_rsa_pem(self.0.as_bytes())?,
        };
        let mut public = Jwk::from_encoding_key(&key, algorithm.of_tokens())?;
        let id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(SigningKey { id, algorithm, key, public })
    }
}

fn pem(der: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(pem::encode(&pem::Pem::new("PRIVATE KEY", der)))
}

/// A key that signs.
pub struct SigningKey {
    /// The thumbprint of the public key (RFC 7638).
    pub id: String,
    pub algorithm: SigningAlgorithm,
    /// What others check with (RFC 7517).
    pub public: Jwk,
    key: EncodingKey,
}

impl SigningKey {
    /// A signed token of these claims. `kind` is the header's `typ`, by which a token of one kind is not taken for another.
    ///
    /// # Errors
    /// Where the claims are no JSON object.
    pub fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, SigningError> {
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: Some(self.id.clone()),
            ..Header::new(self.algorithm.of_tokens())
        };
        Ok(jsonwebtoken::encode(&header, claims, &self.key)?)
    }
}

/// The claims of a token of this kind that one of these keys signed. Its audience and its expiry are the caller's to
/// check: the time is the program's clock.
#[must_use]
pub fn verified<T: DeserializeOwned>(token: &str, kind: &str, keys: &[Jwk]) -> Option<T> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.typ.as_deref() != Some(kind) {
        return None;
    }
    let key = keys.iter().find(|key| key.common.key_id == header.kid)?;
    let algorithm = match key.common.key_algorithm? {
        KeyAlgorithm::ES256 => Algorithm::ES256,
        KeyAlgorithm::RS256 => Algorithm::RS256,
        _ => return None,
    };
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let key = DecodingKey::from_jwk(key).ok()?;
    Some(jsonwebtoken::decode::<T>(token, &key, &validation).ok()?.claims)
}

/// The claims of a token that another server has signed with one of these keys, and the position of that key. The caller checks
/// the claims. Providers often publish keys without `alg`: the type of the key says which algorithms are allowed.
#[must_use]
pub fn verified_foreign<T: DeserializeOwned>(token: &str, keys: &[Jwk]) -> Option<(T, usize)> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let is_plain = header.typ.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("JWT"));
    let place = keys.iter().position(|key| key.common.key_id.is_some() && key.common.key_id == header.kid)?;
    let key = keys.get(place).filter(|_| is_plain)?;
    let algorithm = match (&key.algorithm, header.alg) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256 | Algorithm::PS256) => header.alg,
        (AlgorithmParameters::EllipticCurve(_), Algorithm::ES256) => header.alg,
        _ => return None,
    };
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let claims = jsonwebtoken::decode::<T>(token, &DecodingKey::from_jwk(key).ok()?, &validation).ok()?.claims;
    Some((claims, place))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_a_key_signs_is_checked_with_its_public_half_and_no_other() {
        for algorithm in SigningAlgorithm::ALL {
            let kept = PrivateKey::generate(algorithm).unwrap();
            let read = PrivateKey::from_pem(Zeroizing::new(kept.as_pem().to_owned()));
            let (key, other) = (read.signing(algorithm).unwrap(), PrivateKey::generate(algorithm).unwrap());
            let other = other.signing(algorithm).unwrap().public;
            let token = key.sign("at+jwt", &json!({"sub": "a", "exp": 1, "aud": "b"})).unwrap();
            let keys = [other.clone(), key.public.clone()];
            let claims: Value = verified(&token, "at+jwt", &keys).unwrap();
            assert_eq!(claims["sub"], "a");
            assert!(verified::<Value>(&token, "JWT", &keys).is_none(), "another kind of token");
            assert!(verified::<Value>(&token, "at+jwt", &[other]).is_none(), "another key");
            let (head, tail) = token.rsplit_once('.').unwrap();
            let forged = format!("{head}.{}", tail.chars().rev().collect::<String>());
            assert!(verified::<Value>(&forged, "at+jwt", &keys).is_none(), "another signature");
            let public = serde_json::to_value(&key.public).unwrap();
            assert_eq!((public["use"].as_str(), public["kid"].as_str()), (Some("sig"), Some(key.id.as_str())));
            assert_eq!(public["alg"], algorithm.key());
            assert!(public.get("d").is_none(), "no private part");
        }
    }
}
