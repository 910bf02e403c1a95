//! A person's classes through the years: those that they were in, and those of which they were the homeroom teacher.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, MemberId},
};

/// A class of one year.
#[derive(Clone, Debug)]
pub struct ClassOfYear {
    pub year: String,
    pub class: String,
    pub class_id: ClassId,
    /// The pupil left the class during the year.
    pub has_ended: bool,
    /// The first day on which the pupil was not in it any more, where they changed class or left.
    pub until: Option<NaiveDate>,
    /// The person is the homeroom teacher of the class, not one of its pupils.
    pub is_homeroom: bool,
}

impl ClassOfYear {
    /// The year as it is written: 2026–2027.
    #[must_use]
    pub fn year_label(&self) -> String {
        self.year.replace('-', "–")
    }
}

/// The latest year first.
pub async fn places(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Vec<ClassOfYear>> {
    Ok(sqlx::query_as!(
        ClassOfYear,
        r#"SELECT y.name AS "year!", p.class AS "class!", p.class_id AS "class_id!", p.has_ended AS "has_ended!",
               p.until AS "until?", p.is_homeroom AS "is_homeroom!"
           FROM (
               SELECT c.school_year_id, c.name AS class, c.id AS class_id, e.ended_at IS NOT NULL AS has_ended,
                   (e.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS until, false AS is_homeroom
               FROM enrolments e JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
               WHERE e.school_id = $1 AND e.member_id = $2
               UNION ALL
               SELECT c.school_year_id, c.name, c.id, true, s.to_day, false
               FROM past_stays s JOIN classes c ON c.school_id = s.school_id AND c.id = s.class_id
               WHERE s.school_id = $1 AND s.member_id = $2
               UNION ALL
               SELECT c.school_year_id, c.name, c.id, false, NULL, true FROM classes c
               WHERE c.school_id = $1 AND c.homeroom_member_id = $2
           ) p
           JOIN school_years y ON y.school_id = $1 AND y.id = p.school_year_id
           ORDER BY y.starts_on DESC, p.is_homeroom, p.until DESC NULLS FIRST, p.class"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?)
}
