//! Candidate numbers (số báo danh): a prefix and a serial number of fixed width. A number that was given stays: those who
//! come later get the next ones, and the number of a candidate who withdrew is given to no other.

use super::drawing;

/// In which order candidates get their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberOrder {
    /// By given name over all classes of a grade, grade by grade.
    Name,
    /// Class by class, by given name in each.
    Class,
    /// As the seed draws them.
    Shuffled,
}

impl NumberOrder {
    pub const ALL: [Self; 3] = [Self::Name, Self::Class, Self::Shuffled];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Class => "class",
            Self::Shuffled => "shuffled",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.key() == key)
    }
}

/// A candidate without a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unnumbered<Id> {
    pub id: Id,
    /// The place of the grade among the grades.
    pub grade: u32,
    /// The place of the class among the classes, in their natural order.
    pub class: u32,
}

/// The candidates in the order in which they get numbers. They come in the order of their names, as the database's
/// collation sorts them: given, family, middle name.
#[must_use]
pub fn ordered<Id>(mut by_name: Vec<Unnumbered<Id>>, order: NumberOrder, seed: &str) -> Vec<Unnumbered<Id>> {
    match order {
        // Stable: within a grade or a class they stay in the order of their names.
        NumberOrder::Name => by_name.sort_by_key(|candidate| candidate.grade),
        NumberOrder::Class => by_name.sort_by_key(|candidate| candidate.class),
        NumberOrder::Shuffled => drawing::shuffle(&mut by_name, &mut drawing::generator(&[seed, "numbers"])),
    }
    by_name
}

/// How numbers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    prefix: String,
    width: usize,
}

/// Why numbers cannot be written that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// Letters, digits and - only, at most eight.
    Prefix,
    /// One to eight digits.
    Width,
    /// There are more candidates than numbers of this width.
    TooNarrow,
}

impl NumberFault {
    pub const ALL: [Self; 3] = [Self::Prefix, Self::Width, Self::TooNarrow];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Prefix => "exam-number-prefix",
            Self::Width => "exam-number-width",
            Self::TooNarrow => "exam-number-too-narrow",
        }
    }

    /// The field of the form that it is about.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Width | Self::TooNarrow => "width",
        }
    }
}

impl NumberFormat {
    /// # Errors
    /// What is wrong with the prefix or the width.
    pub fn new(prefix: &str, width: usize) -> Result<Self, NumberFault> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if prefix.chars().count() > 8 || !prefix.chars().all(is_part) {
            return Err(NumberFault::Prefix);
        }
        if !(1..=8).contains(&width) {
            return Err(NumberFault::Width);
        }
        Ok(Self { prefix: prefix.to_uppercase(), width })
    }

    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// # Errors
    /// [`NumberFault::TooNarrow`] where the serial has more digits than the width.
    pub fn number(&self, serial: u32) -> Result<String, NumberFault> {
        let digits = format!("{serial:0width$}", width = self.width);
        if digits.len() > self.width { Err(NumberFault::TooNarrow) } else { Ok(format!("{}{digits}", self.prefix)) }
    }

    /// Numbers for so many, behind the last serial that was ever given: serials and numbers.
    ///
    /// # Errors
    /// [`NumberFault::TooNarrow`] where the last of them has more digits than the width.
    pub fn following(&self, last: u32, count: usize) -> Result<Vec<(u32, String)>, NumberFault> {
        (1..)
            .take(count)
            .map(|step: u32| last.saturating_add(step))
            .map(|each| Ok((each, self.number(each)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidates(classes: &[u32]) -> Vec<Unnumbered<usize>> {
        let candidate = |(id, class): (usize, &u32)| Unnumbered { id, grade: class / 3, class: *class };
        classes.iter().enumerate().map(candidate).collect()
    }

    #[test]
    fn numbers_have_a_prefix_and_leading_zeros() {
        let format = NumberFormat::new("k10", 4).unwrap();
        assert_eq!(format.number(7).unwrap(), "K100007");
        assert_eq!(format.number(10_000), Err(NumberFault::TooNarrow));
        assert_eq!(NumberFormat::new("", 6).unwrap().number(123).unwrap(), "000123");
        assert_eq!(NumberFormat::new("K 1", 4), Err(NumberFault::Prefix));
        assert_eq!(NumberFormat::new("", 0), Err(NumberFault::Width));
        assert_eq!(NumberFormat::new("", 9), Err(NumberFault::Width));
    }

    #[test]
    fn by_class_and_by_grade_names_stay_in_their_order() {
        let ids = |order| -> Vec<usize> {
            ordered(candidates(&[2, 1, 4, 2, 1]), order, "s").into_iter().map(|each| each.id).collect()
        };
        // Classes 1 and 2 are of one grade, class 4 is of the next.
        assert_eq!(ids(NumberOrder::Name), [0, 1, 3, 4, 2]);
        assert_eq!(ids(NumberOrder::Class), [1, 4, 0, 3, 2]);
    }

    proptest! {
        /// Nobody is left out or there twice, and the same seed gives the same order.
        #[test]
        fn an_order_is_of_the_same_candidates(classes in prop::collection::vec(0..9_u32, 0..80), seed in "[a-z0-9]{0,6}", by in 0..3_usize) {
            let order = NumberOrder::ALL[by];
            let given = ordered(candidates(&classes), order, &seed);
            prop_assert_eq!(&given, &ordered(candidates(&classes), order, &seed));
            let mut ids: Vec<usize> = given.iter().map(|each| each.id).collect();
            ids.sort_unstable();
            prop_assert_eq!(ids, (0..classes.len()).collect::<Vec<_>>());
            if order == NumberOrder::Name {
                prop_assert!(given.windows(2).all(|pair| (pair[0].grade, pair[0].id) < (pair[1].grade, pair[1].id)));
            }
            if order == NumberOrder::Class {
                prop_assert!(given.windows(2).all(|pair| (pair[0].class, pair[0].id) < (pair[1].class, pair[1].id)));
            }
        }

        /// Late ones come behind all others, whose numbers stay as they are.
        #[test]
        fn numbers_are_unique_and_stay(waves in prop::collection::vec(0..40_usize, 1..6), width in 3..6_usize) {
            let format = NumberFormat::new("A", width).unwrap();
            let mut all: Vec<(u32, String)> = Vec::new();
            for count in waves {
                let before = all.clone();
                let last = all.last().map_or(0, |(serial, _)| *serial);
                all.extend(format.following(last, count).unwrap());
                prop_assert_eq!(&all[..before.len()], &before[..]);
            }
            let mut numbers: Vec<&String> = all.iter().map(|(_, number)| number).collect();
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
            numbers.dedup();
            prop_assert_eq!(numbers.len(), all.len());
        }
    }
}
