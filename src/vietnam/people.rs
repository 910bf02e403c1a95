//! People who do not exist but could: names with the frequencies of Vietnam, and dates and numbers that fit. For the
//! demo and for tests; the same seed gives the same people.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use rand::{Rng, RngExt};
use serde::Deserialize;

use super::{national_id::Sex, provinces, school_year::SchoolYear};

static SHARED: LazyLock<NameBook> = LazyLock::new(NameBook::read);

/// Middle names met less often than this in the sample are left out: misspellings and legacy encodings are among them.
const LEAST_MIDDLE_COUNT: u32 = 6;

/// What mobile numbers of the large operators begin with.
const MOBILE_PREFIXES: &[&str] = &[
    "032", "033", "034", "035", "036", "037", "038", "039", "070", "076", "077", "078", "079", "081", "082", "083",
    "084", "085", "086", "088", "089", "090", "091", "093", "094", "096", "097", "098",
];

/// Ages of mothers when their child was born, and of guardians, who may be grandparents.
const MOTHER_AGES: std::ops::RangeInclusive<i32> = 21..=38;
const GUARDIAN_AGES: std::ops::RangeInclusive<i32> = 23..=60;

/// Ages at which people teach.
const TEACHER_AGES: std::ops::RangeInclusive<i32> = 23..=59;

/// Names by how often they occur.
#[derive(Debug, Default)]
struct Frequencies {
    names: Vec<String>,
    /// For each name the sum of the weights up to and including its own.
    cumulative: Vec<u32>,
}

/// What random names are made from.
#[derive(Debug)]
pub struct NameBook {
    surnames: Frequencies,
    boys: GivenNames,
    girls: GivenNames,
}

/// The names of one sex.
#[derive(Debug)]
struct GivenNames {
    /// "Văn" or "Thị": half of the older generation has it, few of the younger.
    traditional_middle: &'static str,
    middles: Frequencies,
    givens: Frequencies,
    /// Middle and given names that are given together: "Gia Huy".
    compounds: Frequencies,
}

/// A mother or guardian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    pub name: String,
    pub birth_year: i32,
}

impl NameBook {
    /// The book, read once from the tables within the program.
    pub fn shared() -> &'static Self {
        &SHARED
    }

    fn read() -> Self {
        Self {
            surnames: surnames(),
            boys: GivenNames::read(Sex::Male, "Văn"),
            girls: GivenNames::read(Sex::Female, "Thị"),
        }
    }

    /// A full name as a pupil of today has it: "Nguyễn Hoàng Gia Huy".
    pub fn full_name<R: Rng + ?Sized>(&self, sex: Sex, rng: &mut R) -> String {
        self.name(sex, 0.15, rng)
    }

    /// A full name as adults have it, more often with "Văn" or "Thị".
    pub fn adult_name<R: Rng + ?Sized>(&self, sex: Sex, rng: &mut R) -> String {
        self.name(sex, 0.5, rng)
    }

    /// A mother whose age fits.
    pub fn mother<R: Rng + ?Sized>(&self, child_born: NaiveDate, rng: &mut R) -> Parent {
        let birth_year = child_born.year() - rng.random_range(MOTHER_AGES);
        Parent { name: self.adult_name(Sex::Female, rng), birth_year }
    }

    /// A guardian: a father, an aunt, a grandparent.
    pub fn guardian<R: Rng + ?Sized>(&self, child_born: NaiveDate, rng: &mut R) -> Parent {
        let birth_year = child_born.year() - rng.random_range(GUARDIAN_AGES);
        let name = self.adult_name(sex(rng), rng);
        Parent { name, birth_year }
    }

    fn name<R: Rng + ?Sized>(&self, sex: Sex, traditional: f64, rng: &mut R) -> String {
        let book = match sex {
            Sex::Male => &self.boys,
            Sex::Female => &self.girls,
        };
        let mut words = vec![self.surnames.pick(rng)];
        if rng.random_bool(traditional) {
            words.push(book.traditional_middle);
        }
        if rng.random_bool(0.5) {
            words.push(book.compounds.pick(rng));
        } else {
            words.push(book.middles.pick(rng));
            words.push(book.givens.pick(rng));
        }
        // Chance puts the same word twice in a row, as in "Minh Minh" or "Lê Lê"; parents do not.
        let mut words: Vec<&str> = words.iter().flat_map(|word| word.split(' ')).collect();
        words.dedup();
        words.join(" ")
    }
}

