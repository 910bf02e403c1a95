//! Secrets that travel in links and cookies: invitations, resets, verifications, sessions.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::clock::Randomness;

const BYTES: usize = 32;

/// 256 random bits. The database keeps only their [hash](Self::hash) and finds them by it, so a stolen
/// copy of it opens nothing, and there is no comparison whose duration could tell anything.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; BYTES]>);

impl Token {
    pub fn generate(random: &Randomness) -> Self {
        Self(Zeroizing::new(random.bytes()))
    }

    /// Reads what [`to_url`](Self::to_url) wrote: 43 letters of the URL-safe base64 alphabet. `None` for
    /// anything else, which therefore need not be looked up.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let written = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()).ok()?;
        (written == BYTES).then_some(Self(bytes))
    }

    /// The form for a link or a cookie; needs no escaping in either.
    pub fn to_url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_slice())
    }

    /// The SHA-256 of the token, for storing. Salt and stretching would add nothing to 256 random bits.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let token = Token::generate(&Randomness::seeded(1));
        let text = token.to_url();
        assert_eq!(text.len(), 43);
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        assert_eq!(Token::parse(&text).unwrap().hash(), token.hash());
    }

    #[test]
    fn tokens_differ_and_their_hash_is_not_they() {
        let random = Randomness::seeded(1);
        let (one, two) = (Token::generate(&random), Token::generate(&random));
        assert_ne!(one.hash(), two.hash());
        assert_ne!(one.hash(), *one.0);
    }

    #[test]
    fn nothing_else_is_read() {
        let text = Token::generate(&Randomness::seeded(1)).to_url();
        let longer = format!("{text}A");
        let much_longer = text.repeat(100);
        for wrong in ["", "abc", &text[1..], &longer, &much_longer, " ", "ệ", &text.replace(&text[..1], "+")] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
        // Two spellings of the same bits would make two links of one.
        let other_spelling = format!("{}{}", &"A".repeat(42), "B");
        assert!(Token::parse(&other_spelling).is_none());
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", Token::generate(&Randomness::seeded(1))), "Token(..)");
    }
}
