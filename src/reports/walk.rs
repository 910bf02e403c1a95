//! One walk over everybody of a school: what the figures are counted from.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::TryStreamExt;
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, MemberId, YearId},
};

/// What the figures depend on, of a member who has not left.
pub struct Walked {
    pub id: MemberId,
    pub role: String,
    pub status: String,
    pub full_name: String,
    pub gender: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub national_id: Option<String>,
    pub moet_id: Option<String>,
    pub email: Option<String>,
    /// The class of the year.
    pub class_id: Option<ClassId>,
    /// The mother or a guardian, with the birth year: what a submission demands.
    pub has_parent: bool,
    pub is_printed: bool,
    pub temporary_until: Option<DateTime<Utc>>,
    pub first_signed_in_at: Option<DateTime<Utc>>,
    pub last_signed_in_at: Option<DateTime<Utc>>,
}

impl Walked {
    /// Has a temporary password whose slip was never printed.
    pub fn waits_for_slip(&self) -> bool {
        self.temporary_until.is_some() && !self.is_printed
    }
}

/// A class of the year.
#[derive(Clone, Debug)]
pub struct WalkedClass {
    pub id: ClassId,
    pub name: String,
    pub grade: Option<String>,
    pub has_homeroom_teacher: bool,
}

/// The classes of a year in their natural order.
pub async fn classes(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<WalkedClass>> {
    Ok(sqlx::query_as!(
        WalkedClass,
        r#"SELECT id, name, grade, homeroom_member_id IS NOT NULL AS "has_homeroom_teacher!"
           FROM classes WHERE school_id = $1 AND school_year_id = $2 ORDER BY sort_key"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Members who have not left. What belongs to a person is asked for by the key, whatever the statistics say.
macro_rules! walked {
    ($which:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            Walked,
            r#"SELECT m.id, m.role, m.status, m.full_name, m.gender, m.birth_date, m.national_id, m.moet_id, m.email,
                   e.class_id AS "class_id?",
                   EXISTS (SELECT FROM guardians g WHERE g.school_id = $1 AND g.member_id = m.id
                       AND g.birth_year IS NOT NULL OFFSET 0) AS "has_parent!",
                   m.slip_printed_at IS NOT NULL AS "is_printed!", m.temporary_until, m.first_signed_in_at,
                   m.last_signed_in_at
               FROM members m
               LEFT JOIN LATERAL (
                   SELECT class_id FROM enrolments
                   WHERE school_id = $1 AND member_id = m.id AND school_year_id = $2 AND ended_at IS NULL OFFSET 0
               ) e ON true
               WHERE m.school_id = $1 AND m.status <> 'left'"# + $which,
            $($argument),+
        )
    };
}

/// Calls `each` for everybody who has not left, in the order of names. Memory does not grow with the school.
pub async fn everybody(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    mut each: impl FnMut(Walked),
) -> Result<()> {
    let mut people =
        walked!(" ORDER BY m.role, m.given_name, m.family_name, m.middle_name, m.id", scope.school_id(), year_id,)
            .fetch(tx);
    while let Some(person) = people.try_next().await? {
        each(person);
    }
    Ok(())
}

/// Those of these people who have not left, each with the grade of their class.
pub async fn these(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    ids: &[MemberId],
) -> Result<Vec<(Walked, Option<String>)>> {
    let people = walked!(" AND m.id = ANY($3)", scope.school_id(), year_id, ids).fetch_all(&mut *tx).await?;
    let in_classes: Vec<ClassId> = people.iter().filter_map(|person| person.class_id).collect();
    let grades = sqlx::query!(
        "SELECT id, grade FROM classes WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        &in_classes,
    )
    .fetch_all(tx)
    .await?;
    let grades: HashMap<ClassId, Option<String>> = grades.into_iter().map(|class| (class.id, class.grade)).collect();
    let grade = |person: &Walked| person.class_id.and_then(|id| grades.get(&id).cloned().flatten());
    let with_grade = |person: Walked| {
        let grade = grade(&person);
        (person, grade)
    };
    Ok(people.into_iter().map(with_grade).collect())
}

/// The classes by their ids.
pub fn by_id(classes: &[WalkedClass]) -> HashMap<ClassId, usize> {
    classes.iter().enumerate().map(|(at, class)| (class.id, at)).collect()
}
