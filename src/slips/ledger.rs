//! The hand-out ledger: for each class of a year, whose slip has been printed and who has signed in. It is not
//! maintained by hand: it follows from what was printed and who has signed in.

use sqlx::PgConnection;

use crate::{
    access::{Granted, may},
    error::Result,
    ids::{ClassId, YearId},
};

/// A class in the ledger.
#[derive(Clone, Debug)]
pub struct LedgerClass {
    pub id: ClassId,
    pub name: String,
    pub homeroom_teacher: Option<String>,
    pub pupils: i64,
    /// Those whose slip was not printed yet.
    pub waiting: i64,
    /// Those who have never signed in.
    pub never: i64,
}

/// The classes of a year in their natural order.
pub async fn of_year(
    granted: &Granted<may::PrintSlips>,
    tx: &mut PgConnection,
    year_id: YearId,
) -> Result<Vec<LedgerClass>> {
    Ok(sqlx::query_as!(
        LedgerClass,
        r#"SELECT c.id, c.name, m.full_name AS "homeroom_teacher?", coalesce(pupils.value, 0) AS "pupils!",
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
           WHERE c.school_id = $1 AND c.school_year_id = $2 ORDER BY c.sort_key"#,
        granted.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
}
