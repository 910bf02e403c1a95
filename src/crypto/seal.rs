//! Sealing: secrets that must be read again (temporary passwords on slips, the second factor's), encrypted
//! with a key that is not in the database.
//!
//! XChaCha20-Poly1305 with a random 24-byte nonce, which is long enough never to repeat. The purpose and the account
//! are authenticated along with the text: moved to another account's row, a sealed value does not open.

mod key_file;

use std::fmt;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::Randomness;

pub use key_file::KeyFileError;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const KEY_ID_BYTES: usize = 8;

/// Separates the hash that names a key from any other hash of it.
const KEY_ID_LABEL: &[u8] = b"schoolgate key id v1";
/// Begins the authenticated data; a change of its layout takes another version.
const SEAL_LABEL: &[u8] = b"schoolgate seal v1";

/// What a sealed value is for. One sealed for one purpose does not open for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealPurpose {
    TemporaryPassword,
    SecondFactor,
    /// A link's token, until its mail is sent.
    MailedToken,
    /// An uploaded file, until it is purged.
    Upload,
    /// The key of the hashes of identifiers.
    IdentifierKey,
    /// A form that waits for its sender to sign in.
    KeptForm,
    /// A key that signs tokens for other applications.
    SigningKey,
    /// A page that shows a secret once, for a form that is sent twice.
    ShownPage,
    /// What a browser keeps while its person signs in at another service.
    BegunSignIn,
    /// The secret by which a school asks a OneRoster service elsewhere.
    RemoteSourceSecret,
    /// When a person was asked to sign in for an application.
    AskedSignIn,
}

impl SealPurpose {
    /// Part of the stored format: never change one.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::TemporaryPassword => b"temporary password",
            Self::SecondFactor => b"second factor",
            Self::MailedToken => b"mailed token",
            Self::Upload => b"upload",
            Self::IdentifierKey => b"identifier key",
            Self::KeptForm => b"kept form",
            Self::SigningKey => b"signing key",
            Self::ShownPage => b"shown page",
            Self::BegunSignIn => b"begun sign-in",
            Self::RemoteSourceSecret => b"provider secret",
            Self::AskedSignIn => b"asked sign-in",
        }
    }
}

/// A sealed value, as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which key opens it: 16 hexadecimal digits.
    pub key_id: String,
    /// The nonce (24 bytes), the ciphertext (as long as the text), the tag (16 bytes).
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// As it stands in a cookie or an address.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{}", self.key_id, URL_SAFE_NO_PAD.encode(&self.bytes))
    }

    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let (key_id, bytes) = text.split_once('.')?;
        Some(Self { key_id: key_id.to_owned(), bytes: URL_SAFE_NO_PAD.decode(bytes).ok()? })
    }
}

/// Why a list of keys is invalid. Entries count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    #[error("entry {0} is empty")]
    Empty(usize),
    #[error("entry {0} is not base64")]
    NotBase64(usize),
    #[error("entry {entry} has {bytes} bytes; a key has 32")]
    WrongLength { entry: usize, bytes: usize },
    #[error("entry {0} repeats an earlier one")]
    Repeated(usize),
}

/// Why a sealed value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Sealed with a key that is not in the ring: it was removed too early.
    #[error("sealed with a key that is not configured")]
    UnknownKey,
    /// Damaged, or sealed for another account or purpose.
    #[error("the sealed value does not belong here or is damaged")]
    Refused,
}

/// The server's keys: the first seals, all open. To change a key, put the new one in front, and remove the old one once
/// nothing sealed with it is left.
#[derive(Clone)]
pub struct KeyRing {
    first: SealingKey,
    older: Vec<SealingKey>,
}

