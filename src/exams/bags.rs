//! Phách: the codes under which papers are marked. Each handed-in paper gets one, each code is of one paper, and a bag
//! holds papers of many rooms.

use super::drawing;

/// The code of a paper: its bag, and its number within the bag, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    pub bag: u16,
    pub number: u16,
}

impl Code {
    /// As it is written on the paper: 012.07.
    #[must_use]
    pub fn written(self) -> String {
        format!("{:03}.{:02}", self.bag, self.number)
    }
}

/// Codes for so many papers, bags of at most `size` as even as possible, in an order drawn by lot: the paper at each place
/// gets the code at the same place. The secret is the exam's own, so that the seed, which people may guess, tells nothing.
#[must_use]
pub fn cut(papers: usize, size: usize, secret: &str, paper: &str, seed: &str) -> Vec<Code> {
    let mut codes = Vec::with_capacity(papers);
    let bags = papers.div_ceil(size.max(1));
    for bag in 0..bags {
        // The first bags have one paper more where they do not come out even.
        let held = papers / bags + usize::from(bag < papers % bags);
        let bag = u16::try_from(bag + 1).unwrap_or(u16::MAX);
        codes.extend((1..=held).map(|number| Code { bag, number: u16::try_from(number).unwrap_or(u16::MAX) }));
    }
    drawing::shuffle(&mut codes, &mut drawing::generator(&[secret, paper, seed, "phach"]));
    codes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_written_with_their_bag() {
        assert_eq!(Code { bag: 12, number: 7 }.written(), "012.07");
    }

    proptest! {
        #[test]
        fn each_paper_has_its_own_code(papers in 0..700_usize, size in 1..60_usize, seed in "[0-9]{0,4}") {
            let codes = cut(papers, size, "secret", "paper", &seed);
            prop_assert_eq!(codes.len(), papers);
            prop_assert_eq!(codes.iter().collect::<HashSet<_>>().len(), papers);
            prop_assert_eq!(&codes, &cut(papers, size, "secret", "paper", &seed));
            let mut held = std::collections::BTreeMap::<u16, usize>::new();
            codes.iter().for_each(|code| *held.entry(code.bag).or_default() += 1);
            prop_assert!(held.values().all(|held| *held <= size));
            let (least, most) = (held.values().min().copied(), held.values().max().copied());
            prop_assert!(most.unwrap_or(0) - least.unwrap_or(0) <= 1);
        }

        /// The seed alone does not tell: another exam, or another paper, draws otherwise.
        #[test]
        fn the_secret_decides(papers in 30..200_usize, seed in "[0-9]{0,4}") {
            let codes = cut(papers, 20, "secret", "paper", &seed);
            prop_assert_ne!(&codes, &cut(papers, 20, "other secret", "paper", &seed));
            prop_assert_ne!(&codes, &cut(papers, 20, "secret", "other paper", &seed));
        }
    }
}
