//! How many periods a week a teacher is to teach (Circular 05/2025/TT-BGDĐT, articles 7 and 9).

/// How many periods fewer a homeroom teacher of a general school has.
const OF_HOMEROOM: i16 = 4;

/// The periods of a teacher by the grades of the classes that they teach, of the level at which they have most of their
/// periods; none where no grade is one of a general school. Each grade comes with the periods there.
#[must_use]
pub fn usual<'a>(grades: impl Iterator<Item = (&'a str, i16)>, has_homeroom: bool) -> Option<i16> {
    // The level, and how many of the teacher's periods are there.
    let mut levels = [(23, 0), (19, 0), (17, 0)];
    for (grade, periods) in grades {
        let level = match grade.trim().parse::<u8>() {
            Ok(1..=5) => 0,
            Ok(6..=9) => 1,
            Ok(10..=12) => 2,
            _ => continue,
        };
        if let Some((_, sum)) = levels.get_mut(level) {
            *sum += i32::from(periods);
        }
    }
    // Of two levels with the same number of periods the higher one.
    let (norm, _) = levels.into_iter().filter(|(_, sum)| *sum > 0).max_by_key(|(_, sum)| *sum)?;
    Some(if has_homeroom { norm - OF_HOMEROOM } else { norm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_with_most_periods_counts() {
        let of = |grades: &[(&'static str, i16)], has_homeroom| usual(grades.iter().copied(), has_homeroom);
        assert_eq!(of(&[("10", 3), ("12", 4)], false), Some(17));
        assert_eq!(of(&[("10", 3)], true), Some(13));
        assert_eq!(of(&[("9", 3), ("10", 2), ("11", 2)], false), Some(17));
        assert_eq!(of(&[("6", 10), ("10", 4)], false), Some(19));
        assert_eq!(of(&[("1", 20)], true), Some(19));
        assert_eq!(of(&[("Mầm", 5), ("K18", 3)], false), None);
        assert_eq!(of(&[], true), None);
    }
}