impl KeyRing {
    /// Reads `SCHOOLGATE_SECRET_KEY`: 32 bytes in base64 (standard or URL-safe, padded or not), several
    /// separated by commas.
    ///
    /// # Errors
    /// The first fault found; it tells which entry and nothing of its content.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut entries = text.split(',').enumerate().map(|(index, entry)| (index + 1, entry.trim()));
        let first = entries.next().map_or(Err(KeyRingError::Empty(1)), parse_key)?;
        let mut ring = Self { first, older: Vec::new() };
        for (number, entry) in entries {
            let key = parse_key((number, entry))?;
            if ring.key(&key.id).is_some() {
                return Err(KeyRingError::Repeated(number));
            }
            ring.older.push(key);
        }
        Ok(ring)
    }

    /// A ring of one new key.
    pub fn generate(random: &Randomness) -> Self {
        Self { first: SealingKey::new(Zeroizing::new(random.bytes())), older: Vec::new() }
    }

    /// The id of the key that seals; values with another `key_id` were sealed before it came.
    pub fn sealing_key_id(&self) -> &str {
        &self.first.id
    }

    /// Seals `plaintext` for one owner and purpose. The owner is an account, or a part of an uploaded file.
    pub fn seal(&self, random: &Randomness, purpose: SealPurpose, owner: impl Into<Uuid>, plaintext: &[u8]) -> Sealed {
        let nonce: [u8; NONCE_BYTES] = random.bytes();
        let aad = authenticated_data(purpose, owner.into());
        let payload = Payload { msg: plaintext, aad: &aad };
        // Encryption fails for texts beyond 256 GiB only. Should it ever, an empty value is kept, which
        // never opens, rather than the text.
        let ciphertext = self.first.cipher().encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        Sealed { key_id: self.first.id.clone(), bytes: [nonce.as_slice(), &ciphertext].concat() }
    }

    /// Opens what was sealed for the same owner and purpose.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        &self,
        purpose: SealPurpose,
        owner: impl Into<Uuid>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let key = self.key(&sealed.key_id).ok_or(OpenError::UnknownKey)?;
        let (nonce, ciphertext) = sealed.bytes.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Refused)?;
        let aad = authenticated_data(purpose, owner.into());
        let payload = Payload { msg: ciphertext, aad: &aad };
        let plaintext = key.cipher().decrypt(&XNonce::from(*nonce), payload);
        plaintext.map(Zeroizing::new).map_err(|_| OpenError::Refused)
    }

    /// Whether a key of this id is in the ring.
    pub fn has(&self, id: &str) -> bool {
        self.key(id).is_some()
    }

    fn key(&self, id: &str) -> Option<&SealingKey> {
        std::iter::once(&self.first).chain(&self.older).find(|key| key.id == id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = std::iter::once(&self.first).chain(&self.older).map(|key| key.id.as_str());
        f.debug_list().entries(ids).finish()
    }
}

#[derive(Clone)]
struct SealingKey {
    id: String,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl SealingKey {
    fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let hash = Sha256::new().chain_update(KEY_ID_LABEL).chain_update(bytes.as_slice()).finalize();
        let mut id = hex::encode(hash);
        id.truncate(2 * KEY_ID_BYTES);
        Self { id, bytes }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.bytes))
    }

    fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(self.bytes.as_slice()))
    }
}

/// All parts but the last are of the program's own making and none is the beginning of another, and the
/// last is of fixed length: two different inputs never make the same data.
fn authenticated_data(purpose: SealPurpose, owner: Uuid) -> Vec<u8> {
    [SEAL_LABEL, b"/", purpose.label(), b"/", owner.as_bytes().as_slice()].concat()
}

fn parse_key((entry, text): (usize, &str)) -> Result<SealingKey, KeyRingError> {
    if text.is_empty() {
        return Err(KeyRingError::Empty(entry));
    }
    let bytes = decode_base64(text).ok_or(KeyRingError::NotBase64(entry))?;
    let key = <[u8; KEY_BYTES]>::try_from(bytes.as_slice())
        .map_err(|_| KeyRingError::WrongLength { entry, bytes: bytes.len() })?;
    Ok(SealingKey::new(Zeroizing::new(key)))
}