/// Either sex, equally often.
pub fn sex<R: Rng + ?Sized>(rng: &mut R) -> Sex {
    if rng.random_bool(0.5) { Sex::Male } else { Sex::Female }
}

/// The birth date of a pupil of this grade (1 to 12; 0 and below in kindergarten) in this school year. One in thirty is
/// a year older.
pub fn pupil_birth_date<R: Rng + ?Sized>(grade: i32, year: SchoolYear, rng: &mut R) -> NaiveDate {
    let late = i32::from(rng.random_ratio(1, 30));
    day_in(year.start() - 5 - grade - late, rng)
}

/// The birth date of a teacher in this school year.
pub fn teacher_birth_date<R: Rng + ?Sized>(year: SchoolYear, rng: &mut R) -> NaiveDate {
    let born = year.start() - rng.random_range(TEACHER_AGES);
    day_in(born, rng)
}

/// A mobile number of 10 digits. It may be a real person's: nothing must be sent there.
pub fn phone<R: Rng + ?Sized>(rng: &mut R) -> String {
    let prefix = pick_of(MOBILE_PREFIXES, rng).unwrap_or("090");
    format!("{prefix}{:07}", rng.random_range(0..10_000_000))
}

/// A personal identification number of 12 digits that agrees with sex and birth date.
pub fn national_id<R: Rng + ?Sized>(sex: Sex, born: NaiveDate, rng: &mut R) -> String {
    let at = rng.random_range(0..provinces::all_former().len().max(1));
    let province = provinces::all_former().get(at).map_or("001", |province| province.cccd_code.as_str());
    let century = 2 * (born.year() - 1900).div_euclid(100) + i32::from(sex == Sex::Female);
    format!("{province}{century}{:02}{:06}", born.year().rem_euclid(100), rng.random_range(0..1_000_000))
}

fn day_in<R: Rng + ?Sized>(year: i32, rng: &mut R) -> NaiveDate {
    NaiveDate::from_yo_opt(year, rng.random_range(1..=365)).unwrap_or_default()
}

fn pick_of<'a, R: Rng + ?Sized>(items: &[&'a str], rng: &mut R) -> Option<&'a str> {
    items.get(rng.random_range(0..items.len().max(1))).copied()
}

impl Frequencies {
    fn of(weighted: impl Iterator<Item = (String, u32)>) -> Self {
        let mut frequencies = Self::default();
        let mut total = 0;
        for (name, weight) in weighted.filter(|(_, weight)| *weight > 0) {
            total += weight;
            frequencies.names.push(name);
            frequencies.cumulative.push(total);
        }
        frequencies
    }

    fn pick<R: Rng + ?Sized>(&self, rng: &mut R) -> &str {
        let total = self.cumulative.last().copied().unwrap_or(1);
        let drawn = rng.random_range(0..total);
        let at = self.cumulative.partition_point(|sum| *sum <= drawn);
        self.names.get(at).map_or("An", String::as_str)
    }
}

#[derive(Deserialize)]
struct SurnameRow {
    surname: String,
    weight_north_pct: Option<f64>,
    weight_south_pct: Option<f64>,
}

#[derive(Deserialize)]
struct MiddleRow {
    middle: String,
    count_in_sample: u32,
    gender_hint: String,
}

#[derive(Deserialize)]
struct GivenRow {
    given: String,
    count_in_sample: u32,
    compounds_boy_list: u32,
    compounds_girl_list: u32,
    gender_hint: String,
}

#[derive(Deserialize)]
struct CompoundRow {
    compound: String,
    gender: String,
}

fn surnames() -> Frequencies {
    // Hundredths of a percent, north and south of equal weight.
    let weight = |row: &SurnameRow| {
        let percent = row.weight_north_pct.unwrap_or(0.0) + row.weight_south_pct.unwrap_or(0.0);
        (percent * 50.0).round() as u32
    };
    let rows = rows::<SurnameRow>(include_str!("../../reference/vn/surnames.csv"));
    Frequencies::of(rows.map(|row| (row.surname.clone(), weight(&row))))
}

impl GivenNames {
    fn read(sex: Sex, traditional_middle: &'static str) -> Self {
        Self { traditional_middle, middles: middles(sex), givens: givens(sex), compounds: compounds(sex) }
    }
}

