//! Marks as they are typed, stored and shown.

/// What kind of marks an exam has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// 0 to 10 in steps of 0.25.
    Points,
    /// Đạt or chưa đạt.
    Pass,
}

impl MarkKind {
    pub const ALL: [Self; 2] = [Self::Points, Self::Pass];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Pass => "pass",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// How marks are typed: of which kind, and whether points may be typed at speed, by their digits alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typing {
    pub kind: MarkKind,
    pub at_speed: bool,
}

/// As most tests type them.
#[cfg(test)]
impl From<MarkKind> for Typing {
    fn from(kind: MarkKind) -> Self {
        Self { kind, at_speed: true }
    }
}

/// What a candidate has in a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// In hundredths, 0 to 1000.
    Points(i16),
    Pass(bool),
    Absent,
    /// Annulled for breaking the rules of the exam.
    Violation,
}

/// The highest mark, and the step, in hundredths.
const HIGHEST: i16 = 1000;
const STEP: i16 = 25;

/// What is wrong with a mark as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkFault {
    NotRead,
    OutOfRange,
    /// Not a multiple of 0.25.
    Step,
}

impl MarkFault {
    pub const ALL: [Self; 3] = [Self::NotRead, Self::OutOfRange, Self::Step];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NotRead => "exam-mark-not-read",
            Self::OutOfRange => "exam-mark-range",
            Self::Step => "exam-mark-step",
        }
    }
}

impl Mark {
    /// Reads what was typed; nothing where nothing was. Absent is v or vắng, a violation vp or vi phạm, in any case and
    /// without marks as well. Of points both the comma and the dot divide, and what is typed without one at speed is
    /// read by its digits: 725 is 7.25, 75 is 7.5, 10 is 10. Where the school does not want that, digits alone are
    /// whole points.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(typed: &str, Typing { kind, at_speed }: Typing) -> Result<Option<Self>, MarkFault> {
        let typed = typed.trim().to_lowercase();
        match typed.as_str() {
            "" => return Ok(None),
            "v" | "vắng" | "vang" | "absent" => return Ok(Some(Self::Absent)),
            "vp" | "vi phạm" | "vi pham" | "violation" => return Ok(Some(Self::Violation)),
            _ => {}
        }
        match kind {
            MarkKind::Points => points(&typed, at_speed).map(Self::Points).map(Some),
            MarkKind::Pass => match typed.as_str() {
                "đ" | "d" | "đạt" | "dat" | "pass" => Ok(Some(Self::Pass(true))),
                "cđ" | "cd" | "chưa đạt" | "chua dat" | "fail" => Ok(Some(Self::Pass(false))),
                _ => Err(MarkFault::NotRead),
            },
        }
    }

    /// As the columns of the database have it: the state, and the value where there is one.
    #[must_use]
    pub fn stored(self) -> (&'static str, Option<i16>) {
        match self {
            Self::Points(hundredths) => ("points", Some(hundredths)),
            Self::Pass(passed) => ("pass", Some(i16::from(passed))),
            Self::Absent => ("absent", None),
            Self::Violation => ("violation", None),
        }
    }

    #[must_use]
    pub fn from_stored(state: &str, value: Option<i16>) -> Option<Self> {
        match (state, value) {
            ("points", Some(value)) => Some(Self::Points(value)),
            ("pass", Some(value)) => Some(Self::Pass(value != 0)),
            ("absent", _) => Some(Self::Absent),
            ("violation", _) => Some(Self::Violation),
            _ => None,
        }
    }

    /// Points in hundredths, where it is points.
    #[must_use]
    pub fn hundredths(self) -> Option<i16> {
        match self {
            Self::Points(value) => Some(value),
            _ => None,
        }
    }

    /// As one types it into the column, so that it is read as the same again. Points have a comma.
    #[must_use]
    pub fn typed(self) -> String {
        match self {
            Self::Points(value) => decimal(value, ','),
            Self::Pass(true) => "Đ".to_owned(),
            Self::Pass(false) => "CĐ".to_owned(),
            Self::Absent => "V".to_owned(),
            Self::Violation => "VP".to_owned(),
        }
    }
}

/// The mark that counts, of what was typed for a candidate in a paper: what was settled or corrected (entry 3); else where
/// one person types (`entries` 1) that entry, and where two do, what both typed alike.
#[must_use]
pub fn counting(entries: i16, typed: &[(i16, Mark)]) -> Option<Mark> {
    let of = |entry: i16| typed.iter().find(|(each, _)| *each == entry).map(|(_, mark)| *mark);
    of(SETTLED).or_else(|| match (entries, of(1), of(2)) {
        (1, first, _) => first,
        (_, first, second) if first == second => first,
        _ => None,
    })
}

/// Whether two people typed different marks, and nobody has settled it.
#[must_use]
pub fn differs(typed: &[(i16, Mark)]) -> bool {
    let of = |entry: i16| typed.iter().find(|(each, _)| *each == entry).map(|(_, mark)| *mark);
    of(SETTLED).is_none() && of(1).zip(of(2)).is_some_and(|(first, second)| first != second)
}

