//! Drawing lots: the same seed and the same purpose give the same result on every machine and with every version.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};

/// The generator of a seed. The parts say what is drawn, so that the same seed draws different lots for different
/// purposes; each is hashed with its length, so that no two lists of parts are the same.
#[must_use]
pub fn generator(parts: &[&str]) -> ChaCha20Rng {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    ChaCha20Rng::from_seed(hash.finalize().into())
}

/// Puts the items into an order that follows from the generator alone.
pub fn shuffle<T>(items: &mut [T], generator: &mut ChaCha20Rng) {
    items.shuffle(generator);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_for_one_purpose_and_something_else_for_another() {
        let draw = |parts: &[&str]| {
            let mut items: Vec<u32> = (0..20).collect();
            shuffle(&mut items, &mut generator(parts));
            items
        };
        assert_eq!(draw(&["7", "numbers"]), draw(&["7", "numbers"]));
        assert_ne!(draw(&["7", "numbers"]), draw(&["8", "numbers"]));
        assert_ne!(draw(&["7", "numbers"]), draw(&["7", "seating"]));
        assert_ne!(draw(&["7n", "umbers"]), draw(&["7", "numbers"]));
    }
}
