//! Possible duplicates of a person about to be created, within this school. Other schools are never searched.

use chrono::{Datelike, NaiveDate};
use sqlx::PgConnection;

use super::fields::{Field, Values};
use crate::{
    access::Scope,
    error::Result,
    ids::{MemberId, YearId},
    vietnam::{
        name::{self, Likeness},
        text,
    },
};

/// How many are shown.
const MOST: i64 = 5;

/// A member of the school who may be the same person.
#[derive(Clone, Debug)]
pub struct DuplicateCandidate {
    pub id: MemberId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub status: String,
    pub class_name: Option<String>,
}

impl DuplicateCandidate {
    #[must_use]
    pub fn birth_year(&self) -> Option<i32> {
        self.birth_date.map(|date| date.year())
    }

    /// Whether name and birth date are the same, however the name is spelled, which is worth asking about.
    #[must_use]
    pub fn is_the_same_as(&self, values: &Values) -> bool {
        let birth_date = values.get(&Field::BirthDate).and_then(|date| date.parse().ok());
        let is_alike = |full_name: &String| name::likeness(full_name, &self.full_name) >= Likeness::Respelt;
        birth_date.is_some() && self.birth_date == birth_date && values.get(&Field::FullName).is_some_and(is_alike)
    }
}

/// The most letters of a word that are written both ways.
const MOST_LETTERS: usize = 3;

/// A word as it may be written with i and y: "thuy" and "thui", "ly" and "li".
fn spellings(word: &str) -> Vec<String> {
    let places: Vec<usize> = word.match_indices(['i', 'y']).map(|(at, _)| at).take(MOST_LETTERS).collect();
    let mut spellings = vec![word.to_owned()];
    for at in places {
        for spelling in spellings.clone() {
            let other = if spelling.get(at..=at) == Some("i") { "y" } else { "i" };
            let mut respelt = spelling;
            respelt.replace_range(at..=at, other);
            spellings.push(respelt);
        }
    }
    spellings
}

/// Pupils (or staff) whose names contain every word of this one, regardless of diacritics and of i and y; if a birth date is known,
/// only those of the same year. The likeliest come first.
pub async fn of(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    is_student: bool,
    full_name: &str,
    birth_date: Option<NaiveDate>,
) -> Result<Vec<DuplicateCandidate>> {
    let words: Vec<String> = text::words(full_name).iter().map(|word| spellings(word).join(" ")).collect();
    // The given name distinguishes people best, so the index is searched by it.
    let given = text::words(&name::Parts::of(full_name).given).pop();
    let Some(given) = given.filter(|_| words.len() > 1) else { return Ok(Vec::new()) };
    let given = spellings(&given);
    Ok(sqlx::query_as!(
        DuplicateCandidate,
        r#"SELECT m.id, m.full_name, m.birth_date, m.status, c.name AS "class_name?"
           FROM member_words g
           JOIN members m ON m.school_id = g.school_id AND m.id = g.member_id
           LEFT JOIN enrolments e ON e.school_id = m.school_id AND e.member_id = m.id AND e.school_year_id = $2
               AND e.ended_at IS NULL
           LEFT JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
           WHERE g.school_id = $1 AND g.word = ANY($3) AND (m.role = 'student') = $4
               AND NOT EXISTS (SELECT FROM unnest($5::text[]) AS typed (spellings)
                   WHERE NOT string_to_array(ltrim(g.words), ' ') && string_to_array(typed.spellings, ' '))
               AND ($6::date IS NULL OR m.birth_date IS NULL
                   OR extract(year FROM m.birth_date) = extract(year FROM $6::date))
           ORDER BY m.birth_date IS NOT DISTINCT FROM $6 DESC, m.birth_date, m.id LIMIT $7"#,
        scope.school_id(),
        year_id,
        &given,
        is_student,
        &words,
        birth_date,
        MOST,
    )
    .fetch_all(tx)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn i_and_y_are_written_for_each_other() {
        assert_eq!(spellings("an"), ["an"]);
        assert_eq!(spellings("my"), ["my", "mi"]);
        assert_eq!(spellings("quynh"), ["quynh", "quinh"]);
        assert_eq!(spellings("iy"), ["iy", "yy", "ii", "yi"]);
        assert_eq!(spellings("iyiyiyiy").len(), 8, "bounded");
    }
}
