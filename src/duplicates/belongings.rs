//! What else each of two members has, and how much of it.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    identity::{accounts, sessions},
    ids::MemberId,
    roster::store::MemberRecord,
};

/// What else one of the two has: what the one who stays gets of the other.
#[derive(Clone, Debug, Default)]
pub struct Belongings {
    /// Classes with their years.
    pub classes: Vec<String>,
    pub grants: Vec<String>,
    pub homerooms: Vec<String>,
    pub login: Option<String>,
    pub sessions: i64,
    pub has_slip: bool,
    pub counted: CountedBelongings,
}

/// Of what there may be much: how much.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountedBelongings {
    /// Lists in which the person stood, and those that they applied.
    pub plans: i64,
    pub lessons: i64,
    pub exams: i64,
}

/// What one of the two has.
pub async fn belongings(scope: &Scope, tx: &mut PgConnection, known: &MemberRecord) -> Result<Belongings> {
    let classes = sqlx::query_scalar!(
        r#"SELECT c.name || ' (' || replace(y.name, '-', '–') || ')' AS "class!" FROM enrolments e
           JOIN classes c ON c.school_id = $1 AND c.id = e.class_id
           JOIN school_years y ON y.school_id = $1 AND y.id = e.school_year_id
           WHERE e.school_id = $1 AND e.member_id = $2 ORDER BY y.starts_on DESC"#,
        scope.school_id(),
        known.id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let grants = sqlx::query_scalar!(
        r#"SELECT "grant" FROM grants WHERE school_id = $1 AND member_id = $2 ORDER BY "grant""#,
        scope.school_id(),
        known.id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let homerooms = sqlx::query_scalar!(
        "SELECT name FROM classes WHERE school_id = $1 AND homeroom_member_id = $2 ORDER BY sort_key",
        scope.school_id(),
        known.id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let has_slip = sqlx::query_scalar!(
        r#"SELECT temporary_until IS NOT NULL AS "has!" FROM members WHERE school_id = $1 AND id = $2"#,
        scope.school_id(),
        known.id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let account: Vec<_> = known.account_id.into_iter().collect();
    let login = accounts::logins(tx, &account).await?.pop().map(|(_, login)| login);
    let sessions = sessions::count_of(tx, &account).await?;
    let counted = counted(scope, tx, known.id).await?;
    Ok(Belongings { classes, grants, homerooms, login, sessions, has_slip, counted })
}

async fn counted(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<CountedBelongings> {
    Ok(sqlx::query_as!(
        CountedBelongings,
        r#"SELECT (SELECT count(DISTINCT plan_id) FROM imported_members WHERE school_id = $1 AND member_id = $2)
                   + (SELECT count(*) FROM plans WHERE school_id = $1 AND applied_by = $2) AS "plans!",
               (SELECT count(*) FROM timetable_lessons WHERE school_id = $1 AND teacher_id = $2)
                   + (SELECT count(*) FROM timetable_assignments WHERE school_id = $1 AND teacher_id = $2)
                   + (SELECT count(*) FROM timetable_substitutions WHERE school_id = $1 AND substitute_id = $2)
                   + (SELECT count(*) FROM timetable_absences WHERE school_id = $1 AND teacher_id = $2) AS "lessons!",
               (SELECT count(*) FROM exam_candidates WHERE school_id = $1 AND member_id = $2)
                   + (SELECT count(*) FROM exam_duties WHERE school_id = $1 AND member_id = $2)
                   + (SELECT count(*) FROM exam_invigilators WHERE school_id = $1 AND member_id = $2)
                   + (SELECT count(*) FROM exam_helpers WHERE school_id = $1 AND member_id = $2) AS "exams!""#,
        scope.school_id(),
        id,
    )
    .fetch_one(tx)
    .await?)
}
