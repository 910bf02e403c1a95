//! Recovery codes: on paper, each good once, for use when the device is lost.

use sha2::{Digest as _, Sha256};

use crate::{clock::Randomness, identity::password::TemporaryPassword, ids::AccountId};

/// How many are given at once.
pub const CODES: usize = 10;

/// Draws the codes of an account: sixteen letters and digits in four groups, without look-alike characters. That is
/// twice a temporary password, since these never expire and only their hashes are kept.
#[must_use]
pub fn draw(randomness: &Randomness) -> Vec<String> {
    let half = || TemporaryPassword::generate(randomness).as_str().to_owned();
    (0..CODES).map(|_| format!("{}-{}", half(), half())).collect()
}

/// What is stored of a code. Salt and stretching would add nothing to 76 random bits.
#[must_use]
pub fn hash(account_id: AccountId, typed: &str) -> [u8; 32] {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let digest = Sha256::new().chain_update(b"recovery code/").chain_update(account_id.uuid());
    digest.chain_update(letters.to_ascii_lowercase()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_copy_it() {
        let codes = draw(&Randomness::seeded(1));
        let [one, two] = [AccountId::from_u128(1), AccountId::from_u128(2)];
        assert_eq!(codes.len(), CODES);
        assert_eq!(codes[0].len(), 19);
        assert_eq!(hash(one, &codes[0]), hash(one, &format!(" {} ", codes[0].to_uppercase().replace('-', " "))));
        assert_ne!(hash(one, &codes[0]), hash(two, &codes[0]));
        assert_ne!(hash(one, &codes[0]), hash(one, &codes[1]));
    }
}
