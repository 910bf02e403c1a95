//! Who was in a class from which day to which: those of now, those who have changed class, and those who have left.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, MemberId, YearId},
};

/// A pupil's time in a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    pub member_id: MemberId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    /// The first day; unknown where it was before days were kept.
    pub from: Option<NaiveDate>,
    /// The first day on which the pupil was not there any more.
    pub until: Option<NaiveDate>,
    /// The class that they went to.
    pub to_class: Option<String>,
    /// The class that they came from.
    pub from_class: Option<String>,
}

impl Stay {
    #[must_use]
    pub fn is_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| until > day)
    }
}

/// An arrival or a departure, with its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StayChange<'a> {
    pub day: NaiveDate,
    pub is_arrival: bool,
    pub stay: &'a Stay,
}

/// Those who came after the year's first day, and those who went, in the order of days.
#[must_use]
pub fn changes(stays: &[Stay], first_day: NaiveDate) -> Vec<StayChange<'_>> {
    let arrivals = stays.iter().filter_map(|stay| {
        let day = stay.from.filter(|from| *from > first_day || stay.from_class.is_some())?;
        Some(StayChange { day, is_arrival: true, stay })
    });
    let departures = stays.iter().filter_map(|stay| Some(StayChange { day: stay.until?, is_arrival: false, stay }));
    let mut changes: Vec<StayChange<'_>> = arrivals.chain(departures).collect();
    changes.sort_by_key(|change| (change.day, change.is_arrival));
    changes
}

/// All stays in a class, in the order of Vietnamese lists.
pub async fn of_class(scope: &Scope, tx: &mut PgConnection, class_id: ClassId) -> Result<Vec<Stay>> {
    Ok(sqlx::query_as!(
        Stay,
        r#"SELECT m.id AS member_id, m.full_name, m.birth_date, s.from_day AS "from?", s.to_day AS "until?",
               (SELECT c.name FROM (
                    SELECT e.class_id FROM enrolments e WHERE e.school_id = $1 AND e.member_id = s.member_id
                        AND e.school_year_id = s.school_year_id AND e.from_day = s.to_day
                    UNION ALL
                    SELECT p.class_id FROM past_stays p WHERE p.school_id = $1 AND p.member_id = s.member_id
                        AND p.school_year_id = s.school_year_id AND p.from_day = s.to_day) next
                JOIN classes c ON c.school_id = $1 AND c.id = next.class_id LIMIT 1) AS to_class,
               (SELECT c.name FROM past_stays p JOIN classes c ON c.school_id = $1 AND c.id = p.class_id
                WHERE p.school_id = $1 AND p.member_id = s.member_id AND p.school_year_id = s.school_year_id
                    AND p.to_day = s.from_day LIMIT 1) AS from_class
           FROM (
               SELECT e.member_id, e.school_year_id, e.from_day,
                   (e.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS to_day
               FROM enrolments e WHERE e.school_id = $1 AND e.class_id = $2
               UNION ALL
               SELECT p.member_id, p.school_year_id, p.from_day, p.to_day
               FROM past_stays p WHERE p.school_id = $1 AND p.class_id = $2) s
           JOIN members m ON m.school_id = $1 AND m.id = s.member_id
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id, s.from_day NULLS FIRST"#,
        scope.school_id(),
        class_id,
    )
    .fetch_all(tx)
    .await?)
}

/// A class, and how many were in it on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassOnDay {
    pub id: ClassId,
    pub name: String,
    pub pupils: i64,
}

/// The classes of a year in their natural order, as they were on a day.
pub async fn on_day(scope: &Scope, tx: &mut PgConnection, year_id: YearId, day: NaiveDate) -> Result<Vec<ClassOnDay>> {
    Ok(sqlx::query_as!(
        ClassOnDay,
        r#"SELECT c.id, c.name, (SELECT count(DISTINCT s.member_id) FROM (
                   SELECT e.member_id FROM enrolments e WHERE e.school_id = $1 AND e.class_id = c.id
                       AND (e.from_day IS NULL OR e.from_day <= $3)
                       AND (e.ended_at IS NULL OR (e.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date > $3)
                   UNION ALL
                   SELECT p.member_id FROM past_stays p WHERE p.school_id = $1 AND p.class_id = c.id
                       AND (p.from_day IS NULL OR p.from_day <= $3) AND p.to_day > $3) s) AS "pupils!"
           FROM classes c WHERE c.school_id = $1 AND c.school_year_id = $2 ORDER BY c.sort_key, c.id"#,
        scope.school_id(),
        year_id,
        day,
    )
    .fetch_all(tx)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn stay(from: Option<&str>, until: Option<&str>) -> Stay {
        Stay {
            member_id: MemberId::from_u128(1),
            full_name: "An".to_owned(),
            birth_date: None,
            from: from.map(day),
            until: until.map(day),
            to_class: None,
            from_class: None,
        }
    }

    #[test]
    fn a_stay_is_from_its_first_day_to_the_one_before_its_end() {
        let moved = stay(Some("2026-09-05"), Some("2026-11-10"));
        let on = |text: &str| moved.is_on(day(text));
        assert!(!on("2026-09-04") && on("2026-09-05") && on("2026-11-09") && !on("2026-11-10"));
        assert!(stay(None, None).is_on(day("2026-08-01")));
    }

    #[test]
    fn those_who_were_there_from_the_beginning_did_not_come() {
        let first = day("2026-08-01");
        let stays = [
            stay(Some("2026-08-01"), None),
            stay(None, Some("2027-01-05")),
            stay(Some("2026-10-01"), Some("2026-12-01")),
        ];
        let found: Vec<_> = changes(&stays, first).iter().map(|change| (change.day, change.is_arrival)).collect();
        assert_eq!(found, [(day("2026-10-01"), true), (day("2026-12-01"), false), (day("2027-01-05"), false)]);
    }
}
