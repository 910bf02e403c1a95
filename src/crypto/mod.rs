//! Cryptography that everything above shares: password hashing on threads of its own, sealing with the server's key, and random tokens.

pub mod hasher;
pub mod seal;
pub mod signing;
pub mod token;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// A password in the one form (NFKC) in which it is measured, hashed and compared: keyboards write "ệ" in
/// up to three ways. Spaces and case are the person's own.
pub fn normalise(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}
