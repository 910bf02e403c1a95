//! What is required of a new person, and contradictions between a person's values.

use chrono::{Datelike, NaiveDate};

use super::{Fault, Field, Values};
use crate::access::SchoolKind;
use crate::vietnam::{
    class_name,
    national_id::{Mismatch, NationalId, Sex},
    school_year::{FirstDay, SchoolYear},
};

/// The age that a pupil of grade 1 reaches in the calendar year in which the school year begins (Law on Education of
/// 2019, article 28).
const AGE_IN_GRADE_1: i32 = 6;

/// How many years younger or older than usual a pupil of a grade can plausibly be: some skip a year, more repeat one or
/// begin late.
const YEARS_AHEAD: i32 = 1;
const YEARS_BEHIND: i32 = 4;

/// The least age of a teacher or a mother.
const ADULT_AGE: i32 = 18;
const MOTHER_AGE: i32 = 13;

/// The kind of people in a list, which decides what is required of a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RosterKind {
    /// Pupils of a school.
    Students,
    /// Teachers of a school.
    Teachers,
    /// Students of an institute of higher education.
    HigherStudents,
    /// Teachers of an institute of higher education.
    HigherTeachers,
    /// Classes, one in each row, and no people.
    Classes,
}

impl RosterKind {
    /// The kind that a member of such a school belongs to.
    #[must_use]
    pub fn of(school: SchoolKind, is_student: bool) -> Self {
        match (is_student, school) {
            (true, SchoolKind::K12) => Self::Students,
            (true, SchoolKind::Higher) => Self::HigherStudents,
            (false, SchoolKind::K12) => Self::Teachers,
            (false, SchoolKind::Higher) => Self::HigherTeachers,
        }
    }
}

/// The fields that a new person must have. For pupils there is one more rule, which no single field satisfies: see
/// [`missing_of_new`].
pub const fn required_of_new(kind: RosterKind) -> &'static [Field] {
    match kind {
        RosterKind::Students => &[Field::FullName, Field::Gender, Field::Class, Field::BirthDate],
        RosterKind::Teachers => &[Field::FullName, Field::Gender, Field::BirthDate, Field::Email],
        RosterKind::HigherStudents | RosterKind::HigherTeachers => &[Field::FullName, Field::Email],
        RosterKind::Classes => &[Field::Class],
    }
}

/// What a new person lacks. Of a pupil the ministry requires the name and birth year of the mother or of a guardian;
/// where neither is complete, one fault says what is missing.
pub fn missing_of_new(kind: RosterKind, values: &Values) -> Vec<Fault> {
    let missing = required_of_new(kind).iter().filter(|field| !values.contains_key(field));
    let mut faults: Vec<Fault> = missing.map(|field| Fault::new(*field, "missing", "")).collect();
    if kind == RosterKind::Students {
        faults.extend(missing_parent(values));
    }
    faults
}

fn missing_parent(values: &Values) -> Option<Fault> {
    let has = |field| values.contains_key(&field);
    let mother = (has(Field::MotherName), has(Field::MotherBirthYear));
    let guardian = (has(Field::GuardianName), has(Field::GuardianBirthYear));
    let (field, key) = match (mother, guardian) {
        ((true, true), _) | (_, (true, true)) => return None,
        ((true, false), _) => (Field::MotherBirthYear, "mother-year-missing"),
        (_, (true, false)) => (Field::GuardianBirthYear, "guardian-year-missing"),
        ((false, true), _) => (Field::MotherName, "mother-name-missing"),
        (_, (false, true)) => (Field::GuardianName, "guardian-name-missing"),
        _ => (Field::MotherName, "mother-or-guardian-missing"),
    };
    Some(Fault::new(field, key, ""))
}

/// Values that contradict each other or are implausible together: warnings, which do not keep anything from being
/// stored. `today` is the date in Vietnam.
pub fn cross_check(kind: RosterKind, values: &Values, today: NaiveDate) -> Vec<Fault> {
    let born = birth_date(values);
    let mut warnings = national_id_mismatches(values, born);
    if let Some(born) = born {
        warnings.extend(implausible_age(kind, values, born, today));
        warnings.extend(implausible_mother(values, born));
    }
    warnings
}

fn national_id_mismatches(values: &Values, born: Option<NaiveDate>) -> Vec<Fault> {
    let Some(number) = values.get(&Field::NationalId) else {
        return Vec::new();
    };
    let Ok(id) = NationalId::parse(number) else {
        return Vec::new();
    };
    let sex = match values.get(&Field::Gender).map(String::as_str) {
        Some("male") => Some(Sex::Male),
        Some("female") => Some(Sex::Female),
        _ => None,
    };
    let key = |mismatch| match mismatch {
        Mismatch::Sex => "national-id-gender-mismatch",
        Mismatch::BirthYear => "national-id-birth-year-mismatch",
    };
    id.mismatches(sex, born).into_iter().map(|m| Fault::new(Field::NationalId, key(m), number)).collect()
}

fn implausible_age(kind: RosterKind, values: &Values, born: NaiveDate, today: NaiveDate) -> Option<Fault> {
    let key = match kind {
        RosterKind::Students => {
            let grade = class_name::grade(values.get(&Field::Class)?)?;
            let year = SchoolYear::of(today, FirstDay::default()).start();
            let usual = i32::from(grade) - 1 + AGE_IN_GRADE_1;
            let plausible = usual - YEARS_AHEAD..=usual + YEARS_BEHIND;
            (!plausible.contains(&(year - born.year()))).then_some("age-grade-mismatch")
        }
        RosterKind::Teachers | RosterKind::HigherTeachers => {
            (today.years_since(born).is_none_or(|age| age < ADULT_AGE.unsigned_abs())).then_some("age-too-young")
        }
        RosterKind::HigherStudents | RosterKind::Classes => None,
    }?;
    Some(Fault::new(Field::BirthDate, key, &born.format("%d/%m/%Y").to_string()))
}

fn implausible_mother(values: &Values, child_born: NaiveDate) -> Option<Fault> {
    let mother = values.get(&Field::MotherBirthYear)?;
    let born: i32 = mother.parse().ok()?;
    (child_born.year() - born < MOTHER_AGE).then(|| Fault::new(Field::MotherBirthYear, "mother-too-young", mother))
}

fn birth_date(values: &Values) -> Option<NaiveDate> {
    values.get(&Field::BirthDate)?.parse().ok()
}