/// The entry that holds what was settled or corrected.
pub const SETTLED: i16 = 3;

/// Hundredths with as few decimals as it takes.
#[must_use]
pub fn decimal(hundredths: i16, separator: char) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => whole.to_string(),
        _ if rest % 10 == 0 => format!("{whole}{separator}{}", rest / 10),
        _ => format!("{whole}{separator}{rest:02}"),
    }
}

fn points(typed: &str, at_speed: bool) -> Result<i16, MarkFault> {
    let hundredths = match typed.split_once([',', '.']) {
        Some((whole, decimals)) => {
            if whole.len() > 2 || decimals.len() > 2 || decimals.is_empty() && whole.is_empty() {
                return Err(MarkFault::NotRead);
            }
            digits(whole)? * 100 + digits(&format!("{decimals:0<2}"))?
        }
        None if !at_speed => match (typed.len(), digits(typed)?) {
            (1 | 2, value) => value * 100,
            _ => return Err(MarkFault::OutOfRange),
        },
        None => match (typed.len(), digits(typed)?) {
            (1, value) => value * 100,
            // 10 is the best mark; 05 and 75 are typed for 0.5 and 7.5.
            (2, 10) => HIGHEST,
            (2, value) => value * 10,
            (3, value) => value,
            (4, value) if value == HIGHEST => value,
            _ => return Err(MarkFault::OutOfRange),
        },
    };
    match hundredths {
        value if !(0..=HIGHEST).contains(&value) => Err(MarkFault::OutOfRange),
        value if value % STEP != 0 => Err(MarkFault::Step),
        value => Ok(value),
    }
}

/// The value of up to four digits.
fn digits(text: &str) -> Result<i16, MarkFault> {
    match text {
        "" => Ok(0),
        _ if !text.bytes().all(|byte| byte.is_ascii_digit()) => Err(MarkFault::NotRead),
        _ => text.parse().map_err(|_| MarkFault::OutOfRange),
    }
}

/// How many candidates have marks in each whole point from 0 to 10: a mark of 7.75 counts for 7.
#[must_use]
pub fn distribution(marks: impl IntoIterator<Item = Mark>) -> [i64; 11] {
    let mut counts = [0; 11];
    for value in marks.into_iter().filter_map(Mark::hundredths) {
        if let Some(count) = usize::try_from(value / 100).ok().and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    counts
}

/// What the marks of a paper come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many have points, and their sum in hundredths.
    pub points: i64,
    pub sum: i64,
    pub highest: Option<i16>,
    pub lowest: Option<i16>,
    /// Points of 5 and of 8 or more.
    pub at_least_5: i64,
    pub at_least_8: i64,
    pub passed: i64,
    pub failed: i64,
    pub absent: i64,
    pub violations: i64,
}

impl Summary {
    #[must_use]
    pub fn of(marks: impl IntoIterator<Item = Mark>) -> Self {
        let mut summary = Self::default();
        for mark in marks {
            match mark {
                Mark::Points(value) => {
                    summary.points += 1;
                    summary.sum += i64::from(value);
                    summary.highest = summary.highest.max(Some(value));
                    summary.lowest = Some(summary.lowest.map_or(value, |lowest| lowest.min(value)));
                    summary.at_least_5 += i64::from(value >= 500);
                    summary.at_least_8 += i64::from(value >= 800);
                }
                Mark::Pass(true) => summary.passed += 1,
                Mark::Pass(false) => summary.failed += 1,
                Mark::Absent => summary.absent += 1,
                Mark::Violation => summary.violations += 1,
            }
        }
        summary
    }