/// Takes both alphabets and does not mind the padding: tools that make keys differ in both.
fn decode_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [STANDARD, URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok())
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const TWO: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    const ACCOUNT: Uuid = Uuid::from_u128(1);
    const PURPOSE: SealPurpose = SealPurpose::TemporaryPassword;

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    fn sealed_by(ring: &KeyRing) -> Sealed {
        ring.seal(&Randomness::seeded(1), PURPOSE, ACCOUNT, b"k7mw-2xfh")
    }

    #[test]
    fn keys_are_read_in_every_spelling_of_base64() {
        let id = ring(ONE).sealing_key_id().to_owned();
        assert_eq!(id.len(), 16);
        assert!(id.chars().all(|c| c.is_ascii_hexdigit()));
        assert_eq!(ring(ONE.trim_end_matches('=')).sealing_key_id(), id);
        let both = "+/".repeat(21) + "A";
        assert_eq!(ring(&both).sealing_key_id(), ring(&both.replace('+', "-").replace('/', "_")).sealing_key_id());
    }

    #[test]
    fn faulty_lists_of_keys_are_told() {
        let error = |text: &str| KeyRing::parse(text).unwrap_err();
        assert_eq!(error(""), KeyRingError::Empty(1));
        assert_eq!(error(&format!("{ONE},")), KeyRingError::Empty(2));
        assert_eq!(error(&format!("{ONE}, not base64!")), KeyRingError::NotBase64(2));
        assert_eq!(error("c2hvcnQ="), KeyRingError::WrongLength { entry: 1, bytes: 5 });
        assert_eq!(error(&format!("{ONE},{TWO},{ONE}")), KeyRingError::Repeated(3));
    }

    #[test]
    fn a_new_key_seals_while_the_old_one_still_opens() {
        let old = sealed_by(&ring(ONE));
        let both = ring(&format!(" {TWO} , {ONE} "));
        assert_eq!(both.open(PURPOSE, ACCOUNT, &old).unwrap().as_slice(), b"k7mw-2xfh");
        assert_ne!(old.key_id, both.sealing_key_id());
        let new = sealed_by(&both);
        assert_eq!(new.key_id, ring(TWO).sealing_key_id());
        assert_eq!(ring(ONE).open(PURPOSE, ACCOUNT, &new), Err(OpenError::UnknownKey));
    }

    #[test]
    fn a_sealed_value_stays_with_its_account_and_purpose() {
        let ring = ring(ONE);
        let sealed = sealed_by(&ring);
        assert!(ring.open(PURPOSE, ACCOUNT, &sealed).is_ok());
        assert_eq!(ring.open(PURPOSE, Uuid::from_u128(2), &sealed), Err(OpenError::Refused));
        assert_eq!(ring.open(SealPurpose::SecondFactor, ACCOUNT, &sealed), Err(OpenError::Refused));
    }

    #[test]
    fn another_key_under_the_same_id_does_not_open() {
        let sealed = Sealed { key_id: ring(TWO).sealing_key_id().to_owned(), ..sealed_by(&ring(ONE)) };
        assert_eq!(ring(TWO).open(PURPOSE, ACCOUNT, &sealed), Err(OpenError::Refused));
    }

    #[test]
    fn the_same_text_never_looks_the_same() {
        let (ring, random) = (ring(ONE), Randomness::seeded(1));
        let seal = || ring.seal(&random, PURPOSE, ACCOUNT, b"k7mw-2xfh");
        assert_ne!(seal().bytes, seal().bytes);
    }

    /// What is in a database today must open tomorrow, whatever becomes of this code.
    #[test]
    fn the_format_is_kept() {
        let sealed = Sealed {
            key_id: "c4013038bba5f912".into(),
            bytes: hex::decode(
                "9a3744504560639ec670b7a17d492b273e077b0a96bef58b9e9bc1db9054ea31ccaef400af46e968e3edfa45470998ffbf",
            )
            .unwrap(),
        };
        assert_eq!(ring(ONE).open(PURPOSE, ACCOUNT, &sealed).unwrap().as_slice(), b"k7mw-2xfh");
    }

    #[test]
    fn debug_tells_ids_only() {
        let ring = ring(ONE);
        assert_eq!(format!("{ring:?}"), format!("[{:?}]", ring.sealing_key_id()));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(
            plaintext in proptest::collection::vec(any::<u8>(), 0..200),
            account in any::<u128>(),
            seed in any::<u64>(),
        ) {
            let (ring, account) = (ring(ONE), Uuid::from_u128(account));
            let sealed = ring.seal(&Randomness::seeded(seed), PURPOSE, account, &plaintext);
            prop_assert_eq!(sealed.bytes.len(), plaintext.len() + 24 + 16);
            let opened = ring.open(PURPOSE, account, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
        }

        #[test]
        fn what_was_touched_does_not(
            plaintext in proptest::collection::vec(any::<u8>(), 0..50),
            place in any::<proptest::sample::Index>(),
            flip in 1..=255_u8,
            keep in any::<proptest::sample::Index>(),
            account in 2..u128::MAX,
        ) {
            let ring = ring(ONE);
            let sealed = ring.seal(&Randomness::seeded(1), PURPOSE, ACCOUNT, &plaintext);
            let mut changed = sealed.clone();
            *place.get_mut(&mut changed.bytes) ^= flip;
            prop_assert_eq!(ring.open(PURPOSE, ACCOUNT, &changed), Err(OpenError::Refused));
            let mut cut = sealed.clone();
            cut.bytes.truncate(keep.index(sealed.bytes.len()));
            prop_assert_eq!(ring.open(PURPOSE, ACCOUNT, &cut), Err(OpenError::Refused));
            prop_assert_eq!(ring.open(PURPOSE, Uuid::from_u128(account), &sealed), Err(OpenError::Refused));
        }
    }
}
