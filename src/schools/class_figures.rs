//! The classes of a year with their figures, as the home and the hand-out ledger show them: from counters, never by walking
//! the school's people. Nothing of it is maintained by hand: it follows from what was printed and who has signed in.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, MemberId, YearId},
};

/// A class of a year, with what its counters say.
#[derive(Clone, Debug)]
pub struct ClassFigures {
    pub id: ClassId,
    pub name: String,
    pub grade: Option<String>,
    pub homeroom_teacher: Option<String>,
    pub pupils: i64,
    /// Those whose slip was not printed yet.
    pub waiting: i64,
    /// Those who have never signed in.
    pub never: i64,
}

impl ClassFigures {
    #[must_use]
    pub fn signed_in(&self) -> i64 {
        (self.pupils - self.never).max(0)
    }

    #[must_use]
    pub fn has_slip(&self) -> i64 {
        (self.pupils - self.waiting).max(0)
    }
}

/// The classes of a year in their natural order: all, or those of one homeroom teacher.
pub async fn of_year(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    homeroom_teacher: Option<MemberId>,
) -> Result<Vec<ClassFigures>> {
    Ok(sqlx::query_as!(
        ClassFigures,
        r#"SELECT c.id, c.name, c.grade, m.full_name AS "homeroom_teacher?", coalesce(pupils.value, 0) AS "pupils!",
               coalesce(waiting.value, 0) AS "waiting!", coalesce(never.value, 0) AS "never!"
           FROM classes c
           LEFT JOIN members m ON m.school_id = c.school_id AND m.id = c.homeroom_member_id
           LEFT JOIN LATERAL (
               SELECT value FROM counters WHERE school_id = $1 AND counter = 'class:' || c.id OFFSET 0) pupils ON true
           LEFT JOIN LATERAL (
               SELECT value FROM counters
               WHERE school_id = $1 AND counter = 'class_slip_waiting:' || c.id OFFSET 0) waiting ON true
           LEFT JOIN LATERAL (
               SELECT value FROM counters WHERE school_id = $1 AND counter = 'class_never:' || c.id OFFSET 0) never ON true
           WHERE c.school_id = $1 AND c.school_year_id = $2 AND ($3::uuid IS NULL OR c.homeroom_member_id = $3)
           ORDER BY c.sort_key"#,
        scope.school_id(),
        year_id,
        homeroom_teacher,
    )
    .fetch_all(tx)
    .await?)
}