    /// The mean of the points in hundredths, rounded half up; none where nobody has points.
    #[must_use]
    pub fn mean(&self) -> Option<i16> {
        let mean = (self.sum * 2 + self.points).checked_div(self.points * 2)?;
        i16::try_from(mean).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(typed: &str) -> Result<Option<Mark>, MarkFault> {
        Mark::read(typed, MarkKind::Points.into())
    }

    #[test]
    fn a_summary_counts_points_and_states() {
        let marks = [Mark::Points(725), Mark::Points(500), Mark::Points(1000), Mark::Absent, Mark::Violation];
        let summary = Summary::of(marks);
        assert_eq!((summary.points, summary.at_least_5, summary.at_least_8), (3, 3, 1));
        assert_eq!((summary.highest, summary.lowest), (Some(1000), Some(500)));
        assert_eq!((summary.absent, summary.violations), (1, 1));
        // 22,25 : 3 = 7,4166…
        assert_eq!(summary.mean(), Some(742));
        assert_eq!(Summary::of([Mark::Absent]).mean(), None);
        assert_eq!(Summary::of([Mark::Pass(true), Mark::Pass(false), Mark::Pass(true)]).passed, 2);
    }

    #[test]
    fn points_are_read_as_schools_type_them() {
        for (typed, hundredths) in [
            ("7,25", 725),
            ("7.25", 725),
            ("725", 725),
            ("75", 750),
            ("7", 700),
            ("10", 1000),
            ("10,0", 1000),
            ("10,00", 1000),
            ("1000", 1000),
            ("0", 0),
            ("00", 0),
            ("05", 50),
            ("025", 25),
            (" 8,5 ", 850),
            (",5", 50),
            ("100", 100),
            ("6,", 600),
        ] {
            assert_eq!(read(typed), Ok(Some(Mark::Points(hundredths))), "{typed}");
        }
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("V"), Ok(Some(Mark::Absent)));
        assert_eq!(read("Vắng"), Ok(Some(Mark::Absent)));
        assert_eq!(read("vp"), Ok(Some(Mark::Violation)));
        for (typed, fault) in [
            ("7,3", MarkFault::Step),
            ("77", MarkFault::Step),
            ("726", MarkFault::Step),
            ("10,25", MarkFault::OutOfRange),
            ("11,0", MarkFault::OutOfRange),
            ("1025", MarkFault::OutOfRange),
            ("99999", MarkFault::OutOfRange),
            ("-1", MarkFault::NotRead),
            ("bảy", MarkFault::NotRead),
            ("7,2,5", MarkFault::NotRead),
            (",", MarkFault::NotRead),
            ("7,255", MarkFault::NotRead),
            ("+7", MarkFault::NotRead),
        ] {
            assert_eq!(read(typed), Err(fault), "{typed}");
        }
        assert_eq!(Mark::read("Đ", MarkKind::Pass.into()), Ok(Some(Mark::Pass(true))));
        assert_eq!(Mark::read("chưa đạt", MarkKind::Pass.into()), Ok(Some(Mark::Pass(false))));
        assert_eq!(Mark::read("7", MarkKind::Pass.into()), Err(MarkFault::NotRead));
    }

    #[test]
    fn digits_alone_are_whole_points_where_the_school_wants_that() {
        let read = |typed| Mark::read(typed, Typing { kind: MarkKind::Points, at_speed: false });
        for (typed, hundredths) in [("7", 700), ("10", 1000), ("0", 0), ("05", 500), ("7,25", 725), ("7.5", 750)] {
            assert_eq!(read(typed), Ok(Some(Mark::Points(hundredths))), "{typed}");
        }
        for typed in ["725", "75", "11", "1000"] {
            assert_eq!(read(typed), Err(MarkFault::OutOfRange), "{typed}");
        }
        assert_eq!(read("v"), Ok(Some(Mark::Absent)));
        assert_eq!(read("7,3"), Err(MarkFault::Step));
    }

    #[test]
    fn what_two_people_type_counts_where_it_is_the_same() {
        let (seven, eight) = (Mark::Points(700), Mark::Points(800));
        assert_eq!(counting(1, &[(1, seven)]), Some(seven));
        assert_eq!(counting(2, &[(1, seven)]), None);
        assert_eq!(counting(2, &[(1, seven), (2, seven)]), Some(seven));
        assert_eq!(counting(2, &[(1, seven), (2, eight)]), None);
        assert_eq!(counting(2, &[(1, seven), (2, eight), (3, eight)]), Some(eight));
        assert!(differs(&[(1, seven), (2, eight)]) && !differs(&[(1, seven), (2, seven)]) && !differs(&[(1, seven)]));
        assert!(!differs(&[(1, seven), (2, eight), (3, eight)]));
        assert_eq!(counting(1, &[]), None);
    }

    #[test]
    fn a_distribution_counts_whole_points() {
        let marks = [Mark::Points(0), Mark::Points(975), Mark::Points(1000), Mark::Absent, Mark::Points(900)];
        assert_eq!(distribution(marks), [1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]);
    }

    proptest! {
        /// What is shown is read as the same, and what is stored comes back.
        #[test]
        fn marks_come_back(step in 0..=40_i16, other in 0..4_usize) {
            let points = Mark::Points(step * 25);
            prop_assert_eq!(read(&points.typed()), Ok(Some(points)));
            let other = [Mark::Absent, Mark::Violation, Mark::Pass(true), Mark::Pass(false)][other];
            let kind = if matches!(other, Mark::Pass(_)) { MarkKind::Pass } else { MarkKind::Points };
            prop_assert_eq!(Mark::read(&other.typed(), kind.into()), Ok(Some(other)));
            for mark in [points, other] {
                let (state, value) = mark.stored();
                prop_assert_eq!(Mark::from_stored(state, value), Some(mark));
            }
        }

        /// Whatever is typed: a mark within the range and the steps, or a fault.
        #[test]
        fn nothing_else_gets_in(typed in "\\PC{0,8}|[0-9]{0,6}[,.]?[0-9]{0,4}") {
            if let Ok(Some(Mark::Points(value))) = read(&typed) {
                prop_assert!((0..=1000).contains(&value) && value % 25 == 0);
            }
        }
    }
}