fn middles(sex: Sex) -> Frequencies {
    // The sample is of four men to a woman, so a middle name of both weighs less for women.
    let weight = move |row: &MiddleRow| match (row.gender_hint.as_str(), sex) {
        ("M", Sex::Male) | ("F", Sex::Female) | ("U", Sex::Male) => row.count_in_sample,
        ("U", Sex::Female) => row.count_in_sample / 4,
        _ => 0,
    };
    let rows = rows::<MiddleRow>(include_str!("../../reference/vn/middle_names.csv"));
    let known = rows.filter(|row| row.count_in_sample >= LEAST_MIDDLE_COUNT);
    Frequencies::of(known.filter(|row| !matches!(row.middle.as_str(), "Văn" | "Thị")).map(|row| {
        let weight = weight(&row);
        (row.middle, weight)
    }))
}

fn givens(sex: Sex) -> Frequencies {
    // How often the name ends a boy's or girl's compound shows for which of them it is used.
    let weight = move |row: &GivenRow| match (row.gender_hint.as_str(), sex) {
        ("M" | "U", Sex::Male) => row.count_in_sample * (row.compounds_boy_list + 1),
        ("F" | "U", Sex::Female) => row.count_in_sample * (row.compounds_girl_list + 1),
        _ => 0,
    };
    let rows = rows::<GivenRow>(include_str!("../../reference/vn/given_names.csv"));
    Frequencies::of(rows.map(|row| {
        let weight = weight(&row);
        (row.given, weight)
    }))
}

fn compounds(sex: Sex) -> Frequencies {
    let wanted = match sex {
        Sex::Male => "M",
        Sex::Female => "F",
    };
    let rows = rows::<CompoundRow>(include_str!("../../reference/vn/given_compound.csv"));
    Frequencies::of(rows.filter(move |row| row.gender == wanted).map(|row| (row.compound, 1)))
}

/// The rows of an embedded table. The tests check that they can be read.
fn rows<T: for<'de> Deserialize<'de>>(table: &str) -> impl Iterator<Item = T> {
    let rows: Vec<T> = csv::Reader::from_reader(table.as_bytes()).deserialize().filter_map(Result::ok).collect();
    rows.into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::vietnam::national_id::NationalId;
    use crate::vietnam::{name, phone as phones, text};

    fn seeded(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    #[test]
    fn the_same_seed_gives_the_same_people() {
        let names = |seed| {
            let mut rng = seeded(seed);
            (0..50).map(|_| NameBook::shared().full_name(Sex::Female, &mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
    }

    #[test]
    fn names_are_plausible_and_many() {
        let mut rng = seeded(3);
        let mut seen = HashSet::new();
        for turn in 0..2_000 {
            let sex = if turn % 2 == 0 { Sex::Male } else { Sex::Female };
            let full = NameBook::shared().full_name(sex, &mut rng);
            assert!(name::is_plausible(&full) && name::usual_case(&full).is_none(), "{full}");
            assert_eq!(text::clean(&full), full);
            assert!((2..=5).contains(&full.split(' ').count()), "{full}");
            seen.insert(full);
        }
        assert!(seen.len() > 1_700, "{}", seen.len());
    }

    #[test]
    fn about_three_in_ten_are_called_nguyen() {
        let mut rng = seeded(4);
        let many =
            (0..2_000).filter(|_| NameBook::shared().full_name(Sex::Male, &mut rng).starts_with("Nguyễn ")).count();
        assert!((500..=800).contains(&many), "{many}");
    }

    #[test]
    fn dates_and_numbers_fit() {
        let mut rng = seeded(5);
        let year = SchoolYear::starting(2026).unwrap();
        for _ in 0..500 {
            let born = pupil_birth_date(10, year, &mut rng);
            assert!((2010..=2011).contains(&born.year()));
            let mother = NameBook::shared().mother(born, &mut rng);
            assert!((17..=40).contains(&(born.year() - mother.birth_year)));
            let sex = sex(&mut rng);
            let id = NationalId::parse(&national_id(sex, born, &mut rng)).unwrap();
            assert!(id.mismatches(Some(sex), Some(born)).is_empty());
            let number = phone(&mut rng);
            assert_eq!(phones::normalise(&number).unwrap().number, number);
            assert!((1966..=2003).contains(&teacher_birth_date(year, &mut rng).year()));
            assert!(NameBook::shared().guardian(born, &mut rng).birth_year < born.year() - 20);
        }
    }
}
