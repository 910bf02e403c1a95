//! How many pupils there are: by grade, class, gender and age, and in the years before.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use sqlx::PgConnection;

use super::{
    figures::{AgeSize, ClassSize, Genders, GradeSize, SchoolSize, YearSize, gender_place},
    quality::age_of_grade,
    walk::{Walked, WalkedClass},
};
use crate::{access::Scope, error::Result};

/// How wide a range of class sizes is, and where the last one begins.
const BAND: i64 = 5;
const LAST_BAND: i64 = 45;

/// How many years are compared.
const YEARS: usize = 5;

/// The lower end of the range that a class of so many pupils is in; an empty one has its own.
#[must_use]
pub fn band(pupils: i64) -> i64 {
    match pupils {
        ..=0 => 0,
        pupils => ((pupils - 1) / BAND * BAND + 1).min(LAST_BAND + 1),
    }
}

/// Both ends of a range; none for the last one.
#[must_use]
pub fn band_ends(lower: i64) -> (i64, Option<i64>) {
    match lower {
        0 => (0, Some(0)),
        lower if lower > LAST_BAND => (lower, None),
        lower => (lower, Some(lower + BAND - 1)),
    }
}

/// Counts while the school is walked through.
pub struct SizeCounting {
    year: i32,
    /// In the order of the classes.
    classes: Vec<ClassSize>,
    grades: Vec<String>,
    without_class: i64,
    ages: BTreeMap<i32, AgeSize>,
    without_birth_date: i64,
}

impl SizeCounting {
    pub fn new(classes: &[WalkedClass], year_starts_on: NaiveDate) -> Self {
        let size = |class: &WalkedClass| ClassSize { id: class.id, name: class.name.clone(), genders: [0; 4] };
        Self {
            year: year_starts_on.year(),
            classes: classes.iter().map(size).collect(),
            grades: classes.iter().map(|class| class.grade.clone().unwrap_or_default()).collect(),
            without_class: 0,
            ages: BTreeMap::new(),
            without_birth_date: 0,
        }
    }

    /// A pupil, and where their class stands among the classes.
    pub fn pupil(&mut self, pupil: &Walked, class: Option<usize>) {
        let place = gender_place(pupil.gender.as_deref());
        let class = class.and_then(|at| Some((self.classes.get_mut(at)?, self.grades.get(at)?)));
        match class {
            None => self.without_class += 1,
            Some((class, grade)) => {
                add(&mut class.genders, place);
                if let Some(age) = age_of_grade(grade) {
                    self.ages.entry(age).or_default().expected += 1;
                }
            }
        }
        match pupil.birth_date {
            None => self.without_birth_date += 1,
            Some(born) => add(&mut self.ages.entry(self.year - born.year()).or_default().genders, place),
        }
    }

    /// The first `most` classes are told one by one.
    pub fn finish(mut self, years: Vec<YearSize>, most: usize) -> SchoolSize {
        let mut size = SchoolSize {
            class_count: i64::try_from(self.classes.len()).unwrap_or(i64::MAX),
            without_class: self.without_class,
            without_birth_date: self.without_birth_date,
            ages: self.ages,
            years,
            ..SchoolSize::default()
        };
        for (class, grade) in self.classes.iter().zip(&self.grades) {
            *size.bands.entry(band(class.genders.iter().sum())).or_default() += 1;
            let at = size.grades.iter().position(|each| each.grade == *grade).unwrap_or_else(|| {
                size.grades.push(GradeSize { grade: grade.clone(), ..GradeSize::default() });
                size.grades.len() - 1
            });
            if let Some(of_grade) = size.grades.get_mut(at) {
                of_grade.classes += 1;
                of_grade.genders.iter_mut().zip(class.genders).for_each(|(sum, each)| *sum += each);
            }
        }
        self.classes.truncate(most);
        size.classes = self.classes;
        size
    }
}

fn add(genders: &mut Genders, place: usize) {
    if let Some(count) = genders.get_mut(place) {
        *count += 1;
    }
}

/// The pupils of this year and of those before, by grade: from the counters of the classes.
pub async fn years(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<Vec<YearSize>> {
    let rows = sqlx::query!(
        r#"SELECT y.name, coalesce(c.grade, '') AS "grade!", sum(coalesce(n.value, 0))::bigint AS "pupils!"
           FROM (SELECT id, name, starts_on FROM school_years WHERE school_id = $1 AND starts_on <= $2
                 ORDER BY starts_on DESC LIMIT $3) y
           JOIN classes c ON c.school_id = $1 AND c.school_year_id = y.id
           LEFT JOIN LATERAL (
               SELECT value FROM counters WHERE school_id = $1 AND counter = 'class:' || c.id OFFSET 0) n ON true
           GROUP BY y.starts_on, y.name, c.grade ORDER BY y.starts_on, min(c.sort_key)"#,
        scope.school_id(),
        today,
        i64::try_from(YEARS).unwrap_or(i64::MAX),
    )
    .fetch_all(tx)
    .await?;
    let mut years: Vec<YearSize> = Vec::new();
    for row in rows {
        if years.last().is_none_or(|year| year.name != row.name) {
            years.push(YearSize { name: row.name, grades: Vec::new() });
        }
        if let Some(year) = years.last_mut() {
            year.grades.push((row.grade, row.pupils));
        }
    }
    Ok(years)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_stand_in_ranges_of_five() {
        assert_eq!([0, 1, 5, 6, 45, 46, 90].map(band), [0, 1, 1, 6, 41, 46, 46]);
        assert_eq!([0, 1, 41, 46].map(band_ends), [(0, Some(0)), (1, Some(5)), (41, Some(45)), (46, None)]);
    }
}
